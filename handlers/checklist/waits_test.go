package checklist

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

func TestWaitsFor(t *testing.T) {
	author, alice, bob := github.User{ID: 1, Login: "author"}, github.User{ID: 2, Login: "alice"}, github.User{ID: 3, Login: "bob"}
	review := func(who github.User, state github.ReviewState) github.Review {
		return github.Review{Author: who, State: state}
	}
	runs := func(holds ...bool) (list []github.RememberedRun) {
		for i, h := range holds {
			list = append(list, github.RememberedRun{Name: []string{"slipway/freeze", "slipway/release-branch"}[i], Title: "A [title](x) of @it", Holds: h})
		}
		return list
	}
	all := []count{{Repo: repo}, {Repo: github.Repo{Owner: "istio", Name: "api"}, Unknown: true}}
	add := func(pr github.PullRequest, seen github.Remembered) {
		pr.Number, pr.Author = 11+len(all[0].Open), author
		all[0].Open, all[0].Waits = append(all[0].Open, pr), append(all[0].Waits, waitOf(pr, seen))
	}
	add(github.PullRequest{}, github.Remembered{})
	add(github.PullRequest{}, github.Remembered{Runs: runs(false, false)})
	add(github.PullRequest{}, github.Remembered{Runs: runs(true, true), ReviewsKnown: true})
	add(github.PullRequest{Draft: true, Labels: []string{"do-not-merge/hold", "other"}}, github.Remembered{Conflicts: true})
	add(github.PullRequest{}, github.Remembered{Runs: runs(false), ReviewsKnown: true, Reviews: []github.Review{
		review(alice, github.ChangesRequested), review(bob, github.Approved), review(author, github.ChangesRequested)}})
	add(github.PullRequest{}, github.Remembered{Runs: runs(false), ReviewsKnown: true, Reviews: []github.Review{
		review(alice, github.ChangesRequested), review(alice, github.Approved), review(bob, github.Commented)}})
	add(github.PullRequest{}, github.Remembered{Runs: runs(false), ReviewsKnown: true, Reviews: []github.Review{review(alice, github.Dismissed)}})
	all[0].Open = append(all[0].Open, github.PullRequest{Number: 99}) // beyond those that are looked at
	golden.Check(t, "waits.md", waitsText(all))
	if got := waitsText([]count{{Repo: repo}}); got != "" {
		t.Errorf("nothing is open: %q", got)
	}
}

// looks is a memory of when looks were let through.
type looks map[string]string

func (l looks) Get(_ context.Context, key string) ([]byte, bool, error) {
	v, ok := l[key]
	return []byte(v), ok, nil
}

func (l looks) Put(_ context.Context, key string, value []byte, _ time.Duration) error {
	l[key] = string(value)
	return nil
}

type fixedPolicy struct{ is config.Loaded }

func (p fixedPolicy) Policy(context.Context, github.Repo) (config.Loaded, error) { return p.is, nil }

// TestSoon: one look is let through a minute, and what comes in between leads to
// one when the minute is over.
func TestSoon(t *testing.T) {
	policy, _ := loaded(t)
	start := time.Date(2026, 7, 1, 12, 0, 0, 500, time.UTC)
	now := start
	memory := looks{}
	h := &Handler{Policies: fixedPolicy{policy}, Looks: memory, Now: func() time.Time { return now }}
	for _, tc := range []struct {
		after time.Duration
		id    string
		then  string
		next  time.Duration // after the start; 0 for none
	}{
		{0, "soon/7", "tracker/7", 0},
		{0, "soon/7", "", time.Minute},
		{0, "soon/8", "tracker/8", 0},
		{59 * time.Second, "soon/7", "", time.Minute},
		{time.Minute, "soon/7", "tracker/7", 0},
		{61 * time.Second, "soon/7", "", 2 * time.Minute},
		{-time.Hour, "soon/7", "tracker/7", 0}, // somebody set the clock back
	} {
		now = start.Add(tc.after)
		p, err := h.Capability().Plan(t.Context(), key(repo, tc.id))
		if err != nil {
			t.Fatal(err)
		}
		var then []string
		for _, k := range p.Then {
			then = append(then, k.ID)
		}
		want := time.Time{}
		if tc.next != 0 {
			want = start.Add(tc.next)
		}
		if strings.Join(then, " ") != tc.then || !p.Next.Equal(want) {
			t.Errorf("after %s: %s, next %s; want %q, next %s", tc.after, then, p.Next, tc.then, want)
		}
	}
}

func TestWitnessed(t *testing.T) {
	h := &Handler{Checks: []string{"slipway/freeze"}}
	for want, e := range map[string]effect.Effect{
		"checklist istio/istio nudge": effect.CheckRun{Repo: repo, Number: 7, Name: "slipway/freeze", Commit: "abc"},
		"a merge queue's":             effect.CheckRun{Repo: repo, Name: "slipway/freeze"},
		"another check":               effect.CheckRun{Repo: repo, Number: 7, Name: "slipway/policy"},
		"no check":                    effect.Comment{Repo: repo, Number: 7},
	} {
		var got string
		for _, k := range h.Witnessed(e, reconcile.Receipt{Changed: true}) {
			got += k.String()
		}
		if got != want && (got != "" || strings.HasPrefix(want, "checklist")) {
			t.Errorf("%s: %q", want, got)
		}
	}
	one := effect.CheckRun{Repo: repo, Number: 7, Name: "slipway/freeze", Commit: "abc"}
	if got := h.Witnessed(one, reconcile.Receipt{Changed: true, Made: true}); len(got) != 1 || got[0].ID != "check/7/abc" {
		t.Errorf("a new check leads to %v", got)
	}
}
