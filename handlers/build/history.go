package build

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// Row is one change of a trigger file in a history.
type Row struct {
	Branch  release.Branch
	File    string // "trigger-build" or "trigger-publish"
	Day     release.Date
	Version string // the file's text; it may be malformed
	Subject string
	Commit  string
}

// The columns of a history, and the names that it has for the files.
const (
	historyColumns = "branch\tfile\tdate\tversion\tsubject\tcommit"
	buildFile      = "trigger-build"
	publishFile    = "trigger-publish"
)

// The most that a history may hold.
const (
	maxRows = 100_000
	maxLine = 64 << 10
)

// ReadHistory reads a history: tab-separated, with a line of names first. The
// error names the line.
func ReadHistory(r io.Reader) ([]Row, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var rows []Row
	n := 0
	for lines.Scan() {
		n++
		line := lines.Text() // without its end, of either kind
		switch {
		case n == 1:
			if line != historyColumns {
				return nil, fmt.Errorf("line 1: want the names of the columns, with tabs between them: %s", strings.ReplaceAll(historyColumns, "\t", " "))
			}
			continue
		case line == "":
			continue
		case len(rows) == maxRows:
			return nil, fmt.Errorf("line %d: there are more than %d changes", n, maxRows)
		}
		row, err := readRow(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	if n == 0 {
		return nil, fmt.Errorf("the file is empty: want a line of column names and a line for each change")
	}
	return rows, nil
}

func readRow(line string) (Row, error) {
	cells := strings.Split(line, "\t")
	if len(cells) != 6 {
		return Row{}, fmt.Errorf("%d columns, want 6", len(cells))
	}
	branch, err := release.ParseBranch(cells[0])
	if err != nil {
		return Row{}, fmt.Errorf("%q is not a branch: %w", cells[0], err)
	}
	if cells[1] != buildFile && cells[1] != publishFile {
		return Row{}, fmt.Errorf("%q is no trigger file: want %s or %s", cells[1], buildFile, publishFile)
	}
	day, err := release.ParseDate(cells[2])
	if err != nil {
		return Row{}, err
	}
	return Row{Branch: branch, File: cells[1], Day: day, Version: cells[3], Subject: cells[4], Commit: cells[5]}, nil
}

// purpose is what the row's file starts.
func (r Row) purpose() Purpose {
	if r.File == publishFile {
		return Publish
	}
	return Build
}

// Judged is a row with what is to be said of it.
type Judged struct {
	Row
	Finding
}

// JudgeHistory judges each change of a history as it would have been at its time:
// by what the same file held before it, and by what the branch's other file had
// held by the end of that day. The order of the rows stays.
func JudgeHistory(rows []Row, s Triggers) []Judged {
	judged := make([]Judged, len(rows))
	type place struct {
		branch release.Branch
		file   string
	}
	last := map[place]string{}
	byBranch := map[release.Branch][]known{}
	for _, r := range rows {
		if v, err := s.read(r.Version); err == nil {
			byBranch[r.Branch] = append(byBranch[r.Branch], known{r.purpose(), r.Day, v})
		}
	}
	for i, r := range rows {
		at := place{r.Branch, r.File}
		_, numbered := release.Version{Scheme: s.Scheme}.Of(r.Branch)
		// History doesn't say which branch was the default one; none of a release was.
		t := Trigger{Branch: r.Branch, OnDefault: !numbered, Purpose: r.purpose(), Text: r.Version, Was: last[at], Title: r.Subject}
		t.Latest, t.Built = outBy(byBranch[r.Branch], r, s)
		judged[i] = Judged{r, Judge(t, s)}
		last[at] = r.Version
	}
	return judged
}

// known is a version that a branch had from a day on.
type known struct {
	by  Purpose
	day release.Date
	v   release.Version
}

// outBy finds what was out on a branch when a row was made. Of a build that
// counts what was published by then: versions that were built in private. A
// build of the version itself, or of a later one, is no sign of that.
func outBy(all []known, r Row, s Triggers) (latest release.Version, built Built) {
	v, err := s.read(r.Version)
	if err != nil {
		return latest, NotBuilt
	}
	for _, k := range all {
		if k.day.Compare(r.Day) > 0 {
			continue
		}
		if k.by == Build && k.v == v {
			built = WasBuilt
		}
		if r.purpose() == Build && k.by == Publish && k.v.Compare(v) < 0 && k.v.Compare(latest) > 0 {
			latest = k.v
		}
	}
	return latest, built
}

// Tally counts rows by their grades.
func Tally(rows []Judged) map[Grade]int {
	n := map[Grade]int{}
	for _, r := range rows {
		n[r.Grade()]++
	}
	return n
}
