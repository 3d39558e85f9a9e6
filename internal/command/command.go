package command

import (
	"context"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Role says who may run a command. The engine looks it up by the policy before
// Run is called; a lookup that fails refuses.
type Role string

// The roles.
const (
	Anyone         Role = "anyone"
	ReleaseManager Role = "release manager"
	// Contributor is somebody whom the policy lets ask for picks.
	Contributor Role = "contributor"
)

// Command is one thing that people can ask for. It is also its documentation:
// the help and docs/commands.md are made from it.
type Command struct {
	Name    string   // words after the slash: "release freeze"
	Args    string   // "<branch> [reason]"
	Short   string   // one sentence
	Example []string // whole lines; each parses to this command (a test)
	Allow   Role
	Where   string // what it is written on, as a phrase: "a pull request"
	Answer  string // what the reply says, as a sentence
	AliasOf string // name of the command that this is another spelling of; "" for most
	// Question says that it changes nothing, whoever asks: the commands that were written
	// after it don't wait for its answer, and one person gets so many an hour.
	Question bool
	// Branches tells for which branches a call needs its role, all of them. A call
	// that can't be understood is a *Misuse; any other error means that it should
	// be tried again.
	Branches func(context.Context, Call) ([]release.Branch, error)
	// Instead tells, where others than those who have the role decide about what a call is
	// about in a branch, which teams these are, and whether its author is in one; no teams
	// where the role decides. About what each of them does, Run looks at itself.
	Instead func(context.Context, Call, release.Branch) (teams []string, holds bool, err error)
	// MergesInto tells, of a command whose work has to be merged later, into which
	// branches: the reply says of those that are held back that it waits.
	// Nil for most.
	MergesInto func(Call) []release.Branch
	// Ignores reports of a call whether it is to be met with silence; may says
	// whether its author has the role. Nil answers every call.
	Ignores func(ctx context.Context, c Call, may bool) (bool, error)
	// Run reads what it needs and decides; the engine carries out the effects
	// and posts the reply. An error means that it should be tried again.
	Run func(context.Context, Call) (Outcome, error)
}

// Misuse is an error of whoever wrote a command. Its phrase completes "This
// can't be understood: ...", and is Markdown.
type Misuse struct{ Phrase string }

// Error implements error.
func (m *Misuse) Error() string { return m.Phrase }

// Misused makes a Misuse.
func Misused(format string, args ...any) error { return &Misuse{fmt.Sprintf(format, args...)} }

// Call is one use of a command, as it was signed at delivery.
type Call struct {
	Name   string   // Command.Name
	Args   []string // words after the name
	Rest   string   // the same, as typed
	Repo   github.Repo
	RepoID int64
	Number int  // the issue or pull request it was written on
	OnPR   bool // whether that is a pull request
	Source Source
	ID     int64  // of the comment, the review or the pull request
	Index  int    // of the command in its text, from 0
	URL    string // of the same, for people
	Author github.User
	At     time.Time // when the comment was made
	// Head is the commit of the pull request that a review or a description was signed
	// with; "" for a comment, which GitHub signs without one.
	Head string `json:",omitempty"`
}

// Saw reports whether the call is about a commit: the author had it before them. since
// is when it was pushed, or else first seen. GitHub tells seconds: of a commit that came
// within that of the comment nobody knows which was first, so it counts as later.
func (c Call) Saw(commit string, since time.Time) bool {
	if c.Head != "" {
		return c.Head == commit
	}
	return !since.IsZero() && since.Before(c.At)
}

// Source is the kind of text that a call was written in.
type Source string

// The sources.
const (
	InComment     Source = "comment"
	InReview      Source = "review"
	InDescription Source = "description"
)

// Ref names the text that a call was written in, within its repository.
func (c Call) Ref() string { return fmt.Sprintf("%s/%d", c.Source, c.ID) }

// Asked names the call itself. Who finds it in a record on GitHub knows that
// this very call has been there before.
func (c Call) Asked() string { return fmt.Sprintf("%s#%d", c.Ref(), c.Index) }

// Result is how a call came out.
type Result string

// The results.
const (
	Done    Result = "done"
	Partly  Result = "partly"  // some of it is done, and the rest was refused
	Refused Result = "refused" // not allowed
	Invalid Result = "invalid" // not understood
	NoOp    Result = "no-op"   // already so
	Told    Result = "told"    // a question, answered; nothing was to be changed
	Ignored Result = "ignored" // not answered
)

// Outcome is what a call leads to. Reply is Markdown for the person who asked.
type Outcome struct {
	Result  Result
	Reply   string
	Effects []effect.Effect
	// PerRepo is what is to be done after them in several places. What becomes of it is
	// told below Reply, which must not say that it was done.
	PerRepo []PerRepoEffects
}

// PerRepoEffects are effects in one place, in their order. What fails there keeps nothing
// from being done elsewhere.
type PerRepoEffects struct {
	Name    string // of the place, in Markdown
	Effects []effect.Effect
	// Repo is where a command was said, too, in effect: the keys that it may have changed
	// there are worked. Zero for one that only acts there.
	Repo github.Repo
}
