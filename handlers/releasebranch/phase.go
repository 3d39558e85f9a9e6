package releasebranch

import (
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Phase is how far a release branch has come.
type Phase string

// The phases, in their order.
const (
	Open      Phase = "open"      // cut from the source branch
	Closing   Phase = "closing"   // no features any more
	Frozen    Phase = "frozen"    // release blockers alone
	Candidate Phase = "candidate" // there is a release candidate
	Released  Phase = "released"  // patch releases
	EndOfLife Phase = "end-of-life"
)

// Values implements config.Choice.
func (Phase) Values() []string {
	return []string{string(Open), string(Closing), string(Frozen), string(Candidate), string(Released), string(EndOfLife)}
}

// Dates are the days on which a branch enters its phases.
type Dates struct {
	// The branch, by its full name.
	Branch config.BranchName `yaml:"branch" required:"yes" example:"release-1.31"`
	// When features are closed.
	Closing config.Instant `yaml:"closing" example:"2026-08-05 17:00"`
	// When the code freeze begins.
	Frozen config.Instant `yaml:"frozen" example:"2026-08-19 17:00"`
	// When there is a release candidate.
	Candidate config.Instant `yaml:"candidate" example:"2026-08-21 17:00"`
	// When the release is out.
	Released config.Instant `yaml:"released" example:"2026-08-26 17:00"`
	// When nobody looks after the branch any more.
	EndOfLife config.Instant `yaml:"end_of_life" example:"2027-04-30 17:00"`
}

// entry is a phase with the instant at which it begins.
type entry struct {
	phase Phase
	at    config.Instant
}

func (d Dates) entries() []entry {
	return []entry{{Closing, d.Closing}, {Frozen, d.Frozen}, {Candidate, d.Candidate}, {Released, d.Released}, {EndOfLife, d.EndOfLife}}
}

// faults are the dates that don't rise.
func (d Dates) faults(at string) (faults []error) {
	last := entry{phase: Open}
	for _, e := range d.entries() {
		if !e.at.Given() {
			continue
		}
		if last.at.Given() && e.at.Time().Before(last.at.Time()) {
			key := string(e.phase)
			if e.phase == EndOfLife {
				key = "end_of_life"
			}
			faults = append(faults, config.At(at+"."+key, fmt.Errorf("%s is before %s, %s", e.at, last.phase, last.at)))
		}
		last = e
	}
	return faults
}

// phaseOf is the phase of a branch at an instant, and when the next one begins;
// zero if none does by the dates.
func (s Settings) phaseOf(branch release.Branch, now time.Time) (p Phase, until time.Time) {
	i := slices.IndexFunc(s.Phases, func(d Dates) bool { return string(d.Branch) == string(branch) })
	if i < 0 {
		return s.Undated, time.Time{}
	}
	p = Open
	for _, e := range s.Phases[i].entries() {
		switch {
		case !e.at.Given():
		case now.Before(e.at.Time()):
			return p, e.at.Time()
		default:
			p = e.phase
		}
	}
	return p, time.Time{}
}

// Rules are what each phase asks.
type Rules struct {
	// While the branch is open.
	Open []Demand `yaml:"open" max:"5" example:"[\"issue-or-note\"]"`
	// Once features are closed.
	Closing []Demand `yaml:"closing" max:"5" example:"[\"issue-or-note\"]"`
	// From the code freeze on.
	Frozen []Demand `yaml:"frozen" max:"5" example:"[\"issue\", \"note\", \"blocker\"]"`
	// Once there is a release candidate.
	Candidate []Demand `yaml:"candidate" max:"5" example:"[\"issue\", \"note\", \"blocker\", \"justification\"]"`
	// Once the release is out.
	Released []Demand `yaml:"released" max:"5" example:"[\"issue\", \"note\"]"`
	// When nobody looks after the branch any more.
	EndOfLife []Demand `yaml:"end_of_life" max:"5" example:"[\"refused\"]"`
}

// Demand is something that a phase asks of a pull request.
type Demand string

// The demands.
const (
	NeedsIssue         Demand = "issue"         // it names an issue
	NeedsNote          Demand = "note"          // it has a release note
	NeedsEither        Demand = "issue-or-note" // one of the two
	NeedsJustification Demand = "justification" // it says why, under a heading
	NeedsBlocker       Demand = "blocker"       // it is, or fixes, a release blocker
	NeedsOverride      Demand = "refused"       // nothing merges but by an override
)

// Values implements config.Choice.
func (Demand) Values() []string {
	return []string{string(NeedsIssue), string(NeedsNote), string(NeedsEither), string(NeedsJustification), string(NeedsBlocker), string(NeedsOverride)}
}

// of are the demands of a phase.
func (r Rules) of(p Phase) []Demand {
	switch p {
	case Closing:
		return r.Closing
	case Frozen:
		return r.Frozen
	case Candidate:
		return r.Candidate
	case Released:
		return r.Released
	case EndOfLife:
		return r.EndOfLife
	}
	return r.Open
}
