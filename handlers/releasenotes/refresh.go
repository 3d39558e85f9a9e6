package releasenotes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key beside those of the check.
const (
	kindPushed = "pushed" // BRANCH: it has moved, and notes may be made of it
	kindNotes  = "notes"  // VERSION: the proposed notes of a release are to be refreshed
	// kindOff is of keys that older versions wrote when a policy asked for notes no more.
	kindOff = "off"
)

var versioned = reconcile.IDs[string]{Form: "VERSION", Parse: func(rest string) (string, bool) {
	return rest, release.LooksLikeVersion(rest)
}}

// Capability is all that the handler does beside the check.
func (h *Handler) Capability() reconcile.Capability {
	return reconcile.OfKinds(h,
		reconcile.KindOf(kindPushed, reconcile.Branched, h.observePushed, spreadPush),
		reconcile.KindOf(kindNotes, versioned, h.observeRefresh, decideRefresh),
		reconcile.KindOf(kindOff, reconcile.Numbered,
			func(_ context.Context, repo github.Repo, n int) (reconcile.Key, error) {
				return gate.PullKey(repo, n), nil
			},
			func(k reconcile.Key) reconcile.Plan {
				return reconcile.Plan{Reason: "what the policy asks for is looked at with all else", Enqueue: []reconcile.Key{k}}
			}),
	)
}

// Keys implements reconcile.Keyed.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	if e.Push == nil || e.Repo == (github.Repo{}) || e.Push.Deleted || strings.HasPrefix(string(e.Push.Branch), headPrefix) || e.Push.Branch.Ours() {
		return nil // any other may be one that versions come from: the policy says which
	}
	return []reconcile.Key{key(e.Repo, kindPushed+"/"+string(e.Push.Branch))}
}

// All implements reconcile.Resyncer: the notes of releases that are proposed.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	m, err := h.maker(ctx, repo)
	to, noTarget := m.target()
	if err != nil || noTarget != nil || !m.Settings.Release.Refresh {
		return nil, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, to, "")
	if errors.Is(err, reconcile.ErrGone) {
		return nil, nil // it isn't installed there, which the command says
	}
	var keys []reconcile.Key
	for _, pr := range open {
		if name := versionOfHead(repo, to, pr.HeadRef); name != "" && pr.Author.Bot {
			keys = append(keys, key(repo, kindNotes+"/"+name))
		}
	}
	return keys, err
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

// maker is a repository whose policy says where the notes of its releases go.
type maker struct {
	look     *facts.Look
	Repo     github.Repo
	Settings Settings
}

func (h *Handler) maker(ctx context.Context, repo github.Repo) (m maker, err error) {
	m.look, m.Repo = h.look(ctx, repo), repo
	m.Settings, err = facts.Section[Settings](m.look, Name)
	return m, err
}

// pushed is a branch that has moved.
type pushed struct {
	maker
	Branch release.Branch
	// Proposed are the open pull requests where those of the notes of releases are,
	// by the repository.
	Proposed map[github.Repo][]github.PullRequest
}

// observePushed lists the open pull requests where those of notes are, if a push to
// the branch refreshes them: those of this repository, and of the others whose notes
// are made of this one's, too.
func (h *Handler) observePushed(ctx context.Context, repo github.Repo, b release.Branch) (p pushed, err error) {
	p.Branch, p.Proposed = b, map[github.Repo][]github.PullRequest{}
	if p.maker, err = h.maker(ctx, repo); err != nil || !p.Settings.refreshes(b) {
		return p, err
	}
	for _, of := range repositories(repo, p.Settings) {
		to, err := p.targetOf(of)
		if _, have := p.Proposed[to]; have || err != nil {
			continue // where it can't be, nothing was proposed
		}
		if _, g, err := p.look.Elsewhere(to); g.Refused != "" {
			continue
		} else if err != nil {
			return p, err
		}
		open, err := h.GitHub.OpenPullRequests(ctx, to, "")
		if err != nil && !errors.Is(err, reconcile.ErrGone) {
			return p, err
		}
		p.Proposed[to] = open
	}
	return p, nil
}

// refreshes reports whether a push to a branch refreshes the notes of releases.
func (s Settings) refreshes(b release.Branch) bool {
	v, ok := s.Scheme.FirstOf(b)
	return ok && s.Release.Refresh && s.Release.Path != "" && s.branchOf(v) == b
}

// spreadPush names the notes that a push to a release's branch refreshes.
func spreadPush(p pushed) reconcile.Plan {
	var keys []reconcile.Key
	for _, of := range repositories(p.Repo, p.Settings) {
		to, err := p.targetOf(of)
		if err != nil {
			continue
		}
		for _, pr := range p.Proposed[to] {
			name := versionOfHead(of, to, pr.HeadRef)
			if v, err := p.Settings.Scheme.Parse(name); err == nil && pr.Author.Bot && p.Settings.branchOf(v) == p.Branch {
				keys = append(keys, key(of, kindNotes+"/"+name))
			}
		}
	}
	return reconcile.Plan{Reason: fmt.Sprintf("%d releases of %s whose notes are proposed", len(keys), p.Branch), Enqueue: keys}
}

// refresh are the notes of a release, to be made anew.
type refresh struct {
	Version string
	Edition *edition // if its pull request is open
	Problem string   // what keeps it from being made, as a phrase
}

// observeRefresh reads the notes of a release anew while their pull request is open.
func (h *Handler) observeRefresh(ctx context.Context, repo github.Repo, version string) (refresh, error) {
	r := refresh{Version: version}
	m, err := h.maker(ctx, repo)
	if err != nil || !m.Settings.Release.Refresh || m.Settings.Release.Path == "" {
		return r, err
	}
	nobody := github.User{}
	e, err := h.begin(ctx, m, version, nobody)
	if err == nil {
		if err = h.observeEditionPull(ctx, &e); err == nil && e.Pull == nil {
			return r, nil
		}
	}
	if err == nil {
		e, err = h.observeEdition(ctx, m, version, "", nobody)
	}
	if misuse, ok := errors.AsType[*command.Misuse](err); ok {
		r.Problem = misuse.Phrase
		return r, nil
	}
	r.Edition = &e
	return r, err
}

// decideRefresh brings the notes of a release up to date.
func decideRefresh(r refresh) reconcile.Plan {
	switch {
	case r.Problem != "":
		return reconcile.Plan{Reason: "the notes can't be made: " + r.Problem}
	case r.Edition == nil:
		return reconcile.Plan{Reason: "no pull request of ours proposes the notes of " + r.Version}
	}
	return reconcile.Plan{Reason: "the notes of " + r.Version, Effects: r.Edition.effects()}
}
