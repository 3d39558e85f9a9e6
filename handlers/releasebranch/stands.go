package releasebranch

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// maxChain is how many picks of picks are followed.
const maxChain = 4

// stands is what the pull request stands for: its sources count as it only if it is faithful.
func (f known) stands() (s facts.Stands) {
	if f.Found.Verdict == provenance.Unrelated {
		return s
	}
	s.Faithful = f.Found.Verdict == provenance.Exact || f.Found.Verdict == provenance.Equivalent
	for _, source := range f.Found.Sources {
		s.Sources = append(s.Sources, f.Origins[source.Commit].line())
	}
	return s
}

// line is a source, and what it stands for in turn; nothing for one that no pull request brought.
func (o origin) line() []github.PullDetail {
	if o.PR.Number == 0 {
		return nil
	}
	return append([]github.PullDetail{o.PR}, o.Of...)
}

// StandsFor is the owner's reader of facts.StandsFor: what the check would find.
func (h *Handler) StandsFor(l *facts.Look, number int) (facts.Stands, error) {
	return standsFor(l, number, maxChain)
}

func standsFor(l *facts.Look, number, most int) (s facts.Stands, err error) {
	f := known{Now: l.Now, Repo: l.Repo, Origins: map[string]origin{}}
	if f.Policy, err = facts.Policy.Of(l, facts.Whole{}); err != nil || most == 0 {
		return s, err
	}
	if f.Settings, err = facts.Section[Settings](l, Name); err != nil {
		return s, err
	}
	if f.PR, err = facts.Detail.Of(l, number); err != nil {
		return s, err
	}
	f.Base = f.PR.Base
	if f.Source, err = facts.SourceBranch.Of(l, facts.Whole{}); err != nil {
		return s, err
	}
	if f.Pick, err = facts.Pick.Of(l, number); err != nil {
		return s, err
	}
	if f.Base == f.Source { // it may be the forward port of what was merged on a release branch first
		if f.Pick.Source == 0 {
			return s, nil
		}
		source, err := facts.Detail.Of(l, f.Pick.Source)
		if err != nil || source.Base == f.Base {
			return s, err
		}
		f.Source = source.Base
	}
	if f.Commits, err = facts.Compared.Of(l, facts.At{Branch: f.Base, Commit: f.PR.Head}); err != nil || f.tooLarge() {
		return s, err
	}
	if f.Words, err = facts.Words.Of(l, facts.Against{Number: number, Base: f.Base}); err != nil {
		return s, err
	}
	if f.Named, err = f.readNamed(l); err != nil {
		return s, err
	}
	prove, err := f.findSources(l, nil)
	if err != nil || prove == nil {
		return s, err
	}
	for _, source := range f.Found.Sources {
		o, err := f.readSource(l, source)
		if err == nil && o.PR.Number != 0 {
			o.Of, err = chain(l, o.PR, most)
		}
		if err != nil {
			return s, err
		}
		f.Origins[source.Commit] = o
	}
	return f.stands(), nil
}

// chain is what a source is itself a faithful pick of ours of, down to the first.
func chain(l *facts.Look, source github.PullDetail, most int) ([]github.PullDetail, error) {
	pick, err := facts.Pick.Of(l, source.Number)
	if err != nil || pick.Source == 0 {
		return nil, err
	}
	s, err := standsFor(l, source.Number, most-1)
	if err != nil || !s.Faithful || len(s.Sources) != 1 {
		return nil, err
	}
	return s.Sources[0], nil
}

// readSourceIssues reads the issues that a source names, and those that name what it stands for, if a
// rule asks for one.
func (f known) readSourceIssues(l *facts.Look, o origin) (issues []sourceIssue, err error) {
	demands := f.Settings.Rules.of(f.phase().Phase)
	if !slices.ContainsFunc(demands, func(d Demand) bool { return d == NeedsIssue || d == NeedsEither || d == NeedsBlocker }) {
		return nil, nil
	}
	for _, pr := range o.line() {
		more, err := f.namedIn(l, pr)
		if err != nil {
			return nil, err
		}
		issues = append(issues, more...)
	}
	return issues, nil
}
