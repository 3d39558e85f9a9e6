package releasebranch

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// submission is a pull request as it was made and reviewed. Whose word about it counts is
// decided here alone, for one that is judged and for the source of one alike.
type submission struct {
	PR      github.PullDetail // Number 0: no pull request brought it
	Asked   []github.User     // who asked for it to be made
	Asker   facts.Asker       // likewise, of what is no pick
	Commits []github.ComparedCommit
	Updates []string     // those of them that only merge its base
	Pushes  facts.Pushes // read only where an approval may count
	Reviews []github.Review
	Past    github.PullHistory // likewise
	// Moved says of each commit at which somebody approved it, but the last, what
	// has changed in it since.
	Moved map[string]provenance.Moved
}

// made says how somebody took part in making it, as a phrase without its object; ""
// if they didn't. What a commit says of its author is only taken against people, never
// for them, and who pressed "Update branch" has made nothing.
func (p submission) made(who github.User) string {
	switch {
	case who.ID == p.PR.Author.ID:
		return "opened"
	case slices.ContainsFunc(p.byHand(), func(m github.HeadMove) bool { return m.By.ID == who.ID }):
		return "pushed to"
	case slices.ContainsFunc(p.Commits, func(c github.ComparedCommit) bool {
		return c.MadeBy(who.ID) && !slices.Contains(p.Updates, c.ID)
	}):
		return "made commits of"
	}
	return ""
}

// barred says why somebody can't approve it, as a phrase; "" if they can. Whoever
// made it, or asked for it, is not a second pair of eyes.
func (p submission) barred(who github.User) string {
	if made := p.made(who); made != "" {
		return made + " it"
	}
	if slices.ContainsFunc(p.Asked, func(u github.User) bool { return u.ID == who.ID }) {
		return "asked for this cherry-pick"
	}
	if p.Asker.Who.ID != 0 && p.Asker.Who.ID == who.ID {
		return "asked Slipway for it"
	}
	return ""
}

func (p submission) byHand() []github.HeadMove {
	return github.ByHand(p.Pushes.Moves, p.Commits, p.Updates)
}

// unclear says why somebody may have pushed to it who isn't known, as a phrase; "" if all
// are. A bot stands for nobody: whoever had it push isn't known. One that opened what it
// pushed is its own, but for that of GitHub Actions, which does whatever anybody tells it
// who may write.
func (p submission) unclear() string {
	if p.Pushes.Unclear != "" {
		return p.Pushes.Unclear
	}
	if p.Asker.Unknown {
		return "nobody knows who asked Slipway for it"
	}
	for _, m := range p.byHand() {
		if m.ForOthers(p.PR.Author) {
			return "nobody knows who had " + effect.Code(m.By.Login) + " push to it"
		}
	}
	return ""
}

// lastPushedBy lists by whom its newest commit was pushed that isn't GitHub's own merge
// of its base; none if nobody knows.
func (p submission) lastPushedBy() (by []github.User) {
	same := github.SameChange(p.Commits, p.Updates, p.PR.Head) // the oldest is people's own
	for _, m := range p.byHand() {
		if m.After == same[len(same)-1] {
			by = append(by, m.By)
		}
	}
	return by
}

// outdated says why an approval no longer holds, as a phrase; "" if it does. What
// was approved against another base was another change. concerns tells whether a path
// that has changed since matters.
func (p submission) outdated(r github.Review, concerns func(path string) bool) string {
	switch {
	case p.Past.Outlived(r):
		return "approved it while it was against another branch"
	case r.Commit == p.PR.Head:
		return ""
	}
	moved, known := p.Moved[r.Commit]
	switch {
	case !known:
		return "approved a commit that is too long ago to compare"
	case moved.Unknown != "":
		return "approved " + effect.Code(effect.Short(r.Commit)) + ", and what has changed since is unknown: " + moved.Unknown
	}
	for _, path := range moved.Paths {
		if concerns(path) {
			return "approved it before " + effect.Code(path) + " was changed"
		}
	}
	return ""
}

// votes are the approvals of those who may give them, entitled.
func (p submission) votes(entitled func(github.User) bool, concerns func(path string) bool) []vote {
	var votes []vote
	for _, r := range p.Reviews {
		if r.State != github.Approved || !entitled(r.Author) {
			continue
		}
		v := vote{Who: r.Author, On: p.PR.Number, URL: r.URL, At: r.At, Lost: p.barred(r.Author)}
		if v.Lost == "" {
			v.Lost = p.outdated(r, concerns)
		}
		votes = append(votes, v)
	}
	return votes
}

// objections are the reviews that hold it back, of those whose word that is. One holds
// until whoever wrote it, or a release manager, lifts it: GitHub lets everybody dismiss
// it who may push.
func (p submission) objections(entitled, manages func(github.User) bool) []objection {
	var list []objection
	for _, r := range p.Reviews {
		objects, dismissed := p.Past.Objects(r)
		if objects && entitled(r.Author) && (r.State == github.ChangesRequested || !manages(dismissed)) {
			list = append(list, objection{Review: r, On: p.PR.Number, Dismissed: dismissed})
		}
	}
	return list
}

// read reads what the word of its reviews depends on, beside the reviews: the past if one of
// those who have a say said more than that they object, and who pushed if an approval may
// count, or one of what it is part of.
func (p *submission) read(l *facts.Look, has func(github.User) bool, counts bool) (err error) {
	if slices.ContainsFunc(p.Reviews, func(r github.Review) bool { return r.State != github.ChangesRequested && has(r.Author) }) {
		if p.Past, err = facts.Past.Of(l, p.PR.Number); err != nil {
			return err
		}
	}
	if counts || p.mayCount(has) {
		p.Pushes, err = facts.PushesOf(l, p.PR.PullRequest, p.Commits, p.Updates)
	}
	return err
}

// mayCount reports an approval by somebody who has a say and whom nothing that is known
// bars.
func (p submission) mayCount(has func(github.User) bool) bool {
	return slices.ContainsFunc(p.votes(has, func(string) bool { return false }), func(v vote) bool { return v.Lost == "" })
}
