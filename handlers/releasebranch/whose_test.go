package releasebranch

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// source alters what is known of #7.
func source(alter func(*origin)) change {
	return func(f *known) {
		o := f.Origins[theSource]
		alter(&o)
		f.Origins[theSource] = o
	}
}

// TestWhose goes through who made a change, here and on its source, and whose word about
// it counts.
func TestWhose(t *testing.T) {
	const waits, faithful = "Waits for the experts of wg-networking", "Faithful cherry-pick of #7"
	askedBy := func(by github.User) change {
		return func(f *known) {
			f.Pick = reconcile.Pick{Ours: true, Source: 7, AskedBy: []github.User{by}, Finished: effect.Verdict{State: effect.Pass}}
		}
	}
	twoExperts := func(f *known) {
		f.Teams["wg-networking"] = github.Team{Exists: true, Members: []github.User{nan, sam}}
	}
	unclear := func(f *known) { f.Pushes.Unclear = "the repository that it came from is gone" }
	unclearSource := func(o *origin) {
		o.Pushes.Unclear = "GitHub doesn't show who pushed to `fix` of `bob/istio`"
	}
	later := func(f *known) { f.Reviews[len(f.Reviews)-1].At = now.Add(time.Second) }
	direct := func(f *known) { f.Origins[theSource] = origin{} }
	actions := github.User{ID: 41898282, Login: "github-actions[bot]", Bot: true}
	pushedBy := func(by github.User) change {
		return func(f *known) {
			f.Pushes.Moves = []github.HeadMove{{After: before, By: bob}, {Before: before, After: theHead, By: by}}
		}
	}
	objected := source(func(o *origin) { o.Reviews = append(o.Reviews, review(sam, github.ChangesRequested, sourceHead, 7)) })
	for _, tt := range []struct {
		name  string
		facts []change
		title string
	}{
		{"approved by whoever pushed a range that ends with a merge that GitHub made", []change{adapted(3, pilotFile), func(f *known) {
			f.Commits.Commits[0] = github.ComparedCommit{ID: theHead, Parents: []string{before, "2"}, Verified: true, ByGitHub: true}
			f.Pushes.Moves, f.Found.Updates = []github.HeadMove{{Before: "9", After: theHead, By: nan}}, []string{theHead}
		}, reviewed(nan, github.Approved, theHead)}, waits},
		{"approved by whoever pushed what was rewritten since", []change{adapted(3, pilotFile), func(f *known) {
			f.Pushes.Moves = []github.HeadMove{{After: before, By: bob}, {Before: before, After: "9", By: nan}, {Before: "9", After: theHead, By: bob}}
		}, reviewed(nan, github.Approved, theHead)}, waits},
		{"approved, and nobody knows who pushed it", []change{adapted(3, pilotFile), unclear, reviewed(nan, github.Approved, theHead)}, waits},
		{"approved by two, and nobody knows who pushed it", []change{adapted(3, pilotFile), unclear, twoExperts, reviewed(nan, github.Approved, theHead), reviewed(sam, github.Approved, theHead)}, "Adapted cherry-pick of #7, approved"},
		{"by hand, approved by a manager, and nobody knows who pushed it", []change{unrelated(4, pilotFile), unclear, reviewed(alice, github.Approved, theHead)}, "Waits for a release manager's approval"},
		{"approved there by whoever pushed to it", []change{source(func(o *origin) { o.Pushes.Moves = []github.HeadMove{{Before: before, After: sourceHead, By: nan}} })}, waits},
		{"approved here by whoever pushed to its source", []change{source(func(o *origin) {
			o.Reviews, o.Pushes.Moves = nil, []github.HeadMove{{Before: before, After: sourceHead, By: nan}}
		}), reviewed(nan, github.Approved, theHead)}, waits},
		{"approved there by whoever updated it on GitHub", []change{source(func(o *origin) {
			o.Commits = []github.ComparedCommit{{ID: sourceHead, Parents: []string{before, "2"}, Author: nan, ByGitHub: true}}
			o.Pushes.Moves, o.Updates = []github.HeadMove{{Before: before, After: sourceHead, By: nan}}, []string{sourceHead}
		})}, faithful},
		{"approved there by whoever resolved a conflict on GitHub's pages", []change{source(func(o *origin) {
			o.Commits = []github.ComparedCommit{{ID: sourceHead, Parents: []string{before, "2"}, Author: nan, ByGitHub: true}}
		})}, waits},
		{"approved there, and nobody knows who pushed to it", []change{source(unclearSource)}, waits},
		{"approved there by two, and nobody knows who pushed to it", []change{source(unclearSource), twoExperts, source(func(o *origin) {
			o.Reviews = append(o.Reviews, review(sam, github.Approved, sourceHead, 7))
		})}, faithful},
		{"approved there against another base", []change{source(func(o *origin) { o.Past.BaseSince = o.Reviews[0].At })}, waits},
		{"approved there before it was merged, by who then asked for the pick", []change{askedBy(nan), source(func(o *origin) { o.PR.MergedAt = o.Reviews[0].At.Add(time.Second) })}, faithful},
		{"approved there as it was merged, by who asked for the pick", []change{askedBy(nan), source(func(o *origin) { o.PR.MergedAt = o.Reviews[0].At })}, waits},
		{"changes were requested there by an expert", []change{objected, twoExperts}, "Changes of #7 were requested by sam"},
		{"changes were requested there by a stranger", []change{objected}, faithful},
		{"changes were requested there by an expert who approves it here", []change{objected, twoExperts, reviewed(sam, github.Approved, theHead), later}, faithful},
		{"changes were requested there by an expert who had approved it here", []change{objected, twoExperts, reviewed(sam, github.Approved, theHead)}, "Changes of #7 were requested by sam"},
		{"its source was pushed directly, and one approves it", []change{direct, reviewed(nan, github.Approved, theHead)}, waits},
		{"its source was pushed directly, and two approve it", []change{direct, twoExperts, reviewed(nan, github.Approved, theHead), reviewed(sam, github.Approved, theHead)}, "Faithful cherry-pick of 7777777"},
		{"approved, and somebody had a bot push to it", []change{adapted(3, pilotFile), pushedBy(actions), reviewed(nan, github.Approved, theHead)}, waits},
		{"approved, and GitHub Actions opened it", []change{adapted(3, pilotFile), pushedBy(actions), func(f *known) { f.PR.Author = actions }, reviewed(nan, github.Approved, theHead)}, waits},
		{"approved, and a bot opened and pushed it", []change{adapted(3, pilotFile), pushedBy(github.User{ID: 60, Login: "renovate[bot]", Bot: true}), func(f *known) {
			f.PR.Author, f.Pushes.Moves = github.User{ID: 60, Login: "renovate[bot]", Bot: true}, f.Pushes.Moves[1:]
		}, reviewed(nan, github.Approved, theHead)}, "Adapted cherry-pick of #7, approved"},
		{"changes were requested there, and a stranger dismissed that", []change{objected, twoExperts, source(func(o *origin) {
			o.Reviews[1].State, o.Past.Dismissals = github.Dismissed, map[int64]github.Dismissal{o.Reviews[1].ID: {By: bob, Was: github.ChangesRequested}}
		})}, "Changes of #7 were requested by sam"},
		{"changes were requested there, and a manager dismissed that", []change{objected, twoExperts, source(func(o *origin) {
			o.Reviews[1].State, o.Past.Dismissals = github.Dismissed, map[int64]github.Dismissal{o.Reviews[1].ID: {By: alice, Was: github.ChangesRequested}}
		})}, faithful},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := said(t, factsOf(t, "", tt.facts...))
			if pass := !strings.HasPrefix(tt.title, "Waits") && !strings.HasPrefix(tt.title, "Changes"); v.Title != tt.title || (v.State == effect.Pass) != pass {
				t.Errorf("%s: %s, want %s", v.State, v.Title, tt.title)
			}
			golden.Check(t, "check "+tt.name+".md", v.Title+"\n\n"+v.Detail)
		})
	}
}
