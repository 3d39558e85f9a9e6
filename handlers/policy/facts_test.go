package policy

import (
	"context"
	"fmt"
	"path"
	"slices"
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

// This file makes the world that the tables of the other tests are about.

var (
	repo   = github.Repo{Owner: "istio", Name: "istio"}
	owners = github.Repo{Owner: "istio", Name: ".github"}
	api    = github.Repo{Owner: "istio", Name: "api"}
	fork   = github.Repo{Owner: "bob", Name: "istio"}
	alice  = github.User{ID: 1, Login: "alice"}
	bob    = github.User{ID: 2, Login: "bob"}
)

const head = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// world is a GitHub that counts what it is asked.
type world struct {
	t        *testing.T
	texts    map[string]string // by "owner/name@ref"; the ref master is the default branch's
	files    github.Files      // that the pull request changes
	pr       github.PullRequest
	open     map[github.Repo][]github.PullRequest
	branches []release.Branch
	teams    []string
	managers []github.User
	recent   []github.Repo
	sighted  release.Branch
	asked    []string
}

// newWorld has a repository with a policy, and a pull request that changes it.
func newWorld(t *testing.T) *world {
	pull := func(n int, base release.Branch) github.PullRequest {
		return github.PullRequest{Number: n, Base: base, State: github.Open, Head: head, HeadRepo: repo, Author: alice}
	}
	return &world{
		t:     t,
		texts: map[string]string{"istio/istio@master": "branches: [\"release-*\"]\nrelease_managers: [rm]\n"},
		files: github.Files{Paths: []string{config.PolicyPath, "README.md"}, Complete: true},
		pr:    pull(7, "master"),
		open: map[github.Repo][]github.PullRequest{
			repo: {pull(12, "release-1.30"), pull(7, "master"), pull(13, "release-1.29"), pull(14, "experimental")},
			api:  {pull(3, "release-1.30"), pull(4, "master")},
		},
		branches: []release.Branch{"release-1.9", "release-1.30", "release-1.29", "release-1.28", "release-1.27", "release-1.26", "release-1.25", "experimental"},
		teams:    []string{"rm"},
		recent:   []github.Repo{owners, api, repo},
	}
}

func (w *world) ask(what string, args ...any) { w.asked = append(w.asked, fmt.Sprintf(what, args...)) }

func (w *world) file(repo github.Repo, ref string) github.File {
	text, found := w.texts[repo.String()+"@"+ref]
	f := github.File{Repo: repo, Path: config.PolicyPath}
	if found {
		f.Found, f.Text, f.URL = true, text, "https://github.com/"+repo.String()+"/blob/"+ref+"/.github/slipway.yml"
	}
	return f
}

// PolicyFile costs nothing once it is remembered, so it isn't counted.
func (w *world) PolicyFile(_ context.Context, repo github.Repo) (github.File, error) {
	if repo.Name == "gone" {
		return github.File{}, reconcile.ErrGone
	}
	if f := w.file(repo, "master"); f.Found {
		return f, nil
	}
	return w.file(owners, "master"), nil
}

func (w *world) ReferredFile(_ context.Context, _, to github.Repo, _ string) (github.File, error) {
	return w.file(to, "master"), nil
}

func (w *world) FileAt(_ context.Context, repo github.Repo, ref, name string) (github.File, error) {
	w.ask("file of %s", ref)
	if name != config.PolicyPath {
		w.t.Errorf("reads %s", name)
	}
	return w.file(repo, ref), nil
}

func (w *world) Team(_ context.Context, org, slug string) (bool, error) {
	w.ask("team %s/%s", org, slug)
	return slices.Contains(w.teams, slug), nil
}

func (w *world) NamedPermission(_ context.Context, repo github.Repo, login string) (github.Permission, bool, error) {
	w.ask("permission of %s in %s", login, repo)
	return map[string]github.Permission{"alice": github.Admin, "rita": github.Read}[login], login == "alice" || login == "rita", nil
}

func (w *world) CachedPull(_ context.Context, _ github.Repo, n int) (github.PullRequest, error) {
	w.ask("pull request %d", n)
	return w.pr, nil
}

func (w *world) OpenPullRequests(_ context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error) {
	w.ask("list of %s %s", repo.Name, base)
	return slices.DeleteFunc(slices.Clone(w.open[repo]), func(pr github.PullRequest) bool { return base != "" && pr.Base != base }), nil
}

func (w *world) Files(_ context.Context, _ github.Repo, number int, _ string) (github.Files, error) {
	w.ask("files of %d", number)
	return w.files, nil
}

func (w *world) DefaultBranch(context.Context, github.Repo) (release.Branch, error) {
	w.ask("default branch")
	return "master", nil
}

func (w *world) BranchHead(_ context.Context, _ github.Repo, b release.Branch) (string, error) {
	w.ask("head of %s", b)
	if b == "deleted" {
		return "", nil
	}
	return head, nil
}

func (w *world) Branches(_ context.Context, repo github.Repo, pattern string) (list []release.Branch, err error) {
	w.ask("branches %s of %s", pattern, repo.Name)
	for _, b := range w.branches {
		if ok, _ := path.Match(pattern, string(b)); ok {
			list = append(list, b)
		}
	}
	return list, nil
}

func (w *world) RecentRepos(context.Context, github.Repo) ([]github.Repo, error) {
	w.ask("repositories")
	return w.recent, nil
}

func (w *world) PullSnapshot(context.Context, github.Repo, int) (github.PullSnapshot, bool, error) {
	return github.PullSnapshot{PullRequest: github.PullRequest{Base: w.sighted}}, w.sighted != "", nil
}

func (w *world) Manages(_ context.Context, _ github.Repo, _ release.Branch, who github.User) (reconcile.RoleDecision, error) {
	w.ask("whether %s manages", who.Login)
	return reconcile.RoleDecision{Holds: slices.Contains(w.managers, who)}, nil
}

// Name and Verdicts make the world a gate too: one that holds back what the
// timezone of a policy is about, for want of a section.
func (w *world) Name() string { return "freeze" }

func (w *world) Verdicts(_ context.Context, _ github.Repo, p config.Loaded, prs []github.PullRequest) (map[int]effect.Verdict, error) {
	out := map[int]effect.Verdict{}
	for _, pr := range prs {
		v := effect.Verdict{State: effect.Pass, Title: string(pr.Base) + " is not frozen"}
		if p.Policy == nil {
			v = effect.Verdict{State: effect.Block, Title: "the policy can't be read"}
		} else if p.Policy.Zone().Given() {
			v = effect.Verdict{State: effect.Block, Title: string(pr.Base) + " is frozen"}
		}
		if p.Governs(pr.Base) {
			out[pr.Number] = v
		}
	}
	return out, nil
}

func (w *world) handler() *Handler {
	policies := config.NewPolicies(w, time.Now)
	return &Handler{GitHub: w, Policies: policies, From: w.sources(policies), Snapshots: w, Roles: w, Gates: []Gate{w}}
}

// plan works one key.
func (w *world) plan(id string) reconcile.Plan {
	w.t.Helper()
	w.asked = nil
	plan, err := w.handler().Capability().Plan(w.t.Context(), key(repo, id))
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

// shown is a check as people see it.
func shown(e effect.Effect) string {
	c := e.(effect.CheckRun)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n", c.Verdict.State, c.Verdict.Title, c.Verdict.Detail)
	for _, a := range c.Annotations {
		fmt.Fprintf(&b, "\n%s at %s:%d-%d, %s: %s\n", a.Level, a.Path, a.StartLine, a.EndLine, a.Title, a.Message)
	}
	return b.String()
}

// open is a GitHub whose repositories everybody may see.
type open struct{ facts.GitHub }

func (open) Called(_ context.Context, named, _ github.Repo) (github.Repo, error) {
	return named, nil
}

func (open) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

// sources are those in which no policy names a home.
func (w *world) sources(policies facts.Policies) *facts.Sources {
	return &facts.Sources{GitHub: open{}, Policies: policies, Owned: facts.Owned{
		Home:   func(*facts.Look) (github.Repo, error) { return github.Repo{}, nil },
		PartOf: func(*facts.Look, github.Repo) (bool, error) { return false, nil },
	}}
}
