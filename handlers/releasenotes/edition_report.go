package releasenotes

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

var (
	revertTitle = lazy.Regexp(`Revert "`)
	revertBody  = lazy.Regexp(`(?m)^Reverts (?:[A-Za-z0-9_-]+/[A-Za-z0-9._-]+)?#([1-9][0-9]{0,8})`)
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
		m := revertBody().FindStringSubmatch(pr.Body)
		if m == nil || !revertTitle().MatchString(pr.Title) {
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

// merges are the pull requests of a range in one repository.
type merges struct {
	pulls []github.PullRequest
	what  string // which they are
	why   string // not all; "" if they are
}

// observePulls adds to the report what the pull requests of the range say. The
// files of the newest are looked at, as far as their labels don't end the matter.
func (h *Handler) observePulls(ctx context.Context, e *edition) error {
	e.Report.LabelsKnown = true
	left := maxLooks
	for i, p := range e.Parts {
		all, err := h.observeMerges(ctx, *e, p)
		if err != nil {
			return err
		}
		about := &e.Report.Repos[i]
		about.Changes, about.Partial = len(all.pulls), all.what+all.why
		undone := takenBack(all.pulls)
		look := slices.DeleteFunc(slices.Clone(all.pulls), func(pr github.PullRequest) bool {
			_, isUndone := undone[pr.Number]
			return p.Settings.ExemptAccount(pr.Author.ID) || !isUndone && labelled(pr.Labels, p.Settings.Label)
		})
		if len(look) > left {
			about.Partial += fmt.Sprintf("; the files of the newest %d of %d without the label were looked at", left, len(look))
			look = look[:left]
		}
		left -= len(look)
		for _, pr := range look {
			if err := h.observePullOfRange(ctx, e, p, pr, undone); err != nil {
				return err
			}
		}
	}
	return nil
}

// observeMerges lists the pull requests that were merged into the release's branch
// in the range and, if the range begins in another minor release, those that were
// merged into the source branch from where the one before left it to where this
// one did; the newest first.
func (h *Handler) observeMerges(ctx context.Context, e edition, p part) (m merges, err error) {
	since := p.from.At
	if e.crosses() {
		if m, since, err = h.observeBefore(ctx, e, p); err != nil {
			return m, err
		}
	}
	pulls, err := h.GitHub.MergedPullRequests(ctx, p.Repo, e.branch(), since)
	// The one that the range begins after was merged at the same instant.
	m.pulls = slices.DeleteFunc(append(pulls, m.pulls...), func(pr github.PullRequest) bool { return pr.Number == p.from.Pull })
	slices.SortStableFunc(m.pulls, func(a, b github.PullRequest) int {
		return cmp.Or(b.MergedAt.Compare(a.MergedAt), cmp.Compare(b.Number, a.Number))
	})
	m.what = fmt.Sprintf("the pull requests merged into %s since %s", e.branch(), since.UTC().Format(time.DateOnly)) + m.what
	return m, err
}

// observeBefore lists what the range has from before the release's branch left the
// source branch, and says since when the branch's own count.
func (h *Handler) observeBefore(ctx context.Context, e edition, p part) (m merges, since time.Time, err error) {
	since = p.from.At
	main, err := facts.SourceBranch.Of(h.look(ctx, p.Repo), facts.Whole{})
	if err != nil {
		return m, since, err
	}
	fork, err := h.GitHub.MergeBase(ctx, p.Repo, main, p.from.ID)
	if err != nil {
		return m, since, err
	}
	cut, err := h.GitHub.MergeBase(ctx, p.Repo, main, p.to.ID)
	if err != nil || fork == "" || cut == "" {
		m.why = "; what came before is unknown"
		return m, since, err
	}
	if fork == cut { // the range may begin on the branch itself
		common, err := h.GitHub.MergeBase(ctx, p.Repo, e.branch(), p.from.ID)
		if err != nil || common == p.from.ID {
			return m, since, err
		}
	}
	at, _, err := h.GitHub.Revision(ctx, p.Repo, cut)
	if err != nil || fork == cut {
		return m, at.At, err
	}
	m, err = h.observeMain(ctx, p, main, fork, cut)
	return m, at.At, err
}

// observeMain lists those of the source branch, by the commits of the range.
func (h *Handler) observeMain(ctx context.Context, p part, main release.Branch, fork, cut string) (m merges, err error) {
	numbers, complete, err := h.GitHub.GroupMembers(ctx, p.Repo, fork, cut)
	if err != nil {
		return m, err
	}
	begun, _, err := h.GitHub.Revision(ctx, p.Repo, fork)
	if err != nil {
		return m, err
	}
	pulls, err := h.GitHub.MergedPullRequests(ctx, p.Repo, main, begun.At)
	m.pulls = slices.DeleteFunc(pulls, func(pr github.PullRequest) bool { return !slices.Contains(numbers, pr.Number) })
	m.what = fmt.Sprintf(", and into %s before, from %s to %s", main, effect.Short(fork), effect.Short(cut))
	if !complete {
		m.why = "; some of the commits there name no pull request"
	}
	return m, err
}

// observePullOfRange says of one merged pull request whether it lacks a note,
// and whether its note should go because it was taken back.
func (h *Handler) observePullOfRange(ctx context.Context, e *edition, p part, pr github.PullRequest, undone map[int]github.PullRequest) error {
	by, isUndone := undone[pr.Number]
	changes, err := h.GitHub.Changes(ctx, p.Repo, pr.Number, pr.Head)
	if err != nil {
		return err
	}
	f := known{Settings: p.Settings, Changes: changes}
	change := changeOf(p.Repo, pr)
	noted := false
	for _, one := range changes.Files {
		if one.Gone || !p.Settings.holds(one.Path) {
			continue
		}
		noted = true
		if isUndone && p.brings(one.Path) {
			e.Report.Reverted = append(e.Report.Reverted, notes.Reverted{Repo: p.Repo.String(), Path: one.Path, Change: change, By: changeOf(p.Repo, by)})
		}
	}
	if !noted && !isUndone && !revertTitle().MatchString(pr.Title) && !f.exempt() {
		e.Report.Lacking = append(e.Report.Lacking, change)
	}
	return nil
}

func changeOf(repo github.Repo, pr github.PullRequest) notes.Change {
	return notes.Change{Repo: repo.String(), Number: pr.Number, Commit: pr.Head, Subject: pr.Title}
}
