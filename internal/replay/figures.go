package replay

import (
	"fmt"
	"maps"
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
	Triggers  []Trigger
	Trouble   []string // what the program warned of meanwhile
}

// Trigger is a change of a trigger file on record that isn't as it should be, as `slipway backtest triggers` judges it.
type Trigger struct {
	Repo, Branch, File, Commit string
	Day                        string
	Version                    string // as it stands in the file
	Refused                    bool   // else it is warned of
	Why                        string
}

// Report is what people are told of a result: the same on a terminal and on a page.
type Report struct {
	Title    string
	Sections []Section
}

// Section is a part of it: what it says in sentences, and a table, if it has rows.
type Section struct {
	Title string
	Lines []string
	Head  []string
	Rows  [][]Cell
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
	report.Sections = append(report.Sections, r.summary(), basis(), r.asked(), r.reasons(), r.warned(), r.triggers(), r.unaccounted(), r.held(), r.missing(), r.frozen(), r.waits(), r.trackers(), r.cost(), r.machine())
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
	picks := r.count(Outcome.faithful)
	known := r.count(func(o Outcome) bool {
		return o.faithful() && slices.ContainsFunc(o.Final, func(c Check) bool { return strings.HasPrefix(c.Title, "Faithful cherry-pick") })
	})
	alone := r.count(func(o Outcome) bool { return o.Asked == Nobody })
	held := r.count(Outcome.held)
	doubled := r.count(func(o Outcome) bool { return len(o.Doubled) > 0 })
	refused := 0
	for _, t := range r.Triggers {
		if t.Refused {
			refused++
		}
	}
	s.Lines = append(s.Lines,
		fmt.Sprintf("From %s to %s, %d changes were merged that a check looks at. Slipway was told of each as it really was, and what it said before the merge is below.",
			r.Outcomes[0].At.Format(time.DateOnly), r.Outcomes[all-1].At.Format(time.DateOnly), all),
		fmt.Sprintf("%d (%s) would have merged without anybody being asked.", alone, percent(alone, all)),
		fmt.Sprintf("History alone shows %d to be exact or equivalent cherry-picks; Slipway passed %d as faithful.", picks, known),
		fmt.Sprintf("%d (%s) would have been held back, whoever approved, each listed below with why.", held, percent(held, all)),
		fmt.Sprintf("%d changes of trigger files on record would have been refused, and %d warned of.", refused, len(r.Triggers)-refused),
		fmt.Sprintf("Nothing was said twice on %d of %d pull requests.", all-doubled, all))
	return s
}

func basis() Section {
	return Section{Title: "What is real, and what is assumed", Lines: []string{
		"Real: commits, their files, messages and authors, branches, tags, trigger files, and times. Numbers of pull requests are real where the message of the merge has one.",
		"Assumed: that a pull request is opened a minute before its merge with the merge's own files and message; who has which role, and that whoever Slipway asks approves; that each change on the source branch was approved by its experts; " +
			"the label for a change without a release note; an issue and a justification in the description where one is asked for; tracking issues, with the dates on which it happened; that jobs succeed; releases on GitHub; other repositories.",
		"Figures of what was caught and held count verdicts on what is real. What descriptions and labels would have been asked for is told apart.",
		"Merges on the source branch are pushed together, before the next event of a release branch, and have no pull requests that a check looks at. What is looked for regularly is looked for once a day, not once an hour.",
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

func (r Result) triggers() Section {
	s := Section{Title: "Trigger files", Head: []string{"Change", "Day", "Branch", "File", "It said", "What Slipway says"}}
	for _, t := range r.Triggers {
		verdict := "warns: "
		if t.Refused {
			verdict = "refuses: "
		}
		s.Rows = append(s.Rows, append([]Cell{link(t.Repo, 0, t.Commit)}, row(t.Day, t.Branch, t.File, t.Version, verdict+t.Why)...))
	}
	if len(r.Triggers) > 0 {
		s.Lines = []string{"All changes on record of the files that start builds and publishes, of all years, that aren't as they should be."}
	}
	return s
}

// reasons counts why changes were held, the most frequent first.
func (r Result) reasons() Section {
	s := Section{Title: "Why changes would have been held back", Head: []string{"Check", "Why", "How many"}}
	count := map[[2]string]int{}
	var order [][2]string
	for _, o := range r.Outcomes {
		for _, c := range o.Final {
			if why := [2]string{c.Name, c.Title}; o.held() && c.Holds() {
				if count[why]++; count[why] == 1 {
					order = append(order, why)
				}
			}
		}
	}
	slices.SortStableFunc(order, func(a, b [2]string) int { return count[b] - count[a] })
	for _, why := range order {
		s.Rows = append(s.Rows, row(why[0], why[1], fmt.Sprintf("%d (%s)", count[why], percent(count[why], len(r.Outcomes)))))
	}
	return s
}

// warned is what was let through with a word.
func (r Result) warned() Section {
	s := Section{Title: "Warned of, and let through", Head: []string{"Change", "Day", "Branch", "Title", "Check", "Warning"}}
	for _, o := range r.Outcomes {
		for _, c := range o.Final {
			for _, w := range c.Warned {
				s.Rows = append(s.Rows, append([]Cell{link(o.Repo, o.Number, o.Commit)}, row(o.At.Format(time.DateOnly), string(o.Branch), o.Title, c.Name, w)...))
			}
		}
	}
	return s
}

// unaccounted are those that call themselves a pick and come from nowhere.
func (r Result) unaccounted() Section {
	s := Section{Title: "Picks without a source", Head: []string{"Change", "Day", "Branch", "Title"}}
	for _, o := range r.Outcomes {
		text := strings.ToLower(o.Title)
		named := strings.Contains(text, "cherry") || strings.Contains(text, "backport") || strings.Contains(text, "["+strings.ToLower(string(o.Branch))+"]")
		if named && o.Origin.Verdict == provenance.Unrelated && o.Repo == r.Histories[0].Repo {
			s.Rows = append(s.Rows, append([]Cell{link(o.Repo, o.Number, o.Commit)}, row(o.At.Format(time.DateOnly), string(o.Branch), o.Title)...))
		}
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"Their titles say that they belong to the branch, and nothing on the source branch accounts for them. Slipway asks a release manager, or the experts if they are large."}
	}
	return s
}

func (r Result) held() Section {
	s := Section{Title: "Held back", Head: []string{"Change", "Day", "Branch", "Title", "Check", "Why"}}
	for _, o := range r.Outcomes {
		if !o.held() {
			continue
		}
		for _, c := range o.Final {
			if !c.Holds() {
				continue
			}
			why := c.Title
			for _, f := range c.Failed {
				why += ". " + strings.TrimPrefix(f.Name+": "+f.Text, ": ")
			}
			s.Rows = append(s.Rows, append([]Cell{link(o.Repo, o.Number, o.Commit)}, row(o.At.Format(time.DateOnly), string(o.Branch), o.Title, c.Name+" ("+c.Conclusion+")", why)...))
		}
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"With every approval that anybody could give, these would still not have merged."}
	}
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

func (r Result) frozen() Section {
	s := Section{Title: "Freezes", Head: []string{"Branch", "Merged while it was frozen", "of these as exceptions"}}
	type counts struct{ merged, passed int }
	by := map[string]counts{}
	var order []string
	for _, o := range r.Outcomes {
		for _, c := range o.Opened {
			if c.Name != "slipway/freeze" || strings.HasSuffix(c.Title, "is not frozen") {
				continue
			}
			n := by[string(o.Branch)]
			if n.merged++; !c.Holds() {
				n.passed++
			}
			by[string(o.Branch)] = n
			if n.merged == 1 {
				order = append(order, string(o.Branch))
			}
		}
	}
	for _, b := range order {
		s.Rows = append(s.Rows, row(b, fmt.Sprint(by[b].merged), fmt.Sprint(by[b].passed)))
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"By the policy's windows and the days on which releases came out. A release manager's exemption is assumed where one was needed."}
	}
	return s
}

func (r Result) waits() Section {
	s := Section{Title: "How long picks waited", Head: []string{"Branch", "Picks", "Half of them less than", "Nine of ten less than"}}
	by := map[string][]time.Duration{}
	for _, o := range r.Outcomes {
		if o.Origin.Waited > 0 {
			by[string(o.Branch)] = append(by[string(o.Branch)], o.Origin.Waited)
		}
	}
	for _, b := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[b])
		s.Rows = append(s.Rows, row(b, fmt.Sprint(len(by[b])), hours(by[b][len(by[b])/2]), hours(by[b][len(by[b])*9/10])))
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"From the merge of the last source on the source branch to that of the pick."}
	}
	return s
}

func hours(d time.Duration) string { return fmt.Sprintf("%.0f h", d.Hours()) }

func (r Result) trackers() Section {
	s := Section{Title: "Tracking issues", Head: []string{"Release", "Steps with evidence", "Steps ticked by hand, which is assumed", "Closed"}}
	for _, t := range r.Trackers {
		closed := t.At.Format(time.DateOnly)
		if !t.Closed {
			closed = "no: " + t.Unanswered
		}
		s.Rows = append(s.Rows, row(t.Version, strings.Join(t.Evidence, ", "), strings.Join(t.Open, ", "), closed))
	}
	return s
}

func (r Result) cost() Section {
	var sum, most Requests
	for _, h := range r.Hours {
		if sum = sum.Plus(h); h.Reads+h.Writes > most.Reads+most.Writes {
			most = h
		}
	}
	if sum == (Requests{}) {
		return Section{}
	}
	each := make([]int, 0, len(r.Outcomes))
	for _, o := range r.Outcomes {
		each = append(each, o.Requests.Reads+o.Requests.Writes)
	}
	slices.Sort(each)
	s := Section{Title: "What it costs in requests", Lines: []string{
		fmt.Sprintf("%d requests that count to GitHub's limit, %d of them writes; %d more were answered \"not modified\", which cost nothing, and %d were git's.", sum.Reads+sum.Writes, sum.Writes, sum.Unchanged, sum.Git),
		fmt.Sprintf("The busiest hour had %d that count, and %d writes. GitHub allows at least 5,000 an hour, and 500 that create content.", most.Reads+most.Writes, most.Writes),
	}}
	if len(each) > 0 {
		s.Lines = append(s.Lines, fmt.Sprintf("A pull request, from its opening to its merge: %d in half of the cases or less, %d in nine of ten, at most %d.", each[len(each)/2], each[len(each)*9/10], each[len(each)-1]))
	}
	return s
}

func (r Result) machine() Section {
	s := Section{Title: "What the program warned of", Lines: r.Trouble}
	for _, o := range r.Outcomes {
		for _, what := range o.Doubled {
			s.Lines = append(s.Lines, fmt.Sprintf("%s was there twice on %s", what, link(o.Repo, o.Number, o.Commit).Text))
		}
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
