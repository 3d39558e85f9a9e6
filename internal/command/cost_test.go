package command_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
)

// What reading one text twice may cost, whatever it is: bytes, all that were ever taken,
// and time of the processor, which no other program's load makes longer. Both are
// a few times what the worst text takes, and a fraction of what takes a process down.
const (
	maxBytes = 128 << 20
	maxSpent = 3 * time.Second
)

// cost reads a text and holds what that takes to the limits.
func cost(t *testing.T, text string) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := spent()
	command.Parse(text, all)
	command.Spoken(text)
	took := spent() - began
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > maxBytes {
		t.Errorf("%.40q... of %d bytes takes %d MB", text, len(text), got>>20)
	}
	if took > maxSpent {
		t.Errorf("%.40q... of %d bytes takes %v", text, len(text), took)
	}
}

// piece is a text that is repeated so many times.
type piece struct {
	text  string
	times uint16
}

// long is the longest text that GitHub takes which these make, with commands around.
func long(pieces ...piece) string {
	var b strings.Builder
	b.WriteString(said + "\n\n")
	for _, p := range pieces {
		for range p.times {
			if b.Len()+len(p.text) > 65_536-len(said)-2 {
				break
			}
			b.WriteString(p.text)
		}
	}
	return b.String() + "\n\n" + said
}

// hostile are texts that took gigabytes or minutes, or take the most of what is allowed.
var hostile = [][2]piece{
	{{"- * ", 4000}, {"\n", 16_000}}, // killed the process
	{{"[^1]: ", 10_000}, {"\n", 5000}},
	{{"- * ", 24}, {"\n", 2000}},
	{{"> ", 32_000}, {}},
	{{"> ", 100}, {"\n> ", 30_000}},
	{{"1. ", 20_000}, {}},
	{{"[^1]: ", 99}, {"\n", 1000}},
	{{"-\t", 10_000}, {"\t\n", 20_000}},
	{{"- a\n\n", 15_000}, {}},
	{{"[", 65_000}, {}},
	{{"[", 32_000}, {"]", 32_000}},
	{{"[](", 20_000}, {}},
	{{"[^", 32_000}, {}},
	{{"[^a]", 2000}, {"\n\n[^a]: b", 7000}},
	{{"![a][", 13_000}, {}},
	{{"*_", 32_000}, {}},
	{{"*a_ ", 16_000}, {}},
	{{"*a **b ", 4000}, {"c** d* ", 4000}},
	{{"~~a ", 16_000}, {}},
	{{"`a``", 16_000}, {}},
	{{"|a", 2666}, {"\n|-", 2666}},
	{{"|", 200}, {"\n|-", 1000}},
	{{"a|b\n-|-\n", 1}, {"`\\|`\n", 13_000}}, // pipes within code
	{{"|a|\n|-|\n|a|\n\n", 4000}, {}},
	{{"[a]: b\n", 9000}, {}},
	{{"[a]: b '\n", 7000}, {}},
	{{"[a]:\n", 13_000}, {}},
	{{"<a b='", 10_000}, {}},
	{{"<p>", 10_000}, {"</b>", 10_000}},
	{{"a <!-- ", 9000}, {}},
	{{"<!-- a -->\n\n", 5000}, {}},
	{{"$$\n\n", 16_000}, {}},
	{{"http://a.b(((", 5000}, {}},
	{{"a@b.", 16_000}, {}},
	{{"/a\n", 21_000}, {}},
	{{"/release frezee x\n", 3500}, {}},
	{{"/release ", 7000}, {}},
	{{said + "\n\n", 3500}, {}},
}

// TestCost: no text, within what GitHub takes, costs what a process can't spare.
func TestCost(t *testing.T) {
	for _, h := range hostile {
		cost(t, long(h[:]...))
	}
}

// FuzzCost looks for texts that cost more. A text is two pieces, each many times, since
// what grows faster than the text shows in a long one only.
func FuzzCost(f *testing.F) {
	for _, h := range hostile {
		f.Add(h[0].text, h[0].times, h[1].text, h[1].times)
	}
	f.Fuzz(func(t *testing.T, first string, n uint16, second string, m uint16) {
		cost(t, long(piece{first, n}, piece{second, m}))
	})
}
