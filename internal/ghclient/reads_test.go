package ghclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const repo = "acme/rocket"

// file is how GitHub lists a file of a pull request.
func file(name, was, head string) map[string]any {
	f := map[string]any{"sha": strings.Repeat("a", 40), "filename": name, "status": "modified", "additions": 1, "deletions": 0, "changes": 1,
		"blob_url": "https://x/b", "raw_url": "https://x/r", "contents_url": "https://x/c?ref=" + head}
	if was != "" {
		f["status"], f["previous_filename"] = "renamed", was
	}
	return f
}

// shows has the next list of files be these.
func (m *memory) shows(times int, list ...map[string]any) {
	m.t.Helper()
	body, err := json.Marshal(list)
	m.ok(err)
	m.gh.Fault(sandbox.Fault{Path: regexp.MustCompile(`/files$`), Times: times, Status: http.StatusOK, Body: string(body)})
}

func TestFiles(t *testing.T) {
	m := remembering(t)
	_, err := m.OpenPullRequests(t.Context(), rocket, "")
	m.ok(err)
	m.requests()
	read := func(head string) (github.Files, error) { return m.Files(t.Context(), rocket, m.pr.Number, head) }
	for range 2 {
		files, err := read(m.pr.HeadSHA)
		if err != nil || !cmp.Equal(files, github.Files{Paths: []string{"x"}, Complete: true}) {
			t.Errorf("%+v, %v", files, err)
		}
	}
	m.wantRequests("two looks", "GET /pulls/1/files 200")
	if _, err := read(strings.Repeat("b", 40)); err == nil || !strings.Contains(err.Error(), "no longer") {
		t.Errorf("another head: %v", err)
	}
	m.wantRequests("another head", "")

	again := func() { m.ok(m.db.Cache().Forget(t.Context(), "changes/")) }
	again()
	m.shows(1, file("b", "a", m.pr.HeadSHA), file("a", "", m.pr.HeadSHA))
	if files, err := read(m.pr.HeadSHA); err != nil || !cmp.Equal(files, github.Files{Paths: []string{"a", "b"}, Complete: true}) {
		t.Errorf("%+v, %v", files, err)
	}
	again()
	m.shows(1, file("a", "", strings.Repeat("c", 40)))
	if files, err := read(m.pr.HeadSHA); err == nil || !strings.Contains(err.Error(), "no longer") {
		t.Errorf("the files of another head: %+v, %v", files, err)
	}
	var many []map[string]any
	for i := range 3000 {
		many = append(many, file(fmt.Sprint(i), "", m.pr.HeadSHA))
	}
	m.shows(1, many...)
	if files, err := read(m.pr.HeadSHA); err != nil || files.Complete || len(files.Paths) != 3000 {
		t.Errorf("%d paths, complete: %t, %v", len(files.Paths), files.Complete, err)
	}
}

func TestLabelledBy(t *testing.T) {
	m := remembering(t)
	_, err := m.gh.CreateUser("ann")
	m.ok(err)
	m.ok(m.gh.AddCollaborator(repo, "ann", "triage"))
	want := func(when, label, login string, there bool) {
		t.Helper()
		set, found, err := m.LabelledBy(t.Context(), rocket, m.pr.Number, label)
		if err != nil || found != there || set.Who.Login != login || (login == "") != (set.ID == 0) || (login == "") != set.At.IsZero() {
			t.Errorf("%s: %+v, %t, %v", when, set, found, err)
		}
	}
	want("never labelled", "ok/merge", "", false)
	m.ok(m.gh.As("bob").AddLabel(repo, m.pr.Number, "ok/merge"))
	want("labelled", "OK/Merge", "bob", true)
	want("another label", "ok", "", false)
	m.ok(m.gh.As("bob").RemoveLabel(repo, m.pr.Number, "ok/merge"))
	want("taken off", "ok/merge", "bob", false)
	m.ok(m.gh.As("ann").AddLabel(repo, m.pr.Number, "ok/merge"))
	for i := range 120 { // more than a page of other events
		m.ok(m.gh.As("bob").AddLabel(repo, m.pr.Number, fmt.Sprint("other", i)))
	}
	want("labelled by another, long ago", "ok/merge", "ann", true)
}

func TestUnlabel(t *testing.T) {
	m := remembering(t)
	const label = "do not/merge yet?"
	m.ok(m.gh.As("bob").AddLabel(repo, m.pr.Number, label))
	e := effect.Unlabel{Repo: rocket, Number: m.pr.Number, Label: "Do not/merge yet?"}
	for _, changed := range []bool{true, false} {
		if r, err := m.Apply(t.Context(), e); err != nil || r.Changed != changed {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if got := m.gh.PR(repo, m.pr.Number).Labels; len(got) != 0 {
		t.Errorf("labels are %q", got)
	}
	m.ok(m.gh.As("bob").AddLabel(repo, m.pr.Number, label))
	m.gh.Fault(sandbox.Fault{Method: http.MethodDelete, Times: 1, Status: http.StatusNotFound, Body: `{"message":"Label does not exist"}`})
	if _, err := m.Apply(t.Context(), e); err != nil {
		t.Errorf("somebody else was faster: %v", err)
	}
}

func TestBranches(t *testing.T) {
	m := remembering(t)
	for _, b := range []string{"release-1.29", "release-1.30", "release-1.3", "y/release-1.30", "feature/a", "feature/b/c"} {
		m.ok(m.gh.CreateBranch(repo, b, "master"))
	}
	for pattern, want := range map[string][]release.Branch{
		"release-1.3":  {"release-1.3"},
		"release-1.*":  {"release-1.29", "release-1.3", "release-1.30"},
		"release-?.30": {"release-1.30"},
		"feature/*":    {"feature/a"},
		"*":            {"master", "release-1.29", "release-1.3", "release-1.30", "x"},
		"nothing-*":    nil,
		"[":            nil,
	} {
		if got, err := m.Branches(t.Context(), rocket, pattern); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", pattern, got, err, want)
		}
	}
}

// open opens a pull request with a file of its own.
func (m *memory) open(head string) int {
	m.t.Helper()
	pr, err := m.gh.As("bob").OpenPR(repo, sandbox.PROptions{Base: "master", Head: head, Title: "Change " + head, Files: map[string]string{head: head}})
	m.ok(err)
	return pr.Number
}

func TestMergedPullRequests(t *testing.T) {
	m := remembering(t)
	before := time.Now().Add(-time.Hour)
	merged, closed := m.open("merged"), m.open("closed")
	_, err := m.gh.As("bob").Merge(repo, merged, "squash")
	m.ok(err)
	m.ok(m.gh.As("bob").Close(repo, closed))
	list, err := m.MergedPullRequests(t.Context(), rocket, "master", before)
	if err != nil || len(list) != 1 || list[0].Number != merged || !list[0].Merged || list[0].MergedAt.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = m.MergedPullRequests(t.Context(), rocket, "master", time.Now().Add(time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = m.MergedPullRequests(t.Context(), rocket, "other", before); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestGroupMembers(t *testing.T) {
	m := remembering(t)
	a, b := m.open("a"), m.open("b")
	base := m.gh.Branch(repo, "master")
	head, err := m.gh.As("bob").EnqueueMergeGroup(repo, "master", a, b)
	m.ok(err)
	if numbers, complete, err := m.GroupMembers(t.Context(), rocket, base, head); err != nil || !complete || !slices.Equal(numbers, []int{a, b}) {
		t.Errorf("%v, %t, %v", numbers, complete, err)
	}
	if numbers, complete, err := m.GroupMembers(t.Context(), rocket, base, base); err != nil || complete && len(numbers) > 0 {
		t.Errorf("no group: %v, %t, %v", numbers, complete, err)
	}
	for message, want := range map[string]string{
		"Fix (#7)\n\ntext":                 "[7] true",
		"Fix (#7) (#8)":                    "[8] true",
		"Merge pull request #9 from bob/x": "[9] true",
		"Fix #7":                           "[] false",
		"text\n\n(#7)":                     "[] false",
		"No Merge pull request #9 from x":  "[] false",
	} {
		base := m.gh.Branch(repo, "master")
		head, err := m.gh.As("bob").Push(repo, "master", map[string]string{"y": message}, message)
		m.ok(err)
		numbers, complete, err := m.GroupMembers(t.Context(), rocket, base, head)
		if err != nil || fmt.Sprint(numbers, complete) != want {
			t.Errorf("%q: %v, %t, %v", message, numbers, complete, err)
		}
		if _, complete, err := m.GroupMembers(t.Context(), rocket, head, base); err != nil || complete {
			t.Errorf("%q: the wrong way round is complete, %v", message, err)
		}
	}
}

func TestTeam(t *testing.T) {
	m := remembering(t)
	m.ok(m.gh.CreateTeam("acme", "release-managers", "bob"))
	for at, want := range map[[2]string]bool{{"acme", "release-managers"}: true, {"acme", "nobody"}: false, {"elsewhere", "release-managers"}: false} {
		if got, err := m.Team(t.Context(), at[0], at[1]); err != nil || got != want {
			t.Errorf("%v: %t, %v", at, got, err)
		}
	}
}

func TestFileAt(t *testing.T) {
	m := remembering(t)
	old := m.gh.Branch(repo, "master")
	_, err := m.gh.As("bob").Push(repo, "master", map[string]string{"a": "b", "d/e": "f"}, "More")
	m.ok(err)
	for at, want := range map[[2]string]string{{"", "a"}: "b", {old, "a"}: "a", {"master", "d/e"}: "f", {old, "d/e"}: "", {"", "d"}: "", {"nowhere", "a"}: ""} {
		f, err := m.FileAt(t.Context(), rocket, at[0], at[1])
		if err != nil || f.Found != (want != "") || f.Text != want || f.Repo != rocket || f.Path != at[1] {
			t.Errorf("%v: %+v, %v", at, f, err)
		}
	}
}

func TestPolicyHistory(t *testing.T) {
	m := remembering(t)
	push := func(branch, text string) {
		t.Helper()
		_, err := m.gh.As("bob").Push(repo, branch, map[string]string{github.PolicyPath: text}, text)
		m.ok(err)
	}
	push("master", "one")
	_, err := m.gh.As("bob").Push(repo, "master", map[string]string{"z": "z"}, "something else")
	m.ok(err)
	// A pull request whose first commit never stood on the default branch.
	pr, err := m.gh.As("bob").OpenPR(repo, sandbox.PROptions{Base: "master", Head: "policy", Files: map[string]string{github.PolicyPath: "never in force"}})
	m.ok(err)
	push("policy", "two")
	_, err = m.gh.As("bob").Merge(repo, pr.Number, "merge")
	m.ok(err)
	push("master", "broken")
	texts := func(max int) []string {
		t.Helper()
		files, err := m.PolicyHistory(t.Context(), rocket, github.PolicyPath, max)
		m.ok(err)
		var list []string
		for _, f := range files {
			list = append(list, f.Text)
		}
		return list
	}
	m.requests()
	for range 2 {
		if got := texts(5); !slices.Equal(got, []string{"broken", "two", "one"}) {
			t.Errorf("versions are %q", got)
		}
	}
	if n := strings.Count(m.requests(), "GET"); n != 5 {
		t.Errorf("%d requests for two lists and three versions", n)
	}
	if got := texts(2); !slices.Equal(got, []string{"broken", "two"}) {
		t.Errorf("two versions are %q", got)
	}
	push("master", "mended")
	m.ok(m.db.Cache().Forget(t.Context(), github.PolicyCacheKey(rocket))) // as the push's delivery does
	if got := texts(2); !slices.Equal(got, []string{"mended", "broken"}) {
		t.Errorf("after a push they are %q", got)
	}
}

// TestTransferredIssue: GitHub leads from its old number to the new one, whose events
// come from another repository.
func TestTransferredIssue(t *testing.T) {
	m := remembering(t)
	n, err := m.gh.As("bob").OpenIssue("acme/rocket", "It is broken", "")
	m.ok(err)
	m.ok(m.gh.CreateRepo("acme", "elsewhere", sandbox.RepoOptions{}))
	if one, err := m.Issue(t.Context(), rocket, n); err != nil || one.Number != n {
		t.Errorf("%+v, %v", one, err)
	}
	_, err = m.gh.As("bob").TransferIssue("acme/rocket", n, "acme/elsewhere")
	m.ok(err)
	if one, err := m.Issue(t.Context(), rocket, n); !errors.Is(err, reconcile.ErrGone) || one.Number != 0 {
		t.Errorf("%+v, %v", one, err)
	}
	m.ok(m.gh.RenameRepo("acme/rocket", "racket"))
	if one, err := m.Issue(t.Context(), rocket, 1); err != nil || one.Number != 1 {
		t.Errorf("by the repository's old name: %+v, %v", one, err)
	}
}
