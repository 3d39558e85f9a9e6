package gate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestKeys: what an event leads to follows from the facts.
func TestKeys(t *testing.T) {
	w := newWorld(t)
	pr := &github.PullRequest{Number: 7}
	queue := github.MergeGroup{Head: a, Ref: "refs/heads/gh-readonly-queue/release-1.30/pr-1-" + b}
	all, one := w.set().Capability(), w.set().Joined("moody", reconcile.Capability{})
	for name, tc := range map[string]struct {
		event       github.Event
		want, stale string
	}{
		"opened":                {github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, "gate pr/7", "pull/7"},
		"closed":                {github.Event{Kind: "pull_request", Action: "closed", PullRequest: pr}, "gate pr/7", "pull/7"},
		"moved, and renamed":    {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "master"}, "gate moved/7", "pull/7 title/7"},
		"renamed":               {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, "gate pr/7", "title/7"},
		"labelled, for nobody":  {github.Event{Kind: "pull_request", Action: "labeled", PullRequest: pr}, "", ""},
		"of no pull request":    {github.Event{Kind: "pull_request", Action: "opened"}, "", ""},
		"the fact of all":       {github.Event{Kind: "star", Action: "created"}, "gate all", "mood/"},
		"the fact of an issue":  {github.Event{Kind: "star", Action: "created", Issue: &github.Issue{Number: 5}}, "", "mood/5"},
		"the fact, not so":      {github.Event{Kind: "star", Action: "deleted"}, "", ""},
		"the policy":            {github.Event{Kind: "push", Push: &github.Push{TouchesPolicy: true}}, "gate all", "policy/"},
		"another push":          {github.Event{Kind: "push", Push: &github.Push{}}, "", ""},
		"the suite again":       {github.Event{Kind: "check_suite", Action: "rerequested", Commit: "abc"}, "gate commit/abc", ""},
		"the suite is complete": {github.Event{Kind: "check_suite", Action: "completed", Commit: "abc"}, "", ""},
		"a group":               {github.Event{Kind: "merge_group", Action: "checks_requested", Group: &queue}, "gate " + queued, ""},
		"a group's end":         {github.Event{Kind: "merge_group", Action: "destroyed", Group: &queue}, "", ""},
		"an odd group":          {github.Event{Kind: "merge_group", Action: "checks_requested", Group: &github.MergeGroup{Head: "x", Ref: "refs/heads/main"}}, "", ""},
		"its run again":         {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "slipway/moody", ExternalID: "pr/7"}, "moody rerun/7", ""},
		"another's run":         {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "ci", ExternalID: "pr/7"}, "", ""},
		"a group's run":         {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "slipway/moody", ExternalID: queued}, "", ""},
		"a run of no number":    {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "slipway/moody", ExternalID: "pr/x"}, "", ""},
		"another App's run":     {github.Event{Kind: "check_run", Action: "completed", Commit: "abc", CheckName: "slipway/moody", Namesake: true}, "gate named/abc", ""},
		"a run is made":         {github.Event{Kind: "check_run", Action: "created", CheckName: "slipway/moody", ExternalID: "pr/7"}, "", ""},
	} {
		tc.event.Repo = repo
		if got := ids(append(all.Keys(tc.event), one.Keys(tc.event)...)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
		stale := all.Stale(tc.event)
		for i := range stale {
			stale[i] = strings.TrimPrefix(stale[i], "istio/istio ")
		}
		slices.Sort(stale)
		if got := strings.Join(stale, " "); got != tc.stale {
			t.Errorf("%s: makes %q stale, want %q", name, got, tc.stale)
		}
		tc.event.Repo = github.Repo{}
		if got := append(all.Keys(tc.event), one.Keys(tc.event)...); len(got) > 0 {
			t.Errorf("%s, of no repository: %v", name, got)
		}
	}
	if diff := cmp.Diff([]string{"check_run", "check_suite", "merge_group", "pull_request", "push", "repository", "star"}, all.Events); diff != "" {
		t.Error(diff)
	}
}

// TestJoined: a gate's own capability works the kit's keys, and leaves its handler the others.
func TestJoined(t *testing.T) {
	w := newWorld(t)
	own := reconcile.Capability{
		Events: []string{"issues", "check_run"},
		Keys: func(github.Event) []reconcile.Key {
			return []reconcile.Key{{Handler: "moody", Repo: repo, ID: "swings"}}
		},
		Plan: func(_ context.Context, k reconcile.Key) (reconcile.Plan, error) {
			return reconcile.Plan{Reason: "its own " + k.ID}, nil
		},
	}
	c := w.set().Joined("moody", own)
	if diff := cmp.Diff([]string{"check_run", "issues"}, c.Events); diff != "" || c.Name != "moody" {
		t.Errorf("%s: %s", c.Name, diff)
	}
	if got := w.set().Joined("strict", reconcile.Capability{}).Events; !slices.Equal(got, []string{"check_run"}) {
		t.Errorf("without a handler it wants %v", got)
	}
	rerun := github.Event{Kind: "check_run", Action: "rerequested", CheckName: "slipway/moody", ExternalID: "pr/7", Repo: repo}
	if got := ids(c.Keys(rerun)); got != "moody swings, moody rerun/7" {
		t.Errorf("keys %s", got)
	}
	for id, want := range map[string]string{"swings": "its own swings", "lost/7": "its own lost/7", "pr/1": "#1 against release-1.30: in a good mood"} {
		p, err := c.Plan(t.Context(), reconcile.Key{Handler: "moody", Repo: repo, ID: id})
		if err != nil || p.Reason != want {
			t.Errorf("%s: %q, %v", id, p.Reason, err)
		}
	}
	for _, id := range []string{"pr", "pr/", "pr/0", "pr/-1", "pr/x", "moved/x", "rerun/", "branch/", "commit/", "all/x", "group/x", "group/abc/refs/heads/main"} {
		for _, capability := range []reconcile.Capability{c, w.set().Capability()} {
			_, err := capability.Plan(t.Context(), reconcile.Key{Handler: capability.Name, Repo: repo, ID: id})
			if !errors.Is(err, reconcile.ErrGone) || !strings.Contains(err.Error(), "is not one of pr/N, ") {
				t.Errorf("%s %q: %v", capability.Name, id, err)
			}
		}
	}
	if _, err := w.plan(t, "strict swings"); !errors.Is(err, reconcile.ErrGone) {
		t.Errorf("without a handler: %v", err)
	}
	if got := w.set().Checks(); !slices.Equal(got, []string{"slipway/moody", "slipway/strict"}) {
		t.Errorf("checks %v", got)
	}
}

// TestPreview: what the gates would say under another policy, without those that cost.
func TestPreview(t *testing.T) {
	w := newWorld(t)
	w.policy = config.Loaded{} // the one in force doesn't matter
	previews := w.set().Previews()
	if len(previews) != 1 || previews[0].Name() != "moody" {
		t.Fatalf("%v", previews)
	}
	prs := []github.PullRequest{w.pulls[1], w.pulls[2], w.pulls[3]}
	for name, tc := range map[string]struct {
		policy config.Loaded
		want   string
	}{
		"no policy":       {config.Loaded{}, ""},
		"the same":        {policyOf(t, policyText), "#1 pass in a good mood, #2 block in no good mood"},
		"another branch":  {policyOf(t, "branches: [master, release-1.30]\n"), "#1 pass in a good mood, #3 block in no good mood"},
		"nobody can read": {config.Loaded{Fault: errors.New("x")}, "#1 block The policy can't be read, #2 block The policy can't be read, #3 block The policy can't be read"},
	} {
		verdicts, err := previews[0].Verdicts(t.Context(), repo, tc.policy, prs)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for n := 1; n <= 3; n++ {
			if v, ok := verdicts[n]; ok {
				got = append(got, fmt.Sprintf("#%d %s %s", n, v.State, v.Title))
			}
		}
		if got := strings.Join(got, ", "); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	w.moods[2] = "lost"
	if _, err := previews[0].Verdicts(t.Context(), repo, policyOf(t, policyText), prs); !errors.Is(err, errLost) {
		t.Errorf("what can't be read: %v", err)
	}

	costly := w.moody()
	costly.Costly, costly.Foresee = true, func(_ *facts.Look, pr github.PullRequest) (known, error) { return known{PR: pr, Mood: "good"}, nil }
	w.gates, w.asked = []gate.One{gate.Of(costly)}, nil
	verdicts, err := w.set().Previews()[0].Verdicts(t.Context(), repo, policyOf(t, policyText), prs[:2])
	if err != nil || verdicts[2].State != effect.Pass || slices.ContainsFunc(w.asked, func(what string) bool { return strings.HasPrefix(what, "mood") }) {
		t.Errorf("a costly one is asked %v: %+v, %v", w.asked, verdicts, err)
	}
}

// TestUndeclared: nobody rests on what doesn't wake them.
func TestUndeclared(t *testing.T) {
	w := newWorld(t)
	g := w.moody()
	g.Needs = nil
	set := gate.Set{From: w.set().From, Now: w.set().Now, Gates: []gate.One{gate.Of(g)}}
	const want = `moody reads the fact "mood" and doesn't declare it`
	if _, err := set.Capability().Plan(t.Context(), gate.PullKey(repo, 1)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("in Read: %v", err)
	}
	for name, change := range map[string]func(*gate.Gate[known]){
		"Concerns": func(g *gate.Gate[known]) {
			g.Concerns = func(l *facts.Look, _ release.Branch) (bool, error) {
				_, err := w.mood().Of(l, 1)
				return true, err
			}
		},
		"Settled": func(g *gate.Gate[known]) {
			g.Settled = func(l *facts.Look, _ release.Branch) (*effect.Verdict, error) {
				_, err := w.mood().Of(l, 1)
				return nil, err
			}
		},
		"Group": func(g *gate.Gate[known]) {
			g.Read = func(*facts.Look, github.PullRequest) (known, error) { return known{}, nil }
			g.Group = func(l *facts.Look, _ release.Branch, _ []gate.Member, _ bool) (effect.Verdict, error) {
				_, err := w.mood().Of(l, 1)
				return effect.Verdict{}, err
			}
		},
	} {
		g := g
		change(&g)
		set.Gates = []gate.One{gate.Of(g)}
		if _, err := set.Capability().Plan(t.Context(), reconcile.Key{Handler: gate.Name, Repo: repo, ID: queued}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("in %s: %v", name, err)
		}
	}
	for name, declared := range map[string][]facts.Need{"nothing": {w.mood()}, "its labels": {w.mood(), facts.Labels}, "all": {w.mood(), facts.Detail}} {
		var seen github.PullRequest
		g := w.moody()
		g.Needs = declared
		g.Judge = func(k known) gate.Verdict { seen = k.PR; return judge(k) }
		set.Gates = []gate.One{gate.Of(g)}
		if _, err := set.Capability().Plan(t.Context(), gate.PullKey(repo, 1)); err != nil {
			t.Fatal(err)
		}
		if (seen.Title != "") != (name == "all") || (seen.Body != "") != (name == "all") || (seen.Labels != nil) != (name != "nothing") || seen.Head != a {
			t.Errorf("who declares %s sees %+v", name, seen)
		}
	}
}

// TestRests: what was read of others is remembered, of the pull requests that are judged
// not: their own events name their keys.
func TestRests(t *testing.T) {
	w := newWorld(t)
	w.change(2, func(pr *github.PullRequest) { pr.Head = a })
	g := w.moody()
	g.Read = func(l *facts.Look, pr github.PullRequest) (known, error) {
		if _, err := w.mood().Of(l, 5); err != nil {
			return known{}, err
		}
		return w.read(l, pr)
	}
	set := w.set()
	set.Gates = []gate.One{gate.Of(g)}
	for key, remembered := range map[string]bool{"gate pr/1": true, "moody pr/1": false} {
		handler, id, _ := strings.Cut(key, " ")
		plan := set.Capability().Plan
		if handler != gate.Name {
			plan = set.Joined(handler, reconcile.Capability{}).Plan
		}
		p, err := plan(t.Context(), reconcile.Key{Handler: handler, Repo: repo, ID: id})
		var want []reconcile.Dependency // its own events wake it anyway, but not those of the other with its head
		for _, fact := range []string{"istio/istio mood/5", "istio/istio mood/2"} {
			want = append(want, reconcile.Dependency{Fact: fact, Generation: int64(len(fact))})
		}
		if diff := cmp.Diff(want, p.Dependencies); diff != "" || err != nil || p.ReplaceDependencies != remembered {
			t.Errorf("%s: %s, %v, remembered %t", key, diff, err, p.ReplaceDependencies)
		}
	}
}

// TestOwnTexts: a gate that says something itself is asked for it.
func TestOwnTexts(t *testing.T) {
	w := newWorld(t)
	g := w.moody()
	say := func(title string) effect.Verdict { return effect.Verdict{State: effect.Neutral, Title: title} }
	g.Texts = gate.Texts{
		Broken: func(config.Loaded) effect.Verdict { return say("broken") },
		Freed:  func(b release.Branch) effect.Verdict { return say("freed " + string(b)) },
		Off:    func(config.Loaded) effect.Verdict { return say("off") },
	}
	title := func(id string) string {
		t.Helper()
		set := gate.Set{From: w.set().From, Now: w.set().Now, Gates: []gate.One{gate.Of(g)}}
		p, err := set.Capability().Plan(t.Context(), reconcile.Key{Handler: gate.Name, Repo: repo, ID: id})
		if err != nil || len(p.Effects) != 1 {
			t.Fatalf("%s: %v, %v", id, p.Effects, err)
		}
		return p.Effects[0].(effect.CheckRun).Verdict.Title
	}
	got := []string{title("moved/3")}
	g.Group = func(_ *facts.Look, b release.Branch, members []gate.Member, whole bool) (effect.Verdict, error) {
		return say(fmt.Sprintf("by facts, %d for %s, %t", len(members), b, whole)), nil
	}
	got = append(got, title(queued))
	g.Asked = func(*facts.Look) (bool, error) { return false, nil }
	got = append(got, title("moved/1"))
	g.Asked = nil
	w.policy = config.Loaded{Fault: errors.New("x")}
	got = append(got, title("pr/1"))
	if diff := cmp.Diff([]string{"freed master", "by facts, 1 for release-1.30, true", "off", "broken"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestOfProposals: who asks what holds a proposal back hears of no gate that doesn't, and of none that they leave out.
func TestOfProposals(t *testing.T) {
	of := func(name string, holds bool) gate.One {
		return gate.Of(gate.Gate[int]{Name: name, Check: name, Proposals: holds})
	}
	set := gate.Set{Gates: []gate.One{of("freeze", true), of("build", false), of("milestone", true)}}
	if got := set.OfProposals("freeze").Checks(); !slices.Equal(got, []string{"milestone"}) || len(set.Gates) != 3 {
		t.Errorf("got %v of %v", got, set.Checks())
	}
}
