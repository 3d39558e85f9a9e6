package effect

import (
	"encoding/json"
	"fmt"

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

// Once is an effect that cannot be repeated safely. It is carried out through
// the ledger: started is recorded first, and one found started but not finished
// is looked for on GitHub by its mark, else parked for a person.
type Once interface {
	Effect
	Once()
}

// CheckRun reports a verdict on a commit.
type CheckRun struct {
	Repo    github.Repo
	Number  int    // the pull request it is about; for logs
	Commit  string // head at which the verdict was made
	Name    string // "slipway/freeze"
	Verdict Verdict
}

// Key implements Effect.
func (e CheckRun) Key() string { return fmt.Sprintf("check %s@%s %s", e.Repo, e.Commit, e.Name) }

// String implements Effect.
func (e CheckRun) String() string {
	return fmt.Sprintf("check %s on %s#%d at %s: %s (%s)", e.Name, e.Repo, e.Number, Short(e.Commit), e.Verdict.State, e.Verdict.Title)
}

func (CheckRun) sealed() {}

// Comment keeps one comment of ours, found again by its mark, as given.
type Comment struct {
	Repo   github.Repo
	Number int
	Mark   Mark
	Body   string // without the mark
}

// Key implements Effect.
func (e Comment) Key() string { return fmt.Sprintf("comment %s#%d %s", e.Repo, e.Number, e.Mark) }

// String implements Effect.
func (e Comment) String() string {
	return fmt.Sprintf("comment on %s#%d (%s)", e.Repo, e.Number, e.Mark.Kind)
}

func (Comment) sealed() {}

// Issue keeps one open issue of ours, found again by its first label and its
// mark, as given. Record is sealed to the issue's number, so a new issue takes
// two writes; until the second, readers see a mark without a valid record.
type Issue struct {
	Repo   github.Repo
	Mark   Mark
	Title  string
	Text   string          // what people read, without mark and record
	Record json.RawMessage // what Slipway reads back
	Labels []string        // at least one
}

// Key implements Effect.
func (e Issue) Key() string { return fmt.Sprintf("issue %s %s", e.Repo, e.Mark) }

// String implements Effect.
func (e Issue) String() string { return fmt.Sprintf("open issue in %s: %s", e.Repo, e.Title) }

func (Issue) sealed() {}

// CloseIssue closes an issue as completed.
type CloseIssue struct {
	Repo   github.Repo
	Number int
}

// Key implements Effect.
func (e CloseIssue) Key() string { return fmt.Sprintf("close %s#%d", e.Repo, e.Number) }

// String implements Effect.
func (e CloseIssue) String() string { return fmt.Sprintf("close %s#%d", e.Repo, e.Number) }

func (CloseIssue) sealed() {}

// Short abbreviates a commit id for people.
func Short(commit string) string { return commit[:min(len(commit), 7)] }
