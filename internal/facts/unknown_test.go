package facts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// word is a fact's value that may not be known yet.
type word string

func (w word) Unknown() bool { return w == "" }

func aLook(t *testing.T) *facts.Look {
	return facts.NewLook(t.Context(), &facts.Sources{}, github.Repo{Owner: "istio", Name: "istio"}, time.Unix(0, 0))
}

// TestWaits: who reads a fact that isn't known yet, or one that is made of it, learns so,
// also where it was read before.
func TestWaits(t *testing.T) {
	said := facts.Fact[string, word]{Name: "said", Unknown: facts.Wait, Read: func(_ *facts.Look, k string) (word, error) { return word(k), nil }}
	heard := facts.Fact[string, int]{Name: "heard", From: []facts.Need{said}, Read: func(l *facts.Look, k string) (int, error) {
		w, err := said.Of(l, k)
		return len(w), err
	}}
	l := aLook(t)
	for _, k := range []string{"", "yes", "", "yes"} {
		one, waits := l.Noting()
		if _, err := heard.Of(one, k); err != nil || *waits != (k == "") {
			t.Errorf("%q: %v, waits: %v", k, err, *waits)
		}
	}
	mute := facts.Fact[int, int]{Name: "mute", Unknown: facts.Wait, Read: func(*facts.Look, int) (int, error) { return 1, nil }}
	if _, err := mute.Of(l, 1); err == nil {
		t.Error("a value that can't say that it isn't known is taken for one that is")
	}
}

// TestHolds: an error holds once, in the words of the fact that it is about, unless it
// says by itself what follows.
func TestHolds(t *testing.T) {
	lost := errors.New("502")
	for err, holds := range map[error]bool{
		nil: false, lost: true, fmt.Errorf("it: %w", reconcile.ErrGone): false, context.Canceled: false,
		context.DeadlineExceeded: false, &reconcile.RetryAfterError{Err: lost}: false,
	} {
		in := facts.Fact[int, int]{Name: "in", Unknown: facts.Hold, What: func(n int) string { return fmt.Sprintf("%d couldn't be read", n) },
			Read: func(*facts.Look, int) (int, error) { return 0, err }}
		out := facts.Fact[int, int]{Name: "out", Unknown: facts.Hold, What: func(int) string { return "all couldn't be read" }, From: []facts.Need{in},
			Read: func(l *facts.Look, n int) (int, error) { return in.Of(l, n) }}
		_, got := out.Of(aLook(t), 7)
		var unknown *facts.NotKnown
		if is := errors.As(got, &unknown); is != holds || !errors.Is(got, err) || is && got.Error() != "7 couldn't be read: 502" {
			t.Errorf("%v became %v", err, got)
		}
	}
}
