package releasenotes

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// observePulls adds to the report what the changes of the range say. The files of the newest
// are looked at, those without the label first: it ends the matter, unless a note
// contradicts it.
func (h *Handler) observePulls(ctx context.Context, e *edition) error {
	e.Report.LabelsKnown = true
	left := maxLooks
	for _, p := range e.Parts {
		all, err := h.observeLandings(ctx, *e, p)
		if err != nil {
			return err
		}
		steps, unread, err := h.observeSteps(ctx, p, all.list, &left)
		if err != nil {
			return err
		}
		about := notes.RepoReport{Name: p.Repo.String(), From: p.from.ID, To: p.to.ID, Files: len(p.files), Moved: p.moved,
			Changes: len(steps), Partial: all.told() + unread}
		ask := elsewhere{h: h, p: p, left: maxAsked}
		judged := notes.Judge(about.Name, p.files, steps, func(m provenance.Mention) (provenance.Text, bool) { return ask.text(ctx, m) })
		if ask.err != nil {
			return ask.err
		}
		e.Report.Add(about, judged.Lacking, judged.Reverted)
		e.Report.Contradicting = append(e.Report.Contradicting, judged.Contradicting...)
	}
	return nil
}

// observeSteps looks at what the changes of a range bring, the oldest first; unread says
// how many of them nobody looked at.
func (h *Handler) observeSteps(ctx context.Context, p part, list []landing, left *int) (steps []notes.Step, unread string, err error) {
	steps = make([]notes.Step, len(list))
	var look [2][]int // without the label, and with it, the newest first
	for i, one := range slices.Backward(list) {
		s := one.step(p)
		if s.Unread = true; !s.Exempt {
			which := 0
			if s.Waived {
				which = 1
			}
			look[which] = append(look[which], i)
		}
		steps[i] = s
	}
	if n := len(look[0]); n > *left {
		unread = fmt.Sprintf("; the files of the newest %d of %d without the label were looked at", *left, n)
	}
	for _, i := range slices.Concat(look[0], look[1]) {
		if *left == 0 {
			break
		}
		*left--
		if err := h.observeFiles(ctx, p, list[i], &steps[i]); err != nil {
			return nil, "", err
		}
	}
	return steps, unread, nil
}

// observeFiles says of one change which notes it brings. A note that it only moves is none of it.
func (h *Handler) observeFiles(ctx context.Context, p part, one landing, s *notes.Step) (err error) {
	f := known{Settings: p.Settings}
	if one.pull != nil {
		f.Changes, err = h.GitHub.Changes(ctx, p.Repo, one.pull.Number, one.pull.Head)
	} else {
		f.Changes, err = h.GitHub.CommitChanges(ctx, p.Repo, one.commits[0].ID)
	}
	for _, file := range f.Changes.Files {
		if !file.Gone && !file.Same && p.Settings.holds(file.Path) {
			s.Noted = append(s.Noted, file.Path)
		}
	}
	s.Unread, s.Exempt = false, f.exempt()
	return err
}

// step is a change with what its texts say, before anybody looked at its files.
func (one landing) step(p part) (s notes.Step) {
	newest := one.commits[0]
	text, _ := provenance.Squash(newest.Message)
	s.Change = notes.Change{Repo: p.Repo.String(), Commit: newest.ID, Subject: text.Title}
	author := newest.Author.ID
	if pr := one.pull; pr != nil {
		s.Change = changeOf(p.Repo, *pr)
		messages := text.Messages
		text = textOf(p.Repo, *pr, pr.Body)
		text.Messages = messages
		author, s.Waived = pr.Author.ID, labelled(pr.Labels, p.Settings.Label)
		s.Landed.Number = pr.Number
	}
	text.Repo = p.Repo.String()
	s.Landed.Text, s.Exempt = text, p.Settings.ExemptAccount(author)
	for _, c := range one.commits {
		s.Landed.Commits = append(s.Landed.Commits, c.ID)
	}
	return s
}

func changeOf(repo github.Repo, pr github.PullRequest) notes.Change {
	return notes.Change{Repo: repo.String(), Number: pr.Number, Commit: pr.Head, Subject: pr.Title}
}

// elsewhere asks for the texts of what isn't in the range: what a revert is a pick of.
type elsewhere struct {
	h    *Handler
	p    part
	left int
	err  error
}

func (a *elsewhere) text(ctx context.Context, m provenance.Mention) (t provenance.Text, known bool) {
	if a.left--; a.left < 0 || a.err != nil {
		return t, false
	}
	var pr github.PullDetail
	if m.Number != 0 {
		if pr, a.err = facts.Detail.Of(a.p.look, m.Number); errors.Is(a.err, reconcile.ErrGone) {
			a.err = nil // an issue, or nothing
			return t, false
		}
		known = true
	} else if main, err := facts.SourceBranch.Of(a.p.look, facts.Whole{}); err != nil {
		a.err = err
	} else {
		pr, known, a.err = a.h.GitHub.MergedWith(ctx, a.p.Repo, main, m.Commit)
	}
	return textOf(a.p.Repo, pr.PullRequest, pr.Body), known && a.err == nil
}

// told says which changes they are, and why they may not be all.
func (m landings) told() string {
	what := ""
	for i, side := range m.sides {
		word := "by the first parents of"
		if i > 0 {
			word = ", and of"
		}
		what += fmt.Sprintf("%s %s from %s to %s", word, side.branch, effect.Short(side.from), effect.Short(side.to))
	}
	if m.direct > 0 {
		what += fmt.Sprintf("; %d of them without a pull request", m.direct)
	}
	return what + m.why
}
