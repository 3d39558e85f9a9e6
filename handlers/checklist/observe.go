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
	PutOff   bool             // some of it was left to the next look
	Running  bool             // status checks that a step waits for aren't over
	Tags     []string         // of the home repository, on the way to the version
	// Milestone is that of the release in the home repository; nil when there is
	// none, or nobody can tell.
	Milestone *github.Milestone
	// Moves says that it is this release whose day the milestone follows.
	Moves  bool
	Closer github.User // who closed it by hand
	// Standings are those of who edited something by hand: by the steps that were
	// ticked, and for the whole.
	Standings map[string]standing
	// Counted says that a release counts what was reviewed.
	Counted bool
	// From is when the next look may come, of a key that asks for one; zero for now.
	From time.Time
}

// wholeOf is the name of the standing that holds for no step in particular.
const wholeOf = ""

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
	switch {
	case s.Tracker == nil || s.Subject.kind == kindMoved || s.Subject.kind == kindTold:
		return nil
	case s.Subject.kind != kindTracker:
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
	milestones, err := h.observeMilestone(ctx, s, t)
	if err != nil {
		return err
	}
	if err = h.observeProbes(ctx, s, milestones); err != nil {
		return err
	}
	if t.Issue.State != github.Closed {
		return nil
	}
	one, err := h.GitHub.Issue(ctx, s.Key.Repo, t.Issue.Number)
	if err != nil && !errors.Is(err, reconcile.ErrGone) {
		return err
	}
	s.Closer = one.ClosedBy
	return nil
}

// observeMilestone finds the milestone whose day follows that of the release. It
// is good to have; only a limit ends the look.
func (h *Handler) observeMilestone(ctx context.Context, s *Snapshot, t Tracker) ([]github.Milestone, error) {
	if s.Settings.Blockers.Milestone == "" {
		return nil, nil
	}
	all, err := h.GitHub.Milestones(ctx, s.Key.Repo)
	if err != nil {
		if limited(err) {
			return nil, err
		}
		return nil, nil
	}
	for i, m := range all {
		if m.Title == s.Settings.fill(s.Settings.Blockers.Milestone, t.Version) {
			s.Milestone = &all[i]
		}
	}
	return append([]github.Milestone{}, all...), nil // none is an answer, too
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

// observeEdit looks up who edited something by hand: what they may do with the
// whole, and with each step that they ticked.
func (h *Handler) observeEdit(ctx context.Context, s *Snapshot) error {
	who := s.Subject.edit.who
	if who.ID == 0 {
		return nil
	}
	whole, err := h.standing(ctx, s, Step{}, who)
	if err != nil {
		return err
	}
	s.Standings = map[string]standing{wholeOf: whole}
	branch, byTeam := s.Settings.branchOf(s.Tracker.Version), map[string]standing{}
	for _, id := range s.Subject.edit.steps() {
		step, known := s.Settings.template(s.Tracker.Version).step(id)
		if !known {
			continue
		}
		team := ownersOf(step, branch)
		st, asked := byTeam[team]
		if !asked {
			if st, err = h.owning(ctx, s, whole, step, who); err != nil {
				return err
			}
			byTeam[team] = st
		}
		s.Standings[id] = st
	}
	return nil
}

// standing looks up what somebody may do: release managers everything, a step's
// owners that step. It fails closed.
func (h *Handler) standing(ctx context.Context, s *Snapshot, step Step, who github.User) (standing, error) {
	manages, err := h.Roles.Manages(ctx, s.Key.Repo, s.Settings.branchOf(s.Tracker.Version), who)
	if err != nil {
		return standing{}, err
	}
	return h.owning(ctx, s, standing{manages: manages.Holds, teams: manages.Teams}, step, who)
}

// owning adds to a standing whether somebody owns a step.
func (h *Handler) owning(ctx context.Context, s *Snapshot, st standing, step Step, who github.User) (standing, error) {
	team := ownersOf(step, s.Settings.branchOf(s.Tracker.Version))
	if team == "" || st.manages {
		return st, nil
	}
	st.teams = append(slices.Clone(st.teams), team)
	member, exists, err := h.GitHub.Member(ctx, s.Key.Repo, team, who)
	if err != nil {
		return standing{}, err
	}
	st.owns = member && exists
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
