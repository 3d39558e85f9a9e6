package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
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
	// Asked is, of a pull request that we proposed a publish with, who asked for
	// it; nil of any other. Approved is who else approved it, of those who may.
	Asked    *Proposal
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
			if f, err = h.observeApproval(ctx, s, f); err != nil {
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

// observeApproval reads who approved a publish that we proposed. A release
// manager asked for it; another one has to look.
func (h *Handler) observeApproval(ctx context.Context, s *Snapshot, f pullFacts) (pullFacts, error) {
	if !f.PR.Author.Bot || !strings.HasPrefix(string(f.PR.HeadRef), "trigger-") {
		return f, nil
	}
	list, err := h.GitHub.PullsFrom(ctx, s.Key.Repo, f.PR.HeadRef)
	if err != nil {
		return f, err
	}
	for _, pr := range list {
		if p, ok := h.proposal(pr); ok && pr.Number == f.PR.Number {
			f.Asked = &p
		}
	}
	if f.Asked == nil {
		bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
		f.Torn = f.PR.Author.ID == bot
		return f, err
	}
	reviews, err := h.GitHub.Reviews(ctx, s.Key.Repo, f.PR.Number)
	if err != nil {
		return f, err
	}
	nobody, err := h.Roles.Manages(ctx, s.Key.Repo, f.Asked.Branch, github.User{})
	if err != nil {
		return f, err
	}
	f.Teams = nobody.Teams
	for _, r := range github.Standing(reviews) {
		if r.State != github.Approved || r.Commit != f.PR.Head || r.Author.ID == f.Asked.ByID || r.Author.Bot {
			continue
		}
		standing, err := h.Roles.Manages(ctx, s.Key.Repo, f.Asked.Branch, r.Author)
		if err != nil {
			return f, err
		}
		if standing.Holds {
			f.Approved = r.Author.Login
		}
	}
	return f, nil
}

// proposal reads what a pull request of ours proposes. Its seal is for the
// repository; the branch that it is from is the mark's id.
func (h *Handler) proposal(pr github.PullDetail) (p Proposal, ok bool) {
	r := h.Sealer.Unseal(effect.Place{Repo: pr.RepoID}, pr.Body)
	if r.Standing == effect.Altered || r.Mark != (effect.Mark{Kind: proposalKind, ID: string(pr.HeadRef)}) || json.Unmarshal(r.JSON, &p) != nil {
		return p, false
	}
	return p, true
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
