package cherrypick

import (
	"encoding/json"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Needed is that a command asked for what a pick needs, too.
type Needed struct {
	// Asked are the pull requests whose picks were asked for so. None is a second time:
	// somebody may have withdrawn it.
	Asked []int `json:"asked,omitempty"`
}

// NeedRef is a commit that a pick in conflict was found to need. It names no pull request:
// anybody may write a number into a commit's message, so GitHub is asked which merge brought it.
type NeedRef struct {
	Commit string `json:"commit"`
}

// neededFacts is what is known of one that a pick needs.
type neededFacts struct {
	Commit string
	PR     *github.PullRequest // whose merge brought it; nil if none did
	Pick   *github.PullDetail  // the newest pick of it that we opened
	// Part is what the status comment on PR says of the pick, and Record what is sealed in it.
	Part   string
	Record Record
	// Labelled says that a label asks for the pick.
	Labelled bool
}

// needRefs are those that a draft or an issue remembers.
func needRefs(needs []need) (refs []NeedRef) {
	for _, n := range needs[:min(len(needs), maxNeeds)] {
		refs = append(refs, NeedRef{n.Commit})
	}
	return refs
}

// withNeeded reports whether the request that holds asked for what the pick needs, too.
func (s Snapshot) withNeeded() bool {
	r := s.Pick.Record
	return r.Needed != nil && r.Asked == s.Pick.Ask
}

// conflicted is what was remembered of a conflict that nobody has begun to resolve.
func (s Snapshot) conflicted() (r PullRecord, ok bool) {
	p, i := s.Pick.Pull, s.Pick.Issue
	switch {
	case p != nil:
		// One that we have pushed anew, before its text says so, is as good as untouched.
		return p.Record, p.Intact && p.State == github.Open && p.unresolved() && (p.untouched() || p.Anew)
	case i != nil:
		return i.Record, i.State == github.Open
	}
	return r, false
}

// waitsForNeeded reports whether the pick waits until what it needs is on the branch. It is
// made anew once.
func (s Snapshot) waitsForNeeded() bool {
	r, ok := s.conflicted()
	return ok && s.withNeeded() && r.Asked == s.Pick.Ask && !r.Anew && s.PR.Merged && s.Pick.Labelled && s.Pick.May
}

// rebuilds reports whether a draft is made anew without being asked for again: what it
// needed is there, or it is itself needed by another, and the branch has moved.
func (s Snapshot) rebuilds() bool {
	return s.anew() || s.Pick.Record.For != 0 && s.Pick.Record.Asked == s.Pick.Ask
}

// anew reports whether all that can be picked of what the pick needs is on the branch.
func (s Snapshot) anew() bool {
	if !s.waitsForNeeded() {
		return false
	}
	some := false
	for _, n := range s.Pick.Needed {
		if n.PR != nil && !n.there() {
			return false
		}
		some = some || n.PR != nil
	}
	return some
}

// wasAnew reports whether a draft that is made once more was made anew for the same request.
func (s Snapshot) wasAnew() bool {
	r, ok := s.conflicted()
	return ok && r.Anew && r.Asked == s.Pick.Ask
}

// there reports whether a needed one is on the branch.
func (n neededFacts) there() bool {
	if n.Pick == nil && n.Record.State == Merged { // somebody has picked it by hand
		return true
	}
	return n.Pick != nil && n.Pick.Merged || n.Record.State == Contained
}

// observeNeeded reads how far that is which the pick needs, if it waits for it.
func (h *Handler) observeNeeded(l *facts.Look, s *Snapshot) error {
	if !s.waitsForNeeded() {
		return nil
	}
	if _, err := facts.Tip.Of(l, s.branch()); err != nil { // there what it needs will be merged
		return err
	}
	r, _ := s.conflicted()
	may := false
	for _, ref := range r.Needs {
		n := neededFacts{Commit: ref.Commit}
		number, err := facts.Bringer.Of(l, facts.At{Branch: s.PR.Base, Commit: ref.Commit})
		if err == nil && number != 0 && number != s.source() && !slices.ContainsFunc(s.Pick.Needed, func(o neededFacts) bool { return o.is(number) }) {
			err = h.observeOneNeeded(l, s, number, &n)
		} else if err == nil && number != 0 { // the source itself, or one that brought several of them
			continue
		}
		if err != nil {
			return err
		}
		may = may || s.toAsk(n)
		s.Pick.Needed = append(s.Pick.Needed, n)
	}
	if !may {
		return nil
	}
	standing, err := h.Roles.Contributes(l.Context(), l.Repo, s.branch(), s.Pick.By)
	s.Pick.MayNeeded = standing.Holds
	return err
}

func (n neededFacts) is(number int) bool { return n.PR != nil && n.PR.Number == number }

func (h *Handler) observeOneNeeded(l *facts.Look, s *Snapshot, number int, n *neededFacts) (err error) {
	if n.Record, err = h.state().Of(l, facts.PickOnto{Source: number, Branch: s.branch()}); err != nil {
		return err
	}
	pr, err := h.GitHub.CachedPull(l.Context(), l.Repo, number)
	if err != nil {
		return err
	}
	n.PR = &pr
	n.Labelled = len(s.Settings.asking(s.Policy.Policy, pr.Labels, s.Subject.name)) > 0
	if n.Part, err = h.GitHub.Section(l.Context(), l.Repo, number, statusMark(number), partMark(s.Subject.name)); err != nil {
		return err
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil {
		return err
	}
	list, err := h.GitHub.PullsFrom(l.Context(), l.Repo, headOf(number, s.Subject.name))
	for _, one := range list {
		if one.Author.ID == bot && one.Base == s.branch() && (n.Pick == nil || one.Number > n.Pick.Number) {
			n.Pick = &one
		}
	}
	if err == nil && n.Pick != nil { // it may be closed
		_, err = facts.Pull.Of(l, n.Pick.Number)
	}
	return err
}

// state is the fact how far a pick has come, as its part of the status comment says.
func (h *Handler) state() facts.Fact[facts.PickOnto, Record] {
	return facts.Fact[facts.PickOnto, Record]{
		Name: "pick state", Fresh: facts.EachLook, Unknown: facts.Retry, Told: true,
		Read: h.stateOf,
	}
}

func (h *Handler) stateOf(l *facts.Look, p facts.PickOnto) (r Record, err error) {
	pr, err := h.GitHub.CachedPull(l.Context(), l.Repo, p.Source)
	if err != nil {
		return r, err
	}
	part, err := h.GitHub.Section(l.Context(), l.Repo, p.Source, statusMark(p.Source), partMark(string(p.Branch)))
	r, _ = unseal[Record](h.Sealer, effect.Place{Repo: pr.RepoID, Number: p.Source}, partMark(string(p.Branch)), part)
	return r, err
}

// toAsk reports whether the pick of a needed one is still to be asked for. What is asked for
// already goes its own way, and so does what somebody has withdrawn since.
func (s Snapshot) toAsk(n neededFacts) bool {
	switch {
	case n.PR == nil || !n.PR.Merged || n.there() || n.Pick != nil && n.Pick.State == github.Open:
		return false
	case slices.Contains(s.Pick.Record.Needed.Asked, n.PR.Number) || n.Record.State == ByHand || len(s.Settings.label(s.Subject.name)) > maxLabel:
		return false
	}
	return !n.Labelled || n.Record.State == Ignored || n.Pick != nil // which was closed
}

// askNeeded are the effects that ask for what the pick needs as if whoever asked for it had
// asked for that, and the record that says so: it comes last, so that a try which is cut
// short begins again, and finds the request by its name.
func (s Snapshot) askNeeded(r *Record) (effects []effect.Effect, keys []reconcile.Key) {
	if !s.waitsForNeeded() || !s.Pick.MayNeeded {
		return nil, nil
	}
	now := Needed{Asked: slices.Clone(r.Needed.Asked)}
	for _, n := range s.Pick.Needed {
		if !s.toAsk(n) {
			continue
		}
		now.Asked = append(now.Asked, n.PR.Number)
		one := s
		one.Subject.number, one.PR = n.PR.Number, n.PR
		one.Pick = pickFacts{By: s.Pick.By, Part: n.Part, Record: n.Record}
		if n.Record.Asked != s.Pick.Ask {
			effects = append(effects, one.say(Waiting, pickingText(one)+neededBy(s.source()), func(was *Record) {
				was.By, was.ByID, was.At, was.Asked, was.For, was.Needed = r.By, r.ByID, s.Now.UTC(), s.Pick.Ask, s.source(), nil
			}).Effects...)
		}
		effects = append(effects, effect.Labels{Repo: s.Key.Repo, Number: n.PR.Number, Labels: []string{s.Settings.label(s.Subject.name)}})
		keys = append(keys, pickKey(s.Key.Repo, n.PR.Number, s.Subject.name))
	}
	r.Needed = &now
	return effects, keys
}

// tellState tells those who rest on how far this pick has come, when that changes. If a
// process ends before it is told, the resync finds it.
func (s Snapshot) tellState(plan reconcile.Plan) reconcile.Plan {
	for _, e := range plan.Effects {
		part, ok := e.(effect.Section)
		if !ok || part.Number != s.source() || part.Mark != partMark(s.Subject.name) {
			continue
		}
		var r Record
		if json.Unmarshal(part.Record, &r) == nil && (r.State != s.Pick.Record.State || r.PR != s.Pick.Record.PR) {
			of := facts.PickOnto{Source: s.source(), Branch: s.branch()}
			plan.Stale = append(plan.Stale, (&Handler{}).state().ID(s.Key.Repo, of), facts.PickState.ID(s.Key.Repo, of))
		}
	}
	return plan
}
