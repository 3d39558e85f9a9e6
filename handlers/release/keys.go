package release

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// subject is what a key is about.
type subject struct {
	number int            // a pull request; of versions, the tracking issue
	why    string         // to look at it: changed or rerun
	branch release.Branch // the open pull requests of a branch
	commit string         // those with one head; of a merge queue's group, its head
	all    bool           // every open one
	group  bool
	// versions asks how far those of a release are. reported and tagged name the
	// releases that may have come further, by what was said of a commit, or by a tag
	// or a release of GitHub's.
	versions, reported, tagged bool
	issues                     string // what issues may have changed: blockersID or stepsID
}

// The reasons to look at a pull request. A rerun reports what has been reported
// already, because GitHub waits for an answer.
const (
	changed = "pr"
	rerun   = "rerun"
)

// The other ids, and kinds of ids.
const (
	allPulls   = "prs"
	kindBranch = "branch"
	kindCommit = "commit"
	kindGroup  = "group"
	// versions/N are those that the tracking issue N follows.
	kindVersions = "versions"
	reportedIn   = "reported"
	taggedIn     = "tagged"
)

// parseID reads the id of a key.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	number, err := strconv.Atoi(rest)
	switch {
	case id == allPulls:
		return subject{all: true}, nil
	case id == reportedIn:
		return subject{reported: true}, nil
	case id == taggedIn:
		return subject{tagged: true}, nil
	case kind == kindVersions && err == nil && number > 0:
		return subject{number: number, versions: true}, nil
	case id == blockersID, id == stepsID:
		return subject{issues: id}, nil
	case (kind == changed || kind == rerun) && err == nil && number > 0:
		return subject{number: number, why: kind}, nil
	case kind == kindBranch && rest != "":
		return subject{branch: release.Branch(rest)}, nil
	case kind == kindCommit && rest != "":
		return subject{commit: rest}, nil
	case kind == kindGroup && rest != "":
		return subject{commit: rest, group: true}, nil
	}
	return subject{}, fmt.Errorf("%q is not one of pr/N, rerun/N, branch/NAME, commit/ID, group/ID, versions/N, blockers, steps, prs, reported and tagged: %w", id, reconcile.ErrGone)
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
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "issues":
		ids = issuesIDs(e)
	case e.Kind == "pull_request" && e.PullRequest != nil:
		if slices.Contains([]string{"opened", "reopened", "synchronize", "edited"}, e.Action) {
			ids = []string{fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)}
		}
	case e.Kind == "pull_request_review" && e.PullRequest != nil:
		ids = []string{fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)}
	case e.Kind == "push" && e.Push != nil:
		ids = pushIDs(*e.Push)
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		if n, found := strings.CutPrefix(e.ExternalID, changed+"/"); found {
			ids = []string{rerun + "/" + n}
		}
	case reportsOn(e):
		ids = []string{reportedIn}
	case e.Kind == "release":
		ids = []string{taggedIn}
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		ids = []string{kindCommit + "/" + e.Commit}
	case e.Kind == "merge_group" && e.Action == "checks_requested" && e.Group != nil:
		ids = []string{kindGroup + "/" + e.Group.Head}
	}
	var keys []reconcile.Key
	for _, id := range ids {
		if _, err := parseID(id); err == nil {
			keys = append(keys, key(e.Repo, id))
		}
	}
	return keys
}

// reportsOn recognises an event that may say how far a build or a publish is. What is
// said of a commit that no branch holds, such as the head of a fork's pull request,
// is about neither; that is most of what is said in a large project.
func reportsOn(e github.Event) bool {
	run := e.Kind == "check_run" && !e.Own && (e.Action == "created" || e.Action == "completed")
	return (run || e.Kind == "status") && len(e.Branches) > 0
}

// pushIDs is for a push that may have changed what stands in the trigger files:
// every proposal would do something else now. Where they stand is policy, so
// Observe leaves early for every other push.
func pushIDs(p github.Push) []string {
	switch {
	case p.TouchesPolicy:
		return []string{allPulls}
	case p.Branch == "": // a tag
		return []string{taggedIn}
	case p.Created || p.Deleted:
		return nil
	}
	return []string{kindBranch + "/" + string(p.Branch)}
}
