package checklist

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// Light is how a release stands, in one word.
type Light string

// The lights, from good to bad. Grey is for what nobody can tell.
const (
	Green  Light = "green"
	Yellow Light = "yellow"
	Orange Light = "orange"
	Red    Light = "red"
	Grey   Light = "unknown"
)

// The traffic light's steps: of each kind of trouble, and of days more than so many left.
// The worst of all counts.
var (
	lights      = []Light{Green, Yellow, Orange, Red}
	mostOpen    = []int{2, 5, 10}
	daysLeft    = []int{8, 4, 0} // more than a week, more than 3 days, not past
	mostBlocked = []int{0, 1, 2} // one holds the release back, and there are more where it comes from
	mostOverdue = []int{0, 2, 4}
	mostFailed  = []int{0, 0, 2}
)

// strains are what a release's light is made of.
type strains struct {
	open, days                int
	blockers, overdue, failed int
	// unknown is what couldn't be counted, as phrases.
	unknown []string
}

// light is the worst of all, and why it isn't green: what is as bad as that. What can't
// be counted makes it unknown, unless the rest alone is red. For pull requests and days
// it is the rule that release managers use: 0 to 2 open ones and more than a week left is
// green, 3 to 5 and more than 3 days yellow, 6 to 10 orange, more than 10 or past the day red.
func light(s strains) (worst Light, why string) {
	byDays := 0
	for byDays < len(daysLeft) && s.days < daysLeft[byDays] {
		byDays++
	}
	over := func(n int, most []int) (at int) {
		for at < len(most) && n > most[at] {
			at++
		}
		return at
	}
	most, reasons := 0, []string(nil)
	for _, one := range []struct {
		at   int
		what string
	}{
		{over(s.blockers, mostBlocked), effect.Count(s.blockers, "blocker is", "blockers are") + " open"},
		{over(s.failed, mostFailed), effect.Count(s.failed, "build has", "builds have") + " failed"},
		{over(s.overdue, mostOverdue), effect.Count(s.overdue, "step is", "steps are") + " overdue"},
		{over(s.open, mostOpen), effect.Count(s.open, "pull request is", "pull requests are") + " to go"},
		{byDays, daysWhy(s.days)},
	} {
		if one.at > most {
			most, reasons = one.at, nil
		}
		if one.at == most && most > 0 {
			reasons = append(reasons, one.what)
		}
	}
	if len(s.unknown) > 0 && lights[most] != Red {
		return Grey, both(s.unknown)
	}
	return lights[most], both(reasons)
}

func daysWhy(days int) string {
	switch {
	case days < 0:
		return "its day is past"
	case days == 0:
		return "its day is today"
	}
	return effect.Count(days, "day is", "days are") + " left"
}

// both are phrases as one.
func both(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return strings.Join(all, "")
}

// strains counts what a look has found.
func (s look) strains(r Record) strains {
	open, known := s.Counts.open()
	of := strains{open: open, days: r.Release.Sub(s.today()), blockers: len(s.blocking()), overdue: len(overdue(s, r))}
	if !known {
		of.unknown = append(of.unknown, "not all pull requests could be counted")
	}
	if s.Counts.Blockers.Unknown {
		of.unknown = append(of.unknown, "the blockers couldn't be counted")
	}
	failed := map[string]bool{}
	for _, f := range s.Found {
		for _, one := range f.Failed {
			failed[one] = true
		}
	}
	of.failed = len(failed)
	return of
}
