package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestRulesets: each endpoint refuses with a status of its own, in the rule's words.
func TestRulesets(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	master := w.s.Branch(repo, "master")
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"f": "1\n"}})
	must(t, err)
	_, err = w.s.As("alice").Push(repo, "release-1.30", map[string]string{"r": "1\n"}, "Release")
	must(t, err)
	for _, rules := range []sandbox.Ruleset{
		{Refs: []string{"refs/heads/release-*", "refs/tags/*"}, Creation: true, Update: true, Deletion: true, ForcePush: true},
		{Refs: []string{"refs/heads/master"}, PullRequest: true, AppChecks: []string{"slipway/freeze"}, Checks: []string{"ci"}},
		{Refs: []string{"refs/heads/*"}, Update: true, Bypass: []string{"slipway[bot]"}},
	} {
		_, err := w.s.AddRuleset(repo, rules)
		must(t, err)
	}
	const none = "Repository rule violations found\n\n"
	token, refs := w.token(), "repos/"+repo+"/git/refs"
	const content = `{"message":"x","content":"eA==","branch":"master"}`
	for _, c := range []struct {
		what, method, path, body string
		status                   int
		says                     string
	}{
		{"a branch", "POST", refs, fmt.Sprintf(`{"ref":"refs/heads/release-1.31","sha":%q}`, master), 422, none + "Cannot create ref due to creations being restricted.\n\n"},
		{"below", "POST", refs, fmt.Sprintf(`{"ref":"refs/heads/release-1.31/x","sha":%q}`, master), 201, ""},
		{"moved back", "PATCH", refs + "/heads/release-1.30", fmt.Sprintf(`{"sha":%q,"force":true}`, master), 422,
			none + "Cannot update this protected ref.\n\nCannot force-push to this branch\n\n"},
		{"deleted", "DELETE", refs + "/heads/release-1.30", "", 422, none + "Cannot delete this branch\n\n"},
		{"a file", "PUT", "repos/" + repo + "/contents/x", content, 409, none + "Changes must be made through a pull request."},
		{"a release", "POST", "repos/" + repo + "/releases", `{"tag_name":"1.30.0"}`, 422, "Validation Failed"},
		{"a merge", "PUT", fmt.Sprintf("repos/%s/pulls/%d/merge", repo, pr.Number), "{}", 405, `Required status check "slipway/freeze" is expected.`},
	} {
		if status, message, _ := w.asks(token, c.method, c.path, c.body); status != c.status || !strings.Contains(message, c.says) {
			t.Errorf("%s: %d %q", c.what, status, message)
		}
	}
	var kinds []string
	for branch, want := range map[string]int{"release-1.31": 5, "master": 3, "release-1.31/x": 0} {
		rules, _, err := w.gh.Repositories.GetRulesForBranch(t.Context(), "istio", "istio", branch)
		must(t, err)
		for _, r := range rules {
			kinds = append(kinds, r.Type)
		}
		if len(rules) != want {
			t.Errorf("%s has %d rules: %v", branch, len(rules), kinds)
		}
	}
	must(t, w.s.RemoveRulesets(repo))
	if status, message, _ := w.asks(token, "PUT", "repos/"+repo+"/contents/x", content); status != 201 {
		t.Errorf("without rules: %d %s", status, message)
	}
}

// TestRulesetsOnPushes: the same rules, as git tells them.
func TestRulesetsOnPushes(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	_, err := w.s.AddRuleset(repo, sandbox.Ruleset{Refs: []string{"refs/heads/release-*"}, Creation: true, Deletion: true, ForcePush: true, PullRequest: true})
	must(t, err)
	_, err = w.s.As("alice").Push(repo, "release-1.30", map[string]string{"r": "1\n"}, "Release")
	must(t, err)
	dir := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
		out, _ := cmd.CombinedOutput() // a refused push fails
		return string(out)
	}
	git("clone", "--quiet", strings.Replace(w.s.URL(), "http://", "http://x-access-token:"+w.token()+"@", 1)+"/"+repo+".git", ".")
	git("commit", "--quiet", "--allow-empty", "-m", "Nothing")
	for _, c := range []struct{ spec, says string }{
		{"HEAD:refs/heads/release-1.31", "GH013: Repository rule violations found for refs/heads/release-1.31."},
		{"HEAD:refs/heads/release-1.31", "- Cannot create ref due to creations being restricted."},
		{"+HEAD:refs/heads/release-1.30", "- Cannot force-push to this branch"},
		{"+HEAD:refs/heads/release-1.30", "- Changes must be made through a pull request."},
		{":refs/heads/release-1.30", "- Cannot delete this branch"},
		{"HEAD:refs/heads/release-1.31/x", "new branch"},
		{"HEAD:refs/heads/master", "master"},
	} {
		if out := git("push", "origin", c.spec); !strings.Contains(out, c.says) {
			t.Errorf("%s: %s", c.spec, out)
		}
	}
}

// TestWorkflowsNeedTheirPermission: by the API, an App without it is told no more than that something isn't accessible.
func TestWorkflowsNeedTheirPermission(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	const file = ".github/workflows/ci.yml"
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Head: "ci", Files: map[string]string{file: "on: push\n"}})
	must(t, err)
	fork, err := w.s.As("mallory").OpenPR(repo, sandbox.PROptions{Fork: true, Files: map[string]string{file: "on: push\n"}})
	must(t, err)
	put := fmt.Sprintf(`{"message":"x","content":%q}`, base64.StdEncoding.EncodeToString([]byte("on: push\n")))
	tree := fmt.Sprintf(`{"tree":[{"path":%q,"mode":"100644","type":"blob","content":"x"}]}`, file)
	ref := func(sha string) string { return fmt.Sprintf(`{"ref":"refs/heads/x","sha":%q}`, sha) }
	merge := fmt.Sprintf("/pulls/%d/merge", pr.Number)
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PUT", "/contents/" + file, put, 403, "Resource not accessible by integration"},
		{"POST", "/git/trees", tree, 403, "Resource not accessible by integration"},
		{"POST", "/git/refs", ref(fork.HeadSHA), 403, "Resource not accessible by integration"},
		{"POST", "/git/refs", ref(pr.HeadSHA), 201, ""}, // it is on a branch already
		{"PUT", merge, "{}", 405, "refusing to allow a GitHub App to create or update workflow `" + file + "` without `workflows` permission"},
		{"PUT", "/contents/other", put, 201, ""},
	} {
		must(t, w.s.SetPermissions(w.inst, map[string]string{"contents": "write", "pull_requests": "write"}))
		status, message, h := w.asks(w.token(), c.method, "repos/"+repo+c.path, c.body)
		if status != c.status || !strings.Contains(message, c.says) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, message)
		}
		if status == http.StatusForbidden && !strings.Contains(h.Get("X-Accepted-GitHub-Permissions"), "workflows=write") {
			t.Errorf("%s %s: the header is %q", c.method, c.path, h.Get("X-Accepted-GitHub-Permissions"))
		}
	}
	must(t, w.s.SetPermissions(w.inst, map[string]string{"contents": "write", "pull_requests": "write", "workflows": "write"}))
	if status, message, _ := w.asks(w.token(), "PUT", "repos/"+repo+merge, "{}"); status != 200 {
		t.Errorf("with it: %d %s", status, message)
	}
}
