package gate

import (
	"context"
	"errors"
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

const (
	headA = "1111111111111111111111111111111111111111"
	headB = "2222222222222222222222222222222222222222"
)

var repo = github.Repo{Owner: "istio", Name: "istio"}

// world is what the gates of these tests read.
type world struct {
	facts.GitHub
	prs      []github.PullRequest
	members  []int
	complete bool
	said     []string // our checks that stand on each head
	policy   config.Loaded
}

func (w world) PullRequest(_ context.Context, _ github.Repo, n int) (github.PullRequest, error) {
	for _, pr := range w.prs {
		if pr.Number == n {
			return pr, nil
		}
	}
	return github.PullRequest{}, reconcile.ErrGone
}

func (w world) OpenPullRequests(_ context.Context, _ github.Repo, base release.Branch) (list []github.PullRequest, err error) {
	for _, pr := range w.prs {
		if base == "" || pr.Base == base {
			list = append(list, pr)
		}
	}
	return list, nil
}

func (w world) GroupMembers(context.Context, github.Repo, string, string) ([]int, bool, error) {
	return w.members, w.complete, nil
}

func (w world) Remembered(context.Context, github.Repo, github.PullRequest, []string) (r github.Remembered, err error) {
	for _, name := range w.said {
		r.Runs = append(r.Runs, github.RememberedRun{Name: name, Holds: true})
	}
	return r, nil
}

func (w world) Sighting(ctx context.Context, _ github.Repo, n int) (github.Sighting, bool, error) {
	pr, err := w.PullRequest(ctx, repo, n)
	return github.Sighting{PullRequest: pr, Repo: repo}, err == nil, nil
}

func (w world) OpenSightings(_ context.Context, _ github.Repo, head string) (list []github.Sighting, err error) {
	for _, pr := range w.prs {
		if pr.Head == head && pr.State == github.Open {
			list = append(list, github.Sighting{PullRequest: pr, Repo: repo})
		}
	}
	return list, nil
}

func (w world) Policy(context.Context, github.Repo) (config.Loaded, error) { return w.policy, nil }

// titled is a gate that lets a pull request through by its title.
var titled = Gate[github.PullRequest]{
	Name: "titled", Check: "slipway/titled", Needs: []facts.Need{facts.Title},
	Read: func(_ *facts.Look, pr github.PullRequest) (github.PullRequest, error) {
		if pr.Title == "moving" {
			return pr, ErrMoved
		}
		return pr, nil
	},
	Judge: func(pr github.PullRequest) Verdict {
		if pr.Title == "good" {
			return Verdict{Verdict: effect.Verdict{State: effect.Pass, Title: "Fine"}}
		}
		return Verdict{Verdict: effect.Verdict{State: effect.Block, Title: "Not fine"}}
	},
}

func pull(n int, base release.Branch, head, title string) github.PullRequest {
	return github.PullRequest{Number: n, Title: title, State: github.Open, Base: base, Head: head}
}

func worldOf(t *testing.T, prs ...github.PullRequest) world {
	t.Helper()
	p, err := config.ParsePolicy("policy", []byte("branches: [\"release-*\"]\nrelease_managers: [\"managers\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return world{prs: prs, complete: true, policy: config.Loaded{Policy: p, URL: "https://example.org/policy"}}
}

func (w world) set() Set {
	return Set{From: &facts.Sources{GitHub: w, Policies: w, Seen: w}, Now: func() time.Time { return time.Unix(0, 0) }, Gates: []One{Of(titled)}}
}

func (w world) plan(t *testing.T, id string) (plan reconcile.Plan, run effect.CheckRun) {
	t.Helper()
	plan, err := w.set().Capability().Plan(t.Context(), reconcile.Key{Handler: Name, Repo: repo, ID: id})
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	for _, e := range plan.Effects {
		run = e.(effect.CheckRun)
	}
	return plan, run
}

// TestSharedHead: a check belongs to a commit, so the strictest verdict stands.
func TestSharedHead(t *testing.T) {
	for _, titles := range [][2]string{{"good", "bad"}, {"bad", "good"}} {
		w := worldOf(t, pull(1, "release-1.30", headA, titles[0]), pull(2, "release-1.29", headA, titles[1]), pull(3, "release-1.29", headB, "bad"), pull(4, "master", headA, "bad"))
		_, run := w.plan(t, "pr/1")
		if want := map[string]int{"bad": 1, "good": 2}[titles[0]]; run.Verdict.State != effect.Block || run.Number != want || !strings.Contains(run.Verdict.Detail, "a check belongs to a commit") {
			t.Errorf("%v: %+v", titles, run)
		}
		if strings.Contains(run.Verdict.Detail, "#3") || strings.Contains(run.Verdict.Detail, "#4") {
			t.Errorf("it also speaks for others: %s", run.Verdict.Detail)
		}
	}
}

// TestHeadThatMoves: the pull request itself is tried again, one beside it has an
// event of its own on the way.
func TestHeadThatMoves(t *testing.T) {
	w := worldOf(t, pull(1, "release-1.30", headA, "good"), pull(2, "release-1.29", headA, "moving"))
	if _, run := w.plan(t, "pr/1"); run.Verdict.State != effect.Pass || run.Verdict.Detail != "" {
		t.Errorf("%+v", run)
	}
	if _, err := w.set().Capability().Plan(t.Context(), PullKey(repo, 2)); !errors.Is(err, ErrMoved) {
		t.Errorf("%v", err)
	}
}

// TestFreed: what was said before about a branch that isn't governed is taken back,
// where something may have been said.
func TestFreed(t *testing.T) {
	w := worldOf(t, pull(1, "master", headA, "bad"))
	if plan, _ := w.plan(t, "pr/1"); len(plan.Effects) != 0 || plan.Why != "branch master is not governed" {
		t.Errorf("%+v", plan)
	}
	_, run := w.plan(t, "moved/1")
	if run.Verdict.State != effect.Neutral || !run.IfPresent {
		t.Errorf("%+v", run)
	}
	golden.Check(t, "freed.md", run.Verdict.Title+"\n\n"+run.Verdict.Detail)
	w.said = []string{"slipway/titled"}
	if _, run := w.plan(t, "pr/1"); run.Verdict.State != effect.Neutral || !run.IfPresent {
		t.Errorf("reported before: %+v", run)
	}
	w.prs[0].State = github.Closed
	if plan, _ := w.plan(t, "moved/1"); len(plan.Effects) != 0 || plan.Why != "#1 is closed" {
		t.Errorf("closed: %+v", plan)
	}
}

func TestRerun(t *testing.T) {
	w := worldOf(t, pull(1, "release-1.30", headA, "good"))
	if _, run := w.plan(t, "pr/1"); run.Fresh {
		t.Error("a run is made anew that nobody asked for")
	}
	if _, run := w.plan(t, "rerun/1"); !run.Fresh {
		t.Error("the run isn't made anew")
	}
}

func TestSpread(t *testing.T) {
	w := worldOf(t, pull(1, "release-1.30", headA, ""), pull(2, "master", headB, ""), pull(3, "release-1.29", headB, ""))
	for id, want := range map[string]string{
		"all": "pr/1 pr/2 pr/3", "branch/release-1.29": "pr/3", "branch/nothing": "", "commit/" + headB: "rerun/2 rerun/3",
	} {
		plan, _ := w.plan(t, id)
		var ids []string
		for _, k := range plan.Then {
			ids = append(ids, k.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	for _, id := range []string{"", "pr/", "pr/0", "pr/x", "moved/-1", "group/x", "commit/", "all/x", "nothing/1"} {
		if _, err := w.set().Capability().Plan(t.Context(), reconcile.Key{Handler: Name, Repo: repo, ID: id}); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%q is an id: %v", id, err)
		}
	}
}

func TestGroup(t *testing.T) {
	w := worldOf(t, pull(1, "release-1.30", headA, "good"), pull(2, "release-1.30", headB, "bad"))
	for _, tt := range []struct {
		name     string
		queue    string
		members  []int
		complete bool
		want     effect.State
	}{
		{"all may merge", "pr-1", []int{1}, true, effect.Pass},
		{"one may not", "pr-1", []int{1, 2}, true, effect.Block},
		{"one is known by the queue alone", "pr-2", []int{1}, true, effect.Block},
		{"some can't be told", "pr-1", []int{1}, false, effect.Block},
		{"one is gone", "pr-1", []int{1, 9}, true, effect.Block},
		{"nobody is in it", "pr-9", nil, true, effect.Block},
	} {
		w.members, w.complete = tt.members, tt.complete
		id := "group/" + headA + "/gh-readonly-queue/release-1.30/" + tt.queue + "-" + headB
		_, run := w.plan(t, id)
		if run.Verdict.State != tt.want || run.Commit != headA || run.Number != 0 || run.ExternalID != id {
			t.Errorf("%s: %+v", tt.name, run)
		}
		golden.Check(t, "group "+tt.name+".md", run.Verdict.Title+"\n\n"+run.Verdict.Detail)
	}
	if plan, _ := w.plan(t, "group/"+headA+"/gh-readonly-queue/master/pr-1-"+headB); len(plan.Effects) != 0 {
		t.Errorf("of a branch that isn't governed: %+v", plan)
	}
}
