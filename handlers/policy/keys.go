package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// subject is what a key is about. Exactly one of number, branch, commit and all
// is set; why goes with the first two.
type subject struct {
	number int            // a pull request
	branch release.Branch // the newest commit of a branch
	commit string         // the pull requests with one head commit
	all    bool           // every pull request that could change the policy file
	why    string
}

// The reasons to look at a pull request or a branch. A rerun reports even what
// has been reported, because GitHub waits for an answer; moved takes back what
// was reported about another base.
const (
	changed = "pr"
	moved   = "moved"
	rerun   = "rerun"

	pushed = "head"
	again  = "again"
)

// The other ids, and kinds of ids.
const (
	allPulls   = "prs"
	kindCommit = "commit"
)

// parseID reads the id of a key.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	number, err := strconv.Atoi(rest)
	numbered := err == nil && number > 0
	switch {
	case id == allPulls:
		return subject{all: true}, nil
	case kind == kindCommit && rest != "":
		return subject{commit: rest}, nil
	case (kind == pushed || kind == again) && rest != "":
		return subject{branch: release.Branch(rest), why: kind}, nil
	case (kind == changed || kind == moved || kind == rerun) && numbered:
		return subject{number: number, why: kind}, nil
	}
	return subject{}, fmt.Errorf("%q is not one of pr/N, moved/N, rerun/N, head/BRANCH, again/BRANCH, commit/ID and prs: %w", id, reconcile.ErrGone)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func pullKeys(repo github.Repo, why string, list []github.PullRequest) []reconcile.Key {
	var keys []reconcile.Key
	for _, pr := range list {
		keys = append(keys, key(repo, fmt.Sprintf("%s/%d", why, pr.Number)))
	}
	return keys
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	id := ""
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		id = pullID(e)
	case e.Kind == "push" && e.Push != nil:
		id = pushID(*e.Push)
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		id = rerunID(e.ExternalID)
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		id = kindCommit + "/" + e.Commit
	}
	if _, err := parseID(id); err != nil {
		return nil
	}
	return []reconcile.Key{key(e.Repo, id)}
}

func pullID(e github.Event) string {
	switch {
	case e.Action == "edited" && e.OldBase != "":
		return fmt.Sprintf("%s/%d", moved, e.PullRequest.Number)
	case slices.Contains([]string{"opened", "reopened", "synchronize", "ready_for_review"}, e.Action):
		return fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)
	}
	return ""
}

// pushID is for a push that changes the policy in force, so that every proposal
// would change something else now, and for one that may propose a first policy.
func pushID(p github.Push) string {
	switch {
	case p.TouchesPolicy:
		return allPulls
	case !p.Default && !p.Deleted && p.Branch != "" && slices.Contains(p.Touched, github.PolicyPath):
		return pushed + "/" + string(p.Branch)
	}
	return ""
}

// rerunID reads what a run was about from its external id: for a fork's commit
// the payload's own list of pull requests is empty.
func rerunID(external string) string {
	kind, rest, _ := strings.Cut(external, "/")
	switch kind {
	case changed:
		return rerun + "/" + rest
	case pushed:
		return again + "/" + rest
	}
	return ""
}
