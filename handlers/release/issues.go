package release

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The ids of the keys for what issues may change.
const (
	blockersID = "blockers" // a blocker may be open, or no longer: publishes wait for that
	stepsID    = "steps"    // a step was settled, or opened again: traps are set by that
)

// blocking are the actions that open a blocker, or end one.
var blocking = []string{"opened", "closed", "reopened", "deleted", "transferred", "labeled", "unlabeled", "milestoned", "demilestoned"}

// issuesIDs says which of them an event of an issue may change. A tracking issue
// is written by our App, whoever ticked it.
func issuesIDs(e github.Event) []string {
	if e.Issue == nil || e.Issue.IsPullRequest {
		return nil
	}
	var ids []string
	decided := e.Action == "edited" && e.OldBody != nil && recordDiffers(*e.OldBody, e.Issue.Body)
	if e.Issue.Author.Bot && (decided || slices.Contains([]string{"opened", "closed", "reopened", "deleted"}, e.Action)) {
		ids = append(ids, stepsID)
	}
	if slices.Contains(blocking, e.Action) {
		ids = append(ids, blockersID)
	}
	return ids
}

// recordDiffers reports whether two texts of an issue differ in their first line,
// where the record stands. A box that somebody ticked says nothing before it is
// in there.
func recordDiffers(was, is string) bool {
	before, _, _ := strings.Cut(was, "\n")
	now, _, _ := strings.Cut(is, "\n")
	return strings.TrimSpace(before) != strings.TrimSpace(now)
}

// observeIssues finds what an issue of the home repository may have changed.
func (h *Handler) observeIssues(ctx context.Context, s *Snapshot) error {
	home, found, err := h.Trackers.Home(ctx, s.Key.Repo)
	if err != nil || !found || !strings.EqualFold(home.Name, s.Key.Repo.Name) {
		return err
	}
	s.Home = home
	if s.Subject.issues == stepsID {
		s.Places, err = h.Trackers.TrapPlaces(ctx, s.Key.Repo)
		return err
	}
	if s.Settings.Triggers.Repository == "" {
		return nil
	}
	s.Open, err = h.GitHub.OpenPullRequests(ctx, s.builder(), "")
	return err
}

// builder is the repository with the trigger files.
func (s Snapshot) builder() github.Repo {
	return github.Repo{Owner: s.Key.Repo.Owner, Name: string(s.Settings.Triggers.Repository)}
}

// spreadIssues names what is to be looked at again.
func spreadIssues(s Snapshot) reconcile.Plan {
	switch {
	case s.Home == github.Repo{}:
		return reconcile.Plan{Why: "the releases have their issues elsewhere, or nowhere"}
	case s.Subject.issues == blockersID:
		return reconcile.Plan{Why: fmt.Sprintf("%d open pull requests may publish what a blocker holds back", len(s.Open)),
			Then: pullKeys(s.builder(), changed, s.Open)}
	}
	var keys []reconcile.Key
	for repo, branches := range s.Places {
		for _, b := range branches {
			keys = append(keys, branchKey(repo, b))
		}
	}
	slices.SortFunc(keys, func(a, b reconcile.Key) int { return strings.Compare(a.String(), b.String()) })
	return reconcile.Plan{Why: fmt.Sprintf("%d branches may have another trap now", len(keys)), Then: keys}
}

func branchKey(repo github.Repo, branch release.Branch) reconcile.Key {
	return key(repo, kindBranch+"/"+string(branch))
}
