package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// twoPlaces is a file in which a change may stand at <1> or <2>, beside what the
// release branch has otherwise.
type twoPlaces struct{ file, text, added string }

// fill is the file with the added lines at a place, 0 for none; own is what the branch has.
func (p twoPlaces) fill(own string, at int) string {
	text := strings.ReplaceAll(p.text, "OWN", own)
	for i, mark := range []string{"<1>\n", "<2>\n"} {
		with := ""
		if i+1 == at {
			with = p.added
		}
		text = strings.ReplaceAll(text, mark, with)
	}
	return text
}

// TestGateAnotherPlace: the lines of a source are a faithful pick only where the source
// has them. Elsewhere they are another change, however like the lines around are.
func TestGateAnotherPlace(t *testing.T) {
	t.Parallel()
	const check = "(u string) error {\n\tif u == \"\" {\n\t\treturn errEmpty\n\t}\n"
	for name, tc := range map[string]struct {
		twoPlaces
		here, source string // as they are shown
	}{
		"function": {twoPlaces{"pilot/auth.go", "package p\n\nfunc Login" + check + "<1>\n\tOWN(u)\n\treturn nil\n}\n\nfunc Admin" + check + "<2>\n\tOWN(u)\n\treturn nil\n}\n",
			"\tif !isAdmin(u) {\n\t\treturn errDenied\n\t}\n"}, "func Login(u string) error {", "func Admin(u string) error {"},
		"case": {twoPlaces{"pilot/auth.go", "package p\n\nfunc May(u string) bool {\n\tswitch role(u) {\n\tcase user:\n\t\tcheck(u)\n<1>\n\t\tOWN(u)\n\t\treturn true\n" +
			"\tcase admin:\n\t\tcheck(u)\n<2>\n\t\tOWN(u)\n\t\treturn true\n\t}\n\treturn false\n}\n", "\t\tif !isAdmin(u) {\n\t\t\treturn false\n\t\t}\n"},
			"func May(u string) bool { › case user:", "func May(u string) bool { › case admin:"},
		"key": {twoPlaces{"manifests/values.yaml", "login:\n  mode: strict\n<1>\n  image: OWN\n  port: 1\nadmin:\n  mode: strict\n<2>\n  image: OWN\n  port: 1\n", "  tls: true\n"},
			"login:", "admin:"},
		"list item": {twoPlaces{"manifests/pod.yaml", "spec:\n  containers:\n  - name: proxy\n    pull: Always\n<1>\n    image: OWN\n    port: 1\n" +
			"  - name: app\n    pull: Always\n<2>\n    image: OWN\n    port: 1\n", "    readOnly: true\n"}, "spec: › containers: › - name: proxy", "spec: › containers: › - name: app"},
		"object": {twoPlaces{"manifests/rules.json", "[\n  {\n    \"name\": \"login\",\n    \"mode\": \"strict\",\n<1>\n    \"image\": \"OWN\",\n    \"port\": 1\n  },\n" +
			"  {\n    \"name\": \"admin\",\n    \"mode\": \"strict\",\n<2>\n    \"image\": \"OWN\",\n    \"port\": 1\n  }\n]\n", "    \"tls\": true,\n"},
			`[ { › { "name": "login",`, `[ { › { "name": "admin",`},
	} {
		t.Run(name, func(t *testing.T) {
			parallel(t)
			w := gateWorld(t, "")
			for branch, own := range map[string]string{"master": "old", demoBranch: "new"} {
				w.do2(w.gh.As("alice").Push(demoRepo, branch, map[string]string{tc.file: tc.fill(own, 0)}, "As it is on "+branch))
			}
			n := w.source("guard", map[string]string{tc.file: tc.fill("old", 2)}, "erin")
			byHand := func(head string, at int) int {
				pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: head, Title: "[release-1.30] Pick of #" + itoa(n), Files: map[string]string{tc.file: tc.fill("new", at)}})
				w.do(err)
				w.settle()
				return pr.Number
			}
			w.wantGate(byHand("there", 2), "success", "Faithful cherry-pick of #"+itoa(n), "the same lines are added and deleted, at the same places")
			pick := byHand("elsewhere", 1)
			w.wantGate(pick, "failure", "Waits for the experts of wg-networking", "that was adapted:", "the same lines, at another place",
				"@@ at the source: "+tc.source, "@@ here: "+tc.here, "Needed since it differs from its source there")
			w.again()
			w.newDatabase()
			w.wantGate(pick, "failure", "Waits for the experts of wg-networking")
			w.review("erin", pick, "APPROVE")
			w.wantGate(pick, "success", "Adapted cherry-pick of #"+itoa(n)+", approved", "Approved by `erin`")
			w.again()
		})
	}
}

// TestGateUncertainPlace: where two places fit the lines of a source, nobody can tell
// whether a pick has them at the right one.
func TestGateUncertainPlace(t *testing.T) {
	w := gateWorld(t, "")
	p := twoPlaces{"pilot/auth.go", "package p\n\nfunc Admin(u string) {\n\tOWN(u)\n\tcheck(u)\n<1>\n\tOWN(u)\n\tcheck(u)\n<2>\n\tOWN(u)\n\tdone(u)\n}\n", "\tguard(u)\n"}
	for branch, own := range map[string]string{"master": "old", demoBranch: "new"} {
		w.do2(w.gh.As("alice").Push(demoRepo, branch, map[string]string{p.file: p.fill(own, 0)}, "As it is on "+branch))
	}
	n := w.source("guard", map[string]string{p.file: p.fill("old", 2)}, "erin")
	for i, head := range []string{"first", "second"} {
		pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: head, Title: "[release-1.30] Pick of #" + itoa(n), Files: map[string]string{p.file: p.fill("new", i+1)}})
		w.do(err)
		w.settle()
		w.wantGate(pr.Number, "failure", "Waits for the experts of wg-networking", "here a second place fits as well", "@@ here: func Admin(u string) {")
	}
	w.again()
}
