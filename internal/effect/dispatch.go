package effect

import (
	"encoding/json"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Dispatch starts a workflow of GitHub Actions. It is a Once: GitHub doesn't tell
// whether an earlier call came through, so it is noted in a comment before it is
// made, and completed there after. One that is noted and not completed may or may
// not have been made, and is for a person to look at.
type Dispatch struct {
	Repo github.Repo // that has the workflow
	// Workflow is the name of its file, for a workflow_dispatch; Event the type of a
	// repository_dispatch. One of them is given.
	Workflow, Event string
	Ref             release.Branch    // that a workflow_dispatch runs on; the other runs on the default branch
	Inputs          map[string]string // or the payload of a repository_dispatch
	Note            Note
}

// Note is the comment that notes a dispatch.
type Note struct {
	Repo   github.Repo
	RepoID int64
	Number int
	// ID is the call's, and Record what is kept of it, sealed.
	ID     string
	Record json.RawMessage
	// Before and After are what people read before and after it was made.
	Before, After string
}

// The kinds of the marks of notes.
const (
	NotedDispatch = "dispatching" // it is about to be made
	MadeDispatch  = "dispatch"
)

// Key implements Effect.
func (e Dispatch) Key() string {
	return fmt.Sprintf("dispatch %s %s%s %s", e.Repo, e.Workflow, e.Event, e.Note.ID)
}

// String implements Effect.
func (e Dispatch) String() string {
	if e.Workflow == "" {
		return fmt.Sprintf("send the event %q to %s", e.Event, e.Repo)
	}
	return fmt.Sprintf("start the workflow %q of %s on %s", e.Workflow, e.Repo, e.Ref)
}

func (Dispatch) sealed() {}

// NonIdempotent implements NonIdempotent.
func (Dispatch) NonIdempotent() {}
