package checklist

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// onlyMerged is a GitHub with merged pull requests, and people in teams.
type onlyMerged struct {
	GitHub
	factsGitHub
	merged []github.PullRequest
	by     map[int]github.User // who merged them
	owners map[int64]bool
	asked  int // roles
	fails  error
}

func (g *onlyMerged) MergedForSteps(context.Context, github.Repo, time.Time) ([]github.PullRequest, error) {
	return g.merged, g.fails
}
func (g *onlyMerged) DefaultBranch(context.Context, github.Repo) (release.Branch, error) {
	return "master", nil
}
func (g *onlyMerged) BotID(context.Context, github.Repo) (int64, error) { return 3, nil }
func (g *onlyMerged) FreshPullDetail(_ context.Context, _ github.Repo, n int) (github.PullDetail, error) {
	return github.PullDetail{MergedBy: g.by[n]}, nil
}

// Manages is so of alice.
func (g *onlyMerged) Manages(_ *facts.Look, r facts.Role) (reconcile.RoleDecision, error) {
	if r.Instead != "" {
		return reconcile.RoleDecision{Holds: g.owners[r.Who.ID]}, nil
	}
	g.asked++
	return reconcile.RoleDecision{Holds: r.Who.ID == 1, Teams: []string{"release-managers-1-31"}}, nil
}

func TestMergedFor(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("a secret"))
	if err != nil {
		t.Fatal(err)
	}
	ours := func(step string) string {
		line, err := sealer.Seal(effect.Place{Repo: 9}, effect.Mark{Kind: stepKind, ID: step}, []byte(`{"step":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		return line + "\nBy us.\n\nRelease-Step: 1.31/docs"
	}
	alice, bob, carol, bot := github.User{ID: 1, Login: "alice"}, github.User{ID: 2, Login: "bob"}, github.User{ID: 4, Login: "carol"}, github.User{ID: 3, Bot: true}
	at := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	const says = "Release-Step: 1.31/docs"
	pr := func(n int, author github.User, base release.Branch, title, body string) github.PullRequest {
		return github.PullRequest{RepoID: 9, Number: n, Author: author, Base: base, Title: title, Body: body, Merged: true,
			MergedAt: at.Add(time.Duration(n) * time.Hour), UpdatedAt: at.Add(time.Duration(n) * time.Hour), URL: fmt.Sprintf("https://x/%d", n), HeadRef: "a"}
	}
	with := func(pr github.PullRequest, change func(*github.PullRequest)) github.PullRequest {
		change(&pr)
		return pr
	}
	edited := func(pr *github.PullRequest) { pr.UpdatedAt = pr.MergedAt.Add(time.Hour) }
	fromStep := func(pr *github.PullRequest) { pr.HeadRef = "step-1.31-docs" }
	step := Step{ID: "docs", Title: "Write the docs of {version}", Owners: config.People{Teams: []config.TeamSlug{"docs"}}, Probe: Probe{Merged: true}}
	for _, tc := range []struct {
		name   string
		merged []github.PullRequest
		by     github.User
		want   string // the evidence, or the claims
	}{
		{"a manager's", []github.PullRequest{pr(11, alice, "master", "x", says)}, bob, "istio/istio#11 is merged"},
		{"an owner's", []github.PullRequest{pr(11, carol, "release-1.31", "x", says)}, bob, "istio/istio#11 is merged"},
		{"by its title, filled in", []github.PullRequest{pr(11, alice, "master", "[Release-1.31.0] Write the docs of 1.31.0", "")}, bob, "istio/istio#11 is merged"},
		{"anybody's", []github.PullRequest{pr(11, bob, "master", "x", says)}, bob, "claimed by istio/istio#11"},
		{"anybody's, merged by a manager", []github.PullRequest{pr(11, bob, "master", "x", says)}, alice, "istio/istio#11 is merged"},
		{"edited after a manager merged it", []github.PullRequest{with(pr(11, bob, "master", "x", says), edited)}, alice, "claimed by istio/istio#11"},
		{"an old one of a manager's, edited", []github.PullRequest{with(pr(11, alice, "master", "x", says), edited)}, bob, "istio/istio#11 is merged"},
		{"another branch", []github.PullRequest{pr(11, alice, "release-1.30", "x", says), pr(12, alice, "experiment", "x", says)}, alice, ""},
		{"in a comment", []github.PullRequest{pr(11, alice, "master", "x", "<!--\n"+says+"\n-->")}, alice, ""},
		{"in a fence", []github.PullRequest{pr(11, alice, "master", "x", "```\n"+says+"\n```")}, alice, ""},
		{"ours", []github.PullRequest{with(pr(11, bot, "release-1.31", "x", ours("1.31/docs")), fromStep)}, alice, "istio/istio#11 is merged"},
		{"ours for another step", []github.PullRequest{with(pr(11, bot, "release-1.31", "x", ours("1.31/other")), fromStep)}, alice, "claimed by istio/istio#11"},
		{"our record in somebody's", []github.PullRequest{with(pr(11, bob, "release-1.31", "x", ours("1.31/docs")), fromStep)}, bob, "claimed by istio/istio#11"},
		{"another robot's", []github.PullRequest{pr(11, github.User{ID: 8, Bot: true}, "master", "x", says)}, bob, "claimed by istio/istio#11"},
		{"reverted by the button", []github.PullRequest{pr(11, alice, "master", "x", says), pr(12, bob, "master", `Undo it`, "Reverts istio/istio#11")}, alice, ""},
		{"reverted by title", []github.PullRequest{pr(11, alice, "master", "x", says), pr(12, bob, "master", `Revert "x"`, "")}, alice, ""},
		{"a revert elsewhere", []github.PullRequest{pr(11, alice, "master", "x", says), pr(12, bob, "release-1.31", "Undo", "Reverts istio/istio#11")}, alice, "istio/istio#11 is merged"},
		{"a revert of another", []github.PullRequest{pr(11, alice, "master", "x", says), pr(12, bob, "master", "Undo", "Reverts istio/api#11")}, alice, "istio/istio#11 is merged"},
		{"the revert reverted", []github.PullRequest{pr(11, alice, "master", "x", says), pr(12, bob, "master", "Undo", "Reverts #11"), pr(13, bob, "master", "Redo", "Reverts #12")}, alice, "istio/istio#11 is merged"},
		{"among many of strangers", append(many17(pr, says), pr(99, alice, "master", "x", says)), bob, "claimed by"},
	} {
		_, set := loaded(t)
		v, err := release.Scheme{}.Parse("1.31.0")
		if err != nil {
			t.Fatal(err)
		}
		gh := &onlyMerged{merged: tc.merged, by: map[int]github.User{11: tc.by}, owners: map[int64]bool{4: true}}
		tracker := Tracker{Version: v, Issue: github.Issue{URL: "https://github.com/istio/istio/issues/7"}}
		from := &facts.Sources{GitHub: gh, Owned: facts.Owned{Manages: gh.Manages}}
		h := &Handler{GitHub: gh, From: from, Sealer: sealer, Looks: looks{}}
		look := func() found {
			l := facts.NewLook(t.Context(), from, repo, at)
			p := probing{tracked: tracked{home: home{look: l, Repo: repo, Settings: set}, Tracker: tracker}, h: h, may: map[string]bool{}}
			f, err := p.mergedFor(l, step)
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			return f
		}
		f := look()
		got := f.What
		if !f.Yes && len(f.Claims) > 0 {
			got = "claimed by " + strings.Join(f.Claims, ", ")
		}
		if got != tc.want && !(tc.want == "claimed by" && strings.HasPrefix(got, tc.want)) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		if gh.asked > maxAsked {
			t.Errorf("%s: %d roles are looked up", tc.name, gh.asked)
		}
		// What was believed stays so without a look-up, and who was refused isn't asked about again.
		gh.asked = 0
		was := State{Evidence: f.What, URL: f.URL}
		if f.Yes {
			was.Status = StepDone
		}
		tracker.Steps = map[string]State{"docs": was}
		if again := look(); strings.HasPrefix(tc.name, "among many") {
			if again.What != "istio/istio#99 is merged" { // those who were refused are known now
				t.Errorf("%s: then %+v", tc.name, again)
			}
		} else if again.Yes != f.Yes || gh.asked > 0 {
			t.Errorf("%s: again %+v, with %d look-ups", tc.name, again, gh.asked)
		}
	}
	gh := &onlyMerged{fails: errors.New("no")}
	p := probing{h: &Handler{GitHub: gh}}
	if _, err := p.mergedFor(facts.NewLook(t.Context(), &facts.Sources{}, repo, at), step); err == nil {
		t.Error("an error is no answer")
	}
}

func many17(pr func(int, github.User, release.Branch, string, string) github.PullRequest, says string) (list []github.PullRequest) {
	for i := range 17 {
		list = append(list, pr(20+i, github.User{ID: int64(100 + i)}, "master", "x", says))
	}
	return list
}

// TestClaimsAreShown has the status say what nobody stands behind, and where nobody
// could look.
func TestClaimsAreShown(t *testing.T) {
	s := looked(t, "2026-07-02")
	s.Found = map[string]found{"team": {Claims: []string{"istio/istio#11"}}, "branches": {Unknown: true, Trouble: "api: it isn't there, or Slipway isn't installed on it"}}
	text := statusText(s, s.Tracker.Record)
	for _, want := range []string{"- **Claimed:** `team` by istio/istio#11, waits for a manager: `/release step team done`", "- **Couldn't look:** at `branches`: api: it isn't there"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}

// TestOneRepositoryUnseen keeps the others' answer when one can't be read.
func TestOneRepositoryUnseen(t *testing.T) {
	api := github.Repo{Owner: "istio", Name: "api"}
	policy, _ := loaded(t)
	l := facts.NewLook(t.Context(), agreeing(&facts.Sources{Policies: fixedPolicy{policy}}), repo, time.Time{})
	in := func(yes bool) looking {
		return func(l *facts.Look) (found, error) {
			r := l.Repo
			if r == api {
				return found{}, fmt.Errorf("x: %w", reconcile.ErrGone)
			}
			return found{Yes: yes, What: "so", URL: "https://x/" + r.Name}, nil
		}
	}
	f, err := everywhere(l, in(true), []github.Repo{repo, api})
	if err != nil || f.Yes || !f.Unknown || f.Trouble != "api: it isn't there, or Slipway isn't installed on it" {
		t.Errorf("%+v, %v", f, err)
	}
	if f, _ := everywhere(l, in(false), []github.Repo{api, repo}); f.Unknown || f.Yes || len(f.Lacking) != 1 {
		t.Errorf("%+v", f)
	}
}

// TestEvidenceLinks links each repository, as far as there is room, and loses
// nothing of the line without one.
func TestEvidenceLinks(t *testing.T) {
	s := looked(t, "2026-07-02")
	all := found{Yes: true, What: "the branch is there in 3 repositories", URL: "https://x/1", Links: []string{"https://x/1", "https://x/2", "https://x/3"}}
	s.Found = map[string]found{"branches": all}
	is := s.withEvidence(s.Tracker.Record)
	l := laying{s: s.Settings, v: s.Tracker.Version, is: is}
	step, _ := s.Settings.template(s.Tracker.Version).step("branches")
	if text := itemText(l, step, is.Steps["branches"]); !strings.Contains(text, "([the branch is there in 3 repositories](https://x/1), [2](https://x/2), [3](https://x/3))") {
		t.Error(text)
	}
	if text := itemText(l, step, State{Status: StepDone, Evidence: "so"}); !strings.Contains(text, "Never in [test-infra](https://x).") || !strings.Contains(text, "(so)") {
		t.Error(text)
	}
	for range maxAllLinks {
		all.Links = append(all.Links, fmt.Sprintf("https://x/%0600d", len(all.Links)))
	}
	s.Found = map[string]found{"branches": all, "team": all}
	is = s.withEvidence(s.Tracker.Record)
	if len(is.Steps["branches"].More)+len(is.Steps["team"].More) > maxAllLinks || !sameRecord(is, s.withEvidence(is)) {
		t.Errorf("%d and %d bytes", len(is.Steps["branches"].More), len(is.Steps["team"].More))
	}
	p := probing{tracked: s.tracked, web: "https://github.com"}
	if f := p.noBlockers(); f.URL != "https://github.com/istio/istio/issues?q=is%3Aopen+label%3A%22release-blocker%22" {
		t.Error(f.URL)
	}
}
