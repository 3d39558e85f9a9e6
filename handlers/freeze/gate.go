package freeze

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Gate is the check.
func (h *Handler) Gate() gate.Gate[known] {
	return gate.Gate[known]{
		Name: Name, Check: CheckName, Proposals: true,
		Needs: []facts.Need{h.freezes(), facts.Pusher, facts.SameChange, facts.TookPart, facts.Labels, facts.Labelled, facts.Manages, facts.Files, facts.Undo},
		Read: func(l *facts.Look, pr github.PullRequest) (known, error) {
			s, err := h.freezes().Of(l, facts.Whole{})
			if err != nil {
				return known{}, err
			}
			return h.about(l, s, pr)
		},
		Judge: verdict, Settled: h.settled, Group: h.group,
		Texts: gate.Texts{Broken: brokenPolicy, Freed: notConcerned},
	}
}

// about reads what the verdict on a pull request rests on beside the freezes.
func (h *Handler) about(l *facts.Look, s state, pr github.PullRequest) (known, error) {
	f := known{state: s, PR: pr}
	if err := f.readSame(l); err != nil {
		return f, err
	}
	for _, label := range f.exemptingLabels() {
		set, err := labelledBy(l, s, pr, label)
		if err != nil {
			return f, err
		}
		f.Set = append(f.Set, set)
	}
	var err error
	if f.filesMatter() {
		f.Files, err = facts.Files.Of(l, facts.Head{Number: pr.Number, Commit: pr.Head})
	}
	if err == nil && f.revertMatters() {
		f.Undone, err = facts.Undo.Of(l, pr.Number)
	}
	return f, err
}

// readSame reads who pushed it, and what it was before GitHub itself merged the branch into
// it: neither an exception nor an exemption is lost by that. Both only while it is frozen.
func (f *known) readSame(l *facts.Look) (err error) {
	if len(f.mayHold()) == 0 {
		return nil
	}
	if f.byAccount() {
		by, e := facts.Pusher.Of(l, f.PR.Number)
		f.PushedBy, err = by.ID, e
	}
	if err == nil && f.exemptedBefore() {
		f.Same, err = facts.SameChange.Of(l, f.PR.Number)
	}
	return err
}

func labelledBy(l *facts.Look, s state, pr github.PullRequest, label string) (set labelled, err error) {
	set.Label = label
	by, err := facts.Labelled.Of(l, facts.Label{Number: pr.Number, Name: label})
	if err != nil || by == nil {
		set.Unclear = gate.UnknownSetter
		return set, err
	}
	standing, err := facts.Manages.Of(l, facts.Role{Branch: pr.Base, Who: by.Who})
	set.By, set.May = by.Who, standing.Holds
	set.Unclear = gate.UnclearRole(standing)
	if err != nil || !set.May {
		return set, err
	}
	part, err := tookPart(l, s, pr, by.Who)
	if part != "" { // it stays, and says nothing yet
		set.May, set.Unclear = false, fmt.Sprintf("%s %s, so another release manager has to set it", effect.Who(by.Who.Login), part)
	}
	return set, err
}

// verdict is what the check says, and does about labels.
func verdict(f known) gate.Verdict {
	v, next := judge(f)
	v.Detail += brokenCalendars(f)
	return gate.Verdict{Verdict: v, RequeueAt: next, Effects: unlabel(f)}
}

// unlabel takes away exempting labels that were set by somebody who may not,
// and says so: once for each label and person.
func unlabel(f known) []effect.Effect {
	var effects []effect.Effect
	for _, set := range f.Set {
		if set.May || set.Unclear != "" {
			continue
		}
		effects = append(effects,
			effect.Unlabel{Repo: f.Repo, Number: f.PR.Number, Label: set.Label},
			effect.Comment{
				Repo: f.Repo, Number: f.PR.Number,
				Mark: effect.Mark{Kind: "label", ID: fmt.Sprintf("%s by %d", strings.ToLower(set.Label), set.By.ID)},
				Body: labelRefused(f, set),
			})
	}
	return effects
}

// settled is for a merge queue of a branch that isn't frozen: it doesn't matter then
// what is in it.
func (h *Handler) settled(l *facts.Look, b release.Branch) (*effect.Verdict, error) {
	f, err := h.on(l, b)
	if err != nil || len(f.mayHold()) > 0 {
		return nil, err
	}
	v, _ := judge(f)
	return &v, nil
}

func (h *Handler) group(l *facts.Look, b release.Branch, members []gate.Member, complete bool) (effect.Verdict, error) {
	f, err := h.on(l, b)
	if err != nil {
		return effect.Verdict{}, err
	}
	return groupVerdict(f, members, complete), nil
}

// on is what is known of a branch, whatever is to be merged into it.
func (h *Handler) on(l *facts.Look, b release.Branch) (known, error) {
	s, err := h.freezes().Of(l, facts.Whole{})
	return known{state: s, PR: github.PullRequest{Base: b}}, err
}
