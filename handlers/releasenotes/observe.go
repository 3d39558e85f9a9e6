package releasenotes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
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
	// Sighted is the branch that was last seen of the pull request; it can only
	// end the matter early.
	Sighted  release.Branch
	PR       *github.PullRequest // of a key that names one
	Same     []facts             // of it and of the governed ones with the same head, by number; or those of a merge group
	Complete bool                // all of a merge group is there
	Open     []github.PullRequest
	// Proposed are the open pull requests where those of the notes of releases are,
	// by the repository.
	Proposed map[github.Repo][]github.PullRequest
	Edition  *edition // of a key that names a release, if its pull request is open
	Problem  string   // what keeps it from being made, as a phrase
}

// facts are what a verdict on one pull request rests on.
type facts struct {
	PR       github.PullRequest
	Policy   config.Loaded
	Settings Settings
	Schema   notes.Schema
	Account  account
	Changes  github.Changes
	Files    []noteFile // those that it adds or changes, as they are at its head
	Unread   int        // note files beyond the most that are read
	Gone     []notes.File
	Unclear  bool // whether notes that always need another are taken away: not all could be read
	Label    waiver
	Box      waiver
	From     release.Branch // where sources of cherry-picks are merged
	Sources  []source
	Ours     bool // it proposes the notes of a release, and changes nothing else
}

// on reports whether the policy asks for notes. Of a policy that can't be read
// nobody knows: it counts as asking.
func (s Snapshot) on() bool {
	return s.Policy.Exists() && (s.Policy.Policy == nil || s.Settings.Path != "")
}

func (s Snapshot) pullKeys(why string, open []github.PullRequest) []reconcile.Key {
	var keys []reconcile.Key
	for _, pr := range open {
		if s.Policy.Governs(pr.Base) {
			keys = append(keys, key(s.Key.Repo, fmt.Sprintf("%s/%d", why, pr.Number)))
		}
	}
	return keys
}

// Observe implements reconcile.Handler. It reads no further than the facts at
// hand can still matter: where the policy asks for no notes, nothing is read.
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
	if err = h.observePolicy(ctx, s); err != nil {
		return err
	}
	switch sub := s.Subject; {
	case !s.on():
		return h.observeOff(ctx, s)
	case sub.group.Head != "":
		return h.observeGroup(ctx, s)
	case sub.number != 0:
		return h.observePull(ctx, s)
	case sub.version != "":
		return h.observeRefresh(ctx, s)
	case sub.pushed != "":
		return h.observeProposed(ctx, s)
	}
	s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, "")
	return err
}

// observeOff reads what a check may be on from the time when the policy asked for
// notes. Only a change of the policy asks.
func (h *Handler) observeOff(ctx context.Context, s *Snapshot) (err error) {
	switch sub := s.Subject; {
	case !s.Policy.Exists():
	case sub.all:
		s.Open, err = h.GitHub.OpenPullRequests(ctx, s.Key.Repo, "")
	case sub.why == off:
		pr, err := h.GitHub.PullRequest(ctx, s.Key.Repo, sub.number)
		s.PR = &pr
		return err
	}
	return err
}

// observeGroup reads the facts about each pull request that a merge queue would
// merge.
func (h *Handler) observeGroup(ctx context.Context, s *Snapshot) (err error) {
	g, repo := s.Subject.group, s.Key.Repo
	if !s.Policy.Governs(g.Branch) || s.Policy.Policy == nil {
		return nil
	}
	s.Complete, err = reconcile.EachOfGroup(ctx, h.GitHub, repo, g, func(n int) error {
		pr, err := h.GitHub.PullRequest(ctx, repo, n)
		if err != nil {
			return err
		}
		pr.Base = g.Branch // what it is judged for
		f, err := h.observeFacts(ctx, *s, pr)
		s.Same = append(s.Same, f)
		return err
	})
	return err
}

// refreshes reports whether a push to a branch refreshes the notes of releases.
func (s Snapshot) refreshes(b release.Branch) bool {
	major, minor, ok := b.Minor()
	v, valid := parseVersion(major + "." + minor + ".0")
	r := s.Settings.Release
	return ok && valid && r.Refresh && r.Path != "" && fillVersion(r.Branch, "", v) == string(b)
}

// observeProposed lists the open pull requests where those of notes are, if a
// push to the branch refreshes them: those of this repository, and of the others
// whose notes are made of this one's, too.
func (h *Handler) observeProposed(ctx context.Context, s *Snapshot) error {
	if !s.refreshes(s.Subject.pushed) {
		return nil
	}
	s.Proposed = map[github.Repo][]github.PullRequest{}
	for _, of := range s.repositories() {
		to, err := s.targetOf(of)
		if _, have := s.Proposed[to]; have || err != nil {
			continue // where it can't be, nothing was proposed
		}
		open, err := h.GitHub.OpenPullRequests(ctx, to, "")
		if err != nil && !errors.Is(err, reconcile.ErrGone) {
			return err
		}
		s.Proposed[to] = open
	}
	return nil
}

// observeRefresh reads the notes of a release anew while their pull request is open.
func (h *Handler) observeRefresh(ctx context.Context, s *Snapshot) error {
	if !s.Settings.Release.Refresh || s.Settings.Release.Path == "" {
		return nil
	}
	e, err := h.begin(ctx, *s, s.Subject.version)
	if err == nil {
		if err = h.observeEditionPull(ctx, &e); err == nil && e.Pull == nil {
			return nil
		}
	}
	if err == nil {
		e, err = h.observeEdition(ctx, *s, s.Subject.version, "")
	}
	if misuse, ok := errors.AsType[*command.Misuse](err); ok {
		s.Problem = misuse.Phrase
		return nil
	}
	s.Edition = &e
	return err
}

func (h *Handler) observePolicy(ctx context.Context, s *Snapshot) (err error) {
	if s.Policy, err = h.Policies.Policy(ctx, s.Key.Repo); err != nil || s.Policy.Policy == nil {
		return err
	}
	s.Settings, err = config.Section[Settings](s.Policy.Policy, Name)
	return err
}

// observePull reads the facts about a pull request, and about the open ones of
// governed branches that have the same head: a check belongs to a commit.
func (h *Handler) observePull(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	seen, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && s.Subject.why != moved && !s.Policy.Governs(seen.Base) {
		s.Sighted = seen.Base
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR = &pr
	same, err := reconcile.SameHead(ctx, h.Sightings, repo, pr, func(pr github.PullRequest) bool { return s.Policy.Governs(pr.Base) })
	if err != nil {
		return err
	}
	for _, one := range same {
		f, err := h.observeFacts(ctx, *s, one)
		if err != nil {
			return err
		}
		s.Same = append(s.Same, f)
	}
	return nil
}

// observeFacts reads what matters of one pull request, the cheapest first.
func (h *Handler) observeFacts(ctx context.Context, s Snapshot, pr github.PullRequest) (f facts, err error) {
	f = facts{PR: pr, Policy: s.Policy, Settings: s.Settings, Schema: s.Settings.NoteSchema(s.Key.Repo)}
	if f.Policy.Policy == nil {
		return f, nil
	}
	if f.Account, err = h.observeAccount(ctx, s, pr); err != nil || f.Account.excepted() {
		return f, err
	}
	if err := h.observeFiles(ctx, s.Key.Repo, &f); err != nil {
		return f, err
	}
	if f.Ours, err = h.ours(ctx, s.Key.Repo, f); err != nil || f.Ours {
		return f, err
	}
	if f.noted() && f.Unread == 0 || f.exempt() { // the label also lets too many notes through
		return f, nil
	}
	if err := h.observeWaiver(ctx, s.Key.Repo, &f); err != nil {
		return f, err
	}
	if (f.Label.holds() || f.Box.holds()) && len(f.Settings.NeverWaived) == 0 {
		return f, nil
	}
	if err := h.observeGone(ctx, s.Key.Repo, &f); err != nil {
		return f, err
	}
	if _, always := f.always(); !always && (f.Label.holds() || f.Box.holds()) {
		return f, nil
	}
	return f, h.observeSources(ctx, s.Key.Repo, &f)
}

// ours reports whether a pull request is one that we propose the notes of a
// release in, and changes nothing but them, whoever has edited them.
func (h *Handler) ours(ctx context.Context, repo github.Repo, f facts) (bool, error) {
	name := anyVersionOfHead(f.PR.HeadRef)
	v, ok := parseVersion(name)
	if !ok || !f.PR.Author.Bot || !same(f.PR.HeadRepo, repo) || f.Settings.Release.Path == "" || !f.Changes.Complete {
		return false, nil
	}
	dir := fillVersion(f.Settings.Release.Path, name, v) + "/"
	if slices.ContainsFunc(f.Changes.Paths(), func(p string) bool { return !strings.HasPrefix(p, dir) }) {
		return false, nil
	}
	bot, err := h.GitHub.BotID(ctx, repo)
	return f.PR.Author.ID == bot, err
}

// account says whether a pull request is an automation account's.
type account struct {
	Author, Pusher bool // are accounts of the policy
	Unknown        bool // nobody remembers who pushed the newest commit
}

func (a account) excepted() bool { return a.Author && a.Pusher }

func (h *Handler) observeAccount(ctx context.Context, s Snapshot, pr github.PullRequest) (a account, err error) {
	is := s.Settings.ExemptAccount
	if a.Author = is(pr.Author.ID); !a.Author {
		return a, nil
	}
	seen, ok, err := h.Sightings.Sighting(ctx, s.Key.Repo, pr.Number)
	if err == nil && ok && seen.Head == pr.Head {
		a.Pusher, a.Unknown = is(seen.HeadBy), seen.HeadBy == 0
	} else {
		a.Unknown = true
	}
	return a, err
}
