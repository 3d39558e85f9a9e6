package cherrypick

import (
	"context"
	"errors"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Bounds of what is looked at: anybody may open a pull request that names any number.
const (
	maxByHand = 3  // how many are compared with the source
	maxAsked  = 10 // of how many it is looked up whether their author may ask
	maxNamed  = 5  // how many numbers that one names count
	maxStood  = 50 // picks that a resync looks at for them
)

// StandIn is somebody's pull request that is the pick already, and how it was compared.
type StandIn struct {
	PR   int    `json:"pr"`
	Head string `json:"head"`
}

// sourcesOf are the pull requests that one may be the pick of, as it says.
func sourcesOf(repo github.Repo, pr github.PullRequest, body string) (numbers []int) {
	text := provenance.Text{Title: pr.Title, Body: body, HeadBranch: string(pr.HeadRef), Repo: repo.String()}
	for _, m := range provenance.Mentions(text) {
		if m.Number != 0 && len(numbers) < maxNamed {
			numbers = append(numbers, m.Number)
		}
	}
	return numbers
}

// observeByHand finds a pull request of somebody who may ask for the pick, which names the source
// and holds its change, as the check slipway/release-branch would find it. Anybody else's would
// keep the pick from those who may. What can't be told is none: a second pick does no harm. It
// stands in only as long as it is the pick, so each event of it has us look again.
func (h *Handler) observeByHand(l *facts.Look, s *Snapshot) error {
	f := &s.Pick
	open, err := facts.Open.Of(l, s.branch())
	if err != nil {
		return err
	}
	if f.ByHand = s.askedElsewhere(l.Repo, open); f.ByHand != nil {
		return nil
	}
	var numbers []int
	known := f.Record.StandIn
	if known.PR != 0 { // first: whichever of several people look at, one of them is linked
		numbers = []int{known.PR}
	}
	asked := 0
	for _, pr := range open {
		if len(numbers) == maxByHand || asked == maxAsked {
			break
		}
		if pr.Number == known.PR || pr.Author.Bot || !s.namedBy(l.Repo, pr, pr.Body) {
			continue
		}
		asked++
		may, err := facts.MayAsk.Of(l, facts.Role{Branch: s.branch(), Who: pr.Author})
		if err := unlessLater(l, err); err != nil {
			return err
		}
		if err == nil && may.Holds {
			numbers = append(numbers, pr.Number)
		}
	}
	for _, n := range numbers {
		pr, is, err := h.standsIn(l, s, n)
		var refused *reconcile.RefusedError
		switch {
		case errors.Is(err, reconcile.ErrGone), errors.As(err, &refused):
		case err != nil:
			return err
		case is:
			f.ByHand = &pr
			return nil
		}
	}
	return nil
}

// unlessLater is an error that will pass if it is tried again at another time; of any other it is
// enough to know that nothing was found out.
func unlessLater(l *facts.Look, err error) error {
	var later *reconcile.RetryAfterError
	if errors.As(err, &later) || l.Context().Err() != nil {
		return err
	}
	return nil
}

// standsIn reports whether a pull request is the pick, or was when it was merged.
func (h *Handler) standsIn(l *facts.Look, s *Snapshot, number int) (pr github.PullRequest, is bool, err error) {
	one, err := facts.Detail.Of(l, number)
	if pr = one.PullRequest; err != nil || pr.Base != s.branch() {
		return pr, false, err
	}
	same := s.Pick.Record.StandIn == StandIn{number, pr.Head}
	if pr.State != github.Open {
		return pr, pr.Merged && same, nil // merged with something else in it, the branch says what it brought
	}
	if !s.namedBy(l.Repo, pr, one.Body) {
		return pr, false, nil
	}
	may, err := facts.MayAsk.Of(l, facts.Role{Branch: s.branch(), Who: pr.Author})
	if err != nil || !may.Holds || same {
		return pr, may.Holds && same, err
	}
	is, err = h.compared(l, s, pr)
	return pr, is && err == nil, unlessLater(l, err)
}

// compared reports whether a pull request holds the change of the source, and nothing else.
func (h *Handler) compared(l *facts.Look, s *Snapshot, pr github.PullRequest) (bool, error) {
	claim, unclear, err := s.claim(l)
	if err != nil || unclear != "" || claim == nil {
		return false, err
	}
	prove, err := facts.History.Of(l, s.PR.Base)
	if err != nil {
		return false, err
	}
	at, err := facts.Compared.Of(l, facts.At{Branch: s.branch(), Commit: pr.Head})
	if err != nil {
		return false, err
	}
	found, err := prove(l.Context(), s.PR.RepoID, provenance.Question{
		Head: pr.Head, MergeBase: at.MergeBase, Commits: at.Total, Base: s.branch(), Claims: []provenance.Claim{*claim}, LeaveOut: s.Settings.leaveOut(),
	})
	return (found.Verdict == provenance.Exact || found.Verdict == provenance.Equivalent) && len(found.Sources) == 1, err
}

// leave plans what there is to say while somebody's pull request stands in for the pick. The
// request isn't settled before that is merged.
func (s Snapshot) leave() reconcile.Plan {
	p := *s.Pick.ByHand
	if p.Merged {
		return s.settle(Merged, mergedByHandText(p))
	}
	return s.say(ByHand, byHandText(p), func(r *Record) { r.StandIn = StandIn{p.Number, p.Head} })
}

// stoodIn are the picks that somebody's pull request may stand in for, if it was changed since an
// instant: its event may have been lost, and nobody may have touched the source for long.
func (h *Handler) stoodIn(ctx context.Context, repo github.Repo, p *config.Policy, s Settings, pr github.PullRequest, since time.Time) (keys []reconcile.Key, err error) {
	if pr.Author.Bot || pr.UpdatedAt.Before(since) || !p.Governs(pr.Base) {
		return nil, nil
	}
	for _, n := range sourcesOf(repo, pr, pr.Body) {
		source, known, err := h.Snapshots.PullSnapshot(ctx, repo, n)
		if err != nil {
			return nil, err
		}
		if !known || len(s.asking(p, source.Labels, string(pr.Base))) > 0 {
			keys = append(keys, pickKey(repo, n, string(pr.Base)))
		}
	}
	return keys, nil
}
