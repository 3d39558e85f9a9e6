package engine

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// reaching counts who could look at another repository, and who couldn't.
type reaching struct{ could, couldNot int }

func (r *reaching) note(ctx context.Context) {
	if reconcile.CheckReach(ctx, github.Repo{Owner: repo.Owner, Name: "another"}, reconcile.ReadAccess) == nil {
		r.could++
	} else {
		r.couldNot++
	}
}

// Apply implements reconcile.Applier.
func (r *reaching) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r.note(ctx)
	return reconcile.Receipt{Effect: e.String()}, nil
}

// TestRunsAreForOneRepository: whatever a key, a command or a resync has done is done for
// the key's repository.
func TestRunsAreForOneRepository(t *testing.T) {
	h, r := newHouse(t), &reaching{}
	registry, err := reconcile.NewRegistry(reconcile.Capability{
		Name: "ship",
		Plan: func(ctx context.Context, _ reconcile.Key) (reconcile.Plan, error) {
			r.note(ctx)
			return reconcile.Plan{Effects: []effect.Effect{effect.Comment{Repo: repo, Number: 7}}}, nil
		},
		After: func(command.Call) []reconcile.Key { return nil },
		All: func(ctx context.Context, _ github.Repo) ([]reconcile.Key, error) {
			r.note(ctx)
			return nil, nil
		},
		Commands: []command.Command{{
			Name: "ship", Allow: command.ReleaseManager, Example: []string{"/ship main"},
			Branches: func(ctx context.Context, _ command.Call) ([]release.Branch, error) {
				r.note(ctx)
				return []release.Branch{"main"}, nil
			},
			Run: func(ctx context.Context, _ command.Call) (command.Outcome, error) {
				r.note(ctx)
				return command.Outcome{Result: command.Done, Reply: "Done.", Effects: []effect.Effect{effect.Comment{Repo: repo, Number: 7}}}, nil
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Registry, h.Applier, h.Log = registry, r, zerolog.Nop()
	for name, want := range map[string]int{"ship": 2, reconcile.CommandHandler: 4, reconcile.ResyncHandler: 1} {
		*r = reaching{}
		if _, err := h.Work(t.Context(), reconcile.Key{Handler: name, Repo: repo, ID: "x"}, reconcile.Attempt{N: 1}); err != nil {
			t.Fatal(err)
		}
		if r.could != 0 || r.couldNot != want {
			t.Errorf("%s: %+v, want %d that couldn't", name, r, want)
		}
	}
	*r = reaching{}
	if _, err := h.Plan(t.Context(), reconcile.Key{Handler: "ship", Repo: repo, ID: "x"}); err != nil || r.could != 0 {
		t.Errorf("a plan: %+v, %v", r, err)
	}
}
