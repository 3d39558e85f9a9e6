package github

import "time"

// Memo is what there is to tell of one kind of thing that is remembered in the cache.
type Memo struct {
	Name  string        // begins its keys
	What  string        // is remembered
	Kept  time.Duration // how long one is believed
	Stale string        // what makes it forgotten at once; "": nothing does
}

// Moves is what makes forgotten what hangs on an installation or on a repository's name.
const Moves = "events of installations and of repositories' names"

// What is remembered of the facts that decisions rest on. Whoever remembers it and the
// fact itself have its age from here.
var (
	RepoMemo       = Memo{Name: "repo", What: "a repository's id and default branch", Kept: 24 * time.Hour, Stale: Moves}
	VisibilityMemo = Memo{Name: "repo", What: "who may see a repository", Kept: 10 * time.Minute, Stale: "its being made private or public; " + Moves}
	PolicyMemo     = Memo{Name: "policy", What: "the policy that governs a repository", Kept: time.Hour, Stale: "a push that may touch it; " + Moves}
	BesideMemo     = Memo{Name: "policy", What: "a calendar that it names", Kept: 5 * time.Minute, Stale: "a push that may touch it; " + Moves}
	// Less than a resync's hour, so that each resync asks again.
	CalendarMemo      = Memo{Name: "calendar", What: "a calendar at an address; the last good one for 90 days, and one that is no good is asked for again after 5 minutes", Kept: 50 * time.Minute}
	CodeOwnersMemo    = Memo{Name: "codeowners", What: "a branch's CODEOWNERS", Kept: time.Hour, Stale: "a push that touches it"}
	UnknownOwnersMemo = Memo{Name: "codeowners", What: "which owners in it GitHub takes for none", Kept: time.Hour, Stale: "a push that touches the file"}
	RulesMemo         = Memo{Name: "rules", What: "what a branch asks of a merge where nothing is judged, read by each resync", Kept: 3 * time.Hour}
	OwnIssuesMemo     = Memo{Name: "issues", What: "our issues, with what we write ourselves", Kept: 10 * time.Minute, Stale: "somebody else's event of one; " + Moves}
	AsWrittenMemo     = Memo{Name: "aswritten", What: "whether a comment with this text was ever edited", Kept: 30 * 24 * time.Hour}
	CommentMemo       = Memo{Name: "comment", What: "a comment of ours that has parts", Kept: time.Hour, Stale: "its edit or deletion; our own edits, too"}
	// Only one that was read after the last event that was taken in is believed.
	PullMemo = Memo{Name: "pull", What: "a pull request read since its last event", Kept: 10 * time.Minute, Stale: "a label or a milestone that gets another name"}
	// Whoever decides on reviews believes these.
	ProvenMemo = Memo{Name: "proven", What: "what git says of the sources on a branch", Kept: 50 * time.Minute, Stale: "a push to that branch that speaks of a revert"}
	// It changes only if the base takes in commits of the pull request.
	MergeBaseMemo = Memo{Name: "mergebase", What: "where a commit that was reviewed meets a branch", Kept: 24 * time.Hour}

	// These can't change.
	ForeseenMemo = Memo{Name: "foreseen", What: "what a change would come to on a commit of a branch", Kept: 7 * 24 * time.Hour}
	ChangesMemo  = Memo{Name: "changes", What: "the files that a head changes", Kept: 30 * 24 * time.Hour}
	MovesMemo    = Memo{Name: "moves", What: "who moved a branch, until it was at a commit", Kept: 30 * 24 * time.Hour}
	MergedMemo   = Memo{Name: "merged", What: "the commits that a merge put on its base", Kept: 30 * 24 * time.Hour}
)
