package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	asHead  = "istio/istio@" + head
	asToday = "istio/istio@master"
	ofOwner = "istio/.github@master"
)

// TestCheck reads and decides, and holds every text to its golden.
func TestCheck(t *testing.T) {
	many := strings.Builder{}
	for i := range 60 {
		fmt.Fprintf(&many, "x%d: 1\n", i)
	}
	managers := "branches: [\"release-*\"]\nrelease_managers:\n"
	for name, tt := range map[string]struct {
		change func(w *world)
		want   effect.State
		title  string
	}{
		"nothing changes":  {func(w *world) { w.texts[asHead] = w.texts[asToday] }, effect.Pass, "the policy is good; no open pull request is affected"},
		"more is governed": {func(w *world) { w.texts[asHead] = "branches: [\"*-*\", experimental]\n" }, effect.Pass, "the policy is good; 1 open pull request is affected"},
		"less is governed": {func(w *world) { w.texts[asHead] = "branches: [release-1.30]\nrelease_managers: [rm]\n" }, effect.Pass, "the policy is good; 1 open pull request is affected"},
		"verdicts change":  {func(w *world) { w.texts[asHead] = w.texts[asToday] + "timezone: Europe/Berlin\n" }, effect.Pass, "the policy is good; 2 open pull requests are affected"},
		"mends the policy": {func(w *world) { w.texts[asHead], w.texts[asToday] = w.texts[asToday], "branches: 5\n" }, effect.Pass, "the policy is good; 4 open pull requests are affected"},
		"faults": {func(w *world) {
			w.texts[asHead] = "brnches: [x]\nrelease_managers: [\"@istio/rm\"]\ntimezone: Europe/Berln\n"
		}, effect.Block, "the policy has 4 faults"},
		"one fault":        {func(w *world) { w.texts[asHead] = "branches: 5\n" }, effect.Block, "the policy has 1 fault"},
		"faults now too":   {func(w *world) { w.texts[asHead], w.texts[asToday] = "branches: 5\n", "branches: 6\n" }, effect.Block, "the policy has 1 fault"},
		"very many faults": {func(w *world) { w.texts[asHead] = many.String() }, effect.Block, "the policy has more than 50 faults"},
		"hostile text":     {func(w *world) { w.texts[asHead] = "\"@everyone <img> `x` [a](b)\": 1\n\"/release thaw x\": 2\n" }, effect.Block, "the policy has 3 faults"},
		"refers": {func(w *world) {
			w.texts[asHead], w.texts[ofOwner] = "extends: istio/.github\n", "branches: [release-1.30]\n"
		}, effect.Pass, "the policy is good; 1 open pull request is affected"},
		"refers to faults": {func(w *world) {
			w.texts[asHead], w.texts[ofOwner] = "# moved\nextends: istio/.github\n", "brnches: 5\n"
		}, effect.Block, "the policy that this refers to has 2 faults"},
		"refers to nothing": {func(w *world) { w.texts[asHead] = "extends: istio/nowhere\n" }, effect.Block, "the policy has 1 fault"},
		"refers, team gone": {func(w *world) {
			w.texts[asHead], w.texts[ofOwner] = "extends: istio/.github\n", "branches: [r]\nrelease_managers: [away]\n"
		}, effect.Block, "1 team doesn't exist"},
		"a team is gone": {func(w *world) { w.texts[asHead] = managers + "  - rm\n  - away\n" }, effect.Block, "1 team doesn't exist"},
		"teams are gone": {func(w *world) { w.texts[asHead] = managers + "  - away\n  - \"rm-{major}-{minor}\"\n" }, effect.Block, "2 teams don't exist"},
		"newest team missing": {func(w *world) {
			w.texts[asHead], w.teams = managers+"  - \"rm-{major}-{minor}\"\n", []string{"rm-1-29"}
		}, effect.Pass, "the policy is good; no open pull request is affected"},
		"no branch for a team": {func(w *world) {
			w.texts[asHead] = "branches: [\"experimental*\"]\nrelease_managers: [\"rm-{minor}\"]\n"
		}, effect.Pass, "the policy is good; 3 open pull requests are affected"},
		"too many teams": {func(w *world) {
			w.texts[asHead] = managers + strings.Repeat("  - rm\n", 25) + "  - beyond\n"
		}, effect.Pass, "the policy is good; no open pull request is affected"},
		"new teams by a stranger": {func(w *world) {
			w.texts[asHead], w.pr.HeadRepo, w.pr.Author = managers+"  - rm\n  - secret\n", fork, bob
		}, effect.Pass, "the policy is good; no open pull request is affected"},
		"new teams by a manager": {func(w *world) {
			w.texts[asHead], w.pr.HeadRepo, w.pr.Author, w.managers = managers+"  - rm\n  - secret\n", fork, bob, []github.User{bob}
		}, effect.Block, "1 team doesn't exist"},
		"deleted":                     {func(w *world) {}, effect.Neutral, "the policy is deleted, so nothing is governed"},
		"deleted, owner's":            {func(w *world) { w.texts[ofOwner] = "branches: [experimental]\n" }, effect.Neutral, "the policy is deleted; the owner's takes its place"},
		"deleted, owner's has faults": {func(w *world) { w.texts[ofOwner] = "branches: 5\n" }, effect.Neutral, "the policy is deleted; the owner's takes its place"},
		"of so many files":            {func(w *world) { w.texts[asHead], w.files = "branches: [x]\n", github.Files{Paths: []string{"a"}} }, effect.Pass, "the policy is good; 2 open pull requests are affected"},
		"many pull requests": {func(w *world) {
			w.texts[asHead] = "branches: [\"*\"]\n"
			for i := range 120 {
				w.open[repo] = append(w.open[repo], github.PullRequest{Number: 100 + i, Base: "experimental"})
			}
		}, effect.Pass, "the policy is good; 122 open pull requests are affected"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.change(w)
			plan := w.plan("pr/7")
			if len(plan.Effects) != 1 {
				t.Fatalf("%+v", plan)
			}
			c := plan.Effects[0].(effect.CheckRun)
			if c.Verdict.State != tt.want || c.Verdict.Title != tt.title || plan.Reason != "#7: "+tt.title {
				t.Errorf("%s %q, why %q", c.Verdict.State, c.Verdict.Title, plan.Reason)
			}
			if c.Repo != repo || c.Number != 7 || c.Commit != head || c.Name != CheckName || c.Fresh || c.IfPresent || len(c.Annotations) > 50 {
				t.Errorf("%+v", c)
			}
			if (c.Verdict.State == effect.Block) != slices.ContainsFunc(c.Annotations, func(a effect.Annotation) bool { return a.Level == effect.Failure }) {
				t.Error("what blocks has to stand at a line")
			}
			golden.Check(t, "check "+name+".md", shown(c))
		})
	}
}

// TestOwnersPolicy is about the policy of all repositories of an owner.
func TestOwnersPolicy(t *testing.T) {
	for name, tt := range map[string]struct {
		today, proposed string
		repos           int
		title           string
	}{
		"owner changes":    {"branches: [release-1.29]\n", "branches: [\"release-*\"]\nrelease_managers: [\"rm-{major}-{minor}\"]\n", 0, "1 team doesn't exist"},
		"owner begins":     {"", "branches: [\"release-*\"]\n", 0, "the policy is good; 1 open pull request is affected"},
		"owner deletes":    {"branches: [master]\n", "", 0, "the policy is deleted, so nothing is governed"},
		"owner is large":   {"branches: [x]\n", "branches: [y]\n", 20, "the policy is good; no open pull request is affected"},
		"owner has faults": {"branches: [x]\n", "branches: y\n", 0, "the policy has 1 fault"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for at, text := range map[string]string{"master": tt.today, head: tt.proposed} {
				if text != "" {
					w.texts["istio/.github@"+at] = text
				}
			}
			w.pr.HeadRepo = owners
			w.recent = append(w.recent, github.Repo{Owner: "istio", Name: "gone"})
			for i := range tt.repos {
				w.recent = append(w.recent, github.Repo{Owner: "istio", Name: fmt.Sprintf("r%d", i)})
			}
			h, id := w.handler(), "pr/7"
			if tt.today == "" {
				id = "head/first"
			}
			plan, err := h.Capability().Plan(t.Context(), key(owners, id))
			if err != nil {
				t.Fatal(err)
			}
			if len(plan.Effects) != 1 || !strings.HasSuffix(plan.Reason, ": "+tt.title) {
				t.Fatalf("%+v", plan)
			}
			golden.Check(t, "check "+name+".md", shown(plan.Effects[0]))
		})
	}
}

// TestNothingToSay: what the check leaves alone, and what finding that out costs.
func TestNothingToSay(t *testing.T) {
	elsewhere := func(w *world) {
		w.texts[ofOwner] = w.texts[asToday]
		delete(w.texts, asToday)
	}
	other := func(w *world) { w.files.Paths = []string{"a"} }
	for name, tt := range map[string]struct {
		id     string
		change func(w *world)
		why    string
		cost   string
	}{
		"the policy stands elsewhere":  {"pr/7", elsewhere, "the policy of this repository stands in istio/.github", ""},
		"moved, elsewhere":             {"moved/7", elsewhere, "the policy of this repository stands in istio/.github", ""},
		"all, elsewhere":               {"prs", elsewhere, "the policy of this repository stands in istio/.github", ""},
		"a commit's, elsewhere":        {"commit/x", elsewhere, "the policy of this repository stands in istio/.github", ""},
		"no policy":                    {"pr/7", func(w *world) { delete(w.texts, asToday) }, "the repository has no policy", ""},
		"another branch, as seen":      {"pr/7", func(w *world) { w.sighted = "release-1.30" }, "release-1.30 is not the default branch, from which policies are read", "default branch"},
		"another branch, as read":      {"pr/7", func(w *world) { w.pr.Base = "x" }, "x is not the default branch, from which policies are read", "default branch, pull request 7"},
		"closed":                       {"pr/7", func(w *world) { w.pr.State = github.Closed }, "#7 is closed", "default branch, pull request 7"},
		"another file":                 {"pr/7", other, "#7 leaves the policy file alone", "default branch, pull request 7, files of 7"},
		"many files, the same policy":  {"pr/7", func(w *world) { w.files, w.texts[asHead] = github.Files{}, w.texts[asToday] }, "#7 leaves the policy file alone", "default branch, pull request 7, files of 7, file of " + head + ", file of master"},
		"a branch, where there is one": {"head/x", func(*world) {}, "this repository has a policy file, so its pull requests are looked at, not its branches", ""},
		"a governed branch":            {"head/release-1.30", elsewhere, "release-1.30 is a governed branch, which proposes nothing", ""},
		"a deleted branch":             {"head/deleted", elsewhere, "there is no branch deleted any more", "head of deleted"},
		"a branch without the file":    {"head/x", elsewhere, "x has no policy file", "head of x, file of " + head},
	} {
		w := newWorld(t)
		tt.change(w)
		plan := w.plan(tt.id)
		if plan.Reason != tt.why || len(plan.Effects)+len(plan.Enqueue) > 0 {
			t.Errorf("%s: %+v", name, plan)
		}
		if got := strings.Join(w.asked, ", "); got != tt.cost {
			t.Errorf("%s: asks for %s, want %s", name, got, tt.cost)
		}
	}
}

// TestTakenBack: a check that is no longer about its commit says so, if it is there.
func TestTakenBack(t *testing.T) {
	for name, tt := range map[string]struct {
		id     string
		change func(w *world)
		fresh  bool
	}{
		"moved to another base": {"moved/7", func(w *world) { w.pr.Base = "release-1.30" }, false},
		"no longer changes it":  {"rerun/7", func(w *world) { w.files.Paths = nil }, true},
	} {
		w := newWorld(t)
		tt.change(w)
		plan := w.plan(tt.id)
		if len(plan.Effects) != 1 {
			t.Fatalf("%s: %+v", name, plan)
		}
		c := plan.Effects[0].(effect.CheckRun)
		if c.Verdict.State != effect.Neutral || !c.IfPresent || c.Fresh != tt.fresh {
			t.Errorf("%s: %+v", name, c)
		}
		golden.Check(t, "taken back "+name+".md", shown(c))
	}
}

// TestFirstPolicy: the push of a branch finds it, and its newest commit gets the check.
func TestFirstPolicy(t *testing.T) {
	for _, text := range []string{"branches: [experimental]\n", "branches: 5\n"} {
		for id, fresh := range map[string]bool{"head/topic/a": false, "again/topic/a": true} {
			w := newWorld(t)
			w.texts[asHead] = text
			delete(w.texts, asToday)
			plan := w.plan(id)
			if len(plan.Effects) != 1 || !strings.HasPrefix(plan.Reason, "branch topic/a: the policy ") {
				t.Fatalf("%+v", plan)
			}
			c := plan.Effects[0].(effect.CheckRun)
			if c.Commit != head || c.Number != 0 || c.ExternalID != "head/topic/a" || c.Fresh != fresh || c.IfPresent {
				t.Errorf("%s: %+v", id, c)
			}
			golden.Check(t, "first "+string(c.Verdict.State)+".md", shown(c))
		}
	}
}

// TestSpread: the order is that of the list.
func TestSpread(t *testing.T) {
	w := newWorld(t)
	w.open[repo] = append(w.open[repo], github.PullRequest{Number: 8, Base: "master", Head: "other"})
	all := []reconcile.Key{key(repo, "pr/7"), key(repo, "pr/8")}
	for id, want := range map[string][]reconcile.Key{"prs": all, "commit/other": {key(repo, "rerun/8")}, "commit/none": nil} {
		if diff := cmp.Diff(want, w.plan(id).Enqueue); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	for at, want := range map[string][]reconcile.Key{asToday: all, ofOwner: nil} {
		w.texts = map[string]string{at: "branches: [x]\n"}
		got, err := w.handler().All(t.Context(), repo)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("policy at %s: %s", at, diff)
		}
	}
}

// TestReadsAreBounded: anybody may propose a policy.
func TestReadsAreBounded(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString("branches:\n")
	for i := range 150 {
		fmt.Fprintf(&b, "  - \"release-%d*\"\n", i)
	}
	b.WriteString("release_managers:\n")
	for i := range 150 {
		fmt.Fprintf(&b, "  - \"rm-%d-{major}-{minor}\"\n", i)
	}
	w.texts[asHead] = b.String()
	w.plan("pr/7")
	if len(w.asked) > 45 {
		t.Errorf("%d requests: %v", len(w.asked), w.asked)
	}
}

func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	push := func(p github.Push) github.Event { return github.Event{Kind: "push", Push: &p} }
	touched := []string{"a", config.PolicyPath}
	run := func(action, name, external string) github.Event {
		return github.Event{Kind: "check_run", Action: action, CheckName: name, ExternalID: external}
	}
	for want, events := range map[string][]github.Event{
		"pr/7": {
			{Kind: "pull_request", Action: "opened", PullRequest: pr}, {Kind: "pull_request", Action: "reopened", PullRequest: pr},
			{Kind: "pull_request", Action: "synchronize", PullRequest: pr}, {Kind: "pull_request", Action: "ready_for_review", PullRequest: pr},
		},
		"moved/7":    {{Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "x", Default: "master"}},
		"rerun/7":    {run("rerequested", CheckName, "pr/7")},
		"again/t/a":  {run("rerequested", CheckName, "head/t/a")},
		"head/t/a":   {push(github.Push{Branch: "t/a", Touched: touched}), push(github.Push{Branch: "t/a", Created: true, Touched: touched})},
		"prs":        {push(github.Push{Branch: "master", Default: true, Touched: touched, TouchesPolicy: true})},
		"commit/abc": {{Kind: "check_suite", Action: "rerequested", Commit: "abc"}},
		"": {
			{Kind: "pull_request", Action: "synchronize", PullRequest: pr, Default: "master"},
			{Kind: "pull_request", Action: "labeled", PullRequest: pr}, {Kind: "pull_request", Action: "edited", PullRequest: pr},
			{Kind: "pull_request", Action: "closed", PullRequest: pr}, {Kind: "pull_request", Action: "opened"},
			push(github.Push{Branch: "t", Deleted: true, Touched: touched}), push(github.Push{Touched: touched}),
			push(github.Push{Branch: "t", Touched: []string{"a"}}), push(github.Push{Branch: "master", Default: true}),
			run("completed", CheckName, "pr/7"), run("rerequested", "slipway/freeze", "pr/7"), run("rerequested", CheckName, "group/abc"), run("rerequested", CheckName, ""),
			{Kind: "check_suite", Action: "completed", Commit: "abc"}, {Kind: "issues", Action: "opened"},
		},
	} {
		for _, e := range events {
			e.Repo = repo
			var expected []reconcile.Key
			if want != "" {
				expected = []reconcile.Key{key(repo, want)}
			}
			if got := (&Handler{}).Keys(e); !slices.Equal(got, expected) {
				t.Errorf("%s %s: %v, want %q", e.Kind, e.Action, got, want)
			}
			if e.Repo = (github.Repo{}); len((&Handler{}).Keys(e)) > 0 {
				t.Errorf("%s %s without a repository has a key", e.Kind, e.Action)
			}
		}
	}
	for _, id := range []string{"", "pr", "pr/", "pr/0", "pr/-1", "pr/x", "head/", "commit/", "prs/x", "branch/x"} {
		if _, err := (&Handler{}).Capability().Plan(t.Context(), key(repo, id)); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestExpand(t *testing.T) {
	branches := []release.Branch{"release-1.30", "rel/1.30", "release-1.29", "main"}
	for written, want := range map[string]string{
		"rm":                 "rm",
		"rm-{major}-{minor}": "rm-1-30 rm-1-29",
		"rm-{major}":         "rm-1",
	} {
		var got []string
		for _, a := range expand(written, branches, release.Scheme{}) {
			got = append(got, a.Slug)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", written, got)
		}
	}
}
