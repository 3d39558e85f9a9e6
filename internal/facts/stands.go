package facts

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Stands is what a pull request stands for: itself, and, if it is proven to be a faithful
// cherry-pick, its sources. What these say of the change (their labels, milestone, issues and
// reasons) is then said of it, too.
type Stands struct {
	// Faithful says that git has found it to be the change of its sources, and nothing else. What
	// it says of itself is no proof.
	Faithful bool
	// Sources are all that it brings, if not as it is: each with what it is in turn a faithful pick
	// of, down to the first. One that no pull request brought is empty.
	Sources [][]github.PullDetail
}

// All reports whether something is so of each source, or of what that stands for in turn;
// false for one that stands for nothing but itself.
func (s Stands) All(so func(github.PullDetail) bool) bool {
	return s.Faithful && len(s.Sources) > 0 && !slices.ContainsFunc(s.Sources, func(line []github.PullDetail) bool { return !slices.ContainsFunc(line, so) })
}

// Brings reports whether a pull request is proven to be one of the sources, be it adapted.
func (s Stands) Brings(number int) bool {
	return slices.ContainsFunc(s.Sources, func(line []github.PullDetail) bool {
		return slices.ContainsFunc(line, func(one github.PullDetail) bool { return one.Number == number })
	})
}

// StandsFor is what a pull request against a release branch stands for. It asks git: read it only where
// what the pull request says itself doesn't do.
var StandsFor = Fact[int, Stands]{
	Name: "stands for", Fresh: AsMadeOf, Unknown: Hold,
	What: func(int) string { return "What it is a cherry-pick of couldn't be found out" },
	From: []Need{Policy, Detail, Compared, SourceBranch, Pick, PickPull, Words, Issue, Failed, Merged, Commit, Bringer, LeaveOut, History},
	Read: func(l *Look, n int) (Stands, error) { return l.from.Owned.StandsFor(l, n) },
}
