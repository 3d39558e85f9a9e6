package freeze

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key beside those of the check, which are the kit's.
const (
	theFreezes  = "freezes" // the freezes themselves: open, mend and end their issues
	kindNotice  = "notice"  // N: the freeze issue whose edge is to be passed on
	kindTell    = "tell"    // N: the same, when its pull requests have been looked at
	kindLost    = "lost"    // N: a freeze issue that was deleted, or moved away
	kindPast    = "past"    // NAME: a branch onto which something came, perhaps past a freeze
	kindPreview = "preview" // NAME: what a freeze of a branch would hold back; for slipway plan
)

// Capability is what the freeze does beside its check.
func (h *Handler) Capability() reconcile.Capability {
	return reconcile.OfKinds(h,
		kind(h, theFreezes, reconcile.None, h.observeUpkeep, upkeep),
		kind(h, kindNotice, reconcile.Numbered, h.observeNotice, passOn),
		kind(h, kindTell, reconcile.Numbered, h.observeTell, tell),
		kind(h, kindLost, reconcile.Numbered, h.observeLost, restore),
		kind(h, kindPast, reconcile.Branched, h.observePast, tellPast),
		kind(h, kindPreview, reconcile.Branched, h.observePreview, func(f previewFacts) reconcile.Plan { return reconcile.Plan{Reason: previewLine(f)} }),
	)
}

// kind is a kind of key about the freezes of a repository, as they stand. Without a
// policy that can be read there are none.
func kind[K, F any](h *Handler, name string, of reconcile.IDs[K], observe func(*facts.Look, state, K) (F, error), decide func(F) reconcile.Plan) reconcile.Kind {
	type found struct {
		state
		facts F
	}
	return reconcile.KindOf(name, of, func(ctx context.Context, repo github.Repo, k K) (f found, err error) {
		l := h.look(ctx, repo)
		if f.state, err = h.state(l); err == nil && f.Policy.Policy != nil {
			f.facts, err = observe(l, f.state, k)
		}
		return f, err
	}, func(f found) reconcile.Plan {
		switch {
		case !f.Policy.Exists():
			return reconcile.Plan{Reason: "the repository has no policy, so nothing is governed"}
		case f.Policy.Policy == nil:
			return reconcile.Plan{Reason: "the policy can't be read, so the freezes are left as they are"}
		}
		return decide(f.facts)
	})
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func issueKey(repo github.Repo, kind string, issue int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kind, issue))
}

// Events implements reconcile.Keyed.
func (h *Handler) Events() []string { return []string{"issues", "push", "pull_request"} }

// Keys implements reconcile.Keyed.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "issues" && e.Issue != nil && !e.Own && mayBeFreeze(*e.Issue):
		if e.Action == "deleted" || e.Action == "transferred" {
			return []reconcile.Key{issueKey(e.Repo, kindLost, e.Issue.Number)}
		}
		return []reconcile.Key{key(e.Repo, theFreezes)}
	case e.Kind == "push" && e.Push != nil && e.Push.Branch != "" && !e.Own:
		keys := []reconcile.Key{pastKey(e.Repo, e.Push.Branch)}
		if e.Push.TouchesPolicy {
			keys = append(keys, key(e.Repo, theFreezes))
		}
		return keys
	case e.Kind == "pull_request" && e.Action == "closed" && e.PullRequest != nil && e.PullRequest.Merged:
		return []reconcile.Key{pastKey(e.Repo, e.PullRequest.Base)}
	}
	return nil
}

// pastKey is for what came onto a branch.
func pastKey(repo github.Repo, b release.Branch) reconcile.Key {
	return key(repo, kindPast+"/"+string(b))
}

// mayBeFreeze is generous: a stray issue costs one look, and only what Slipway wrote
// counts, which is always a bot. Nothing else of an issue is sure: its label is
// policy, and its title and body are anyone's to edit.
func mayBeFreeze(i github.Issue) bool { return i.Author.Bot && !i.IsPullRequest }

// theChecks are all pull requests, for all gates.
func theChecks(repo github.Repo) reconcile.Key {
	return reconcile.Key{Handler: gate.Name, Repo: repo, ID: gate.All}
}
