package effect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDifference: whatever room there is to compare, what is told makes the one text
// and the other; and lines that a text has once are found again when there is little.
func TestDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	some := func() (lines []string) {
		for range r.IntN(14) {
			lines = append(lines, string(rune('a'+r.IntN(8))))
		}
		return lines
	}
	for range 5000 {
		a, b := some(), some()
		c := &comparison{room: r.IntN(80)}
		c.compare(a, b, anchors)
		var old, new []string
		for i, e := range c.all {
			if e.same {
				e.old, e.new = []string{e.text}, []string{e.text}
			} else if i > 0 && !c.all[i-1].same {
				t.Fatalf("two changes in a row of %q and %q: %v", a, b, c.all)
			}
			old, new = append(old, e.old...), append(new, e.new...)
		}
		if !slices.Equal(old, a) || !slices.Equal(new, b) {
			t.Fatalf("%q and %q: %v", a, b, c.all)
		}
	}
	var a []string
	for i := range 2500 {
		a = append(a, fmt.Sprint("line ", i), "")
	}
	b := slices.Clone(a)
	b[20], b[2400], b[4980] = "x", "y", "z"
	b = append(slices.Delete(b, 1000, 1010), b[1000:1010]...) // moved to the end
	changes := 0
	for _, e := range difference(a, b) {
		if !e.same {
			changes++
		}
	}
	if changes != 5 {
		t.Errorf("%d changes, want 5", changes)
	}
}
