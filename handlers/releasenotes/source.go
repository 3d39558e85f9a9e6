package releasenotes

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
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
	// the default one, or not there.
	strange sourceState = "strange"
	// foreign is one that was merged, but isn't what the pull request brings.
	foreign sourceState = "foreign"
)

var (
	pickHead   = regexp.MustCompile(`^cherry-pick-([1-9][0-9]{0,8})-to-.`)
	pickWords  = regexp.MustCompile(`(?i)cherry[ -]?pick(?:ed|s|ing)?\b`)
	mention    = regexp.MustCompile(`#([1-9][0-9]{0,8})\b`)
	pickNumber = regexp.MustCompile(`(?i)cherry[ -]?pick(?:ed|s|ing)?\s+(?:of\s+|for\s+|from\s+)?(?:the\s+)?(?:issue\s+|pr\s+|pull request\s+)?#?([1-9][0-9]{2,8})\b`)
	titleTail  = regexp.MustCompile(`\(#([1-9][0-9]{0,8})\)\s*$`)
	titleBase  = regexp.MustCompile(`^\[[^\]]*[0-9]+\.[0-9]+\]`)
)

// sourcesOf reads from a pull request which others it picks: from the branch
// that Slipway's own picks have, or from how people name theirs. body is its
// description, whose lines count that speak of a cherry-pick.
func sourcesOf(repo github.Repo, pr github.PullRequest, body string) []int {
	var found []int
	add := func(all [][]string) {
		for _, m := range all {
			if n, err := strconv.Atoi(m[1]); err == nil && n != pr.Number && !slices.Contains(found, n) {
				found = append(found, n)
			}
		}
	}
	if m := pickHead.FindStringSubmatch(string(pr.HeadRef)); m != nil && strings.EqualFold(pr.HeadRepo.String(), repo.String()) {
		add([][]string{m})
		return found
	}
	title := strings.TrimSpace(pr.Title)
	if pickWords.MatchString(title) {
		add(mention.FindAllStringSubmatch(title, -1))
		add(pickNumber.FindAllStringSubmatch(title, -1))
	}
	if _, _, numbered := pr.Base.Minor(); len(found) == 0 && numbered { // "the source's title (#123)"
		add(titleTail.FindAllStringSubmatch(title, -1))
	}
	if len(found) == 0 && (pickWords.MatchString(title) || titleBase.MatchString(title) || pickWords.MatchString(body)) {
		for line := range strings.Lines(hidden.ReplaceAllString(body[:min(len(body), maxBody)], "")) {
			if pickWords.MatchString(line) {
				add(mention.FindAllStringSubmatch(line, -1))
			}
		}
	}
	return found[:min(len(found), maxSources)]
}

// observeSources reads what became of the notes of a cherry-pick's sources.
func (h *Handler) observeSources(ctx context.Context, repo github.Repo, f facts) ([]source, error) {
	numbers := sourcesOf(repo, f.PR, "")
	if len(numbers) == 0 && (pickWords.MatchString(f.PR.Title) || titleBase.MatchString(f.PR.Title)) {
		detail, err := h.GitHub.PullDetail(ctx, repo, f.PR.Number)
		if err != nil {
			return nil, err
		}
		numbers = sourcesOf(repo, f.PR, detail.Body)
	}
	var all []source
	for _, n := range numbers {
		s, err := h.observeSource(ctx, repo, f, n, true)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return believed(f, all), nil
}

// believed takes the sources at their word only if each file that the pull
// request changes is one that they changed: anybody can name a number. Notes that
// it brings, and files that never need one, may be its own.
func believed(f facts, all []source) []source {
	theirs, complete := map[string]bool{}, f.Changes.Complete
	for _, s := range all {
		complete = complete && (s.State == strange || s.Changes.Complete)
		for _, p := range s.Changes.Paths() {
			theirs[p] = true
		}
	}
	own := f.code()
	if complete && len(own) > 0 && !slices.ContainsFunc(own, func(p string) bool { return !theirs[p] }) {
		return all
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
func (f facts) code() []string {
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

// observeSource reads one source. People also name the issue that a failed pick
// was told in: its text names the source. The issue is read first, as the gate of
// release branches does: it knows both kinds, and has an answer that can be
// revalidated where the pull requests' has none.
func (h *Handler) observeSource(ctx context.Context, repo github.Repo, f facts, n int, follow bool) (source, error) {
	s := source{Number: n, State: strange}
	issue, err := h.GitHub.Issue(ctx, repo, n)
	if errors.Is(err, reconcile.ErrGone) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if !issue.IsPullRequest {
		if !follow || !pickWords.MatchString(issue.Body) {
			return s, nil
		}
		for _, m := range mention.FindAllStringSubmatch(issue.Body, -1) {
			if k, err := strconv.Atoi(m[1]); err == nil && k != n && k != f.PR.Number {
				return h.observeSource(ctx, repo, f, k, false)
			}
		}
		return s, nil
	}
	pr, err := h.GitHub.PullDetail(ctx, repo, n)
	if errors.Is(err, reconcile.ErrGone) {
		return s, nil
	}
	if err != nil || !pr.Merged || pr.Base == f.PR.Base {
		return s, err
	}
	main, err := h.GitHub.DefaultBranch(ctx, repo)
	if err != nil || pr.Base != main {
		return s, err
	}
	if s.Changes, err = h.GitHub.Changes(ctx, repo, n, pr.Head); err != nil {
		return s, err
	}
	s.State = lacking
	return h.observeSourceNotes(ctx, repo, f, pr, s)
}

// observeSourceNotes reads the notes that a source brought, and its label.
func (h *Handler) observeSourceNotes(ctx context.Context, repo github.Repo, f facts, pr github.PullDetail, s source) (source, error) {
	theirs := facts{PR: pr.PullRequest, Policy: f.Policy, Settings: f.Settings}
	if err := h.observeLabel(ctx, repo, &theirs); err != nil {
		return s, err
	}
	if s.Label = theirs.Label; s.Label.holds() {
		s.State = waived
	}
	for _, one := range s.Changes.Files {
		if one.Gone || one.Same || !f.Settings.holds(one.Path) || len(s.Notes) == maxGone {
			continue
		}
		note, found, err := h.note(ctx, repo, f, pr.Head, one.Path)
		if err != nil {
			return s, err
		}
		if !found || !note.Valid() {
			continue
		}
		s.State, s.Notes = noted, append(s.Notes, note)
		if !slices.ContainsFunc(f.Files, func(have noteFile) bool { return have.Path == one.Path }) {
			s.Paths = append(s.Paths, one.Path)
		}
	}
	return s, nil
}
