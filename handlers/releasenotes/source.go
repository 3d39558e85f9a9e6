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
}

type sourceState string

const (
	noted   sourceState = "noted"
	waived  sourceState = "waived"
	lacking sourceState = "lacking"
	// strange is one that can't be a source: not merged, or not there.
	strange sourceState = "strange"
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
	return all, nil
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
	changes, err := h.GitHub.Changes(ctx, repo, n, pr.Head)
	if err != nil {
		return s, err
	}
	s.State = lacking
	if labelled(pr.Labels, f.Settings.Label) {
		s.State = waived
	}
	for _, one := range changes.Files {
		if one.Gone || one.Same || !f.Settings.holds(one.Path) || len(s.Notes) == maxGone {
			continue
		}
		note, found, err := h.note(ctx, repo, f, pr.Head, one.Path)
		if err != nil {
			return s, err
		}
		if !found || note.Empty() {
			continue
		}
		s.State, s.Notes = noted, append(s.Notes, note)
		if !slices.ContainsFunc(f.Files, func(have noteFile) bool { return have.Path == one.Path }) {
			s.Paths = append(s.Paths, one.Path)
		}
	}
	return s, nil
}
