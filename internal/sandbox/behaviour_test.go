package sandbox_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func TestConditionalRequests(t *testing.T) {
	w := newWorld(t, sandbox.Options{Limits: sandbox.Limits{PerHour: 5000}})
	get := func(tag string) *http.Response {
		req, _ := http.NewRequest("GET", w.s.API()+"repos/istio/istio", nil)
		req.Header.Set("If-None-Match", tag)
		resp, err := w.gh.Client().Transport.RoundTrip(req)
		must(t, err)
		resp.Body.Close()
		return resp
	}
	a := get("")
	left := a.Header.Get("X-RateLimit-Remaining")
	if left == "" {
		t.Error("nothing is said of what is left")
	}
	w.s.RotateTokens() // ghinstallation doesn't know; a fresh client has a fresh token
	w.gh = w.installation(w.inst)
	b := get(a.Header.Get("ETag"))
	if b.StatusCode != 304 || b.Header.Get("X-RateLimit-Remaining") != left || !strings.HasPrefix(a.Header.Get("ETag"), `W/"`) {
		t.Errorf("%d, %s left (was %s)", b.StatusCode, b.Header.Get("X-RateLimit-Remaining"), left)
	}
	if _, err := w.s.As("bob").OpenIssue(repo, "x", ""); err != nil {
		t.Fatal(err)
	}
	if c := get(a.Header.Get("ETag")); c.StatusCode != 200 {
		t.Errorf("after a change: %d", c.StatusCode)
	}
}

func TestTokensAreScoped(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	must(t, w.s.CreateRepo("istio", "secret", sandbox.RepoOptions{Private: true}))
	token := func(o *github.InstallationTokenOptions) (*github.Client, error) {
		tok, _, err := w.app.Apps.CreateInstallationToken(ctx, w.inst, o)
		if err != nil {
			return nil, err
		}
		return w.client(nil).WithAuthToken(tok.GetToken()), nil
	}
	c, err := token(&github.InstallationTokenOptions{Repositories: []string{"istio"},
		Permissions: &github.InstallationPermissions{Contents: github.String("read")}})
	must(t, err)
	_, _, err = c.Repositories.Get(ctx, "istio", "secret")
	_, resp, err2 := c.Issues.CreateComment(ctx, "istio", "istio", 1, &github.IssueComment{Body: github.String("x")})
	if status(err) != 404 || status(err2) != 403 || !strings.Contains(resp.Header.Get("X-Accepted-GitHub-Permissions"), "issues=write") {
		t.Errorf("%v, %v, %q", err, err2, resp.Header.Get("X-Accepted-GitHub-Permissions"))
	}
	_, err = token(&github.InstallationTokenOptions{Permissions: &github.InstallationPermissions{Packages: github.String("write")}})
	if status(err) != 422 {
		t.Errorf("a permission that wasn't granted: %v", err)
	}
	must(t, w.s.Suspend(w.inst))
	if _, err = token(nil); status(err) != 403 {
		t.Errorf("suspended: %v", err)
	}
	if _, _, err = c.Repositories.Get(ctx, "istio", "istio"); status(err) != 403 {
		t.Errorf("suspended token: %v", err)
	}
	must(t, w.s.Uninstall(w.inst))
	if _, err = token(nil); status(err) != 404 {
		t.Errorf("uninstalled: %v", err)
	}
}

func TestStrangersRights(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	m := w.as("mallory")
	i, _, err := m.Issues.Create(ctx, "istio", "istio", &github.IssueRequest{Title: github.String("x"), Labels: &[]string{"code-freeze"}})
	must(t, err)
	if len(i.Labels) != 0 {
		t.Error("a stranger's label was not dropped")
	}
	_, _, err = m.Issues.AddLabelsToIssue(ctx, "istio", "istio", i.GetNumber(), []string{"code-freeze"})
	_, _, err2 := m.Checks.CreateCheckRun(ctx, "istio", "istio", github.CreateCheckRunOptions{Name: "slipway/freeze", HeadSHA: w.s.Branch(repo, "master")})
	if status(err) != 403 || status(err2) != 403 {
		t.Errorf("%v, %v", err, err2)
	}
}

func TestFaults(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	n, err := w.s.As("bob").OpenIssue(repo, "x", "")
	must(t, err)
	comment := func() error {
		_, _, err := w.gh.Issues.CreateComment(ctx, "istio", "istio", n, &github.IssueComment{Body: github.String("x")})
		return err
	}
	must(t, comment())
	f := sandbox.SecondaryLimit(1, time.Minute, true)
	f.Path = regexp.MustCompile(`/comments$`)
	w.s.Fault(f)
	if _, is := comment().(*github.AbuseRateLimitError); !is {
		t.Error("no secondary limit")
	}
	w.gh = w.installation(w.inst) // the old client remembers the limit by itself
	w.s.Fault(sandbox.Fault{Path: f.Path, Times: 1, DropResponseAfterEffect: true})
	if err := comment(); err == nil {
		t.Error("the answer was not cut off")
	}
	if got := len(w.s.Comments(repo, n)); got != 2 {
		t.Errorf("%d comments, want the one of before and the one whose answer was cut", got)
	}
	w = newWorld(t, sandbox.Options{})
	w.s.ExhaustRate(w.inst, time.Now().Add(time.Hour))
	if _, _, err := w.gh.Repositories.Get(ctx, "istio", "istio"); err == nil {
		t.Error("the exhausted limit let a request pass")
	} else if _, is := err.(*github.RateLimitError); !is {
		t.Errorf("%T %v", err, err)
	}
}

func TestHookFaults(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	must2 := func(_ int, err error) { t.Helper(); must(t, err) }
	only := func(event, action string) bool { return event == "issues" }
	w.s.FaultHooks(sandbox.HookFault{Match: only, Times: 1, Lose: true})
	w.s.FaultHooks(sandbox.HookFault{Match: only, Times: 1, Double: true})
	w.s.FaultHooks(sandbox.HookFault{Match: only, Times: 1, Swap: true})
	for _, title := range []string{"lost", "doubled", "late", "early"} {
		must2(w.s.As("bob").OpenIssue(repo, title, ""))
	}
	var got []string
	for _, e := range w.events() {
		m := regexp.MustCompile(`"title":"(\w+)"`).FindSubmatch(e.body)
		got = append(got, string(m[1]))
		mac := hmac.New(sha256.New, []byte(w.s.App().WebhookSecret))
		mac.Write(e.body)
		if e.header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			t.Error("bad signature")
		}
	}
	if fmt.Sprint(got) != "[doubled doubled early late]" {
		t.Error(got)
	}
}

func TestRenamedRepository(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	must(t, w.s.RenameRepo(repo, "mesh"))
	r, _, err := w.gh.Repositories.Get(ctx, "istio", "istio")
	must(t, err)
	if r.GetFullName() != "istio/mesh" {
		t.Error(r.GetFullName())
	}
	if _, _, err := w.gh.Issues.ListByRepo(ctx, "istio", "istio", nil); err != nil {
		t.Error(err)
	}
}

func TestDeletedForkAndGhost(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{SlowMergeable: true}), context.Background()
	pr, err := w.s.As("mallory").OpenPR(repo, sandbox.PROptions{Fork: true, Files: map[string]string{"x": "y\n"}})
	must(t, err)
	run, _, err := w.gh.Checks.CreateCheckRun(ctx, "istio", "istio", github.CreateCheckRunOptions{Name: "c", HeadSHA: pr.HeadSHA})
	must(t, err)
	if len(run.PullRequests) != 0 {
		t.Error("a fork's check run names a pull request")
	}
	a, _, err := w.gh.PullRequests.Get(ctx, "istio", "istio", pr.Number)
	must(t, err)
	b, _, err := w.gh.PullRequests.Get(ctx, "istio", "istio", pr.Number)
	must(t, err)
	if a.Mergeable != nil || !b.GetMergeable() {
		t.Errorf("mergeable: first %v, then %v", a.Mergeable, b.Mergeable)
	}
	must(t, w.s.DeleteRepo("mallory/istio"))
	must(t, w.s.DeleteUser("mallory"))
	c, _, err := w.gh.PullRequests.Get(ctx, "istio", "istio", pr.Number)
	must(t, err)
	if c.GetHead().Repo != nil || c.GetUser().GetLogin() != "ghost" {
		t.Errorf("head repo %v, user %v", c.GetHead().Repo, c.GetUser())
	}
	i, _, err := w.gh.Issues.Get(ctx, "istio", "istio", pr.Number)
	must(t, err)
	if i.User != nil {
		t.Error("the issue's user is not null")
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@x", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@x")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestGitOverHTTP(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	tok, _, err := w.app.Apps.CreateInstallationToken(ctx, w.inst, nil)
	must(t, err)
	u, _ := url.Parse(w.s.URL() + "/istio/istio.git")
	u.User = url.UserPassword("x-access-token", tok.GetToken())
	dir := t.TempDir()
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"x": "1\n"}})
	must(t, err)
	git(t, dir, "clone", "-q", "--filter=blob:none", u.String(), "c")
	c := filepath.Join(dir, "c")
	git(t, c, "fsck", "--strict")
	git(t, c, "fetch", "-q", "origin", "refs/pull/1/head", pr.HeadSHA)
	git(t, c, "checkout", "-q", "-b", "pick", "FETCH_HEAD")
	must(t, os.WriteFile(filepath.Join(c, "y"), []byte("2\n"), 0o644))
	git(t, c, "add", ".")
	git(t, c, "commit", "-q", "-m", "more")
	git(t, c, "push", "-q", "origin", "HEAD:refs/heads/patch-1", "HEAD:refs/heads/pick/1")
	if head := git(t, c, "rev-parse", "HEAD"); w.s.PR(repo, pr.Number).HeadSHA != head || w.s.Branch(repo, "pick/1") != head {
		t.Errorf("after the push: %+v", w.s.PR(repo, pr.Number))
	}
	var got []string
	for _, e := range w.events() {
		if m := regexp.MustCompile(`"action":"(\w+)"`).FindSubmatch(e.body); e.name == "pull_request" {
			got = append(got, string(m[1]))
		}
	}
	if fmt.Sprint(got) != "[opened synchronize]" {
		t.Error(got)
	}
	ro := w.s.As("mallory").Token()
	u.User = url.UserPassword("x", ro)
	if out, err := exec.Command("git", "-C", c, "push", u.String(), "HEAD:refs/heads/evil").CombinedOutput(); err == nil {
		t.Errorf("a stranger pushed: %s", out)
	}
	git(t, w.s.GitDir(repo), "fsck", "--strict")
}

func TestPages(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Title: "<script>alert(1)</script>", Files: map[string]string{"x": "1\n"}})
	must(t, err)
	_, err = w.s.ForeignCheck(repo, pr.HeadSHA, "ci <b>", "completed", "failure")
	must(t, err)
	page := func(path string) string {
		resp, err := http.Get(w.s.URL() + path)
		must(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		must(t, err)
		if resp.StatusCode != 200 || strings.Contains(string(b), "<script>") || strings.Contains(string(b), "page failed") {
			t.Errorf("%s: %d\n%s", path, resp.StatusCode, b)
		}
		return string(b)
	}
	for _, p := range []string{"/", "/istio/istio", "/istio/istio/pulls", "/istio/istio/issues", "/-/requests", "/-/deliveries"} {
		page(p)
	}
	body := page("/istio/istio/pull/1")
	csrf := regexp.MustCompile(`name="csrf" value="(\w+)"`).FindStringSubmatch(body)[1]
	for _, c := range []struct {
		what, csrf string
		status     int
		v          url.Values
	}{
		{"comment", "wrong", 403, url.Values{"as": {"bob"}, "text": {"hi"}}},
		{"comment", csrf, 200, url.Values{"as": {"bob"}, "text": {"hi\r\nyou"}}},
		{"label", csrf, 200, url.Values{"as": {"alice"}, "name": {"a b"}}},
		{"push", csrf, 200, url.Values{"as": {"alice"}, "path": {"z"}, "text": {"z"}}},
		{"merge", csrf, 200, url.Values{"as": {"alice"}, "method": {"squash"}}},
	} {
		c.v.Set("csrf", c.csrf)
		resp, err := http.PostForm(w.s.URL()+"/istio/istio/pull/1/"+c.what, c.v)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d", c.what, resp.StatusCode)
		}
	}
	if p := w.s.PR(repo, 1); !p.Merged || fmt.Sprint(p.Labels) != "[a b]" || w.s.Comments(repo, 1)[0].Body != "hi\nyou" {
		t.Errorf("%+v %+v", p, w.s.Comments(repo, 1))
	}
}
