package release

import "slices"

// Phase is what a release branch lets in, by the calendar of its release.
type Phase string

// The phases, in their order.
const (
	Planned        Phase = "planned"     // before the branch is cut
	OpenPhase      Phase = "open"        // features, at the release managers' discretion
	ClosingPhase   Phase = "closing"     // no features
	FrozenPhase    Phase = "frozen"      // critical release blockers
	CandidatePhase Phase = "candidate"   // a release candidate is out
	ReleasedPhase  Phase = "released"    // patches
	EndOfLife      Phase = "end-of-life" // nothing
)

// Phases lists the phases in their order.
func Phases() []Phase {
	return []Phase{Planned, OpenPhase, ClosingPhase, FrozenPhase, CandidatePhase, ReleasedPhase, EndOfLife}
}

// Values lists the names of the phases: all that a policy may write for one.
func (Phase) Values() []string {
	var names []string
	for _, p := range Phases() {
		names = append(names, string(p))
	}
	return names
}

// Before reports whether a phase comes before another.
func (p Phase) Before(o Phase) bool {
	all := Phases()
	return slices.Index(all, p) < slices.Index(all, o)
}
