package build

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
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

// TestHistoryBounds: a history may be long, and has empty lines; each row is what it says.
func TestHistoryBounds(t *testing.T) {
	const row = "release-1.30\ttrigger-build\t2026-05-01\t1.30.0\tBuild\taaaaaaa\n"
	rows, err := ReadHistory(strings.NewReader(historyColumns + "\n" + strings.Repeat(row, maxRows) + "\n\r\n"))
	if err != nil || len(rows) != 100_000 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if got := fmt.Sprintf("%+v", rows[0]); got != "{Branch:release-1.30 File:trigger-build Day:2026-05-01 Version:1.30.0 Subject:Build Commit:aaaaaaa}" {
		t.Error(got)
	}
	_, err = ReadHistory(strings.NewReader(historyColumns + "\n\n" + strings.Repeat(row, maxRows+1)))
	if err == nil || err.Error() != "line 100003: there are more than 100000 changes" {
		t.Error(err)
	}
	rows, err = ReadHistory(strings.NewReader(historyColumns + "\n\n" + row + "\n" + row))
	if err != nil || len(rows) != 2 {
		t.Errorf("with empty lines: %d rows, %v", len(rows), err)
	}
}

// TestHistoryOut: of a build counts what was published before it by the end of its day,
// below its own version; of either, whether it was built by then.
func TestHistoryOut(t *testing.T) {
	at := func(p Purpose, date, v string) known {
		rows, err := ReadHistory(strings.NewReader(historyColumns + "\nb\ttrigger-build\t" + date + "\tx\ts\tc\n"))
		if err != nil {
			t.Fatal(err)
		}
		return known{p, rows[0].Day, version(t, v)}
	}
	all := []known{
		at(Publish, "2026-05-01", "1.30.0"), at(Publish, "2026-05-03", "1.30.2"), at(Publish, "2026-05-03", "1.30.1"), at(Publish, "2026-05-05", "1.30.3"),
		at(Build, "2026-05-02", "1.30.4"), at(Build, "2026-05-06", "1.30.2"), at(Publish, "2026-05-02", "1.30.4"),
	}
	none := "0.0.0"
	for _, tc := range []struct {
		file, date, version, latest string
		built                       Built
	}{
		{buildFile, "2026-05-04", "1.30.3", "1.30.2", NotBuilt},
		{buildFile, "2026-05-03", "1.30.3", "1.30.2", NotBuilt},
		{buildFile, "2026-05-02", "1.30.3", "1.30.0", NotBuilt},
		{buildFile, "2026-05-04", "1.30.2", "1.30.1", NotBuilt},
		{buildFile, "2026-05-06", "1.30.2", "1.30.1", WasBuilt},
		{buildFile, "2026-05-01", "1.30.0", none, NotBuilt},
		{buildFile, "2026-05-09", "nonsense", none, NotBuilt},
		{publishFile, "2026-05-02", "1.30.4", none, WasBuilt},
		{publishFile, "2026-05-01", "1.30.4", none, NotBuilt},
		{publishFile, "2026-05-09", "1.30.5", none, NotBuilt},
	} {
		r := Row{File: tc.file, Day: at(Build, tc.date, "1.0.0").day, Version: tc.version}
		latest, built := outBy(all, r, Triggers{})
		want := release.Version{}
		if tc.latest != none {
			want = version(t, tc.latest)
		}
		if latest != want || built != tc.built {
			t.Errorf("%s %s on %s: after %s, %v; want %s, %v", tc.file, tc.version, tc.date, latest, built, tc.latest, tc.built)
		}
	}
}

// TestHistoryTally: rows are counted by their grades, and those that aren't good listed.
func TestHistoryTally(t *testing.T) {
	rows, err := ReadHistory(strings.NewReader(someHistory))
	if err != nil {
		t.Fatal(err)
	}
	all := JudgeHistory(rows, defaults())
	if n := Tally(all); n[OK] != 5 || n[Warn] != 2 || n[Refuse] != 1 || len(n) != 3 {
		t.Errorf("%v", n)
	}
	got := ""
	for _, r := range all {
		if r.Grade() != OK {
			got += r.Commit + " "
		}
	}
	if want := "bbbbbbb bbbbbbc ccccccc "; got != want || len(all) != 8 {
		t.Errorf("%s, want %s", got, want)
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
