package github

import (
	"slices"
	"time"
)

// AutoMerge is that GitHub merges a pull request by itself as soon as it may.
type AutoMerge struct {
	By     User   // who asked for that
	Method string // merge, squash or rebase
}

// RequiredCheck is a status check without which nothing is merged into a branch.
type RequiredCheck struct {
	Name string
	App  int64 // the one whose word counts; 0 for any
}

// Fits reports whether an App's run of a name is what is required.
func (r RequiredCheck) Fits(name string, app int64) bool {
	return r.Name == name && (r.App == 0 || r.App == app)
}

// MergeRules are what a branch asks of a merge.
type MergeRules struct {
	Checks []RequiredCheck
	Queue  bool // merges go through a merge queue
	// Unclear says why nobody knows, as a sentence without its full stop; "" where it is known.
	Unclear string
	// App is ours: a check that is bound to another App isn't ours.
	App int64
}

// Lacks are those of our checks that aren't required. What isn't known is not required.
func (r MergeRules) Lacks(checks []string) (lacks []string) {
	for _, name := range checks {
		if !slices.ContainsFunc(r.Checks, func(c RequiredCheck) bool { return c.Fits(name, r.App) }) {
			lacks = append(lacks, name)
		}
	}
	return lacks
}

// PullMove is something that somebody did to a pull request, as GitHub's list of its events
// names it: "auto_merge_disabled", "convert_to_draft".
type PullMove struct {
	Kind string
	By   User
	At   time.Time
}
