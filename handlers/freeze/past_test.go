package freeze

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// TestPast: what comes onto a frozen branch, who did it, and what of it is told.
func TestPast(t *testing.T) {
	now, soon := noon, noon.Add(time.Hour)
	first, second := strings.Repeat("1", 40), strings.Repeat("2", 40)
	frozen := with(aFreeze("release-1.30"), func(f *Freeze) { f.Since = now.Add(-time.Hour) })
	exempt := func(e Exemption) Freeze {
		return with(frozen, func(f *Freeze) { f.Exemptions = []Exemption{e} })
	}
	merged := func(change func(*github.PullRequest)) []github.PullRequest {
		pr := pull("release-1.30")
		pr.State, pr.Merged, pr.MergedAt, pr.Title = github.Closed, true, now.Add(-time.Minute), "Fix @everyone | <b>"
		change(&pr)
		return []github.PullRequest{pr}
	}
	as := func(*github.PullRequest) {}
	move := func(kind github.MoveKind, before, after string, by int64, at time.Duration) github.BranchMove {
		return github.BranchMove{Kind: kind, Before: before, After: after, By: github.User{ID: by, Login: "root"}, At: now.Add(at)}
	}
	made := move(github.BranchMade, "", first, 8, -3*time.Hour)
	for name, tc := range map[string]struct {
		freeze Freeze
		pulls  []github.PullRequest
		moves  []github.BranchMove
		tip    string
		told   int
		late   bool // GitHub doesn't show all yet
	}{
		"nothing":                         {freeze: frozen, moves: []github.BranchMove{made}, tip: first},
		"not frozen":                      {freeze: with(frozen, func(f *Freeze) { f.Branches = []string{"release-1.29"} }), moves: []github.BranchMove{move(github.MovedByPush, first, second, 8, -time.Minute)}, tip: second},
		"merged":                          {freeze: frozen, pulls: merged(as), told: 1},
		"merged by exemption":             {freeze: exempt(row(head, soon)), pulls: merged(as)},
		"merged with another's commit":    {freeze: exempt(row(second, soon)), pulls: merged(as), told: 1},
		"merged after the exemption":      {freeze: exempt(row(head, now.Add(-2*time.Minute))), pulls: merged(as), told: 1},
		"merged by an account's right":    {freeze: frozen, pulls: merged(func(pr *github.PullRequest) { pr.Author.ID = 99 }), moves: []github.BranchMove{move(github.MovedByPush, "", head, 99, -4*time.Hour)}, tip: head},
		"an account's, pushed by another": {freeze: frozen, pulls: merged(func(pr *github.PullRequest) { pr.Author.ID = 99 }), told: 1},
		"pushed":                          {freeze: frozen, moves: []github.BranchMove{move(github.MovedByPush, first, second, 8, -time.Minute), made}, tip: second, told: 1},
		"pushed in the very second":       {freeze: frozen, moves: []github.BranchMove{move(github.MovedByPush, first, second, 8, -time.Hour), made}, tip: second, told: 1},
		"pushed before":                   {freeze: frozen, moves: []github.BranchMove{move(github.MovedByPush, first, second, 8, -2*time.Hour)}, tip: second},
		"pushed by us":                    {freeze: frozen, moves: []github.BranchMove{move(github.MovedByPush, first, second, 77, -time.Minute), made}, tip: second},
		"forced":                          {freeze: frozen, moves: []github.BranchMove{move(github.MovedByForce, first, second, 8, -time.Minute), made}, tip: second, told: 1},
		"merged by its moves":             {freeze: frozen, moves: []github.BranchMove{move("pr_merge", first, second, 8, -time.Minute), made}, tip: second},
		"cut while it is frozen":          {freeze: frozen, moves: []github.BranchMove{move(github.BranchMade, "", first, 8, -time.Minute)}, tip: first},
		"deleted and made anew": {freeze: frozen, moves: []github.BranchMove{
			move(github.BranchMade, "", second, 8, -time.Minute), move(github.BranchDeleted, first, "", 0, -2*time.Minute), made}, tip: second, told: 2},
		"not shown yet": {freeze: frozen, moves: []github.BranchMove{made}, tip: second, late: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, tc.freeze)
			s.merged, s.moves, s.tip, s.unseen = tc.pulls, tc.moves, tc.tip, true
			s.pull.Author.ID = 99
			s.pull.Head = head
			p := s.plan(t, "past/release-1.30")
			if len(p.Effects) != tc.told || p.RequeueAt.IsZero() == tc.late {
				t.Errorf("%s: %d told, again at %s\n%s", p.Reason, len(p.Effects), p.RequeueAt, texts(p.Effects))
			}
		})
	}
	at := noon.Add(time.Minute)
	push := func(kind github.MoveKind) passed {
		return passed{Freeze: frozen, Branch: "release-1.30", Move: github.BranchMove{Kind: kind, Before: first, After: second, By: github.User{ID: 8, Login: "root"}, At: at}}
	}
	by := func(e ...Exemption) passed {
		pr := github.PullDetail{PullRequest: merged(as)[0], MergedBy: github.User{Login: "root"}, MergeCommit: second}
		pr.MergedAt = at
		return passed{Freeze: with(frozen, func(f *Freeze) { f.Exemptions = e }), Branch: "release-1.30", Pull: &pr}
	}
	var all []string
	for _, p := range []passed{by(), by(row(second, noon)), by(row(head, noon)), push(github.MovedByPush), push(github.MovedByForce), push(github.BranchDeleted), push(github.BranchMade)} {
		all = append(all, pastNotice(p, nothing(t).Policy))
	}
	all = append(all, pastNotice(passed{Freeze: frozen, Branch: "release-1.30", Move: github.BranchMove{Kind: github.MovedByPush, After: second, At: at}}, nothing(t).Policy))
	golden.Check(t, "past.md", strings.Join(all, "\n\n---\n\n")+"\n")
}
