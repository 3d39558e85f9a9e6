package effect

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// PullRequest opens a pull request of ours, or brings the text of one to the
// given form. It is the open one of ours from Head to Base. Title and Draft
// count when it is opened: later they are people's.
type PullRequest struct {
	Repo       github.Repo
	Head, Base release.Branch
	Title      string
	Draft      bool
	// Redraft has one that is open already become a draft, or none, as Draft says. Else it
	// stays as people have decided.
	Redraft bool
	// Mark and Record stand sealed at the text's beginning, for the place At.
	Mark   Mark
	At     Place
	Record json.RawMessage
	Text   string
	// Numbered has the record sealed for the pull request's own number, once it has
	// one: what is copied into another is believed of neither.
	Numbered bool
}

// Key implements Effect.
func (e PullRequest) Key() string { return fmt.Sprintf("pull %s %s %s", e.Repo, e.Head, e.Base) }

// String implements Effect.
func (e PullRequest) String() string {
	kind := "pull request"
	if e.Draft {
		kind = "draft"
	}
	return fmt.Sprintf("%s from %s to %s of %s: %s", kind, e.Head, e.Base, e.Repo, e.Title)
}

func (PullRequest) sealed() {}

// Section keeps one part of a comment of ours that has several: the comment is
// found by its mark, the part by its own. The parts of others stay as they are.
type Section struct {
	Repo    github.Repo
	RepoID  int64
	Number  int
	Comment Mark
	Head    string // what the comment begins with
	Mark    Mark
	Record  json.RawMessage // sealed to the repository and the number
	Text    string          // "" takes the part away
	// Was is the part as the decision saw it, "" for none. One that says
	// something else by now is left alone, with an error.
	Was string
}

// Key implements Effect.
func (e Section) Key() string {
	return fmt.Sprintf("section %s#%d %s %s", e.Repo, e.Number, e.Comment, e.Mark)
}

// String implements Effect.
func (e Section) String() string {
	return fmt.Sprintf("say in the comment on %s#%d (%s) about %s", e.Repo, e.Number, e.Comment.Kind, e.Mark.ID)
}

func (Section) sealed() {}

// Labels adds labels that an issue or a pull request lacks.
type Labels struct {
	Repo   github.Repo
	Number int
	Labels []string
}

// Key implements Effect.
func (e Labels) Key() string {
	return fmt.Sprintf("label %s#%d %s", e.Repo, e.Number, strings.Join(e.Labels, ","))
}

// String implements Effect.
func (e Labels) String() string {
	return fmt.Sprintf("label %s#%d: %s", e.Repo, e.Number, strings.Join(e.Labels, ", "))
}

func (Labels) sealed() {}

// Extras adds what is good to have on an issue or a pull request. What GitHub
// refuses of it, such as a milestone that isn't there, is passed over: whoever
// decides sees what is lacking with the next look.
type Extras struct {
	Repo      github.Repo
	Number    int
	OnPR      bool
	Labels    []string
	Assignees []string
	Milestone string   // its title
	Reviewers []string // logins
	Teams     []string // slugs, to review
}

// Key implements Effect.
func (e Extras) Key() string { return fmt.Sprintf("extras %s#%d", e.Repo, e.Number) }

// String implements Effect.
func (e Extras) String() string {
	return fmt.Sprintf("labels, milestone, assignees and reviewers of %s#%d", e.Repo, e.Number)
}

func (Extras) sealed() {}
