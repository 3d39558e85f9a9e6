package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file is about bad days of GitHub's, on which it answers that what is there isn't.

// cough has GitHub answer so for paths, some times.
func (w *world) cough(path string, times, status int, body string) {
	w.gh.Fault(sandbox.Fault{Method: http.MethodGet, Path: regexp.MustCompile(path), Times: times, Status: status, Body: body})
}

// minutes lets them pass one by one, so that each retry has its turn.
func (w *world) minutes(n int) {
	w.t.Helper()
	for range n {
		w.clock.advance(time.Minute)
		w.settle()
	}
}

const notFound = `{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`

// TestPolicyThatGitHubDoesntFind: a policy is gone when a commit has removed it, and not
// when GitHub doesn't find it: also for who has just started, with and without a database.
func TestPolicyThatGitHubDoesntFind(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(*world){
		"after hours":    func(w *world) { w.clock.advance(2 * time.Hour) },
		"after a start":  func(w *world) { w.clock.advance(2 * time.Hour); w.stop(); w.start() },
		"a new database": func(w *world) { w.stop(); w.newDatabase(); w.start() },
	} {
		for cause, cough := range map[string]func(*world){
			"404":           func(w *world) { w.cough(`/contents/`, 6, http.StatusNotFound, notFound) },
			"404 for trees": func(w *world) { w.cough(`/contents/|/git/trees/|/commits/HEAD`, 12, http.StatusNotFound, notFound) },
			"null":          func(w *world) { w.cough(`/contents/`, 6, http.StatusOK, `null`) },
			"403":           func(w *world) { w.cough(`/contents/`, 6, http.StatusForbidden, `{"message":"Sorry, it is a bad day"}`) },
		} {
			t.Run(name+", "+cause, func(t *testing.T) {
				w := newWorld(t)
				before := w.openPR("bob", demoBranch, "before")
				cough(w)
				away(w)
				n := w.openPR("bob", demoBranch, "fix")
				w.says("alice", n, "/release freeze release-1.30")
				w.minutes(40)
				w.wantVerdict(n, "failure")
				w.wantVerdict(before, "failure")
				if len(w.freezes()) != 1 {
					t.Errorf("%d freezes\n%s", len(w.freezes()), w.log)
				}
			})
		}
	}
}

// TestTeamThatGitHubDoesntFind: nobody is told that nobody may because GitHub doesn't find
// a team, or somebody in it.
func TestTeamThatGitHubDoesntFind(t *testing.T) {
	t.Parallel()
	for cause, path := range map[string]string{
		"the membership":          `/memberships/`,
		"the team":                `/teams/[^/]+(/memberships/.*)?$`,
		"everything about a team": `/teams/`,
		"the list, too":           `/teams`,
	} {
		t.Run(cause, func(t *testing.T) {
			w := newWorld(t)
			n := w.openPR("bob", demoBranch, "fix")
			w.cough(path, 6, http.StatusNotFound, notFound)
			w.says("alice", n, "/release freeze release-1.30")
			w.minutes(20)
			w.wantVerdict(n, "failure")
			for _, c := range w.gh.Comments(demoRepo, n) {
				if regexp.MustCompile(`(?i)may not|there is no team|isn't there`).MatchString(c.Body) {
					t.Errorf("alice is told %s", c.Body)
				}
			}
			// A stranger is refused all the same.
			w.says("mallory", n, "/release thaw release-1.30")
			w.minutes(5)
			w.wantVerdict(n, "failure")
		})
	}
}
