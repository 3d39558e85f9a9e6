package gate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// outcome is what a key comes to.
type outcome struct {
	wrote, then, why, err string
	asked                 string // of GitHub, and of the fact
	next                  time.Duration
}

func (w *world) wants(t *testing.T, key string, want outcome) {
	t.Helper()
	p, err := w.plan(t, key)
	got := outcome{wrote: wrote(p.Effects), then: ids(p.Enqueue), why: p.Reason, asked: strings.Join(w.asked, ", ")}
	if !p.RequeueAt.IsZero() {
		got.next = p.RequeueAt.Sub(noon)
	}
	if (err == nil) != (want.err == "") || err != nil && !strings.Contains(err.Error(), want.err) {
		t.Errorf("error: %v, want %q", err, want.err)
	}
	if got.err = want.err; got != want {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func TestPullRequests(t *testing.T) {
	shared := func(base1, base2 string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			w.change(1, func(pr *github.PullRequest) { pr.Base = branch(base1) })
			w.change(2, func(pr *github.PullRequest) { pr.Base, pr.Head = branch(base2), a })
		}
	}
	closed := func(t *testing.T, w *world) { w.change(1, func(pr *github.PullRequest) { pr.State = github.Closed }) }
	both := func(first, second func(*testing.T, *world)) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { first(t, w); second(t, w) }
	}
	mood := func(one, two string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.moods[1], w.moods[2] = one, two }
	}
	for name, tc := range map[string]struct {
		change func(*testing.T, *world)
		key    string
		want   outcome
	}{
		"may merge":           {nil, "gate pr/1", outcome{wrote: "moody #1 pass", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1"}},
		"held back":           {nil, "gate pr/2", outcome{wrote: "moody #2 block", why: "#2 against release-1.29: in no good mood", asked: "pull 2, mood 2"}},
		"by one gate's key":   {nil, "moody pr/1", outcome{wrote: "moody #1 pass", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1"}},
		"ungoverned":          {nil, "gate pr/3", outcome{why: "branch master is not governed"}},
		"ungoverned, unseen":  {func(_ *testing.T, w *world) { w.unseen[3] = true }, "gate pr/3", outcome{why: "branch master is not governed", asked: "pull 3"}},
		"no policy":           {func(_ *testing.T, w *world) { w.policy = config.Loaded{} }, "gate pr/1", outcome{why: "the repository has no policy, so nothing is governed"}},
		"closed":              {closed, "gate pr/1", outcome{why: "#1 is closed"}},
		"gone":                {nil, "gate pr/9", outcome{err: "gone", asked: "pull 9"}},
		"a reason of its own": {mood("loud", ""), "gate pr/1", outcome{wrote: "moody #1 block, unlabel #1", why: "#1 against release-1.30: it is loud", asked: "pull 1, mood 1"}},
		"to look again":       {mood("later", ""), "gate pr/1", outcome{wrote: "moody #1 block", why: "#1 against release-1.30: in no good mood", asked: "pull 1, mood 1", next: time.Hour}},
		"two gates": {func(t *testing.T, w *world) { w.policy = policyOf(t, strictPolicy) }, "gate pr/1", outcome{wrote: "moody #1 pass, strict #1 pass",
			why: "#1 against release-1.30: in a good mood; #1 against release-1.30: in a good mood", asked: "pull 1, mood 1"}},
		"not what concerns the other": {func(t *testing.T, w *world) { w.policy = policyOf(t, strictPolicy) }, "gate pr/2", outcome{wrote: "moody #2 block",
			why: "#2 against release-1.29: in no good mood", asked: "pull 2, mood 2"}},

		"asked for again":            {nil, "moody rerun/1", outcome{wrote: "moody #1 pass fresh", then: "gate pr/1", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1"}},
		"moved away":                 {nil, "gate moved/3", outcome{wrote: "moody #3 neutral if present, strict #3 neutral if present", then: "gate pr/3", why: "#3 against master: master is not governed; #3 against master: The policy doesn't ask for this any more", asked: "pull 3"}},
		"moved here":                 {nil, "moody moved/1", outcome{wrote: "moody #1 pass", then: "gate pr/1", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1"}},
		"moved, and closed":          {closed, "moody moved/1", outcome{why: "#1 is closed", asked: "pull 1"}},
		"freed, and asked for again": {nil, "moody rerun/3", outcome{wrote: "moody #3 neutral fresh if present", then: "gate pr/3", why: "#3 against master: master is not governed"}},
		"freed by the policy":        {said(3, true, "slipway/moody"), "gate pr/3", outcome{wrote: "moody #3 neutral if present", why: "#3 against master: master is not governed"}},
		"freed, not held":            {said(3, false, "slipway/moody"), "gate pr/3", outcome{why: "branch master is not governed"}},
		"freed, and closed": {both(said(3, true, "slipway/moody"), func(_ *testing.T, w *world) {
			w.change(3, func(pr *github.PullRequest) { pr.State = github.Closed })
		}), "gate pr/3", outcome{why: "branch master is not governed"}},
		"off":             {said(1, false, "slipway/strict"), "gate pr/1", outcome{wrote: "moody #1 pass, strict #1 neutral if present", why: "#1 against release-1.30: in a good mood; #1 against release-1.30: The policy doesn't ask for this any more", asked: "pull 1, mood 1"}},
		"off, by its key": {said(1, true, "slipway/strict"), "strict pr/1", outcome{wrote: "strict #1 neutral if present", why: "#1 against release-1.30: The policy doesn't ask for this any more"}},

		"same head, the other held": {shared("release-1.30", "release-1.29"), "gate pr/1", outcome{wrote: "moody #2 block", why: "#2 against release-1.29: in no good mood", asked: "pull 1, mood 1, mood 2"}},
		"same head, itself held":    {both(shared("release-1.30", "release-1.29"), mood("bad", "good")), "gate pr/2", outcome{wrote: "moody #1 block", why: "#1 against release-1.30: in no good mood", asked: "pull 2, mood 1, mood 2"}},
		"same head, the other's branch is free": {shared("release-1.30", "master"), "gate pr/1",
			outcome{wrote: "moody #1 pass", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1"}},
		"same head, its own branch is free": {both(shared("release-1.30", "master"), said(2, true, "slipway/moody")), "gate pr/2",
			outcome{wrote: "moody #1 pass", why: "#1 against release-1.30: in a good mood", asked: "pull 2, mood 1"}},
		"same head, moved away": {shared("master", "release-1.29"), "moody moved/1", outcome{wrote: "moody #2 block", then: "gate pr/1", why: "#2 against release-1.29: in no good mood", asked: "pull 1, mood 2"}},
		"same head, closed":     {both(shared("release-1.30", "release-1.29"), closed), "gate pr/1", outcome{wrote: "moody #2 block", why: "#2 against release-1.29: in no good mood", asked: "mood 2"}},
		"same head, the earlier of two instants": {both(shared("release-1.30", "release-1.29"), mood("later", "later")), "gate pr/2",
			outcome{wrote: "moody #1 block", why: "#1 against release-1.30: in no good mood", asked: "pull 2, mood 1, mood 2", next: time.Hour}},
		"same head, the other has got another": {both(shared("release-1.30", "release-1.29"), mood("good", "moved")), "gate pr/1",
			outcome{wrote: "moody #1 pass", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1, mood 2"}},
		"its own head has moved": {mood("moved", ""), "gate pr/1", outcome{err: "#1: its head has just changed", why: "branch release-1.30 is not governed", asked: "pull 1, mood 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tc.change != nil {
				tc.change(t, w)
			}
			w.wants(t, tc.key, tc.want)
		})
	}
}

// said has something reported on a head before.
func said(_ int, holds bool, check string) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) { w.reported = []github.RememberedRun{{Name: check, Holds: holds}} }
}

// TestBrokenPolicy: what nobody can read holds back, but asks for nothing that it
// might not ask for.
func TestBrokenPolicy(t *testing.T) {
	w := newWorld(t)
	w.policy = config.Loaded{Fault: errors.New("x"), URL: "u"}
	w.wants(t, "gate pr/1", outcome{wrote: "moody #1 block, strict #1 block if present",
		why: "#1 against release-1.30: The policy can't be read; #1 against release-1.30: The policy can't be read", asked: "pull 1"})
	w.wants(t, "gate "+queued, outcome{wrote: "moody #0 block, strict #0 block if present",
		why: "merge group aaaaaaa for release-1.30: The policy can't be read; merge group aaaaaaa for release-1.30: The policy can't be read"})
	good := w.policy
	good.Policy = policyOf(t, policyText).Policy
	w.policy = good // the last good one stays
	w.wants(t, "gate pr/1", outcome{wrote: "moody #1 pass", why: "#1 against release-1.30: in a good mood", asked: "pull 1, mood 1"})
}

func shown(run effect.CheckRun) string { return run.Verdict.Title + "\n\n" + run.Verdict.Detail + "\n" }

// TestDefaultTexts: what the kit says for gates that say nothing themselves.
func TestDefaultTexts(t *testing.T) {
	w := newWorld(t)
	check := func(name, key string) {
		t.Helper()
		p, err := w.plan(t, key)
		if err != nil || len(p.Effects) == 0 {
			t.Fatalf("%v, %v", p, err)
		}
		golden.Check(t, name+".md", shown(p.Effects[0].(effect.CheckRun)))
	}
	check("freed", "moody moved/3")
	check("off", "strict moved/1")
	w.change(2, func(pr *github.PullRequest) { pr.Head = a })
	check("shared head", "moody pr/1")
	w.policy = config.Loaded{Fault: errors.New("x"), URL: w.policy.URL}
	check("broken policy", "moody pr/3")
}

// TestErrors: what one gate can't find out keeps no other from its word.
func TestErrors(t *testing.T) {
	w := newWorld(t)
	w.policy = policyOf(t, strictPolicy)
	strict := w.strict()
	strict.Read = func(*facts.Look, github.PullRequest) (known, error) { return known{}, errLost }
	set := w.set()
	set.Gates[1] = gate.Of(strict)
	p, err := set.Capability().Plan(t.Context(), gate.PullKey(repo, 1))
	if wrote(p.Effects) != "moody #1 pass" || !errors.Is(err, errLost) || !strings.Contains(err.Error(), "observe gate istio/istio pr/1: slipway/strict: #1: ") {
		t.Errorf("%s, %v", wrote(p.Effects), err)
	}
	strict.Read = func(*facts.Look, github.PullRequest) (known, error) { return known{}, reconcile.ErrGone }
	set.Gates[1] = gate.Of(strict)
	if p, err = set.Capability().Plan(t.Context(), gate.PullKey(repo, 1)); wrote(p.Effects) != "moody #1 pass" || err != nil || !strings.HasSuffix(p.Reason, "; slipway/strict: #1: gone") {
		t.Errorf("gone: %s, %v, %s", wrote(p.Effects), err, p.Reason)
	}
	w.moods[1] = "lost" // the one is to be tried again, whatever is gone for the other
	if p, err = set.Capability().Plan(t.Context(), gate.PullKey(repo, 1)); len(p.Effects) != 0 || !errors.Is(err, errLost) || errors.Is(err, reconcile.ErrGone) {
		t.Errorf("gone beside a failure: %s, %v", wrote(p.Effects), err)
	}
	p, err = set.Capability().Plan(t.Context(), reconcile.Key{Handler: gate.Name, Repo: repo, ID: queued})
	if len(p.Effects) != 1 || !errors.Is(err, errLost) {
		t.Errorf("of a group: %s, %v", wrote(p.Effects), err)
	}
}

// TestFailingSources: what can't be read is no answer.
func TestFailingSources(t *testing.T) {
	for what, key := range map[string]string{
		"policy": "gate pr/1", "snapshot": "gate pr/1", "head": "gate pr/1", "what was reported": "gate pr/3", "list": "gate all", "group": "gate " + queued,
	} {
		w := newWorld(t)
		w.fails = what
		if p, err := w.plan(t, key); !errors.Is(err, errLost) || len(p.Effects)+len(p.Enqueue) > 0 {
			t.Errorf("%s: %v, wrote %q, then %q", what, err, wrote(p.Effects), ids(p.Enqueue))
		}
	}
	for _, what := range []string{"policy", "list"} {
		w := newWorld(t)
		w.fails = what
		if keys, err := w.set().Capability().All(t.Context(), repo); !errors.Is(err, errLost) || keys != nil {
			t.Errorf("%s: %v, %v", what, keys, err)
		}
	}
	w := newWorld(t)
	g := w.moody()
	set := w.set()
	for what, change := range map[string]func(){
		"Asked":    func() { g.Asked = func(*facts.Look) (bool, error) { return false, errLost } },
		"Concerns": func() { g.Concerns = func(*facts.Look, release.Branch) (bool, error) { return false, errLost } },
	} {
		g = w.moody()
		change()
		set.Gates = []gate.One{gate.Of(g)}
		for _, id := range []string{"pr/1", "moved/1", queued} {
			if p, err := set.Capability().Plan(t.Context(), reconcile.Key{Handler: gate.Name, Repo: repo, ID: id}); !errors.Is(err, errLost) || len(p.Effects) > 0 {
				t.Errorf("%s, %s: %v, wrote %q", what, id, err, wrote(p.Effects))
			}
		}
		if _, err := set.Previews()[0].Verdicts(t.Context(), repo, w.policy, []github.PullRequest{w.pulls[1]}); !errors.Is(err, errLost) {
			t.Errorf("%s, previewed: %v", what, err)
		}
	}
}

func TestSpread(t *testing.T) {
	for name, tc := range map[string]struct {
		key  string
		want outcome
	}{
		"all":                   {"gate all", outcome{then: "gate pr/3, gate pr/2, gate pr/1", why: "3 open pull requests in all to look at again", asked: "list "}},
		"all, as it was called": {"moody branches", outcome{then: "moody pr/3, moody pr/2, moody pr/1", why: "3 open pull requests in all to look at again", asked: "list "}},
		"a branch":              {"gate branch/release-1.29", outcome{then: "gate pr/2", why: "1 open pull requests against release-1.29 to look at again", asked: "list release-1.29"}},
		"a commit":              {"gate commit/" + a, outcome{then: "gate rerun/1", why: "1 open pull requests with the head aaaaaaa to look at again", asked: "list "}},
		"a commit of nobody's":  {"moody commit/abc", outcome{why: "0 open pull requests with the head abc to look at again", asked: "list "}},
	} {
		t.Run(name, func(t *testing.T) { newWorld(t).wants(t, tc.key, tc.want) })
	}
	w := newWorld(t)
	keys, err := w.set().Capability().All(t.Context(), repo)
	if got := ids(keys); err != nil || got != "gate pr/3, gate pr/2, gate pr/1" {
		t.Errorf("of a resync: %s, %v", got, err)
	}
	w.closed = 2
	keys, err = w.set().Capability().All(t.Context(), repo)
	if got := ids(keys); err != nil || got != "gate pr/3, gate pr/1, gate pr/2" {
		t.Errorf("of a resync that finds one closed: %s, %v", got, err)
	}
	w.policy = config.Loaded{}
	if keys, err := w.set().Capability().All(t.Context(), repo); err != nil || keys != nil {
		t.Errorf("without a policy: %v, %v", keys, err)
	}
}

// queued is a group for release-1.30, which the queue has built for #1.
var queued = gate.Group + "/" + github.MergeGroup{Head: a, Ref: "refs/heads/gh-readonly-queue/release-1.30/pr-1-" + b}.ID()

func TestGroups(t *testing.T) {
	strict := func(t *testing.T, w *world) { w.policy = policyOf(t, strictPolicy) }
	for name, tc := range map[string]struct {
		change func(*testing.T, *world)
		want   outcome
	}{
		"may merge": {nil, outcome{wrote: "moody #0 pass", why: "merge group aaaaaaa for release-1.30: Each pull request of the group may merge", asked: "group, pull 1, mood 1"}},
		"one may not": {func(_ *testing.T, w *world) { w.members = []int{1, 2} },
			outcome{wrote: "moody #0 block", why: "merge group aaaaaaa for release-1.30: Pull requests of the group that may not merge: 1", asked: "group, pull 1, mood 1, pull 2, mood 2"}},
		"judged for the queue's branch": {func(t *testing.T, w *world) {
			strict(t, w)
			w.change(1, func(pr *github.PullRequest) { pr.Base = "master" })
		}, outcome{wrote: "moody #0 pass, strict #0 pass", why: strings.Repeat("; merge group aaaaaaa for release-1.30: Each pull request of the group may merge", 2)[2:], asked: "group, pull 1, mood 1"}},
		"one is gone": {func(_ *testing.T, w *world) { w.members = []int{1, 9} },
			outcome{wrote: "moody #0 block", why: "merge group aaaaaaa for release-1.30: Not all of the group can be told", asked: "group, pull 1, mood 1, pull 9"}},
		"nobody is in it": {func(_ *testing.T, w *world) { delete(w.pulls, 1) },
			outcome{wrote: "moody #0 block", why: "merge group aaaaaaa for release-1.30: Not all of the group can be told", asked: "group, pull 1"}},
		"not all can be told": {func(_ *testing.T, w *world) { w.whole = false },
			outcome{wrote: "moody #0 block", why: "merge group aaaaaaa for release-1.30: Not all of the group can be told", asked: "group, pull 1, mood 1"}},
		"settled": {func(t *testing.T, w *world) { strict(t, w); w.moods[0] = "calm"; w.moods[1] = "bad" },
			outcome{wrote: "moody #0 block, strict #0 pass", why: "merge group aaaaaaa for release-1.30: Pull requests of the group that may not merge: 1; merge group aaaaaaa for release-1.30: all are calm", asked: "group, pull 1, mood 1"}},
		"to look again": {func(_ *testing.T, w *world) { w.moods[1] = "later" },
			outcome{wrote: "moody #0 block", why: "merge group aaaaaaa for release-1.30: Pull requests of the group that may not merge: 1", asked: "group, pull 1, mood 1", next: time.Hour}},
		"it fails": {func(_ *testing.T, w *world) { w.moods[1] = "lost" }, outcome{err: errLost.Error(), asked: "group, pull 1, mood 1"}},
		"a look is refused": {func(t *testing.T, w *world) { strict(t, w); w.moods[0] = "calm"; w.moods[1] = "refused" },
			outcome{wrote: "moody #0 block, strict #0 pass", why: "merge group aaaaaaa for release-1.30: GitHub doesn't let Slipway look; merge group aaaaaaa for release-1.30: all are calm", asked: "group, pull 1, mood 1"}},
		"what is in it is refused": {func(_ *testing.T, w *world) { w.fails, w.why = "group", errRefused },
			outcome{wrote: "moody #0 block", why: "merge group aaaaaaa for release-1.30: GitHub doesn't let Slipway look", asked: "group"}},
		"gone and refused": {func(_ *testing.T, w *world) { w.fails, w.why = "group", errors.Join(errRefused, reconcile.ErrGone) },
			outcome{err: errRefused.Error(), asked: "group"}},
		"no policy": {func(_ *testing.T, w *world) { w.policy = config.Loaded{} }, outcome{why: "branch release-1.30 is not governed"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tc.change != nil {
				tc.change(t, w)
			}
			w.wants(t, "gate "+queued, tc.want)
			p, _ := w.plan(t, "gate "+queued)
			for _, e := range p.Effects {
				run := e.(effect.CheckRun)
				if run.Commit != a || run.ExternalID != queued {
					t.Errorf("%+v", run)
				}
				if run.Name == "slipway/moody" {
					golden.Check(t, "group "+name+".md", shown(run))
				}
			}
		})
	}
}

// TestUnworked: what ends the process isn't read again, and nothing merges because of that.
func TestUnworked(t *testing.T) {
	w := newWorld(t)
	p, err := w.set().Capability().Unworked(t.Context(), gate.PullKey(repo, 1), 3)
	if got := wrote(p.Effects); err != nil || got != "moody #1 block" {
		t.Errorf("%v: %s", err, got)
	}
}
