package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// everywhere is a world with repositories beside istio/istio: api and proxy have the release
// branch, tools has none, and own has a policy of its own, whose managers are others.
func everywhere(t *testing.T) (w *world, n int) {
	w = newWorld(t)
	for name, files := range map[string]map[string]string{
		"proxy": {"README.md": "proxy"}, "tools": {"README.md": "tools"},
		"own": {".github/slipway.yml": "branches: [\"release-*\"]\nrelease_managers: [own-managers]\n"},
	} {
		w.do(w.gh.CreateRepo("istio", name, sandbox.RepoOptions{Files: files}))
	}
	for _, repo := range []string{"istio/proxy", "istio/own"} {
		w.do(w.gh.CreateBranch(repo, demoBranch, "master"))
	}
	w.do(w.gh.CreateTeam("istio", "own-managers", "dave"))
	w.settle()
	return w, w.openPR("bob", demoBranch, "fix")
}

// openIn opens a pull request in another repository.
func (w *world) openIn(repo, login, head string) int {
	w.t.Helper()
	pr, err := w.gh.As(login).OpenPR(repo, sandbox.PROptions{Base: demoBranch, Head: head, Title: "Change " + head, Files: map[string]string{head + ".go": "package main\n"}})
	w.do(err)
	w.settle()
	return pr.Number
}

// freezesIn are the titles of the open freeze issues of a repository.
func (w *world) freezesIn(repo string) (titles []string) {
	for _, i := range w.gh.Issues(repo) {
		if i.State == "open" && strings.HasPrefix(i.Title, "Code freeze: ") {
			titles = append(titles, i.Title)
		}
	}
	return titles
}

func (w *world) wantFrozenIn(want ...string) {
	w.t.Helper()
	for _, repo := range []string{demoRepo, "istio/api", "istio/proxy", "istio/tools", "istio/own"} {
		if got := len(w.freezesIn(repo)) > 0; got != slices.Contains(want, repo) {
			w.t.Errorf("%s: frozen %t\n%s", repo, got, w.log)
		}
	}
}

func (w *world) verdictIn(repo string, n int) string {
	run, _ := w.gh.CheckRun(repo, w.gh.PR(repo, n).HeadSHA, "slipway/freeze")
	return run.Conclusion
}

// TestFreezeInSeveralRepositories: one comment, one answer with a line and a link for each, and in each the
// right and the branches of its own.
func TestFreezeInSeveralRepositories(t *testing.T) {
	w, n := everywhere(t)
	there := w.openIn("istio/proxy", "bob", "there")
	if got := w.verdictIn("istio/proxy", there); got != "success" {
		t.Errorf("before: %s", got)
	}
	w.wantAnswer("mallory", n, "/release freeze release-1.30 in proxy", "**Not allowed.**")
	w.wantAnswer("alice", n, "/release freeze release-1.30 in proxy preview", "- `proxy`: 1 open pull request held back")
	w.wantFrozenIn()

	answer := w.says("alice", n, "/release freeze release-1.30 in proxy, own and tools for 24h the audit")
	for _, want := range []string{
		"**Done in part.** The freeze of `release-1.30`, until ", "- ⚠️ nothing in `own`: alice doesn't manage the releases of release-1.30 by its policy. **Next step:** have a member of `own-managers` comment it.",
		"- `tools`: There is no branch `release-1.30` in this repository.", "- ✅ [open issue in istio/proxy: Code freeze: release-1.30](",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("lacks %q:\n%s", want, answer)
		}
	}
	w.wantFrozenIn("istio/proxy")
	if got := w.verdictIn("istio/proxy", there); got != "failure" {
		t.Errorf("there: %s\n%s", got, w.log)
	}
	w.wantVerdict(n, "success")
	w.again()

	w.wantAnswer("alice", n, "/release freeze release-1.30 in proxy for 2h the audit", "- `proxy`: What you name is frozen already, for at least that long. Nothing was changed. [issue #")
	w.wantAnswer("alice", n, "/release thaw release-1.30 in istio,proxy", "- `istio`: `release-1.30` is not frozen. Nothing was changed.\n- ✅ [close issue istio/proxy\\#")
	w.wantFrozenIn()
	if got := w.verdictIn("istio/proxy", there); got != "success" {
		t.Errorf("thawed there: %s", got)
	}
	w.again()
}

// TestFreezeInAllRepositories is about those that a policy governs and that have the branch.
func TestFreezeInAllRepositories(t *testing.T) {
	w, n := everywhere(t)
	w.do(w.gh.CreateRepo("istio", "secret", sandbox.RepoOptions{Private: true, Files: map[string]string{"README.md": "secret"}}))
	w.do(w.gh.CreateBranch("istio/secret", demoBranch, "master"))
	answer := w.says("alice", n, "/release freeze release-1.30 in all the embargo")
	for _, want := range []string{
		"There is no such branch in ", "`tools`", "- ⚠️ nothing in `own`: alice doesn't manage", "Repositories that fewer people may see than this one aren't reached from here.",
		"- ✅ [open issue in istio/istio: Code freeze: release-1.30](", "- ✅ [open issue in istio/api: Code freeze: release-1.30](", "- ✅ [open issue in istio/proxy: Code freeze: release-1.30](",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("lacks %q:\n%s", want, answer)
		}
	}
	if strings.Contains(answer, "secret") || len(w.freezesIn("istio/secret")) > 0 {
		t.Errorf("the private one: %s", answer)
	}
	w.wantAnswer("alice", n, "/release freeze release-1.30 in secret", "- ⚠️ nothing in `secret`: it isn't there, Slipway isn't installed on it, or nothing of it may be told here. **Next step:** if it is there, comment the line there.")
	w.wantFrozenIn(demoRepo, "istio/api", "istio/proxy")
	w.wantVerdict(n, "failure")
	w.again()
	w.newDatabase()
	w.restarted()
	w.wantFrozenIn(demoRepo, "istio/api", "istio/proxy")
	w.wantAnswer("alice", n, "/release thaw release-1.30 in all", "- ✅ [close issue istio/istio\\#")
	w.wantFrozenIn()
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-29", "alice", "active"))
	w.wantAnswer("alice", n, "/release freeze all in api,own", "- ✅ [open issue in istio/api: Code freeze: all governed branches](")
	w.wantFrozenIn("istio/api")
	w.wantAnswer("alice", n, "/release thaw all in all", "- ✅ [close issue istio/api\\#")
	w.wantFrozenIn()
	w.wantVerdict(n, "success")
	w.again()
}

// TestFreezeFromAPrivateRepository: what is said there is carried out where it may be, and none of its
// words are told where more people read.
func TestFreezeFromAPrivateRepository(t *testing.T) {
	w, _ := everywhere(t)
	for _, name := range []string{"secret", "vault"} {
		w.do(w.gh.CreateRepo("istio", name, sandbox.RepoOptions{Private: true, Files: map[string]string{"README.md": name}}))
		w.do(w.gh.CreateBranch("istio/"+name, demoBranch, "master"))
	}
	w.do2(w.gh.As("alice").Push("istio/vault", "master", map[string]string{".github/slipway.yml": "branches: [\"release-*\"]\nrelease_managers: [own-managers]\n"}, "Policy"))
	w.settle()
	n := w.openIn(secretRepo, "alice", "hush")
	answer := w.answersIn(secretRepo, "alice", n, "/release freeze release-1.30 in all CVE-2026-9999 is embargoed")
	if !strings.Contains(answer, "The reason isn't told in ") || strings.Contains(answer, "vault") || strings.Contains(answer, "fewer people may see") {
		t.Error(answer)
	}
	if titles := w.freezesIn(secretRepo); len(titles) != 1 {
		t.Errorf("%v\n%s", titles, answer)
	}
	w.wantFrozenIn(demoRepo, "istio/api", "istio/proxy")
	for _, repo := range []string{demoRepo, "istio/api", "istio/proxy"} {
		for _, i := range w.gh.Issues(repo) {
			if strings.Contains(i.Body, "CVE-2026-9999") || strings.Contains(i.Body, "secret") {
				t.Errorf("%s tells: %s", repo, i.Body)
			}
		}
	}
	w.again()
}

// TestFreezePlacesAreNoReason: a repository that isn't understood as one must not become a
// part of the reason.
func TestFreezePlacesAreNoReason(t *testing.T) {
	w, n := everywhere(t)
	for line, want := range map[string]string{
		"release-1.30 in":                            "in which repositories?",
		"release-1.30 in porxy the audit":            "nothing in `porxy`: it isn't there",
		"release-1.30 in proxy api the audit":        "`api` looks like a repository",
		"release-1.30 the audit in proxy":            "`proxy` looks like a repository",
		"release-1.30 the audit in all":              "`all` looks like a repository",
		"release-1.30 in ../proxy the audit":         "is no name of a repository",
		"release-1.30 in kubernetes/kubernetes soon": "nothing in `kubernetes`: it isn't there",
	} {
		w.wantAnswer("alice", n, "/release freeze "+line, want)
	}
	w.wantFrozenIn()
	w.wantAnswer("alice", n, "/release thaw release-1.30 in proxy #3", "an issue is one repository's")
	w.wantAnswer("alice", n, "/release freeze release-1.30 in PROXY", "- ✅ [open issue in istio/proxy: ")
	w.wantAnswer("alice", n, "/release thaw release-1.30 in proxy", "- ✅ [close issue istio/proxy\\#")
	w.wantAnswer("alice", n, "/release freeze release-1.30 in 2h in proxy", "The freeze of `release-1.30`, from ")
	w.wantFrozenIn("istio/proxy")
	w.wantAnswer("alice", n, "/release freeze release-1.30 \"in preparation of 1.30.4\"", "is frozen")
	w.again()
}

// TestFreezeInSeveralRepositoriesGoesOn: whichever of its writes is the last that is heard of,
// a second try does the rest, and nothing twice. What one repository refuses for good keeps
// nothing from the others.
func TestFreezeInSeveralRepositoriesGoesOn(t *testing.T) {
	w, n := everywhere(t)
	for _, k := range []int{1, 2, 5} {
		w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool {
			return r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/issues")
		}, Skip: k, Times: 1, DropResponseAfterEffect: true})
		w.wantAnswer("alice", n, "/release freeze release-1.30 in istio,api,proxy", "**Done.**")
		w.gh.ClearFaults()
		w.settle()
		for _, repo := range []string{demoRepo, "istio/api", "istio/proxy"} {
			if titles := w.freezesIn(repo); len(titles) != 1 {
				t.Errorf("%d, %s: %v", k, repo, titles)
			}
		}
		w.again()
		w.wantAnswer("alice", n, "/release thaw release-1.30 in istio,api,proxy", "**Done.**")
		w.wantFrozenIn()
	}
	w.do(w.gh.SwitchIssues("istio/api", false))
	answer := w.says("alice", n, "/release freeze release-1.30 in istio,api,proxy")
	for _, want := range []string{"**Done in part.**", "- ⚠️ **not done**: open issue in istio/api: Code freeze: release-1.30.", "- ✅ [open issue in istio/istio: ", "- ✅ [open issue in istio/proxy: "} {
		if !strings.Contains(answer, want) {
			t.Errorf("lacks %q: %s", want, answer)
		}
	}
	w.wantFrozenIn(demoRepo, "istio/proxy")
}
