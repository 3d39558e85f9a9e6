package checklist

import (
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The names of the blocks of a tracking issue.
const (
	blockDates  = "dates"
	blockStatus = "status"
)

// issue is a tracking issue as it is to be, with a record and its parts.
func (t tracked) issue(r Record, parts effect.Parts) effect.SharedIssue {
	was := t.Tracker
	r.Repo, r.Number = t.RepoID, was.Issue.Number
	e := effect.SharedIssue{
		Repo: t.Repo, RepoID: t.RepoID, Number: r.Number, Mark: effect.Mark{Kind: markKind, ID: r.Asked},
		Rev: was.Rev, Seen: was.Sealed, Record: r.marshal(), Short: r.shortened().marshal(), Intact: was.Issue.Intact, Title: t.title(),
		Labels: []string{string(t.Settings.Label)}, Begin: beginText(t.Settings, was.Version), Parts: parts,
	}
	if r.End != nil && was.End == nil {
		e.State = github.Closed
	}
	return e
}

func titleOf(s Settings, v release.Version) string { return s.Product + " " + v.Called() }

// settles is how long an edit that no webhook told of is left alone.
const settles = 10 * time.Minute

// laying is how a record is laid into an issue.
type laying struct {
	s     Settings
	v     release.Version
	was   Record // that the issue shows, but for what people did to it
	is    Record
	shown effect.Shown
	// young says that the issue was edited just now, and that who did what may not
	// have been told yet: those parts stay as they are.
	young bool
	// told are the parts, steps and blocks, of which it has been told.
	told map[string]bool
	// edited are steps whose words people wrote into.
	edited map[string]bool
	// found are the texts of steps as people had read them, where those are older.
	found map[string]string
	// old says that the text holds another record: lines of dropped steps that stand in
	// it are from before that.
	old bool
}

// laying is how a record is laid into an issue whose edits nobody may have told of yet.
func (t tracked) laying(is Record) laying {
	return laying{s: t.Settings, v: t.Tracker.Version, was: t.Tracker.Record, is: is, shown: effect.ReadShared(t.Tracker.Issue.Body), young: true, old: t.Tracker.Behind}
}

// parts are the dates and the items of a record. status is that of a look, ""
// for none. odd are the steps whose line people ticked and nobody told of.
func (l laying) parts(status string) (p effect.Parts, odd []string) {
	dates := datesText(l.s, l.v, l.is)
	if have, there := l.shown.Blocks[blockDates]; !there || !l.young || l.told[blockDates] || same(have, datesText(l.s, l.v, l.was)) {
		p.Blocks = append(p.Blocks, effect.TextBlock{Name: blockDates, Text: dates})
	}
	if status != "" {
		p.Blocks = append(p.Blocks, effect.TextBlock{Name: blockStatus, Text: status, Short: shortStatus()})
	}
	after := ""
	for _, step := range l.s.template(l.v).Steps {
		item, strange := l.item(step)
		if item.After = after; strange {
			odd = append(odd, step.ID)
		}
		p.Items = append(p.Items, item)
		after = step.ID
	}
	for _, id := range l.orphans() {
		p.Items = append(p.Items, l.orphan(id))
	}
	return p, odd
}

// item is one step's line. odd says that people ticked it and nobody told of that.
func (l laying) item(step Step) (item effect.Item, odd bool) {
	before, now := l.was.Steps[step.ID], l.is.Steps[step.ID]
	item = effect.Item{ID: step.ID, Text: itemText(l, step, now), Short: itemShort(l, step), Gone: now.Status == StepDropped}
	// Its line is taken away by a command, or stands in a text from before that; put back
	// by hand it opens the step again (withLines).
	item.Away = item.Gone && (l.old || before.Status != StepDropped)
	if l.edited[step.ID] {
		if was, older := l.found[step.ID]; older {
			item.Was = was
		} else {
			item.Was = itemText(laying{s: l.s, v: l.v, is: l.was}, step, before)
		}
	}
	line := lineOf(l.shown, step.ID)
	agrees := lineAgrees[before.Status][line]
	// What this decision changes, or was told of, is as the record says now.
	if !agrees && l.young && before == now && !l.told[step.ID] {
		item.Gone = item.Gone || line == lineMissing
		return item, false
	}
	if item.Box = effect.Unticked; now.ticked() {
		item.Box = effect.Ticked
	}
	return item, !agrees && !l.young && line == lineTicked && item.Box == effect.Unticked
}

// lineShows is what a text shows of a step.
type lineShows int

const (
	lineMissing lineShows = iota
	lineOpen
	lineTicked
	lineUnsure // its box is gone, or its mark stands twice
)

func lineOf(shown effect.Shown, id string) lineShows {
	line, there := shown.Items[id]
	switch {
	case !there:
		return lineMissing
	case line.Boxless || line.Twice:
		return lineUnsure
	case line.Ticked:
		return lineTicked
	}
	return lineOpen
}

// lineAgrees says whether a line shows what the record says. Where it doesn't,
// somebody did that by hand: for a while it is left to whoever tells who it was,
// and then it is written as the record says.
var lineAgrees = map[Status]map[lineShows]bool{
	StepOpen:    {lineOpen: true, lineUnsure: true},
	StepDone:    {lineTicked: true, lineUnsure: true},
	StepSkipped: {lineTicked: true, lineUnsure: true},
	StepDropped: {lineMissing: true},
}

// same compares texts but for what nobody sees: spaces at the ends of lines, and
// their kind of end.
func same(a, b string) bool { return trimmed(a) == trimmed(b) }

func trimmed(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimRight(line, " \t\r\n"))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// writtenDates is what the block of the dates says, as it stands there.
type writtenDates struct {
	days        map[string]string // by the names of their rows
	managers    string
	hasManagers bool
}

const managersLabel = "**Release managers:**"

// readDates reads the block of the dates.
func readDates(block string) writtenDates {
	w := writtenDates{days: map[string]string{}}
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if rest, is := strings.CutPrefix(line, managersLabel); is {
			w.managers, w.hasManagers = strings.TrimSpace(rest), true
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 2 {
			continue
		}
		name, day := strings.Trim(strings.TrimSpace(cells[0]), "`"), strings.TrimSpace(cells[1])
		if name == "Milestone" || strings.HasPrefix(name, "---") {
			continue
		}
		w.days[name] = day
	}
	return w
}

// readManagers reads the line of the release managers back.
func readManagers(line string) ([]string, error) {
	line = strings.ReplaceAll(line, "`", "")
	if line = strings.TrimSpace(line); line == "" || line == noManagers {
		return nil, nil
	}
	return managerNames(line)
}

// move sets the day of a milestone. The one that is the cut or the release itself
// moves all that are counted from it. ok is false when there is no such milestone.
func (r *Record) move(t Template, name string, day release.Date) bool {
	offset := release.Offset{}
	for _, m := range t.milestones() {
		if m.Name == name {
			offset = m.At
		}
	}
	switch {
	case name == release.Cut && !r.Cut.IsZero(), offset == release.Offset{From: release.Cut}:
		r.Cut = day
	case name == release.Release, offset == release.Offset{From: release.Release}:
		r.Release = day
	case offset.From != "":
		r.Moved[name] = day
	default:
		return false
	}
	return true
}
