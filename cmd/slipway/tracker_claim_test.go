package main

import (
	"strconv"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestTrackerClaims: what a merged pull request says of a step counts on the word of
// somebody who may tick it, and not what its author writes into it later.
func TestTrackerClaims(t *testing.T) {
	w := newWorld(t)
	n := withTracker(w)
	propose := func(login, head, body string) int {
		pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: head, Title: "Change " + head, Body: body, Files: map[string]string{head + ".txt": "x\n"}})
		w.do(err)
		_, err = w.gh.As("bob").Merge(demoRepo, pr.Number, "squash")
		w.do(err)
		w.settle()
		return pr.Number
	}
	forged := propose("bob", "innocent", "A fix.")
	w.do(w.gh.As("bob").EditBody(demoRepo, forged, "Release-Step: 1.31/docs"))
	w.settle()
	w.says("alice", n, "/release date code-freeze "+w.day(29)) // looks again
	w.wantBody(n, "- [ ] `docs`", "- **Claimed:** `docs` by istio/istio#"+strconv.Itoa(forged)+", waits for a manager: `/release step docs done`")
	w.again()
	propose("carol", "hidden", "<!--\nRelease-Step: 1.31/docs\n-->")
	w.wantBody(n, "- [ ] `docs`")
	real := propose("carol", "docs", "The docs.\n\nRelease-Step: 1.31/docs") // an owner
	w.wantBody(n, "- [x] `docs`: Write the docs ([istio/istio\\#"+strconv.Itoa(real)+" is merged](")
	w.again()
	back, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "back", Title: "Undo", Body: "Reverts #" + strconv.Itoa(real), Files: map[string]string{"back.txt": "x\n"}})
	w.do(err)
	_, err = w.gh.As("bob").Merge(demoRepo, back.Number, "squash")
	w.do(err)
	w.settle()
	w.wantBody(n, "- [ ] `docs`: Write the docs (open again: no longer so that istio/istio\\#")
	w.again()
}
