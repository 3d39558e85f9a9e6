package sandbox_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// call sends one raw request as the installation and returns status and body.
func (w *world) call(method, path, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, w.s.API()+strings.TrimPrefix(path, "/"), strings.NewReader(body))
	must(w.t, err)
	resp, err := w.gh.Client().Transport.RoundTrip(req)
	must(w.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(w.t, err)
	return resp.StatusCode, string(b)
}

// TestEveryEndpoint walks through the API with the OpenAPI validation on: what it checks is the validation and the status.
func TestEveryEndpoint(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	alice := w.s.As("alice")
	pr, err := alice.OpenPR(repo, sandbox.PROptions{Base: "release-1.30", Title: "Fix <b>&amp; \u202e тест 🚢", Body: "Why\n", Fork: true,
		Files: map[string]string{"pkg/b.go": "package pkg\n\nvar B = 2\n", "docs/ü ber.md": "x\n", "pkg/a.go": sandbox.Deleted}})
	must(t, err)
	issue, err := w.s.As("bob").OpenIssue(repo, "Broken", "It is", "kind/bug")
	must(t, err)
	cid, err := alice.Comment(repo, issue, "same here")
	must(t, err)
	_, err = w.s.As("bob").Review(repo, pr.Number, "APPROVE", "")
	must(t, err)
	ms, err := alice.CreateMilestone(repo, "1.30")
	must(t, err)
	must(t, alice.SetMilestone(repo, issue, ms))
	must(t, alice.Tag(repo, "1.29.0", "master"))
	must(t, w.s.ProtectBranch(repo, "release-1.30", &sandbox.Protection{}))
	foreign, err := w.s.ForeignCheck(repo, pr.HeadSHA, "ci", "completed", "success")
	must(t, err)
	master := w.s.Branch(repo, "master")
	r := "/repos/istio/istio"
	n, i := fmt.Sprintf("%s/pulls/%d", r, pr.Number), fmt.Sprintf("%s/issues/%d", r, issue)
	b64 := base64.StdEncoding.EncodeToString([]byte("hello\n"))
	for _, c := range []struct {
		status             int
		method, path, body string
	}{
		{200, "GET", r, ""}, {200, "GET", r + "/branches", ""}, {200, "GET", r + "/branches/release-1.30", ""},
		{200, "GET", r + "/branches/release-1.30/protection", ""}, {404, "GET", r + "/branches/master/protection", ""},
		{404, "GET", r + "/branches/none", ""}, {200, "GET", r + "/contents/", ""}, {200, "GET", r + "/contents/pkg?ref=release-1.30", ""},
		{200, "GET", r + "/contents/README.md", ""}, {404, "GET", r + "/contents/none", ""}, {404, "GET", r + "/contents/README.md?ref=none", ""},
		{201, "PUT", r + "/contents/new/file.txt", `{"message":"add","content":"` + b64 + `"}`},
		{422, "PUT", r + "/contents/new/file.txt", `{"message":"add","content":"` + b64 + `"}`},
		{200, "GET", r + "/readme", ""}, {200, "GET", r + "/tags", ""}, {200, "GET", r + "/collaborators", ""},
		{204, "GET", r + "/collaborators/alice", ""}, {200, "GET", r + "/collaborators/alice/permission", ""},
		{404, "GET", r + "/collaborators/nobody/permission", ""}, {200, "GET", r + "/teams", ""}, {200, "GET", r + "/assignees", ""},
		{204, "GET", r + "/assignees/bob", ""}, {404, "GET", r + "/assignees/mallory", ""},
		{204, "POST", r + "/dispatches", `{"event_type":"build"}`},
		{422, "POST", r + "/dispatches", `{"event_type":"` + strings.Repeat("x", 101) + `"}`},
		{404, "POST", r + "/actions/workflows/none.yml/dispatches", `{"ref":"master"}`},
		{201, "POST", r + "/releases", `{"tag_name":"1.29.1","name":"Istio 1.29.1","prerelease":false}`},
		{201, "POST", r + "/releases", `{"tag_name":"1.31.0","draft":true}`},
		{422, "POST", r + "/releases", `{"tag_name":"1.29.1"}`},
		{200, "GET", r + "/releases", ""}, {200, "GET", r + "/releases/latest", ""}, {200, "GET", r + "/releases/tags/1.29.1", ""},
		{404, "GET", r + "/releases/tags/1.31.0", ""},
		{200, "GET", r + "/git/ref/heads/master", ""}, {404, "GET", r + "/git/ref/heads/none", ""}, {200, "GET", r + "/git/matching-refs/heads/rel", ""},
		{201, "POST", r + "/git/refs", `{"ref":"refs/heads/x/y","sha":"` + master + `"}`},
		{422, "POST", r + "/git/refs", `{"ref":"refs/heads/x/y","sha":"` + master + `"}`},
		{422, "POST", r + "/git/refs", `{"ref":"refs/heads/x","sha":"` + master + `"}`},
		{422, "POST", r + "/git/refs", `{"ref":"refs/heads/z","sha":"` + strings.Repeat("0", 40) + `"}`},
		{422, "PATCH", r + "/git/refs/heads/master", `{"sha":"` + master + `"}`},
		{204, "DELETE", r + "/git/refs/heads%2Fx%2Fy", ""}, {422, "DELETE", r + "/git/refs/heads/master", ""},
		{200, "GET", r + "/git/commits/" + master, ""}, {200, "GET", r + "/git/trees/master?recursive=1", ""},
		{201, "POST", r + "/git/blobs", `{"content":"x","encoding":"utf-8"}`},
		{201, "POST", r + "/git/trees", `{"base_tree":"` + master + `","tree":[{"path":"t","mode":"100644","type":"blob","content":"x"}]}`},
		{201, "POST", r + "/git/tags", `{"tag":"v1","message":"m","object":"` + master + `","type":"commit"}`},
		{200, "GET", r + "/commits?path=README.md", ""}, {200, "GET", r + "/commits/release-1.30", ""}, {200, "GET", r + "/commits/" + pr.HeadSHA, ""},
		{422, "GET", r + "/commits/none", ""}, {200, "GET", r + "/compare/release-1.30...alice:patch-1", ""}, {404, "GET", r + "/compare/a...b", ""},
		{200, "GET", r + "/commits/" + pr.HeadSHA + "/pulls", ""}, {200, "GET", r + "/commits/" + master + "/branches-where-head", ""},
		{201, "POST", r + "/statuses/" + master, `{"state":"success","context":"ci/x","target_url":"https://x.example/1"}`},
		{200, "GET", r + "/commits/master/status", ""}, {200, "GET", r + "/commits/" + master + "/statuses", ""},
		{200, "GET", r + "/pulls?state=all&sort=updated", ""}, {200, "GET", n, ""}, {404, "GET", r + "/pulls/99", ""},
		{200, "PATCH", n, `{"title":"Better title"}`}, {422, "PATCH", n, `{"base":"none"}`}, {200, "GET", n + "/files", ""},
		{200, "GET", n + "/commits", ""}, {200, "GET", n + "/comments", ""}, {200, "GET", n + "/reviews", ""},
		{200, "POST", n + "/reviews", `{"event":"COMMENT","body":"hm"}`}, {200, "GET", n + "/requested_reviewers", ""},
		{201, "POST", n + "/requested_reviewers", `{"reviewers":["bob"],"team_reviewers":["release-managers"]}`},
		{422, "POST", n + "/requested_reviewers", `{"reviewers":["mallory"]}`},
		{200, "DELETE", n + "/requested_reviewers", `{"reviewers":["bob"]}`}, {404, "GET", n + "/merge", ""},
		{422, "POST", r + "/pulls", `{"title":"x","head":"release-1.30","base":"master"}`},
		{422, "POST", r + "/pulls", `{"title":"x","head":"none","base":"master"}`},
		{200, "GET", r + "/issues?state=all&labels=kind/bug", ""}, {200, "GET", r + "/issues", ""}, {200, "GET", i, ""},
		{201, "POST", r + "/issues", `{"title":"Freeze release-1.30","body":"b","labels":["code-freeze"],"assignees":["bob"]}`},
		{422, "POST", r + "/issues", `{"title":""}`}, {422, "POST", r + "/issues", `{}`},
		{400, "POST", r + "/issues", `{"title"`}, {422, "POST", i + "/comments", `{"body":"` + strings.Repeat("x", 65537) + `"}`},
		{200, "PATCH", i, `{"state":"closed","state_reason":"not_planned"}`}, {200, "PATCH", i, `{"state":"open","labels":["Kind/Bug","x"]}`},
		{201, "POST", i + "/comments", `{"body":"hello"}`}, {200, "GET", i + "/comments", ""}, {200, "GET", r + "/issues/comments?sort=updated&direction=desc", ""},
		{200, "GET", fmt.Sprintf("%s/issues/comments/%d", r, cid), ""}, {200, "PATCH", fmt.Sprintf("%s/issues/comments/%d", r, cid), `{"body":"x"}`},
		{201, "POST", fmt.Sprintf("%s/issues/comments/%d/reactions", r, cid), `{"content":"eyes"}`},
		{200, "POST", fmt.Sprintf("%s/issues/comments/%d/reactions", r, cid), `{"content":"eyes"}`},
		{200, "GET", fmt.Sprintf("%s/issues/comments/%d/reactions", r, cid), ""}, {204, "DELETE", fmt.Sprintf("%s/issues/comments/%d", r, cid), ""},
		{200, "GET", i + "/labels", ""}, {200, "POST", i + "/labels", `{"labels":["frozen"]}`}, {200, "DELETE", i + "/labels/FROZEN", ""},
		{404, "DELETE", i + "/labels/none", ""}, {201, "POST", i + "/assignees", `{"assignees":["alice"]}`}, {200, "DELETE", i + "/assignees", `{"assignees":["alice"]}`},
		{200, "GET", i + "/events", ""}, {200, "GET", r + "/issues/events", ""}, {200, "GET", i + "/timeline", ""}, {200, "GET", r + "/labels", ""},
		{201, "POST", r + "/labels", `{"name":"area/x","color":"ff0000"}`}, {422, "POST", r + "/labels", `{"name":"AREA/X","color":"ff0000"}`},
		{200, "GET", r + "/labels/area%2Fx", ""}, {200, "PATCH", r + "/labels/area%2Fx", `{"new_name":"area/y"}`}, {204, "DELETE", r + "/labels/area%2Fy", ""},
		{200, "GET", r + "/milestones", ""}, {201, "POST", r + "/milestones", `{"title":"1.31"}`}, {200, "PATCH", r + "/milestones/2", `{"state":"closed"}`},
		{201, "POST", r + "/check-runs", `{"name":"c","head_sha":"` + pr.HeadSHA + `","status":"in_progress"}`},
		{422, "POST", r + "/check-runs", `{"name":"c","head_sha":"` + strings.Repeat("1", 40) + `"}`},
		{403, "PATCH", fmt.Sprintf("%s/check-runs/%d", r, foreign), `{"name":"c"}`}, {200, "GET", fmt.Sprintf("%s/check-runs/%d", r, foreign), ""},
		{200, "GET", r + "/commits/" + pr.HeadSHA + "/check-runs", ""}, {200, "GET", r + "/commits/" + pr.HeadSHA + "/check-suites", ""},
		{200, "GET", "/orgs/istio", ""}, {200, "GET", "/orgs/istio/repos", ""}, {200, "GET", "/orgs/istio/teams", ""}, {200, "GET", "/orgs/istio/teams/release-managers", ""},
		{200, "GET", "/orgs/istio/teams/release-managers/members", ""}, {200, "GET", "/orgs/istio/teams/release-managers/memberships/alice", ""},
		{404, "GET", "/orgs/istio/teams/release-managers/memberships/bob", ""}, {200, "GET", "/orgs/istio/teams/release-managers/repos", ""},
		{200, "GET", "/orgs/istio/members", ""}, {204, "GET", "/orgs/istio/members/alice", ""}, {404, "GET", "/orgs/istio/members/mallory", ""},
		{200, "GET", "/orgs/istio/memberships/alice", ""}, {200, "GET", "/users/alice", ""}, {200, "GET", "/users/slipway%5Bbot%5D", ""},
		{200, "GET", "/search/issues?q=repo:istio/istio+is:open+broken", ""}, {404, "GET", "/rate_limit", ""}, {200, "GET", "/meta", ""},
		{200, "GET", "/installation/repositories", ""}, {403, "GET", "/user", ""}, {404, "GET", "/nothing/here", ""},
		{200, "PUT", n + "/merge", `{"merge_method":"rebase"}`}, {405, "PUT", n + "/merge", ""}, {204, "GET", n + "/merge", ""}, {200, "GET", n, ""},
	} {
		if got, body := w.call(c.method, c.path, c.body); got != c.status {
			t.Errorf("%s %s: %d, want %d: %.300s", c.method, c.path, got, c.status, body)
		}
	}
	if u := w.s.UnknownRoutes(); len(u) != 1 {
		t.Errorf("unknown routes: %v", u)
	}
}

// TestAppEndpoints asks what only the App itself may ask.
func TestAppEndpoints(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	_, err := w.s.As("alice").OpenIssue(repo, "x", "y")
	must(t, err)
	w.events()
	app, _, err := w.app.Apps.Get(ctx, "")
	must(t, err)
	inst, _, err := w.app.Apps.FindRepositoryInstallation(ctx, "istio", "istio")
	must(t, err)
	if app.GetID() != w.s.App().ID || inst.GetID() != w.inst {
		t.Errorf("app %v, installation %v", app, inst)
	}
	_, _, err = w.app.Apps.ListInstallations(ctx, nil)
	must(t, err)
	list, _, err := w.app.Apps.ListHookDeliveries(ctx, nil)
	must(t, err)
	one, _, err := w.app.Apps.GetHookDelivery(ctx, list[0].GetID())
	must(t, err)
	_, _, err = w.app.Apps.RedeliverHookDelivery(ctx, one.GetID())
	if _, accepted := err.(interface{ Is(error) bool }); err != nil && !accepted {
		t.Error(err)
	}
	ev := w.events()
	if last := ev[len(ev)-1]; len(ev) != 2 || last.guid != one.GetGUID() || last.guid != ev[0].guid {
		t.Errorf("redelivery: %d events, guid %s", len(ev), ev[len(ev)-1].guid)
	}
}
