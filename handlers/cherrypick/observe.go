package cherrypick

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

// Snapshot is every fact that the plan for one pick rests on.
type Snapshot struct {
	Key      reconcile.Key
	Subject  subject
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	Source   release.Branch      // where changes are picked from; read only for a branch that isn't governed
	PR       *github.PullRequest // the source
	Pick     pickFacts
	Rests    []reconcile.Dependency
}

const dayLong = 24 * time.Hour

// spread are the picks that something leads to.
type spread struct {
	Why  string
	Keys []reconcile.Key
}

func (s spread) plan() reconcile.Plan { return reconcile.Plan{Reason: s.Why, Enqueue: s.Keys} }

// none says why there are no picks under a policy, "" where there may be some.
func none(p config.Loaded) string {
	switch {
	case !p.Exists():
		return "the repository has no policy"
	case p.Policy == nil:
		return "the policy has faults, and there is no good one before it"
	}
	return ""
}

// observeSource names the picks that a source's labels ask for. It leaves early for a
// pull request that nobody asks anything of: most of them. What its last payload showed
// is enough to know.
func (h *Handler) observeSource(ctx context.Context, repo github.Repo, number int) (s spread, err error) {
	loaded, settings, err := h.policy(ctx, repo)
	if s.Why = none(loaded); err != nil || s.Why != "" {
		return s, err
	}
	seen, ok, err := h.Snapshots.PullSnapshot(ctx, repo, number)
	if err != nil {
		return s, err
	}
	pr := seen.PullRequest
	if !ok || len(settings.requested(loaded.Policy, pr.Labels)) > 0 {
		if pr, err = h.GitHub.CachedPull(ctx, repo, number); err != nil {
			return s, err
		}
	}
	for _, b := range settings.requested(loaded.Policy, pr.Labels) {
		s.Keys = append(s.Keys, pickKey(repo, number, b))
	}
	s.Why = fmt.Sprintf("%d picks are asked for", len(s.Keys))
	if one, ok := pickOf(repo, pr); ok { // somebody may have accepted it
		s.Keys = append(s.Keys, one.key(repo))
	}
	return s, nil
}

// waitFor is how long a pull request may be untouched that is picked once a branch is cut.
const waitFor = 120 * dayLong

// observeBranch names the picks onto a branch that has just been created: Istio sets their
// labels weeks before that.
func (h *Handler) observeBranch(ctx context.Context, repo github.Repo, branch release.Branch) (s spread, err error) {
	loaded, settings, err := h.policy(ctx, repo)
	if s.Why = none(loaded); err != nil || s.Why != "" {
		return s, err
	}
	if !loaded.Governs(branch) {
		return spread{Why: "the branch isn't governed"}, nil
	}
	for _, label := range settings.labelsOf(string(branch)) {
		list, err := h.GitHub.Labelled(ctx, repo, label, h.Now().Add(-waitFor))
		if err != nil {
			return s, err
		}
		for _, one := range list {
			if k := pickKey(repo, one.Number, string(branch)); one.IsPullRequest && (one.Merged || one.State == github.Open) && !slices.Contains(s.Keys, k) {
				s.Keys = append(s.Keys, k)
			}
		}
	}
	s.Why = fmt.Sprintf("%d picks wait for the branch", len(s.Keys))
	return s, nil
}

// observeWord names the pick that a word of a command means: people name a branch by its
// version, too.
func (h *Handler) observeWord(ctx context.Context, repo github.Repo, word subject) (s spread, err error) {
	loaded, _, err := h.policy(ctx, repo)
	if s.Why = none(loaded); err != nil || s.Why != "" {
		return s, err
	}
	if b := branchMeant(loaded.Policy, word.name); b != word.name {
		return spread{"a command means the branch by that", []reconcile.Key{pickKey(repo, word.number, b)}}, nil
	}
	return spread{Why: "the word is the branch's name"}, nil
}

// observeLabel names the pick that a label asks for, or did.
func (h *Handler) observeLabel(ctx context.Context, repo github.Repo, label subject) (s spread, err error) {
	loaded, settings, err := h.policy(ctx, repo)
	if s.Why = none(loaded); err != nil || s.Why != "" {
		return s, err
	}
	b, ok := settings.branchOf(loaded.Policy, label.name)
	if !ok {
		return spread{Why: "the label asks for no pick"}, nil
	}
	return spread{"the label asks for a pick, or did", []reconcile.Key{pickKey(repo, label.number, b)}}, nil
}
