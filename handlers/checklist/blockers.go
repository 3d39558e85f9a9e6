package checklist

// This file finds what holds a release back: what has the label and the milestone, what had them
// until somebody took it off, and what is closed while its fix isn't on the release's branch.

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// maxClosely is how many blockers that no list shows as open are looked at by themselves.
const maxClosely = 50

// Blockers is the owner's reader of facts.Blockers: by the policy of a repository, with
// none in it, there are none. Only a limit is an error; anything else that keeps them
// from being counted makes them unknown.
func (h *Handler) Blockers(l *facts.Look, v release.Version) (b facts.BlockerList, err error) {
	s, err := settingsOf(l)
	if err != nil || s.Home == "" || s.Blockers.Label == "" {
		return b, err
	}
	home, g, err := l.Elsewhere(s.homeOf(l.Repo))
	if err == nil {
		b, err = h.blockersAt(home, l.Repo, s, v)
	}
	if err != nil && limited(err) {
		return b, err
	}
	b.Unknown = b.Unknown || err != nil
	if g.Secret {
		b.All, b.Freed, b.Why = b.Blocking(v), nil, ""
		for i := range b.All {
			b.All[i].Hidden = true
		}
	}
	return b, nil
}

// blockersAt are those of a version of a repository, as the policy of its home reads it. One that
// is none there has no tracking issue that would say what was taken off: nobody knows them.
func (h *Handler) blockersAt(home *facts.Look, of github.Repo, s Settings, v release.Version) (b facts.BlockerList, err error) {
	theirs, err := facts.Section[Settings](home, Name)
	if err != nil {
		return b, err
	}
	there, fault := theirs.Scheme.Parse(v.String())
	if fault != nil {
		return facts.BlockerList{Unknown: true, Why: fmt.Sprintf("the policies of %s and %s say different things under versions: by that of %[2]s, %s", of, home.Repo, fault)}, nil
	}
	trackers, _, err := h.trackers(home)
	if err != nil {
		return b, err
	}
	return h.blockersOf(home, s, there.Final(), trackers)
}

// BlockersHere is the owner's reader of facts.BlockersHere. The home's policy says where they are;
// where that may not be read, they may be anywhere.
func BlockersHere(l *facts.Look, label string) (bool, error) {
	s, err := settingsOf(l)
	if err != nil || s.Home == "" {
		return false, err
	}
	if !s.homeIs(l.Repo) {
		home, g, err := l.Elsewhere(s.homeOf(l.Repo))
		if g.Refused != "" {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if s, err = settingsOf(home); err != nil {
			return false, err
		}
	}
	if label != "" && !strings.EqualFold(label, string(s.Blockers.Label)) {
		return false, nil
	}
	return slices.ContainsFunc(s.Blockers.in(s.homeOf(l.Repo)), func(n string) bool { return strings.EqualFold(n, l.Repo.Name) }), nil
}

// blocking is what is looked at to find the blockers of a release.
type blocking struct {
	h       *Handler
	home    *facts.Look
	s       Settings
	v       release.Version
	tracker Tracker // zero: the release has none
	own     []int   // its tracking issues, which don't hold it back
	closely int     // how many more may be looked at by themselves
	facts.BlockerList
}

// blockersOf are the blockers of a final version, by the look at its home and the tracking
// issues there.
func (h *Handler) blockersOf(home *facts.Look, s Settings, v release.Version, trackers []Tracker) (facts.BlockerList, error) {
	b := &blocking{h: h, home: home, s: s, v: v, closely: maxClosely}
	b.Branch = s.branchOf(v)
	for _, t := range trackers {
		if t.Version.Compare(v) != 0 { // one that was started before the policy named this scheme is of the same release
			continue
		}
		if b.own = append(b.own, t.Issue.Number); len(b.own) == 1 || b.tracker.Issue.State != github.Open && t.Issue.State == github.Open {
			b.tracker = t
		}
	}
	b.Freed = b.tracker.Freed
	for _, name := range s.Blockers.in(home.Repo) {
		if err := b.readIn(github.Repo{Owner: home.Repo.Owner, Name: name}); err != nil {
			return b.BlockerList, err
		}
	}
	return b.BlockerList, nil
}

// in are the repositories in which blockers are, that with the tracking issues first.
func (b Blockers) in(home github.Repo) []string {
	names := []string{home.Name}
	for _, r := range b.Repositories {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, string(r)) }) {
			names = append(names, string(r))
		}
	}
	return names
}

// counts reports whether what has a milestone counts for a version, "" being none.
func (b *blocking) counts(milestone string) bool {
	want := b.s.Blockers.Milestone
	return want == "" || milestone == b.s.fill(want, b.v) || b.s.Blockers.WithoutMilestone && milestone == ""
}

// readIn reads the blockers that are in a repository. What can't be read there makes all of
// them unknown; only a limit is an error.
func (b *blocking) readIn(repo github.Repo) error {
	err := b.listIn(repo)
	if err == nil || limited(err) {
		return err
	}
	b.Unknown = true
	if repo != b.home.Repo {
		b.Why = fmt.Sprintf("those of %s couldn't be read: %s", repo.Name, troubleOf(err))
	}
	return nil
}

func (b *blocking) listIn(repo github.Repo) error {
	l, _, err := b.home.Elsewhere(repo)
	if err != nil {
		return err
	}
	var since time.Time
	if !b.tracker.Opened.IsZero() {
		since = b.tracker.Opened.Add(-countBack).UTC().Truncate(24 * time.Hour)
	}
	// Open ones count however long nobody has touched them; GitHub's since is about all.
	list, err := b.h.GitHub.Labelled(l.Context(), repo, string(b.s.Blockers.Label), since)
	if err == nil && !since.IsZero() {
		list, err = b.withQuiet(l, repo, list)
	}
	if err != nil {
		return err
	}
	var shown []int
	var closed []closedOne
	for _, one := range list {
		if !b.counts(one.Milestone) || repo == b.home.Repo && slices.Contains(b.own, one.Number) {
			continue
		}
		shown = append(shown, one.Number)
		is := facts.Blocker{Repo: repo, Number: one.Number, Title: one.Title, URL: one.URL, Open: one.State == github.Open, Here: repo == b.home.Repo}
		switch {
		case is.Open:
			b.All = append(b.All, is)
		case !one.IsPullRequest || one.Merged:
			closed = append(closed, closedOne{Blocker: is, pull: one.IsPullRequest, at: one.UpdatedAt})
		}
	}
	missing, err := b.missing(l, shown)
	if err != nil {
		return err
	}
	return b.addClosed(l, append(closed, missing...))
}

// missing looks at those that were blockers and that the list doesn't show any more. It adds
// those that still are, and returns the closed ones.
func (b *blocking) missing(l *facts.Look, shown []int) (closed []closedOne, err error) {
	for _, seen := range b.tracker.Blockers {
		one := facts.Blocker{Repo: l.Repo, Number: seen.Number, Here: l.Repo == b.home.Repo}
		if !seen.in(l.Repo, b.home.Repo) || slices.Contains(shown, seen.Number) || b.freed(one) || !b.lookClosely() {
			continue
		}
		issue, err := b.h.From.GitHub.Issue(l.Context(), l.Repo, seen.Number)
		gone := errors.Is(err, reconcile.ErrGone)
		if err != nil && !gone {
			return nil, err
		}
		one.Title, one.URL, one.Open = issue.Title, issue.URL, gone || issue.State == github.Open
		switch {
		case gone:
			one.Title, one.URL = "(moved or deleted)", fmt.Sprintf("%s/%s/issues/%d", webOf(b.tracker.Issue.URL), l.Repo, seen.Number)
			one.Off = &facts.TakenOff{Event: eventGone, How: "it isn't there any more, and GitHub doesn't say who moved or deleted it"}
		case !one.Open:
			closed = append(closed, closedOne{Blocker: one, pull: issue.IsPullRequest, at: issue.UpdatedAt, left: &issue})
			continue
		default:
			let, err := b.takenOff(l, issue, &one)
			if err != nil {
				return nil, err
			}
			if let {
				continue
			}
		}
		b.All = append(b.All, one)
	}
	return closed, nil
}

// in reports whether a blocker that was seen is in a repository.
func (s Seen) in(repo, home github.Repo) bool {
	if s.Repo == "" {
		return repo == home
	}
	return strings.EqualFold(s.Repo, repo.Name)
}

// freed reports whether a release manager has let a blocker go for good.
func (b *blocking) freed(one facts.Blocker) bool {
	return slices.ContainsFunc(b.Freed, func(f facts.Freed) bool { return f.Is(one) && f.Until == "" })
}

// lookClosely counts one that is looked at by itself; with too many, nobody knows how many
// there are.
func (b *blocking) lookClosely() bool {
	if b.closely--; b.closely < 0 {
		b.Unknown, b.Why = true, fmt.Sprintf("more than %d of them are closed or were taken off, and no more are looked at", maxClosely)
	}
	return b.closely >= 0
}

// What took a blocker off where no event of GitHub's says it.
const (
	eventGone    = -1
	eventRenamed = -2
)

// takenOff finds out who took an issue off. let says that it was a release manager: by
// their word it is no blocker any more.
func (b *blocking) takenOff(l *facts.Look, i github.Issue, one *facts.Blocker) (let bool, err error) {
	turns, err := b.h.GitHub.Turns(l.Context(), l.Repo, i.Number)
	if err != nil {
		return false, err
	}
	var by []facts.TakenOff
	if !hasLabel(i.Labels, b.s.Blockers.Label) {
		by = append(by, b.labelOff(turns))
	}
	if !b.counts(i.Milestone) {
		by = append(by, b.milestoneOff(turns, i.Milestone))
	}
	for _, off := range by { // none where a list doesn't show it yet
		if off.Who.ID != 0 && !off.Who.Bot {
			role, err := facts.Manages.Of(b.home, facts.Role{Branch: b.Branch, Who: off.Who})
			if err != nil || role.Holds {
				return err == nil, err
			}
			off.Unsure = role.Unknown()
		}
		if one.Off == nil || off.Event > one.Off.Event {
			one.Off = &off
		}
	}
	return false, nil
}

func hasLabel(labels []string, want config.Label) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, string(want)) })
}

// renamedOff is for what nobody did to the issue itself.
func renamedOff(what string) facts.TakenOff {
	return facts.TakenOff{Event: eventRenamed, How: "its " + what + " was renamed or deleted, or GitHub doesn't say who took it off"}
}

func (b *blocking) labelOff(turns []github.IssueTurn) facts.TakenOff {
	off := renamedOff("label")
	for _, t := range turns {
		if t.Off && strings.EqualFold(t.Label, string(b.s.Blockers.Label)) && t.ID > off.Event {
			off = facts.TakenOff{Event: t.ID, Who: t.Who, How: "took the label " + effect.Code(t.Label) + " off"}
		}
	}
	return off
}

// milestoneOff finds who moved it: of the milestones that count, it lost one last.
func (b *blocking) milestoneOff(turns []github.IssueTurn, now string) facts.TakenOff {
	off, had := renamedOff("milestone"), ""
	for _, t := range turns {
		switch {
		case t.Milestone == "" || t.ID < off.Event:
		case t.Off && b.counts(t.Milestone):
			had = t.Milestone
			off = facts.TakenOff{Event: t.ID, Who: t.Who, How: "took it out of the milestone " + effect.Code(had)}
		case !t.Off && t.Milestone == now && had == "" && b.counts(""): // without any it counted
			off = facts.TakenOff{Event: t.ID, Who: t.Who, How: "gave it the milestone " + effect.Code(now)}
		}
	}
	if now != "" && had != "" {
		off.How = fmt.Sprintf("moved it from the milestone %s to %s", effect.Code(had), effect.Code(now))
	}
	return off
}

// maxSeen is how many blockers a record remembers.
const maxSeen = 100

// seen notes the blockers in a record, and returns what is to be said of those that were taken
// off: once for each time.
func (s look) seen(is *Record) (notes []effect.Effect) {
	b := s.Counts.Blockers
	if b.Unknown {
		return nil
	}
	var now []Seen
	for _, one := range b.All {
		seen := Seen{Number: one.Number}
		if !one.Here {
			seen.Repo = one.Repo.Name
		}
		if i := slices.IndexFunc(is.Blockers, func(was Seen) bool { return was.Number == seen.Number && strings.EqualFold(was.Repo, seen.Repo) }); i >= 0 {
			seen.Told = is.Blockers[i].Told
		}
		if one.Off != nil && one.Off.Event != seen.Told {
			seen.Told = one.Off.Event
			notes = append(notes, s.note(fmt.Sprintf("off %s#%d %d", seen.Repo, seen.Number, seen.Told), takenOffText(one, b.Branch)))
		}
		if len(now) < maxSeen {
			now = append(now, seen)
		}
	}
	slices.SortFunc(now, func(a, b Seen) int { return cmp.Or(strings.Compare(a.Repo, b.Repo), cmp.Compare(a.Number, b.Number)) })
	is.Blockers = now
	return notes
}
