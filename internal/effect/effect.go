package effect

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Effect is one outward change.
type Effect interface {
	// Key names what the effect touches; two effects with one key are the same.
	Key() string
	// String is the effect in one line for logs, plans and transcripts.
	String() string
	sealed()
}

// NonIdempotent is an effect that cannot be repeated safely. It is carried out through
// the ledger: that it is started is recorded first, and one that is found finished
// isn't carried out again. One found started but not finished is looked for on GitHub
// by its mark; where the mark says that nobody can know, a person has to look.
type NonIdempotent interface {
	Effect
	NonIdempotent()
}

// Comment keeps one comment of ours, found again by its mark, as given.
type Comment struct {
	Repo   github.Repo
	Number int
	Mark   Mark
	Body   string    // without the mark
	Since  time.Time // no comment with the mark is older; zero: it may be
	// IfPresent changes a comment that is there, and writes none that isn't.
	IfPresent bool
}

// Key implements Effect.
func (e Comment) Key() string { return fmt.Sprintf("comment %s#%d %s", e.Repo, e.Number, e.Mark) }

// String implements Effect.
func (e Comment) String() string {
	return fmt.Sprintf("comment on %s#%d (%s)", e.Repo, e.Number, e.Mark.Kind)
}

func (Comment) sealed() {}

// Issue brings one issue of ours to the given form. With Number 0 it is the one
// whose sealed record carries the mark, and is opened if there is none; so the
// mark's id has to be this issue's alone. Record is sealed to the issue's
// number, so a new issue takes two writes; between them the record is Unbound.
type Issue struct {
	Repo   github.Repo
	RepoID int64
	Number int
	Mark   Mark
	// Was is the body that the decision was made on; empty means any. An issue
	// that says something else by now is left alone, with an error, so that
	// nobody's change is lost: the decision has to be made again.
	Was string
	// State is what is to become of it, "" to leave that as it is: whoever decides without
	// a look at who closed or opened it must not undo what somebody did meanwhile. A new
	// one is open.
	State  github.State
	Title  string
	Text   string          // what people read, without mark and record
	Record json.RawMessage // what Slipway reads back
	Labels []string        // added if missing
}

// Key implements Effect.
func (e Issue) Key() string { return fmt.Sprintf("issue %s#%d %s", e.Repo, e.Number, e.Mark) }

// String implements Effect.
func (e Issue) String() string {
	switch {
	case e.State == github.Closed:
		return fmt.Sprintf("close issue %s#%d: %s", e.Repo, e.Number, e.Title)
	case e.Number != 0:
		return fmt.Sprintf("issue %s#%d: %s", e.Repo, e.Number, e.Title)
	}
	return fmt.Sprintf("open issue in %s: %s", e.Repo, e.Title)
}

func (Issue) sealed() {}

// IssueState opens or closes an issue, and adds labels that it lacks.
type IssueState struct {
	Repo   github.Repo
	Number int
	State  github.State
	Labels []string
}

// Key implements Effect.
func (e IssueState) Key() string { return fmt.Sprintf("state %s#%d", e.Repo, e.Number) }

// String implements Effect.
func (e IssueState) String() string {
	return fmt.Sprintf("issue %s#%d is to be %s", e.Repo, e.Number, e.State)
}

func (IssueState) sealed() {}

// Unlabel takes one label off an issue or a pull request.
type Unlabel struct {
	Repo   github.Repo
	Number int
	Label  string
}

// Key implements Effect.
func (e Unlabel) Key() string { return fmt.Sprintf("unlabel %s#%d %s", e.Repo, e.Number, e.Label) }

// String implements Effect.
func (e Unlabel) String() string {
	return fmt.Sprintf("take the label %s off %s#%d", e.Label, e.Repo, e.Number)
}

func (Unlabel) sealed() {}

// Short abbreviates a commit id for people.
func Short(commit string) string { return commit[:min(len(commit), 7)] }
