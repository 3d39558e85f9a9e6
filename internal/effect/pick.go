package effect

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Change is what is to be picked, and onto which branch. The same change onto
// the same commit gives the same commits, whenever they are made.
type Change struct {
	Repo    github.Repo
	RepoID  int64
	Target  release.Branch
	Commits []string // ids, in order
	// Base is what the one commit is the difference from, if that isn't its parent: a pull
	// request that isn't merged, as one change.
	Base string
	// Bases are the same of each of several. With a commit's parent as the commit, and itself
	// as the base, the change is that it is taken back.
	Bases   []string
	SignOff bool    // adds Slipway's Signed-off-by
	Note    string  // a paragraph in the message of a commit with conflict markers
	Sign    Signing // how its commits come to be verified
	// LeaveOut are patterns of paths at which the target's files stay as they are.
	LeaveOut []string
	// Resolved are picks of the same change onto other branches whose conflicts people have
	// resolved: the first of them that has the same conflict is followed there.
	Resolved []Resolved
	// Ask is the request that this is for: what GitHub refused for one is tried
	// again for the next.
	Ask string
}

// Resolved is a pick in conflict that people have resolved and merged.
type Resolved struct {
	PR           int
	Branch       release.Branch
	By           string // who merged it, a login; "" if nobody knows
	Onto, Commit string // where the branch was before the merge, and after it
	Note         string // a paragraph in the message of a commit that follows it
}

// PickOutcome is what a change comes to on a branch.
type PickOutcome string

// The outcomes.
const (
	PickClean    PickOutcome = "clean"
	PickContains PickOutcome = "contained" // the target holds the change already
	PickConflict PickOutcome = "conflict"
	// PickNothing is a change that LeaveOut leaves out as a whole.
	PickNothing PickOutcome = "left out"
	// The rest came to nothing, for a reason that people can mend.
	PickNoBranch PickOutcome = "no branch"
	PickNoCommit PickOutcome = "no commit" // of the source, on GitHub
	PickNoAccess PickOutcome = "no access"
	PickTooLarge PickOutcome = "too large" // only of what isn't merged yet
)

// Picked is what a change came to. Nothing was written to GitHub for it.
type Picked struct {
	Outcome   PickOutcome
	Onto      string // the target's head
	Commit    string // what to push; "" for nothing
	Tree      string // of a clean one, what it comes to
	Conflicts []Conflict
	// Like is the pick whose resolution it follows as far as Conflicts say; zero for none.
	Like Resolved
	Rest []string // commits after the conflict, not tried
	Left []string // paths that the change would change, and that were left out
	// Prerequisites are commits that the target lacks and the conflict is about.
	Prerequisites []Prerequisite
	More          bool // there may be more of them
	Unsearched    bool // they couldn't be found out
	// Steps are its commits, where GitHub is to make them; Commit then is what they
	// would be without its signature.
	Steps []Step
	// Workflows says that it changes files in .github/workflows.
	Workflows bool
	// Refused is what GitHub answered when this very commit was pushed before.
	Refused Refusal
}

// Conflict is a file that needs a person.
type Conflict struct {
	Path, Kind string
	// Was is the name of what was put at Path since it was in the way, or since its
	// directory was renamed; "" for anything else.
	Was string
	// Target and Source are what the branch and the source have there.
	Target, Source Side
	Reused         Reused
}

// Reused is what a file in conflict has of an earlier resolution.
type Reused struct {
	Places int    // of the conflict that are as there
	Left   int    // with markers
	Diff   string // from what the file would be: the hunks of a unified diff, as they are
}

// Whole reports a file in which nothing is left to resolve.
func (r Reused) Whole() bool { return r.Places > 0 && r.Left == 0 }

// Side is what one side of a conflict has at its path; zero for nothing.
type Side struct {
	Mode, ID string
	Here     bool // the side itself has it there, under that name
}

// Prerequisite is a commit that the target lacks.
type Prerequisite struct {
	Commit, Subject string
	Paths           []string
}

// Refusal is why GitHub didn't take a push.
type Refusal struct {
	Reason string // "workflow", "protected", "permission", "refused", "unsigned", "throwaway"; empty for none
	Text   string // in GitHub's words, not fit for Markdown
	Told   string // why and what to do, in Markdown; "" if only Reason and Text tell
}

// Pick puts a change on a branch of its own. Onto and Commit are what the
// decision saw: what is pushed is exactly that, or nothing.
type Pick struct {
	Change
	Onto, Commit string
	Branch       release.Branch
	Workflows    bool   // it changes files in .github/workflows
	Expected     string // where the branch is now; "" means that it isn't there
}

// Key implements Effect.
func (e Pick) Key() string { return fmt.Sprintf("pick %s %s", e.Repo, e.Branch) }

// String implements Effect.
func (e Pick) String() string {
	short := make([]string, len(e.Commits))
	for i, c := range e.Commits {
		short[i] = Short(c)
	}
	return fmt.Sprintf("pick %s of %s, onto %s, as %s", strings.Join(short, ", "), e.Repo, e.Target, e.Branch)
}

func (Pick) sealed() {}
