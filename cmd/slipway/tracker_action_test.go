package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const actionSteps = `  - kind: minor
    schedule: [{name: cut, at: cut}, {name: release, at: release}]
    steps:
      - {phase: Cut, id: prepare, title: Prepare, action: {label: "cherrypick/{branch}", milestone: "{major}.{next}", in: [istio, gone]}}
      - {phase: Cut, id: cut, title: Cut, action: {branch: "{branch}", from: master}, probe: {branch: "{branch}"}}
      - phase: Cut
        id: pin
        title: Pin the branch
        probe: {merged: true, in: [istio]}
        action:
          edits:
            - {file: Makefile, match: "(?m)^(UPDATE_BRANCH) \\?= .*$", replace: "$1 ?= {branch}"}
            - {file: CODEOWNERS, match: "@istio/wg", replace: "@istio/release-managers-{major}-{minor}"}
`

func TestTrackerActions(t *testing.T) {
	w := newWorld(t)
	head, _, _ := strings.Cut(trackerPolicy, "  - kind: minor\n")
	for _, repo := range []string{"istio/istio", "istio/api"} {
		_, err := w.gh.As("alice").Push(repo, "master", map[string]string{"Makefile": "A := b\nUPDATE_BRANCH ?= master\n"}, "Makefile")
		w.do(err)
	}
	_, err := w.gh.As("alice").Push("istio/istio", "master", map[string]string{"CODEOWNERS": "* @istio/wg\n"}, "Owners")
	w.do(err)
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	_, err = w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": head + actionSteps}, "Actions")
	w.do(err)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	w.says("alice", ask, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35))
	const n = 2
	w.wantAnswer("bob", n, "/release step cut run", "release-managers-1-31")
	w.gh.ResetRequests()
	w.wantAnswer("alice", n, "/release step prepare preview", "create the milestone 1.32 of istio/istio")
	for _, one := range w.written() {
		if !strings.HasSuffix(one, "/comments") {
			t.Errorf("a preview writes %s", one)
		}
	}
	w.wantAnswer("alice", n, "/release step prepare run", "nothing in `gone`: it isn't there")
	w.wantAnswer("alice", n, "/release step prepare run", "can do nothing now")
	if labels := strings.Join(w.gh.Labels(demoRepo), " "); !strings.Contains(labels, "cherrypick/release-1.31") {
		t.Errorf("labels: %s", labels)
	}
	w.wantAnswer("alice", n, "/release step pin run", "nothing in `istio`: it has no branch `release-1.31`")
	// What one repository refuses is told, and the other isn't kept from its own.
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(`/repos/istio/istio/git/refs$`), Status: 403, Body: `{"message":"Resource not accessible by integration"}`, Times: 2}) // once more with a new token
	w.wantAnswer("alice", n, "/release step cut run", ". GitHub doesn't let Slipway do this; the App probably lacks a permission. GitHub says: `Resource not accessible by integration`.")
	if !slices.Contains(w.gh.Branches("istio/api"), "release-1.31") {
		t.Errorf("the other has no branch\n%s", w.log)
	}
	w.wantAnswer("alice", n, "/release step cut run", "create the branch release-1.31 of istio/istio at ")
	w.wantBody(n, "- [x] `cut`: Cut ([the branch is there in 2 repositories](")
	w.wantAnswer("alice", n, "/release step cut run", "Everything that `cut` would make is there already")

	// What somebody has prepared under the branch's name doesn't come along.
	w.do(w.gh.As("bob").CreateBranch("istio/api", "step-1.31-pin", "release-1.31"))
	_, err = w.gh.As("bob").Push("istio/api", "step-1.31-pin", map[string]string{"evil.sh": "x\n"}, "[Release-1.31.0] Pin the branch")
	w.do(err)
	w.settle()
	w.wantAnswer("alice", n, "/release step pin preview", "nothing in `api`: its branch `step-1.31-pin` has commits that aren't Slipway's")
	w.do(w.gh.As("bob").DeleteBranch("istio/api", "step-1.31-pin"))
	w.settle()

	w.wantAnswer("alice", n, "/release step pin preview", "`CODEOWNERS` of `istio`:\n\n    -* @istio/wg\n    +* @istio/release-managers-1-31\n")
	w.wantAnswer("alice", n, "/release step pin run", "[\\[Release-1.31.0\\] Pin the branch](")
	w.wantAnswer("alice", n, "/release step pin run", "Everything that `pin` would make is there or proposed:\n\n- istio/istio#")
	w.wantBody(n, "- **Proposed:** `pin` by istio/istio#")
	for repo, want := range map[string]string{"istio/istio": "* @istio/release-managers-1-31\n", "istio/api": ""} {
		open := 0
		for _, pr := range w.gh.PRs(repo) {
			if pr.Title != "[Release-1.31.0] Pin the branch" || pr.State != "open" {
				continue
			}
			open++
			makefile, _ := w.gh.File(repo, pr.HeadSHA, "Makefile")
			owners, _ := w.gh.File(repo, pr.HeadSHA, "CODEOWNERS")
			if makefile != "A := b\nUPDATE_BRANCH ?= release-1.31\n" || owners != want {
				t.Errorf("%s: %q, %q", repo, makefile, owners)
			}
			_, err := w.gh.As("alice").Merge(repo, pr.Number, "squash")
			w.do(err)
		}
		if open != 1 {
			t.Errorf("%s has %d such pull requests", repo, open)
		}
	}
	w.settle()
	w.wantBody(n, "- [x] `pin`: Pin the branch ([istio/istio\\#")
	w.wantAnswer("alice", n, "/release step pin run", "Everything that `pin` would make is there already")
	w.again()
}
