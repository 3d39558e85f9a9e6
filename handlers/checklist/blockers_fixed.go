package checklist

// This file finds out of closed blockers whether their fix is on the release's branch.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// closedOne is a blocker that is closed; pull says that it is a pull request.
type closedOne struct {
	facts.Blocker
	pull bool
	at   time.Time     // when it was last changed
	left *github.Issue // it as it is now, where no list of blockers shows it any more
}

// addClosed adds those of the closed ones whose fix isn't on the release's branch.
func (b *blocking) addClosed(l *facts.Look, closed []closedOne) error {
	closed = slices.DeleteFunc(closed, func(one closedOne) bool { return b.freed(one.Blocker) || !b.lookClosely() })
	var issues []github.Edition
	for _, one := range closed {
		if !one.pull {
			issues = append(issues, github.Edition{Number: one.Number, At: one.at})
		}
	}
	fixes, unread := b.h.GitHub.Fixes(l.Context(), l.Repo, issues)
	if unread != nil && limited(unread) {
		return unread
	}
	for _, c := range closed {
		of, err := fixes[c.Number], unread
		if c.pull {
			of, err = b.itself(l, c.Number)
		}
		one := c.Blocker
		if err == nil {
			one.Fixes, one.Unclear, err = b.unpicked(of)
		}
		if err != nil && limited(err) {
			return err
		}
		if err != nil {
			one.Unclear = "what fixed it is unknown: " + effect.Inert(troubleOf(err), maxReason)
		}
		if len(one.Fixes) == 0 && one.Unclear == "" {
			continue
		}
		if c.left != nil {
			if let, err := b.takenOff(l, *c.left, &one); err != nil || let {
				if err != nil {
					return err
				}
				continue
			}
		}
		b.All = append(b.All, one)
	}
	return nil
}

// itself is a merged pull request that is a blocker, which fixes itself.
func (b *blocking) itself(l *facts.Look, number int) (of github.Fixes, err error) {
	pr, err := b.h.From.GitHub.CachedPull(l.Context(), l.Repo, number)
	if err != nil || !pr.Merged || pr.Base == b.Branch {
		return of, err
	}
	one, err := b.h.From.GitHub.CachedPullDetail(l.Context(), l.Repo, number)
	of.List = []github.Fix{fixOf(l.Repo, one)}
	return of, err
}

func fixOf(repo github.Repo, pr github.PullDetail) github.Fix {
	return github.Fix{Repo: repo, Number: pr.Number, URL: pr.URL, Base: pr.Base, Merged: pr.Merged, Commit: pr.MergeCommit}
}

// unpicked are those of some fixes that are merged and not where they have to be; unclear
// says why nobody can tell of one.
func (b *blocking) unpicked(of github.Fixes) (missing []facts.MissingFix, unclear string, err error) {
	if of.More {
		unclear = "more pull requests say that they fix it than are looked at"
	}
	list, err := b.counted(of.List)
	if err != nil {
		return nil, "", err
	}
	for _, f := range list {
		there := false
		if f.Pick, there, err = b.onBranch(f); err != nil && limited(err) {
			return nil, "", err
		}
		switch {
		case err != nil:
			unclear = fmt.Sprintf("whether its fix %s is on %s is unknown: %s", effect.Code(fmt.Sprintf("%s#%d", f.Repo, f.Number)), effect.Code(string(f.Onto)), effect.Inert(troubleOf(err), maxReason))
		case !there:
			missing = append(missing, f)
		}
	}
	return missing, unclear, nil
}

// counted are the fixes that have to get to the release.
func (b *blocking) counted(fixes []github.Fix) ([]facts.MissingFix, error) {
	var all []facts.MissingFix
	for _, f := range fixes {
		if !f.Merged || !strings.EqualFold(f.Repo.Owner, b.home.Repo.Owner) || f.Repo != b.home.Repo && !b.s.lists(f.Repo) {
			continue
		}
		one, err := b.aimed(f)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return lacking(all, b.Branch), nil
}

// aimed is a fix with the branch that it has to be on: the release's, or the source branch as long
// as that isn't cut. A pick of ours onto yet another branch is as good as its source.
func (b *blocking) aimed(f github.Fix) (one facts.MissingFix, err error) {
	l, _, err := b.home.Elsewhere(f.Repo)
	if err != nil {
		return one, err
	}
	source, err := facts.SourceBranch.Of(l, facts.Whole{})
	if err != nil {
		return one, err
	}
	one.Onto = b.Branch
	if tip, err := facts.Tip.Of(l, b.Branch); err != nil || tip == "" {
		if one.Onto = source; err != nil {
			return one, err
		}
	}
	astray := func() bool { return f.Base != b.Branch && f.Base != source }
	if astray() {
		pick, err := facts.Pick.Of(l, f.Number)
		if err != nil {
			return one, err
		}
		if pick.Source != 0 {
			of, err := facts.Detail.Of(l, pick.Source)
			if err != nil {
				return one, err
			}
			f = fixOf(l.Repo, of)
		}
	}
	one.Fix, one.Astray = f, astray()
	return one, nil
}

// lacking leaves out those of some fixes that are where they have to be. What was merged into
// another branch counts only where its repository has no other: it is mostly the same fix, for
// another release.
func lacking(all []facts.MissingFix, branch release.Branch) (list []facts.MissingFix) {
	for _, f := range all {
		other := func(o facts.MissingFix) bool { return o.Repo == f.Repo && !o.Astray }
		double := func(o facts.MissingFix) bool { return o.Repo == f.Repo && o.Number == f.Number }
		if f.Base != branch && f.Base != f.Onto && !slices.ContainsFunc(list, double) && (!f.Astray || !slices.ContainsFunc(all, other)) {
			list = append(list, f)
		}
	}
	return list
}

func (b *blocking) onBranch(f facts.MissingFix) (pick facts.PickStanding, there bool, err error) {
	l, _, err := b.home.Elsewhere(f.Repo)
	if err != nil {
		return pick, false, err
	}
	pick, err = facts.PickState.Of(l, facts.PickOnto{Source: f.Number, Branch: f.Onto})
	if err != nil || pick.There {
		return pick, err == nil, err
	}
	there, err = b.h.GitHub.Holds(l.Context(), f.Repo, f.Onto, f.Commit)
	return pick, there, err
}
