package release

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/golden"
)

const someHistory = historyColumns + `
release-1.30	trigger-build	2026-05-01	1.30.0	Build 1.30.0 (#1)	aaaaaaa
release-1.30	trigger-build	2026-05-01	1.30.0	Rebuild (#2)	aaaaaab
release-1.30	trigger-build	2026-06-10	1.30.2	Build 1.30.2 (#7)	aaaaaac
release-1.30	trigger-publish	2026-05-02	1.30.0	Publish 1.30.0 (#3)	bbbbbba
release-1.30	trigger-publish	2026-06-01	1.30.1	Publish 1.30.1 (#6)	bbbbbbb
release-1.30	trigger-publish	2026-06-10	1.30.2	Publish 1.30.1 (#8)	bbbbbbc
master	trigger-build	2026-04-01	1.30-alpha.0	Build (#4)	ccccccc
master	trigger-build	2026-04-02	1.30.0-alpha.0	Build (#5)	ccccccd
`

func TestHistory(t *testing.T) {
	rows, err := ReadHistory(strings.NewReader(someHistory))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range JudgeHistory(rows, defaults()) {
		fmt.Fprintf(&b, "%s %s %s %s: %s\n", r.Branch, r.File, r.Row.Version, r.Grade(), r.Reason())
	}
	golden.Check(t, "history.txt", b.String())
}

func TestHistoryFaults(t *testing.T) {
	row := func(cells ...string) string { return historyColumns + "\n" + strings.Join(cells, "\t") }
	for text, want := range map[string]string{
		"":       "the file is empty",
		"a\tb\n": "line 1: want the names of the columns, with tabs between them: branch file date version subject commit",
		row("x", "trigger-build", "2026-01-01", "1.0.0", "s"):                               "line 2: 5 columns, want 6",
		row("x y", "trigger-build", "2026-01-01", "1.0.0", "s", "c"):                        `line 2: "x y" is not a branch`,
		row("x", "build", "2026-01-01", "1.0.0", "s", "c"):                                  `line 2: "build" is no trigger file: want trigger-build or trigger-publish`,
		row("x", "trigger-build", "yesterday", "1.0.0", "s", "c"):                           `line 2: "yesterday" is not a day`,
		row("x", "trigger-build", "2026-01-01", "1.0.0", strings.Repeat("s", maxLine), "c"): "line 2: bufio.Scanner: token too long",
	} {
		if _, err := ReadHistory(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
	rows, err := ReadHistory(strings.NewReader(strings.ReplaceAll(someHistory, "\n", "\r\n")))
	if err != nil || len(rows) != 8 || rows[7].Commit != "ccccccd" {
		t.Errorf("with CRLF: %d rows, %v", len(rows), err)
	}
}

// TestRealHistory holds the rules to a real history where there is one: what is
// refused is what the grammar refuses, and nothing else.
func TestRealHistory(t *testing.T) {
	name := os.Getenv("SLIPWAY_BENCH_TRIGGERS")
	if name == "" {
		return // TestHistory has the rules; this only widens it
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	rows, err := ReadHistory(f)
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^\d+\.\d+\.\d+(-(alpha|beta|rc)\.\d+)?$`)
	for _, r := range JudgeHistory(rows, defaults()) {
		if form.MatchString(r.Row.Version) == (r.Grade() == Refuse) {
			t.Errorf("%s %s %s: %s, %s", r.Branch, r.Commit, r.Row.Version, r.Grade(), r.Reason())
		}
	}
}
