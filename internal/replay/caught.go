package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Record is an error on record: a change that was merged, of any year, and what one of the checks says of it from history alone.
type Record struct {
	Kind         string // what sort of error it is, in the plural
	Repo, Commit string
	Number       int // of its pull request by the message; 0 if that names none
	Branch       release.Branch
	Day          release.Date
	Refused      bool // else it is warned of, or asked about
	Why          string
}

// The kinds of errors that are found by playing. Those of trigger files are named by who judges them.
const (
	BadNotes = "Release notes with an error"
	Sprung   = "Pull requests merged that must not be"
	NoSource = "Titled for the branch or as picks, without a source"
)

// builds is the check that judges trigger files, and notes the one of release notes.
const (
	builds = "slipway/release"
	notes  = "slipway/release-notes"
)

// caught are the errors on record and those that were played, by their kinds, the most frequent first, of each the newest first. What
// both tell of is told once.
func (r Result) caught() (all []Record) {
	all = slices.Clone(r.Records)
	known := func(o Outcome) bool {
		return slices.ContainsFunc(r.Records, func(k Record) bool { return k.Repo == o.Repo && k.Commit == o.Commit })
	}
	for _, o := range r.Outcomes {
		one := Record{Repo: o.Repo, Commit: o.Commit, Number: o.Number, Branch: o.Branch, Day: release.DateOf(o.At, time.UTC), Refused: true}
		for _, c := range o.Final {
			switch {
			case !c.Holds() || c.Name == builds && known(o):
				continue
			case c.Name == notes && len(c.Failed) > 0: // else there is none, which labels decide
				one.Kind = BadNotes
			case c.Name == builds:
				one.Kind = c.Title
			default:
				continue
			}
			one.Why = c.why()
			all = append(all, one)
		}
		if o.Repo == r.Histories[0].Repo && o.unaccounted() {
			all = append(all, Record{Kind: NoSource, Repo: o.Repo, Commit: o.Commit, Number: o.Number, Branch: o.Branch, Day: one.Day,
				Why: o.Title + ": nothing on the source branch accounts for it, so it asks " + o.Asked})
		}
	}
	count := map[string]int{}
	for _, one := range all {
		count[one.Kind]++
	}
	slices.SortStableFunc(all, func(a, b Record) int {
		return cmp.Or(count[b.Kind]-count[a.Kind], cmp.Compare(a.Kind, b.Kind), b.Day.Compare(a.Day))
	})
	return all
}

// unaccounted reports one whose title is that of a pick, which in some projects the branch's name makes it, and that comes from nowhere.
func (o Outcome) unaccounted() bool {
	text := strings.ToLower(o.Title)
	named := strings.Contains(text, "cherry") || strings.Contains(text, "backport") || strings.Contains(text, "["+strings.ToLower(string(o.Branch))+"]")
	return named && o.Origin.Verdict == provenance.Unrelated
}

// byError reports a change that was held back for an error that is on record, and by nothing else.
func (o Outcome) byError() bool {
	return !slices.ContainsFunc(o.Final, func(c Check) bool { return c.Holds() && c.Name != notes && c.Name != builds })
}

// why is what a check that holds says.
func (c Check) why() string {
	said := []string{c.Title}
	for _, f := range c.Failed {
		if text := strings.TrimPrefix(f.Name+": "+f.Text, ": "); !strings.HasPrefix(text, strings.TrimSuffix(c.Title, "?")) {
			said = append(said, text)
		}
	}
	return strings.Join(said, ". ")
}

// kinds counts what would have been caught, with the newest of each.
func (r Result) kinds() Section {
	s := Section{Title: "What would have been caught", Head: []string{"What", "How many", "Slipway", "The newest", "", ""}}
	for all := r.caught(); len(all) > 0; {
		n := slices.IndexFunc(all, func(one Record) bool { return one.Kind != all[0].Kind })
		if n < 0 {
			n = len(all)
		}
		refused := 0
		for _, one := range all[:n] {
			if one.Refused {
				refused++
			}
		}
		says := map[bool]string{true: "warns", false: fmt.Sprintf("refuses %d, warns of the others", refused)}[refused == 0]
		switch {
		case refused == n:
			says = "refuses"
		case all[0].Kind == NoSource:
			says = "asks a release manager, or the experts"
		}
		line := row(all[0].Kind, fmt.Sprint(n), says)
		for _, one := range all[:min(n, 3)] {
			line = append(line, link(one.Repo, one.Number, one.Commit))
		}
		s.Rows = append(s.Rows, line)
		all = all[n:]
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"Trigger files and what must not be merged are judged on all branches and of all years that the clones have; the rest is of the time that was played. A change with two errors is in two lines."}
	}
	return s
}

// errors lists all that would have been caught.
func (r Result) errors() Section {
	s := Section{Title: "Each error that would have been caught", Folded: true, Head: []string{"Change", "Day", "Branch", "What", "Why"}}
	for _, one := range r.caught() {
		s.Rows = append(s.Rows, append([]Cell{link(one.Repo, one.Number, one.Commit)}, row(one.Day.String(), string(one.Branch), one.Kind, one.Why)...))
	}
	return s
}

// held lists what would have been held back, what isn't for an error first.
func (r Result) held() Section {
	s := Section{Title: "What would have been held back, and why", Head: []string{"Change", "Day", "Branch", "Title", "By", "Why"}}
	for _, byError := range []bool{false, true} {
		for _, o := range r.Outcomes {
			if !o.held() || o.byError() != byError {
				continue
			}
			by := map[bool]string{true: "an error in it", false: "a rule"}[byError]
			for _, c := range o.Final {
				if c.Holds() {
					s.Rows = append(s.Rows, append([]Cell{link(o.Repo, o.Number, o.Commit)}, row(o.At.Format(time.DateOnly), string(o.Branch), o.Title, by, c.Name+": "+c.why())...))
				}
			}
		}
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"With every approval that anybody could give, these would still not have merged. What a rule holds without an error in it comes first: a release manager may override the check."}
	}
	return s
}

// warned is what was let through with a word.
func (r Result) warned() Section {
	s := Section{Title: "Each warning of a change that was played", Folded: true, Head: []string{"Change", "Day", "Branch", "Title", "Check", "Warning"}}
	for _, o := range r.Outcomes {
		for _, c := range o.Final {
			for _, w := range c.Warned {
				s.Rows = append(s.Rows, append([]Cell{link(o.Repo, o.Number, o.Commit)}, row(o.At.Format(time.DateOnly), string(o.Branch), o.Title, c.Name, w)...))
			}
		}
	}
	return s
}
