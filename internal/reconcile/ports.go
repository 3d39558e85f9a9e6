package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Applier carries out effects: package ghclient on GitHub.
type Applier interface {
	Apply(context.Context, effect.Effect) (Receipt, error)
}

// Receipt says what became of an effect.
type Receipt struct {
	Effect  string // Effect.String()
	Changed bool   // false: it was so already, nothing was written
	Learned bool   // it was so already, and nobody remembered
	Made    bool   // of a check run: Changed, and it is a new one
	Name    string // what people call the thing, for a link to URL; may be empty
	URL     string // of what was written, for people
}

// String is the receipt in one line.
func (r Receipt) String() string {
	if !r.Changed {
		return r.Effect + ": already so"
	}
	return r.Effect
}

// Ledger remembers Once effects. What decides in the end is what an effect leaves on
// GitHub, so a lost database doubles nothing; the ledger spares the look, and knows
// what was done even if people have deleted that.
type Ledger interface {
	// Start records that an effect is about to be carried out. It reports what
	// an earlier attempt left: New, Started (nobody knows) or Finished.
	Start(ctx context.Context, effectKey string) (LedgerState, error)
	// Finish records that it was carried out.
	Finish(ctx context.Context, effectKey string, r Receipt) error
}

// LedgerState is what the ledger knows of a Once effect.
type LedgerState string

// The ledger's states.
const (
	LedgerNew      LedgerState = "new"
	LedgerStarted  LedgerState = "started"
	LedgerFinished LedgerState = "finished"
)

// Roles looks up who manages a branch's releases.
type Roles interface {
	Manages(ctx context.Context, repo github.Repo, branch release.Branch, who github.User) (RoleDecision, error)
}

// Contributors looks up who may ask for picks onto a branch; with no branch, for
// any at all.
type Contributors interface {
	Contributes(ctx context.Context, repo github.Repo, branch release.Branch, who github.User) (RoleDecision, error)
}

// Pick is what is known of a pull request of ours that picks another.
type Pick struct {
	Ours     bool           // our App opened it, be it a pick or not
	Source   int            // the number of what it picks; 0: it is no pick of ours, or one of a commit
	Commit   string         // that it picks, at least as it begins, if that has no pull request
	AskedBy  []github.User  // who asked for it
	Finished effect.Verdict // Pass, or what somebody still has to do
}

// Is reports whether it picks anything.
func (p Pick) Is() bool { return p.Source != 0 || p.Commit != "" }

// RoleDecision is what a look-up of a role found. Holds is false unless the
// look-up said yes: it fails closed.
type RoleDecision struct {
	Holds   bool
	Teams   []string // whose members hold it
	Writers bool     // whoever may push to the repository holds it too
	Missing []string // those of the teams that GitHub doesn't know
	Unclear string   // why nobody can tell, as a phrase; empty if somebody can
	// Refused is what keeps Slipway from looking into the teams, which is Unclear then; nil for nothing.
	Refused *RefusedError
	// Instead says that the teams decide in the place of those that have the role.
	Instead bool
}

// Unknown reports whether nobody can tell for now: it isn't no for good.
func (d RoleDecision) Unknown() bool { return !d.Holds && (d.Unclear != "" || len(d.Missing) > 0) }

// Delivery is everything that one delivery leads to; it is stored in one
// transaction, and only then is GitHub answered.
type Delivery struct {
	GUID     string // unique; empty for work that no delivery brought
	Kind     string // the event and its action, for the audit trail
	Repo     github.Repo
	Received time.Time
	Keys     []Key
	Commands []PendingCommand
	Snapshot *github.PullSnapshot
	Forget   []string // prefixes of cache keys that are stale now
	Facts    []string // ids of facts that are stale now: whatever rests on them is worked, after Keys
}

// PendingCommand is a comment (or review, or description) that holds commands, with the text that GitHub signed. It
// is worked under its own key, and in order within its repository.
type PendingCommand struct {
	Text string
	Call command.Call // everything but Index, Name, Args and Rest
	// Unsigned says that no delivery brought the comment: Text is what GitHub showed when it was
	// looked for, and its edit history has to say that its author wrote it so. Node is its id there.
	Unsigned bool   `json:",omitempty"`
	Node     string `json:",omitempty"`
}

// CommandHandler is the Handler part of a PendingCommand's key. QuestionHandler and
// RefusalHandler are those of the keys under which an ask is answered that changes nothing,
// out of the order of commands: one that only asks, and one that came to nothing.
const (
	CommandHandler  = "command"
	QuestionHandler = "question"
	RefusalHandler  = "refusal"
)

// Key is the key under which an ask is worked.
func (a PendingCommand) Key() Key {
	return Key{Handler: CommandHandler, Repo: a.Call.Repo, ID: a.Call.Ref()}
}

// RetryAfterError is an error that says when it is worth trying again: a rate limit. It
// uses up no attempt.
type RetryAfterError struct {
	At  time.Time
	Err error
}

// Error implements error.
func (e *RetryAfterError) Error() string {
	return fmt.Sprintf("wait until %s: %v", e.At.UTC().Format(time.RFC3339), e.Err)
}

// Unwrap returns the cause.
func (e *RetryAfterError) Unwrap() error { return e.Err }

// RefusedError is an error for what GitHub refuses for a reason that people can mend:
// a permission that the App lacks, issues that are switched off. Trying again
// won't help until they have.
type RefusedError struct {
	Reason string // a sentence, for people, without its full stop
	Said   string // in GitHub's words, not fit for Markdown; "" if it isn't GitHub that refuses
	Next   string // what people can do, in Markdown, without a full stop; "" if nobody knows better than they
	Err    error
}

// How much of a refusal is told, in characters.
const (
	maxRefusal = 300
	maxSaid    = 300
)

// Cause says why, in GitHub's words, too: Markdown on one line, without the full stop.
func (e *RefusedError) Cause() string {
	text := effect.Inert(strings.TrimSuffix(e.Reason, "."), maxRefusal)
	if e.Said != "" {
		text += ". GitHub says: " + effect.Code(effect.Cut(e.Said, maxSaid))
	}
	return text
}

// Mend says what people can do: Markdown on one line, without the full stop.
func (e *RefusedError) Mend() string {
	return cmp.Or(e.Next, "have the repository's or the App's settings mended")
}

// Error implements error.
func (e *RefusedError) Error() string { return fmt.Sprintf("%s: %v", e.Reason, e.Err) }

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// PassingError is an error for what GitHub refuses in words that it uses for a moment
// only, but may mean for good. It is tried again like any other error; after some tries
// it counts as Refusal. It isn't one before: errors.As finds none in it.
type PassingError struct{ Refusal *RefusedError }

// Error implements error.
func (e *PassingError) Error() string { return "perhaps only for a moment: " + e.Refusal.Error() }

// Unwrap returns the cause of the refusal.
func (e *PassingError) Unwrap() error { return e.Refusal.Err }

// OutcomeUnknownError is an error for an effect that can't be repeated, and of which nobody knows
// whether it was carried out. A person has to look.
type OutcomeUnknownError struct {
	What string // the effect, as Effect.String has it
	Err  error
}

// Error implements error.
func (e *OutcomeUnknownError) Error() string {
	return fmt.Sprintf("it is unknown whether it came to %q: %v", e.What, e.Err)
}

// Unwrap returns the cause.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// ErrGone says that the thing a key names can no longer be reached: the App
// was uninstalled or suspended, or the repository was deleted. The work is
// dropped with that reason; an event or a resync brings it back.
var ErrGone = errors.New("gone")

// Attempt says which try of a key this is.
type Attempt struct {
	N    int  // from 1
	Last bool // if this one fails too, the key is parked
	// Deaths is how many processes in a row ended while they worked the key, if they were so
	// many that it must not be worked: only that is to be told, and N counts the tries to. Else it is 0.
	Deaths int
}

// Finish is what working a key led to. It is stored in the transaction that
// completes the job, together with the keys it asks for.
type Finish struct {
	Reason    string
	Receipts  []Receipt
	Enqueue   []Key
	RequeueAt time.Time // when to work the key again without an event; zero for never
	Blocked   bool      // GitHub refuses something until people have changed a setting

	// Spent says of an ask that its author has been told so often that it was met with
	// silence: whatever else of theirs waits in the repository comes after all others'.
	Spent bool

	// Stale are facts, by their ids, that have changed: the keys that rest on them are
	// worked after it. A run that tells of some rests on none itself.
	Stale []string

	// Dependencies are the facts that the run read of other things than its key names. An
	// event that made one of them stale meanwhile works the key again; later ones
	// do, too, if the run was to ReplaceDependencies and ended without an error: then they replace
	// what the key rested on.
	Dependencies        []Dependency
	ReplaceDependencies bool
}

// Dependency is a fact that a key rests on.
type Dependency struct {
	Fact       string // its id, like "istio/istio labels/40"
	Generation int64  // what Generations said before the fact was read
}

// Facts tells how often facts have changed.
type Facts interface {
	// Generations returns a number for each fact, which is another one after each
	// event that makes the fact stale. Who reads a fact and rests on it has to ask
	// before reading.
	Generations(ctx context.Context, facts ...string) (map[string]int64, error)
}

// Worker works one key at a time; a key is never worked twice at once. An error
// means to try again, *RetryAfterError when, and ErrGone never.
type Worker interface {
	Work(ctx context.Context, k Key, a Attempt) (Finish, error)
}
