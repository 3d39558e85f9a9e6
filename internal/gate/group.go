package gate

import (
	"errors"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// observeGroup judges each pull request that a merge queue would merge, for the
// branch that it would be put on. A gate for which it doesn't matter what is in the
// group costs no request.
func (s *snapshot) observeGroup(l *facts.Look) {
	branch := s.subject.group.Branch
	for _, g := range s.gates {
		f := found{gate: g}
		asked, concerned, err := g.judges(l, s.policy, branch)
		var lacks []string
		if err == nil && !concerned { // the queue would wait for a required check for ever
			lacks, err = notRequired(l, branch, []string{g.Check})
		}
		switch {
		case err != nil:
			f.err = err
		case len(lacks) > 0:
			continue
		case !concerned && asked:
			f.group = Verdict{Verdict: g.freed(s.policy, branch)}
		case !concerned:
			f.group = Verdict{Verdict: g.texts.Off(s.policy)}
		default:
			f.group, f.members, f.err = s.judgeGroup(l, g)
		}
		// The queue takes a group apart that fails, and builds another one: there is
		// nothing to look at again.
		if cannot := barring(f.err); cannot != nil {
			f.group, f.members, f.err = Verdict{Verdict: barred(cannot, "then put the pull requests into the queue again")}, nil, nil
		}
		if concerned && f.err == nil {
			f.group = g.inMode(s.policy, branch, f.group)
		}
		s.found = append(s.found, f)
	}
}

// judgeGroup says what holds for the group: by what is in it, only if that matters.
func (s *snapshot) judgeGroup(l *facts.Look, g One) (v Verdict, members []Member, err error) {
	branch := s.subject.group.Branch
	settled, err := g.settled(l, branch)
	if err != nil {
		return v, nil, err
	}
	if settled != nil {
		return *settled, nil, nil
	}
	members, complete, err := s.members(l, g)
	if err == nil {
		v.Verdict, err = g.group(l, branch, members, complete)
	}
	return v, members, err
}

// members asks a gate about each pull request of the group. complete is false when
// some of it can't be told, or is gone.
func (s *snapshot) members(l *facts.Look, g One) (members []Member, complete bool, err error) {
	of, err := facts.Grouped.Of(l, s.subject.group)
	if err != nil {
		return nil, false, err
	}
	complete = of.Complete
	for _, n := range of.Numbers {
		pr, err := facts.Pull.Of(l, n)
		var v Verdict
		if err == nil {
			pr.Base = s.subject.group.Branch // what it is judged for
			v, err = g.judge(l, pr)
		}
		switch {
		case errors.Is(err, reconcile.ErrGone):
			complete = false
		case err != nil:
			return nil, false, err
		default:
			members = append(members, Member{pr, v})
		}
	}
	return members, complete, nil
}
