package checklist

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// maxDrops is how many steps are dropped by deleting their lines in one edit. More
// may be a slip, such as a text that was selected whole.
const maxDrops = 3

// edit is what somebody did to a tracking issue by hand, as GitHub signed it.
type edit struct {
	touches []touch
	who     github.User
	at      time.Time
	from    revision // from which its text was made
}

func parseEdit(rest string) (edit, bool) {
	parts := strings.Split(rest, "/")
	if len(parts) < 4 {
		return edit{}, false
	}
	touches, ok := parseTouches(parts[0])
	from, ok2 := parseRevision(parts[4:])
	at, err := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	ok = ok && ok2 && err == nil && err2 == nil && id > 0 && parts[3] != ""
	return edit{touches, github.User{ID: id, Login: parts[3]}, time.Unix(at, 0).UTC(), from}, ok
}

// handFacts is a tracking issue that somebody edited by hand.
type handFacts struct {
	about[edit]
	// Standings are those of who edited it: by the steps that were ticked, and for the
	// whole.
	Standings map[string]standing
	// Read is what they had read, where that is older.
	Read readFrom
}

func (h *Handler) observeHand(l *facts.Look, e said[edit]) (s handFacts, err error) {
	if s.about, err = aboutOne[edit](h)(l, e); err == nil {
		s.Standings, err = h.standings(s.tracked, e.what.steps(), e.what.who)
	}
	if err == nil {
		s.Read, err = h.observeRead(l, e.number, e.what)
	}
	return s, err
}

// byHand takes over what somebody edited who may, puts the rest back, and says both
// in one comment; the look at all of it comes next.
func byHand(s handFacts) reconcile.Plan {
	t := s.Tracker
	h := judge(s)
	is := t.Record
	if !sameRecord(h.is, t.Record) {
		is = h.is
	}
	plan := reconcile.Plan{
		Reason:  fmt.Sprintf("%s edited %s: %s", s.what.who.Login, s.title(), h.why()),
		Enqueue: []reconcile.Key{trackerKey(s.Repo, t.Issue.Number)},
	}
	if is.digest(false) != t.Record.digest(false) {
		plan.Enqueue = append([]reconcile.Key{movedKey(s.Repo, t.Issue.Number)}, plan.Enqueue...)
	}
	if h.stale {
		return plan
	}
	// First, or a try that died between would find it put back and say nothing.
	if text := h.text(s); text != "" {
		plan.Effects = append(plan.Effects, s.note("hand "+hashOf(s.id), text))
	}
	l := s.laying(is)
	l.told, l.edited, l.found = h.told, h.edited, h.found
	l.old = l.old || h.old
	parts, _ := l.parts("")
	plan.Effects = append(plan.Effects, s.issue(is, parts))
	return plan
}

// note is something that is said once, on the tracking issue.
func (t tracked) note(id, text string) effect.Comment {
	return effect.Comment{Repo: t.Repo, Number: t.Tracker.Issue.Number, Mark: effect.Mark{Kind: "release-note", ID: id}, Body: text}
}

// judged is what became of an edit by hand.
type judged struct {
	is Record // with what was taken over
	// told are the parts of ours whose change is settled now, taken over or not.
	told map[string]bool
	// edited are the steps whose text was changed.
	edited  map[string]bool
	found   map[string]string // the texts of steps as they were read, of an older text
	old     bool              // an older text was saved, or one of which that isn't known
	changed []string          // what was taken over, for the log
	stale   bool              // somebody has said something else since, about all of it

	doubts    []touch             // what may as well be older than what others did since
	refused   map[string][]string // steps by what was done to them
	dropped   []string
	more      int               // further lines that were deleted
	many      bool              // too many lines were deleted at once
	early     map[string]string // steps that may not be ticked yet, and why
	twice     []string
	kept      []string // steps in whose text somebody wrote words that are kept
	rewritten []string // steps whose text was put back
	status    bool
	dates     datesJudged
}

// datesJudged is what became of an edit of the dates.
type datesJudged struct {
	refused bool
	fault   string   // why nothing of it is taken over
	unknown []string // what was written as a milestone's name and is none
	undone  bool     // something was put back that nobody may change here
}

func (h judged) why() string {
	if len(h.changed) == 0 {
		return "nothing is taken over"
	}
	return strings.Join(h.changed, ", ")
}

// judge goes through what an edit touched.
func judge(s handFacts) judged {
	t := s.Tracker
	h := judged{is: t.revised(func(*Record) {}), told: map[string]bool{}, edited: map[string]bool{}, refused: map[string][]string{}, early: map[string]string{}}
	touches, doubts := s.own()
	if h.doubts = doubts; s.what.from != present {
		h.tell(s)
	}
	for _, one := range doubts {
		h.told[one.name] = true
	}
	settled := 0
	for _, step := range s.template().Steps {
		for _, one := range touches {
			if one.name != step.ID {
				continue
			}
			if st := t.Steps[step.ID]; st.At.After(s.what.at) && one.did != edText { // somebody has said something else since
				settled++
				continue
			}
			h.told[step.ID] = true
			h.judgeStep(s, step, one)
		}
	}
	for _, one := range touches {
		if one.did == edMore {
			more, _ := strconv.Atoi(one.name) // what is no number is none
			h.more += more
		}
	}
	h.judgeDeleted(s)
	h.judgeDates(s, touches)
	h.stale = settled > 0 && settled == len(touches)
	return h
}

// judgeStep takes over what was done to a step's line, or says why not. Deleted
// lines are only gathered: what becomes of them depends on how many there are.
func (h *judged) judgeStep(s handFacts, step Step, one touch) {
	e, stand := s.what, s.Standings[step.ID]
	switch {
	case one.did == edText:
		h.edited[step.ID] = true
		line := effect.ReadShared(s.Tracker.Issue.Body).Items[step.ID]
		l := laying{s: s.Settings, v: s.Tracker.Version, was: s.Tracker.Record, is: s.Tracker.Record}
		was, older := h.found[step.ID]
		if !older {
			was = itemText(l, step, s.Tracker.Steps[step.ID])
		}
		if _, added := effect.Added(was, line.Text); added {
			h.kept = append(h.kept, step.ID)
		} else {
			h.rewritten = append(h.rewritten, step.ID)
		}
		return
	case one.did == edTwice:
		h.twice = append(h.twice, step.ID)
		return
	case one.did == edDelete:
		h.dropped = append(h.dropped, step.ID)
		return
	case !stand.manages && !stand.owns:
		h.refused[one.did] = append(h.refused[one.did], step.ID)
		return
	}
	if why := tooEarly(h.is, step, e.at); why != "" && one.did == edTick {
		h.early[step.ID] = why
		return
	}
	state := h.is.Steps[step.ID]
	next := State{By: e.who.Login, ByID: e.who.ID, At: e.at}
	if one.did == edTick {
		next.Status, next.Candidate = StepDone, candidateOf(h.is, step)
	}
	if next.Status == state.Status {
		return
	}
	h.is.Steps[step.ID] = next
	h.changed = append(h.changed, one.did+" "+step.ID)
}

// judgeDeleted drops the steps whose lines a release manager deleted, if they are
// few.
func (h *judged) judgeDeleted(s handFacts) {
	switch {
	case len(h.dropped) == 0 && h.more == 0:
		return
	case !s.Standings[wholeOf].manages:
		h.refused[edDelete], h.dropped = h.dropped, nil
		return
	case len(h.dropped)+h.more > maxDrops:
		h.many = true
		return
	}
	for _, id := range h.dropped {
		h.is.Steps[id] = State{Status: StepDropped, By: s.what.who.Login, ByID: s.what.who.ID, At: s.what.at}
		h.changed = append(h.changed, "drop "+id)
	}
}

// judgeDates takes over the rows of the dates that somebody edited, and the line
// of the release managers.
func (h *judged) judgeDates(s handFacts, touches []touch) {
	var rows []touch
	for _, one := range touches {
		switch one.did {
		case edDay, edManagers:
			rows = append(rows, one)
		case edDates:
			h.dates.undone = true
		case edStatus:
			h.status = true
			continue
		default:
			continue
		}
		h.told[blockDates] = true
	}
	rows = slices.DeleteFunc(rows, func(one touch) bool {
		return h.is.Said[saidOf(s.template(), one)].After(s.what.at)
	})
	switch {
	case len(rows) == 0:
		return
	case !s.Standings[wholeOf].manages:
		h.dates.refused = true
		return
	}
	is := h.is
	is.Moved, is.Said = maps.Clone(is.Moved), maps.Clone(is.Said)
	template, now := s.template(), h.is.schedule(s.template())
	var changed []string
	for _, one := range rows {
		said, err := is.takeRow(template, now, one)
		switch {
		case err != nil:
			h.dates.fault = err.Error()
			return
		case said == unknownRow:
			h.dates.unknown = append(h.dates.unknown, one.name)
		case said != "":
			is.say(saidOf(template, one), s.what.at)
			changed = append(changed, said)
		}
	}
	if fault := is.schedule(template).Fault(); fault != "" {
		h.dates.fault = effect.Inert(fault, maxFault)
		return
	}
	h.is, h.changed = is, append(h.changed, changed...)
}

// unknownRow says that a row's name is no milestone's.
const unknownRow = "?"

// takeRow takes over a row of the dates as somebody wrote it. said is what changed,
// for the log; "" for nothing.
func (r *Record) takeRow(t Template, now release.Schedule, one touch) (said string, err error) {
	if one.did == edManagers {
		names, err := readManagers(one.what)
		if err != nil || slices.Equal(names, r.Managers) {
			return "", err
		}
		r.Managers = names
		return "the release managers", nil
	}
	day, err := release.ParseDate(one.what)
	known := slices.ContainsFunc(now.Dates(), func(d release.Dated) bool { return d.Name == one.name })
	switch {
	case !known:
		return unknownRow, nil
	case err != nil:
		return "", fmt.Errorf("%s: %s", effect.Code(one.name), effect.Inert(err.Error(), maxFault))
	case now.Day(one.name) == day || !r.move(t, one.name, day):
		return "", nil
	}
	return one.name + " " + day.String(), nil
}

// saidOf is under which name the record knows when somebody last said something of
// the dates: the cut and the release have several.
func saidOf(t Template, one touch) string {
	if one.did == edManagers {
		return edManagers + "/"
	}
	for _, m := range t.milestones() {
		if m.Name == one.name && (m.At == release.Offset{From: m.At.From}) {
			return m.At.From
		}
	}
	return one.name
}

// say notes when somebody said something of the dates.
func (r *Record) say(name string, at time.Time) {
	if r.Said == nil {
		r.Said = map[string]time.Time{}
	}
	r.Said[name] = at
}

// candidateOf is the release candidate for which a step is settled now.
func candidateOf(r Record, step Step) string {
	if !step.PerCandidate {
		return ""
	}
	return r.Candidate
}

// steps are those that an edit touched, for the look-up of who may.
func (e edit) steps() []string {
	var all []string
	for _, one := range e.touches {
		if slices.Contains([]string{edTick, edUntick, edUnsure}, one.did) && !slices.Contains(all, one.name) {
			all = append(all, one.name)
		}
	}
	return all
}
