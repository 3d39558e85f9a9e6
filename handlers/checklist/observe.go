package checklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Snapshot is every fact that a decision rests on.
type Snapshot struct {
	Key      reconcile.Key
	Subject  subject
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	RepoID   int64
	Trackers []Tracker // of the key that names them all
	Tracker  *Tracker  // of one that names one, if there is such a one
	Counts   counts
	Found    map[string]found // by the step
	Tags     []string         // of the home repository, on the way to the version
	// Milestone is that of the release in the home repository; nil when there is
	// none, or nobody can tell.
	Milestone *github.Milestone
	// Moves says that it is this release whose day the milestone follows.
	Moves    bool
	Closer   closer
	Standing standing // of who edited something by hand
	// Counted says that a release counts what was reviewed.
	Counted bool
	// From is when the next look may come, of a key that asks for one; zero for now.
	From time.Time
}

// closer is who closed a tracking issue by hand.
type closer struct {
	who github.User
	may bool
}

// standing is what somebody may edit.
type standing struct {
	manages bool
	owns    bool // the step
	teams   []string
}

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter.
func (h *Handler) Observe(ctx context.Context, k reconcile.Key) (Snapshot, error) {
	s := Snapshot{Key: k, Now: h.Now()}
	err := h.observe(ctx, &s)
	if err != nil {
		err = fmt.Errorf("observe %s: %w", k, err)
	}
	return s, err
}

func (h *Handler) observe(ctx context.Context, s *Snapshot) (err error) {
	if s.Subject, err = parseID(s.Key.ID); err != nil {
		return err
	}
	if s.Policy, s.Settings, err = h.policy(ctx, s.Key.Repo); err != nil || s.Subject.kind == nudge {
		return err
	}
	if s.Subject.kind == kindReview {
		return h.observeReview(ctx, s)
	}
	if !s.Settings.homeIs(s.Key.Repo) {
		return nil
	}
	if s.Subject.kind == kindSoon {
		return h.observeSoon(ctx, s)
	}
	trackers, id, err := h.trackers(ctx, s.Key.Repo)
	if s.RepoID = id; err != nil || s.Subject.kind == theTrackers {
		s.Trackers = trackers
		return err
	}
	for i := range trackers {
		if trackers[i].Issue.Number == s.Subject.number {
			s.Tracker = &trackers[i]
		}
	}
	if s.Tracker == nil {
		return nil
	}
	if s.Subject.kind != kindTracker {
		return h.observeEdit(ctx, s)
	}
	s.Moves = s.Settings.moves(trackers, *s.Tracker)
	return h.observeTracker(ctx, s)
}

// observeTracker counts and looks for evidence, unless the release is over.
func (h *Handler) observeTracker(ctx context.Context, s *Snapshot) (err error) {
	t := *s.Tracker
	if t.End != nil && t.Issue.State == github.Closed {
		return nil
	}
	if s.Counts, err = h.observeCounts(ctx, s.Settings, t); err != nil {
		return err
	}
	if s.Tags, err = h.GitHub.Tags(ctx, s.Key.Repo, t.Version.String()); err != nil {
		return err
	}
	if err = h.observeMilestone(ctx, s, t); err != nil {
		return err
	}
	if s.Found, err = h.observeProbes(ctx, *s, t); err != nil {
		return err
	}
	if t.Issue.State != github.Closed {
		return nil
	}
	one, err := h.GitHub.Issue(ctx, s.Key.Repo, t.Issue.Number)
	if errors.Is(err, reconcile.ErrGone) || one.ClosedBy.ID == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	st, err := h.Roles.Manages(ctx, s.Key.Repo, s.Settings.branchOf(t.Version), one.ClosedBy)
	s.Closer = closer{one.ClosedBy, st.Holds}
	return err
}

// observeMilestone finds the milestone whose day follows that of the release. It
// is good to have; only a limit ends the look.
func (h *Handler) observeMilestone(ctx context.Context, s *Snapshot, t Tracker) error {
	if s.Settings.Blockers.Milestone == "" {
		return nil
	}
	all, err := h.GitHub.Milestones(ctx, s.Key.Repo)
	if err != nil && limited(err) {
		return err
	}
	for i, m := range all {
		if m.Title == s.Settings.fill(s.Settings.Blockers.Milestone, t.Version) {
			s.Milestone = &all[i]
		}
	}
	return nil
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

// observeEdit looks up who edited something by hand.
func (h *Handler) observeEdit(ctx context.Context, s *Snapshot) (err error) {
	step, _ := s.Settings.template(s.Tracker.Version).step(s.Subject.edit.step)
	s.Standing, err = h.standing(ctx, s, step, s.Subject.edit.who)
	return err
}

// standing looks up what somebody may do: release managers everything, a step's
// owners that step. It fails closed.
func (h *Handler) standing(ctx context.Context, s *Snapshot, step Step, who github.User) (standing, error) {
	branch := s.Settings.branchOf(s.Tracker.Version)
	manages, err := h.Roles.Manages(ctx, s.Key.Repo, branch, who)
	if err != nil {
		return standing{}, err
	}
	st := standing{manages: manages.Holds, teams: manages.Teams}
	if team := ownersOf(step, branch); team != "" && !manages.Holds {
		st.teams = append(slices.Clone(st.teams), team)
		member, exists, err := h.GitHub.Member(ctx, s.Key.Repo, team, who)
		if err != nil {
			return standing{}, err
		}
		st.owns = member && exists
	}
	return st, nil
}

// ownersOf is the team that owns a step, "" for none.
func ownersOf(step Step, branch release.Branch) string {
	slug, _ := step.Owners.For(branch)
	return slug
}

// step finds a step by its name.
func (t Template) step(id string) (Step, bool) {
	for _, s := range t.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}
