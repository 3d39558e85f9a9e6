package provenance

import "github.com/istio-ecosystem/slipway/internal/release"

// Question is what is asked about one pull request.
type Question struct {
	Head      string         // its head commit
	MergeBase string         // where it meets its base; empty: the head has no past
	Commits   int            // how many commits it has, for the fetch
	Base      release.Branch // its target
	Source    release.Branch // the branch that sources have to be on
	Claims    []Claim        // what it may have come from, the most trusted first
	Titles    []string       // for the search; as people wrote them
	Search    bool           // if the claims lead nowhere, look for the title and the patch on the source branch
	Earlier   []Point        // commits at which people approved
	Ignored   []string       // commits of the pull request whose content moves nothing
	// LeaveOut are patterns of paths, as config.PathPattern, that a faithful pick may leave as
	// its base has them.
	LeaveOut []string
}

// Point is a commit that a pull request once had as its head.
type Point struct {
	Commit    string
	MergeBase string // with the base branch; empty: not known
}
