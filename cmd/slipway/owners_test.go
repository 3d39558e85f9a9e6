package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// These conversations are about CODEOWNERS files as they are: with lines that GitHub
// leaves out, long ones, and large ones.

const ownersAll = "* @istio/wg-networking\n"

// owners is a new CODEOWNERS on master.
func (w *world) owners(text string) {
	w.t.Helper()
	_, err := w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CODEOWNERS": text}, "Owners")
	w.do(err)
	w.settle()
}

// ownedPick is a faithful pick of a change to a file that erin approved, and nobody else.
func (w *world) ownedPick(name, file string) int {
	w.t.Helper()
	n := w.source(name, map[string]string{file: "package " + name + "\n"}, "erin")
	w.says("carol", n, "/cherry-pick "+demoBranch)
	return w.onePick(n, demoBranch).Number
}

// leftOut says, by GitHub's own judgement, whether it leaves lines of CODEOWNERS out.
func (w *world) leftOut() bool {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.gh.URL()+"/api/v3/repos/"+demoRepo+"/codeowners/errors?ref=master", nil)
	w.do(err)
	req.Header.Set("Authorization", "Bearer "+w.gh.As("alice").Token())
	resp, err := http.DefaultClient.Do(req)
	w.do(err)
	defer resp.Body.Close()
	var said struct{ Errors []struct{ Kind string } }
	w.do(json.NewDecoder(resp.Body).Decode(&said))
	for _, e := range said.Errors {
		if strings.HasPrefix(e.Kind, "Invalid ") {
			return true
		}
	}
	return false
}

// TestOwnersOddLines: an odd line holds what it may be about, if it is one that GitHub
// leaves out, and nothing else.
func TestOwnersOddLines(t *testing.T) {
	w := gateWorld(t, "")
	w.owners(ownersAll)
	pick := w.ownedPick("leak", "pilot/leak.go")
	for _, odd := range []string{
		"/Documentation~/", "/pages/[userId].js", "/a:b/", "/docs/français/", "/文档/", "/a{b,c}/", "/a=b", "/a,b", `/with\ space/`, `\#x`, "!/a", "***/a.rb",
	} {
		w.owners(ownersAll + odd + " @istio/wg-security\n")
		w.wantGate(pick, "success", "Faithful cherry-pick of #1")
	}
	w.owners(ownersAll + "[Docs]\r\n/a @istio/wg-security,\r\n/b not-an-owner\r\n/c dev@example.technology # theirs\r\n")
	w.wantGate(pick, "success", "Faithful cherry-pick of #1")
	w.owners("\ufeff# Who owns what\n" + ownersAll)
	w.wantGate(pick, "success", "Faithful cherry-pick of #1")
	w.again()

	for _, line := range []string{
		"/pilot/ @istio/wg-networking # ours", "pilot/ @istio/wg-networking dev@example.technology", "/pil?t/*.go @istio/wg-networking", "*.go\t@erin @istio/wg-networking\r",
		"/pilot/ @istio/wg-networking,", "/pilot/ @istio/wg-networking#ours", "/pilot/ @istio/wg-networking #ours", "/pilot/le[ae]k.go @istio/wg-networking", "***/leak.go @istio/wg-networking", "!/pilot/ @istio/wg-networking", "/pilot/ wg-networking",
	} {
		w.owners("# Who owns what\n" + ownersAll + line + "\n")
		if w.leftOut() {
			w.wantGate(pick, "failure", "Files without an owner", "since line 3 of `CODEOWNERS` has a fault", "mend line 3 of `CODEOWNERS` on `master`")
		} else {
			w.wantGate(pick, "success", "Faithful cherry-pick of #1")
		}
	}
	w.owners(ownersAll + "/pilot/leak.go @istio/wg-security\n/a~b @istio/wg-networking\n")
	w.wantGate(pick, "failure", "Waits for the experts of wg-security")
	w.again()
}

// TestOwnersLongAndLarge: neither a line of more than 64 KB nor a file of more than 1 MB
// makes anything vanish; one that is too large for GitHub says nothing of anybody.
func TestOwnersLongAndLarge(t *testing.T) {
	w := gateWorld(t, "")
	theirs := ownersAll + "/security/ @istio/wg-security\n"
	w.owners(theirs)
	pilot, ca := w.ownedPick("leak", "pilot/leak.go"), w.ownedPick("ca", caFile)
	line := "# " + strings.Repeat("x", 70_000) + "\n"
	for _, text := range []string{ownersAll + line + "/security/ @istio/wg-security\n", strings.Repeat(line, 16) + theirs} {
		w.owners(text)
		w.wantGate(pilot, "success", "Faithful cherry-pick of #1")
		w.wantGate(ca, "failure", "Waits for the experts of wg-security")
	}
	w.review("sam", ca, "APPROVE")
	w.wantGate(ca, "success", "Faithful cherry-pick of #3")
	w.owners(theirs + strings.Repeat(line, 45))
	w.wantGate(pilot, "failure", "Files without an owner", "has 3150188 bytes, and GitHub itself reads none of more than 3 MB")
	w.owners(theirs)
	w.wantGate(pilot, "success", "Faithful cherry-pick of #1")
	w.again()
}

// TestOwnersWhoCantApprove: owners who are gone, or who may not push, be it by their login or
// as a team, are neither offered nor asked, and why their approval doesn't count is said.
func TestOwnersWhoCantApprove(t *testing.T) {
	w := gateWorld(t, expertsAlways)
	w.do(w.gh.CreateTeam("istio", "wg-docs", "dave"))        // without this repository
	w.do(w.gh.AddCollaborator("istio/api", "gina", "write")) // of another one
	w.owners("* @istio/wg-networking @istio/wg-docs @gina\n/security/ @istio/wg-docs @gina @nobody-here\n")
	n := w.byHand("bob", demoBranch, "fix")
	w.wantGate(n, "failure", "Waits for the experts of wg-networking or wg-docs or gina", "Who can: the members of `wg-networking`.",
		"The team `wg-docs` may not push here", "`gina` is gone or may not push here")
	if got := w.gh.PR(demoRepo, n).RequestedTeams; !slices.Equal(got, []string{"wg-networking"}) {
		t.Errorf("asked are %v", got)
	}
	w.review("dave", n, "APPROVE")
	w.review("gina", n, "APPROVE")
	w.wantGate(n, "failure", "Waits for the experts of wg-networking or wg-docs or gina", "Who can: the members of `wg-networking`.",
		"The approval of `dave` doesn't count: `dave` is of the team `wg-docs`, which may not push here", "The approval of `gina` doesn't count")
	w.again()
	w.review("erin", n, "APPROVE")
	w.wantGate(n, "success", byHandPasses, "Approved by `erin`")

	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "ca", Files: map[string]string{caFile: "package security\n"}})
	w.do(err)
	w.settle()
	w.wantGate(pr.Number, "failure", "Waits for the experts of wg-docs or gina or nobody-here", "Nobody can", "`nobody-here` is gone or may not push here",
		"mend its owners on the source branch")
	w.again()
}
