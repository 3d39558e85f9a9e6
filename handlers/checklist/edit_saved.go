package checklist

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// Whoever saves an issue's text saves all of it, as they had read it, which may be
// longer ago: GitHub doesn't ask what has become of it since. But the text holds the
// record that stood there when it was read. So an edit is compared with that
// revision, and not with what it replaced: what others did since is none of its own.

// revision is from which version of the record a text was made that somebody saved.
type revision int

const (
	present         revision = 0  // the one that the text held which it replaced; versions begin at 1
	unknownRevision revision = -1 // its record is gone, or can't be believed
)

// parseRevision reads what a key says of it: nothing for the present one.
func parseRevision(parts []string) (revision, bool) {
	if len(parts) == 0 {
		return present, true
	}
	n, err := strconv.Atoi(parts[0])
	return revision(n), err == nil && n >= int(unknownRevision) && len(parts) == 1
}

// saved lists what an edit touched, and from which revision its text was made. Whether
// a step is ticked the record of that revision says; all else is for whoever can read
// its text.
func (h *Handler) saved(e github.Event) ([]touch, revision) {
	all := touched(*e.OldBody, e.Issue.Body)
	at := effect.Place{Repo: e.RepoID, Number: e.Issue.Number}
	was, is := h.Sealer.Find(at, *e.OldBody), h.Sealer.Find(at, e.Issue.Body)
	var read Record
	switch {
	case len(all) == 0:
		return nil, present
	case is.Authenticity == effect.Tampered || is.Mark.Kind != markKind || json.Unmarshal(is.JSON, &read) != nil:
		return append([]touch{{did: edOld}}, slices.DeleteFunc(all, touch.follows)...), unknownRevision
	case string(is.JSON) == string(was.JSON):
		return unsure(all, read), present
	}
	all = slices.DeleteFunc(all, func(t touch) bool {
		state := read.Steps[t.name].Status
		return t.follows() || t.did == edText || t.isTick() && state.ticked() == (t.did == edTick) || t.did == edDelete && state == StepDropped
	})
	return append([]touch{{did: edOld}}, all...), revision(read.Rev)
}

// follows reports what differs between two texts by itself, when one is older.
func (t touch) follows() bool { return t.did == edStatus || t.did == edDates }

func (t touch) isTick() bool { return t.did == edTick || t.did == edUntick }

// unsure marks the boxes that were other than the record says, and are now as it says:
// somebody had just changed them, and nobody knows whether who saved this had seen that.
func unsure(all []touch, read Record) []touch {
	for i, t := range all {
		if t.isTick() && read.Steps[t.name].Status.ticked() == (t.did == edTick) {
			all[i] = touch{did: edUnsure, name: t.name, what: t.did}
		}
	}
	return all
}

// readFrom is the text of the revision from which an edit was made.
type readFrom struct {
	text  string
	known bool
}

// observeRead reads that text, where it is another one than the edit replaced.
func (h *Handler) observeRead(l *facts.Look, number int, e edit) (r readFrom, err error) {
	if e.from > present {
		r.text, r.known, err = h.GitHub.TextAtRevision(l.Context(), l.Repo, number, int(e.from))
	}
	return r, err
}

// own sorts what an edit touched: what whoever saved it did, and what may as well
// be older than what others did since.
func (s handFacts) own() (all, doubts []touch) {
	base := effect.ReadShared(s.Read.text)
	dates := readDates(base.Blocks[blockDates])
	for _, t := range s.what.touches {
		doubt, none := false, t.did == edOld
		switch {
		case t.did == edUnsure:
			state := s.Tracker.Steps[t.name]
			none = state.Status.ticked() == (t.what == edTick)
			if doubt = state.ByID != s.what.who.ID; !doubt {
				t = touch{did: t.what, name: t.name}
			}
		case s.what.from == present || t.did == edTwice || t.did == edText || t.did == edTick:
		case t.did == edUntick:
			doubt = s.what.from == unknownRevision
			none = doubt && !s.Tracker.Steps[t.name].Status.ticked()
		case t.did == edDelete || t.did == edMore:
			_, had := base.Items[t.name]
			none = s.Read.known && !had && t.did == edDelete
			doubt = !s.Read.known && s.Standings[wholeOf].manages
		case s.Read.known:
			none = t.what == effect.Cut(dates.days[t.name], maxCell) && t.did == edDay ||
				t.what == effect.Cut(dates.managers, 8*maxCell) && t.did == edManagers
		default:
			doubt = true
		}
		switch {
		case none:
		case doubt:
			doubts = append(doubts, t)
		default:
			all = append(all, t)
		}
	}
	return append(all, s.words(base)...), doubts
}

// words are the steps into whose lines of an older revision somebody wrote.
func (s handFacts) words(base effect.Shown) (all []touch) {
	if !s.Read.known {
		return nil
	}
	shown := effect.ReadShared(s.Tracker.Issue.Body)
	for _, step := range s.template().Steps {
		was, is := base.Items[step.ID], shown.Items[step.ID]
		if _, added := effect.Added(was.Text, is.Text); added {
			all = append(all, touch{did: edText, name: step.ID})
		}
	}
	return all
}

// tell notes that all parts of an older text are settled: those that its writer didn't
// touch are to be as the record says.
func (h *judged) tell(s handFacts) {
	h.told[blockDates], h.old, h.found = true, true, map[string]string{}
	base := effect.ReadShared(s.Read.text)
	for _, step := range s.template().Steps {
		h.told[step.ID] = true
		if was, there := base.Items[step.ID]; there {
			h.found[step.ID] = was.Text
		}
	}
}

// doubtsText says what wasn't taken over of a text of which nobody knows what its
// writer had read.
func (h judged) doubtsText(s handFacts) []string {
	if len(h.doubts) == 0 {
		return nil
	}
	by, why := effect.Who(s.what.who.Login), ""
	switch s.what.from {
	case present:
		why = "Somebody else had changed them a moment before, and nobody knows whether %s had read that."
	case unknownRevision:
		why = "The text that %s saved doesn't hold Slipway's record any more, so nobody knows from which version of it that was made."
	default:
		why = "%s saved a text that was made from an older version, which can't be read any more."
	}
	boxes, lines, days, more, managers := []string{}, []string{}, []string{}, 0, false
	for _, t := range h.doubts {
		switch t.did {
		case edUntick, edUnsure:
			boxes = append(boxes, t.name)
		case edDelete:
			lines = append(lines, t.name)
		case edMore:
			n, _ := strconv.Atoi(t.name) // what is no number is none
			more += n
		case edDay:
			days = append(days, t.name)
		case edManagers:
			managers = true
		}
	}
	var stay []string
	if len(boxes) > 0 {
		stay = append(stay, "the boxes of "+stepList(boxes, 0))
	}
	if len(lines)+more > 0 {
		stay = append(stay, "the lines of "+stepList(lines, more))
	}
	if len(days) > 0 {
		stay = append(stay, "the days of "+stepList(days, 0))
	}
	if managers {
		stay = append(stay, "the release managers")
	}
	return []string{fmt.Sprintf("What others did is not undone by that edit: %s stay as they were. "+why+
		"\n\n**Next step:** if it was meant, edit the text once more as it stands now.", strings.Join(stay, ", "), by)}
}
