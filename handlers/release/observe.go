package release

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
	PR       *github.PullRequest  // of a key that names one
	Same     []pullFacts          // it and those with the same head, by number; or those of a group
	Complete bool                 // of a group: it is known what is in it
	Open     []github.PullRequest // of a key that spreads
	// Tracking is the release whose versions are followed, nil for none, and Followed
	// are those, the last one last.
	Tracking *release.Tracking
	Followed []followed
	Versions []reconcile.Key // to look at after something was reported
	// pushed are the accounts that are known to have pushed the pull request's head.
	pushed []int64
	// Concerned says that pull requests of the repository are looked at, and Traps
	// that some of them may be a trap at some point of a release.
	Concerned, Traps bool
	Home             github.Repo                      // with the tracking issues; zero for none
	Places           map[github.Repo][]release.Branch // to look at again after a step
}

// pullFacts is what is to be known of one pull request.
type pullFacts struct {
	PR    github.PullRequest
	Files github.Files
	Trap  *sprung // that it is, nil for none
	// Changes are those of the trigger files, the build's first.
	Changes []change
	// Asked is, of a publish that a second release manager has to approve, who asked
	// for it: by the command, or ByHand by opening the pull request. Approved is who
	// else approved it, of those who may.
	Asked    *Proposal
	ByHand   bool
	Approved string
	Torn     bool     // we opened it, and nobody can tell any more who asked
	Teams    []string // whose members may
}

// change is a pull request's change of one trigger file.
type change struct {
	Trigger
	Path     string
	Deleted  bool
	Blockers release.Blockers // of a publish
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
	if s.Policy, s.Settings, err = h.policy(ctx, s.Key.Repo); err != nil {
		return err
	}
	followable := s.Settings.Triggers.Repository != ""
	switch {
	case s.Subject.issues != "":
		return h.observeIssues(ctx, s)
	case s.Subject.versions && followable:
		return h.observeVersions(ctx, s)
	case (s.Subject.reported || s.Subject.tagged) && followable:
		return h.observeFollowers(ctx, s)
	case s.Subject.versions, s.Subject.reported, s.Subject.tagged:
		return nil
	}
	if s.Traps, err = h.Trackers.Trapped(ctx, s.Key.Repo); err != nil {
		return err
	}
	if s.Concerned = s.Traps || s.Settings.concerns(s.Key.Repo); !s.Concerned {
		return nil
	}
	switch {
	case s.Subject.group.Head != "":
		return h.observeGroup(ctx, s)
	case s.Subject.number != 0:
		return h.observePull(ctx, s)
	}
	if s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, s.Subject.branch); err != nil || s.Subject.branch == "" {
		return err
	}
	return h.observeFollowers(ctx, s) // a push may be the merge that starts a build
}

// observeGroup reads each pull request that a merge queue would merge.
func (h *Handler) observeGroup(ctx context.Context, s *Snapshot) (err error) {
	g, repo := s.Subject.group, s.Key.Repo
	s.Complete, err = reconcile.EachOfGroup(ctx, h.GitHub, repo, g, func(n int) error {
		pr, err := h.GitHub.PullRequest(ctx, repo, n)
		if err != nil {
			return err
		}
		pr.Base = g.Branch // what it is judged for
		f, err := h.observeChanges(ctx, s, pr)
		s.Same = append(s.Same, f)
		return err
	})
	return err
}

// observePull reads a pull request and those with the same head: a check belongs
// to a commit, and has to be true of each.
func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	pr, err := h.GitHub.PullRequest(ctx, s.Key.Repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR = &pr
	pulls, err := reconcile.SameHead(ctx, h.Sightings, s.Key.Repo, pr, func(github.PullRequest) bool { return true })
	if err != nil {
		return err
	}
	seen, err := h.Sightings.OpenSightings(ctx, s.Key.Repo, pr.Head)
	if err != nil {
		return err
	}
	for _, one := range seen {
		if one.HeadBy != 0 {
			s.pushed = append(s.pushed, one.HeadBy)
		}
	}
	for _, one := range pulls {
		f, err := h.observeChanges(ctx, s, one)
		if err == nil && f.idle() {
			one, err = h.asItIs(ctx, s.Key.Repo, one)
		}
		if err != nil {
			return err
		}
		if one.State == github.Open {
			s.Same = append(s.Same, f)
		}
	}
	return nil
}

// observeChanges reads what a pull request does to the trigger files.
func (h *Handler) observeChanges(ctx context.Context, s *Snapshot, pr github.PullRequest) (f pullFacts, err error) {
	f.PR = pr
	var set []release.StepTrap
	if s.Traps {
		if set, err = h.Trackers.Traps(ctx, s.Key.Repo, pr.Base); err != nil {
			return f, err
		}
	}
	if f.Trap = s.Settings.trap(s.Key.Repo, pr, set); f.Trap != nil || !s.Settings.Triggers.in(s.Key.Repo) {
		return f, nil
	}
	if f.Files, err = h.GitHub.Files(ctx, s.Key.Repo, pr.Number, pr.Head); err != nil {
		return f, err
	}
	paths := map[Purpose]string{Build: string(s.Settings.Triggers.Build), Publish: string(s.Settings.Triggers.Publish)}
	touches := func(p Purpose) bool { return slices.Contains(f.Files.Paths, paths[p]) }
	if f.Files.Complete && !touches(Build) && !touches(Publish) {
		return f, nil
	}
	base := map[Purpose]github.File{}
	for purpose, path := range paths {
		if base[purpose], err = h.GitHub.FileAt(ctx, s.Key.Repo, string(pr.Base), path); err != nil {
			return f, err
		}
	}
	for _, purpose := range []Purpose{Build, Publish} {
		if f.Files.Complete && !touches(purpose) {
			continue
		}
		head, err := h.GitHub.FileAt(ctx, s.Key.Repo, pr.Head, paths[purpose])
		if err != nil {
			return f, err
		}
		if !touches(purpose) && head.Text == base[purpose].Text && head.Found == base[purpose].Found {
			continue // of so many files GitHub doesn't show all, but this one is as it was
		}
		c := change{Path: paths[purpose], Deleted: !head.Found}
		c.Trigger = Trigger{Branch: pr.Base, Purpose: purpose, Text: head.Text, Was: base[purpose].Text, Title: pr.Title, Latest: newest(base)}
		if purpose == Publish && head.Found {
			if c.Built, err = h.built(ctx, s, pr.Base, head.Text); err != nil {
				return f, err
			}
			if c.Blockers, err = h.observeBlockers(ctx, s.Key.Repo, head.Text); err != nil {
				return f, err
			}
		}
		f.Changes = append(f.Changes, c)
		if purpose == Publish {
			if f, err = h.observeApproval(ctx, s, f, head.Text); err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

// idle reports a pull request of which a trigger file stands on its base already,
// to the byte: mostly it was merged a moment ago.
func (f pullFacts) idle() bool {
	return slices.ContainsFunc(f.Changes, func(c change) bool { return !c.Deleted && c.Text == c.Was })
}

// asItIs reads a pull request anew, whatever was seen of it. What it would start
// was said before its merge; said again it would be about another one.
func (h *Handler) asItIs(ctx context.Context, repo github.Repo, pr github.PullRequest) (github.PullRequest, error) {
	one, err := h.GitHub.PullDetail(ctx, repo, pr.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return github.PullRequest{State: github.Closed}, nil
	}
	return one.PullRequest, err
}

// newest is the newest version that the files of a branch name.
func newest(files map[Purpose]github.File) (latest release.Version) {
	for _, f := range files {
		if v, err := ReadTrigger(f.Text); err == nil && v.Compare(latest) > 0 {
			latest = v
		}
	}
	return latest
}
