package github

import (
	"strings"
	"time"
)

// Labelling is how an issue or pull request got a label, or lost it.
type Labelling struct {
	ID    int64  // of the event
	Label string // as it was called then
	Off   bool   // it was taken off
	Who   User
	At    time.Time
}

// Unknown reports whether GitHub doesn't say it yet.
func (l *Labelling) Unknown() bool { return l == nil }

// PullDetail is a pull request with what only some need to know of it.
type PullDetail struct {
	PullRequest
	Node        string // its id in the GraphQL API
	RepoNode    string // that of the repository that it is against
	Body        string
	MergeCommit string // once it is merged
	MergedBy    User   // who merged it; zero in what a list shows
	ClosedAt    time.Time
	Assignees   []string
	Reviewers   []string // logins that are asked to review
	Teams       []string // slugs of teams that are
	Milestone   string   // its title
	Files       int      // how many it changes
	Commits     int      // how many it has
	// Mergeable says whether GitHub can merge it into its base as both are; nil while
	// GitHub hasn't found out.
	Mergeable *bool
	AutoMerge *AutoMerge // nil: nobody asked for it
}

// Remembered is what is known of a pull request without asking GitHub. What nobody
// remembers is absent, and not settled.
type Remembered struct {
	Runs []RememberedRun // checks of ours on its head, in the order asked for
	// Reviews are those that were read last, oldest first, if ReviewsKnown.
	Reviews      []Review
	ReviewsKnown bool
	// Conflicts says that GitHub couldn't merge that head when it was last read.
	Conflicts bool
	Namesakes []Namesake // runs of other Apps on its head under the names of ours
}

// Namesake is a check run of another App under the name of one of ours. A required check
// that isn't bound to our App takes its word, too.
type Namesake struct {
	Check, App string
}

// OwnChecks begins the names of our checks.
const OwnChecks = "slipway/"

// RememberedRun is a check run of ours as we wrote it last.
type RememberedRun struct {
	Name, Title string
	Holds       bool // it holds a merge back
}

// Commit is what is to be known of a commit without its files.
type Commit struct {
	ID        string
	Parents   []string
	Message   string
	Author    string // the address
	Committer string // the address; of a commit that GitHub makes it may be GitHub's
	ByGitHub  bool   // it was made on GitHub's pages, as GitHub's signature says
	Tree      string
}

// Marked are the files of a pull request in which lines that it adds look like
// what git writes around a conflict.
type Marked struct {
	Sides  []string // files with <<<<<<< or >>>>>>> or |||||||
	Middle []string // files with =======, which also stands in texts
	// Unseen are files whose changes GitHub doesn't show.
	Unseen   []string
	Complete bool // false when GitHub doesn't list all the files
}

// Marker reports a line that git writes around a conflict: one that names a side, or the
// one between them.
func Marker(line string) (side, middle bool) {
	side = strings.HasPrefix(line, "<<<<<<< ") || strings.HasPrefix(line, ">>>>>>> ") || strings.HasPrefix(line, "||||||| ")
	return side, line == "======="
}
