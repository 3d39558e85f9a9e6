package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// asks sends a request by hand: what a client library makes of an answer isn't in question. It returns status, message and
// headers.
func (w *world) asks(token, method, path, body string) (status int, message string, header http.Header) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.s.API()+path, strings.NewReader(body))
	must(w.t, err)
	if token != "" {
		req.Header.Set("Authorization", "token "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	must(w.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(w.t, err)
	var said struct{ Message string }
	_ = json.Unmarshal(raw, &said) // a list has no message
	return resp.StatusCode, said.Message, resp.Header
}

// token is a fresh one of the installation.
func (w *world) token() string {
	w.t.Helper()
	tok, _, err := w.app.Apps.CreateInstallationToken(w.t.Context(), w.inst, nil)
	must(w.t, err)
	return tok.GetToken()
}

const user = "user:bob"

// TestEveryAnswerTellsOfTheLimit: on github.com, refusals and faults included.
func TestEveryAnswerTellsOfTheLimit(t *testing.T) {
	w := newWorld(t, sandbox.Options{Profile: sandbox.GitHubCom})
	w.s.Fault(sandbox.Refusal(1, http.MethodPost, `/issues$`, "Reference update failed"))
	for _, c := range []struct {
		token, method, path, body, limit string
		status                           int
	}{
		{user, "GET", "repos/" + repo, "", "5000", 200},
		{user, "GET", "repos/istio/none", "", "5000", 404},
		{user, "POST", "repos/" + repo + "/issues", `{"title":"x"}`, "5000", 422},
		{user, "POST", "repos/" + repo + "/issues", `{"title":"x"}`, "5000", 201},
		{"", "GET", "repos/" + repo, "", "60", 200},
		{"nonsense", "GET", "repos/" + repo, "", "60", 401},
		{w.token(), "GET", "repos/" + repo, "", "5000", 200},
	} {
		status, _, h := w.asks(c.token, c.method, c.path, c.body)
		if status != c.status || h.Get("X-RateLimit-Limit") != c.limit || h.Get("X-RateLimit-Remaining") == "" ||
			h.Get("X-RateLimit-Reset") == "" || h.Get("X-RateLimit-Used") == "" || h.Get("X-RateLimit-Resource") != "core" {
			t.Errorf("%s %s: %d %v", c.method, c.path, status, h)
		}
	}
	if _, _, h := w.asks(user, "GET", "repos/"+repo, ""); h.Get("X-GitHub-Enterprise-Version") != "" {
		t.Error("github.com says which Enterprise Server it is")
	}
}

// TestSecondaryLimits: on github.com they don't say how long to wait, and much of the hour's limit is left.
func TestSecondaryLimits(t *testing.T) {
	w := newWorld(t, sandbox.Options{Profile: sandbox.GitHubCom})
	const comments = "repos/" + repo + "/issues/1/comments"
	refused := func(what, method, path string, want int, words string) {
		t.Helper()
		status, message, h := w.asks(user, method, path, `{"body":"x"}`)
		if status != want || !strings.Contains(message, words) || h.Get("Retry-After") != "" || len(h.Get("X-RateLimit-Remaining")) != 4 {
			t.Errorf("%s: %d %q %v", what, status, message, h)
		}
	}
	w.s.Fault(sandbox.SilentLimit(1, http.StatusTooManyRequests))
	refused("any request", "GET", "repos/"+repo, 429, "You have exceeded a secondary rate limit.")
	w.s.Fault(sandbox.ContentLimit(1, http.StatusForbidden))
	if status, _, _ := w.asks(user, "GET", "repos/"+repo, ""); status != 200 {
		t.Errorf("a read met the limit on content: %d", status)
	}
	refused("content", "POST", comments, 403, "temporarily blocked from content creation")
	w.s.SetLimits(sandbox.Limits{PerHour: 5000, ContentPerMin: 1})
	_, err := w.s.As("bob").OpenIssue(repo, "x", "")
	must(t, err)
	if status, message, _ := w.asks(user, "POST", comments, `{"body":"x"}`); status != 201 {
		t.Errorf("the first comment: %d %s", status, message)
	}
	refused("counted content", "POST", comments, 403, "temporarily blocked from content creation")
}

// TestEnterprise: an Enterprise Server says its version and nothing of limits.
func TestEnterprise(t *testing.T) {
	w := newWorld(t, sandbox.Options{Profile: sandbox.Enterprise})
	_, _, h := w.asks(user, "GET", "repos/"+repo, "")
	if h.Get("X-GitHub-Enterprise-Version") == "" || h.Get("X-RateLimit-Limit") != "" {
		t.Error(fmt.Sprint(h))
	}
}

// TestLateCommits: checks and statuses on a fork's commit are refused for a moment, those on a commit of one's own aren't.
func TestLateCommits(t *testing.T) {
	began := time.Now()
	var on atomic.Int64 // for how long
	w := newWorld(t, sandbox.Options{Profile: sandbox.GitHubCom, LateCommits: 2 * time.Second, Now: func() time.Time { return began.Add(time.Duration(on.Load())) }})
	fork, err := w.s.As("mallory").OpenPR(repo, sandbox.PROptions{Fork: true, Files: map[string]string{"f": "1\n"}})
	must(t, err)
	own, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"o": "1\n"}})
	must(t, err)
	token := w.token()
	check := func(sha string) (status, check int) {
		t.Helper()
		check, said, _ := w.asks(token, "POST", "repos/"+repo+"/check-runs", fmt.Sprintf(`{"name":"x","head_sha":%q}`, sha))
		if check == 422 && said != "No commit found for SHA: "+sha {
			t.Errorf("refused by %q", said)
		}
		status, _, _ = w.asks(token, "POST", "repos/"+repo+"/statuses/"+sha, `{"state":"success"}`)
		return status, check
	}
	for _, c := range []struct {
		after time.Duration
		sha   string
		want  int
	}{{0, fork.HeadSHA, 422}, {time.Second, fork.HeadSHA, 422}, {0, own.HeadSHA, 201}, {time.Second, fork.HeadSHA, 201}} {
		on.Add(int64(c.after))
		if status, check := check(c.sha); status != c.want || check != c.want {
			t.Errorf("after %s more: a status %d, a check %d, want %d", c.after, status, check, c.want)
		}
	}
}

// TestPassingRefusals: GitHub refuses for good in the same words in which it refuses for a moment; and a page of its own may
// come with any status.
func TestPassingRefusals(t *testing.T) {
	w := newWorld(t, sandbox.Options{Profile: sandbox.GitHubCom})
	for _, words := range []string{
		"Reference update failed", "Object does not exist", "not all refs are readable",
		`Validation Failed: "was submitted too quickly"`,
	} {
		w.s.Fault(sandbox.Refusal(1, "PATCH", "/issues/", words))
		w.s.Fault(sandbox.Refusal(2, "POST", "/issues$", words))
		for k, want := range []int{422, 422, 201} {
			status, message, _ := w.asks(user, "POST", "repos/"+repo+"/issues", `{"title":"x"}`)
			if status != want || want == 422 && message != words {
				t.Errorf("%s, request %d: %d %q", words, k, status, message)
			}
		}
		w.s.ClearFaults()
	}
	for _, status := range []int{404, 422} {
		w.s.Fault(sandbox.Disguised(1, status))
		got, message, h := w.asks(user, "GET", "repos/"+repo, "")
		if got != status || message != "" || !strings.Contains(h.Get("Content-Type"), "html") || h.Get("X-RateLimit-Limit") != "" {
			t.Errorf("%d %q %v", got, message, h)
		}
	}
}
