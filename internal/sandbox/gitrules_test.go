package sandbox_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestPushRules: GitHub's words for what an App may not push.
func TestPushRules(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	must(t, w.s.SetPermissions(w.inst, map[string]string{"contents": "write", "metadata": "read"}))
	token, _, err := w.app.Apps.CreateInstallationToken(t.Context(), w.inst, nil)
	must(t, err)
	dir := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
		out, _ := cmd.CombinedOutput() // a refused push fails
		return string(out)
	}
	url := strings.Replace(w.s.URL(), "http://", "http://x-access-token:"+token.GetToken()+"@", 1) + "/" + repo + ".git"
	if out := git("clone", "--quiet", url, "."); out != "" {
		t.Fatal(out)
	}
	must(t, os.MkdirAll(filepath.Join(dir, ".github/workflows"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, ".github/workflows/ci.yml"), []byte("on: push\n"), 0o644))
	git("add", "--all")
	git("commit", "--quiet", "-m", "CI")
	if out := git("push", "origin", "HEAD:refs/heads/ci"); !strings.Contains(out, "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission") {
		t.Errorf("workflows: %s", out)
	}
	// What the installation has been granted, each token has to ask for.
	must(t, w.s.SetPermissions(w.inst, map[string]string{"contents": "write", "workflows": "write", "metadata": "read"}))
	write := "write"
	for want, may := range map[string]*gh.InstallationPermissions{
		"without `workflows` permission": {Contents: &write}, "new branch": {Contents: &write, Workflows: &write},
	} {
		token, _, err := w.app.Apps.CreateInstallationToken(t.Context(), w.inst, &gh.InstallationTokenOptions{Permissions: may})
		must(t, err)
		to := strings.Replace(w.s.URL(), "http://", "http://x-access-token:"+token.GetToken()+"@", 1) + "/" + repo + ".git"
		if out := git("push", to, "HEAD:refs/heads/ci"); !strings.Contains(out, want) {
			t.Errorf("workflows by a token of its own: %s, want %q", out, want)
		}
		git("push", "--delete", to, "ci")
	}
	git("reset", "--quiet", "--hard", "HEAD~1")
	git("commit", "--quiet", "--allow-empty", "-m", "Nothing")
	must(t, w.s.ProtectBranch(repo, "release-1.30", &sandbox.Protection{}))
	if out := git("push", "origin", "HEAD:refs/heads/release-1.30"); !strings.Contains(out, "GH006: Protected branch update failed for refs/heads/release-1.30") {
		t.Errorf("protected: %s", out)
	}
	if out := git("push", "origin", "HEAD:refs/heads/topic"); !strings.Contains(out, "new branch") {
		t.Errorf("anything else: %s", out)
	}
}
