package checklist

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestKeysAreLinear: keys are named while GitHub waits for the answer, so that the
// longest text may cost no more for each line than a short one. What is allocated
// stands for the time, which depends on the machine.
func TestKeysAreLinear(t *testing.T) {
	const fixed, perLine = 4 << 20, 6 << 10 // bytes; a packer alone takes one MB
	lines := func(n int, form string) string {
		var b strings.Builder
		b.WriteString("- [ ] x <!-- slipway-step:a -->\n")
		for i := range n {
			b.WriteString(strings.ReplaceAll(form, "#", fmt.Sprint(i)) + "\n")
		}
		return b.String()
	}
	us, hand := github.User{ID: 5, Bot: true}, github.User{ID: 9, Login: "alice"}
	for name, forms := range map[string][2]string{
		"every second line": {"line #\nold #", "line #\nnew #"},
		"all lines":         {"old #", "new #"},
		"no line is unique": {"x\n\ny", "y\n\nx\nz"},
		"steps":             {"- [ ] # <!-- slipway-step:p# -->", "- [x] # <!-- slipway-step:p# -->"},
		"steps in code":     {"```\n- [ ] # <!-- slipway-step:p# -->", "```\n- [x] # <!-- slipway-step:p# -->"},
		"parts":             {"<!-- slipway-part:p# -->\nold", "<!-- slipway-part:p# -->\nnew"},
		"one part's begin":  {"<!-- slipway-part:p -->\nold", "<!-- slipway-part:p -->"},
		"records":           {"<!-- slipway:a b -->\nold <!--", "<!-- slipway:a b -->\nnew"},
	} {
		for _, who := range []github.User{us, hand} {
			for _, n := range []int{300, 5000} {
				was, is := lines(n, forms[0]), lines(n, forms[1])
				e := github.Event{Kind: "issues", Action: "edited", Repo: github.Repo{Owner: "o", Name: "r"}, Sender: who, OldBody: &was,
					Issue: &github.Issue{Number: 7, Author: us, Body: is}}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				new(Handler).Keys(e)
				runtime.ReadMemStats(&after)
				most := fixed + perLine*uint64(strings.Count(was, "\n"))
				if got := after.TotalAlloc - before.TotalAlloc; got > most {
					t.Errorf("%s by %d: %d kB for %d lines, at most %d", name, who.ID, got>>10, n, most>>10)
				}
			}
		}
	}
	long := strings.Repeat("x\n", maxText)
	e := github.Event{Kind: "issues", Action: "edited", Repo: github.Repo{Owner: "o", Name: "r"}, Sender: hand, OldBody: &long, Issue: &github.Issue{Number: 7, Author: us}}
	if keys := new(Handler).Keys(e); len(keys) != 1 || keys[0].ID != "tracker/7" {
		t.Errorf("a text longer than GitHub's: %v", keys)
	}
}
