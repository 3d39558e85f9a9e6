package cherrypick

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

const leaving = "cherrypick: {leave_out: [\"docs/**\", \".github/workflows/**\", \"docs/**\"]}"

// TestLeaveOut: what a policy leaves out is the same, however it lists it.
func TestLeaveOut(t *testing.T) {
	_, s := loaded(t, leaving)
	if got := s.leaveOut(); !slices.Equal(got, []string{".github/workflows/**", "docs/**"}) {
		t.Errorf("%q", got)
	}
	if got := (Settings{}).leaveOut(); got != nil {
		t.Errorf("%q", got)
	}
	for pattern, want := range map[string]string{
		`"**"`:             "leave_out[0]: leaves out everything",
		`"**/*"`:           "leave_out[0]: leaves out everything",
		`"/docs/**"`:       "begin at the repository's root",
		`"docs/"`:          "names a folder",
		`"docs/[a-"`:       "is not a pattern",
		`"docs/../x"`:      `has a part "", "." or ".."`,
		`"!docs"`:          "no exceptions by !",
		`""`:               "is empty",
		`"a**b*c*d*e*f*g"`: "",
	} {
		_, err := config.ParsePolicy("policy", []byte("branches: [\"release-*\"]\ncherrypick: {leave_out: ["+pattern+"]}\n"), config.Declare[Settings](Name))
		if want == "" && err != nil || want != "" && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

// TestLeaveOutTexts: what was left out is said in each text about a pick.
func TestLeaveOutTexts(t *testing.T) {
	left := []string{".github/workflows/a|b`c.yml", ".github/workflows/@all.yml"}
	var many []string
	for i := range 12 {
		many = append(many, fmt.Sprintf("docs/%02d.md", i))
	}
	without := func(paths []string) func(*Snapshot) { return func(s *Snapshot) { s.Pick.Picked.Left = paths } }
	nothing := func(s *Snapshot) {
		s.Pick.Picked = &effect.Picked{Outcome: effect.PickNothing, Onto: theTarget, Left: left}
	}
	there := func(s *Snapshot) {
		s.Pick.Picked = &effect.Picked{Outcome: effect.PickContains, Onto: theTarget, Left: many}
	}
	for name, s := range map[string]Snapshot{
		"nothing is left":       aPick(t, leaving, nothing),
		"the rest is there":     aPick(t, leaving, there),
		"open without some":     aPick(t, leaving, settled, pulled(effect.PickClean, func(p *ourPull) { p.Record.Left = left }), func(s *Snapshot) { s.Pick.Record.Extras = 8 }),
		"merged without many":   aPick(t, leaving, settled, pulled(effect.PickClean, func(p *ourPull) { p.State, p.Merged, p.Record.Left = "closed", true, many })),
		"conflict without some": aPick(t, leaving, settled, pulled(effect.PickConflict, func(p *ourPull) { p.Record.Left = left }), func(s *Snapshot) { s.Pick.Record.Extras = 8 }),
	} {
		golden.Check(t, "status left out, "+name+".md", find[effect.Section](t, decidePick(s).Effects).Text+"\n")
	}
	p := find[effect.PullRequest](t, decidePick(aPick(t, leaving, without(left))).Effects)
	golden.Check(t, "pull without some.md", p.Title+"\n\n"+p.Text)
	if !strings.Contains(string(p.Record), `"left":[`) {
		t.Errorf("%s", p.Record)
	}
	i := find[effect.Issue](t, decidePick(aPick(t, leaving[:len(leaving)-1]+", on_conflict: issue}", conflicting, without(many))).Effects)
	golden.Check(t, "issue without many.md", i.Title+"\n\n"+i.Text)
}
