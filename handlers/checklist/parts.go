package checklist

import (
	"fmt"
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

// repo is where the tracking issue stands, by its address.
func (t Tracker) repo() github.Repo {
	parts := strings.Split(t.Issue.URL, "/")
	if len(parts) < 4 {
		return github.Repo{}
	}
	return github.Repo{Owner: parts[len(parts)-4], Name: parts[len(parts)-3]}
}

// place is where a tracking issue stands, or is to stand.
type place struct {
	repo   github.Repo
	repoID int64
}

// issue is a tracker with a changed record, as the issue that it is to be.
func (t Tracker) issue(at place, s Settings, r Record, parts effect.Parts) effect.SharedIssue {
	r.Repo, r.Number = at.repoID, t.Issue.Number
	e := effect.SharedIssue{
		Repo: at.repo, RepoID: at.repoID, Number: t.Issue.Number, Mark: effect.Mark{Kind: markKind, ID: r.Asked},
		Rev: t.Rev, Record: r.marshal(), State: github.Open, Title: titleOf(s, t.Version), Labels: []string{string(s.Label)},
		Begin: beginText(s, t.Version), Parts: parts,
	}
	if r.End != nil {
		e.State = github.Closed
	}
	return e
}

func titleOf(s Settings, v release.Version) string { return s.Product + " " + called(v) }

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
}

// parts are the dates and the items of a record. status is that of a look, ""
// for none. odd are the steps whose line people changed and nobody told of.
func (l laying) parts(status string) (p effect.Parts, odd []string) {
	dates := datesText(l.s, l.v, l.is)
	if have, there := l.shown.Blocks[blockDates]; !there || !l.young || same(have, datesText(l.s, l.v, l.was)) {
		p.Blocks = append(p.Blocks, effect.TextBlock{Name: blockDates, Text: dates})
	}
	if status != "" {
		p.Blocks = append(p.Blocks, effect.TextBlock{Name: blockStatus, Text: status, Short: shortStatus()})
	}
	after := ""
	for _, step := range l.s.template(l.v).Steps {
		before, now := l.was.Steps[step.ID], l.is.Steps[step.ID]
		item := effect.Item{ID: step.ID, Text: itemText(l, step, now), After: after, Gone: now.Dropped}
		line, there := l.shown.Items[step.ID]
		ticked := func(s State) bool { return s.Done || s.Skipped }
		strange := there && line.Ticked != ticked(before) || !there && !before.Dropped
		switch {
		case strange && l.young && before == now:
			item.Gone = item.Gone || !there
		case ticked(now):
			item.Box = effect.Ticked
		default:
			item.Box = effect.Unticked
		}
		if strange && !l.young && there && line.Ticked && !ticked(now) {
			odd = append(odd, step.ID)
		}
		p.Items = append(p.Items, item)
		after = step.ID
	}
	return p, odd
}

func same(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// readDates reads the table of dates back: the days by the names of their rows.
func readDates(block string) (map[string]release.Date, error) {
	days := map[string]release.Date{}
	for line := range strings.Lines(block) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(strings.TrimSpace(line), "|") || len(cells) < 2 {
			continue
		}
		name, day := strings.Trim(strings.TrimSpace(cells[0]), "`"), strings.TrimSpace(cells[1])
		if name == "Milestone" || strings.HasPrefix(name, "---") {
			continue
		}
		d, err := release.ParseDate(day)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", effect.Code(effect.Cut(name, 60)), err)
		}
		days[name] = d
	}
	return days, nil
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
