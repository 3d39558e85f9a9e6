package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// Result is all that a replay has come to.
type Result struct {
	Histories []History
	Events    []Event
	Outcomes  []Outcome
	Hours     map[time.Time]Requests // by the hour that they were made in
	Trackers  []Tracker
	Records   []Record // errors of all years
	Trouble   []string // what the program warned of meanwhile
}

// Report is what people are told of a result: the same on a terminal and on a page.
type Report struct {
	Title    string
	Sections []Section
}

// Section is a part of it: what it says in sentences, and a table, if it has rows.
type Section struct {
	Title  string
	Folded bool // it is there to be looked up: a page shows its title until it is opened
	Lines  []string
	Head   []string // "" goes on with the one before
	Rows   [][]Cell
}

// Cell is a text of a table, with an address if it has one.
type Cell struct{ Text, URL string }

func row(texts ...string) (cells []Cell) {
	for _, t := range texts {
		cells = append(cells, Cell{Text: t})
	}
	return cells
}

// Figures counts, and says what came of it.
func Figures(r Result) Report {
	report := Report{Title: "The past, replayed: " + strings.Join(repos(r.Histories), ", ")}
	report.Sections = append(report.Sections, r.summary(), r.kinds(), r.held(), r.asked(), r.waits(), r.frozen(), r.trackers(), r.cost(), basis(), r.machine(),
		r.missing(), r.errors(), r.warned(), r.steps())
	report.Sections = slices.DeleteFunc(report.Sections, func(s Section) bool { return len(s.Lines)+len(s.Rows) == 0 })
	return report
}

func repos(all []History) (names []string) {
	for _, h := range all {
		names = append(names, h.Repo)
	}
	return names
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

func (r Result) count(of func(Outcome) bool) (n int) {
	for _, o := range r.Outcomes {
		if of(o) {
			n++
		}
	}
	return n
}

func (o Outcome) held() bool { return o.Asked == Held }

func (o Outcome) faithful() bool {
	return o.Origin.Verdict == provenance.Exact || o.Origin.Verdict == provenance.Equivalent
}

func (r Result) summary() Section {
	s := Section{Title: "In short"}
	if len(r.Outcomes) == 0 {
		s.Lines = []string{"Nothing was merged in that time that a check looks at."}
		return s
	}
	all := len(r.Outcomes)
	s.Lines = []string{fmt.Sprintf("From %s to %s, %d changes were merged that a check looks at. Slipway was told of each as it really was. This is what it said before the merge.",
		r.Outcomes[0].At.Format(time.DateOnly), r.Outcomes[all-1].At.Format(time.DateOnly), all)}
	s.Head = []string{"Of these changes", "How many", "Share"}
	add := func(what string, n, of int) { s.Rows = append(s.Rows, row(what, fmt.Sprint(n), percent(n, of))) }
	picks := r.count(Outcome.faithful)
	add("merged without anybody being asked", r.count(func(o Outcome) bool { return o.Asked == Nobody }), all)
	add("were held back for an error in them, whoever approved", r.count(func(o Outcome) bool { return o.held() && o.byError() }), all)
	add("were held back by a rule without an error in them, whoever approved", r.count(func(o Outcome) bool { return o.held() && !o.byError() }), all)
	add(fmt.Sprintf("passed as faithful cherry-picks, of %d that history shows to be exact or equivalent", picks), r.count(func(o Outcome) bool {
		return o.faithful() && slices.ContainsFunc(o.Final, func(c Check) bool { return strings.HasPrefix(c.Title, "Faithful cherry-pick") })
	}), picks)
	add("were told something twice", r.count(func(o Outcome) bool { return len(o.Doubled) > 0 }), all)
	return s
}

func basis() Section {
	return Section{Title: "What is real, and what is assumed", Head: []string{"", "What"}, Rows: [][]Cell{
		row("Real", "Commits, their files, messages and authors; branches, tags, trigger files, and times. Numbers of pull requests are real where the message of the merge has one."),
		row("Assumed", "A pull request is opened a minute before its merge, with the merge's own files and message. Who has which role, and that whoever Slipway asks approves. Each change on the source branch was approved by its experts. "+
			"The label for a change without a release note; an issue and a justification where one is asked for. Tracking issues, with the dates on which it happened. Jobs succeed. Releases on GitHub. Other repositories."),
		row("Counted", "Verdicts on what is real. What descriptions and labels would have been asked for is told apart."),
		row("Left out", "Merges on the source branch are pushed together, before the next event of a release branch, and have no pull requests that a check looks at. What is looked for regularly is looked for once a week, not once an hour."),
	}}
}

func (r Result) asked() Section {
	s := Section{Title: "Who would have been asked", Head: []string{"Asked", "Cherry-picks", "Others", "Together"}}
	for _, who := range []string{Nobody, Manager, Second, Experts, Held} {
		picks := r.count(func(o Outcome) bool { return o.Asked == who && o.faithful() })
		all := r.count(func(o Outcome) bool { return o.Asked == who })
		s.Rows = append(s.Rows, row(who, fmt.Sprint(picks), fmt.Sprint(all-picks), fmt.Sprintf("%d (%s)", all, percent(all, len(r.Outcomes)))))
	}
	s.Lines = []string{"A line includes those before it: where the experts had to approve, a release manager had. Cherry-picks are those that history alone shows to be exact or equivalent."}
	return s
}

// missing is what was asked for that isn't on record.
func (r Result) missing() Section {
	s := Section{Title: "What descriptions and labels would have been asked for", Head: []string{"Asked for", "How often"}}
	for _, rule := range []string{Issue, Note, Justification, Blocker} {
		if n := r.count(func(o Outcome) bool { return o.Asks(rule) }); n > 0 {
			s.Rows = append(s.Rows, row(rule, fmt.Sprintf("%d (%s)", n, percent(n, len(r.Outcomes)))))
		}
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"Descriptions and labels aren't in a clone: many of these may have had what is asked for. It is no part of the other figures."}
	}
	return s
}

// link is a change with its address on GitHub.
func link(repo string, number int, commit string) Cell {
	if number > 0 {
		return Cell{fmt.Sprintf("%s#%d", repo, number), fmt.Sprintf("https://github.com/%s/pull/%d", repo, number)}
	}
	return Cell{fmt.Sprintf("%s@%.7s", repo, commit), fmt.Sprintf("https://github.com/%s/commit/%s", repo, commit)}
}
