package build

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// A tracking issue has one comment for each version, which follows it from the merge
// that started its build until it is out. What it says is made of what GitHub shows
// at that moment; nothing is remembered in between.

// followed is one version of a release, as far as it has come.
type followed struct {
	Version release.Version
	// Build and Publish are the newest of each; nil for none.
	Build, Publish *started
	Builds         int // how often it was started
	Tags           []tagSeen
	Release        *github.Release // nil for none
}

// tagSeen says whether a repository has the version's tag.
type tagSeen struct {
	Repo    github.Repo
	Seen    bool
	Refused bool // Slipway may not look there
}

// The most that is followed at once of one release, and how many changes of a
// trigger file are looked through for that.
const (
	maxFollowed   = 5
	followChanges = 15
)

// versions are those that a tracking issue follows.
type versions struct {
	place
	Number   int
	Tracking *release.Tracking // nil where it is none of a release that is under way
	Followed []followed        // the last one last
}

// observeVersions reads how far the versions of one release have come.
func (h *Handler) observeVersions(ctx context.Context, repo github.Repo, number int) (s versions, err error) {
	s.Number = number
	if s.place, err = h.place(ctx, repo); err != nil || s.Settings.Triggers.Repository == "" {
		return s, err
	}
	home, list, err := s.underWay()
	if err != nil {
		return s, err
	}
	i := slices.IndexFunc(list, func(t release.Tracking) bool { return t.Number == number })
	if home != repo || i < 0 {
		return s, nil
	}
	if _, g, err := s.look.Elsewhere(s.builder()); g.Refused != "" {
		return s, reconcile.Nothing("versions aren't followed: of the repository with the trigger files, " + g.Refused)
	} else if err != nil {
		return s, err
	}
	s.Tracking = &list[i]
	starts, err := h.observeStarts(ctx, s.place, list[i])
	if err != nil {
		return s, err
	}
	s.Followed = newestVersions(starts, maxFollowed)
	for i := range s.Followed {
		if err := h.observeFollowed(ctx, &s, &s.Followed[i]); err != nil {
			return s, err
		}
	}
	return s, nil
}

// observeStarts lists the builds and publishes of a release that were started not
// too long ago. Alphas come from the default branch, and what a release branch has
// from there when it is cut is in both histories.
func (h *Handler) observeStarts(ctx context.Context, s place, t release.Tracking) ([]started, error) {
	if s.Settings.Triggers.dispatches() {
		return h.observeMade(ctx, s, t)
	}
	builder := s.builder()
	branches := []release.Branch{t.Branch}
	if t.Version.Patch == 0 {
		base, err := h.GitHub.DefaultBranch(ctx, builder)
		if err != nil {
			return nil, err
		}
		branches = append(branches, base)
	}
	since := s.Now.Add(-time.Duration(s.Settings.Triggers.Follow))
	var all []started
	for _, branch := range branches {
		for _, purpose := range []Purpose{Build, Publish} {
			texts, _, err := h.GitHub.FileHistory(ctx, builder, branch, s.Settings.Triggers.path(purpose), followChanges)
			if err != nil {
				return nil, err
			}
			for _, one := range slices.Backward(texts) { // two commits of one second stay in their order
				v, err := s.Settings.Triggers.read(one.Text)
				if err != nil || v.Final() != t.Version || one.At.Before(since) {
					continue
				}
				if !slices.ContainsFunc(all, func(s started) bool { return s.Commit == one.Commit && s.Purpose == purpose }) {
					all = append(all, started{Purpose: purpose, Version: v, Branch: branch, Commit: one.Commit, At: one.At})
				}
			}
		}
	}
	return all, nil
}

// observeMade lists those that workflows were started for.
func (h *Handler) observeMade(ctx context.Context, s place, t release.Tracking) ([]started, error) {
	id, err := h.GitHub.RepoID(ctx, s.Repo)
	if err != nil {
		return nil, err
	}
	made, err := h.made(ctx, s.Repo, id, t.Number)
	since := s.Now.Add(-time.Duration(s.Settings.Triggers.Follow))
	var all []started
	for i, d := range made {
		if v, err := s.Settings.Triggers.Scheme.Recorded(d.Version); err == nil && !d.At.Before(since) {
			all = append(all, started{Purpose: d.Purpose, Version: v, Branch: d.Branch, Commit: d.Commit, At: d.At, Made: &made[i]})
		}
	}
	return all, err
}

// newestVersions groups starts by their versions, those last that were started last,
// and leaves out the oldest if there are too many.
func newestVersions(starts []started, most int) []followed {
	slices.SortStableFunc(starts, func(a, b started) int { return a.At.Compare(b.At) })
	var all []followed
	for _, one := range starts {
		i := slices.IndexFunc(all, func(f followed) bool { return f.Version == one.Version })
		f := followed{Version: one.Version}
		if i >= 0 {
			f = all[i]
			all = slices.Delete(all, i, i+1)
		}
		if one.Purpose == Publish {
			f.Publish = &one
		} else {
			f.Build = &one
			f.Builds++
		}
		all = append(all, f)
	}
	return all[max(len(all)-most, 0):]
}

// observeFollowed reads what became of a version.
func (h *Handler) observeFollowed(ctx context.Context, s *versions, f *followed) error {
	for _, one := range []*started{f.Build, f.Publish} {
		if one == nil {
			continue
		}
		if err := h.observeStarted(ctx, s.place, one); err != nil {
			return err
		}
	}
	if f.Publish == nil {
		return nil
	}
	for _, repo := range s.Settings.Triggers.tagged(s.Repo) {
		_, g, err := s.look.Elsewhere(repo)
		if g.Refused != "" {
			f.Tags = append(f.Tags, tagSeen{Repo: repo, Refused: true})
			continue
		}
		if err != nil {
			return err
		}
		tags, err := h.GitHub.VersionTags(ctx, repo, s.Tracking.Version.TagsOnTheWay()) // all versions on the way there are one list
		if err != nil {
			return err
		}
		f.Tags = append(f.Tags, tagSeen{Repo: repo, Seen: slices.Contains(f.Version.Scheme.OfTags(tags), f.Version)})
	}
	list, err := h.GitHub.Releases(ctx, s.Repo)
	for i, r := range list {
		if v, ok := f.Version.Scheme.OfTag(r.Tag); ok && v == f.Version && (f.Release == nil || !r.Draft) {
			f.Release = &list[i]
		}
	}
	return err
}

// observeStarted reads whose merge started something, and what is reported on it.
func (h *Handler) observeStarted(ctx context.Context, p place, one *started) (err error) {
	if one.Made != nil {
		one.reports, err = h.reportedSince(ctx, p, *one.Made)
		return err
	}
	if err := h.observeMerge(ctx, p, one); err != nil {
		return err
	}
	return h.observeReports(ctx, p, one)
}

// observeMerge reads whose merge started something.
func (h *Handler) observeMerge(ctx context.Context, p place, one *started) error {
	pr, found, err := h.GitHub.MergedWith(ctx, p.builder(), one.Branch, one.Commit)
	if err != nil || !found {
		return err
	}
	// What lists the pull requests of a commit doesn't say who merged one.
	if pr, err = h.GitHub.FreshPullDetail(ctx, p.builder(), pr.Number); err != nil {
		return err
	}
	// Of a pull request that was merged with its commits, the history names the
	// one that changed the file; the job reports on the merge.
	if one.Pull = &pr; pr.MergeCommit != "" {
		one.Commit = pr.MergeCommit
	}
	return nil
}

// observeReports reads what is reported on the commit that started something.
func (h *Handler) observeReports(ctx context.Context, p place, one *started) error {
	list, _, err := h.GitHub.StatusChecks(ctx, p.builder(), one.Commit)
	one.reports = p.sorted(list, one.Purpose)
	return err
}

// builder is the repository with the trigger files, of the same owner as another.
func (t Triggers) builder(repo github.Repo) github.Repo {
	return github.Repo{Owner: repo.Owner, Name: string(t.Repository)}
}

// tagged are the repositories that a publish tags.
func (t Triggers) tagged(home github.Repo) []github.Repo {
	if len(t.TagsIn) == 0 {
		return []github.Repo{home}
	}
	var all []github.Repo
	for _, name := range t.TagsIn {
		all = append(all, github.Repo{Owner: home.Owner, Name: string(name)})
	}
	return all
}

func versionsKey(home github.Repo, n int) reconcile.Key {
	return key(home, fmt.Sprintf("%s/%d", kindVersions, n))
}
