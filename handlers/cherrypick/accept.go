package cherrypick

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Acceptance is somebody's word that a draft shall be as Slipway made it. It stands, sealed,
// in a part of its own in the status comment on the source.
type Acceptance struct {
	Commit string    `json:"commit"` // of the draft; it holds for no other
	PR     int       `json:"pr"`
	By     string    `json:"by"`
	ByID   int64     `json:"by_id"`
	At     time.Time `json:"at"`
	Asked  string    `json:"asked"`
}

func acceptMark(of string) effect.Mark { return effect.Mark{Kind: "pick-accepted", ID: of} }

// acceptance reads who accepted a draft, and the part that says so; zero for nobody. What
// was altered or is another pull request's accepts nothing.
func (h *Handler) acceptance(ctx context.Context, repo github.Repo, at effect.Place, pick subject) (a Acceptance, part string, err error) {
	part, err = h.GitHub.Section(ctx, repo, at.Number, pick.status(), acceptMark(pick.of()))
	if err != nil || part == "" {
		return a, part, err
	}
	r := h.Sealer.Unseal(at, part)
	if r.Authenticity != effect.Bound || r.Mark != acceptMark(pick.of()) || json.Unmarshal(r.JSON, &a) != nil {
		return Acceptance{}, part, nil
	}
	return a, part, nil
}

// acceptFacts is what a call that accepts a draft is decided on.
type acceptFacts struct {
	Call   command.Call
	Policy config.Loaded
	PR     github.PullDetail
	Pick   pullFacts
	// HeadSince is when the head was pushed, or else when it was first seen.
	HeadSince time.Time
	Part      string // our part about it
}

// acceptOn are the branches that a call needs a right for: that of the draft.
func (h *Handler) acceptOn(ctx context.Context, c command.Call) ([]release.Branch, error) {
	if !c.OnPR {
		return nil, command.Misused("a draft is accepted on its own page: comment it there")
	}
	pr, err := h.GitHub.CachedPull(ctx, c.Repo, c.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return nil, command.Misused("GitHub shows no such pull request")
	}
	if err != nil {
		return nil, err
	}
	loaded, err := h.Policies.Policy(ctx, c.Repo)
	if err != nil || !loaded.Governs(pr.Base) {
		return nil, err
	}
	return []release.Branch{pr.Base}, nil
}

func (h *Handler) runAccept(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeAccept(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	return decideAccept(f), nil
}

func (h *Handler) observeAccept(ctx context.Context, c command.Call) (f acceptFacts, err error) {
	f.Call = c
	if f.Policy, _, err = h.policy(ctx, c.Repo); err != nil || f.Policy.Policy == nil {
		return f, err
	}
	if f.PR, err = h.GitHub.FreshPullDetail(ctx, c.Repo, c.Number); err != nil {
		return f, err
	}
	l := facts.NewLook(ctx, h.From, c.Repo, h.Now())
	if f.Pick, err = h.observePull(l, f.PR); err != nil || !f.Pick.IsPick {
		return f, err
	}
	if f.Pick.Marked, err = h.leaveOwn(ctx, c.Repo, f.Pick.Marked, f.PR.Head, f.Pick.Record.Source); err != nil {
		return f, err
	}
	if f.HeadSince, err = facts.HeadSince(l, c.Number, f.PR.Head); err != nil {
		return f, err
	}
	_, f.Part, err = h.acceptance(ctx, c.Repo, effect.Place{Repo: f.PR.RepoID, Number: f.Pick.Of.number}, f.Pick.Of)
	return f, err
}

// decideAccept records that a draft is accepted. What it holds has to be there to be
// accepted: markers and commits that weren't tried are work that is left.
func decideAccept(f acceptFacts) command.Outcome {
	p := f.Pick
	no := func(r command.Result, reply string) command.Outcome { return command.Outcome{Result: r, Reply: reply} }
	switch {
	case f.Policy.Policy == nil:
		return no(command.Invalid, faultyPolicy(f.Policy))
	case !p.IsPick || p.Of.name != string(f.PR.Base) || f.PR.State != github.Open:
		return no(command.Invalid, acceptNoDraft())
	case !f.Policy.Governs(f.PR.Base):
		return no(command.NoOp, acceptUngoverned(string(f.PR.Base)))
	case p.Accepted.Asked == f.Call.Asked(): // this very call, in an earlier try
		return no(command.Done, acceptedReply(p.Accepted))
	case !p.Intact:
		return no(command.Invalid, acceptEdited())
	case p.Record.Outcome != effect.PickConflict || p.Head != p.Record.Commit:
		return no(command.NoOp, acceptNothing())
	case !f.Call.Saw(f.PR.Head, f.HeadSince):
		return no(command.Invalid, acceptNewer(f.PR.Head))
	case p.Record.Rest > 0:
		return no(command.Invalid, acceptRest(p.Record.Rest))
	case len(remaining(p)) > 0:
		return no(command.Invalid, acceptMarkers(remaining(p)))
	}
	a := Acceptance{Commit: p.Head, PR: f.PR.Number, By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.Call.At.UTC(), Asked: f.Call.Asked()}
	return command.Outcome{Result: command.Done, Reply: acceptedReply(a), Effects: []effect.Effect{effect.Section{
		Repo: f.Call.Repo, RepoID: f.PR.RepoID, Number: p.Of.number, Comment: p.Of.status(), Head: p.Of.statusHead(),
		Mark: acceptMark(p.Of.of()), Record: marshal(a), Text: partText(p.Of, acceptedText(a)), Was: f.Part,
	}}}
}

// remaining are the files of a pick in which conflict markers remain.
func remaining(f pullFacts) []string {
	files := slices.Clone(f.Marked.Sides)
	for _, name := range f.Marked.Middle {
		// It also underlines headings; only where there was a conflict it counts.
		if (!f.Intact || slices.Contains(f.Record.Files, name)) && !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	return files
}
