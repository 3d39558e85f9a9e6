package freeze

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestUrgentFirst: who is reached first when an edge passes, of those that the list shows
// in the order of the rows.
func TestUrgentFirst(t *testing.T) {
	here, fork := github.Repo{Owner: "istio", Name: "istio"}, github.Repo{Owner: "mallory", Name: "istio"}
	bob, mallory, bot := github.User{ID: 1, Login: "bob"}, github.User{ID: 2, Login: "mallory"}, github.User{ID: 3, Login: "slipway[bot]", Bot: true}
	said := func(by int64, state github.ReviewState) github.Remembered {
		return github.Remembered{ReviewsKnown: true, Reviews: []github.Review{{Author: github.User{ID: by}, State: state}}}
	}
	run := func(name string) github.Remembered {
		r := said(9, github.Approved)
		r.Runs = []github.RememberedRun{{Name: name, Title: "No", Holds: true}}
		return r
	}
	type shown struct {
		by    github.User
		from  github.Repo
		draft bool
		seen  github.Remembered
		times int // so many like it, 0 for one
	}
	approved, unknown := said(9, github.Approved), github.Remembered{}
	for name, c := range map[string]struct {
		list []shown
		want string // their numbers, which count from 1 in the order of the list
	}{
		"nothing is known: as they are listed":           {[]shown{{by: bob, from: fork}, {by: mallory, from: fork}, {by: bob, from: here}}, "1 2 3"},
		"approved first":                                 {[]shown{{by: mallory, from: fork}, {by: bob, from: fork, seen: approved}}, "2 1"},
		"by its author is no approval":                   {[]shown{{by: mallory, from: fork}, {by: bob, from: fork, seen: said(bob.ID, github.Approved)}}, "1 2"},
		"a comment is no approval":                       {[]shown{{by: mallory, from: fork}, {by: bob, from: fork, seen: said(9, github.Commented)}}, "1 2"},
		"changes are requested":                          {[]shown{{by: bob, from: fork, seen: said(9, github.ChangesRequested)}, {by: mallory, from: fork}}, "2 1"},
		"conflicts":                                      {[]shown{{by: bob, from: fork, seen: github.Remembered{Conflicts: true}}, {by: mallory, from: fork}}, "2 1"},
		"a draft":                                        {[]shown{{by: bob, from: fork, draft: true, seen: approved}, {by: mallory, from: fork}}, "2 1"},
		"held by another check":                          {[]shown{{by: bob, from: fork, seen: run("slipway/release-branch")}, {by: mallory, from: fork}}, "2 1"},
		"held by the freeze, which ends just now":        {[]shown{{by: mallory, from: fork}, {by: bob, from: fork, seen: run(CheckName)}}, "2 1"},
		"a stranger's few are as others'":                {[]shown{{by: mallory, from: fork, times: 5}, {by: bob, from: fork}}, "1 2 3 4 5 6"},
		"a stranger's many come last":                    {[]shown{{by: mallory, from: fork, times: 7}, {by: bob, from: fork}}, "1 2 3 4 5 8 6 7"},
		"also approved by a friend of theirs":            {[]shown{{by: mallory, from: fork, times: 7, seen: approved}, {by: bob, from: fork, seen: run("slipway/x")}}, "1 2 3 4 5 8 6 7"},
		"of the many, the few are those nearest a merge": {[]shown{{by: mallory, from: fork, times: 6}, {by: mallory, from: fork, seen: approved}, {by: bob, from: fork}}, "7 1 2 3 4 8 5 6"},
		"of a fork that is gone":                         {[]shown{{by: mallory, times: 6}, {by: bob, from: fork}}, "1 2 3 4 5 7 6"},
		"who may push here is no stranger":               {[]shown{{by: mallory, from: here, times: 7}, {by: bob, from: fork}}, "1 2 3 4 5 6 7 8"},
		"our own picks are nobody's flood":               {[]shown{{by: bot, from: here, times: 7}, {by: bob, from: fork, seen: unknown}}, "1 2 3 4 5 6 7 8"},
		"however the repository is spelt":                {[]shown{{by: mallory, from: github.Repo{Owner: "Istio", Name: "Istio"}, times: 7}, {by: bob, from: fork}}, "1 2 3 4 5 6 7 8"},
	} {
		t.Run(name, func(t *testing.T) {
			var open []github.PullRequest
			seen := map[int]github.Remembered{}
			for _, s := range c.list {
				for range max(1, s.times) {
					n := len(open) + 1
					open = append(open, github.PullRequest{Number: n, Author: s.by, HeadRepo: s.from, Draft: s.draft})
					seen[n] = s.seen
				}
			}
			var got []string
			for _, pr := range urgentFirst(here, open, seen) {
				got = append(got, fmt.Sprint(pr.Number))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, " "), c.want)
			}
		})
	}
}
