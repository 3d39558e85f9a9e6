package cherrypick

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the order in which a source is picked onto several branches, where the
// policy asks for one: each branch waits for the next newer one alone. That one waited
// itself, and nothing waits for an older branch, so no two ever wait for each other.

// link is the pick of the same source onto a newer branch.
type link struct {
	Branch string
	Record Record
	Pull   *github.PullDetail // the newest of ours
	Cut    bool               // the branch is there; only read where that matters
}

// turn is what a link means for the pick after it.
type turn int

const (
	absent  turn = iota // it is no part of the chain; the link before it counts
	through             // the next one's turn has come
	pending             // it hasn't
	broken              // nor will it come by itself
)

// turn fails closed: what is in no state that lets the next one on holds it.
func (l link) turn() turn {
	r, p := l.Record, l.Pull
	anew := r.State == Waiting && r.Asked != "" && r.Asked != r.Done // nothing has come of the newest request yet
	switch {
	case p != nil && (p.State == github.Open || anew):
		return pending
	case p != nil && p.Merged:
		return through
	case p != nil:
		return broken
	}
	switch r.State {
	case Merged, Contained, LeftOut:
		return through
	case Ignored, Impossible:
		return absent
	case Closed:
		return broken
	case Refused, Taken, Retargeted, Clashed, ByHand:
		return pending
	}
	if !l.Cut { // it may be cut weeks later
		return absent
	}
	return pending
}

// newestFirst orders branches by the versions in their names, the newest first, and after
// them those without, as the policy lists them.
func newestFirst(p *config.Policy) func(a, b release.Branch) int {
	listed := func(b release.Branch) int {
		i := slices.IndexFunc(p.Branches, func(pattern string) bool { return release.MatchBranch(pattern, b) })
		if i < 0 {
			return len(p.Branches)
		}
		return i
	}
	return func(a, b release.Branch) int {
		_, _, versionA := p.Scheme().Numbers(a)
		_, _, versionB := p.Scheme().Numbers(b)
		if versionA || versionB {
			return -p.Scheme().CompareBranches(a, b) // those without a version come first there
		}
		return cmp.Or(listed(a)-listed(b), cmp.Compare(a, b))
	}
}

// chain are the branches that labels ask for, and one more, the newest first; i is where that
// one is. What can't be picked to is no part of it.
func (s Snapshot) chain() (all []release.Branch, i int) {
	own := s.branch()
	for _, name := range s.Settings.requested(s.Policy.Policy, s.PR.Labels) {
		other := s
		other.Subject.name = name
		if b := release.Branch(name); b != own && other.impossible() == "" && s.Policy.Governs(b) { // a forward port waits for nobody
			all = append(all, b)
		}
	}
	all = append(all, own)
	slices.SortFunc(all, newestFirst(s.Policy.Policy))
	return all, slices.Index(all, own)
}

// queues reports whether a pick has to wait for its turn: what is there already doesn't, nor
// what somebody has asked for again since it waited.
func (s Snapshot) queues() bool {
	f := s.Pick
	return s.Settings.Chain && s.Policy.Governs(s.branch()) && f.Pull == nil && f.Issue == nil && f.Strayed == nil && f.Record.StandIn.PR == 0 && (f.Record.Forced == "" || f.Record.Forced != f.Ask)
}

// observeChain reads how far the picks onto newer branches have come, the next one first, as
// far as they matter.
func (h *Handler) observeChain(l *facts.Look, s *Snapshot) error {
	if !s.queues() {
		return nil
	}
	all, own := s.chain()
	for _, b := range slices.Backward(all[:own]) {
		one, err := h.observeLink(l, *s, b)
		if err != nil {
			return err
		}
		s.Pick.Before = append(s.Pick.Before, one)
		if one.turn() != absent {
			break
		}
	}
	return nil
}

func (h *Handler) observeLink(l *facts.Look, s Snapshot, b release.Branch) (one link, err error) {
	one.Branch = string(b)
	part, err := h.GitHub.Section(l.Context(), l.Repo, s.source(), statusMark(s.source()), partMark(one.Branch))
	if err != nil {
		return one, err
	}
	one.Record, _ = unseal[Record](h.Sealer, s.place(), partMark(one.Branch), part)
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil {
		return one, err
	}
	list, err := h.GitHub.PullsFrom(l.Context(), l.Repo, headOf(s.source(), one.Branch))
	if err != nil {
		return one, err
	}
	for _, p := range list {
		if p.Author.ID == bot && p.Base == b && (one.Pull == nil || p.Number > one.Pull.Number) {
			one.Pull = &p
		}
	}
	if one.turn() == absent { // whoever waits for nothing looks again once the branch is cut
		tip, err := facts.Tip.Of(l, b)
		one.Cut = tip != ""
		return one, err
	}
	return one, nil
}

// heldBy is the pick that this one waits for, nil for none.
func (s Snapshot) heldBy() *link {
	n := len(s.Pick.Before)
	if n == 0 || !s.queues() || s.Pick.Before[n-1].turn() < pending {
		return nil
	}
	return &s.Pick.Before[n-1]
}

// hold says what a pick waits for.
func (s Snapshot) hold(by link) reconcile.Plan {
	if by.turn() == broken {
		return s.say(Stopped, stoppedText(s, by), nil)
	}
	return s.say(Queued, queuedText(s, by), nil)
}

// passOn has the pick after this one look whether its turn has come. It is named with each run:
// a kill between what this run writes and its end must not lose it.
func (s Snapshot) passOn(plan reconcile.Plan) reconcile.Plan {
	if !s.Settings.Chain || s.PR == nil || !s.Policy.Governs(s.branch()) || !s.PR.Merged || none(s.Policy) != "" {
		return plan
	}
	if all, own := s.chain(); own+1 < len(all) {
		plan.Enqueue = append(plan.Enqueue, pickKey(s.Key.Repo, s.source(), string(all[own+1])))
	}
	return plan
}

// inTurn are the branches that a call names, in a chain the newest first: their labels come in that order, so
// that none is seen without the one that it waits for.
func (f callFacts) inTurn() []namedBranch {
	if !f.Settings.Chain {
		return f.Named
	}
	order := newestFirst(f.Policy.Policy)
	return slices.SortedStableFunc(slices.Values(f.Named), func(a, b namedBranch) int {
		return order(release.Branch(a.Name), release.Branch(b.Name))
	})
}

// ahead reports whether a call has a pick made before its turn: it waits, and is asked for
// again without what it waits for.
func (f callFacts) ahead(n namedBranch) bool {
	r := n.Pick.Record
	if !f.Settings.Chain || !f.PR.Merged || r.State != Queued && r.State != Stopped && r.Forced != f.Call.Asked() {
		return false
	}
	return !slices.ContainsFunc(f.Named, func(o namedBranch) bool {
		return o.Why == "" && newestFirst(f.Policy.Policy)(release.Branch(o.Name), release.Branch(n.Name)) < 0
	})
}

// turnReply answers a call about a pick that has a turn; "" for any other.
func (f callFacts) turnReply(n namedBranch) string {
	s := f.Snapshot
	if n.Why != "" || !s.Settings.Chain || commitWord(f.Call) != "" || !f.PR.Merged || n.Pick.Pull != nil {
		return ""
	}
	if f.ahead(n) {
		return "is being picked, without waiting for its turn."
	}
	s.Subject = subject{number: f.PR.Number, name: n.Name}
	all, own := s.chain()
	first := own == 0 && !slices.ContainsFunc(f.Named, func(o namedBranch) bool {
		return o.Why == "" && newestFirst(f.Policy.Policy)(release.Branch(o.Name), all[own]) < 0
	})
	if first {
		return ""
	}
	return "is picked when its turn comes: newer branches first."
}

func queuedText(s Snapshot, by link) string {
	why, next := "it isn't picked yet", "none, it is picked once that is merged. To have it before that, "
	switch open := by.Pull != nil && by.Pull.State == github.Open; {
	case open && by.Record.State == Clashed:
		why, next = fmt.Sprintf("#%d has a conflict", by.Pull.Number), "resolve that one, and have it merged; or, to have this one now, "
	case open:
		why = fmt.Sprintf("#%d is open", by.Pull.Number)
	case by.Record.State == ByHand:
		why = fmt.Sprintf("#%d, which somebody opened for it, is open", by.Record.StandIn.PR)
	case by.Record.State.fails():
		why, next = "that isn't picked, as its line says", "see to that one; or, to have this one now, "
	}
	return fmt.Sprintf("**waits** for %s: %s.%s **Next step:** %s%s.", effect.Code(by.Branch), why, asker(s), next, again(s.Subject.name))
}

func stoppedText(s Snapshot, by link) string {
	closed := "the pick onto " + effect.Code(by.Branch)
	if by.Pull != nil {
		closed += fmt.Sprintf(", #%d,", by.Pull.Number)
	}
	return fmt.Sprintf("**stopped**, because %s was closed without being merged.%s **Next step:** if it is wanted here all the same, %s; to have it there first, %s.",
		closed, asker(s), again(s.Subject.name), again(by.Branch))
}
