package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// failing fails in some repositories, and records what it did elsewhere.
type failing struct {
	next reconcile.Applier
	in   map[string]error
}

func (f failing) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if b, ok := e.(effect.NewBranch); ok && f.in[b.Repo.Name] != nil {
		return reconcile.Receipt{}, f.in[b.Repo.Name]
	}
	return f.next.Apply(ctx, e)
}

// TestApart: what fails in one place keeps nothing from being done elsewhere.
func TestApart(t *testing.T) {
	refused := fmt.Errorf("rules: %w", &reconcile.RefusedError{Reason: "GitHub doesn't let @Slipway do this", Err: errors.New("403")})
	broken := errors.New("502")
	limit := &reconcile.RetryAfterError{At: noon, Err: errors.New("429")}
	for _, tc := range []struct {
		name string
		in   map[string]error
		done string
		err  error
		says string // of the answer; "" for none
	}{
		{"all is well", nil, "a b c", nil, "it is done"},
		{"refused in one", map[string]error{"a": refused}, "b c", nil, "it is done\n\n**Not done:**\n\n- ⚠️ `a`: GitHub doesn't let @\u200bSlipway do this\n\n**Next step:** have it mended there"},
		{"gone in two", map[string]error{"a": reconcile.ErrGone, "c": reconcile.ErrGone}, "b", nil, "- ⚠️ `a`: it can no longer be reached\n- ⚠️ `c`: it can no longer be reached\n"},
		{"broken in one, to be tried again", map[string]error{"b": broken}, "a c", broken, ""},
		{"a limit ends it", map[string]error{"b": limit}, "a", limit, ""},
	} {
		h := newHouse(t)
		h.standing.Holds = true
		h.Applier = failing{&h.recorder, tc.in}
		h.run = func(command.Call) (command.Outcome, error) {
			out := command.Outcome{Result: command.Done, Reply: "it is done"}
			for _, name := range []string{"a", "b", "c"} {
				out.PerRepo = append(out.PerRepo, command.PerRepoEffects{Name: effect.Code(name), Effects: []effect.Effect{
					effect.NewBranch{Repo: github.Repo{Owner: "istio", Name: name}, Branch: "x"}}})
			}
			return out, nil
		}
		_, err := h.work("command comment/900", reconcile.Attempt{N: 1})
		if !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
			t.Errorf("%s: %v", tc.name, err)
		}
		var done []string
		for _, e := range h.recorder.Effects() {
			if b, ok := e.(effect.NewBranch); ok {
				done = append(done, b.Repo.Name)
			}
		}
		if strings.Join(done, " ") != tc.done {
			t.Errorf("%s: done in %s, want %s", tc.name, done, tc.done)
		}
		if tc.says != "" {
			if got := h.reply(t); !strings.Contains(got, tc.says) {
				t.Errorf("%s: %s\nwant %s", tc.name, got, tc.says)
			}
		}
	}
}
