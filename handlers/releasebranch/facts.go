package releasebranch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// facts is everything that the verdict on one pull request rests on.
type facts struct {
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	Repo     github.Repo
	PR       github.PullDetail
	Base     release.Branch // what it is judged for
	Source   release.Branch // where sources have to be
	PushedBy int64          // who pushed the head; 0: nobody knows
	Calendar release.Calendar
	Held     string // why the branch is frozen now, as a phrase; "": it isn't
	Pick     reconcile.Pick
	Commits  github.Comparison
	Named    []named
	Found    provenance.Finding
	Origins  map[string]origin // of the sources found, by their commits
	Owners   owners
	Teams    map[string]github.Team // by slug
	Reviews  []github.Review        // what each reviewer says now
	Writers  map[int64]bool         // of the reviewers who are owners by their login, those who may push
	Managers []string               // slugs of the teams that manage the branch's releases
	Part     overridePart           // our own, about overrides
	Past     github.PullHistory     // only if it can matter
	// Trouble is what couldn't be found out, each a phrase, and Causes the errors,
	// for the log. Nothing passes then.
	Trouble, Causes []string
}

// override is the override that holds; its Commit is "" if none does.
func (f facts) override() Override {
	if f.Part.Altered || !f.Part.Have.holds(f.PR.Head, f.Base) {
		return Override{}
	}
	return f.Part.Have
}

// GitHub shows no more than so many files and commits of a pull request.
const (
	maxFiles   = 3000
	maxCommits = 250
)

// tooLarge reports a pull request of which GitHub doesn't show all.
func (f facts) tooLarge() bool {
	return f.PR.Files >= maxFiles || max(f.PR.Commits, f.Commits.Total) >= maxCommits || f.Commits.Total != len(f.Commits.Commits)
}

// observeFacts reads what the verdict on a pull request rests on.
func (h *Handler) observeFacts(ctx context.Context, s *Snapshot, number int, base release.Branch) (f facts, err error) {
	f = facts{Now: s.Now, Policy: s.Policy, Settings: s.Settings, Repo: s.Key.Repo, Base: base, Teams: map[string]github.Team{}, Origins: map[string]origin{}, Writers: map[int64]bool{}}
	if f.PR, err = h.GitHub.PullSeen(ctx, f.Repo, number); err != nil || s.Policy.Policy == nil {
		return f, err
	}
	seen, ok, err := h.Sightings.Sighting(ctx, f.Repo, number)
	if err != nil {
		return f, err
	}
	if ok && seen.Head == f.PR.Head {
		f.PushedBy = seen.HeadBy
	}
	if f.Part, err = h.readPart(ctx, f.Repo, f.PR.RepoID, number, CheckName); err != nil {
		return f, err
	}
	if f.Held, err = h.Freezes.Holds(ctx, f.Repo, base); err != nil || f.tooLarge() {
		return f, err
	}
	if err = h.observeCalendar(ctx, &f); err != nil {
		return f, err
	}
	f.Commits, err = h.GitHub.Compare(ctx, f.Repo, base, f.PR.Head)
	if err = f.trouble("It couldn't be compared with its base", err); err != nil || f.tooLarge() {
		return f, err
	}
	if err := h.observeOrigin(ctx, &f); err != nil {
		return f, err
	}
	if err := h.observePeople(ctx, &f); err != nil {
		return f, err
	}
	// The past is only of interest if there is somebody to ask, or a review whose
	// word depends on what came before or after it.
	said := slices.ContainsFunc(f.Reviews, func(r github.Review) bool { return r.State != github.ChangesRequested })
	if said || len(assess(f).Ask) > 0 {
		f.Past, err = h.GitHub.PullHistory(ctx, f.Repo, number)
	}
	return f, err
}

// observeCalendar reads the dates of releases, which say what phase the branch is in.
func (h *Handler) observeCalendar(ctx context.Context, f *facts) (err error) {
	f.Calendar, err = h.Schedules.Calendar(ctx, f.Repo)
	// The open tracking issue of its minor release decides, whatever others say.
	minor := f.Calendar.Minor(f.Base)
	if why := f.Calendar.Unclear; why != "" && (minor == nil || minor.Closed) {
		f.Trouble = append(f.Trouble, "Which phase the branch is in can't be told, because "+why)
		f.Causes = append(f.Causes, cmp.Or(f.Calendar.Cause, why))
	}
	return err
}

// observeOrigin finds out where the change comes from.
func (h *Handler) observeOrigin(ctx context.Context, f *facts) (err error) {
	if f.Source = release.Branch(f.Settings.SourceBranch); f.Source == "" {
		if f.Source, err = h.GitHub.DefaultBranch(ctx, f.Repo); err != nil {
			return err
		}
	}
	if f.Pick, err = h.Picks.PickOf(ctx, f.Repo, f.PR); err != nil {
		return err
	}
	f.Named, err = h.observeNamed(ctx, *f)
	if err = f.trouble("What it names couldn't be looked up", err); err != nil {
		return err
	}
	all, err := h.GitHub.Reviews(ctx, f.Repo, f.PR.Number)
	if err != nil {
		return err
	}
	f.Reviews = github.Standing(all)
	earlier, err := h.observeEarlier(ctx, *f)
	if err != nil {
		return err
	}
	q := f.question()
	q.Earlier = earlier
	f.Found, err = h.Prover.Prove(ctx, f.Repo, f.PR.RepoID, q)
	if err = f.trouble("Git couldn't compare it with "+effect.Code(string(f.Source)), err); err != nil {
		return err
	}
	return h.observeSources(ctx, f)
}

// trouble takes an error that may pass for a fact, so that the check names it; the
// error's own words, which may be others with each try, are for the log. What
// says by itself when to try again, or that there is nothing to judge, stays one.
func (f *facts) trouble(what string, err error) error {
	var later *reconcile.Later
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &later) || errors.Is(err, reconcile.ErrGone) {
		return err
	}
	f.Trouble = append(f.Trouble, what)
	f.Causes = append(f.Causes, err.Error())
	return nil
}

// maxEarlier is how many commits are compared with the head at which somebody
// approved; older approvals have to be given again.
const maxEarlier = 10

// observeEarlier finds where the commits meet the base at which people approved,
// the newest first.
func (h *Handler) observeEarlier(ctx context.Context, f facts) (points []provenance.Point, err error) {
	seen := map[string]bool{f.PR.Head: true, "": true}
	for i := len(f.Reviews) - 1; i >= 0 && len(points) < maxEarlier; i-- {
		r := f.Reviews[i]
		if r.State != github.Approved || seen[r.Commit] {
			continue
		}
		seen[r.Commit] = true
		base, err := h.GitHub.MergeBase(ctx, f.Repo, f.Base, r.Commit)
		if err != nil {
			return nil, fmt.Errorf("where %s was approved: %w", effect.Short(r.Commit), err)
		}
		points = append(points, provenance.Point{Commit: r.Commit, MergeBase: base})
	}
	return points, nil
}
