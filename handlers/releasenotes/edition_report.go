package releasenotes

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

var (
	revertTitle = regexp.MustCompile(`Revert "`)
	revertBody  = regexp.MustCompile(`(?m)^Reverts (?:[A-Za-z0-9-]+/[A-Za-z0-9._-]+)?#([1-9][0-9]{0,8})`)
)

// takenBack finds the pull requests that a later one says that it reverts, as
// GitHub's own button writes it. The newest is looked at first: what was itself
// taken back takes nothing back.
func takenBack(pulls []github.PullRequest) map[int]github.PullRequest {
	newest := slices.Clone(pulls)
	slices.SortStableFunc(newest, func(a, b github.PullRequest) int {
		return cmp.Or(b.MergedAt.Compare(a.MergedAt), cmp.Compare(b.Number, a.Number))
	})
	by := map[int]github.PullRequest{}
	for _, pr := range newest {
		m := revertBody.FindStringSubmatch(pr.Body)
		if m == nil || !revertTitle.MatchString(pr.Title) {
			continue
		}
		n, err := strconv.Atoi(m[1])
		if _, undone := by[pr.Number]; err != nil || undone || n == pr.Number {
			continue
		}
		if _, have := by[n]; !have {
			by[n] = pr
		}
	}
	return by
}

// observePullOfRange says of one merged pull request whether it lacks a note,
// and whether its note should go because it was taken back.
func (h *Handler) observePullOfRange(ctx context.Context, s Snapshot, e *edition, pr github.PullRequest, undone map[int]github.PullRequest) error {
	by, isUndone := undone[pr.Number]
	robot := slices.ContainsFunc(s.Settings.Exempt.Accounts, func(a Account) bool { return a.ID == pr.Author.ID })
	if robot || !isUndone && labelled(pr.Labels, s.Settings.Label) {
		return nil
	}
	changes, err := h.GitHub.Changes(ctx, e.Repo, pr.Number, pr.Head)
	if err != nil {
		return err
	}
	f := facts{Settings: s.Settings, Changes: changes}
	change := changeOf(e.Repo, pr)
	noted := false
	for _, one := range changes.Files {
		if one.Gone || !s.Settings.holds(one.Path) {
			continue
		}
		noted = true
		if isUndone && e.brings(one.Path) {
			e.Report.Reverted = append(e.Report.Reverted, notes.Reverted{Repo: e.Repo.String(), Path: one.Path, Change: change, By: changeOf(e.Repo, by)})
		}
	}
	if !noted && !isUndone && !revertTitle.MatchString(pr.Title) && !f.exempt() {
		e.Report.Lacking = append(e.Report.Lacking, change)
	}
	return nil
}

func changeOf(repo github.Repo, pr github.PullRequest) notes.Change {
	return notes.Change{Repo: repo.String(), Number: pr.Number, Commit: pr.Head, Subject: pr.Title}
}

// brings reports whether a note file is one of the range.
func (e edition) brings(path string) bool { return slices.Contains(e.paths, path) }
