package releasenotes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// subject is what a key is about. Exactly one field is set, but number and why,
// which belong together, and number and group; pushed is a branch that has moved.
type subject struct {
	number int    // one pull request; of a group, the one that it was built for
	why    string // to look at it: changed, moved, rerun or off
	commit string // the pull requests with one head
	group  github.MergeGroup
	all    bool // the open pull requests of all governed branches
	pushed release.Branch
	// version is the release whose open pull request of notes is to be refreshed.
	version string
}

// The reasons to look at a pull request. They come to the same verdict; rerun
// reports it even if it has been reported, because GitHub waits for an answer,
// moved takes back what was reported for a branch that is governed, and off what
// was reported while the policy asked for notes.
const (
	changed = "pr"
	moved   = "moved"
	rerun   = "rerun"
	off     = "off"
)

// The other kinds of ids.
const (
	kindCommit = "commit"
	kindGroup  = "group"
	kindPushed = "pushed"
	kindNotes  = "notes"
	everything = "all"
)

// parseID reads the id of a key.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	number, err := strconv.Atoi(rest)
	switch {
	case id == everything:
		return subject{all: true}, nil
	case kind == kindCommit && rest != "":
		return subject{commit: rest}, nil
	case slices.Contains([]string{changed, moved, rerun, off}, kind) && err == nil && number > 0:
		return subject{number: number, why: kind}, nil
	case kind == kindPushed && rest != "":
		return subject{pushed: release.Branch(rest)}, nil
	case kind == kindNotes:
		if _, ok := parseVersion(rest); ok {
			return subject{version: rest}, nil
		}
	case kind == kindGroup:
		if g, ok := github.ParseMergeGroup(rest); ok {
			return subject{number: g.Number(), group: g}, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not one of pr/N, moved/N, rerun/N, off/N, commit/ID, group/HEAD/REF, pushed/BRANCH, notes/VERSION and all: %w", id, reconcile.ErrGone)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	id := ""
	var more []reconcile.Key
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		id = pullID(e)
	case e.Kind == "push" && e.Push != nil:
		if e.Push.TouchesPolicy {
			id = everything
		}
		if _, _, numbered := e.Push.Branch.Minor(); numbered && !e.Push.Deleted && !strings.HasPrefix(string(e.Push.Branch), headPrefix) {
			more = []reconcile.Key{key(e.Repo, kindPushed+"/"+string(e.Push.Branch))}
		}
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		if n, ok := strings.CutPrefix(e.ExternalID, changed+"/"); ok { // a group's is asked for anew by its queue
			id = rerun + "/" + n
		}
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		id = kindCommit + "/" + e.Commit
	case e.Kind == "merge_group" && e.Action == "checks_requested" && e.Group != nil:
		id = kindGroup + "/" + e.Group.ID()
	}
	if _, err := parseID(id); err != nil {
		return more
	}
	return append(more, key(e.Repo, id))
}

// looked are the actions of a pull request that the check depends on. An edit
// may have changed the title, or the box in the description.
var looked = []string{"opened", "reopened", "synchronize", "labeled", "unlabeled", "ready_for_review", "converted_to_draft", "edited", "closed"}

func pullID(e github.Event) string {
	switch {
	case e.Action == "edited" && e.OldBase != "":
		return fmt.Sprintf("%s/%d", moved, e.PullRequest.Number)
	case slices.Contains(looked, e.Action):
		return fmt.Sprintf("%s/%d", changed, e.PullRequest.Number)
	}
	return ""
}
