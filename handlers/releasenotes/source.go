package releasenotes

import (
	"errors"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// maxSources is how many sources of a cherry-pick are looked at.
const maxSources = 6

// source is a pull request that a cherry-pick says that it picks.
type source struct {
	Number int
	State  sourceState
	Paths  []string // its note files that aren't in the pick
	Notes  []notes.File
	Label  waiver
	// Changes are its own. What it says counts only for a pick of them.
	Changes github.Changes
}

type sourceState string

const (
	noted   sourceState = "noted"
	waived  sourceState = "waived"
	lacking sourceState = "lacking"
	// strange is one that can't be a source: not merged, of another branch than
	// the source branch, or not there.
	strange sourceState = "strange"
	// foreign is one that was merged, but isn't what the pull request brings.
	foreign sourceState = "foreign"
)

var (
	pickWords = lazy.Regexp(`(?i)cherry[ -]?pick(?:ed|s|ing)?\b`)
	titleTail = lazy.Regexp(`\(#[1-9][0-9]{0,8}\)\s*$`)
)

// textOf is what people wrote about a pull request; body is its description.
func textOf(repo github.Repo, pr github.PullRequest, body string) provenance.Text {
	return provenance.Text{Title: pr.Title, Body: body, HeadBranch: string(pr.HeadRef), Repo: repo.String()}
}

// saysPick reports whether a text says that the change is a cherry-pick, also as
// the title of one often ends: with the number of its source.
func saysPick(t provenance.Text) bool {
	return pickWords().MatchString(t.Title) || titleTail().MatchString(t.Title) || pickWords().MatchString(t.HeadBranch) ||
		pickWords().MatchString(hidden().ReplaceAllString(t.Body[:min(len(t.Body), maxBody)], ""))
}

// readSources reads what became of the notes of a cherry-pick's sources: what
// the pull request's texts name, as the gate of release branches reads them.
func (h *Handler) readSources(l *facts.Look, f *known) (err error) {
	if f.From, err = facts.SourceBranch.Of(l, facts.Whole{}); err != nil || f.PR.Base == f.From {
		return err
	}
	detail, err := facts.Detail.Of(l, f.PR.Number)
	if err != nil {
		return err
	}
	text := textOf(l.Repo, f.PR, detail.Body)
	mentions, err := f.mentions(l, text)
	if err != nil {
		return err
	}
	seen := map[int]bool{f.PR.Number: true}
	var all []source
	for _, m := range mentions[:min(len(mentions), maxSources)] {
		if m.Commit != "" {
			if m.Number, err = facts.Bringer.Of(l, facts.At{Branch: f.From, Commit: m.Commit}); err != nil {
				return err
			}
		}
		if m.Number == 0 || seen[m.Number] {
			continue
		}
		seen[m.Number] = true
		s, err := h.readSource(l, *f, m.Number)
		if err != nil {
			return err
		}
		if seen[s.Number] && s.Number != m.Number {
			continue
		}
		seen[s.Number] = true
		all = append(all, s)
	}
	var of facts.Stands
	if slices.ContainsFunc(all, func(s source) bool { return s.State != strange }) {
		if of, err = facts.StandsFor.Of(l, f.PR.Number); err != nil {
			return err
		}
	}
	f.Sources = believed(*f, all, of, saysPick(text))
	return nil
}

// mentions are what the pull request names. Of a pick of ours that is what was asked for,
// and what people have named since: the rest of its texts is ours, and lists what the branch
// lacks, too.
func (f known) mentions(l *facts.Look, text provenance.Text) ([]provenance.Mention, error) {
	pick, err := facts.Pick.Of(l, f.PR.Number)
	if err != nil || !pick.Is() {
		return provenance.Mentions(text), err
	}
	words, err := facts.Words.Of(l, facts.Against{Number: f.PR.Number, Base: f.PR.Base})
	mentions := []provenance.Mention{{Number: pick.Source, Commit: pick.Commit, By: provenance.ByMarker}}
	for _, w := range words {
		if w.Lost == facts.Counts {
			mentions = append(mentions, w.Mention)
		}
	}
	return mentions, err
}

// believed are those of the sources that git has found in the pull request, if each file
// that it changes is one that they changed: anybody can name a number. Notes that
// it brings, and files that never need one, may be its own. What changed none of
// them is named for another reason. With none to believe they are told only if
// the pull request says that it is a cherry-pick.
func believed(f known, all []source, of facts.Stands, says bool) []source {
	own, theirs, complete := f.code(), map[string]bool{}, f.Changes.Complete
	var real []source
	for _, s := range all {
		paths := s.Changes.Paths()
		if s.State == strange || !of.Brings(s.Number) || s.Changes.Complete && !slices.ContainsFunc(own, func(p string) bool { return slices.Contains(paths, p) }) {
			continue
		}
		real, complete = append(real, s), complete && s.Changes.Complete
		for _, p := range paths {
			theirs[p] = true
		}
	}
	switch {
	case complete && len(own) > 0 && !slices.ContainsFunc(own, func(p string) bool { return !theirs[p] }):
		return real
	case !says:
		return nil
	}
	for i, s := range all {
		if s.State != strange {
			all[i].State = foreign
		}
	}
	return all
}

// code lists the paths that the pull request changes, but notes that it brings and
// files that never need one. A note that it takes away or renames is among them.
func (f known) code() []string {
	var own []string
	for _, one := range f.Changes.Files {
		if !f.Settings.ExemptPath(one.Path) && (one.Gone || !f.Settings.holds(one.Path)) {
			own = append(own, one.Path)
		}
		if one.Was != "" && !f.Settings.ExemptPath(one.Was) {
			own = append(own, one.Was)
		}
	}
	return own
}

// readSource reads one source. People also name the issue that a failed pick was
// told in, whose title begins with the branch: its text names the source. The issue
// is read first, as the gate of release branches does: it knows both kinds.
func (h *Handler) readSource(l *facts.Look, f known, n int) (source, error) {
	s := source{Number: n, State: strange}
	issue, err := facts.Issue.Of(l, n)
	if errors.Is(err, reconcile.ErrGone) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if !issue.IsPullRequest {
		k, err := failedPick(l, f, issue)
		if k == 0 || err != nil {
			return s, err
		}
		s.Number = k
	}
	pr, err := facts.Detail.Of(l, s.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return s, nil
	}
	if err != nil || !pr.Merged || pr.Base == f.PR.Base || pr.Base != f.From {
		return s, err
	}
	if s.Changes, err = facts.FileChanges.Of(l, facts.Head{Number: pr.Number, Commit: pr.Head}); err != nil {
		return s, err
	}
	s.State = lacking
	return h.readSourceNotes(l, f, pr.PullRequest, s)
}

// failedPick is the pull request that an issue about a pick that failed names
// first, 0 for none. Ours has a record of it.
func failedPick(l *facts.Look, f known, issue github.Issue) (int, error) {
	if !strings.HasPrefix(strings.ToLower(issue.Title), "["+strings.ToLower(string(f.PR.Base))+"]") {
		return 0, nil
	}
	if failed, err := facts.Failed.Of(l, issue.Number); err != nil || failed.Ours {
		return failed.Source, err
	}
	for _, m := range provenance.Mentions(provenance.Text{Title: issue.Title, Body: issue.Body}) {
		if m.Number != 0 && m.Number != issue.Number && m.Number != f.PR.Number {
			return m.Number, nil
		}
	}
	return 0, nil
}

// readSourceNotes reads the notes that a source brought, and its label.
func (h *Handler) readSourceNotes(l *facts.Look, f known, pr github.PullRequest, s source) (_ source, err error) {
	if s.Label, err = f.readLabel(l, pr); err != nil {
		return s, err
	}
	if s.Label.holds() {
		s.State = waived
	}
	brought := slices.DeleteFunc(slices.Clone(s.Changes.Files), func(one github.ChangedFile) bool {
		return one.Gone || one.Same || !f.Settings.holds(one.Path)
	})
	paths := pathsOf(brought[:min(len(brought), maxGone)])
	read, err := h.notesAt(l, pr.Head, paths)
	for _, path := range paths {
		if !read[path].Valid() {
			continue
		}
		s.State, s.Notes = noted, append(s.Notes, read[path])
		if !slices.ContainsFunc(f.Files, func(have noteFile) bool { return have.Path == path }) {
			s.Paths = append(s.Paths, path)
		}
	}
	return s, err
}
