package cherrypick

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// checkFacts is what the check rests on.
type checkFacts struct {
	Ours   bool // the pull request is a pick of ours
	Record PullRecord
	Intact bool
	Marked github.Marked
}

// observeCheck reads more than the pull request only if it is a pick of ours.
func (h *Handler) observeCheck(ctx context.Context, s *Snapshot) error {
	repo := s.Key.Repo
	seen, ok, err := h.Sightings.Sighting(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	if ok && !s.Policy.Governs(seen.Base) {
		s.PR = &seen.PullRequest
		return nil
	}
	pr, err := h.GitHub.PullRequest(ctx, repo, s.Subject.number)
	if err != nil {
		return err
	}
	s.PR = &pr
	source, branch, isPick := pickOf(repo, pr)
	if pr.State != github.Open || !s.Policy.Governs(pr.Base) || !isPick || !pr.Author.Bot {
		return nil
	}
	bot, err := h.GitHub.BotID(ctx, repo)
	if err != nil || pr.Author.ID != bot {
		return err
	}
	f := &s.Check
	f.Ours = true
	detail, err := h.GitHub.PullDetail(ctx, repo, pr.Number)
	if err != nil {
		return err
	}
	f.Record, f.Intact = unseal[PullRecord](h.Sealer, effect.Place{Repo: pr.RepoID, Number: source}, pullMark(source, branch), detail.Body)
	f.Marked, err = h.GitHub.Marked(ctx, repo, pr)
	return err
}

// check plans the check on one pull request.
func check(s Snapshot) reconcile.Plan {
	switch {
	case s.PR == nil:
		return reconcile.Plan{Why: "nothing is known of the pull request"}
	case !s.Policy.Governs(s.PR.Base):
		return reconcile.Plan{Why: fmt.Sprintf("%s is not governed", s.PR.Base)}
	case s.PR.State != github.Open:
		return reconcile.Plan{Why: "the pull request is not open"}
	}
	v := judge(*s.PR, s.Check)
	return reconcile.Plan{Why: v.Title, Effects: []effect.Effect{effect.CheckRun{
		Repo: s.Key.Repo, Number: s.PR.Number, Commit: s.PR.Head, Name: CheckName, Verdict: v, Fresh: s.Subject.kind == kindRecheck,
	}}}
}

// judge holds back a pick that nobody has finished.
func judge(pr github.PullRequest, f checkFacts) effect.Verdict {
	conflict := f.Record.Outcome == effect.PickConflict || !f.Intact
	switch {
	case !f.Ours:
		return notAPick()
	case f.Intact && conflict && pr.Head == f.Record.Commit:
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
