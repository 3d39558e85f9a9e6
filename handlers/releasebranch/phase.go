package releasebranch

import (
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// BranchPhase is a phase of a branch that is there: any but the first.
type BranchPhase release.Phase

// Values implements config.Choice.
func (BranchPhase) Values() []string {
	return slices.DeleteFunc(release.OpenPhase.Values(), func(name string) bool { return name == string(release.Planned) })
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
	phase release.Phase
	at    config.Instant
}

func (d Dates) entries() []entry {
	return []entry{
		{release.ClosingPhase, d.Closing}, {release.FrozenPhase, d.Frozen}, {release.CandidatePhase, d.Candidate},
		{release.ReleasedPhase, d.Released}, {release.EndOfLife, d.EndOfLife},
	}
}

// faults are the dates that don't rise.
func (d Dates) faults(at string) (faults []error) {
	last := entry{phase: release.OpenPhase}
	for _, e := range d.entries() {
		if !e.at.Given() {
			continue
		}
		if last.at.Given() && e.at.Time().Before(last.at.Time()) {
			key := string(e.phase)
			if e.phase == release.EndOfLife {
				key = "end_of_life"
			}
			faults = append(faults, config.At(at+"."+key, fmt.Errorf("%s is before %s, %s", e.at, last.phase, last.at)))
		}
		last = e
	}
	return faults
}

// phaseOf is the phase of a branch at an instant by the policy, and what comes
// next by its dates. dated is false of a branch that the policy has none for.
func (s Settings) phaseOf(branch release.Branch, now time.Time) (p release.PhaseSpan, dated bool) {
	i := slices.IndexFunc(s.Phases, func(d Dates) bool { return string(d.Branch) == string(branch) })
	if i < 0 {
		return release.PhaseSpan{Phase: release.Phase(s.Undated)}, false
	}
	p.Phase = release.OpenPhase
	for _, e := range s.Phases[i].entries() {
		switch {
		case !e.at.Given():
		case now.Before(e.at.Time()):
			p.Until, p.Next = e.at.Time(), e.phase
			return p, true
		default:
			p.Phase = e.phase
		}
	}
	return p, true
}

// phase is a branch's phase, and who says so.
type phase struct {
	release.PhaseSpan
	Plan  *release.Plan // of the release whose dates count; nil: the policy says so
	Dated bool          // by the policy's dates
}

// phase is that of the branch that the pull request is judged for. The tracking
// issue of its release wins over the policy's dates.
func (f known) phase() phase {
	if plan := f.Calendar.Minor(f.Base); plan != nil {
		return phase{PhaseSpan: f.Calendar.PhaseAt(*plan, f.Now), Plan: plan}
	}
	span, dated := f.Settings.phaseOf(f.Base, f.Now)
	return phase{PhaseSpan: span, Dated: dated}
}

// Rules are what each phase asks.
type Rules struct {
	// How many release managers have to approve where a phase asks for `manager`; one without this key.
	Approvals int `yaml:"approvals" min:"0" max:"5" example:"2"`
	// While the branch is open.
	Open []Demand `yaml:"open" max:"5" example:"[\"issue-or-note\"]"`
	// Once features are closed.
	Closing []Demand `yaml:"closing" max:"5" example:"[\"issue-or-note\"]"`
	// From the code freeze on.
	Frozen []Demand `yaml:"frozen" max:"5" example:"[\"issue\", \"note\", \"blocker\"]"`
	// Once there is a release candidate.
	Candidate []Demand `yaml:"candidate" max:"5" example:"[\"issue\", \"note\", \"blocker\", \"justification\"]"`
	// Once the release is out. `manager` asks for a release manager's approval of every pull request, faithful picks too,
	// beside what its origin leaves open.
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
	NeedsManager       Demand = "manager"       // a release manager approves it, be it a faithful pick
	NeedsOverride      Demand = "refused"       // nothing merges but by an override
)

// Values implements config.Choice.
func (Demand) Values() []string {
	return []string{string(NeedsIssue), string(NeedsNote), string(NeedsEither), string(NeedsJustification), string(NeedsBlocker), string(NeedsManager), string(NeedsOverride)}
}

// of are the demands of a phase.
func (r Rules) of(p release.Phase) []Demand {
	switch p {
	case release.ClosingPhase:
		return r.Closing
	case release.FrozenPhase:
		return r.Frozen
	case release.CandidatePhase:
		return r.Candidate
	case release.ReleasedPhase:
		return r.Released
	case release.EndOfLife:
		return r.EndOfLife
	}
	return r.Open
}
