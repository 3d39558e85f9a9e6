package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLanding: what a pull request brought, by GitHub's record of where the base was.
func TestLanding(t *testing.T) {
	one := func(id string, parents ...string) Commit { return Commit{ID: id, Parents: parents} }
	line := func(chain ...string) (list []Commit) { // the newest first
		for i, id := range chain[:len(chain)-1] {
			list = append(list, one(id, chain[i+1]))
		}
		return list
	}
	long := make([]string, 261)
	for i := range long {
		long[i] = strings.Repeat("c", i+1)
	}
	for name, tc := range map[string]struct {
		is    Landed
		want  string // commits
		lacks string // a part of why it can't be told
	}{
		"squash":                      {is: Landed{Merge: one("m", "b"), Move: BranchMove{Before: "b"}, Line: line("m", "b")}, want: "m"},
		"merge":                       {is: Landed{Head: "h", Own: 3, Merge: one("m", "b", "h"), Move: BranchMove{Before: "b"}, Line: []Commit{one("m", "b", "h")}}, want: "m"},
		"merge, onto something older": {is: Landed{Head: "h", Merge: one("m", "a", "h"), Move: BranchMove{Before: "b"}, Line: []Commit{one("m", "a", "h"), one("a", "0")}}, lacks: "doesn't lead back"},
		"merge, after a commit":       {is: Landed{Head: "h", Merge: one("m", "1", "h"), Move: BranchMove{Before: "b"}, Line: append([]Commit{one("m", "1", "h")}, line("1", "b")...)}, want: "m"},
		"more than it has":            {is: Landed{Own: 1, Merge: one("2", "1"), Move: BranchMove{Before: "b"}, Line: line("2", "1", "b")}, lacks: "more commits, 2, than it has itself, 1"},
		"rebase of three":             {is: Landed{Merge: one("3", "2"), Move: BranchMove{Before: "b"}, Line: line("3", "2", "1", "b")}, want: "1 2 3"},
		"260, fast-forwarded":         {is: Landed{Head: "c", Merge: one(long[0], long[1]), Move: BranchMove{Before: long[260]}, Line: line(long...)}, want: "260"},
		"the last of a queue's":       {is: Landed{Merge: one("q3", "q2"), Move: BranchMove{Before: "b"}, Line: line("q3", "q2", "q1", "b"), Others: []string{"q1", "q2"}}, want: "q3"},
		"the first of a queue's": {
			is: Landed{Merge: one("q2", "q1"), Move: BranchMove{Before: "b"}, Line: line("q2", "q1", "b"), Others: []string{"q4"}}, want: "q1 q2"},
		"on top of another's merge": {
			is: Landed{Merge: one("2", "m"), Move: BranchMove{Before: "b"}, Line: append(line("2", "m"), one("m", "b", "x")), Others: []string{"m"}}, want: "2"},
		"another's line, with an earlier merge": {
			is: Landed{Merge: one("2", "1"), Move: BranchMove{Before: "b"}, Line: line("2", "1", "q", "0"), Others: []string{"q"}}, lacks: "doesn't lead back"},
		"an octopus":                 {is: Landed{Head: "h", Merge: one("m", "b", "h", "x")}, lacks: "merges several branches"},
		"ends in a merge of master":  {is: Landed{Head: "m", Merge: one("m", "h", "b")}, lacks: "ends in the merge"},
		"another's merge":            {is: Landed{Head: "h", Merge: one("m", "b", "x")}, lacks: "merges something else"},
		"a merge within":             {is: Landed{Merge: one("3", "2"), Move: BranchMove{Before: "b"}, Line: []Commit{one("3", "2"), one("2", "1", "b")}}, lacks: "holds the merge `2`"},
		"the record is another's":    {is: Landed{Merge: one("3", "2"), Move: BranchMove{Before: "z"}, Line: line("3", "2", "1", "0")}, lacks: "doesn't lead back"},
		"further than what was read": {is: Landed{Merge: one("3", "2"), Move: BranchMove{Before: "b"}, Line: line("3", "2", "1")}, lacks: "doesn't lead back"},
		"the beginning of a history": {is: Landed{Merge: one("m")}, lacks: "begins a history"},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.is.Landing()
			commits := strings.Join(got.Commits, " ")
			if len(got.Commits) == 260 {
				commits = "260"
			}
			if d := cmp.Diff(tc.want, commits); d != "" || (tc.lacks == "") != (got.Unclear == "") || !strings.Contains(got.Unclear, tc.lacks) {
				t.Errorf("%+v%s", got, d)
			}
		})
	}
}
