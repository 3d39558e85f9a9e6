package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// hesitant is an Applier whose every effect but comments GitHub refuses, perhaps for a moment.
type hesitant struct{ next reconcile.Applier }

func (h hesitant) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if _, ok := e.(effect.Comment); ok {
		return h.next.Apply(ctx, e)
	}
	return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), &reconcile.PassingError{
		Refusal: &reconcile.RefusedError{Reason: "Reference update failed", Err: errors.New("422")},
	})
}

// TestPassingRefusalIsTriedAgain: by keys and by commands alike. At last it is told.
func TestPassingRefusalIsTriedAgain(t *testing.T) {
	refused := []effect.Effect{effect.IssueState{Repo: repo, Number: 9}}
	for _, key := range []string{"ship pr/1", "command comment/900"} {
		for n := 1; n <= passingTries; n++ {
			h := newHouse(t)
			h.Applier = hesitant{&h.recorder}
			if strings.HasPrefix(key, "ship") {
				h.Registry, _ = reconcile.NewRegistry(reconcile.Capability{Name: "ship", Plan: func(context.Context, reconcile.Key) (reconcile.Plan, error) {
					return reconcile.Plan{Effects: refused}, nil
				}})
			} else {
				h.run = func(command.Call) (command.Outcome, error) {
					return command.Outcome{Result: command.Done, Reply: "It is done.", Effects: refused}, nil
				}
			}
			f, err := h.work(key, reconcile.Attempt{N: n})
			if again := n < passingTries; (err != nil) != again {
				t.Errorf("%s, try %d: %v", key, n, err)
			}
			if n < passingTries {
				continue
			}
			told := f.Reason
			if strings.HasPrefix(key, "command") {
				told = h.reply(t)
			}
			if !strings.Contains(told, "Reference update failed") {
				t.Errorf("%s: told %q", key, told)
			}
		}
	}
}
