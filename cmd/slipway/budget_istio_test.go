package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config/istio"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// istioRepos are those of a release by Istio's policy; two more are looked at for
// merged pull requests.
var istioRepos = []string{"istio", "api", "ztunnel", "proxy", "client-go", "tools", "common-files", "release-builder", "enhancements"}

// withIstio gives the world Istio's repositories and its own policy, and starts
// release 1.31 in it. It returns the tracking issue.
func withIstio(w *world) int {
	w.t.Helper()
	for _, r := range append(istioRepos[2:], "test-infra", "istio.io") {
		w.do(w.gh.CreateRepo("istio", r, sandbox.RepoOptions{}))
		w.do(w.gh.AddCollaborator("istio/"+r, "alice", "write"))
	}
	for _, r := range istioRepos {
		_, err := w.gh.As("alice").Push("istio/"+r, "master", map[string]string{
			"CODEOWNERS": "* @istio/maintainers\n", "common/Makefile.common.mk": "UPDATE_BRANCH ?= \"master\"\n",
			"VERSION": "1.31\n", "example/manifest.yaml": "branch: master\n", "bin/update_deps.sh": "UPDATE_BRANCH=${UPDATE_BRANCH:-\"master\"}\n",
		}, "Files")
		w.do(err)
	}
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": istio.Policy}, "Istio's policy")
	w.do(err)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	w.says("alice", ask, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35))
	return issueNumber(w, "Istio 1.31")
}

func issueNumber(w *world, title string) int {
	w.t.Helper()
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == title {
			return i.Number
		}
	}
	w.t.Fatalf("there is no issue %q\n%s", title, w.log)
	return 0
}

// deletes has somebody delete something by GitHub's API.
func (w *world) deletes(login, path string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodDelete, strings.TrimSuffix(w.gh.API(), "/")+path, nil)
	w.do(err)
	req.Header.Set("Authorization", "Bearer "+w.gh.As(login).Token())
	resp, err := http.DefaultClient.Do(req)
	w.do(err)
	w.do(resp.Body.Close())
	if resp.StatusCode != http.StatusNoContent {
		w.t.Fatalf("%s: %s", path, resp.Status)
	}
}

// TestTrackerBudgetOfIstio: the tracking issue of Istio's own policy, over 9
// repositories and 2 more. A look takes at most 41 requests, also with an empty
// memory; and once it has seen all, each of them is answered "not modified".
// It takes longest of all that begins and ends by itself, so its file comes early: tests
// begin in that order, and the last one would leave a core idle.
func TestTrackerBudgetOfIstio(t *testing.T) {
	const most, enough = 42, 30
	w := newWorld(t)
	midnight := w.clock.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	w.clock.reach(midnight.Add(12 * time.Hour))
	n := withIstio(w)
	// Five o'clock is an hour in which some of the evidence that is there has its turn.
	w.clock.reach(midnight.Add(29 * time.Hour))
	tracker := reconcile.Key{Handler: "checklist", Repo: demoRepoName(t), ID: fmt.Sprint("tracker/", n)}
	looked := func() int {
		return strings.Count(w.log.String(), fmt.Sprintf(`"handler":"checklist","repo":"istio/istio","key":"tracker/%d"`, n))
	}
	// look looks once. alone is false when a look that went on by itself came in
	// between, as on a slow machine: what was spent is then that of both.
	look := func() (s spent, alone bool) {
		before := looked()
		w.gh.ResetRequests()
		w.do(w.program.queue.Enqueue(context.Background(), tracker))
		w.settle()
		return w.spent(), looked() == before+1
	}
	var rows []budgetRow
	// looks looks until nothing is left for the next look.
	looks := func(when string) {
		t.Helper()
		worst := spent{}
		for i := 0; ; i++ {
			if i == enough {
				t.Fatalf("%s: after %d looks, something is still new\n%v", when, i, w.gh.Requests())
			}
			s, alone := look()
			if !alone {
				continue
			}
			if s.reads+s.unchanged+s.writes > worst.reads+worst.unchanged+worst.writes {
				worst = s
			}
			if s.reads+s.writes > 0 {
				continue
			}
			rows = append(rows, budgetRow{when + ": the costliest look", worst.reads + worst.unchanged + worst.writes, worst.reads + worst.writes},
				budgetRow{when + ": nothing has changed", s.unchanged, 0})
			break
		}
		// A step that has ticked itself may set a trap: handlers/build then lists the
		// pull requests of one branch, which is no part of the look. And the checks of
		// a commit are two lists, where there may be room for one.
		if worst.reads+worst.unchanged+worst.writes > most+2 {
			t.Errorf("%s: a look took %+v, want at most %d and two lists more", when, worst, most)
		}
	}
	looks("before the cut")
	w.says("alice", n, "/release step label run")
	w.says("alice", n, "/release step step-2 run")
	looks("after the cut")
	w.wantBody(n, "- [x] `label`", "- [x] `step-2`: Step 2: create release-1.31 everywhere", "([the branch is there in 9 repositories](")
	for _, r := range istioRepos {
		_, err := w.gh.As("alice").Push("istio/"+r, "release-1.31", map[string]string{
			"CODEOWNERS": "* @istio/release-managers-1-31\n", "common/Makefile.common.mk": "UPDATE_BRANCH ?= \"release-1.31\"\n",
		}, "Pin")
		w.do(err)
		pr, err := w.gh.As("alice").OpenPR("istio/"+r, sandbox.PROptions{Base: "master", Head: "fix", Title: "Fix", Files: map[string]string{"fix.go": "package fix\n"}})
		w.do(err)
		w.do(w.gh.As("alice").AddLabel("istio/"+r, pr.Number, "cherrypick/release-1.31"))
	}
	w.settle()
	looks("with a pick to come in each repository")
	w.wantBody(n, "- [x] `step-4-makefile`", "- [x] `step-4-codeowners`", "9 pull requests to go")
	_, err := w.gh.As("alice").Push("istio/release-builder", "release-1.31", map[string]string{"example/manifest.yaml": "branch: release-1.31\n"}, "Pin")
	w.do(err)
	report := func(state string) {
		for _, r := range istioRepos {
			w.do(w.gh.As("alice").SetStatus("istio/"+r, w.gh.Branch("istio/"+r, "release-1.31"), "unit_postsubmit", state))
		}
		w.settle()
	}
	report("pending")
	looks("while the checks of step 4 run")
	w.wantBody(n, "- [x] `step-4-builder`", "- [ ] `step-4-green`")
	report("success")
	w.clock.advance(10 * time.Minute)
	// Policies that were inherited are read anew by then, which is no part of a look.
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey()))
	w.settle()
	looks("once they have succeeded")
	w.wantBody(n, "- [x] `step-4-green`", "1 check succeeded in 7 repositories")
	w.stop()
	w.newDatabase()
	w.start()
	looks("with a new database")
	holdBudget(t, "tracker", "| A look at the tracking issue of Istio's policy | Requests | of these anew |", rows)

	// What is believed has its turn once a day.
	w.deletes("alice", "/repos/istio/proxy/labels/cherrypick%2Frelease-1.31")
	for range 24 {
		w.clock.advance(time.Hour)
		look()
	}
	w.wantBody(n, "- [ ] `label`: Make the label cherrypick/release-1.31 everywhere", "open again: no longer so that the label is there in 9 repositories, not in proxy")
}
