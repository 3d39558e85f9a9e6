package cherrypick

import (
	"context"
	"regexp"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// checkFacts is what the check on one pull request rests on.
type checkFacts struct {
	PR     github.PullRequest
	Ours   bool // it is a pick of ours
	Record PullRecord
	Intact bool
	Made   bool // our App made the head
	Marked github.Marked
}

// observeCheck reads the facts about a pull request, and about all others of
// governed branches that have the same head: a check belongs to a commit, and a
// second pull request from the branch of a pick must not turn it green.
func (h *Handler) observeCheck(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	seen, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR = &seen.PullRequest
	if !ok || s.checked(seen.PullRequest) {
		pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
		if err != nil {
			return err
		}
		s.PR = &pr
	}
	open, err := h.Sightings.OpenSightings(ctx, repo, s.PR.Head)
	if err != nil {
		return err
	}
	same := []github.PullRequest{*s.PR}
	for _, one := range open {
		if one.Number != s.PR.Number {
			same = append(same, one.PullRequest)
		}
	}
	slices.SortFunc(same, func(a, b github.PullRequest) int { return a.Number - b.Number })
	for _, pr := range same {
		if !s.checked(pr) {
			continue
		}
		f, err := h.observeChecked(ctx, repo, pr)
		if err != nil {
			return err
		}
		s.Same = append(s.Same, f)
	}
	return nil
}

// checked reports whether a pull request gets the check.
func (s Snapshot) checked(pr github.PullRequest) bool {
	return pr.State == github.Open && s.Policy.Governs(pr.Base)
}

// observeChecked reads more than the pull request only if it is a pick of ours.
func (h *Handler) observeChecked(ctx context.Context, repo github.Repo, pr github.PullRequest) (checkFacts, error) {
	f := checkFacts{PR: pr}
	source, branch, isPick := pickOf(repo, pr)
	if !isPick || !pr.Author.Bot {
		return f, nil
	}
	bot, err := h.GitHub.BotID(ctx, repo)
	if err != nil || pr.Author.ID != bot {
		return f, err
	}
	f.Ours = true
	detail, err := h.GitHub.PullDetail(ctx, repo, pr.Number)
	if err != nil {
		return f, err
	}
	f.Record, f.Intact = unseal[PullRecord](h.Sealer, effect.Place{Repo: pr.RepoID, Number: source}, pullMark(source, branch), detail.Body)
	if f.Intact && pr.Head != f.Record.Commit {
		// It may be one that we have pushed anew, before its text says so.
		if f.Made, err = h.madeByUs(ctx, repo, pr.Head); err != nil {
			return f, err
		}
	}
	f.Marked, err = h.GitHub.Marked(ctx, repo, pr)
	return f, err
}

// check plans the check on a commit: the strictest of what is to be said of the
// pull requests that have it.
func check(s Snapshot) reconcile.Plan {
	if len(s.Same) == 0 {
		return reconcile.Plan{Why: "no open pull request of a governed branch"}
	}
	about := s.Same[0]
	v := judge(about)
	for _, f := range s.Same[1:] {
		if other := judge(f); v.State == effect.Pass && other.State != effect.Pass {
			about, v = f, other
		}
	}
	if len(s.Same) > 1 {
		v.Detail += sharedHead(s.Same)
	}
	return reconcile.Plan{Why: v.Title, Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: about.PR.Number, Commit: about.PR.Head, Name: CheckName, Verdict: v, Fresh: s.Subject.kind == kindRecheck,
	}}}
}

// judge holds back a pick that nobody has finished.
func judge(f checkFacts) effect.Verdict {
	pr := f.PR
	conflict := f.Record.Outcome == effect.PickConflict || !f.Intact
	switch {
	case !f.Ours:
		return notAPick()
	case f.Intact && conflict && (pr.Head == f.Record.Commit || f.Made):
		return untouched(f.Record)
	case f.Intact && !conflict && pr.Head == f.Record.Commit:
		return noMarkers() // what looks like markers is the source's own
	}
	files := slices.Clone(f.Marked.Sides)
	for _, name := range f.Marked.Middle {
		// It also underlines headings; only where there was a conflict it counts.
		if (!f.Intact || slices.Contains(f.Record.Files, name)) && !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	switch {
	case len(files) > 0:
		return markersRemain(files)
	case conflict && (len(f.Marked.Unseen) > 0 || !f.Marked.Complete):
		return cannotSee(f.Marked)
	}
	return noMarkers()
}

// queueRef is what GitHub calls the branch of a merge group.
var queueRef = regexp.MustCompile(`^([0-9a-f]{40,64})/(?:refs/heads/)?gh-readonly-queue/(.+)/pr-\d+-[0-9a-f]{40,64}$`)

// checkGroup passes what a merge queue has built: each pull request in it has
// passed the check by itself, without which no queue takes it.
func checkGroup(s Snapshot) reconcile.Plan {
	m := queueRef.FindStringSubmatch(s.Subject.name)
	if m == nil || !s.Policy.Governs(release.Branch(m[2])) {
		return reconcile.Plan{Why: "the group's branch is not governed"}
	}
	v := groupPasses()
	return reconcile.Plan{Why: v.Title, Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Commit: m[1], Name: CheckName, Verdict: v,
	}}}
}
