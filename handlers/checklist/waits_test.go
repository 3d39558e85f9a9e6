package checklist

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
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
	h := &Handler{From: agreeing(&facts.Sources{Policies: fixedPolicy{policy}}), Looks: memory, Now: func() time.Time { return now }}
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
		for _, k := range p.Enqueue {
			then = append(then, k.ID)
		}
		want := time.Time{}
		if tc.next != 0 {
			want = start.Add(tc.next)
		}
		if strings.Join(then, " ") != tc.then || !p.RequeueAt.Equal(want) {
			t.Errorf("after %s: %s, next %s; want %q, next %s", tc.after, then, p.RequeueAt, tc.then, want)
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
		for _, k := range h.Applied(e, reconcile.Receipt{Changed: true}) {
			got += k.String()
		}
		if got != want && (got != "" || strings.HasPrefix(want, "checklist")) {
			t.Errorf("%s: %q", want, got)
		}
	}
	one := effect.CheckRun{Repo: repo, Number: 7, Name: "slipway/freeze", Commit: "abc"}
	if got := h.Applied(one, reconcile.Receipt{Changed: true, Made: true}); len(got) != 1 || got[0].ID != "check/7" {
		t.Errorf("a new check leads to %v", got)
	}
}

// oneHead is a GitHub with one tracking issue, and two pull requests with one head.
type oneHead struct {
	facts.GitHub
	tracker github.Issue
	holds   bool
	other   release.Branch // that the second is against
}

func (g oneHead) OwnIssues(context.Context, github.Repo, time.Time) ([]github.Issue, error) {
	return []github.Issue{g.tracker}, nil
}
func (oneHead) RepoID(context.Context, github.Repo) (int64, error) { return 9, nil }
func (g oneHead) CachedPull(_ context.Context, _ github.Repo, n int) (github.PullRequest, error) {
	base := map[int]release.Branch{11: "release-1.31", 12: g.other}[n]
	return github.PullRequest{Number: n, Base: base, Head: "abc", State: github.Open}, nil
}
func (g oneHead) Remembered(_ context.Context, _ github.Repo, pr github.PullRequest, _ []string) (github.Remembered, error) {
	return github.Remembered{Runs: []github.RememberedRun{{Name: "slipway/freeze", Title: "frozen", Holds: g.holds && pr.Number == 11}}}, nil
}
func (oneHead) PullSnapshot(context.Context, github.Repo, int) (s github.PullSnapshot, ok bool, err error) {
	return s, false, nil
}
func (oneHead) OpenPullSnapshots(context.Context, github.Repo, string) ([]github.PullSnapshot, error) {
	return []github.PullSnapshot{{PullRequest: github.PullRequest{Number: 11}}, {PullRequest: github.PullRequest{Number: 12}}}, nil
}

// TestNewCheck: a look comes of what the tracking issue doesn't show of a head, and
// of anything while one may be under way.
func TestNewCheck(t *testing.T) {
	policy, _ := loaded(t)
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	s := looked(t, "2026-07-20")
	s.Counts.Repos = []count{{Repo: repo, Open: make([]github.PullRequest, 1), Waits: []wait{{Number: 11, For: []string{"`slipway/freeze`: frozen"}}}}}
	free := s
	free.Counts.Repos = []count{{Repo: repo, Open: make([]github.PullRequest, 1), Waits: []wait{{Number: 11}}}}
	unknown := s
	unknown.Counts.Repos = []count{{Repo: repo, Open: make([]github.PullRequest, 1), Waits: []wait{{Number: 11, Unknown: true}}}}
	for _, tc := range []struct {
		name  string
		shown look
		gh    oneHead
		repo  github.Repo
		began time.Duration // of a look, ago
		want  string
	}{
		{"shown already", s, oneHead{holds: true, other: "master"}, repo, time.Hour, ""},
		{"shown as free", free, oneHead{other: "master"}, repo, time.Hour, ""},
		{"free now", s, oneHead{other: "master"}, repo, time.Hour, "tracker/7"},
		{"held now", free, oneHead{holds: true, other: "master"}, repo, time.Hour, "tracker/7"},
		{"not known before", unknown, oneHead{other: "master"}, repo, time.Hour, "tracker/7"},
		{"another with the same head isn't shown", s, oneHead{holds: true, other: "release-1.31"}, repo, time.Hour, "tracker/7"},
		{"a look may be under way", s, oneHead{holds: true, other: "master"}, repo, time.Minute, "tracker/7"},
		{"a repository that no release is made of", free, oneHead{holds: true}, github.Repo{Owner: "istio", Name: "tools"}, time.Hour, ""},
	} {
		e := refresh(tc.shown).Effects[0].(effect.SharedIssue)
		tc.gh.tracker = sealedIssue(t, sealer, 7, tc.shown.Tracker.Record)
		tc.gh.tracker.CreatedAt = tc.shown.Tracker.Opened
		tc.gh.tracker.Body += "\n\n" + e.Parts.Lay(tc.shown.Tracker.Issue.Body, 1<<16)
		memory := looks{lookingKey(repo, 7): s.Now.Add(-tc.began).Format(time.RFC3339Nano)}
		h := &Handler{From: agreeing(&facts.Sources{GitHub: tc.gh, Seen: tc.gh, Policies: fixedPolicy{policy}}), Looks: memory, Sealer: sealer, Now: func() time.Time { return s.Now }}
		p, err := h.Capability().Plan(t.Context(), key(tc.repo, "check/11"))
		var then []string
		for _, k := range p.Enqueue {
			then = append(then, k.ID)
		}
		if err != nil || strings.Join(then, " ") != tc.want {
			t.Errorf("%s: %q, %v, %s", tc.name, then, err, p.Reason)
		}
	}
}
