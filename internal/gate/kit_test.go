package gate_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file makes the world that the kit's tests are about: a GitHub of a few pull
// requests, one fact of its own, and two gates on it.

var (
	repo = github.Repo{Owner: "istio", Name: "istio"}
	noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	a    = strings.Repeat("a", 40)
	b    = strings.Repeat("b", 40)
)

// world is a GitHub that says what it was asked.
type world struct {
	facts.GitHub // what isn't overridden must not be asked
	policy       config.Loaded
	pulls        map[int]github.PullRequest
	closed       int            // a pull request that was closed unseen
	unseen       map[int]bool   // pull requests that no event and no read told of
	told, first  time.Time      // when an event told of them, and when their heads were first seen
	moods        map[int]string // what the fact says; "lost", "gone" and "refused" are errors
	reported     []github.RememberedRun
	namesakes    []github.Namesake
	members      []int // of a merge queue's group
	whole        bool
	fails        string // what can't be read
	why          error  // nil: errLost
	asked        []string
	gates        []gate.One // nil: moody and strict
}

func (w *world) can(what string) error {
	if what == w.fails {
		return cmp.Or(w.why, errLost)
	}
	return nil
}

const policyText = "branches: [\"release-*\"]\n"

func policyOf(t *testing.T, text string) config.Loaded {
	t.Helper()
	p, err := config.ParsePolicy("x", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/istio/blob/master/.github/slipway.yml"}
}

// newWorld has two open pull requests with heads of their own, of which the first may
// merge, and one on a branch that nobody governs.
func newWorld(t *testing.T) *world {
	w := &world{policy: policyOf(t, policyText), pulls: map[int]github.PullRequest{}, unseen: map[int]bool{}, moods: map[int]string{1: "good", 2: "bad"}, whole: true}
	w.open(1, "release-1.30", a)
	w.open(2, "release-1.29", b)
	w.open(3, "master", strings.Repeat("c", 40))
	return w
}

func (w *world) open(n int, base release.Branch, head string) {
	w.pulls[n] = github.PullRequest{Number: n, State: github.Open, Base: base, Head: head, Title: "Change", Labels: []string{"kind/bug"}, Body: "Why"}
}

// change is about one pull request.
func (w *world) change(n int, what func(*github.PullRequest)) {
	pr := w.pulls[n]
	what(&pr)
	w.pulls[n] = pr
}

func (w *world) ask(what string, args ...any) { w.asked = append(w.asked, fmt.Sprintf(what, args...)) }

func (w *world) Policy(context.Context, github.Repo) (config.Loaded, error) {
	return w.policy, w.can("policy")
}

func (w *world) CachedPull(_ context.Context, _ github.Repo, n int) (github.PullRequest, error) {
	w.ask("pull %d", n)
	pr, ok := w.pulls[n]
	if !ok {
		return pr, reconcile.ErrGone
	}
	return pr, nil
}

func (w *world) list(of func(github.PullRequest) bool) (list []github.PullRequest) {
	for _, pr := range w.pulls {
		if pr.State == github.Open && of(pr) {
			list = append(list, pr)
		}
	}
	slices.SortFunc(list, func(x, y github.PullRequest) int { return cmp.Compare(y.Number, x.Number) }) // the newest first
	return list
}

func (w *world) OpenPullRequests(_ context.Context, _ github.Repo, base release.Branch) ([]github.PullRequest, error) {
	w.ask("list %s", base)
	return w.list(func(pr github.PullRequest) bool { return (base == "" || pr.Base == base) && pr.Number != w.closed }), w.can("list")
}

func (w *world) GroupMembers(context.Context, github.Repo, string, string) ([]int, bool, error) {
	w.ask("group")
	return w.members, w.whole, w.can("group")
}

func (w *world) RememberedRules(context.Context, github.Repo, release.Branch) (github.MergeRules, error) {
	return github.MergeRules{}, nil
}

func (w *world) RememberRules(context.Context, github.Repo, release.Branch) error { return nil }

func (w *world) Remembered(context.Context, github.Repo, github.PullRequest, []string) (github.Remembered, error) {
	return github.Remembered{Runs: w.reported, Namesakes: w.namesakes}, w.can("what was reported")
}

func (w *world) PullSnapshot(_ context.Context, _ github.Repo, n int) (github.PullSnapshot, bool, error) {
	pr, ok := w.pulls[n]
	return github.PullSnapshot{PullRequest: pr, EventAt: w.told, HeadSeen: w.first}, ok && !w.unseen[n], w.can("snapshot")
}

func (w *world) OpenPullSnapshots(_ context.Context, _ github.Repo, head string) (all []github.PullSnapshot, err error) {
	for _, pr := range w.list(func(pr github.PullRequest) bool { return head == "" || pr.Head == head }) {
		all = append(all, github.PullSnapshot{PullRequest: pr})
	}
	return all, w.can("head")
}

// Generations implements reconcile.Facts.
func (w *world) Generations(_ context.Context, names ...string) (map[string]int64, error) {
	n := map[string]int64{}
	for _, name := range names {
		n[name] = int64(len(name))
	}
	return n, nil
}

var errLost = errors.New("GitHub doesn't answer")

var errRefused = &reconcile.RefusedError{Reason: "The organisation lets only some IP addresses in", Said: "IP allow list", Next: "add Slipway's address", Err: errors.New("403")}

// mood is a fact of a pull request, which a star changes, of an issue's number.
func (w *world) mood() facts.Fact[int, string] {
	return facts.Fact[int, string]{
		Name: "mood", From: []facts.Need{facts.Pull},
		Stale: []facts.On{{Kind: "star", Actions: []string{"created"}, Touches: func(e github.Event) []facts.Touch {
			if e.Issue == nil {
				return []facts.Touch{{All: true}}
			}
			return []facts.Touch{{Issue: e.Issue.Number}}
		}}},
		Read: func(_ *facts.Look, n int) (string, error) {
			w.ask("mood %d", n)
			switch m := w.moods[n]; m {
			case "lost":
				return "", errLost
			case "gone":
				return "", reconcile.ErrGone
			case "refused":
				return "", errRefused
			case "moved":
				return "", gate.ErrMoved
			default:
				return m, nil
			}
		},
	}
}

// known is what the gates judge.
type known struct {
	PR   github.PullRequest
	Mood string
}

func (w *world) read(l *facts.Look, pr github.PullRequest) (k known, err error) {
	k.PR = pr
	k.Mood, err = w.mood().Of(l, pr.Number)
	return k, err
}

func judge(k known) gate.Verdict {
	v := gate.Verdict{Verdict: effect.Verdict{State: effect.Block, Title: "in no good mood"}}
	switch k.Mood {
	case "good":
		v.State, v.Title = effect.Pass, "in a good mood"
	case "later":
		v.RequeueAt = noon.Add(time.Duration(k.PR.Number) * time.Hour)
	case "loud":
		v.Reason, v.Effects = "it is loud", []effect.Effect{effect.Unlabel{Repo: repo, Number: k.PR.Number, Label: "quiet"}}
	}
	return v
}

// moody is about every governed branch.
func (w *world) moody() gate.Gate[known] {
	return gate.Gate[known]{Name: "moody", Check: "slipway/moody", Needs: []facts.Need{w.mood()}, Read: w.read, Judge: judge}
}

// strict is asked for by a team of release managers, and about release-1.30 alone.
func (w *world) strict() gate.Gate[known] {
	return gate.Gate[known]{
		Name: "strict", Check: "slipway/strict", Needs: []facts.Need{w.mood(), facts.Title}, Costly: true,
		Asked: func(l *facts.Look) (bool, error) {
			p, err := facts.Policy.Of(l, facts.Whole{})
			return err == nil && len(p.Policy.ReleaseManagers) > 0, err
		},
		Concerns: func(_ *facts.Look, base release.Branch) (bool, error) { return base == "release-1.30", nil },
		Read: func(l *facts.Look, pr github.PullRequest) (known, error) {
			k, err := w.read(l, pr)
			if k.Mood != "good" && err == nil {
				k.Mood = pr.Title // which is declared, as nothing else is
			}
			return k, err
		},
		Judge: judge,
		Settled: func(_ *facts.Look, base release.Branch) (*effect.Verdict, error) {
			if w.moods[0] == "" {
				return nil, nil
			}
			return &effect.Verdict{State: effect.Pass, Title: "all are " + w.moods[0]}, nil
		},
	}
}

const strictPolicy = policyText + "release_managers: [rm]\n"

func (w *world) set() gate.Set {
	gates := w.gates
	if gates == nil {
		gates = []gate.One{gate.Of(w.moody()), gate.Of(w.strict())}
	}
	return gate.Set{From: &facts.Sources{GitHub: w, Policies: w, Seen: w, Events: w}, Now: func() time.Time { return noon }, Gates: gates}
}

// plan works a key: "gate pr/1", or "moody pr/1".
func (w *world) plan(t *testing.T, key string) (reconcile.Plan, error) {
	t.Helper()
	w.asked = nil
	handler, id, _ := strings.Cut(key, " ")
	k := reconcile.Key{Handler: handler, Repo: repo, ID: id}
	if handler == gate.Name {
		return w.set().Capability().Plan(t.Context(), k)
	}
	return w.set().Joined(handler, reconcile.Capability{}).Plan(t.Context(), k)
}

// wrote lists effects, a check as "moody #1 pass", and of a commit alone without a number.
func wrote(effects []effect.Effect) string {
	var list []string
	for _, e := range effects {
		switch e := e.(type) {
		case effect.CheckRun:
			text := fmt.Sprintf("%s #%d %s", strings.TrimPrefix(e.Name, "slipway/"), e.Number, e.Verdict.State)
			if e.Fresh {
				text += " fresh"
			}
			if e.IfPresent {
				text += " if present"
			}
			list = append(list, text)
		case effect.Unlabel:
			list = append(list, fmt.Sprintf("unlabel #%d", e.Number))
		}
	}
	return strings.Join(list, ", ")
}

func ids(keys []reconcile.Key) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Handler + " " + k.ID
	}
	return strings.Join(list, ", ")
}

func branch(name string) release.Branch { return release.Branch(name) }
