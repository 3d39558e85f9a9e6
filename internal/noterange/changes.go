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
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

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
	var steps []notes.Step
	for _, c := range slices.Backward(commits) { // the oldest first
		s, err := read(ctx, repo, a, c)
		if err != nil {
			return err
		}
		steps = append(steps, s)
	}
	var failed error
	left := maxLookups
	r.Judgement = notes.Judge(a.Name, r.Source.Files, steps, func(m provenance.Mention) (t provenance.Text, known bool) {
		if left--; left < 0 || failed != nil {
			return t, false
		}
		var c git.Commit
		if m.Commit != "" {
			if id, err := repo.Resolve(ctx, m.Commit); err == nil {
				c, failed = repo.Commit(ctx, id)
			}
		} else {
			c, _, failed = repo.MergedBy(ctx, m.Number)
		}
		return textOf(a, c), c.ID != ""
	})
	return failed
}

// maxLookups bounds how many sources of reverts are looked for outside of the range.
const maxLookups = 100

// textOf is what a commit says.
func textOf(a Request, c git.Commit) provenance.Text {
	t, _ := provenance.Squash(c.Message)
	if strings.Contains(a.Name, "/") {
		t.Repo = a.Name
	}
	return t
}

func read(ctx context.Context, repo *git.Repository, a Request, c git.Commit) (s notes.Step, err error) {
	s.Change = notes.Change{Repo: a.Name, Number: NumberOf(c.Subject()), Commit: c.ID, Subject: c.Subject()}
	s.Landed = provenance.Landed{Number: s.Number, Commits: []string{c.ID}, Text: textOf(a, c)}
	s.Waived = s.Number != 0 && a.Waived != nil && a.Waived(s.Number)
	before := ""
	if len(c.Parents) > 0 {
		parent, err := repo.Commit(ctx, c.Parents[0])
		if err != nil {
			return s, err
		}
		before = parent.Tree
	}
	list, complete, err := repo.Differing(ctx, before, c.Tree, "", maxPaths)
	if err != nil {
		return s, err
	}
	s.Exempt = complete && a.Exempt != nil
	was := map[string]bool{} // what it only moves is no note of it
	for _, one := range list {
		was[one.Old] = one.Old != ""
	}
	for _, one := range list {
		if a.Exempt != nil && !a.Exempt(one.Path) {
			s.Exempt = false
		}
		if one.New != "" && !was[one.New] && notes.Holds(a.Dir, one.Path) {
			s.Noted = append(s.Noted, one.Path)
		}
	}
	if id := accountOf(c.Author); id != 0 && a.ExemptAccount != nil && a.ExemptAccount(id) {
		s.Exempt = true
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
