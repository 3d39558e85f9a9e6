package freeze

import (
	"errors"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// state is what is known of the freezes of a repository. Without a policy that can
// be read that is nothing.
type state struct {
	Repo     github.Repo
	RepoID   int64
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	Freezes  []Freeze         // all there are, windows included
	Calendar release.Calendar // of the releases, if a window follows them
	Source   release.Branch   // on which releases are prepared, if a window that follows them may be about it
	Files    map[fileID]calendarFile
}

// freezes is that as a fact. No event tells of it: upkeep names who has to look again.
func (h *Handler) freezes() facts.Fact[facts.Whole, state] {
	return facts.Fact[facts.Whole, state]{
		Name: "freezes", Fresh: facts.AsMadeOf, Unknown: facts.Retry, From: []facts.Need{facts.Policy, facts.Dates, facts.OurIssues, facts.SourceBranch, facts.BesidePolicy, facts.BesideBefore, facts.CalendarAt},
		Read: func(l *facts.Look, _ facts.Whole) (state, error) { return h.state(l) },
	}
}

func (h *Handler) state(l *facts.Look) (s state, err error) {
	s = state{Repo: l.Repo, Now: l.Now}
	if s.Policy, err = facts.Policy.Of(l, facts.Whole{}); err != nil || s.Policy.Policy == nil {
		return s, err
	}
	if s.Settings, err = facts.Section[Settings](l, Name); err != nil {
		return s, err
	}
	if err = h.readDates(l, &s); err != nil {
		return s, err
	}
	ours, err := facts.OurIssues.Of(l, closedSince(s.occurrences(), s.Now))
	if err != nil {
		return s, err
	}
	s.RepoID = ours.RepoID
	freezes, err := h.readAll(l, s, ours.List)
	s.Freezes = s.withWindows(freezes)
	return s, err
}

// readDates reads what windows follow.
func (h *Handler) readDates(l *facts.Look, s *state) (err error) {
	s.Files = map[fileID]calendarFile{}
	for _, w := range s.Settings.Windows {
		if w.Calendar.Given() {
			if s.Files[w.fileID()], err = h.readCalendar(l, w); err != nil {
				return err
			}
		}
		if !w.follows() {
			continue
		}
		if s.Calendar, err = facts.Dates.Of(l, facts.Whole{}); err != nil {
			return err
		}
		if slices.ContainsFunc(w.patterns(), func(name string) bool { return !isPattern(name) }) {
			if s.Source, err = facts.SourceBranch.Of(l, facts.Whole{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// closedFor is how long a freeze issue that was closed is looked at: somebody
// without the right may have closed it.
const closedFor = 7 * 24 * time.Hour

// closedSince bounds the list of closed issues. A window's issue that was closed counts
// as long as the window lasts.
func closedSince(windows []occurrence, now time.Time) time.Time {
	since := now.Add(-closedFor)
	for _, w := range windows {
		if w.due(now) && w.announced().Before(since) {
			since = w.announced()
		}
	}
	return since
}

// readAll reads the freezes among our issues. Of those that are closed, an
// altered one still counts unless our App itself closed it, which it does when a
// freeze has ended: somebody may have changed and closed it while we were away.
func (h *Handler) readAll(l *facts.Look, s state, issues []github.Issue) ([]Freeze, error) {
	freezes := make([]Freeze, 0, len(issues))
	for _, i := range issues {
		f, ok := read(h.Sealer, s.RepoID, i)
		if ok && f.Tampered && i.State == github.Closed {
			one, err := h.GitHub.Issue(l.Context(), s.Repo, i.Number)
			if err != nil && !errors.Is(err, reconcile.ErrGone) {
				return nil, err
			}
			ok = err == nil && one.ClosedBy.ID != i.Author.ID
		}
		if ok {
			freezes = append(freezes, f)
		}
	}
	return freezes, nil
}

// survey is a pull request with its verdict.
type survey struct {
	PR      github.PullRequest
	Verdict effect.Verdict
}

// survey judges open pull requests by the freezes.
func (h *Handler) survey(l *facts.Look, s state, pulls []github.PullRequest) ([]survey, error) {
	var out []survey
	for _, pr := range pulls {
		if !s.enforces(pr.Base) {
			continue
		}
		f, err := h.about(l, s, pr)
		if err != nil {
			return nil, err
		}
		v, _ := judge(f)
		out = append(out, survey{pr, v})
	}
	return out, nil
}

// openOn lists the open pull requests of the branches that fit a pattern, the
// most recently active first.
func openOn(l *facts.Look, patterns []string) ([]github.PullRequest, error) {
	var base release.Branch
	if len(patterns) == 1 && !isPattern(patterns[0]) {
		base = release.Branch(patterns[0])
	}
	all, err := facts.Open.Of(l, base)
	return slices.DeleteFunc(slices.Clone(all), func(pr github.PullRequest) bool { return !matches(patterns, pr.Base) }), err
}

// previewFacts are the open pull requests of a branch as if it were frozen.
type previewFacts struct {
	Branch release.Branch
	Pulls  []survey
}

func (h *Handler) observePreview(l *facts.Look, s state, b release.Branch) (f previewFacts, err error) {
	f.Branch = b
	f.Pulls, err = h.asIf(l, s, Record{Branches: []string{string(b)}, Since: s.Now})
	return f, err
}

// asIf judges the open pull requests of a freeze's branches as if there were it.
func (h *Handler) asIf(l *facts.Look, s state, r Record) ([]survey, error) {
	pulls, err := openOn(l, r.Branches)
	if err != nil {
		return nil, err
	}
	r.SetAt, r.Since = time.Time{}, s.Now
	s.Freezes = append(slices.Clone(s.Freezes), Freeze{Record: r})
	return h.survey(l, s, pulls)
}
