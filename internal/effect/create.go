package effect

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// NewBranch creates a branch at a commit. One that is there already stays where
// it is, whatever it is at.
type NewBranch struct {
	Repo   github.Repo
	Branch release.Branch
	From   string // commit id
}

// Key implements Effect.
func (e NewBranch) Key() string { return fmt.Sprintf("branch %s %s", e.Repo, e.Branch) }

// String implements Effect.
func (e NewBranch) String() string {
	return fmt.Sprintf("create the branch %s of %s at %s", e.Branch, e.Repo, Short(e.From))
}

func (NewBranch) sealed() {}

// NewLabel creates a label of a repository, if it isn't there.
type NewLabel struct {
	Repo github.Repo
	Name string
}

// Key implements Effect.
func (e NewLabel) Key() string { return fmt.Sprintf("label %s %s", e.Repo, e.Name) }

// String implements Effect.
func (e NewLabel) String() string { return fmt.Sprintf("create the label %s of %s", e.Name, e.Repo) }

func (NewLabel) sealed() {}

// NewMilestone creates a milestone of a repository, if none has its title.
type NewMilestone struct {
	Repo  github.Repo
	Title string
}

// Key implements Effect.
func (e NewMilestone) Key() string { return fmt.Sprintf("milestone %s %s", e.Repo, e.Title) }

// String implements Effect.
func (e NewMilestone) String() string {
	return fmt.Sprintf("create the milestone %s of %s", e.Title, e.Repo)
}

func (NewMilestone) sealed() {}

// MilestoneDue sets the day on which a milestone is due, by its title. One that
// isn't there is left to whoever makes it.
type MilestoneDue struct {
	Repo  github.Repo
	Title string
	Due   release.Date
}

// Key implements Effect.
func (e MilestoneDue) Key() string { return fmt.Sprintf("due %s %s", e.Repo, e.Title) }

// String implements Effect.
func (e MilestoneDue) String() string {
	return fmt.Sprintf("the milestone %s of %s is due on %s", e.Title, e.Repo, e.Due)
}

func (MilestoneDue) sealed() {}
