package provenance

// Verdict is how a change relates to its sources.
type Verdict string

// The verdicts.
const (
	// Exact: the sources, replayed onto the change's merge base, come to the
	// change's very tree.
	Exact Verdict = "exact"
	// Equivalent: it is the same patch, with other lines around it. Added and
	// deleted lines are the same to the byte, file by file, each at the same place:
	// in the same function or section, and no other place fits as well.
	Equivalent Verdict = "equivalent"
	// Adapted: the sources are in it, and something differs.
	Adapted Verdict = "adapted"
	// Unrelated: there is no source, or more lines are beyond the sources than are
	// shared with them, generated files not counted. Then Sources may still name
	// them, but the whole change is beyond. An empty change is unrelated, with
	// nothing beyond.
	Unrelated Verdict = "unrelated"
	// TooLarge: nobody compared it, since it has more than can be compared. A
	// finding says nothing else then but what there is too much of.
	TooLarge Verdict = "too large"
)

// Way is how a source was found.
type Way string

// The ways, the most trusted first.
const (
	ByMarker    Way = "marker"        // our own, sealed in a pick's text
	ByTrailer   Way = "trailer"       // "(cherry picked from commit ...)"
	ByReference Way = "reference"     // "#N" and its like
	ByIssue     Way = "failure-issue" // the pull request that a failed pick's issue names
	ByTitle     Way = "title"         // the same title on the source branch
	ByPatch     Way = "patch"         // the same patch on the source branch
)

// Claim is a commit that a change may have come from.
type Claim struct {
	Commit string
	// Base is the commit that the claim's change is the difference from: the
	// parent of a rebased range's first commit. Empty: the commit's first parent.
	Base   string
	By     Way
	Number int // its pull request; 0: unknown
	Title  string
}

// Passed is a claim that didn't count.
type Passed struct {
	Claim Claim
	Why   string // a phrase for people: "is not on master", "brings nothing of this change"
}

// Finding is the answer about one change.
type Finding struct {
	Verdict Verdict
	// TooLarge is what there is too much of, as a phrase for people: "more than 300,000 lines".
	TooLarge string
	Sources  []Claim      // what the change came from, in the order in which it was replayed
	Passed   []Passed     // claims that didn't count
	Files    []FileChange // every path that the change touches, by path
	// Brought says for each source, by its commit, which paths of the change have
	// its lines or files in them, sorted; of a renamed file both names. Several
	// sources may account for one path. In doubt a source accounts for a path: each
	// that isn't in Beyond is at least one source's. One in Beyond may be here too:
	// what differs there is no source's. Nil if the change is unrelated.
	Brought map[string][]string
	// Beyond is where the change differs from its sources, by path. Nothing for
	// an exact or equivalent change; the whole change if it is unrelated.
	Beyond []Difference
	Lines  int // added and deleted lines beyond the sources
	Left   int // added and deleted lines of the sources that the change doesn't have
	// LeftOut are the paths, sorted, that the sources change and the change leaves as they
	// were, where Question.LeaveOut lets it.
	LeftOut []string
	// Later are sources that were reverted after the moment that was asked about:
	// they count, and it is worth knowing.
	Later []Passed
	// Updates are the commits of the change that only merge its target, and
	// changed nothing by hand.
	Updates []string
	// Moved says for each earlier commit that was asked about what has changed
	// since.
	Moved map[string]Moved
}

// FileChange is a path that a change touches.
type FileChange struct {
	Path           string // as git has it, not necessarily UTF-8
	Was            string // before a rename; else empty
	Added, Deleted int    // lines; 0 of a binary file
	Binary         bool
	// Generated is linguist-generated in .gitattributes, as the merge base has
	// it: a change can't make its own files count as generated.
	Generated bool
}

// Difference is where a change isn't what its sources are.
type Difference struct {
	Path, Was string
	Lines     int    // added and deleted lines beyond the sources; of a binary file or a mode 1
	Left      int    // added and deleted lines of the sources that aren't here
	Line      int    // the first line of the head's file where it differs; 0: none
	Text      string // the difference of the two patches, for people; bounded
	Binary    bool
	Generated bool
	// Displaced: the lines are the sources', and stand at another place than theirs,
	// or nobody can tell that it is the same one. They are shared with the sources,
	// and yet beyond them.
	Displaced bool
}

// Moved is what has changed between an earlier commit of a pull request and its
// head.
type Moved struct {
	Paths   []string // whose change isn't what it was, sorted
	Unknown string   // why nobody can tell; then everything counts as moved
}
