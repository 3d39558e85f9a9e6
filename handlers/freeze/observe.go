package freeze

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
	Subject  subject // what the key is about
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	RepoID   int64
	// Sighted is the branch that was last seen of the pull request; it can only
	// end the matter early, for a branch that nobody governs.
	Sighted release.Branch
	PR      *github.PullRequest // of a key that names one
	Same    []facts             // of it and of the governed ones with the same head, by number
	Freezes []Freeze            // all there are, windows included
	// Calendar is that of the releases, if a window follows them.
	Calendar release.Calendar
	Open     []github.PullRequest // of a key that spreads
	Members  members              // of a merge group
	Upkeep   upkeepFacts          // of the freezes themselves
	Lost     *Freeze              // as it was, of an issue that is gone
	Edge     edgeFacts            // of an edge that is to be passed on
	Preview  []survey             // of a freeze that nobody has made
}

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter, so that an ungoverned branch costs no request.
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
	if err = h.observePolicy(ctx, s); err != nil || !s.Policy.Exists() {
		return err
	}
	switch sub := s.Subject; {
	case sub.number != 0:
		return h.observePull(ctx, s)
	case sub.freezes:
		return h.observeUpkeep(ctx, s)
	case sub.notice != 0:
		return h.observeNotice(ctx, s)
	case sub.tell != 0:
		return h.observeTell(ctx, s)
	case sub.lost != 0:
		return h.observeLost(ctx, s)
	case sub.group.Head != "":
		return h.observeGroup(ctx, s)
	case sub.preview != "":
		return h.observePreview(ctx, s)
	}
	// For one commit the list is as long as for all: GitHub finds no pull
	// request of a fork by its commit.
	s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, s.Subject.branch)
	return err
}

func (h *Handler) observePolicy(ctx context.Context, s *Snapshot) (err error) {
	if s.Policy, err = h.Policies.Policy(ctx, s.Key.Repo); err != nil || s.Policy.Policy == nil {
		return err
	}
	s.Settings, err = config.Section[Settings](s.Policy.Policy, Name)
	return err
}

// closedFor is how long a freeze issue that was closed is looked at: somebody
// without the right may have closed it.
const closedFor = 7 * 24 * time.Hour

// closedSince bounds the list of closed issues. It is a whole day's beginning,
// so that the list's address, and with it its ETag, stay good for that long. A
// window's issue that was closed counts as long as the window lasts.
func closedSince(windows []occurrence, now time.Time) time.Time {
	since := now.Add(-closedFor)
	for _, w := range windows {
		if w.at(now) && w.Start.Before(since) {
			since = w.Start
		}
	}
	return since.UTC().Truncate(24 * time.Hour)
}

// observeFreezes reads the policy and the freezes of a repository.
func (h *Handler) observeFreezes(ctx context.Context, s *Snapshot) error {
	if !s.Policy.Exists() {
		if err := h.observePolicy(ctx, s); err != nil {
			return err
		}
	}
	if s.Policy.Policy == nil {
		return nil
	}
	var err error
	if s.Settings.follow() {
		if s.Calendar, err = h.Schedules.Calendar(ctx, s.Key.Repo); err != nil {
			return err
		}
	}
	issues, err := h.GitHub.OwnIssues(ctx, s.Key.Repo, closedSince(occurrences(s.Settings.Windows, s.Calendar), s.Now))
	if err != nil {
		return err
	}
	if s.RepoID == 0 {
		if s.RepoID, err = h.GitHub.RepoID(ctx, s.Key.Repo); err != nil {
			return err
		}
	}
	freezes, err := h.readAll(ctx, s, issues)
	s.Freezes = withWindows(freezes, s.Settings.Windows, s.Calendar, s.Now)
	return err
}

// readAll reads the freezes among our issues. Of those that are closed, an
// altered one still counts unless our App itself closed it, which it does when a
// freeze has ended: somebody may have changed and closed it while we were away.
func (h *Handler) readAll(ctx context.Context, s *Snapshot, issues []github.Issue) ([]Freeze, error) {
	freezes := make([]Freeze, 0, len(issues))
	for _, i := range issues {
		f, ok := read(h.Sealer, s.RepoID, i)
		if ok && f.Altered && i.State == github.Closed {
			one, err := h.GitHub.Issue(ctx, s.Key.Repo, i.Number)
			if err != nil && !errors.Is(err, reconcile.ErrGone) {
				return nil, err
			}
			ok = err == nil && one.ClosedBy.ID != i.Author.ID
		}
		if ok {
			freezes = append(freezes, f)
		}
	}
	return freezes, nil
}

func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	sighting, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && s.Subject.why != moved && !s.Policy.Governs(sighting.Base) {
		s.Sighted = sighting.Base
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR, s.RepoID = &pr, pr.RepoID
	return h.observeSame(ctx, s)
}

// observeSame reads the facts about every open pull request of a governed
// branch that has the head. A check belongs to a commit, so all of them show the
// same one, and it has to be true of each.
func (h *Handler) observeSame(ctx context.Context, s *Snapshot) error {
	pulls, err := reconcile.SameHead(ctx, h.Sightings, s.Key.Repo, *s.PR, func(pr github.PullRequest) bool { return s.Policy.Governs(pr.Base) })
	if err != nil || len(pulls) == 0 {
		return err
	}
	if s.Policy.Policy != nil {
		if err := h.observeFreezes(ctx, s); err != nil {
			return err
		}
	}
	for _, pr := range pulls {
		f, err := h.observeExceptions(ctx, s.Key.Repo, s.facts(pr))
		if err != nil {
			return err
		}
		s.Same = append(s.Same, f)
	}
	return nil
}

// facts are a snapshot's facts about one pull request, before those that cost
// requests of their own.
func (s Snapshot) facts(pr github.PullRequest) facts {
	return facts{Now: s.Now, Policy: s.Policy, Settings: s.Settings, Freezes: s.Freezes, Calendar: s.Calendar, PR: pr}
}

// observeExceptions adds who set the exempting labels, and the files if the
// verdict depends on them.
func (h *Handler) observeExceptions(ctx context.Context, repo github.Repo, f facts) (facts, error) {
	if f.Policy.Policy == nil {
		return f, nil
	}
	if f.byAccount() {
		seen, ok, err := h.Sightings.Sighting(ctx, repo, f.PR.Number)
		if err != nil {
			return f, err
		}
		if ok && seen.Head == f.PR.Head {
			f.PushedBy = seen.HeadBy
		}
	}
	for _, label := range exemptingLabels(f.Settings, f.PR) {
		by, found, err := h.GitHub.LabelledBy(ctx, repo, f.PR.Number, label)
		if err != nil {
			return f, err
		}
		set := labelled{Label: label, By: by.Who, Unclear: !found}
		if found {
			standing, err := h.Roles.Manages(ctx, repo, f.PR.Base, by.Who)
			if err != nil {
				return f, err
			}
			set.May = standing.Holds
			set.Unclear = !standing.Holds && (standing.Unclear != "" || len(standing.Missing) > 0)
		}
		f.Set = append(f.Set, set)
	}
	if !f.filesMatter() {
		return f, nil
	}
	var err error
	f.Files, err = h.GitHub.Files(ctx, repo, f.PR.Number, f.PR.Head)
	return f, err
}

// members are the pull requests of a merge group.
type members struct {
	facts    []facts
	complete bool // false when some of the group can't be told
}

// observeGroup reads what a merge queue would merge. While the branch isn't
// frozen it doesn't matter what that is.
func (h *Handler) observeGroup(ctx context.Context, s *Snapshot) (err error) {
	g, repo := s.Subject.group, s.Key.Repo
	if !s.Policy.Governs(g.Branch) || s.Policy.Policy == nil {
		return nil
	}
	if err = h.observeFreezes(ctx, s); err != nil || len(holding(s.Freezes, g.Branch, s.Now)) == 0 {
		return err
	}
	s.Members.complete, err = reconcile.EachOfGroup(ctx, h.GitHub, repo, g, func(n int) error {
		pr, err := h.GitHub.PullRequest(ctx, repo, n)
		if err != nil {
			return err
		}
		pr.Base = g.Branch // what it is judged for
		f, err := h.observeExceptions(ctx, repo, s.facts(pr))
		s.Members.facts = append(s.Members.facts, f)
		return err
	})
	return err
}

// observePreview judges the open pull requests of a branch as if it were frozen.
func (h *Handler) observePreview(ctx context.Context, s *Snapshot) error {
	if s.Policy.Policy == nil {
		return nil
	}
	if err := h.observeFreezes(ctx, s); err != nil {
		return err
	}
	var err error
	s.Preview, err = h.asIf(ctx, *s, Record{Branches: []string{string(s.Subject.preview)}, Since: s.Now})
	return err
}

// asIf judges the open pull requests of a freeze's branches as if there were it.
func (h *Handler) asIf(ctx context.Context, s Snapshot, r Record) ([]survey, error) {
	pulls, err := h.openOn(ctx, s.Key.Repo, r.Branches)
	if err != nil {
		return nil, err
	}
	s.Freezes = append(slices.Clone(s.Freezes), Freeze{Record: r})
	return h.survey(ctx, s, pulls)
}
