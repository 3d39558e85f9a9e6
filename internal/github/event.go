package github

import (
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// Event is what a verified delivery says: something may have changed. It names
// things; it decides nothing. Fields that a kind of event lacks are zero.
type Event struct {
	Delivery     string // GUID; a redelivery keeps it
	Kind         string // the X-GitHub-Event header: "pull_request"
	Action       string // "opened"; empty for kinds without actions
	Installation int64  // 0 when the payload names none
	Repo         Repo
	RepoID       int64 // survives renames and transfers
	// Default is the repository's default branch; "" when the payload doesn't say.
	Default release.Branch
	Sender  User
	// Own says that our App itself did what the event tells of. It is only set
	// once the App's account is known: an event that isn't Own may be ours.
	Own bool
	// Ours says, for issues and issue_comment, that our App wrote the issue or the comment,
	// or a bot while it isn't known who we are.
	Ours bool

	PullRequest *PullRequest // for pull_request and its reviews
	Issue       *Issue       // for issues and issue_comment
	Comment     *Comment     // for issue_comment
	Label       string       // for labeled and unlabeled
	Commit      string       // for check_run, check_suite, status; the head for merge_group
	CheckName   string       // for check_run; the context for status
	ExternalID  string       // for check_run: as the App set it
	Namesake    bool         // for check_run: another App made it under the name of a check of ours
	Push        *Push        // for push
	Group       *MergeGroup  // for merge_group
	// Branches are, for check_run and status, some of those that hold the commit; none
	// for the head of a fork's pull request.
	Branches []release.Branch
	OldBase  release.Branch
	Before   string // for a pull_request that was pushed to: the head that it had
	Renamed  bool   // for a label or a milestone that was edited: it may have another name
	// NewDefault says, for a repository that was edited, that it may have another default branch.
	NewDefault bool
	OldBody    *string // for an issue whose text was edited: what it was; nil if it wasn't
}

// Push is a push to a branch.
type Push struct {
	Branch  release.Branch // empty for a tag
	Default bool           // to the repository's default branch
	Created bool
	Deleted bool
	// Touched lists the paths that the pushed commits name. GitHub leaves
	// commits out of large pushes, so Complete says whether it is all.
	Touched  []string
	Complete bool
	// Reverts says that a pushed commit speaks of a revert, or may do so.
	Reverts bool
	// TouchesPolicy is set for a push to the default branch that changes the
	// policy file or a calendar, or may do so.
	TouchesPolicy bool
}

// OfPolicy reports whether a path is that of the policy, or of a calendar that one may name.
func OfPolicy(path string) bool { return path == PolicyPath || strings.HasSuffix(path, ".ics") }

// TouchesCodeOwners reports whether the push may change its branch's CODEOWNERS.
func (p Push) TouchesCodeOwners() bool {
	return !p.Complete || slices.ContainsFunc(CodeOwnersPaths, func(path string) bool { return slices.Contains(p.Touched, path) })
}

// PullSnapshot is a pull request as the newest payload or read showed it, and how
// it came to be known. By itself it only lets a handler leave early (an
// ungoverned branch costs no request); whether it is as good as a read is for
// ReadAt and EventAt to say.
type PullSnapshot struct {
	PullRequest
	Repo Repo
	// EventAt is when the last payload about it was taken in, by our clock.
	EventAt time.Time
	// ReadAt is when the newest read that showed it began, by our clock; zero
	// if none has since the last payload was taken in.
	ReadAt time.Time
	// HeadSince is when the present head was pushed, by GitHub's clock, and HeadBy
	// the id of who pushed it, as the payload says that told of it; zero if no
	// payload did. HeadSeen is when it was first seen, by our clock.
	HeadSince time.Time
	HeadBy    int64
	HeadSeen  time.Time
	// Moves are those of its head: of a payload the one that it tells of, and of what
	// is remembered of one pull request all that payloads told of.
	Moves []HeadMove
}

// HeadMove is that a pull request got another head. Whoever opened one has moved it
// from nothing, though what was there then may have been pushed by others.
type HeadMove struct {
	Before string // "" as it was opened, or as its branch was made
	After  string
	By     User // zero: nobody knows
}

// ReadSince reports whether a read that began after the last payload was taken
// in, and after an instant, showed the pull request so.
func (s PullSnapshot) ReadSince(t time.Time) bool {
	return s.ReadAt.After(s.EventAt) && s.ReadAt.After(t)
}
