package releasebranch

import (
	"cmp"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// vote is an approval that counts, or the reason for which it doesn't.
type vote struct {
	Who  github.User
	On   int // the pull request that was approved
	URL  string
	At   time.Time
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
	if f.Writers[who.ID] >= github.Write && a.names(who) {
		return true
	}
	return slices.ContainsFunc(a.Teams, func(slug string) bool { return f.inTeam(slug, who) && !containsFold(a.Mute, slug) })
}

// powerless are the approvals of owners who may not push, by their login or as members of a
// team: on GitHub itself they own nothing.
func (f known) powerless(a area) (votes []vote) {
	all := []submission{f.own()}
	for _, o := range f.sources() {
		all = append(all, o.submission)
	}
	for _, p := range all {
		for _, r := range p.Reviews {
			if r.State != github.Approved || f.expert(a, r.Author) {
				continue
			}
			v := vote{Who: r.Author, On: p.PR.Number, URL: r.URL, At: r.At}
			if a.names(r.Author) {
				v.Lost = "may not push here, and so owns nothing"
			}
			for _, slug := range a.Teams {
				if v.Lost == "" && f.inTeam(slug, r.Author) {
					v.Lost = "is of the team " + effect.Code(slug) + ", which may not push here, and so owns nothing"
				}
			}
			if v.Lost != "" {
				votes = append(votes, v)
			}
		}
	}
	return votes
}

// own is the pull request as it was reviewed.
func (f known) own() submission {
	return submission{PR: f.PR, Asked: f.Pick.AskedBy, Asker: f.Asker, Commits: f.Commits.Commits, Updates: f.Found.Updates, Pushes: f.Pushes,
		Reviews: f.Reviews, Past: f.Past, Moved: f.Found.Moved}
}

// sources are the pull requests that the change comes from; none where it is no pick.
func (f known) sources() (list []origin) {
	for _, s := range f.Found.Sources {
		if o := f.Origins[s.Commit]; o.PR.Number != 0 && f.Found.Verdict != provenance.Unrelated {
			list = append(list, o)
		}
	}
	return list
}

// unclear says why somebody may have made of the change who isn't known, as a phrase; ""
// if all are known. One approval more is asked for then, since one may be theirs.
func (f known) unclear() string {
	why := f.own().unclear()
	if f.Found.Verdict == provenance.Unrelated {
		return why
	}
	for _, s := range f.Found.Sources {
		why = cmp.Or(why, f.Origins[s.Commit].unclear(s.Commit))
	}
	return why
}

// unclear is of a source that came as a commit.
func (o origin) unclear(commit string) string {
	why := o.submission.unclear()
	switch {
	case o.PR.Number == 0:
		return "no pull request brought " + effect.Code(effect.Short(commit))
	case why == "":
		return ""
	}
	return "of " + numberOf(o.PR.Number) + " " + why
}

// more is what is asked for beyond the policy's number of approvals.
func more(unclear string) int {
	if unclear == "" {
		return 0
	}
	return 1
}

// votes are the approvals here of those who may give them. Who made a source has made
// what is picked from it.
func (f known) votes(entitled func(github.User) bool, concerns func(path string) bool) []vote {
	votes := f.own().votes(entitled, concerns)
	for i, v := range votes {
		for _, o := range f.sources() {
			if made := o.made(v.Who); made != "" && votes[i].Lost == "" {
				votes[i].Lost = made + " " + numberOf(o.PR.Number) + ", from which this is picked"
			}
		}
	}
	return votes
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
		there := f.there(o, a)
		if len(counted(there)) < a.Approvals+more(o.unclear(source.Commit)) {
			return there, numberOf(o.PR.Number) + " wasn't approved by enough of them"
		}
		votes = append(votes, counted(there)...)
		lacking = ""
	}
	return votes, lacking
}

// there are the votes for an area on a source. Whoever has made the pick, or asked for
// it, is heard on its source only for what they said before that was merged.
func (f known) there(o origin, a area) []vote {
	votes := o.votes(func(u github.User) bool { return f.expert(a, u) }, func(string) bool { return true })
	for i, v := range votes {
		if barred := f.own().barred(v.Who); barred != "" && v.Lost == "" && !v.At.Before(o.PR.MergedAt) {
			votes[i].Lost = barred + ", and approved " + numberOf(v.On) + " only once that was merged"
		}
	}
	return votes
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
	On        int         // the pull request that it is about
	Dismissed github.User // who dismissed it without the right to; zero: nobody
}

// objections are the reviews of experts and release managers that hold the change
// back, of it or of what it is picked from. Who approves the pick later has lifted theirs
// of its source.
func (f known) objections(areas []area) []objection {
	list := f.own().objections(f.hasSay(areas), f.manages)
	for _, s := range f.Found.Sources {
		o := f.Origins[s.Commit]
		if o.PR.Number == 0 || f.Found.Verdict == provenance.Unrelated {
			continue
		}
		var theirs []area
		for _, a := range areas {
			if f.brought(s.Commit, a) {
				theirs = append(theirs, a)
			}
		}
		for _, one := range o.objections(f.hasSay(theirs), f.manages) {
			lifted := slices.ContainsFunc(f.Reviews, func(r github.Review) bool {
				return r.State == github.Approved && r.Author.ID == one.Author.ID && r.At.After(one.At)
			})
			if !lifted {
				list = append(list, one)
			}
		}
	}
	return list
}

// hasSay tells whose word counts for one of some areas.
func (f known) hasSay(areas []area) func(github.User) bool {
	return func(who github.User) bool {
		return f.manages(who) || slices.ContainsFunc(areas, func(a area) bool { return f.expert(a, who) })
	}
}
