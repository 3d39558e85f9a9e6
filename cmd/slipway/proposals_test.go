package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// inIstiosFreeze is release 1.31 on the policy that we ship, in its code freeze: the branches are
// cut, and the last version is beta.0. alice and dave manage it.
func inIstiosFreeze(w *world) (tracker int) {
	w.t.Helper()
	n := withIstio(w)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-31", "dave", "active"))
	_, err := w.gh.As("alice").Push(builderRepo, "master", map[string]string{"release/trigger-build": "1.31.0-beta.0\n", "release/trigger-publish": "1.31.0-beta.0\n"}, "Triggers")
	w.do(err)
	for _, r := range istioRepos {
		for _, login := range []string{"bob", "dave"} {
			w.do(w.gh.AddCollaborator("istio/"+r, login, "write"))
		}
		w.do(w.gh.CreateBranch("istio/"+r, "release-1.31", "master"))
	}
	w.settle()
	w.clock.advance(30 * 24 * time.Hour)
	w.settle()
	return n
}

// onlyOpen is the only open pull request of a repository.
func (w *world) onlyOpen(repo string) sandbox.PR {
	w.t.Helper()
	open := slices.DeleteFunc(w.gh.PRs(repo), func(pr sandbox.PR) bool { return pr.State != "open" })
	if len(open) != 1 {
		w.t.Fatalf("%s has %d open pull requests: %v\n%s", repo, len(open), open, w.log)
	}
	return open[0]
}

// held lists the checks of Slipway's that hold a pull request back, with what they say.
func (w *world) held(repo string, n int) (all []string) {
	w.t.Helper()
	runs := w.gh.CheckRuns(repo, w.gh.PR(repo, n).HeadSHA)
	for _, r := range runs {
		if strings.HasPrefix(r.Name, "slipway/") && r.Conclusion != "success" && r.Conclusion != "neutral" {
			all = append(all, fmt.Sprintf("%s: %s", strings.TrimPrefix(r.Name, "slipway/"), r.Title))
		}
	}
	if len(runs) == 0 {
		all = append(all, "no check at all")
	}
	slices.Sort(all)
	return all
}

// wantHeld fails unless these checks hold it back: all of them say the same, unless it is "".
func (w *world) wantHeld(repo string, n int, say string, checks ...string) {
	w.t.Helper()
	got := w.held(repo, n)
	ok := len(got) == len(checks)
	for i := range checks {
		ok = ok && strings.HasPrefix(got[i], checks[i]+": ") && (say == "" || strings.HasSuffix(got[i], ": "+say))
	}
	if !ok {
		w.t.Errorf("%s#%d is held by %q\nwant %q, %q\n%s", repo, n, got, checks, say, w.log)
	}
}

func (w *world) reviews(login, repo string, n int, event string) {
	w.t.Helper()
	_, err := w.gh.As(login).Review(repo, n, event, "")
	w.do(err)
	w.settle()
}

const second = "Waits for a second release manager"

// TestProposalInTheFreeze: in Istio's code freeze a candidate takes a command and a second
// manager's approval, and nothing by hand.
func TestProposalInTheFreeze(t *testing.T) {
	w := newWorld(t)
	n := inIstiosFreeze(w)
	w.wantAnswer("alice", n, "/release build 1.31.0-rc.0", "a member of `release-managers-1-31` other than you")
	pr := w.onlyOpen(builderRepo)
	gates := []string{"freeze", "release-branch", "release-notes"}
	w.wantHeld(builderRepo, pr.Number, second, gates...)
	for _, who := range []string{"bob", "alice"} { // one may not, the other asked for it
		w.reviews(who, builderRepo, pr.Number, "APPROVE")
		w.wantHeld(builderRepo, pr.Number, second, gates...)
	}
	w.reviews("dave", builderRepo, pr.Number, "APPROVE")
	w.wantHeld(builderRepo, pr.Number, "")
}
