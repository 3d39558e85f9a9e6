package build

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// releases is what is known of those that are under way.
type releases struct {
	blockers facts.BlockerList
	set      []release.StepTrap
	places   map[github.Repo][]release.Branch
	home     github.Repo
	listed   github.Repo // another one in which blockers are
}

func (w *world) FreshPullDetail(context.Context, github.Repo, int) (github.PullDetail, error) {
	w.ask("detail")
	pr := w.pr
	if w.gone {
		pr.State, pr.Merged = github.Closed, true
	}
	return github.PullDetail{PullRequest: pr}, nil
}

func ours(body string) *github.Issue {
	return &github.Issue{Number: 9, Author: github.User{ID: 3, Bot: true}, Body: body}
}

func text(s string) *string { return &s }

func TestStepTraps(t *testing.T) {
	set := release.StepTrap{Repo: "Release-Builder", Branch: "release-1.31", Title: "^Automator: update build-tools image@release-1\\.31$",
		Say: "Close it, @team. <b>", Step: "build-tools", Tracker: "https://github.com/istio/istio/issues/7"}
	for _, tc := range []struct {
		name  string
		title string
		trap  func(*release.StepTrap)
		state effect.State
	}{
		{"a trap of a step", "Automator: update build-tools image@release-1.31", func(*release.StepTrap) {}, effect.Block},
		{"a trap without a tracking issue", "Automator: update build-tools image@release-1.31", func(s *release.StepTrap) { s.Tracker = "" }, effect.Block},
		{"another title", "Automator: update build-tools image@release-1x31", func(*release.StepTrap) {}, effect.Pass},
		{"another branch", "Automator: update build-tools image@release-1.31", func(s *release.StepTrap) { s.Branch = "release-1.30" }, effect.Pass},
		{"another repository", "Automator: update build-tools image@release-1.31", func(s *release.StepTrap) { s.Repo = "tools" }, effect.Pass},
	} {
		w := newWorld(t)
		one := set
		tc.trap(&one)
		w.policy, w.pr.Title, w.set = "branches: [release-*]\n", tc.title, []release.StepTrap{one}
		p, err := w.plan(builder, "pr/7")
		if err != nil {
			t.Fatal(err)
		}
		check := p.Effects[0].(effect.CheckRun)
		if check.Verdict.State != tc.state || check.IfPresent != (tc.state == effect.Pass) || len(p.Effects) != 2 || p.Effects[1].(effect.Comment).IfPresent != (tc.state == effect.Pass) {
			t.Errorf("%s: %+v", tc.name, p)
		}
		if tc.state == effect.Block {
			golden.Check(t, tc.name+".md", check.Verdict.Detail+"\n\n"+p.Effects[1].(effect.Comment).Body+"\n")
		}
	}
}

// TestIssues: what an issue may have changed is looked at again, from the home
// repository alone.
func TestIssues(t *testing.T) {
	for _, tc := range []struct {
		name   string
		repo   github.Repo
		id     string
		change func(*world)
		want   string
	}{
		{"a blocker", home, "blockers", func(*world) {}, "gate istio/release-builder pr/7"},
		{"a label of blockers", home, "labelled/release-blocker", func(*world) {}, "gate istio/release-builder pr/7"},
		{"another label", home, "labelled/size%2FL", func(*world) {}, ""},
		{"an issue elsewhere", builder, "blockers", func(*world) {}, ""},
		{"without tracking issues", home, "blockers", func(w *world) { w.home = github.Repo{} }, ""},
		{"without trigger files", home, "blockers", func(w *world) { w.policy = "branches: [release-*]\n" }, ""},
		{"a blocker in a repository with a policy of its own", github.Repo{Owner: "istio", Name: "api"}, "blockers", func(w *world) {
			w.listed, w.policy = github.Repo{Owner: "istio", Name: "api"}, "branches: [release-*]\n"
		}, "release istio/istio blockers"},
		{"a step", home, "steps", func(w *world) {
			w.places = map[github.Repo][]release.Branch{{Owner: "istio", Name: "x"}: {"release-1.31", "release-1.30"}}
		}, "release istio/x branch/release-1.30, release istio/x branch/release-1.31"},
	} {
		w := newWorld(t)
		tc.change(w)
		p, err := w.plan(tc.repo, tc.id)
		if err != nil {
			t.Fatal(err)
		}
		var then []string
		for _, k := range p.Enqueue {
			then = append(then, k.String())
		}
		if got := strings.Join(then, ", "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestMergedMeanwhile: what was merged since it was last seen gets no verdict on
// what it would start once more.
func TestMergedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.texts["release-1.31 "+buildPath] = "1.31.0-beta.1\n"
	w.gone = true
	if p, err := w.plan(builder, "pr/7"); !errors.Is(err, reconcile.ErrGone) || len(p.Effects) > 0 {
		t.Errorf("%+v, %v", p, err)
	}
	w.gone = false // somebody else's was merged, and this one is still there
	if check, _, _ := w.look("pr/7"); check.Verdict.State != effect.Pass {
		t.Errorf("%+v", check)
	}
}

// TestUnknownIsLookedAtAgain: blockers that couldn't be counted are counted later.
func TestUnknownIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	w.files.Paths, w.texts[head+" "+publishPath], w.blockers.Unknown = []string{publishPath}, "1.31.0-beta.0\n", true
	p, err := w.plan(builder, "pr/7")
	if err != nil {
		t.Fatal(err)
	}
	if !p.RequeueAt.Equal(time.Unix(0, 0).Add(unsureWait)) {
		t.Errorf("the next look is at %s", p.RequeueAt)
	}
}
