package bench

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// What differs from one run of a play to the next, and means nothing: addresses,
// instants, versions of records, their seals, ids and commits.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d\d:\d\d UTC\b|"rev":\d+|seal:[0-9a-f]+|\b\d{6,}\b|\b[0-9a-f]{7,40}\b`)

var dateForm = regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`)

// same takes out of a text what differs from run to run. Days are counted from
// the one on which the run began.
func same(text string, today time.Time) string {
	text = changing.ReplaceAllString(text, "*")
	text = strings.ReplaceAll(text, "it is so already: ", "") // of what was done before the kill
	return dateForm.ReplaceAllStringFunc(text, func(day string) string {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return day
		}
		return fmt.Sprintf("{%+d}", int(at.Sub(today.UTC().Truncate(24*time.Hour)).Hours()/24))
	})
}

// playState is all that stands on GitHub after a play, as lines.
func playState(gh *sandbox.Server, today time.Time) string {
	var b strings.Builder
	for _, repo := range playRepos {
		fmt.Fprintf(&b, "== %s\nbranches %v\ntags %v\nlabels %v\n", repo, gh.Branches(repo), gh.Tags(repo), gh.Labels(repo))
		for _, m := range gh.Milestones(repo) {
			fmt.Fprintf(&b, "milestone %s %s %s\n", m.Title, m.State, m.Due.Format(time.DateOnly))
		}
		for _, branch := range gh.Branches(repo) {
			fmt.Fprintf(&b, "commits of %s: %q\n", branch, gh.Commits(repo, branch))
		}
		for _, i := range gh.Issues(repo) {
			fmt.Fprintf(&b, "issue %d %s %s by %s %q %v %s\n%s\n", i.Number, i.State, i.StateReason, i.Author, i.Title, i.Labels, i.Milestone, i.Body)
			b.WriteString(threadState(gh, repo, i.Number))
		}
		for _, pr := range gh.PRs(repo) {
			fmt.Fprintf(&b, "pull request %d %s merged %t by %s %q %s to %s %v\n%s\n", pr.Number, pr.State, pr.Merged, pr.Author, pr.Title, pr.Head, pr.Base, pr.Labels, pr.Body)
			b.WriteString(threadState(gh, repo, pr.Number))
			b.WriteString(checkState(gh, repo, pr.HeadSHA))
		}
	}
	return same(b.String(), today)
}

// threadState are an issue's comments. Which of two answers came first is nobody's
// promise.
func threadState(gh *sandbox.Server, repo string, n int) string {
	var said []string
	for _, c := range gh.Comments(repo, n) {
		said = append(said, fmt.Sprintf("comment of %s: %s\n", c.Author, c.Body))
	}
	slices.Sort(said)
	return strings.Join(said, "")
}

// checkState are a commit's checks, those that others replaced too: a check that
// was made twice shows.
func checkState(gh *sandbox.Server, repo, commit string) string {
	var runs []string
	for _, r := range gh.CheckRuns(repo, commit) {
		runs = append(runs, fmt.Sprintf("check %s %s %s: %s\n%s\n", r.Name, r.Status, r.Conclusion, r.Title, r.Summary))
	}
	slices.Sort(runs)
	return strings.Join(runs, "")
}

// Difference says what one state has that the other hasn't, "" for nothing.
func Difference(got, want string) string {
	if got == want {
		return ""
	}
	only := func(x, y string) string {
		lines := strings.Split(y, "\n")
		return strings.Join(slices.DeleteFunc(strings.Split(x, "\n"), func(l string) bool { return slices.Contains(lines, l) }), "\n")
	}
	return fmt.Sprintf("it lacks\n%s\nand has\n%s\n(%d lines, and not %d)", only(want, got), only(got, want), strings.Count(got, "\n"), strings.Count(want, "\n"))
}
