package release

import (
	"context"
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
	Same     []pullFacts          // it and those with the same head, by number
	Open     []github.PullRequest // of a key that spreads
}

// pullFacts is what is to be known of one pull request.
type pullFacts struct {
	PR    github.PullRequest
	Files github.Files
	// Changes are those of the trigger files, the build's first.
	Changes []change
}

// change is a pull request's change of one trigger file.
type change struct {
	Trigger
	Path    string
	Deleted bool
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
	if s.Policy, s.Settings, err = h.policy(ctx, s.Key.Repo); err != nil || !s.Settings.Triggers.in(s.Key.Repo) {
		return err
	}
	switch {
	case s.Subject.group:
		return nil
	case s.Subject.number != 0:
		return h.observePull(ctx, s)
	}
	s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, s.Subject.branch)
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
	seen, err := h.Sightings.OpenSightings(ctx, s.Key.Repo, pr.Head)
	if err != nil {
		return err
	}
	pulls := []github.PullRequest{pr}
	for _, one := range seen {
		if one.Number != pr.Number {
			pulls = append(pulls, one.PullRequest)
		}
	}
	pulls = slices.DeleteFunc(pulls, func(pr github.PullRequest) bool { return pr.State != github.Open })
	slices.SortFunc(pulls, func(a, b github.PullRequest) int { return a.Number - b.Number })
	for _, one := range pulls {
		f, err := h.observeChanges(ctx, s, one)
		if err != nil {
			return err
		}
		s.Same = append(s.Same, f)
	}
	return nil
}

// observeChanges reads what a pull request does to the trigger files.
func (h *Handler) observeChanges(ctx context.Context, s *Snapshot, pr github.PullRequest) (f pullFacts, err error) {
	f.PR = pr
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
			if c.Built, err = h.built(ctx, s, pr.Base, head.Text, base[Build].Text); err != nil {
				return f, err
			}
		}
		f.Changes = append(f.Changes, c)
	}
	return f, nil
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

// builtWithin is how many texts of the build's file are looked through. It
// bounds what somebody's pull request can cost.
const builtWithin = 40

// built looks for the build of a version among the texts that the build's file
// has had on the branch. The newest is mostly the one.
func (h *Handler) built(ctx context.Context, s *Snapshot, branch release.Branch, text, newest string) (Built, error) {
	v, err := ReadTrigger(text)
	if err != nil {
		return NotBuilt, nil // it is refused anyway
	}
	if built, err := ReadTrigger(newest); err == nil && built == v {
		return WasBuilt, nil
	}
	texts, whole, err := h.GitHub.FileHistory(ctx, s.Key.Repo, branch, string(s.Settings.Triggers.Build), builtWithin)
	if err != nil {
		return NotBuilt, err
	}
	for _, one := range texts {
		if built, err := ReadTrigger(one); err == nil && built == v {
			return WasBuilt, nil
		}
	}
	if !whole {
		return Unsure, nil
	}
	return NotBuilt, nil
}
