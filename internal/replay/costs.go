package replay

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (r Result) frozen() Section {
	s := Section{Title: "Freezes kept and broken", Head: []string{"Branch", "Merged while it was frozen", "Let through by rule", "Needed an exemption"}}
	type counts struct{ merged, passed int }
	by := map[string]counts{}
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
		}
	}
	for _, b := range slices.Sorted(maps.Keys(by)) {
		s.Rows = append(s.Rows, row(b, fmt.Sprint(by[b].merged), fmt.Sprint(by[b].passed), fmt.Sprint(by[b].merged-by[b].passed)))
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"By the policy's windows and the days on which releases came out. A freeze is broken by what needed a release manager's exemption, which is assumed: it was merged."}
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
	s := Section{Title: "Tracking issues", Head: []string{"Release", "Steps ticked by evidence", "Steps ticked by hand", "Closed"}}
	for _, t := range r.Trackers {
		closed := t.At.Format(time.DateOnly)
		if !t.Closed {
			closed = "no: " + t.Unanswered
		}
		s.Rows = append(s.Rows, row(t.Version, fmt.Sprint(len(t.Evidence)), fmt.Sprint(len(t.Open)), closed))
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{"Evidence is what a clone has: tags, files, branches. The other steps are ticked by a release manager when the release is out, which is assumed."}
	}
	return s
}

// steps are those of the tracking issues by name.
func (r Result) steps() Section {
	s := Section{Title: "Each step of the tracking issues", Folded: true, Head: []string{"Release", "Ticked by evidence", "Ticked by hand, which is assumed"}}
	for _, t := range r.Trackers {
		s.Rows = append(s.Rows, row(t.Version, strings.Join(t.Evidence, ", "), strings.Join(t.Open, ", ")))
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
