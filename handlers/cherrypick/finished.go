package cherrypick

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// pullFacts is what is read of a pull request that may be a pick of ours.
type pullFacts struct {
	Ours    bool // our App opened it
	IsPick  bool
	Of      subject
	Head    string // as people left it, see ownHead
	Record  PullRecord
	Intact  bool
	Made    bool // our App made Head
	Clash   bool // and says in its message that it conflicts
	Marked  github.Marked
	AskedBy []github.User
	// Accepted is who took the draft as it was at a commit.
	Accepted Acceptance
}

// PickOf is the fact facts.Pick. Of a pull request that isn't ours it reads nothing.
func (h *Handler) PickOf(l *facts.Look, pr github.PullDetail) (reconcile.Pick, error) {
	f, err := h.observePull(l, pr)
	if err != nil || !f.IsPick {
		return reconcile.Pick{Ours: f.Ours}, err
	}
	pick := reconcile.Pick{Ours: true, AskedBy: f.AskedBy, Finished: finished(f)}
	if pick.Source = f.Of.number; f.Of.commit != "" {
		pick.Source, pick.Commit = 0, f.sourceCommit()
	}
	return pick, nil
}

func (h *Handler) observePull(l *facts.Look, pr github.PullDetail) (f pullFacts, err error) {
	ctx, repo := l.Context(), l.Repo
	of, isPick := pickOf(repo, pr.PullRequest)
	if !pr.Author.Bot {
		return f, nil
	}
	bot, err := h.GitHub.BotID(ctx, repo)
	if f.Ours = err == nil && pr.Author.ID == bot; !f.Ours || !isPick {
		return f, err
	}
	f.IsPick, f.Of, f.Head = true, of, pr.Head
	f.Record, f.Intact = unseal[PullRecord](h.Sealer, effect.Place{Repo: pr.RepoID, Number: of.number}, pullMark(of.number, of.of()), pr.Body)
	if !f.Intact || pr.Head != f.Record.Commit {
		// GitHub itself may have merged the branch into it, which resolves nothing; and below
		// that may be one that we have pushed anew, before its text says so.
		if f.Head, err = ownHead(l, pr.Number, pr.Head); err != nil {
			return f, err
		}
		var one github.Commit
		if one, f.Made, err = h.ownCommit(ctx, repo, f.Head); err != nil {
			return f, err
		}
		if !f.Intact || f.Head != f.Record.Commit { // its text says no more, or not yet, what it came to
			f.Clash = f.Made && saysConflict(one.Message)
		}
	}
	if f.Marked, err = h.GitHub.Marked(ctx, repo, pr.PullRequest); err != nil {
		return f, err
	}
	if f.Intact && f.Record.Outcome == effect.PickConflict && f.Head == f.Record.Commit {
		if f.Accepted, _, err = h.acceptance(ctx, repo, effect.Place{Repo: pr.RepoID, Number: of.number}, of); err != nil {
			return f, err
		}
	}
	if f.Intact && (f.Head != f.Record.Commit || f.accepted()) { // else nobody asks for them
		if f.Marked, err = h.leaveOwn(ctx, repo, f.Marked, pr.Head, f.Record.Source); err != nil {
			return f, err
		}
	}
	f.AskedBy, err = h.askers(ctx, repo, pr.RepoID, of)
	return f, err
}

// ownHead is a pull request's head without the merges of its base that GitHub itself has
// made on top ("Update branch"): whoever presses that button has resolved nothing.
func ownHead(l *facts.Look, number int, head string) (string, error) {
	same, err := facts.SameChange.Of(l, number)
	if err != nil || same[0] != head { // it has moved meanwhile
		return head, err
	}
	return same[len(same)-1], nil
}

// askers are those who asked for a pick, as far as that stands on GitHub: by a
// command, and by the labels.
func (h *Handler) askers(ctx context.Context, repo github.Repo, repoID int64, of subject) (by []github.User, err error) {
	part, err := h.GitHub.Section(ctx, repo, of.number, of.status(), partMark(of.of()))
	if err != nil {
		return nil, err
	}
	if r, ok := unseal[Record](h.Sealer, effect.Place{Repo: repoID, Number: of.number}, partMark(of.of()), part); ok && r.ByID != 0 {
		by = append(by, github.User{ID: r.ByID, Login: r.By})
	}
	if of.commit != "" { // no label asks for it
		return by, nil
	}
	loaded, settings, err := h.policy(ctx, repo)
	if err != nil || loaded.Policy == nil {
		return by, err
	}
	pr, err := h.GitHub.CachedPull(ctx, repo, of.number)
	if err != nil {
		return by, err
	}
	labels := settings.asking(loaded.Policy, pr.Labels, of.name)
	if len(labels) == 0 {
		return by, nil
	}
	events, err := h.GitHub.Labellings(ctx, repo, of.number)
	for _, label := range labels {
		if set, on := latest(events, label); on && !set.Who.Bot && !slices.Contains(by, set.Who) {
			by = append(by, set.Who)
		}
	}
	return by, err
}

// finished says whether somebody still has to finish a pick.
func finished(f pullFacts) effect.Verdict {
	conflict := f.Record.Outcome == effect.PickConflict || !f.Intact
	accepted := f.accepted()
	switch {
	case f.Intact && conflict && !accepted && (f.Head == f.Record.Commit || f.Made), f.Clash:
		return untouched(f.Record)
	case f.Intact && !conflict && f.Head == f.Record.Commit:
		return noMarkers() // what looks like markers is the source's own
	}
	files := remaining(f)
	switch {
	case len(files) > 0:
		return markersRemain(files)
	case conflict && (len(f.Marked.Unseen) > 0 || !f.Marked.Complete):
		return cannotSee(f.Marked)
	case accepted:
		return acceptedVerdict(f.Accepted)
	}
	return noMarkers()
}

// Failed is the fact facts.Failed. Of the text the record alone counts: the rest names
// what the branch lacks, too.
func (h *Handler) Failed(l *facts.Look, repo int64, issue github.Issue) (f facts.FailedPick, err error) {
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil || issue.Author.ID != bot {
		return f, err
	}
	f.Ours = true
	r := h.Sealer.Unseal(effect.Place{Repo: repo, Number: issue.Number}, issue.Body)
	if number, _, is := strings.Cut(r.Mark.ID, "/"); is && r.Authenticity != effect.Tampered && r.Mark.Kind == issueMark(0, "").Kind {
		f.Source, _ = strconv.Atoi(number) // as we sealed it
	}
	return f, nil
}

// accepted reports whether somebody took the draft as Slipway made it.
func (f pullFacts) accepted() bool {
	return f.Intact && f.Head == f.Record.Commit && f.Accepted.Commit == f.Head
}
