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
func (f facts) expert(a area, who github.User) bool {
	if a.Managers && f.Managers.IDs[who.ID] {
		return true
	}
	if slices.ContainsFunc(a.Users, func(login string) bool { return strings.EqualFold(login, who.Login) }) {
		return true
	}
	return slices.ContainsFunc(a.Teams, func(slug string) bool {
		return slices.ContainsFunc(f.Teams[slug].Members, func(m github.User) bool { return m.ID == who.ID })
	})
}

// barred says why somebody can't approve this change, as a phrase; "" if they
// can. Whoever made it, or asked for it, is not a second pair of eyes. What a
// commit says of its author is only taken against people, never for them.
func (f facts) barred(who github.User) string {
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
func (f facts) updatedOnGitHub() bool {
	return slices.ContainsFunc(f.Commits.Commits, func(c github.ComparedCommit) bool {
		return c.ID == f.PR.Head && c.ByGitHub && slices.Contains(f.Found.Updates, c.ID)
	})
}

// votes are the approvals of those who may give them, for paths. entitled tells
// who that is.
func (f facts) votes(paths []string, entitled func(github.User) bool) []vote {
	var votes []vote
	for _, r := range f.Reviews {
		if r.State != github.Approved || !entitled(r.Author) {
			continue
		}
		v := vote{Who: r.Author, On: f.PR.Number, URL: r.URL, Lost: f.barred(r.Author)}
		if v.Lost == "" {
			v.Lost = f.outdated(r, paths)
		}
		votes = append(votes, v)
	}
	return votes
}

// outdated says why an approval no longer holds for paths, as a phrase; "" if it
// does.
func (f facts) outdated(r github.Review, paths []string) string {
	if r.Commit == f.PR.Head {
		return ""
	}
	moved, known := f.Found.Moved[r.Commit]
	switch {
	case !known:
		return "approved a commit that is too long ago to compare"
	case moved.Unknown != "":
		return "approved " + effect.Code(effect.Short(r.Commit)) + ", and nobody can tell what has changed since: " + moved.Unknown
	}
	for _, p := range moved.Paths {
		if slices.Contains(paths, p) {
			return "approved it before " + effect.Code(p) + " was changed"
		}
	}
	return ""
}

// here are the votes for an area on this pull request.
func (f facts) here(a area) []vote {
	return f.votes(a.Paths, func(u github.User) bool { return f.expert(a, u) })
}

// managed are the votes of release managers, for the whole change.
func (f facts) managed() []vote {
	var paths []string
	for _, c := range f.Found.Files {
		paths = append(paths, c.Path, c.Was)
	}
	return f.votes(paths, func(u github.User) bool { return f.Managers.IDs[u.ID] })
}

// inherited are the votes for an area on the sources. Each source that has to do
// with the area needs enough of them: lacking is the first that hasn't, as a phrase.
func (f facts) inherited(a area) (votes []vote, lacking string) {
	lacking = "no source changes them"
	for _, source := range f.Found.Sources {
		o := f.Origins[source.Commit]
		switch {
		case o.PR.Number == 0:
			return nil, effect.Code(effect.Short(source.Commit)) + " came without a pull request"
		case o.Paths != nil && !a.touches(o.Paths):
			continue
		}
		n := len(votes)
		for _, r := range o.Reviews {
			if r.State == github.Approved && f.expert(a, r.Author) && r.Author.ID != o.PR.Author.ID {
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

// objections are the reviews that hold the change back: of experts of an area,
// and of release managers.
func (f facts) objections(areas []area) []github.Review {
	var list []github.Review
	for _, r := range f.Reviews {
		owner := f.Managers.IDs[r.Author.ID] || slices.ContainsFunc(areas, func(a area) bool { return f.expert(a, r.Author) })
		if r.State == github.ChangesRequested && owner {
			list = append(list, r)
		}
	}
	return list
}
