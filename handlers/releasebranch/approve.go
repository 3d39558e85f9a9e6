package releasebranch

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// vote is an approval that counts, or the reason for which it doesn't.
type vote struct {
	Who  github.User
	On   int // the pull request that was approved
	URL  string
	Lost string // why it doesn't count, as a phrase that follows the name
}

// counted are the votes that count.
func counted(votes []vote) []vote {
	return slices.DeleteFunc(slices.Clone(votes), func(v vote) bool { return v.Lost != "" })
}

// expert reports whether somebody is one of an area's experts.
func (f known) expert(a area, who github.User) bool {
	if a.Managers && f.manages(who) {
		return true
	}
	if f.Writers[who.ID] && slices.ContainsFunc(a.Users, func(login string) bool { return strings.EqualFold(login, who.Login) }) {
		return true
	}
	return slices.ContainsFunc(a.Teams, func(slug string) bool { return f.inTeam(slug, who) })
}

// barred says why somebody can't approve this change, as a phrase; "" if they
// can. Whoever made it, or asked for it, is not a second pair of eyes. What a
// commit says of its author is only taken against people, never for them.
func (f known) barred(who github.User) string {
	switch {
	case who.ID == f.PR.Author.ID:
		return "opened it"
	case who.ID == f.PushedBy && !f.updatedOnGitHub():
		return "pushed its newest commit"
	case slices.ContainsFunc(f.Pick.AskedBy, func(u github.User) bool { return u.ID == who.ID }):
		return "asked for this cherry-pick"
	case slices.ContainsFunc(f.Commits.Commits, func(c github.ComparedCommit) bool {
		return (c.Author.ID == who.ID || c.Committer.ID == who.ID) && !slices.Contains(f.Found.Updates, c.ID)
	}):
		return "made commits of it"
	}
	return ""
}

// updatedOnGitHub reports a head that GitHub itself made of merging the branch:
// who pressed that button has pushed nothing of their own.
func (f known) updatedOnGitHub() bool {
	return slices.ContainsFunc(f.Commits.Commits, func(c github.ComparedCommit) bool {
		return c.ID == f.PR.Head && c.ByGitHub && slices.Contains(f.Found.Updates, c.ID)
	})
}

// votes are the approvals of those who may give them. entitled tells who that is,
// and concerns whether a path that has changed since matters.
func (f known) votes(entitled func(github.User) bool, concerns func(path string) bool) []vote {
	var votes []vote
	for _, r := range f.Reviews {
		if r.State != github.Approved || !entitled(r.Author) {
			continue
		}
		v := vote{Who: r.Author, On: f.PR.Number, URL: r.URL, Lost: f.barred(r.Author)}
		if v.Lost == "" {
			v.Lost = f.outdated(r, concerns)
		}
		votes = append(votes, v)
	}
	return votes
}

// outdated says why an approval no longer holds, as a phrase; "" if it does. What
// was approved against another base was another change.
func (f known) outdated(r github.Review, concerns func(path string) bool) string {
	switch {
	case r.At.Before(f.Past.BaseSince):
		return "approved it while it was against another branch"
	case r.Commit == f.PR.Head:
		return ""
	}
	moved, known := f.Found.Moved[r.Commit]
	switch {
	case !known:
		return "approved a commit that is too long ago to compare"
	case moved.Unknown != "":
		return "approved " + effect.Code(effect.Short(r.Commit)) + ", and what has changed since is unknown: " + moved.Unknown
	}
	for _, p := range moved.Paths {
		if concerns(p) {
			return "approved it before " + effect.Code(p) + " was changed"
		}
	}
	return ""
}

// here are the votes for an area on this pull request.
func (f known) here(a area) []vote {
	return f.votes(func(u github.User) bool { return f.expert(a, u) }, func(path string) bool { return f.concerns(a, path) })
}

// concerns reports whether a path is an area's, be it still in the change or not:
// a file that was dropped may have been why the rest was approved.
func (f known) concerns(a area, path string) bool {
	if slices.Contains(a.Paths, path) {
		return true
	}
	return !f.Settings.spared(path) && slices.ContainsFunc(f.scope().at(path), func(o area) bool { return o.Name == a.Name })
}

// managed are the votes of release managers, for the whole change.
func (f known) managed() []vote {
	return f.votes(f.manages, func(string) bool { return true })
}

// inherited are the votes for an area on the sources. Each source that has to do
// with the area needs enough of them: lacking is the first that hasn't, as a phrase.
func (f known) inherited(a area) (votes []vote, lacking string) {
	lacking = "no source changes them"
	for _, source := range f.Found.Sources {
		o := f.Origins[source.Commit]
		switch {
		case o.PR.Number == 0:
			return nil, effect.Code(effect.Short(source.Commit)) + " came without a pull request"
		case f.brought(source.Commit, a):
		default:
			continue
		}
		n := len(votes)
		for _, r := range o.Reviews {
			if r.State == github.Approved && f.expert(a, r.Author) && o.lost(r) == "" {
				votes = append(votes, vote{Who: r.Author, On: o.PR.Number, URL: r.URL})
			}
		}
		if len(votes)-n < a.Approvals {
			return nil, numberOf(o.PR.Number) + " wasn't approved by enough of them"
		}
		lacking = ""
	}
	return votes, lacking
}

// brought reports whether a source has to do with an area of the change. A
// finding that doesn't say what a source brought leaves it with all of it.
func (f known) brought(commit string, a area) bool {
	paths, known := f.Found.Brought[commit]
	return !known || a.touches(paths)
}

// objection is a review that holds the change back.
type objection struct {
	github.Review
	Dismissed github.User // who dismissed it without the right to; zero: nobody
}

// objections are the reviews of experts and release managers that hold the change
// back. One holds until whoever wrote it, or a release manager, lifts it: GitHub
// lets everybody dismiss it who may push.
func (f known) objections(areas []area) []objection {
	var list []objection
	for _, r := range f.Reviews {
		owner := f.manages(r.Author) || slices.ContainsFunc(areas, func(a area) bool { return f.expert(a, r.Author) })
		past := f.Past.Dismissals[r.ID]
		switch {
		case !owner:
		case r.State == github.ChangesRequested:
			list = append(list, objection{Review: r})
		case r.State == github.Dismissed && past.Was == github.ChangesRequested && past.By.ID != r.Author.ID && !f.manages(past.By):
			list = append(list, objection{r, past.By})
		}
	}
	return list
}
