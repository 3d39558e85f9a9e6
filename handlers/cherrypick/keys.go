package cherrypick

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key, as their ids begin.
const (
	kindSource = "pr"     // N: all that is asked for on a source; names the picks
	kindPick   = "pick"   // N/BRANCH: one pick
	kindLabel  = "label"  // N/LABEL: a label was set or taken off
	kindTarget = "target" // BRANCH: a branch has moved
)

// subject is what a key is about.
type subject struct {
	kind   string
	number int
	name   string // a branch, a label or a commit
}

// parseID reads a key's id.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	s := subject{kind: kind, name: rest}
	switch kind {
	case kindSource:
		n, err := strconv.Atoi(rest)
		if err == nil && n > 0 {
			return subject{kind: kind, number: n}, nil
		}
	case kindPick, kindLabel:
		number, name, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(number)
		name, uerr := url.PathUnescape(name)
		if err == nil && uerr == nil && n > 0 && name != "" {
			return subject{kind, n, name}, nil
		}
	case kindTarget:
		if rest != "" {
			return s, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not one of pr/N, pick/N/BRANCH, label/N/LABEL and target/BRANCH: %w",
		id, reconcile.ErrGone)
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func numbered(kind string, n int) string { return fmt.Sprintf("%s/%d", kind, n) }

// named is an id with a name in it, which may hold spaces.
func named(kind string, n int, name string) string {
	return numbered(kind, n) + "/" + strings.ReplaceAll(url.PathEscape(name), "%2F", "/")
}

func pickKey(repo github.Repo, n int, branch string) reconcile.Key {
	return key(repo, named(kindPick, n, branch))
}

// headOf is the branch of a pick.
func headOf(source int, branch string) release.Branch {
	return release.Branch(fmt.Sprintf("cherry-pick-%d-to-%s", source, branch))
}

var headName = lazy.Regexp(`^cherry-pick-([1-9][0-9]{0,8})-to-(.+)$`)

func parseHead(head string) (source int, branch string, ok bool) {
	m := headName().FindStringSubmatch(head)
	if m == nil {
		return 0, "", false
	}
	n, err := strconv.Atoi(m[1])
	return n, m[2], err == nil
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		ids = pullIDs(e)
	case e.Kind == "issue_comment" && e.Issue != nil && e.Comment != nil && e.Issue.IsPullRequest && e.Comment.Author.Bot && !e.Own &&
		(e.Action == "edited" || e.Action == "deleted"): // it may be our status comment
		ids = []string{numbered(kindSource, e.Issue.Number)}
	case e.Kind == "push" && e.Push != nil && e.Push.Branch != "" && !e.Push.Created && !e.Push.Deleted:
		ids = []string{kindTarget + "/" + string(e.Push.Branch)}
	}
	var keys []reconcile.Key
	for _, id := range ids {
		if _, err := parseID(id); err == nil {
			keys = append(keys, key(e.Repo, id))
		}
	}
	return keys
}

func pullIDs(e github.Event) []string {
	pr := *e.PullRequest
	var ids []string
	if n, b, ok := pickOf(e.Repo, pr); ok && e.Action != "labeled" && e.Action != "unlabeled" {
		ids = append(ids, named(kindPick, n, b))
	}
	switch e.Action {
	case "labeled", "unlabeled":
		if e.Label != "" {
			ids = append(ids, named(kindLabel, pr.Number, e.Label))
		}
	case "closed", "reopened":
		ids = append(ids, numbered(kindSource, pr.Number))
	case "edited":
		if e.OldBase != "" {
			ids = append(ids, numbered(kindSource, pr.Number))
		}
	}
	return ids
}
