package freeze

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file says what is wrong with a single window.

// maxAnnounce is the longest that a window may be announced before it begins.
const maxAnnounce = 30 * 24 * time.Hour

// whenWanted is what a window has to have.
const whenWanted = "start and end, or every and to, or days, or calendar"

// validate tells what is wrong with it, by key.
func (w Window) validate(at func(key string, err error)) {
	from, until := cmp.Or(keyIf(w.Start.Given(), "start"), keyIf(w.End.Given(), "end")), cmp.Or(keyIf(w.Every.Given(), "every"), keyIf(w.To.Given(), "to"))
	on := cmp.Or(keyIf(len(w.Days) > 0, "days"), keyIf(w.Calendar.Given(), "calendar"))
	lacks := func(key string) { at(key, &config.Wrong{What: "is missing or empty", Want: whenWanted}) }
	switch {
	case from != "" && cmp.Or(until, on) != "":
		at(cmp.Or(until, on), &config.Wrong{What: "stands beside " + from, Want: "one of " + whenWanted})
	case until != "" && on != "":
		at(on, &config.Wrong{What: "stands beside " + until, Want: "one of " + whenWanted})
	case on != "":
	case until != "":
		w.validateWeek(at, lacks)
	case !w.Start.Given():
		lacks("start")
	case !w.End.Given():
		lacks("end")
	case !w.follows() && !w.End.Time().After(w.Start.Time()):
		at("end", fmt.Errorf("%s is not after the start, %s", w.End, w.Start))
	}
	switch {
	case w.Announce < 0 || w.Announce.Std() > maxAnnounce:
		at("announce", &config.Wrong{What: w.Announce.String() + " is too long", Want: "at most 30d"})
	case w.Owners.Given() && len(w.Exceptions.Labels) > 0:
		at("exceptions.labels", &config.Wrong{What: "stands beside owners: release managers set such labels, and they don't decide about this window",
			Want: "/release exempt by the owners"})
	}
}

func (w Window) validateWeek(at func(key string, err error), lacks func(key string)) {
	switch {
	case !w.Every.Given():
		lacks("every")
	case !w.To.Given():
		lacks("to")
	case len(w.Every.Days) == 0:
		at("every", &config.Wrong{What: "\"" + w.Every.String() + "\" has no weekday", Want: release.WeeklyWanted})
	case release.Endless(w.Every.Weekly, w.To.Weekly):
		at("to", &config.Wrong{What: "\"" + w.To.String() + "\" is no end: the window would hold all week", Want: release.WeeklyEndWanted + ", before it begins again"})
	}
}

func keyIf(given bool, key string) string {
	if given {
		return key
	}
	return ""
}

// ValidateDeployed implements the contract of config.DeployedValidator: Slipway fetches what its
// deployment lists, and not what a policy's writer would like it to.
func (s Settings) ValidateDeployed(d config.Deployed) error {
	var faults []error
	for i, w := range s.Windows {
		if w.Calendar.Host() != "" && !d.Calendars.Has(w.Calendar.String()) {
			faults = append(faults, config.At(fmt.Sprintf("windows[%d].calendar", i), &config.Wrong{
				What: "is not on this deployment's list of addresses", Want: "one that its setting `calendars` lists, or the path of a file"}))
		}
	}
	return errors.Join(faults...)
}
