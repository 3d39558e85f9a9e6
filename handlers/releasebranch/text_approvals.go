package releasebranch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file holds the rows of the check's table about approvals.

// votesPhrase names those who approved.
func votesPhrase(votes []vote) string {
	var list []string
	for _, v := range votes {
		list = append(list, fmt.Sprintf("%s ([%s](%s))", cell(v.Who.Login), numberOf(v.On), v.URL))
	}
	return strings.Join(list, ", ")
}

// missedPhrase says why approvals that were given don't count.
func missedPhrase(f known, votes []vote) string {
	var b strings.Builder
	for _, v := range votes {
		on := ""
		if v.On != f.PR.Number {
			on = numberOf(v.On) + " by "
		}
		if v.Lost != "" {
			fmt.Fprintf(&b, " The approval of %s%s doesn't count: %s %s.", on, cell(v.Who.Login), cell(v.Who.Login), v.Lost)
		}
	}
	return b.String()
}

func managersRow(f known, n need) row {
	r := row{Rule: "Release manager"}
	votes := f.managed()
	by, want := counted(votes), max(1, n.managersWant)+more(f.unclear())
	if len(by) >= want {
		r.Mark, r.Text = met, "Approved by "+votesPhrase(by)+"."
		return r
	}
	r.Mark, r.Title = lacks, "Waits for a release manager's approval"
	r.Text = "Needed since " + n.why + numberPhrase(len(by), want, f.unclear()) + "." + missedPhrase(f, votes)
	teams := f.existing(f.Managers)
	switch {
	case len(f.Managers) == 0:
		r.Text += " The policy names no release managers of this branch."
		r.Next = "name a team in the policy, under `release_managers`"
	case len(teams) == 0:
		r.Text += fmt.Sprintf(" GitHub shows no team %s.", cells(f.Managers))
		r.Next = "make the team " + cells(f.Managers) + ", or name another in the policy, under `release_managers`"
	default:
		r.Text += " " + whoCan(teams, nil) + "."
		r.Next = "have " + effect.Member(teams) + " approve this pull request"
	}
	return r
}

// numberPhrase says how many of the approvals are there, where more than one has to be.
func numberPhrase(have, want int, unclear string) string {
	if want <= 1 {
		return ""
	}
	text := fmt.Sprintf("; %d of %d approvals are there", have, want)
	if unclear != "" {
		text += ". One more than usual is needed, because whoever approved may have pushed it: " + unclear
	}
	return text
}

// pushedPhrase says who pushed, if it is one whose place in the list is given, or that
// nobody knows.
func pushedPhrase(by []github.User, at int) string {
	if at < 0 {
		return "it is unknown who pushed"
	}
	if by[at].Login == "" {
		return "somebody else pushed"
	}
	return cell(by[at].Login) + " pushed"
}

func whoCan(teams, users []string) string {
	var list []string
	others := slices.DeleteFunc(slices.Clone(teams), github.IsTeam)
	if len(teams) > len(others) {
		list = append(list, "the members of "+cells(slices.DeleteFunc(slices.Clone(teams), func(t string) bool { return !github.IsTeam(t) })))
	}
	if len(others) > 0 {
		list = append(list, effect.Members(others))
	}
	if len(users) > 0 {
		list = append(list, cells(users))
	}
	return "Who can: " + strings.Join(list, ", and ")
}

func areaRow(f known, n need) row {
	a := n.area
	r := row{Rule: "Experts of " + a.Name}
	if a.Ownerless {
		return ownerlessRow(f, r, a)
	}
	s := f.standingOf(n)
	if s.met() {
		r.Mark = met
		if r.Text = "Approved by " + votesPhrase(s.by) + "."; s.from {
			r.Text = "Rests on the approval of " + votesPhrase(s.by) + "."
		}
		r.Text += lostOwners(f, a)
		return r
	}
	r.Mark, r.Title = lacks, "Waits for the experts of "+plain(a)
	r.Text = fmt.Sprintf("Needed since %s", n.why)
	if s.lacking != "" {
		r.Text += ", and " + s.lacking
	}
	r.Text += numberPhrase(len(s.by), s.want, f.unclear()) + "." + pathsPhrase(a) + missedPhrase(f, append(s.missed, f.powerless(a)...))
	teams, users := f.offeredTeams(a), f.offered(a)
	switch {
	case a.Managers:
		r.Text += " " + whoCan(f.Managers, nil) + "."
		r.Next = "have a release manager approve this pull request"
	case len(teams)+len(users) == 0:
		r.Text += " Nobody can: none of its owners can be matched with somebody who may."
		r.Next = "mend its owners on the source branch or in the policy, or have a release manager override this check"
	default:
		r.Text += " " + whoCan(teams, users) + "."
		r.Next = "have one of them approve this pull request: " + strings.TrimPrefix(whoCan(teams, users), "Who can: ")
	}
	r.Text += lostOwners(f, a)
	return r
}

// offered are an area's owners by their login, but those who are known not to be able to
// approve.
func (f known) offered(a area) (logins []string) {
	lost := f.powerless(a)
	for _, login := range a.Users {
		if !containsFold(a.Mute, login) && !slices.ContainsFunc(lost, func(v vote) bool { return strings.EqualFold(v.Who.Login, login) }) {
			logins = append(logins, login)
		}
	}
	return logins
}

// offeredTeams are an area's teams, but those that can't approve.
func (f known) offeredTeams(a area) []string {
	return slices.DeleteFunc(f.existing(a.Teams), func(slug string) bool { return containsFold(a.Mute, slug) })
}

// existing are those of the teams that GitHub shows.
func (f known) existing(teams []string) []string {
	var list []string
	for _, t := range teams {
		if f.Teams[t].Exists {
			list = append(list, t)
		}
	}
	return list
}

// lostOwners names owners who can't approve anything.
func lostOwners(f known, a area) string {
	var b strings.Builder
	for _, t := range a.Teams {
		if !f.Teams[t].Exists {
			fmt.Fprintf(&b, " GitHub shows no team %s.", cell(t))
		}
	}
	for _, o := range a.Mute {
		if !slices.Contains(a.Teams, o) {
			fmt.Fprintf(&b, " %s is gone or may not push here, and so owns nothing.", cell(o))
		} else if f.Teams[o].Exists {
			fmt.Fprintf(&b, " The team %s may not push here, and so owns nothing.", cell(o))
		}
	}
	for _, o := range a.Lost {
		fmt.Fprintf(&b, " %s can't be matched with anybody's account.", cell(o))
	}
	return b.String()
}

func ownerlessRow(f known, r row, a area) row {
	r.Mark, r.Title = lacks, "Files without an owner"
	r.Text = "Nobody can approve them." + pathsPhrase(a)
	if f.Owners.Fault != "" {
		r.Text = f.Owners.Fault + pathsPhrase(a)
	}
	if a.Faulty != nil {
		r.Text = fmt.Sprintf("Nobody can tell whose they are, since line %d of `CODEOWNERS` has a fault: %s.", a.Faulty.Line, a.Faulty.Fault) + pathsPhrase(a)
		r.Next = fmt.Sprintf("mend line %d of %s on %s, or have a release manager override this check", a.Faulty.Line, cell(f.Owners.Path), cell(string(f.Source)))
		return r
	}
	r.Next = "give them an owner in `CODEOWNERS` on " + cell(string(f.Source)) + ", or have a release manager override this check"
	return r
}

// maxNamedPaths is how many paths a row names.
const maxNamedPaths = 3

func pathsPhrase(a area) string {
	more := ""
	if n := len(a.Paths) - maxNamedPaths; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return " Its files: " + cells(a.Paths[:min(len(a.Paths), maxNamedPaths)]) + more + "."
}

// plain is an area for a title, which GitHub doesn't render.
func plain(a area) string {
	name := a.Name
	if len(a.Teams) > 0 && strings.HasPrefix(name, "files of ") {
		name = strings.Join(append(slices.Clone(a.Teams), a.Users...), " or ")
	}
	return strings.NewReplacer("`", "", `\`, "").Replace(name)
}
