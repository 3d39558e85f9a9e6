package checklist

import (
	"errors"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// look is all that is read of a release and of its tracking issue.
type look struct {
	tracked
	Counts  counts
	Found   map[string]found // by the step
	PutOff  bool             // some of it was left to the next look
	Running bool             // status checks that a step waits for aren't over
	Tags    []string         // of the home repository, on the way to the version
	// Milestone is that of the release in the home repository; nil when there is
	// none, or nobody can tell.
	Milestone *github.Milestone
	Closer    github.User // who closed it by hand
}

func (h *Handler) observeLook(l *facts.Look, number int) (look, error) {
	t, err := h.tracked(l, number)
	if err == nil {
		err = h.noteNow(l, lookingKey(l.Repo, number), lookTakes)
	}
	if err != nil {
		return look{}, err
	}
	return h.lookAt(t)
}

// lookAt counts and looks for evidence, unless the release is over.
func (h *Handler) lookAt(t tracked) (s look, err error) {
	s.tracked = t
	if t.Later != nil || t.Tracker.End != nil && t.Tracker.Issue.State == github.Closed {
		return s, nil
	}
	if s.Counts, err = h.observeCounts(t); err != nil {
		return s, err
	}
	if s.Tags, err = h.tagsOf(t.look, t.Tracker.Version.TagsOnTheWay()); err != nil {
		return s, err
	}
	if s.Milestone, err = h.observeMilestone(t); err != nil {
		return s, err
	}
	if err = h.observeProbes(&s); err != nil || t.Tracker.Issue.State != github.Closed {
		return s, err
	}
	one, err := h.From.GitHub.Issue(t.look.Context(), t.Repo, t.Tracker.Issue.Number)
	if err != nil && !errors.Is(err, reconcile.ErrGone) {
		return s, err
	}
	if one.State == github.Open { // it was listed before somebody opened it again
		s.Tracker.Issue.State = github.Open
	}
	s.Closer = one.ClosedBy
	return s, nil
}

// observeMilestone finds the milestone whose day follows that of the release. It
// is good to have; only a limit ends the look.
func (h *Handler) observeMilestone(t tracked) (*github.Milestone, error) {
	if t.Settings.Blockers.Milestone == "" {
		return nil, nil
	}
	all, err := h.milestones().Of(t.look, facts.Whole{})
	if err != nil && limited(err) {
		return nil, err
	}
	title := t.fill(t.Settings.Blockers.Milestone)
	if i := slices.IndexFunc(all, func(m github.Milestone) bool { return m.Title == title }); i >= 0 {
		return &all[i], nil
	}
	return nil, nil
}

// moves reports whether a milestone follows the day of a release: of several under
// way that share it, as the patch releases of one minor release do, the earliest
// version's.
func (s Settings) moves(trackers []Tracker, t Tracker) bool {
	title := s.fill(s.Blockers.Milestone, t.Version)
	return !slices.ContainsFunc(trackers, func(o Tracker) bool {
		return o.End == nil && o.Issue.Number != t.Issue.Number && s.fill(s.Blockers.Milestone, o.Version) == title && o.Version.Compare(t.Version) < 0
	})
}
