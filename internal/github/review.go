package github

import (
	"slices"
	"strings"
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
	// Made are those who made what was picked, of a pick that names our App as its author;
	// zero for one whom GitHub doesn't know.
	Made    []User
	OwnPick bool // GitHub made and signed that for our App
}

// Authors are those who made a commit, as far as it says. Of a pick whose author is our App
// they are those of its source: the App is no person.
func (c ComparedCommit) Authors() []User {
	if len(c.Made) > 0 {
		return c.Made
	}
	return []User{c.Author}
}

// MadeBy reports whether a commit names somebody as its author or committer.
func (c ComparedCommit) MadeBy(id int64) bool {
	return c.Author.ID == id || c.Committer.ID == id || slices.ContainsFunc(c.Authors(), func(u User) bool { return u.ID == id })
}

// SameChange lists the commits that a head is the same change as, of a pull request with
// these commits: itself, and what it was before each merge of its base that GitHub itself
// made on top. updates are those of the commits that only merge the base, as git finds.
func SameChange(commits []ComparedCommit, updates []string, head string) []string {
	same := []string{head}
	for range commits {
		at := same[len(same)-1]
		i := slices.IndexFunc(commits, func(c ComparedCommit) bool { return c.ID == at && c.updated(updates) })
		if i < 0 || slices.Contains(same, commits[i].Parents[0]) {
			break
		}
		same = append(same, commits[i].Parents[0])
	}
	return same
}

// updated reports a merge of the base that GitHub itself made. Of what it signs, people
// may have written some: a conflict is resolved on its pages, too. So git has to agree.
func (c ComparedCommit) updated(updates []string) bool {
	return c.ByGitHub && len(c.Parents) == 2 && slices.Contains(updates, c.ID)
}

// ByHand leaves out the moves that brought nothing but a merge of the base that GitHub
// itself made: who pressed that button has pushed nothing.
func ByHand(moves []HeadMove, commits []ComparedCommit, updates []string) []HeadMove {
	return slices.DeleteFunc(slices.Clone(moves), func(m HeadMove) bool {
		return slices.ContainsFunc(commits, func(c ComparedCommit) bool {
			return c.ID == m.After && c.updated(updates) && c.Parents[0] == m.Before
		})
	})
}

// Unclaimed reports commits that none of those is known for who opened a pull request or
// moved its head: somebody else may have pushed them. updates are as SameChange has them.
func Unclaimed(commits []ComparedCommit, updates []string, author User, moves []HeadMove) bool {
	acted := map[int64]bool{author.ID: true}
	for _, m := range moves {
		acted[m.By.ID] = true
	}
	delete(acted, 0)
	return slices.ContainsFunc(commits, func(c ComparedCommit) bool {
		return !acted[c.Author.ID] && !acted[c.Committer.ID] && !slices.Contains(updates, c.ID)
	})
}

// Nobodys lists those commits of which nobody can be held to have made them: GitHub links
// them to none of those who opened a pull request or moved its head, and no push to its
// branch brought them. They were there when the branch was made, or the pull request opened,
// and who does that may have them from anybody's branch; but in a repository of their own.
func Nobodys(commits []ComparedCommit, updates []string, author User, head Repo, moves []HeadMove) (ids []string) {
	parents := map[string][]string{}
	for _, c := range commits {
		parents[c.ID] = c.Parents
	}
	brought := map[string]bool{}
	for _, m := range moves {
		if m.Before == "" && !strings.EqualFold(m.By.Login, head.Owner) {
			continue
		}
		before := ancestry(parents, m.Before)
		for id := range ancestry(parents, m.After) {
			brought[id] = brought[id] || !before[id]
		}
	}
	for _, c := range commits {
		if !brought[c.ID] && Unclaimed([]ComparedCommit{c}, updates, author, moves) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Bringers are those by whose pushes one of the commits of a pull request may have come to
// be there, each once: several where the head was rewritten below it. The zero User is one of
// them where it was there when the pull request was opened, or its branch made: who does
// that, or restores a branch, may have it from anybody.
func Bringers(id string, commits []ComparedCommit, moves []HeadMove) (by []User) {
	parents := map[string][]string{}
	for _, c := range commits {
		parents[c.ID] = c.Parents
	}
	for _, m := range moves {
		if m.Before == "" {
			m.By = User{}
		}
		brought := ancestry(parents, m.After)[id] && !ancestry(parents, m.Before)[id]
		if brought && !slices.ContainsFunc(by, func(u User) bool { return u.ID == m.By.ID }) {
			by = append(by, m.By)
		}
	}
	return by
}

// ancestry is a commit and what it rests on, among commits with their parents.
func ancestry(parents map[string][]string, id string) map[string]bool {
	in := map[string]bool{}
	for todo := []string{id}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		if _, among := parents[at]; among && !in[at] {
			in[at] = true
			todo = append(todo, parents[at]...)
		}
	}
	return in
}

// actions is the account of GitHub Actions. It pushes what any workflow tells it, and
// whoever may push a branch may write one.
const actions = "github-actions[bot]"

// ForOthers reports a move of a bot's that somebody had it make who isn't known. A bot that
// opened the pull request acts for itself, GitHub Actions never does.
func (m HeadMove) ForOthers(author User) bool {
	return m.By.Bot && (m.By.ID != author.ID || m.By.Login == actions)
}

// MergesByGitHub are the merges that GitHub itself made, by its signature alone.
func MergesByGitHub(commits []ComparedCommit) (ids []string) {
	for _, c := range commits {
		if c.ByGitHub && len(c.Parents) == 2 {
			ids = append(ids, c.ID)
		}
	}
	return ids
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

// Outlived reports whether a pull request has got another base since a review, which was of another
// change then. GitHub's clock has whole seconds.
func (h PullHistory) Outlived(r Review) bool {
	return !h.BaseSince.IsZero() && !r.At.After(h.BaseSince)
}

// Objects reports whether a review objects, by GitHub's word or though somebody else has dismissed it
// than who wrote it: whoever may push may do that. Who it was is the zero User where nobody did.
func (h PullHistory) Objects(r Review) (objects bool, dismissed User) {
	past := h.Dismissals[r.ID]
	if r.State == Dismissed && past.Was == ChangesRequested && past.By.ID != r.Author.ID {
		return true, past.By
	}
	return r.State == ChangesRequested, User{}
}
