package freeze

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// subject is what a key of the freeze is about. Exactly one field is set, but
// number and why, which belong together, as branch, commit and base do for a
// merge group.
type subject struct {
	freezes bool           // the freezes themselves: open, mend and end their issues
	all     bool           // the open pull requests of all governed branches
	number  int            // one pull request
	why     string         // to look at it: changed, moved or rerun
	branch  release.Branch // the open pull requests of one branch
	commit  string         // those with one head commit
	notice  int            // the freeze issue whose edge is to be passed on
	tell    int            // the same, when its pull requests have been looked at
	lost    int            // a freeze issue that was deleted, or moved away
	group   github.MergeGroup
	preview release.Branch // what a freeze of a branch would hold back; for slipway plan
}

// The reasons to look at a pull request. They come to the same verdict; rerun
// reports it even if it has been reported, because GitHub waits for an answer,
// and moved takes back what was reported for a branch that is governed.
const (
	changed = "pr"
	moved   = "moved"
	rerun   = "rerun"
)

// The other ids, and kinds of ids.
const (
	theFreezes  = "freezes"
	allBranches = "branches"
	kindBranch  = "branch"
	kindCommit  = "commit"
	kindNotice  = "notice"
	kindTell    = "tell"
	kindLost    = "lost"
	kindGroup   = "group"
	kindPreview = "preview"
)

// parseID reads the id of a key.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	number, err := strconv.Atoi(rest)
	numbered := err == nil && number > 0
	switch {
	case id == theFreezes:
		return subject{freezes: true}, nil
	case id == allBranches:
		return subject{all: true}, nil
	case kind == kindBranch && rest != "":
		return subject{branch: release.Branch(rest)}, nil
	case kind == kindCommit && rest != "":
		return subject{commit: rest}, nil
	case kind == kindPreview && rest != "":
		return subject{preview: release.Branch(rest)}, nil
	case kind == kindNotice && numbered:
		return subject{notice: number}, nil
	case kind == kindTell && numbered:
		return subject{tell: number}, nil
	case kind == kindLost && numbered:
		return subject{lost: number}, nil
	case (kind == changed || kind == moved || kind == rerun) && numbered:
		return subject{number: number, why: kind}, nil
	case kind == kindGroup:
		if g, ok := github.ParseMergeGroup(rest); ok {
			return subject{group: g}, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not one of pr/N, moved/N, rerun/N, branch/NAME, branches, commit/ID, notice/N, tell/N, lost/N, "+
		"preview/NAME, group/HEAD/REF and freezes: %w", id, reconcile.ErrGone)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func pullKey(repo github.Repo, why string, number int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", why, number))
}

func noticeKey(repo github.Repo, kind string, issue int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kind, issue))
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		ids = pullIDs(e)
	case e.Kind == "issues" && e.Issue != nil && !e.Own && mayBeFreeze(*e.Issue):
		ids = []string{theFreezes}
		if e.Action == "deleted" || e.Action == "transferred" {
			ids = []string{fmt.Sprintf("%s/%d", kindLost, e.Issue.Number)}
		}
	case e.Kind == "push" && e.Push != nil && e.Push.TouchesPolicy:
		ids = []string{theFreezes, allBranches}
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		ids = rerunIDs(e.ExternalID)
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		ids = []string{kindCommit + "/" + e.Commit}
	case e.Kind == "merge_group" && e.Action == "checks_requested" && e.Group != nil:
		ids = []string{kindGroup + "/" + e.Group.ID()}
	}
	var keys []reconcile.Key
	for _, id := range ids {
		if _, err := parseID(id); err == nil {
			keys = append(keys, key(e.Repo, id))
		}
	}
	return keys
}

// pullIDs leaves out the actions of a pull request that a freeze doesn't depend
// on: assignees, reviews asked for, an edited title.
func pullIDs(e github.Event) []string {
	switch {
	case e.Action == "edited" && e.OldBase != "":
		return []string{fmt.Sprintf("%s/%d", moved, e.PullRequest.Number)}
	case e.Action == "opened", e.Action == "reopened", e.Action == "synchronize", e.Action == "ready_for_review",
		e.Action == "labeled", e.Action == "unlabeled", e.Action == "closed":
		return []string{fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)}
	}
	return nil
}

// mayBeFreeze is generous: a stray issue costs one look, and Observe counts only
// what Slipway wrote, which is always a bot. Nothing else of an issue is sure:
// its label is policy, and its title and body are anyone's to edit.
func mayBeFreeze(i github.Issue) bool { return i.Author.Bot && !i.IsPullRequest }

// rerunIDs reads what a run was about from its external id: for a fork's commit
// the payload's own list of pull requests is empty.
func rerunIDs(external string) []string {
	if number, found := strings.CutPrefix(external, changed+"/"); found {
		return []string{rerun + "/" + number}
	}
	return nil // a merge group's, which its queue asks for anew
}
