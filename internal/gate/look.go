package gate

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// One is a gate with the type of its facts hidden, so that gates stand in one list.
type One struct {
	Name, Check string
	Needs       []facts.Need

	texts Texts
	// maybe says that it has to be asked for; proposals is Gate.Proposals.
	maybe, proposals bool

	asked    func(*facts.Look) (bool, error)
	concerns func(*facts.Look, release.Branch) (bool, error)
	settled  func(*facts.Look, release.Branch) (*Verdict, error)
	group    func(*facts.Look, release.Branch, []Member, bool) (effect.Verdict, error)
	judge    func(*facts.Look, github.PullRequest) (Verdict, error)
	foresee  func(*facts.Look, github.PullRequest) (Verdict, error) // for a preview; nil for one without
}

// Of makes a One of a gate.
func Of[F any](g Gate[F]) One {
	one := One{Name: g.Name, Check: g.Check, Needs: append([]facts.Need{facts.Policy, facts.Pull}, g.Needs...),
		texts: g.Texts.withDefaults(), maybe: g.Asked != nil, proposals: g.Proposals}
	if g.Proposals {
		one.Needs = append(one.Needs, facts.Proposed)
	}
	one.asked = func(l *facts.Look) (bool, error) {
		if g.Asked == nil {
			return true, nil
		}
		return g.Asked(l.For(g.Name, one.Needs...))
	}
	one.concerns = func(l *facts.Look, b release.Branch) (bool, error) {
		if g.Concerns != nil {
			return g.Concerns(l.For(g.Name, one.Needs...), b)
		}
		p, err := facts.Policy.Of(l, facts.Whole{})
		return p.Governs(b), err
	}
	one.judge = g.judging(one, g.Read)
	switch {
	case g.Foresee != nil:
		one.foresee = g.judging(one, g.Foresee)
	case !g.Costly:
		one.foresee = one.judge
	}
	one.settled = func(l *facts.Look, b release.Branch) (*Verdict, error) {
		p, err := facts.Policy.Of(l, facts.Whole{})
		switch {
		case err != nil:
			return nil, err
		case p.Policy == nil:
			return &Verdict{Verdict: one.texts.Broken(p), IfPresent: one.maybe}, nil
		case g.Settled == nil:
			return nil, nil
		}
		v, err := g.Settled(l.For(g.Name, one.Needs...), b)
		if v == nil || err != nil {
			return nil, err
		}
		return &Verdict{Verdict: *v}, nil
	}
	one.group = func(l *facts.Look, b release.Branch, members []Member, complete bool) (effect.Verdict, error) {
		if g.Group == nil {
			return group(members, complete), nil
		}
		return g.Group(l.For(g.Name, one.Needs...), b, members, complete)
	}
	return one
}

// judging judges a pull request by what read reads of it.
func (g Gate[F]) judging(one One, read func(*facts.Look, github.PullRequest) (F, error)) func(*facts.Look, github.PullRequest) (Verdict, error) {
	return func(l *facts.Look, pr github.PullRequest) (Verdict, error) {
		p, err := facts.Policy.Of(l, facts.Whole{})
		if err != nil {
			return Verdict{}, err
		}
		if p.Policy == nil {
			return Verdict{Verdict: one.texts.Broken(p), IfPresent: one.maybe}, nil
		}
		if g.Costly { // the others' checks don't wait for it until the run's time is over
			var done func()
			l, done = l.Within(costlyWithin)
			defer done()
		}
		l, waits := l.Noting()
		f, err := read(l.For(g.Name, one.Needs...), facts.Declared(pr, one.Needs...))
		v, err := g.verdict(l.Now, f, err)
		if err == nil && g.Proposals {
			v, err = orProposed(l.For(g.Name, one.Needs...), pr, v)
		}
		if err != nil || !*waits {
			return v, err
		}
		changed, err := changedAt(l, pr)
		v.RequeueAt = reconcile.Sooner(v.RequeueAt, lookAgain(changed, l.Now))
		return v, err
	}
}

// holdPause is when to look again at what isn't known, as facts.Hold says.
const holdPause = 5 * time.Minute

// verdict judges what was read at an instant, as far as it could be.
func (g Gate[F]) verdict(now time.Time, f F, err error) (v Verdict, _ error) {
	var unknown *facts.NotKnown
	switch {
	case err == nil:
		return g.Judge(f), nil
	case !errors.As(err, &unknown):
		return v, err
	case g.NotKnown == nil:
		v = notKnown(unknown)
	default:
		v = g.NotKnown(f, unknown)
	}
	pause := holdPause
	if _, _, refused := unknown.Told(); refused {
		pause = barredPause
	}
	v.Reason, v.RequeueAt = v.Title+": "+unknown.Err.Error(), now.Add(pause)
	return v, nil
}

// costlyWithin is how long a gate may look that asks more than what is remembered.
const costlyWithin = time.Minute

// judges reports whether the gate judges pull requests against a branch. Where there is
// no policy nothing is governed, which isn't the same as one that can't be read.
func (g One) judges(l *facts.Look, p config.Loaded, b release.Branch) (asked, concerned bool, err error) {
	if !p.Exists() {
		return true, false, nil
	}
	asked = p.Policy.Mode(g.Name, b) != config.Off
	if asked && p.Policy != nil { // of one that can't be read nobody knows what it asks for
		asked, err = g.asked(l)
	}
	if err != nil || !asked {
		return asked, false, err
	}
	concerned, err = g.concerns(l, b)
	return asked, concerned, err
}

// ErrMoved says that a pull request has got another head while it was looked at.
// The next try reads it so.
var ErrMoved = errors.New("its head has just changed")

// snapshot is what the gates found of what a key names.
type snapshot struct {
	key     reconcile.Key
	subject subject
	gates   []One
	policy  config.Loaded
	sighted release.Branch       // last seen of the pull request, if it concerns nobody
	pr      *github.PullRequest  // of a key that names one
	open    []github.PullRequest // of a key that spreads
	found   []found
	// namesakes are other Apps' runs on the pull request's head under the names of ours.
	namesakes []github.Namesake
}

// found is what one gate found.
type found struct {
	gate One
	// members are the pull request and those with its head, or those of a group, by
	// number, with what is said of each. There are none where it doesn't judge.
	members []Member
	group   Verdict // of a group
	// reported says that something of the gate stands on the head that it no longer
	// judges, required that GitHub waits for it there, and off that the policy doesn't ask for it.
	reported, required, off bool
	err                     error
}

// observe reads no further than the facts at hand can still matter: what concerns no
// gate costs no request.
func observe(l *facts.Look, k reconcile.Key, gates []One) (s snapshot, err error) {
	s = snapshot{key: k, gates: gates}
	var ok bool
	if s.subject, ok = parse(k.ID); !ok {
		return s, errID(k.ID)
	}
	if s.policy, err = facts.Policy.Of(l, facts.Whole{}); err != nil {
		return s, err
	}
	switch s.subject.kind {
	case Group:
		s.observeGroup(l)
	case Pull, Moved, Rerun:
		return s, s.observePull(l)
	case Named:
		if err = facts.LookForNamesakes(l, s.subject.commit); err == nil {
			s.open, err = facts.Open.Of(l, "")
		}
	default:
		// For one commit the list is as long as for all: GitHub finds no pull request
		// of a fork by its commit.
		if s.open, err = facts.Open.Of(l, s.subject.branch); err == nil && s.subject.kind == All {
			err = readRules(l, s.gates, s.policy, s.open)
		}
	}
	return s, err
}

// observePull judges a pull request, and those that share its head.
func (s *snapshot) observePull(l *facts.Look) error {
	l = l.About(s.subject.number)
	seen, err := facts.Sighted.Of(l, s.subject.number)
	if err != nil {
		return err
	}
	if seen != nil && s.subject.kind != Moved {
		concerned, err := s.concernsAny(l, seen.PullRequest)
		if err != nil {
			return err
		}
		if !concerned {
			s.sighted = seen.Base
			return s.observeReported(l, seen.PullRequest)
		}
		if seen.State != github.Open {
			s.pr = &seen.PullRequest
		}
	}
	if s.pr == nil {
		pr, err := facts.Pull.Of(l, s.subject.number)
		if err != nil {
			return err
		}
		s.pr = &pr
	}
	same, err := sameHead(l, *s.pr)
	if err != nil {
		return err
	}
	for _, g := range s.gates {
		f := found{gate: g}
		f.members, f.off, f.err = s.judge(l, g, same)
		s.found = append(s.found, f)
	}
	return s.observeReported(l, *s.pr)
}

// sameHead lists the open pull requests with the head of one, by number.
func sameHead(l *facts.Look, pr github.PullRequest) ([]github.PullRequest, error) {
	seen, err := facts.WithHead.Of(l, pr.Head)
	if err != nil {
		return nil, err
	}
	same := []github.PullRequest{pr}
	for _, one := range seen {
		if one.Number != pr.Number {
			same = append(same, one.PullRequest)
		}
	}
	same = slices.DeleteFunc(same, func(pr github.PullRequest) bool { return pr.State != github.Open })
	slices.SortFunc(same, func(a, b github.PullRequest) int { return a.Number - b.Number })
	return same, nil
}

// judge asks a gate about each of those pull requests that it judges.
func (s *snapshot) judge(l *facts.Look, g One, same []github.PullRequest) (members []Member, off bool, err error) {
	for _, pr := range same {
		asked, concerned, err := g.judges(l, s.policy, pr.Base)
		if err != nil {
			return nil, false, err
		}
		if off = !asked; !concerned {
			continue
		}
		v, err := g.judge(l, pr)
		if pr.Number != s.pr.Number {
			left, unclear := hasLeft(l, pr, err)
			if left {
				continue // its own event is on the way
			}
			err = errors.Join(err, unclear)
		}
		if cannot := barring(err); cannot != nil {
			v, err = Verdict{Verdict: barred(cannot, "this check then looks again by itself"), RequeueAt: l.Now.Add(barredPause)}, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("#%d: %w", pr.Number, err)
		}
		members = append(members, Member{pr, g.inMode(s.policy, pr.Base, v)})
	}
	return members, off, nil
}

// barredPause is when to look again where GitHub doesn't let us, until people mend that.
const barredPause = 15 * time.Minute

// barring is what GitHub refuses until people mend it, so that they have to be told; nil
// if it isn't that. What is gone is no longer ours to tell of.
func barring(err error) *reconcile.RefusedError {
	cannot, _ := errors.AsType[*reconcile.RefusedError](err)
	if errors.Is(err, reconcile.ErrGone) {
		return nil
	}
	return cannot
}

// barred is what a gate says where GitHub doesn't let it look: nothing may merge unseen.
// then is what follows once that is mended, as a phrase.
func barred(r *reconcile.RefusedError, then string) effect.Verdict {
	title := "GitHub doesn't let Slipway look"
	if errors.Is(r, reconcile.ErrOutOfReach) {
		title = "Another repository's policy doesn't let Slipway look"
	}
	return effect.Verdict{
		State: effect.Block, Title: title,
		Detail: fmt.Sprintf("%s.\n\n**Next step:** %s; %s.", r.Cause(), r.Mend(), then),
	}
}

// hasLeft reports whether a pull request that was seen with the head can't be judged
// because it is gone, or has another head. What it only rests on may be gone, too.
func hasLeft(l *facts.Look, pr github.PullRequest, err error) (bool, error) {
	if !errors.Is(err, reconcile.ErrGone) {
		return errors.Is(err, ErrMoved), nil
	}
	now, err := facts.Pull.Of(l, pr.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return true, nil
	}
	return err == nil && now.State != github.Open, err
}

// concernsAny reports whether some gate judges a pull request, or one that shares its
// head: what stands there isn't taken back then, but is true of that one.
func (s *snapshot) concernsAny(l *facts.Look, pr github.PullRequest) (bool, error) {
	same, err := sameHead(l, pr)
	if err != nil {
		return false, err
	}
	for _, one := range append(same, pr) {
		for _, g := range s.gates {
			if _, concerned, err := g.judges(l, s.policy, one.Base); err != nil || concerned {
				return concerned, err
			}
		}
	}
	return false, nil
}

// observeReported finds what gates reported on a head that they don't judge any
// more: what holds back a pull request whose branch the policy has freed, and all that
// was said while the policy asked for it. What is remembered costs no request; of a
// pull request that has been moved, or whose run somebody asks for, GitHub is asked. Where
// GitHub requires a check that nobody judges, it would wait for it for ever.
func (s *snapshot) observeReported(l *facts.Look, pr github.PullRequest) error {
	if pr.State != github.Open {
		return nil
	}
	s.pr = &pr
	checks := checksOf(s.gates)
	have, others, err := facts.Reported(l, pr, checks)
	if err != nil {
		return err
	}
	s.namesakes = others
	lacks := checks
	if slices.ContainsFunc(s.gates, func(g One) bool { return !s.judged(g) }) {
		if lacks, err = notRequired(l, pr.Base, checks); err != nil {
			return err
		}
	}
	for _, g := range s.gates {
		i := slices.IndexFunc(s.found, func(f found) bool { return f.gate.Name == g.Name })
		if i < 0 {
			asked, _, err := g.judges(l, s.policy, pr.Base)
			s.found, i = append(s.found, found{gate: g, off: !asked, err: err}), len(s.found)
		}
		f := &s.found[i]
		f.reported = s.subject.kind != Pull || slices.ContainsFunc(have, func(run github.RememberedRun) bool {
			return run.Name == g.Check && (run.Holds || f.off)
		})
		f.required = !slices.Contains(lacks, g.Check) && !slices.ContainsFunc(have, func(run github.RememberedRun) bool { return run.Name == g.Check })
	}
	return nil
}
