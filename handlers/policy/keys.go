package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key about a pull request, and about the newest commit of a branch. Those
// of a line say the same; rerun and again report even what has been reported, because
// GitHub waits for an answer, and moved takes back what was reported about another base.
const (
	changed, moved, rerun = "pr", "moved", "rerun" // N
	pushed, again         = "head", "again"        // BRANCH
)

// The kinds that lead to them.
const (
	allPulls   = "prs"    // all that could change the policy file
	kindCommit = "commit" // ID: those with a head
)

// Capability is all that the handler does.
func (h *Handler) Capability() reconcile.Capability {
	pull := func(why string) reconcile.Kind {
		return reconcile.KindOf(why, reconcile.Numbered, func(ctx context.Context, repo github.Repo, n int) (pullFacts, error) {
			return h.observePull(ctx, repo, n, why)
		}, decidePull)
	}
	branch := func(why string) reconcile.Kind {
		return reconcile.KindOf(why, reconcile.Branched, func(ctx context.Context, repo github.Repo, b release.Branch) (branchFacts, error) {
			return h.observeBranch(ctx, repo, b, why)
		}, decideBranch)
	}
	commits := reconcile.IDs[string]{Form: "ID", Parse: func(rest string) (string, bool) { return rest, rest != "" }}
	return reconcile.OfKinds(h, pull(changed), pull(moved), pull(rerun), branch(pushed), branch(again),
		reconcile.KindOf(allPulls, reconcile.None, func(ctx context.Context, repo github.Repo, _ struct{}) (spread, error) {
			return h.observeSpread(ctx, repo, "")
		}, spread.plan),
		reconcile.KindOf(kindCommit, commits, h.observeSpread, spread.plan),
	)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func pullKey(repo github.Repo, why string, n int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", why, n))
}

// Keys implements reconcile.Keyed.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	id := ""
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		id = pullID(e)
	case e.Kind == "push" && e.Push != nil:
		id = pushID(*e.Push)
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		id = rerunID(e.ExternalID)
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		id = kindCommit + "/" + e.Commit
	}
	if id == "" {
		return nil
	}
	return []reconcile.Key{key(e.Repo, id)}
}

func pullID(e github.Event) string {
	switch {
	case e.Action == "edited" && e.OldBase != "":
		return fmt.Sprintf("%s/%d", moved, e.PullRequest.Number)
	case e.Default != "" && e.PullRequest.Base != e.Default: // policies are read from the default branch alone
		return ""
	case slices.Contains([]string{"opened", "reopened", "synchronize", "ready_for_review"}, e.Action):
		return fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)
	}
	return ""
}

// pushID is for a push that changes the policy in force, so that every proposal
// would change something else now, and for one that may propose a first policy.
func pushID(p github.Push) string {
	switch {
	case p.TouchesPolicy:
		return allPulls
	case !p.Default && !p.Deleted && p.Branch != "" && slices.Contains(p.Touched, github.PolicyPath):
		return pushed + "/" + string(p.Branch)
	}
	return ""
}

// rerunID reads what a run was about from its external id: for a fork's commit
// the payload's own list of pull requests is empty.
func rerunID(external string) string {
	kind, rest, _ := strings.Cut(external, "/")
	as := map[string]string{changed: rerun, pushed: again}[kind]
	if as == "" || rest == "" {
		return ""
	}
	return as + "/" + rest
}
