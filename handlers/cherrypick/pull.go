package cherrypick

import (
	"cmp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// GitHub's longest title, and how many files a record names.
const (
	maxTitle = 256
	maxFiles = 100
)

// pull is the pull request of the pick.
func (s Snapshot) pull() effect.PullRequest {
	return effect.PullRequest{
		Repo: s.Key.Repo, Head: s.head(), Base: s.branch(), Title: s.title(), Draft: s.Pick.Picked.Outcome == effect.PickConflict, Redraft: s.Pick.Picked.Outcome == effect.PickConflict,
		Mark: pullMark(s.source(), s.Subject.of()), At: s.place(), Record: marshal(s.pullRecord()), Text: pullText(s),
	}
}

func (s Snapshot) pullRecord() PullRecord {
	p := s.Pick.Picked
	r := PullRecord{Commit: p.Commit, Outcome: p.Outcome, Files: filesOf(*p), Rest: len(p.Rest), Asked: s.Pick.Ask, Onto: p.Onto, Left: boundLeft(p.Left)}
	if p.Outcome == effect.PickConflict {
		r.Needs, r.Anew = needRefs(s.Pick.Needs), s.anew() || s.wasAnew()
		r.Like, r.Tried = followed(*p), s.tried()
	}
	if n := len(s.Pick.Commits); n > 0 {
		r.Source = s.Pick.Commits[n-1]
	}
	return r
}

func filesOf(p effect.Picked) []string {
	var files []string
	for _, c := range p.Conflicts {
		name := strings.ToValidUTF8(c.Path, "\uFFFD") // as a record keeps it
		if len(files) < maxFiles && !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	return files
}

// issue is the issue about a conflict.
func (s Snapshot) issue() effect.Issue {
	return effect.Issue{
		Repo: s.Key.Repo, RepoID: s.PR.RepoID, Mark: issueMark(s.source(), s.Subject.of()), State: github.Open,
		Title: s.title(), Text: conflictIssueText(s), Record: marshal(s.pullRecord()),
	}
}

// PickState is the owner's reader of facts.PickState, as the status comment says it.
func (h *Handler) PickState(l *facts.Look, p facts.PickOnto) (facts.PickStanding, error) {
	r, err := h.stateOf(l, p)
	return r.standing(), err
}

func (r Record) standing() (is facts.PickStanding) {
	switch r.State {
	case Merged, Contained, LeftOut:
		is.There = true
	case Open:
		is.Asked, is.Number = true, r.PR
	case Clashed:
		is.Asked, is.Conflict, is.Number = true, true, cmp.Or(r.PR, r.Issue)
	case ByHand:
		is.Asked, is.Number = true, r.StandIn.PR
	case Waiting, Queued, Taken, Refused:
		is.Asked = true
	}
	return is
}

var (
	titlePrefix = lazy.Regexp(`^\s*\[([^\]\s]+)\]\s*`)
	numbersOnly = lazy.Regexp(`^(release-)?v?[0-9]+\.[0-9]+$`)
)

// title is the source's title behind the branch's name. A prefix that names
// another release branch, from an earlier pick, makes room for it.
func (s Snapshot) title() string {
	title := s.Pick.Source.Title
	for {
		m := titlePrefix().FindStringSubmatch(title)
		if m == nil || !numbersOnly().MatchString(m[1]) && !s.Policy.Governs(release.Branch(m[1])) {
			break
		}
		title = title[len(m[0]):]
	}
	return effect.Cut("["+s.Subject.name+"] "+strings.TrimSpace(title), maxTitle)
}

// extras are what hangs on the pull request of the pick, or on the issue.
func (s Snapshot) extras() effect.Extras {
	f := s.Pick
	e := effect.Extras{Repo: s.Key.Repo, Milestone: s.Settings.milestone(s.branch()), Assignees: s.assignees()}
	if f.Pull == nil {
		return s.issueExtras()
	}
	e.Number, e.OnPR = f.Pull.Number, true
	for _, l := range s.Settings.Labels {
		e.Labels = append(e.Labels, string(l))
	}
	e.Labels = append(e.Labels, s.Settings.copies(s.PR.Labels)...)
	if s.Settings.Reviewers.Author && !s.PR.Author.Bot && s.PR.Author.Login != "" {
		e.Reviewers = []string{s.PR.Author.Login}
	}
	for _, t := range s.Settings.Reviewers.Teams {
		if slug, ok := t.For(s.branch(), s.Settings.Scheme); ok {
			e.Teams = append(e.Teams, slug)
		}
	}
	return e
}

// issueExtras are what hangs on the issue about a conflict.
func (s Snapshot) issueExtras() effect.Extras {
	return effect.Extras{Repo: s.Key.Repo, Number: s.Pick.Issue.Number, Milestone: s.Settings.milestone(s.branch()), Assignees: s.assignees()}
}

// assignees are whoever asked, if that is a person.
func (s Snapshot) assignees() []string {
	if f := s.Pick; f.May && f.By.Login != "" && !f.By.Bot {
		return []string{f.By.Login}
	}
	return nil
}

// lacks names what GitHub didn't take of the extras.
func lacks(e effect.Extras, p ourPull) []string {
	var out []string
	missing := func(what string, want, have []string) {
		for _, w := range want {
			if !slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, w) }) {
				out = append(out, what+" "+effect.Code(w))
			}
		}
	}
	missing("the label", e.Labels, p.Labels)
	missing("the assignee", e.Assignees, p.Assignees)
	if e.Milestone != "" {
		missing("the milestone", []string{e.Milestone}, []string{p.Milestone})
	}
	missing("the reviewer", e.Reviewers, p.Reviewers)
	missing("the reviewing team", e.Teams, p.Teams)
	return out
}

var (
	fenceOpen = lazy.Regexp("^ {0,3}(`{3,}|~{3,})[ \t]*release-note[a-z-]*[ \t]*$")
	maxNote   = 4000
)

// releaseNote is the text of the first block ```release-note of a description.
func releaseNote(body string) string {
	var lines []string
	fence := ""
	for line := range strings.Lines(strings.ReplaceAll(body, "\r\n", "\n")) {
		line = strings.TrimRight(line, "\n")
		switch m := fenceOpen().FindStringSubmatch(line); {
		case fence == "" && m != nil:
			fence = m[1]
		case fence != "" && strings.HasPrefix(strings.TrimSpace(line), fence):
			return effect.Cut(strings.TrimSpace(strings.Join(lines, "\n")), maxNote)
		case fence != "":
			lines = append(lines, line)
		}
	}
	return ""
}
