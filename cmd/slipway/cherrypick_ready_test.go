package main

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// remade is a draft that conflicted, and what it needs is on the branch now.
func (w *world) remade() (source, pick int) {
	w.t.Helper()
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick = w.onePick(n, demoBranch).Number
	w.says("bob", needed, "/cherry-pick release-1.30")
	w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
	return n, pick
}

func (w *world) wantDraft(n int, want bool) {
	w.t.Helper()
	if pr := w.gh.PR(demoRepo, n); pr.Draft != want {
		w.t.Errorf("#%d is a draft: %t\n%s\n%s", n, pr.Draft, w.status(w.sourceOf(n)), w.log)
	}
}

// TestDraftOfSomebodysStays: what a person made a draft is theirs, before its conflict or after.
func TestDraftOfSomebodysStays(t *testing.T) {
	w := newWorld(t)
	n, pick := w.remade()
	w.do(w.gh.As("carol").SetDraft(demoRepo, pick, false))
	w.do(w.gh.As("carol").SetDraft(demoRepo, pick, true))
	w.settle()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantDraft(pick, true)
	w.wantStatus(n, "#"+itoa(pick)+" is **open**. **Next step:** mark it as ready for review.")
	w.again()
	w.do(w.gh.As("carol").SetDraft(demoRepo, pick, false))
	w.settle()
	w.wantStatus(n, "#"+itoa(pick)+" is **open**.")
	w.do(w.gh.As("carol").SetDraft(demoRepo, pick, true))
	w.settle()
	w.wantDraft(pick, true)
	w.again()
}

// TestDraftMadeReadyByNobody: GitHub refuses, and that is not tried without end.
func TestDraftMadeReadyByNobody(t *testing.T) {
	w := newWorld(t)
	n, pick := w.remade()
	w.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("graphql$"), Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"data":{"markPullRequestReadyForReview":null},"errors":[{"type":"FORBIDDEN","path":["markPullRequestReadyForReview"],"message":"Resource not accessible by integration"}]}`})
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantDraft(pick, true)
	w.wantStatus(n, "#"+itoa(pick)+" is **open**. **Next step:** mark it as ready for review.")
	if hits := w.gh.FaultHits(); hits > 2 {
		t.Errorf("asked %d times", hits)
	}
	w.again()
	w.gh.ClearFaults()
	w.clock.advance(2 * resyncEvery)
	w.settle()
	w.wantDraft(pick, false)
	w.again()
}

// TestDraftMadeReadyAndDeaths: the program dies between the push, the text and the mark.
func TestDraftMadeReadyAndDeaths(t *testing.T) {
	for name, f := range map[string]sandbox.Fault{
		"before its text":     {Method: http.MethodPatch, Path: regexp.MustCompile(`/pulls/\d+$`), Drop: true},
		"after its text":      {Method: http.MethodPatch, Path: regexp.MustCompile(`/pulls/\d+$`), DropResponseAfterEffect: true},
		"before it is marked": {Match: isMutation("markPullRequestReadyForReview"), Drop: true},
		"once it was marked":  {Match: isMutation("markPullRequestReadyForReview"), DropResponseAfterEffect: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n, pick := w.remade()
			w.gh.Fault(f)
			w.says("bob", n, "/cherry-pick release-1.30")
			w.dies(false)
			w.wantDraft(pick, false)
			w.wantStatus(n, "#"+itoa(pick)+" is **open**.")
			w.again()
		})
	}
}
