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
	refused := fmt.Errorf("rules: %w", &reconcile.RefusedError{Reason: "GitHub doesn't let @Slipway do this", Said: "No, @all `x`", Next: "let it", Err: errors.New("403")})
	broken := errors.New("502")
	limit := &reconcile.RetryAfterError{At: noon, Err: errors.New("429")}
	for _, tc := range []struct {
		name string
		in   map[string]error
		done string
		err  error
		says string // of the answer; "" for none
	}{
		{"all is well", nil, "a b c", nil, "**Done.** it came to this:\n\n- ✅ it is so already: create the branch x of istio/a at\n"},
		{"refused in one", map[string]error{"a": refused}, "b c", nil, "**Done in part.** it came to this:\n\n- ⚠️ **not done**: create the branch x of istio/a at. GitHub doesn't let @\u200bSlipway do this. GitHub says: `` No, @all `x` ``. **Next step:** let it.\n- ⚠️ not tried: create the label y of istio/a\n- ✅ it is so already: create the branch x of istio/b at\n"},
		{"refused everywhere", map[string]error{"a": refused, "b": refused, "c": refused}, "", nil, "**Not done.** it came to this:"},
		{"gone in two", map[string]error{"a": reconcile.ErrGone, "c": reconcile.ErrGone}, "b", nil, "- ⚠️ **not done**: create the branch x of istio/c at. It can no longer be reached.\n- ⚠️ not tried: create the label y of istio/c\n\nOnce that is mended, comment the line again: what is done isn't done twice."},
		{"broken in one, to be tried again", map[string]error{"b": broken}, "a c", broken, ""},
		{"a limit ends it", map[string]error{"b": limit}, "a", limit, ""},
	} {
		h := newHouse(t)
		h.standing.Holds = true
		h.Applier = failing{&h.recorder, tc.in}
		h.run = func(command.Call) (command.Outcome, error) {
			out := command.Outcome{Result: command.Done, Reply: "it came to this:"}
			for _, name := range []string{"a", "b", "c"} {
				out.PerRepo = append(out.PerRepo, command.PerRepoEffects{Name: effect.Code(name), Effects: []effect.Effect{
					effect.NewBranch{Repo: github.Repo{Owner: "istio", Name: name}, Branch: "x"},
					effect.NewLabel{Repo: github.Repo{Owner: "istio", Name: name}, Name: "y"}}})
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

// TestEffectsInTurn: what a call leads to in one place is told one by one once one of it fails.
func TestEffectsInTurn(t *testing.T) {
	refused := &reconcile.RefusedError{Reason: "A rule forbids it", Said: "No", Next: "bend it", Err: errors.New("422")}
	unknown := &reconcile.OutcomeUnknownError{What: "start it", Err: errors.New("no answer")}
	branch := func(name string) effect.Effect {
		return effect.NewBranch{Repo: github.Repo{Owner: "istio", Name: name}, Branch: "x"}
	}
	for _, tc := range []struct {
		name    string
		effects []effect.Effect
		apart   []command.PerRepoEffects
		err     error
		attempt reconcile.Attempt
		says    string
	}{
		{"the only one", []effect.Effect{branch("a")}, nil, refused, reconcile.Attempt{N: 1},
			"**Not done.** A rule forbids it. GitHub says: `No`. **Next step:** bend it, then comment the line again.\n"},
		{"one of three", []effect.Effect{branch("b"), branch("a"), branch("c")}, nil, refused, reconcile.Attempt{N: 1},
			"**Done in part.** A rule forbids it. GitHub says: `No`. **Next step:** bend it, then comment the line again.\n\n- ✅ it is so already: create the branch x of istio/b at\n" +
				"- ⚠️ **not done**: create the branch x of istio/a at. A rule forbids it. GitHub says: `No`. **Next step:** bend it.\n- ⚠️ not tried: create the branch x of istio/c at\n"},
		{"before all places", []effect.Effect{branch("a")}, []command.PerRepoEffects{{Name: "b", Effects: []effect.Effect{branch("b")}}}, refused, reconcile.Attempt{N: 1},
			"**Not done.** A rule forbids it."},
		{"nobody knows", []effect.Effect{branch("b"), branch("a")}, nil, unknown, reconcile.Attempt{N: 1},
			"- ⚠️ **unknown whether it was done**: create the branch x of istio/a at. GitHub's answer never came.\n"},
		{"given up", nil, []command.PerRepoEffects{{Name: "a", Effects: []effect.Effect{branch("a")}}, {Name: "b", Effects: []effect.Effect{branch("b")}}}, errors.New("502"), reconcile.Attempt{N: 12, Last: true},
			"- ⚠️ **not done**: create the branch x of istio/a at. GitHub couldn't do it just now.\n- ✅ it is so already: create the branch x of istio/b at\n"},
	} {
		h := newHouse(t)
		h.standing.Holds = true
		h.Applier = failing{&h.recorder, map[string]error{"a": tc.err}}
		h.run = func(command.Call) (command.Outcome, error) {
			return command.Outcome{Result: command.Done, Reply: "it came to this:", Effects: tc.effects, PerRepo: tc.apart}, nil
		}
		if _, err := h.work("command comment/900", tc.attempt); (err != nil) != tc.attempt.Last {
			t.Errorf("%s: %v", tc.name, err)
		}
		if got := h.reply(t); !strings.Contains(got, tc.says) || strings.Contains(got, "not tried: create the branch x of istio/b") != (tc.name == "before all places") {
			t.Errorf("%s: %s\nwant %s", tc.name, got, tc.says)
		}
	}
}
