package sandbox_test

import (
	"encoding/json"
	"os"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/sandbox/openapi"
)

// TestWebhookPayloads holds every payload that we emit to GitHub's published examples of the same event and action:
// a key that all examples have, ours must have, at the top and in the objects below.
func TestWebhookPayloads(t *testing.T) {
	path := os.Getenv("SLIPWAY_WEBHOOK_EXAMPLES")
	if path == "" {
		path = openapi.Cached("@octokit/webhooks-examples/api.github.com/index.json")
	}
	if path == "" {
		t.Skip("@octokit/webhooks-examples is not installed (make test-tools, or set SLIPWAY_WEBHOOK_EXAMPLES)")
	}
	data, err := os.ReadFile(path)
	must(t, err)
	var index []struct {
		Name     string
		Examples []map[string]any
	}
	must(t, json.Unmarshal(data, &index))
	examples := map[string][]any{}
	for _, e := range index {
		for _, x := range e.Examples {
			a, _ := x["action"].(string)
			examples[e.Name+"."+a] = append(examples[e.Name+"."+a], x)
		}
	}
	w := newWorld(t, sandbox.Options{})
	busyDay(t, w)
	seen := map[string]bool{}
	for _, e := range w.events() {
		var got map[string]any
		must(t, json.Unmarshal(e.body, &got))
		a, _ := got["action"].(string)
		key := e.name + "." + a
		seen[key] = true
		if ex := examples[key]; len(ex) > 0 {
			for _, p := range missing(got, ex, "") {
				t.Errorf("%s: no %s", key, p)
			}
		}
	}
	var names []string
	for k := range seen {
		names = append(names, k)
	}
	sort.Strings(names)
	t.Logf("%d kinds of payload: %s", len(names), strings.Join(names, " "))
	if len(names) < 40 {
		t.Error("the day was not busy enough")
	}
}

// What the examples have and GitHub does not send any more, or only sends for what the sandbox has not.
var outdated = regexp.MustCompile(`^/issue/(draft|pull_request)$|^/changes/new_issue/draft$|/repo/custom_properties$`)

// missing lists keys that all examples have at a place where ours lacks them.
func missing(got any, examples []any, at string) []string {
	g, is := got.(map[string]any)
	if !is {
		return nil
	}
	count := map[string][]any{}
	for _, e := range examples {
		m, is := e.(map[string]any)
		if !is {
			return nil // null or another kind in some example
		}
		for k, v := range m {
			count[k] = append(count[k], v)
		}
	}
	var out []string
	for k, vs := range count {
		p := at + "/" + k
		if v, has := g[k]; !has {
			if len(vs) == len(examples) && !outdated.MatchString(p) && !strings.Contains(p, "/permissions/") {
				out = append(out, p)
			}
		} else if len(vs) == len(examples) {
			out = append(out, missing(v, vs, p)...)
		}
	}
	return out
}

func busyDay(t *testing.T, w *world) {
	t.Helper()
	s, alice, bob := w.s, w.s.As("alice"), w.s.As("bob")
	pr, err := alice.OpenPR(repo, sandbox.PROptions{Base: "release-1.30", Files: map[string]string{"x": "1\n"}})
	must(t, err)
	n := pr.Number
	i, err := bob.OpenIssue(repo, "Broken", "b")
	must(t, err)
	c, err := bob.Comment(repo, i, "hm")
	must(t, err)
	ms, err := alice.CreateMilestone(repo, "1.30")
	must(t, err)
	sha, err := alice.PushToPR(repo, n, map[string]string{"x": "2\n"}, "more")
	must(t, err)
	_, err = s.ForeignCheck(repo, sha, "ci", "completed", "success")
	must(t, err)
	_, err = bob.Review(repo, n, "APPROVE", "good")
	must(t, err)
	_, err = alice.EnqueueMergeGroup(repo, "release-1.30", n)
	must(t, err)
	_, err = bob.CommentLine(repo, n, "x", 1, "Why?")
	must(t, err)
	queued, err := alice.OpenPR(repo, sandbox.PROptions{Base: "master", Files: map[string]string{"q": "1\n"}})
	must(t, err)
	group, err := alice.EnqueueMergeGroup(repo, "master", queued.Number)
	must(t, err)
	must(t, alice.FinishMergeGroup(repo, group))
	must(t, s.Archive(repo, true))
	must(t, s.Archive(repo, false))
	s.As("bob").SetStatus(repo, sha, "ci/x", "success")
	w.call("POST", "/repos/istio/istio/check-runs", `{"name":"c","head_sha":"`+sha+`"}`)
	w.call("PATCH", "/repos/istio/istio/check-runs/"+checkID(s, sha), `{"conclusion":"success"}`)
	w.call("POST", "/repos/istio/istio/releases", `{"tag_name":"1.30.0","target_commitish":"release-1.30","prerelease":true}`)
	w.call("PATCH", "/repos/istio/istio/labels/bug", `{"color":"000000"}`)
	w.call("DELETE", "/repos/istio/istio/labels/enhancement", "")
	w.call("PATCH", "/repos/istio/istio/milestones/1", `{"state":"closed"}`)
	for _, step := range []error{
		alice.EditTitle(repo, n, "New"), alice.EditBody(repo, n, "text"), alice.EditBase(repo, n, "master"),
		alice.AddLabel(repo, n, "a"), alice.RemoveLabel(repo, n, "a"), alice.DeleteLabel(repo, "a"), alice.Assign(repo, n, "bob"), alice.Unassign(repo, n, "bob"),
		alice.SetDraft(repo, n, true), alice.SetDraft(repo, n, false), alice.RequestReview(repo, n, "bob"), alice.Lock(repo, n),
		alice.Close(repo, n), alice.Reopen(repo, n), bob.EditComment(repo, c, "hm!"), bob.DeleteComment(repo, c),
		alice.EditTitle(repo, i, "Broken!"), alice.AddLabel(repo, i, "a"), alice.RemoveLabel(repo, i, "A"), alice.Assign(repo, i, "bob"),
		alice.Unassign(repo, i, "bob"), alice.SetMilestone(repo, i, ms), alice.SetMilestone(repo, i, 0), alice.Lock(repo, i),
		alice.Close(repo, i), alice.Reopen(repo, i), alice.DeleteIssue(repo, i), alice.Tag(repo, "v1", "master"),
		s.CreateTeam("istio", "SIG Docs", "carol"), s.AddTeamRepo("istio", "sig-docs", repo, "push"),
		s.AddTeamMember("istio", "sig-docs", "dave", ""), s.RemoveTeamMember("istio", "sig-docs", "dave"),
		alice.RenameMilestone(repo, ms, "1.30.0"), alice.SetMilestone(repo, n, ms), alice.SetMilestone(repo, n, 0), alice.DeleteMilestone(repo, ms),
		alice.CreateBranch(repo, "main", "master"), alice.SetDefaultBranch(repo, "main"),
		alice.CreateBranch(repo, "tmp", "master"), alice.DeleteBranch(repo, "tmp"), s.Suspend(w.inst), s.Unsuspend(w.inst),
	} {
		must(t, step)
	}
	run, _ := s.CheckRun(repo, sha, "c")
	must(t, alice.Rerequest(repo, run.ID))
	must(t, alice.RerequestSuite(repo, sha))
	_, err = alice.Merge(repo, n, "squash")
	must(t, err)
	must(t, s.CreateRepo("istio", "elsewhere", sandbox.RepoOptions{}))
	moving, err := bob.OpenIssue(repo, "Elsewhere", "b")
	must(t, err)
	_, err = alice.TransferIssue(repo, moving, "istio/elsewhere")
	must(t, err)
	must(t, s.RenameRepo(repo, "mesh"))
	must(t, s.CreateOrg("other"))
	must(t, s.Uninstall(w.inst))
}

func checkID(s *sandbox.Server, sha string) string {
	run, _ := s.CheckRun(repo, sha, "c")
	b, _ := json.Marshal(run.ID)
	return string(b)
}
