package releasebranch

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// need is one approval that has to be there.
type need struct {
	area area
	// managers asks for a release manager's approval of the whole change, in
	// place of an area's experts.
	managers     bool
	managersWant int // how many of them; 0 is one
	// inherit lets the approvals of the sources count.
	inherit bool
	why     string // why it is needed, as a phrase
}

// counted are the lines beyond the sources that count: without generated files,
// tests, release notes and binaries.
func countedLines(s Settings, beyond []provenance.Difference) int {
	n := 0
	for _, d := range beyond {
		if !d.Binary && len(s.weighty(d.Path, d.Was, d.Generated)) > 0 {
			n += d.Lines
		}
	}
	return n
}

// needs are the approvals that the verdict on the origin leaves open.
func (f known) needs() []need {
	list := needsOf(f.Found, f.Settings, f.areas())
	if asks := f.Settings.Rules.of(f.phase().Phase); slices.Contains(asks, NeedsManager) && !slices.ContainsFunc(list, func(n need) bool { return n.managers && f.Settings.Rules.Approvals < 2 }) {
		list = slices.DeleteFunc(list, func(n need) bool { return n.managers })
		list = append(list, need{managers: true, managersWant: f.Settings.Rules.Approvals, why: "the branch's phase asks for it, of every pull request"})
	}
	return list
}

func needsOf(found provenance.Finding, s Settings, areas []area) []need {
	var list []need
	switch found.Verdict {
	case provenance.Exact, provenance.Equivalent:
		for _, a := range areas {
			list = append(list, need{area: a, inherit: true, why: "the change is its source's"})
		}
	case provenance.Adapted:
		differs := beyondPaths(s, found.Beyond)
		for _, a := range areas {
			if a.touches(differs) {
				list = append(list, need{area: a, why: "it differs from its source there"})
			} else {
				list = append(list, need{area: a, inherit: true, why: "the change is its source's there"})
			}
		}
		if !slices.ContainsFunc(list, func(n need) bool { return !n.inherit }) && !s.plainly(found.Beyond) {
			list = append(list, need{managers: true, why: "it differs from its source where no expert is known"})
		}
	default:
		if lines := countedLines(s, found.Beyond); lines > s.HandMade.ExpertsOver && len(areas) > 0 {
			for _, a := range areas {
				list = append(list, need{area: a, why: linesPhrase(lines, s.HandMade.ExpertsOver)})
			}
		} else {
			list = append(list, need{managers: true, why: fewLinesPhrase(lines, s.HandMade.ExpertsOver, len(areas) > 0)})
		}
	}
	return list
}

// beyondPaths are the paths where a change differs from its sources and that need
// an expert.
func beyondPaths(s Settings, beyond []provenance.Difference) []string {
	var paths []string
	for _, d := range beyond {
		paths = append(paths, s.weighty(d.Path, d.Was, d.Generated)...)
	}
	return paths
}

// plainly reports a difference in tests and release notes alone, which nobody has
// to approve.
func (s Settings) plainly(beyond []provenance.Difference) bool {
	plain := func(path string) bool { return path == "" || fits(s.Tests, path) || fits(s.Notes, path) }
	return !slices.ContainsFunc(beyond, func(d provenance.Difference) bool { return !plain(d.Path) || !plain(d.Was) })
}

// automationNeeds are the approvals that a rule for automation asks for.
func (f known) automationNeeds(rule Automation) []need {
	switch rule.Approval {
	case Managers:
		return []need{{managers: true, why: "the rule for " + cell(rule.Name) + " asks for it"}}
	case Experts:
		var list []need
		for _, a := range f.areas() {
			list = append(list, need{area: a, why: "the rule for " + cell(rule.Name) + " asks for it"})
		}
		return list
	}
	return nil
}

// approvalRow is the row of a need.
type approvalRow struct {
	row
	area area
}

// approvals says of each need whether it is met.
func approvals(f known, needs []need) []approvalRow {
	var rows []approvalRow
	for _, n := range needs {
		if n.managers {
			rows = append(rows, approvalRow{row: managersRow(f, n)})
			continue
		}
		rows = append(rows, approvalRow{areaRow(f, n), n.area})
	}
	return rows
}

// standing is how the approvals for an area stand.
type standing struct {
	by      []vote // that count
	want    int    // how many have to
	from    bool   // they were given on the sources
	missed  []vote // given, and they don't count
	lacking string // why those of the sources don't suffice, as a phrase
}

// met reports whether there are enough.
func (s standing) met() bool { return len(s.by) >= s.want }

func (f known) standingOf(n need) standing {
	here := f.here(n.area)
	s := standing{by: counted(here), want: n.area.Approvals + more(f.unclear()), missed: missed(here)}
	if s.met() || !n.inherit {
		return s
	}
	votes, lacking := f.inherited(n.area)
	if lacking == "" {
		return standing{by: votes, want: n.area.Approvals, from: true}
	}
	s.lacking, s.missed = lacking, append(s.missed, missed(votes)...)
	return s
}

// missed are the votes that don't count.
func missed(votes []vote) []vote {
	return slices.DeleteFunc(slices.Clone(votes), func(v vote) bool { return v.Lost == "" })
}
