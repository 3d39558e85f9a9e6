package releasebranch

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key, as their ids begin. The first three are about one pull
// request and come to the same verdict: rerun reports it even if it has been
// reported, and moved takes back what was said for a branch that is governed.
const (
	changed    = "pr"     // N
	moved      = "moved"  // N
	rerun      = "rerun"  // N
	kindCommit = "commit" // ID: the pull requests with that head
	kindBranch = "branch" // NAME: those against it
	kindGroup  = "group"  // HEAD/REF: what a merge queue has built
	everything = "all"    // every open pull request of a governed branch
)

// subject is what a key is about.
type subject struct {
	kind   string
	number int
	commit string
	branch release.Branch
	group  github.MergeGroup
}

// parseID reads a key's id.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	switch kind {
	case changed, moved, rerun:
		if n, err := strconv.Atoi(rest); err == nil && n > 0 {
			return subject{kind: kind, number: n}, nil
		}
	case kindCommit:
		if rest != "" {
			return subject{kind: kind, commit: rest}, nil
		}
	case kindBranch:
		if b, err := release.ParseBranch(rest); err == nil {
			return subject{kind: kind, branch: b}, nil
		}
	case kindGroup:
		if g, ok := github.ParseMergeGroup(rest); ok {
			return subject{kind: kind, number: g.Number(), group: g}, nil
		}
	case everything:
		if rest == "" {
			return subject{kind: kind}, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not one of pr/N, moved/N, rerun/N, commit/ID, branch/NAME, group/HEAD/REF and all: %w", id, reconcile.ErrGone)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func numbered(repo github.Repo, kind string, n int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kind, n))
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	if e.Repo == (github.Repo{}) {
		return nil
	}
	id := ""
	switch {
	case e.Kind == "pull_request" && e.PullRequest != nil:
		if kind := pullKind(e); kind != "" {
			id = fmt.Sprintf("%s/%d", kind, e.PullRequest.Number)
		}
	case e.Kind == "pull_request_review" && e.PullRequest != nil:
		id = fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)
	case e.Kind == "issue_comment" && mayBeOverride(e):
		id = fmt.Sprintf("%s/%d", changed, e.Issue.Number)
	case e.Kind == "push" && e.Push != nil && (e.Push.TouchesPolicy || (e.Push.Default || e.Push.Complete) && e.Push.TouchesCodeOwners()):
		id = everything
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		if n, ok := strings.CutPrefix(e.ExternalID, changed+"/"); ok {
			id = rerun + "/" + n
		}
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		id = kindCommit + "/" + e.Commit
	case e.Kind == "merge_group" && e.Action == "checks_requested" && e.Group != nil:
		id = kindGroup + "/" + e.Group.ID()
	}
	if _, err := parseID(id); err != nil {
		return nil
	}
	return []reconcile.Key{key(e.Repo, id)}
}

// pullKind leaves out what the gate doesn't depend on: assignees, milestones, and
// whom somebody has asked to review.
func pullKind(e github.Event) string {
	switch e.Action {
	case "edited":
		if e.OldBase != "" {
			return moved
		}
		return changed
	case "opened", "reopened", "synchronize", "ready_for_review", "converted_to_draft", "labeled", "unlabeled", "closed":
		return changed
	}
	return ""
}

// mayBeOverride reports a comment of a bot, on a pull request, that somebody else
// has changed or deleted.
func mayBeOverride(e github.Event) bool {
	return e.Issue != nil && e.Comment != nil && e.Issue.IsPullRequest && e.Comment.Author.Bot && !e.Own && (e.Action == "edited" || e.Action == "deleted")
}
