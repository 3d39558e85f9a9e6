package freeze

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// exemptFacts is what /release exempt is decided on.
type exemptFacts struct {
	known
	Call command.Call
	Args exemptArgs
	// HeadSince is when the head was pushed, or else when it was first seen.
	HeadSince time.Time
	// TookPart says how the author of the call took part in making the pull request, if the
	// policy wants another release manager then.
	TookPart string
	// Not are, of freezes that hold it, those about which the author of the call doesn't decide.
	Not map[string]bool
}

// exemptBranches says whose release managers an exemption needs: those of the
// pull request's branch.
func (h *Handler) exemptBranches(ctx context.Context, c command.Call) ([]release.Branch, error) {
	if !c.OnPR {
		return nil, command.Misused("an exemption is for one pull request: comment it there")
	}
	pr, err := facts.Pull.Of(h.look(ctx, c.Repo), c.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return nil, command.Misused("GitHub shows no such pull request")
	}
	return []release.Branch{pr.Base}, err
}

func (h *Handler) runExempt(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeExempt(h.look(ctx, c.Repo), c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	return decideExempt(f), nil
}

func (h *Handler) observeExempt(l *facts.Look, c command.Call) (exemptFacts, error) {
	f := exemptFacts{Call: c}
	s, err := h.state(l)
	if f.state = s; err != nil || s.Policy.Policy == nil {
		return f, err
	}
	if f.Args, err = parseExempt(c, s.Policy, s.Settings); err != nil {
		return f, err
	}
	if f.PR, err = facts.Pull.Of(l, c.Number); err != nil {
		return f, err
	}
	if f.PR.State == github.Open && s.Policy.Governs(f.PR.Base) {
		if f.known, err = h.about(l, s, f.PR); err != nil {
			return f, err
		}
		if f.TookPart, err = tookPart(l, s, f.PR, c.Author); err != nil {
			return f, err
		}
		if f.Not, err = othersDecide(l, f.Freezes, []release.Branch{f.PR.Base}, c.Author); err != nil {
			return f, err
		}
	}
	f.HeadSince, err = facts.HeadSince(l, c.Number, f.PR.Head)
	return f, err
}

// tookPart says how somebody took part in making a pull request, as a phrase, if the policy
// wants another release manager to let it through then; "" if that doesn't matter.
func tookPart(l *facts.Look, s state, pr github.PullRequest, who github.User) (string, error) {
	if !s.Settings.SecondManager || len(holding(s.Freezes, pr.Base, s.Now)) == 0 {
		return "", nil
	}
	return facts.TookPart.Of(l, facts.Maker{Number: pr.Number, Who: who})
}

// How much a freeze's record holds. GitHub takes 65,536 characters for an
// issue's body, and a record that is cut is lost; rows that are over make room.
const (
	maxExemptions = 80
	maxIssue      = 58_000 // bytes of record and text, leaving room for the seal
	maxRowReason  = 200    // characters
)

func decideExempt(f exemptFacts) command.Outcome {
	no := func(r command.Result, reply string) command.Outcome { return command.Outcome{Result: r, Reply: reply} }
	switch {
	case f.Policy.Policy == nil:
		return no(command.Invalid, noPolicy(f.Policy))
	case f.PR.State != github.Open:
		return no(command.NoOp, exemptClosed(f.PR))
	case !f.Policy.Governs(f.PR.Base):
		return no(command.NoOp, exemptUngoverned(f.PR.Base))
	}
	held, doubts := f.held(), f.doubtful()
	if len(held)+len(doubts) == 0 {
		return no(command.NoOp, exemptNotFrozen(f.PR.Base))
	}
	if why, ok := f.exception(); ok {
		return no(command.NoOp, exemptExcepted(why, f.tideStopped(held, f.PR.Base)))
	}
	if why := f.exceptedFromAll(slices.Concat(held, doubts)); why != "" {
		return no(command.NoOp, exemptExcepted(why, f.tideStopped(held, f.PR.Base)))
	}
	if len(held) == 0 {
		return no(command.Invalid, exemptUnclear(f.PR.Base, doubts[0].Why))
	}
	if held[len(held)-1].Tampered {
		return no(command.Invalid, exemptAltered(held[len(held)-1]))
	}
	if !f.Call.Saw(f.PR.Head, f.HeadSince) {
		return no(command.Invalid, exemptNewer(f))
	}
	if f.TookPart != "" {
		return no(command.Refused, exemptOwn(f))
	}
	var others []Freeze
	held = slices.DeleteFunc(held, func(h Freeze) bool {
		if f.Not[h.Asked] {
			others = append(others, h)
		}
		return f.Not[h.Asked]
	})
	if len(held) == 0 {
		return no(command.Refused, exemptNotYours(others, f))
	}
	row := Exemption{
		Number: f.PR.Number, Branch: f.PR.Base, Commit: f.PR.Head, By: f.Call.Author.Login, ByID: f.Call.Author.ID,
		At: f.Call.At.UTC(), Until: f.Args.until, Reason: effect.Cut(f.Args.reason, maxRowReason), Asked: f.Call.Asked(),
	}
	out := command.Outcome{Result: command.Done, Reply: exemptReply(row, held, f.state) + exemptStill(others, f)}
	for _, have := range held {
		if slices.ContainsFunc(have.Exemptions, func(e Exemption) bool { return e.Asked == row.Asked }) {
			continue // this very call, in an earlier try
		}
		rows := room(have.Exemptions, f.Now)
		if len(rows) >= maxExemptions {
			return no(command.Invalid, exemptFull(have))
		}
		after := have.revised(func(r *Record) { r.Exemptions = append(rows, row) })
		issue := f.issue(after)
		if len(issue.Record)+len(issue.Text) > maxIssue {
			return no(command.Invalid, exemptFull(have))
		}
		out.Effects = append(out.Effects, issue)
	}
	return out
}

// exceptedFromAll says why each of some freezes lets the pull request through by itself; "" if one doesn't.
func (f known) exceptedFromAll(held []Freeze) (why string) {
	for _, h := range held {
		var ok bool
		if why, ok = f.exceptedOf(h); !ok {
			return ""
		}
	}
	return why
}

// room drops the oldest rows that are over when there are too many.
func room(rows []Exemption, now time.Time) []Exemption {
	rows = slices.Clone(rows)
	for len(rows) >= maxExemptions {
		i := slices.IndexFunc(rows, func(e Exemption) bool { return !now.Before(e.Until) })
		if i < 0 {
			break
		}
		rows = slices.Delete(rows, i, i+1)
	}
	return rows
}
