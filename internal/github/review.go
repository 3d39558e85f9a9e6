package github

import (
	"slices"
	"time"
)

// ReviewState is what a review says, in GitHub's words.
type ReviewState string

// The states. One that was dismissed keeps no other.
const (
	Approved         ReviewState = "APPROVED"
	ChangesRequested ReviewState = "CHANGES_REQUESTED"
	Commented        ReviewState = "COMMENTED"
	Dismissed        ReviewState = "DISMISSED"
	PendingReview    ReviewState = "PENDING"
)

// Review is a review of a pull request as it stands now.
type Review struct {
	ID     int64
	Author User
	State  ReviewState
	Commit string // the head that was reviewed; "" if GitHub no longer knows
	URL    string // for people
	At     time.Time
}

// LatestReviews returns what each reviewer says now, oldest first like the list: of
// each the last review that isn't a mere comment.
func LatestReviews(reviews []Review) []Review {
	var standing []Review
	for _, r := range reviews {
		if r.State == Commented || r.State == PendingReview || r.Author.ID == 0 {
			continue
		}
		standing = slices.DeleteFunc(standing, func(old Review) bool { return old.Author.ID == r.Author.ID })
		standing = append(standing, r)
	}
	return standing
}

// Comparison is how a commit stands to a branch.
type Comparison struct {
	MergeBase string
	// Total is how many commits the branch lacks; Commits are these, oldest first,
	// unless there are too many to list.
	Total   int
	Commits []ComparedCommit
}

// ComparedCommit is a commit with the accounts that GitHub sees behind it. Its
// author and committer are whatever was written into it, unless it is Verified.
type ComparedCommit struct {
	ID                string
	Parents           []string
	Author, Committer User // zero where no account has the address
	Verified          bool // GitHub knows the signature
	ByGitHub          bool // and it is its own: the commit was made on its pages
	Message           string
}

// Team is a team of an organisation with everybody in it, those of teams below it
// included.
type Team struct {
	Exists  bool
	Members []User
}

// PullHistory is what happened to a pull request, as far as reviews depend on it.
type PullHistory struct {
	BaseSince  time.Time           // when its base was last changed; zero: never
	Asked      []string            // slugs of teams that our App has asked to review, whatever came of it
	Dismissals map[int64]Dismissal // by review
}

// Dismissal is how a review lost its word.
type Dismissal struct {
	By  User
	Was ReviewState
}
