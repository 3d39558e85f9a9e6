package cherrypick

import (
	"context"
	"errors"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds how a conflict is resolved likewise that people have resolved on another branch. What
// was merged there alone counts: a push to a draft would have anybody who may push propose to others.
// Here it is a proposal, and the pick stays one in conflict.

// maxLikes is how many resolutions are tried.
const maxLikes = 3

// like is a pick of the same source onto another branch, which is merged.
type like struct {
	Branch release.Branch
	PR     int
}

// Followed is what a draft proposes, as its record keeps it.
type Followed struct {
	PR     int    `json:"pr"`
	Branch string `json:"branch"`
	Left   int    `json:"left,omitempty"` // files in conflict that aren't wholly resolved so
}

// followed is what a pick proposes; zero for nothing.
func followed(p effect.Picked) Followed {
	f := Followed{PR: p.Like.PR, Branch: string(p.Like.Branch)}
	if f.PR == 0 {
		return f
	}
	for _, c := range p.Conflicts {
		if !c.Reused.Whole() {
			f.Left++
		}
	}
	return f
}

// whole reports a proposal that leaves nothing to resolve.
func (f Followed) whole() bool { return f.PR != 0 && f.Left == 0 }

// observeLikes finds the merged picks of the same source, those onto the nearest branches first. How
// far each has come is told when it changes, which has us look again.
func (h *Handler) observeLikes(l *facts.Look, s *Snapshot) error {
	if !s.Settings.ReuseResolutions || s.Settings.OnConflict == Issue || s.Subject.commit != "" || s.Pick.Likes != nil {
		return nil
	}
	s.Pick.Likes = []like{}
	all, own := s.chain()
	newer, older := all[:own:own], all[own+1:]
	slices.Reverse(newer) // the slice is ours
	for _, b := range slices.Concat(newer, older) {
		r, err := h.state().Of(l, facts.PickOnto{Source: s.source(), Branch: b})
		if err != nil {
			return err
		}
		if r.State == Merged && r.PR != 0 && len(s.Pick.Likes) < maxLikes {
			s.Pick.Likes = append(s.Pick.Likes, like{b, r.PR})
		}
	}
	return nil
}

// untried reports whether a draft that nobody has begun to resolve was made before another pick was
// merged which may tell how.
func (s Snapshot) untried() bool {
	r, ok := s.conflicted()
	return ok && s.Pick.Pull != nil && slices.ContainsFunc(s.Pick.Likes, func(l like) bool { return !slices.Contains(r.Tried, l.PR) })
}

// tried are the resolutions that a draft was made with, be they of any use or not.
func (s Snapshot) tried() (numbers []int) {
	for _, one := range s.Pick.Likes {
		numbers = append(numbers, one.PR)
	}
	return numbers
}

// pickLikewise has a change picked and, if it conflicts, resolved as it was on another branch.
func (h *Handler) pickLikewise(l *facts.Look, s *Snapshot) (effect.Picked, error) {
	picked, err := h.Picker.Pick(l.Context(), s.change())
	if err != nil || picked.Outcome != effect.PickConflict || len(picked.Rest) > 0 {
		return picked, err
	}
	if err := h.observeLikes(l, s); err != nil {
		return picked, err
	}
	for _, one := range s.Pick.Likes {
		r, ok, err := h.resolved(l.Context(), *s, one)
		if err != nil {
			return picked, err
		}
		if ok {
			s.Pick.Resolved = append(s.Pick.Resolved, r)
		}
	}
	if len(s.Pick.Resolved) == 0 {
		return picked, nil
	}
	if picked, err = h.Picker.Pick(l.Context(), s.change()); err == nil && picked.Like.PR == 0 {
		s.Pick.Resolved = nil
	}
	return picked, err
}

// resolved reads what a merged pick put on its branch; ok is false if it isn't one of ours that conflicted.
func (h *Handler) resolved(ctx context.Context, s Snapshot, one like) (r effect.Resolved, ok bool, err error) {
	defer func() {
		if errors.Is(err, reconcile.ErrGone) { // then there is nothing to follow
			r, ok, err = effect.Resolved{}, false, nil
		}
	}()
	pr, err := h.GitHub.FreshPullDetail(ctx, s.Key.Repo, one.PR)
	if err != nil {
		return r, false, err
	}
	bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
	if of, is := pickOf(s.Key.Repo, pr.PullRequest); err != nil || !pr.Merged || pr.Author.ID != bot || pr.Base != one.Branch || !is || of.head() != headOf(s.source(), string(one.Branch)) {
		return r, false, err
	}
	record, intact := unseal[PullRecord](h.Sealer, s.place(), pullMark(s.source(), string(one.Branch)), pr.Body)
	if intact && record.Outcome != effect.PickConflict {
		return r, false, nil
	}
	landing, err := h.GitHub.Merged(ctx, s.Key.Repo, pr)
	if n := len(landing.Commits); err == nil && n > 0 {
		r.Commit = landing.Commits[n-1]
		first, cerr := h.GitHub.CommitOf(ctx, s.Key.Repo, landing.Commits[0])
		if err = cerr; err == nil && len(first.Parents) > 0 {
			r.Onto = first.Parents[0]
		}
	}
	r.PR, r.Branch, r.Note = one.PR, one.Branch, likewiseNote(one)
	if !pr.MergedBy.Bot {
		r.By = pr.MergedBy.Login
	}
	return r, r.Onto != "", err
}
