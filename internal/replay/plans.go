package replay

import (
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// How a release is assumed to be planned: how long before its cut the tracking issue of a minor is opened, before its release that of
// a patch, and after it any is closed; and how long after its cut a minor comes out that isn't out yet.
const (
	minorPlanned = 14 * 24 * time.Hour
	patchPlanned = 7 * 24 * time.Hour
	closedAfter  = 24 * time.Hour
	minorAfter   = 35 * 24 * time.Hour
)

// Plans are the tracking issues that are assumed to have been, as a release manager opens and closes them: the dates are those
// on which it really happened. Days are those of a zone.
func Plans(h History, zone *time.Location) (events []Event) {
	for _, l := range h.Branches {
		if len(l.Commits) == 0 {
			continue // nobody knows when it was cut
		}
		cut := l.Commits[0].Committed().Add(-time.Minute)
		before := cut
		for _, f := range finals(h, l.Branch) {
			start := Event{Kind: Start, Repo: h.Repo, Branch: l.Branch, At: f.made.Add(-patchPlanned), Tag: f.version.Called(),
				Title: fmt.Sprintf("/release start %s release=%s", f.version.Called(), release.DateOf(f.made, zone))}
			if f.version.Patch == 0 {
				start.At = cut.Add(-minorPlanned)
				start.Title = fmt.Sprintf("/release start %s cut=%s release=%s", f.version.Called(), release.DateOf(cut, zone), release.DateOf(f.made, zone))
			}
			if f.version.Patch > 0 && start.At.Before(before) {
				start.At = before
			}
			before = f.made.Add(time.Hour)
			events = append(events, start)
			if f.tagged {
				events = append(events, Event{Kind: Close, Repo: h.Repo, Branch: l.Branch, At: f.made.Add(closedAfter), Tag: start.Tag, Title: "/release close It is out"})
			}
		}
	}
	return events
}

type final struct {
	version release.Version
	made    time.Time
	tagged  bool
}

// finals are a branch's versions that are out, in order; if there is none, the one that is to come.
func finals(h History, b release.Branch) (all []final) {
	var newest final
	for _, t := range h.Tags {
		v, _ := h.Scheme.OfTag(t.Name)
		if belongs, _ := v.Of(b); !belongs {
			continue
		}
		f := final{v, t.Made, true}
		if v == v.Final() && !slices.ContainsFunc(all, func(o final) bool { return o.version == v }) {
			all = append(all, f)
		}
		if newest.made.IsZero() || t.Made.Before(newest.made) {
			newest = f
		}
	}
	if len(all) == 0 && !newest.made.IsZero() {
		return []final{{newest.version.Final(), newest.made.Add(minorAfter), false}}
	}
	slices.SortFunc(all, func(a, b final) int { return a.version.Compare(b.version) })
	return all
}

// Tracker is what became of a tracking issue.
type Tracker struct {
	Version    string
	At         time.Time // when it was closed
	Evidence   []string  // the steps that ticked themselves
	Open       []string  // the steps that nobody ticked
	Closed     bool
	Unanswered string `json:",omitempty"` // what the program said where it wasn't closed
}
