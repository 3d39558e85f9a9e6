package github

import "time"

// Labelling is how an issue or pull request got a label.
type Labelling struct {
	ID  int64 // of the event
	Who User
	At  time.Time
}

// PullDetail is a pull request with what only some need to know of it.
type PullDetail struct {
	PullRequest
	Body        string
	MergeCommit string // once it is merged
	MergedBy    User   // who merged it; zero in what a list shows
	Assignees   []string
	Reviewers   []string // logins that are asked to review
	Teams       []string // slugs of teams that are
	Milestone   string   // its title
	Files       int      // how many it changes
	Commits     int      // how many it has
}

// Commit is what is to be known of a commit without its files.
type Commit struct {
	ID        string
	Parents   []string
	Message   string
	Committer string // the address
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
