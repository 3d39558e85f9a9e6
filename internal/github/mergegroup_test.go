package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMergeGroup(t *testing.T) {
	head, base := strings.Repeat("a", 40), strings.Repeat("b", 40)
	g := MergeGroup{Branch: "release/1.31", Ref: "gh-readonly-queue/release/1.31/pr-7-" + base, Base: base, Head: head}
	got, ok := ParseMergeGroup(g.ID())
	if diff := cmp.Diff(g, got); !ok || diff != "" || got.Number() != 7 {
		t.Errorf("%v %d %s", ok, got.Number(), diff)
	}
	for _, bad := range []string{"", head, head + "/main", "x/" + g.Ref, head + "/gh-readonly-queue/m/pr-7-" + base[1:], head + "/gh-readonly-queue/m/pr-x-" + base} {
		if g, ok := ParseMergeGroup(bad); ok {
			t.Errorf("%q is %+v", bad, g)
		}
	}
	if n := (MergeGroup{Ref: "gh-readonly-queue/m/pr-99999999999999999999-" + base}).Number(); n != 0 {
		t.Errorf("a number that is none is %d", n)
	}
}
