package effect

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// CheckRun reports a verdict on a commit.
type CheckRun struct {
	Repo    github.Repo
	Number  int    // the pull request it is about; 0 for a merge queue's group
	Commit  string // head at which the verdict was made
	Name    string // "slipway/freeze"
	Verdict Verdict
	// Annotations stand at lines of files; GitHub shows them with the changes.
	Annotations []Annotation
	// ExternalID is what GitHub keeps with the run for us; empty is "pr/" and
	// Number, or without one "group/" and Commit.
	ExternalID string
	// Fresh asks for a new run even if the last one says the same: somebody
	// asked GitHub to run it again, and GitHub waits for it.
	Fresh bool
	// IfPresent leaves a commit alone that has no run of ours.
	IfPresent bool
}

// Annotation is a remark on lines of a file.
type Annotation struct {
	Path      string
	StartLine int // from 1
	EndLine   int
	Level     Level
	Title     string // may be empty
	Message   string
}

// Level is how grave an annotation is, in GitHub's words.
type Level string

// The levels.
const (
	Notice  Level = "notice"
	Warning Level = "warning"
	Failure Level = "failure"
)

// Key implements Effect.
func (e CheckRun) Key() string { return fmt.Sprintf("check %s@%s %s", e.Repo, e.Commit, e.Name) }

// String implements Effect.
func (e CheckRun) String() string {
	on := e.Repo.String()
	if e.Number != 0 {
		on = fmt.Sprintf("%s#%d", e.Repo, e.Number)
	}
	return fmt.Sprintf("check %s on %s at %s: %s (%s)", e.Name, on, Short(e.Commit), e.Verdict.State, e.Verdict.Title)
}

// External is the run's external id.
func (e CheckRun) External() string {
	switch {
	case e.ExternalID != "":
		return e.ExternalID
	case e.Number == 0:
		return "group/" + e.Commit
	}
	return fmt.Sprintf("pr/%d", e.Number)
}

func (CheckRun) sealed() {}
