package noterange

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// step is one change of the range.
type step struct {
	notes.Change
	message string
	noted   []string // the note files that it adds or changes
	exempt  bool     // each file of it needs no note, or its author's changes need none
	undoes  *step    // the change that it takes back
	undone  *step    // the change that took it back and stands
}

// changes reads the changes of a range, and finds those without a note and the
// notes whose change was taken back.
func (r *Range) changes(ctx context.Context, repo *git.Repository, a Request, from, to string) error {
	commits, complete, err := repo.FirstParents(ctx, from, to, maxChanges)
	if err != nil {
		return err
	}
	if !complete {
		r.Repo.Partial = "only the newest changes were looked at"
	}
	r.Repo.Changes = len(commits)
	var steps []*step
	for _, c := range slices.Backward(commits) { // the oldest first
		s, err := read(ctx, repo, a, c)
		if err != nil {
			return err
		}
		steps = append(steps, s)
	}
	undo(steps)
	for _, s := range slices.Backward(steps) {
		waived := s.Number != 0 && a.Waived != nil && a.Waived(s.Number)
		if len(s.noted) == 0 && !s.exempt && !waived && s.undone == nil && s.undoes == nil {
			r.Lacking = append(r.Lacking, s.Change)
		}
	}
	r.Reverted = takenBack(a.Name, r.Source.Files, steps)
	return nil
}

func read(ctx context.Context, repo *git.Repository, a Request, c git.Commit) (*step, error) {
	s := &step{Change: notes.Change{Repo: a.Name, Number: NumberOf(c.Subject()), Commit: c.ID, Subject: c.Subject()}, message: c.Message}
	before := ""
	if len(c.Parents) > 0 {
		parent, err := repo.Commit(ctx, c.Parents[0])
		if err != nil {
			return nil, err
		}
		before = parent.Tree
	}
	list, complete, err := repo.Differing(ctx, before, c.Tree, "", maxPaths)
	if err != nil {
		return nil, err
	}
	s.exempt = complete && a.Exempt != nil
	for _, one := range list {
		if a.Exempt != nil && !a.Exempt(one.Path) {
			s.exempt = false
		}
		if one.New != "" && notes.Holds(a.Dir, one.Path) {
			s.noted = append(s.noted, one.Path)
		}
	}
	if id := accountOf(c.Author); id != 0 && a.ExemptAccount != nil && a.ExemptAccount(id) {
		s.exempt = true
	}
	return s, nil
}

// noReply is the address by which GitHub keeps an account's own private.
var noReply = lazy.Regexp(`<([1-9][0-9]{0,17})\+[^<>@]+@users\.noreply\.github\.com>`)

// accountOf is the id of the account that wrote a commit, as far as its address
// tells it, else 0. Nothing but a report may rest on it: an address is only said.
func accountOf(author string) int64 {
	m := noReply().FindStringSubmatch(author)
	if m == nil {
		return 0
	}
	id, _ := strconv.ParseInt(m[1], 10, 64) // at most 18 digits
	return id
}

var (
	mergedNumber   = lazy.Regexp(`^Merge pull request #([0-9]{1,9}) from `)
	squashedNumber = lazy.Regexp(`\(#([0-9]{1,9})\)$`)
	revertSubject  = lazy.Regexp(`Revert "(.+)"`)
	revertCommit   = lazy.Regexp(`(?m)^This reverts commit ([0-9a-f]{7,64})`)
	revertNumber   = lazy.Regexp(`(?m)^Reverts (?:[A-Za-z0-9_-]+/[A-Za-z0-9._-]+)?#([0-9]{1,9})`)
)

// NumberOf reads from a commit's subject the pull request that it came by, 0 for
// none: GitHub's own texts for a squash and for a merge.
func NumberOf(subject string) int {
	for _, re := range []*regexp.Regexp{mergedNumber(), squashedNumber()} {
		if m := re.FindStringSubmatch(strings.TrimSpace(subject)); m != nil {
			n, _ := strconv.Atoi(m[1]) // at most nine digits
			return n
		}
	}
	return 0
}

// undo notes which change takes back which. What was itself taken back takes
// nothing back, which the newest settles for those before it.
func undo(steps []*step) {
	for i, s := range steps {
		s.undoes = reverted(s, steps[:i])
	}
	for _, s := range slices.Backward(steps) {
		if s.undoes != nil && s.undone == nil && s.undoes.undone == nil {
			s.undoes.undone = s
		}
	}
}

// reverted is the change that another says that it takes back, nil for none.
func reverted(s *step, earlier []*step) *step {
	commit, number, subject := "", 0, ""
	if m := revertCommit().FindStringSubmatch(s.message); m != nil {
		commit = m[1]
	}
	if m := revertNumber().FindStringSubmatch(s.message); m != nil {
		number, _ = strconv.Atoi(m[1]) // at most nine digits
	}
	if m := revertSubject().FindStringSubmatch(s.Subject); m != nil {
		subject = m[1]
		if n := NumberOf(subject); n != 0 && number == 0 {
			number = n
		}
	}
	if commit == "" && number == 0 && subject == "" {
		return nil
	}
	for _, one := range slices.Backward(earlier) {
		switch {
		case commit != "" && strings.HasPrefix(one.Commit, commit), number != 0 && one.Number == number,
			subject != "" && (one.Subject == subject || strings.HasPrefix(one.Subject, subject+" (#")):
			return one
		}
	}
	return nil
}

// takenBack lists the notes of which every change in the range was taken back.
func takenBack(repo string, files []notes.File, steps []*step) []notes.Reverted {
	var all []notes.Reverted
	for _, f := range files {
		var last *step
		stands := false
		for _, s := range steps {
			if slices.Contains(s.noted, f.Path) && s.undoes == nil {
				last = s
				stands = stands || s.undone == nil
			}
		}
		if last != nil && !stands {
			all = append(all, notes.Reverted{Repo: repo, Path: f.Path, Change: last.Change, By: last.undone.Change})
		}
	}
	return all
}
