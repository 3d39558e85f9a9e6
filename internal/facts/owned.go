package facts

import (
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Owned is what one capability knows and others rest on. Its owner reads it, and
// tells who has to look again when it changes: no event of GitHub's does.
type Owned struct {
	Held         func(*Look, release.Branch) (string, error)
	Faithful     func(*Look, int) (Faith, error)
	Dates        func(*Look) (release.Calendar, error)
	Pick         func(*Look, github.PullDetail) (reconcile.Pick, error)
	StandsFor    func(*Look, int) (Stands, error)
	PickState    func(*Look, PickOnto) (PickStanding, error)
	PickPull     func(*Look, PickOnto) (github.PullRequest, error)
	Manages      func(*Look, Role) (reconcile.RoleDecision, error)
	MayAsk       func(*Look, Role) (reconcile.RoleDecision, error)
	Failed       func(l *Look, repo int64, issue github.Issue) (FailedPick, error)
	Approvers    func(*Look, release.Branch) (Approval, error)
	SourceBranch func(*Look) (release.Branch, error)
	LeaveOut     func(*Look) ([]string, error)
	Home         func(*Look) (github.Repo, error)
	PartOf       func(*Look, github.Repo) (bool, error)
	Tracking     func(l *Look, number int) (release.Tracking, error)
	UnderWay     func(*Look) ([]release.Tracking, error)
	Blockers     func(*Look, release.Version) (BlockerList, error)
	BlockersHere func(*Look, string) (bool, error)
	Trapped      func(*Look) (bool, error)
	Traps        func(*Look, release.Branch) ([]release.StepTrap, error)
	TrapPlaces   func(*Look) (map[github.Repo][]release.Branch, error)
	Starters     func(*Look, release.Branch) ([]string, error)
}

// Dates are the releases that a repository is part of, and their dates. What can't be
// read of them is unclear; an error is about trying again later.
var Dates = Fact[Whole, release.Calendar]{
	Name: "dates", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, OurIssues, Reach},
	Read: func(l *Look, _ Whole) (release.Calendar, error) { return l.from.Owned.Dates(l) },
}

// Held says why no merge into a branch is possible now, as a phrase like
// "`release-1.30` is frozen until ..."; "" when one is. At an edge of a freeze only
// those look again who have read it: read it only where it can matter.
var Held = Fact[release.Branch, string]{
	Name: "held", Fresh: AsMadeOf, Unknown: Retry, Told: true, From: []Need{Policy, Dates},
	Read: func(l *Look, b release.Branch) (string, error) { return l.from.Owned.Held(l, b) },
}

// Faith is what the check of release branches says of a pick.
type Faith struct {
	Head string // the commit that it says it of
	// Known says that a verdict stands there, and Holds that it is that of a faithful
	// cherry-pick that may merge.
	Known, Holds bool
	Says         string // its title
}

// Faithful is what the check of release branches last said of a pull request of ours: it is
// read where it was reported, and judged nowhere else.
var Faithful = Fact[int, Faith]{
	Name: "faithful", Fresh: EachLook, Unknown: Retry, Told: true, From: []Need{Pull},
	Read: func(l *Look, n int) (Faith, error) { return l.from.Owned.Faithful(l, n) },
}

// Pick is what a pull request of ours picks; zero for any other.
var Pick = Fact[int, reconcile.Pick]{
	Name: "pick", Fresh: EachLook, Unknown: Retry, From: []Need{Policy, Detail, SameChange},
	Read: func(l *Look, n int) (reconcile.Pick, error) {
		pr, err := Detail.Of(l, n)
		if err != nil || !pr.Author.Bot {
			return reconcile.Pick{}, err
		}
		return l.from.Owned.Pick(l, pr)
	},
}

// PickOnto names a pull request and a branch that it is to be picked onto.
type PickOnto struct {
	Source int
	Branch release.Branch
}

// PickPull is our newest pull request by which a pull request is picked onto a branch; zero for none.
var PickPull = Fact[PickOnto, github.PullRequest]{
	Name: "pick's pull", Fresh: EachLook, Unknown: Retry, From: []Need{Policy},
	Read: func(l *Look, p PickOnto) (github.PullRequest, error) { return l.from.Owned.PickPull(l, p) },
}

// Role asks whether somebody manages the releases of a branch.
type Role struct {
	Branch release.Branch
	Who    github.User
	// Instead are teams, with spaces around them, that decide in the place of those that manage
	// it; "" for those.
	Instead string
}

// Manages is what is known of a role. What can't be looked up holds no role.
var Manages = Fact[Role, reconcile.RoleDecision]{
	Name: "manages", Fresh: EachLook, Unknown: Wait, From: []Need{Policy},
	Read: func(l *Look, r Role) (reconcile.RoleDecision, error) { return l.from.Owned.Manages(l, r) },
}

// Approval is who has to approve a pull request before it can be merged: Who is a phrase like "a member of
// `team`", "" where nobody has to, and Other says that it mustn't be who asked for it.
type Approval struct {
	Who   string
	Other bool
}

// Than is the phrase where somebody asked, who is named as in "you".
func (a Approval) Than(asker string) string {
	if !a.Other {
		return a.Who
	}
	return a.Who + " other than " + asker
}

// Approvers says, of a small pull request that Slipway proposes against a branch, who has to approve it.
var Approvers = Fact[release.Branch, Approval]{
	Name: "approvers", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, Held, SourceBranch},
	Read: func(l *Look, b release.Branch) (Approval, error) { return l.from.Owned.Approvers(l, b) },
}

// SourceBranch is where the sources of cherry-picks are merged.
var SourceBranch = Fact[Whole, release.Branch]{
	Name: "source branch", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, DefaultBranch},
	Read: func(l *Look, _ Whole) (release.Branch, error) { return l.from.Owned.SourceBranch(l) },
}

// LeaveOut are the patterns of the paths that picks leave out.
var LeaveOut = Fact[Whole, []string]{
	Name: "left out", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy},
	Read: func(l *Look, _ Whole) ([]string, error) { return l.from.Owned.LeaveOut(l) },
}

// Home is the repository with the tracking issues and the blockers; zero for none.
var Home = Fact[Whole, github.Repo]{
	Name: "home", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, Called},
	Read: func(l *Look, _ Whole) (github.Repo, error) { return l.from.Owned.Home(l) },
}

// PartOf reports whether the home's policy lists a repository among those of its releases;
// false where it is no home.
var PartOf = Fact[github.Repo, bool]{
	Name: "part of", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, Called},
	Read: func(l *Look, of github.Repo) (bool, error) { return l.from.Owned.PartOf(l, of) },
}

// Tracking is what a tracking issue is about, be it closed; zero for another issue.
var Tracking = Fact[int, release.Tracking]{
	Name: "tracking", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, Called, OurIssues},
	Read: func(l *Look, n int) (release.Tracking, error) { return l.from.Owned.Tracking(l, n) },
}

// UnderWay are the releases whose tracking issues aren't closed, the newest first.
var UnderWay = Fact[Whole, []release.Tracking]{
	Name: "under way", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, OurIssues, Reach},
	Read: func(l *Look, _ Whole) ([]release.Tracking, error) { return l.from.Owned.UnderWay(l) },
}

// Blockers are what holds a version's release back, and what release managers say of it.
var Blockers = Fact[release.Version, BlockerList]{
	Name: "blockers", Fresh: EachLook, Unknown: Retry, From: []Need{Policy, OurIssues, Reach, Manages, PickState, Tip, SourceBranch, Pick, Detail},
	Read: func(l *Look, v release.Version) (BlockerList, error) { return l.from.Owned.Blockers(l, v) },
}

// BlockersHere reports whether issues and pull requests of a repository may be blockers, by a label
// if one is given.
var BlockersHere = Fact[string, bool]{
	Name: "blockers here", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, Called, Reach},
	Read: func(l *Look, label string) (bool, error) { return l.from.Owned.BlockersHere(l, label) },
}

// Trapped reports whether a repository has traps at some point of a release.
var Trapped = Fact[Whole, bool]{
	Name: "trapped", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy},
	Read: func(l *Look, _ Whole) (bool, error) { return l.from.Owned.Trapped(l) },
}

// Traps are those that a release has set for pull requests against a branch, by the
// steps that it is at.
var Traps = Fact[release.Branch, []release.StepTrap]{
	Name: "traps", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, OurIssues, Reach},
	Read: func(l *Look, b release.Branch) ([]release.StepTrap, error) { return l.from.Owned.Traps(l, b) },
}

// TrapPlaces are the branches that the releases under way may have traps for, by the
// repository; nil where the tracking issues aren't here.
var TrapPlaces = Fact[Whole, map[github.Repo][]release.Branch]{
	Name: "trap places", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, OurIssues, Reach},
	Read: func(l *Look, _ Whole) (map[github.Repo][]release.Branch, error) { return l.from.Owned.TrapPlaces(l) },
}

// Starters are the files of a repository whose change against a branch starts a build or a publish,
// where the check of such changes is required; none elsewhere.
var Starters = Fact[release.Branch, []string]{
	Name: "starters", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy},
	Read: func(l *Look, b release.Branch) ([]string, error) { return l.from.Owned.Starters(l, b) },
}
