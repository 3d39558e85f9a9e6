package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// TestReadPatch: a patch is read to its bounds and no further, also within one line.
func TestReadPatch(t *testing.T) {
	const question = "a b\n"
	raw := ":000000 100644 0 1 A\tx\n"
	endless := strings.Repeat("x", 200_000)
	for _, tc := range []struct {
		name, answer, want, tooMuch string
		large                       int
	}{
		{"nothing", question + endOfPatch, "", "", 0},
		{"a patch", question + raw + "+a\n" + endOfPatch, raw + "+a\n", "", 0},
		{"a line as the end, behind a long one", question + "+" + strings.Repeat("x", 64<<10-1) + endOfPatch + endOfPatch, "+" + strings.Repeat("x", 64<<10-1) + endOfPatch, "", 0},
		{"as many files as may be", question + raw + raw + endOfPatch, raw + raw, "", 0},
		{"one file more", question + raw + raw + raw + endOfPatch, "", "more than 2 files", 0},
		{"as many lines as may be", question + strings.Repeat("+\n", 1000) + endOfPatch, strings.Repeat("+\n", 1000), "", 0},
		{"one line more", question + strings.Repeat("+\n", 1001) + endOfPatch, "", "more than 1,000 lines", 0},
		{"a large one", question + strings.Repeat(endless+"\n", 6) + endOfPatch, strings.Repeat(endless+"\n", 6), "", 1},
		{"a line that doesn't end", question + strings.Repeat(endless, 12), "", "more than 2 MB of lines", 1},
		{"another question's answer", "c d\n" + endOfPatch, "", "", 0},
		{"one that breaks off", question + "+a\n+b", "", "", 0},
	} {
		large := 0
		b := bounds{files: 2, lines: 1000, bytes: 2 << 20}
		got, err := b.readPatch(bufio.NewReaderSize(strings.NewReader(tc.answer), 64<<10), question, func() error { large++; return nil })
		var tooLarge *TooLargeError
		if errors.As(err, &tooLarge) != (tc.tooMuch != "") || tooLarge != nil && tooLarge.What != tc.tooMuch {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.tooMuch)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || large != tc.large {
			t.Errorf("%s: %.300s; told %d times", tc.name, diff, large)
		}
		if sound := tc.want != "" || tc.answer == question+endOfPatch; sound != (err == nil) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestProveTooLarge: a change beyond the bounds is that; the next question is answered as ever,
// and a source beyond them counts for nothing.
func TestProveTooLarge(t *testing.T) {
	l := start(t)
	source := l.commit("Many", "many", numbered(0, 60), "b", "2\n")
	base := l.onRelease()
	l.on("change", base)
	many := l.commit("Many", "many", numbered(0, 101))
	l.on("small", base)
	small := l.commit("Small", "b", "2\n")
	r := l.open()
	bounded := *r.program
	r.program = &bounded
	bounded.bounds.lines = 100
	f, err := proveHere(t.Context(), r, provenance.Question{Head: many, MergeBase: base, Base: target, Source: "master", Claims: claimed(source)})
	if err != nil || f.Verdict != provenance.TooLarge || f.TooLarge != "more than 100 lines" || len(f.Files) != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	bounded.bounds.lines = 50
	f, err = proveHere(t.Context(), r, provenance.Question{Head: small, MergeBase: base, Base: target, Source: "master", Claims: claimed(source), Search: true})
	if err != nil || f.Verdict != provenance.Unrelated || len(f.Passed) != 1 || !strings.Contains(f.Passed[0].Why, "too large to be compared: more than 50 lines") {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestLargeFile: the lines of a large text aren't compared, so it is too large; a large
// binary file is what it is, and a text that goes is gone.
func TestLargeFile(t *testing.T) {
	l := start(t)
	large := strings.Repeat("a\n", 6<<20)
	l.both("old", strings.Repeat("b\n", 5<<19)) // less than half, else git reads both to find a rename
	source := l.commit("Large", "large", "\x00"+large)
	base := l.onRelease()
	l.on("change", base)
	binary := l.commit("Large", "large", "\x00"+large, "old", gone)
	f := prove(t, l, provenance.Question{Head: binary, MergeBase: base, Claims: claimed(source)})
	if f.Verdict != provenance.Adapted || len(f.Files) != 2 || len(f.Beyond) != 1 || f.Beyond[0].Path != "old" {
		t.Errorf("%+v", f)
	}
	l.on("text", base)
	same := l.commit("Large", "large", large)
	l.on("less", base)
	less := l.commit("Less", "old", "a\n")
	for _, head := range []string{same, less} {
		f = prove(t, l, provenance.Question{Head: head, MergeBase: base, Claims: claimed(source)})
		if f.Verdict != provenance.TooLarge || f.TooLarge != "a text file of more than 4 MB" {
			t.Errorf("%+v", f)
		}
	}
	r := l.open()
	id := l.git("rev-parse", same+":large")
	if text, err := r.Content(t.Context(), id, 5); err != nil || string(text) != "a\na\na" {
		t.Errorf("begins with %q, %v", text, err)
	}
	if text, err := r.Content(t.Context(), id, 13<<20); err != nil || len(text) != len(large) { // and what follows it is read right
		t.Errorf("has %d bytes, %v", len(text), err)
	}
}

// TestLargeOneAtATime: whoever has a large change in memory is alone until it is closed.
func TestLargeOneAtATime(t *testing.T) {
	l := start(t)
	one, two := l.open(), l.open()
	two.program = one.program
	for range 2 { // once is enough
		if err := one.takeLarge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := two.takeLarge(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("another gets its turn meanwhile: %v", err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	if err := two.takeLarge(t.Context()); err != nil {
		t.Error(err)
	}
	two.freeLarge()
}

// numbered are lines with numbers.
func numbered(from, to int) string {
	var b strings.Builder
	for i := range to - from {
		fmt.Fprintln(&b, from+i)
	}
	return b.String()
}
