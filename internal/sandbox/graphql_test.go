package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// graphql asks, and returns status and answer as they are written.
func (w *world) graphql(token, query string, vars map[string]any) string {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	must(w.t, err)
	req, err := http.NewRequest(http.MethodPost, w.s.URL()+"/api/graphql", bytes.NewReader(body))
	must(w.t, err)
	if token != "" {
		req.Header.Set("Authorization", "bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	must(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(w.t, err)
	return fmt.Sprintf("%d %s", resp.StatusCode, bytes.TrimSpace(text))
}

// TestLastEdited: when a text was edited, and by whom, which REST doesn't tell.
func TestLastEdited(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	n, err := w.s.As("bob").OpenIssue(repo, "x", "first")
	must(t, err)
	id, err := w.s.As("bob").Comment(repo, n, "first")
	must(t, err)
	const query = `query Edits($owner: String!, $n: Int!) {
		repository(owner: $owner, name: "istio") {
			thing: issueOrPullRequest(number: $n) { __typename ... on Issue { lastEditedAt editor { login } } ... on PullRequest { isDraft }
				comments(first: 10) { totalCount nodes { body lastEditedAt editor { login } } } } } }`
	ask := func() string { return w.graphql(user, query, map[string]any{"owner": "istio", "n": n}) }
	want := `200 {"data":{"repository":{"thing":{"__typename":"Issue","comments":{"nodes":[{"body":"first","editor":null,"lastEditedAt":null}],"totalCount":1},"editor":null,"lastEditedAt":null}}}}`
	if got := ask(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	must(t, w.s.As("alice").EditBody(repo, n, "second"))
	must(t, w.s.As("alice").EditComment(repo, id, "second"))
	if got := ask(); strings.Count(got, `"editor":{"login":"alice"},"lastEditedAt":"20`) != 2 {
		t.Error(got)
	}
}

// TestMutations: what REST can't do, with the permissions that it takes.
func TestMutations(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	must(t, w.s.ProtectBranch(repo, "master", &sandbox.Protection{Checks: []string{"ci"}}))
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Draft: true, Files: map[string]string{"f": "1\n"}})
	must(t, err)
	_, err = w.s.As("bob").Comment(repo, pr.Number, "Well")
	must(t, err)
	full := w.token()
	must(t, w.s.SetPermissions(w.inst, map[string]string{"contents": "write"}))
	poor := w.token()
	var got struct {
		Data struct {
			Repository struct {
				PullRequest struct {
					ID       string
					Comments struct{ Nodes []struct{ ID string } }
				}
			}
		}
	}
	text := w.graphql(full, fmt.Sprintf(`{ repository(owner: "istio", name: "istio") { pullRequest(number: %d) { id comments { nodes { id } } } } }`, pr.Number), nil)
	must(t, json.Unmarshal([]byte(strings.TrimPrefix(text, "200 ")), &got))
	vars := map[string]any{"pr": got.Data.Repository.PullRequest.ID, "comment": got.Data.Repository.PullRequest.Comments.Nodes[0].ID}
	const react = `mutation($comment: ID!) { addReaction(input: {subjectId: $comment, content: EYES}) { reaction { content user { login } } } }`
	const auto = `mutation($pr: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $pr, mergeMethod: SQUASH}) { pullRequest { autoMergeRequest { mergeMethod enabledBy { login } } } } }`
	for _, c := range []struct {
		what, token, query, says string
		before                   func() error
	}{
		{"a reaction", full, react, `{"data":{"addReaction":{"reaction":{"content":"EYES","user":{"login":"slipway"}}}}}`, nil},
		{"without permission", poor, react, `"type":"FORBIDDEN"`, nil},
		{"nothing there", full, strings.ReplaceAll(react, "$comment,", `"nonsense",`), `"type":"NOT_FOUND"`, nil},
		{"not allowed", full, auto, "Auto merge is not allowed for this repository", nil},
		{"ready", full, `mutation($pr: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $pr}) { pullRequest { isDraft } } }`, `{"isDraft":false}`, nil},
		{"draft", full, `mutation($pr: ID!) { convertPullRequestToDraft(input: {pullRequestId: $pr}) { pullRequest { isDraft } } }`, `{"isDraft":true}`, nil},
		{"auto-merge", full, auto, `{"autoMergeRequest":{"enabledBy":{"login":"slipway"},"mergeMethod":"SQUASH"}}`,
			func() error { return w.s.AllowAutoMerge(repo, true) }},
		{"off again", full, `mutation($pr: ID!) { disablePullRequestAutoMerge(input: {pullRequestId: $pr}) { pullRequest { autoMergeRequest { enabledAt } } } }`, `{"autoMergeRequest":null}`, nil},
		{"on again", full, auto, `"mergeMethod":"SQUASH"`, func() error { return w.s.As("alice").SetDraft(repo, pr.Number, false) }},
	} {
		if c.before != nil {
			must(t, c.before())
		}
		must(t, w.s.SetPermissions(w.inst, map[string]string{"contents": "write", "pull_requests": "write"}))
		if got := w.graphql(c.token, c.query, vars); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %s", c.what, got)
		}
	}
	if w.s.PR(repo, pr.Number).Merged {
		t.Error("merged before its check is green")
	}
	must(t, w.s.As("bob").SetStatus(repo, pr.HeadSHA, "ci", "success"))
	if now := w.s.PR(repo, pr.Number); !now.Merged || now.MergedBy != "slipway[bot]" {
		t.Errorf("its check is green, and it is %+v", now)
	}
	if got := w.graphql(full, auto, vars); !strings.Contains(got, "Pull request is closed") {
		t.Error(got)
	}
}

// TestWhatGraphQLRefuses: with status 200, unless nobody asks.
func TestWhatGraphQLRefuses(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	for query, want := range map[string]string{
		`{ viewer { login shoeSize } }`:                          "Field 'shoeSize' doesn't exist on type 'User'",
		`{ repository(owner: "istio", name: "none") { id } }`:    `"data":{"repository":null}`,
		`{ viewer { login }`:                                     "Unexpected end of document",
		`subscription { x }`:                                     `Expected something else, actual: \"subscription\"`,
		`{ viewer { ... on User { login } ... on Bot { id } } }`: `{"data":{"viewer":{"login":"bob"}}}`,
	} {
		if got := w.graphql(user, query, nil); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, want) {
			t.Errorf("%s: %s", query, got)
		}
	}
	if got := w.graphql("", `{ viewer { login } }`, nil); !strings.HasPrefix(got, "401 ") {
		t.Error(got)
	}
}
