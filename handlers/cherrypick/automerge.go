package cherrypick

import (
	"context"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// AutoMerge is how GitHub merges picks by itself.
type AutoMerge string

// NoAutoMerge is that people merge them.
const NoAutoMerge AutoMerge = "off"

// Values implements config.Choice.
func (AutoMerge) Values() []string { return []string{"squash", "merge", "rebase", string(NoAutoMerge)} }

// Merging is what is read of how picks are merged.
type Merging interface {
	// MergeRules reads which checks a branch requires.
	MergeRules(ctx context.Context, repo github.Repo, branch release.Branch) (github.MergeRules, error)
	// PullMoves lists what happened to a pull request, oldest first.
	PullMoves(ctx context.Context, repo github.Repo, number int) ([]github.PullMove, error)
	// Declined says in Markdown why GitHub lately refused something, "" if it isn't known that it has.
	Declined(ctx context.Context, repo github.Repo, number int, what string) (string, error)
}

// whose tells who has asked GitHub to merge a pull request by itself.
type whose string

// Those who may have.
const (
	nobodys   whose = ""
	ours      whose = "ours"
	somebodys whose = "somebody's"
)

// mergeFacts is what is read of an open pick, for whether GitHub is to merge it by itself.
type mergeFacts struct {
	Asked whose
	// Strays says that we asked for a pick whose base somebody has changed since.
	Strays bool
	By     github.User // who asked GitHub, if it is somebody else
	Held   string      // why the branch takes no merges now, as a phrase
	Rules  github.MergeRules
	// Checks are those of ours that the policy asks for, and Lacks those of them that the
	// branch doesn't require.
	Checks, Lacks []string
	Faith         facts.Faith
	// Stopped is how somebody switched it off since the pick was pushed; Again that GitHub did so again and again.
	Stopped *github.PullMove
	Again   bool
	Queued  bool   // it is in the merge queue
	Refused string // why GitHub doesn't take it, in Markdown
	// DraftBy is who made it a draft, nil where we did.
	DraftBy *github.User
	// Unready says why GitHub didn't make it ready.
	Unready string
}

// observeMerging reads what matters of it, the cheapest first: with the setting off, and nothing of
// ours to take back, nothing.
func (h *Handler) observeMerging(l *facts.Look, s *Snapshot) error {
	p, ctx, repo := s.Pick.Pull, l.Context(), s.Key.Repo
	m := &s.Pick.Merge
	if o := s.Pick.Strayed; o != nil && o.State == github.Open && o.AutoMerge != nil {
		bot, err := h.GitHub.BotID(ctx, repo)
		if m.Strays = err == nil && o.AutoMerge.By.ID == bot; err != nil {
			return err
		}
	}
	if p == nil || p.State != github.Open {
		return nil
	}
	if a := p.AutoMerge; a != nil {
		bot, err := h.GitHub.BotID(ctx, repo)
		if err != nil {
			return err
		}
		if m.Asked, m.By = somebodys, a.By; a.By.ID == bot {
			m.Asked = ours
		}
	}
	if p.applied() && p.Draft {
		if err := h.observeDraft(ctx, s); err != nil {
			return err
		}
	}
	if s.Settings.AutoMerge == NoAutoMerge || m.Asked == somebodys || !s.mergeable() {
		return nil
	}
	return h.observeMergeable(l, s)
}

// observeMergeable reads what the branch, the gate and GitHub say of a pick that is as we made it.
func (h *Handler) observeMergeable(l *facts.Look, s *Snapshot) (err error) {
	m, p, ctx := &s.Pick.Merge, s.Pick.Pull, l.Context()
	if m.Held, err = facts.Held.Of(l, s.branch()); err != nil || m.Held != "" {
		return err
	}
	if m.Faith, err = facts.Faithful.Of(l, p.Number); err != nil {
		return err
	}
	if m.Rules, err = h.GitHub.MergeRules(ctx, s.Key.Repo, s.branch()); err != nil {
		return err
	}
	m.Checks, err = h.Asked(l, s.branch())
	if m.Lacks = m.Rules.Lacks(m.Checks); err != nil || len(m.Lacks) > 0 || m.Asked == ours || !s.faithful() {
		return err
	}
	if err := h.observeStopped(ctx, s); err != nil || m.Stopped != nil || m.Again || m.Queued {
		return err
	}
	m.Refused, err = h.GitHub.Declined(ctx, s.Key.Repo, p.Number, s.autoMerge(true).Wish())
	return err
}

// maxAgain is how often we ask GitHub to merge one head. Freezes that come and go take it back as well.
const maxAgain = 10

// observeStopped finds out who switched auto-merge off since we pushed the pick. Where GitHub itself did,
// it may be asked again, but not without end.
func (h *Handler) observeStopped(ctx context.Context, s *Snapshot) error {
	moves, err := h.GitHub.PullMoves(ctx, s.Key.Repo, s.Pick.Pull.Number)
	if err != nil {
		return err
	}
	bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
	m, times := &s.Pick.Merge, 0
	for _, one := range moves {
		switch one.Kind {
		case "head_ref_force_pushed": // made anew
			m.Stopped, m.Queued, times = nil, false, 0
		case "auto_merge_enabled", "auto_squash_enabled", "auto_rebase_enabled":
			m.Stopped = nil
			times++
		case "added_to_merge_queue":
			m.Stopped, m.Queued = nil, true
			times++
		case "auto_merge_disabled":
			if m.Stopped = nil; one.By.ID != bot {
				m.Stopped = &one
			}
		case "removed_from_merge_queue":
			m.Queued, m.Stopped = false, &one
		}
	}
	m.Again = times >= maxAgain
	return err
}

// observeDraft finds out who made a pick a draft that applies now. Unless somebody did, it
// is ours from when it conflicted.
func (h *Handler) observeDraft(ctx context.Context, s *Snapshot) error {
	moves, err := h.GitHub.PullMoves(ctx, s.Key.Repo, s.Pick.Pull.Number)
	if err != nil {
		return err
	}
	bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
	for _, one := range slices.Backward(moves) {
		if one.Kind == "convert_to_draft" {
			if one.By.ID != bot {
				s.Pick.Merge.DraftBy = &one.By
			}
			break
		}
	}
	if err != nil || s.Pick.Merge.DraftBy != nil {
		return err
	}
	s.Pick.Merge.Unready, err = h.GitHub.Declined(ctx, s.Key.Repo, s.Pick.Pull.Number, s.ready().Wish())
	return err
}

// mergeable reports whether an open pick is as we made it, and somebody who may still asks for it.
func (s Snapshot) mergeable() bool {
	f := s.Pick
	return f.Labelled && f.May && s.impossible() == "" && f.Pull.applied() && !f.Pull.Draft
}

// faithful reports whether the check of release branches lets the pick merge as a faithful one, and
// said that of its head.
func (s Snapshot) faithful() bool {
	f := s.Pick.Merge.Faith
	return f.Known && f.Holds && f.Head == s.Pick.Pull.Head
}

// doubted reports whether that check says something else. What it has not said yet, or not been
// remembered to say, takes nothing back: GitHub waits for it anyway.
func (s Snapshot) doubted() bool {
	f := s.Pick.Merge.Faith
	return f.Known && !f.Holds && f.Head == s.Pick.Pull.Head
}

// merging decides whether GitHub is to merge the pick by itself; with neither, it stays as it is.
func (s Snapshot) merging() (on, off bool) {
	m := s.Pick.Merge
	switch {
	case s.Settings.AutoMerge == NoAutoMerge, !s.mergeable(), m.Held != "", len(m.Lacks) > 0, s.doubted():
		return false, true
	case m.Asked == ours:
		return false, s.Pick.Pull.AutoMerge.Method != string(s.Settings.AutoMerge) && !m.Rules.Queue
	}
	return s.faithful() && m.Stopped == nil && !m.Again && !m.Queued && m.Refused == "", false
}

func (s Snapshot) autoMerge(on bool) effect.AutoMerge {
	p := s.Pick.Pull
	return effect.AutoMerge{
		Repo: s.Key.Repo, Number: p.Number, Node: p.Node, On: on, Base: s.branch(), Commit: p.Head,
		Method: string(s.Settings.AutoMerge), Checks: s.Pick.Merge.Checks, Ask: s.Pick.Ask,
	}
}

func (s Snapshot) ready() effect.Ready {
	return effect.Ready{Repo: s.Key.Repo, Number: s.Pick.Pull.Number, Node: s.Pick.Pull.Node, Commit: s.Pick.Pull.Head}
}

// undrafts reports whether a draft is ours, from a conflict that is gone.
func (s Snapshot) undrafts() bool {
	p, m := s.Pick.Pull, s.Pick.Merge
	return p != nil && p.State == github.Open && p.applied() && p.Draft && m.DraftBy == nil && m.Unready == ""
}

// takeBack puts before a plan that GitHub no longer merges a pick by itself, which the
// rest may change.
func (s Snapshot) takeBack(plan reconcile.Plan) reconcile.Plan {
	if s.Pick.Merge.Strays { // its checks were judged for the other base
		o := s.Pick.Strayed
		plan.Effects = append([]effect.Effect{effect.AutoMerge{Repo: s.Key.Repo, Number: o.Number, Node: o.Node, Base: o.Base, Commit: o.Head, Ask: s.Pick.Ask}}, plan.Effects...)
	}
	if p := s.Pick.Pull; p == nil || p.State != github.Open || s.Pick.Merge.Asked != ours || none(s.Policy) != "" {
		return plan
	}
	pushes := slices.ContainsFunc(plan.Effects, func(e effect.Effect) bool { _, is := e.(effect.Pick); return is })
	if _, off := s.merging(); !off && !pushes {
		return plan
	}
	plan.Effects = append([]effect.Effect{s.autoMerge(false)}, plan.Effects...)
	if !slices.Contains(plan.Enqueue, s.Key) {
		plan.Enqueue = append(plan.Enqueue, s.Key)
	}
	return plan
}

// handOver adds to a plan, after all else that a pick gets, that GitHub merges it.
func (s Snapshot) handOver(plan reconcile.Plan) reconcile.Plan {
	if s.Pick.Pull == nil || s.Pick.Merge.Asked != nobodys {
		return plan
	}
	if on, _ := s.merging(); on {
		plan.Effects = append(plan.Effects, s.autoMerge(true))
		plan.Enqueue = append(plan.Enqueue, s.Key)
	}
	return plan
}
