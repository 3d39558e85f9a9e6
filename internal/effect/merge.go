package effect

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// AutoMerge has GitHub merge a pull request of ours once its required checks are green, or
// takes that back. What somebody else has asked GitHub for stays as it is. Where nothing
// holds the merge back any more, GitHub takes no such request, and it is merged at once.
type AutoMerge struct {
	Repo   github.Repo
	Number int
	Node   string // the pull request's id in the GraphQL API
	On     bool
	// What the decision saw; only what is so still is merged.
	Base   release.Branch
	Commit string
	Method string   // merge, squash or rebase
	Checks []string // of ours that have to be required
	// Ask names what this is for: what GitHub refused for one is tried again for the next.
	Ask string
}

// Key implements Effect.
func (e AutoMerge) Key() string { return fmt.Sprintf("auto-merge %s#%d", e.Repo, e.Number) }

// String implements Effect.
func (e AutoMerge) String() string {
	if !e.On {
		return fmt.Sprintf("have GitHub no longer merge %s#%d by itself", e.Repo, e.Number)
	}
	return fmt.Sprintf("have GitHub merge %s#%d at %s once its required checks are green (%s)", e.Repo, e.Number, Short(e.Commit), e.Method)
}

func (AutoMerge) sealed() {}

// Wish names what GitHub may refuse, for whoever remembers that.
func (e AutoMerge) Wish() string { return "merge/" + e.Commit + "/" + e.Method + "/" + e.Ask }

// Ready makes a draft of ours ready for review, if it is as the decision saw it.
type Ready struct {
	Repo   github.Repo
	Number int
	Node   string
	Commit string
}

// Key implements Effect.
func (e Ready) Key() string { return fmt.Sprintf("ready %s#%d", e.Repo, e.Number) }

// String implements Effect.
func (e Ready) String() string {
	return fmt.Sprintf("mark %s#%d as ready for review", e.Repo, e.Number)
}

func (Ready) sealed() {}

// Wish names what GitHub may refuse.
func (e Ready) Wish() string { return "ready/" + e.Commit }

// NoBranch deletes a branch that is at a commit. One that has moved stays.
type NoBranch struct {
	Repo     github.Repo
	RepoNode string // the repository's id in the GraphQL API
	Branch   release.Branch
	Commit   string
}

// Key implements Effect.
func (e NoBranch) Key() string { return fmt.Sprintf("no branch %s %s", e.Repo, e.Branch) }

// String implements Effect.
func (e NoBranch) String() string {
	return fmt.Sprintf("delete the branch %s of %s, if it is at %s", e.Branch, e.Repo, Short(e.Commit))
}

func (NoBranch) sealed() {}

// Wish names what GitHub may refuse.
func (e NoBranch) Wish() string { return fmt.Sprintf("branch/%s/%s", e.Branch, e.Commit) }
