package freeze

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// subject is what a key of the freeze is about: one pull request, the open ones
// of one branch, those with one head commit, or (all fields zero) those of all
// governed branches.
type subject struct {
	number int
	why    string // of a pull request: changed, moved or rerun
	branch release.Branch
	commit string
}

// The reasons to look at a pull request. They come to the same verdict; rerun
// reports it even if it has been reported, because GitHub waits for an answer,
// and moved takes back what was reported for a branch that is governed.
const (
	changed = "pr"
	moved   = "moved"
	rerun   = "rerun"
)

const allBranches = "branches"

// parseID reads the id of a key.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	switch {
	case id == allBranches:
		return subject{}, nil
	case kind == "branch" && rest != "":
		return subject{branch: release.Branch(rest)}, nil
	case kind == "commit" && rest != "":
		return subject{commit: rest}, nil
	case kind == changed || kind == moved || kind == rerun:
		if n, err := strconv.Atoi(rest); err == nil && n > 0 {
			return subject{number: n, why: kind}, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not pr/N, moved/N, rerun/N, branch/NAME, commit/ID or branches: %w", id, reconcile.ErrGone)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func pullKey(repo github.Repo, why string, number int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", why, number))
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var id string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		id = pullID(e)
	case e.Kind == "issues" && e.Issue != nil && !e.Own && mayBeFreeze(*e.Issue):
		id = allBranches
	case e.Kind == "push" && e.Push != nil && e.Push.TouchesPolicy:
		id = allBranches
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		id = rerunID(e)
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		id = "commit/" + e.Commit
	}
	if id == "" {
		return nil
	}
	return []reconcile.Key{key(e.Repo, id)}
}

// pullID leaves out the many actions of a pull request (labels, assignees,
// reviews asked for) that a freeze doesn't depend on.
func pullID(e github.Event) string {
	switch {
	case e.Action == "edited" && e.OldBase != "":
		return fmt.Sprintf("%s/%d", moved, e.PullRequest.Number)
	case e.Action == "opened", e.Action == "reopened", e.Action == "synchronize", e.Action == "ready_for_review":
		return fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)
	}
	return ""
}

// mayBeFreeze is generous: a stray issue costs one look, and Observe counts only
// what Slipway wrote, which is always a bot. Nothing else of an issue is sure:
// its label is policy, and its title and body are anyone's to edit.
func mayBeFreeze(i github.Issue) bool { return i.Author.Bot && !i.IsPullRequest }

// rerunID reads the pull request from the run's external id: for a fork's
// commit the payload's own list of pull requests is empty.
func rerunID(e github.Event) string {
	number, err := strconv.Atoi(strings.TrimPrefix(e.ExternalID, "pr/"))
	if err != nil || number <= 0 {
		return ""
	}
	return fmt.Sprintf("%s/%d", rerun, number)
}
