package cherrypick

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key, as their ids begin.
const (
	kindSource = "pr"    // N: all that is asked for on a source; names the picks
	kindPick   = "pick"  // N/BRANCH: one pick
	kindLabel  = "label" // N/LABEL: a label was set or taken off
	kindWord   = "word"  // N/WORD: a command named a branch by it; names the pick that it means
	kindAsked  = "asked" // N: names the picks of commits that were asked for there
	kindBranch = "cut"   // BRANCH: it was created; names the picks that wait for it
	kindLeft   = "left"  // N/BRANCH: the throwaway ref of a pick, which nobody has deleted
)

// subject is a source, and a branch or a label. Where the source is a commit without a pull
// request, number is where its pick was asked for.
type subject struct {
	number int
	name   string
	commit string // as a pick's branch names it, see abbreviated; "": the source is a pull request
}

func parseSubject(rest string) (s subject, ok bool) {
	number, name, _ := strings.Cut(rest, "/")
	number, commit, at := strings.Cut(number, "@")
	n, err := strconv.Atoi(number)
	name, uerr := url.PathUnescape(name)
	return subject{n, name, commit}, err == nil && uerr == nil && n > 0 && name != "" && at == (commit != "") && (!at || commit == abbreviated(commit))
}

// Capability is all that the handler does.
func (h *Handler) Capability() reconcile.Capability {
	c := reconcile.OfKinds(h,
		reconcile.KindOf(kindSource, reconcile.Numbered, h.observeSource, spread.plan),
		reconcile.KindOf(kindLabel, reconcile.IDs[subject]{Form: "N/LABEL", Parse: parseSubject}, h.observeLabel, spread.plan),
		reconcile.KindOf(kindWord, reconcile.IDs[subject]{Form: "N/WORD", Parse: parseSubject}, h.observeWord, spread.plan),
		reconcile.KindOf(kindAsked, reconcile.Numbered, h.observeAsked, spread.plan),
		reconcile.KindOf(kindBranch, branchIDs, h.observeBranch, spread.plan),
		reconcile.KindOf(kindLeft, reconcile.IDs[subject]{Form: "N[@COMMIT]/BRANCH", Parse: parseSubject}, h.observeLeft, left.plan),
		reconcile.KindOf(kindPick, reconcile.IDs[subject]{Form: "N[@COMMIT]/BRANCH", Parse: parseSubject}, h.observePick, decidePick),
	)
	// Detail is that of whoever's pull request may stand in for a pick.
	c.Facts = facts.Rows(facts.Tip, facts.SameChange, facts.Detail, facts.Held, facts.Faithful, h.state())
	c.Stale = func(e github.Event) []string { return facts.Stale(e, facts.Tip, facts.SameChange, facts.Detail) }
	c.Forget = forgotten
	return c
}

// forgotten is the comment about picks of commits that somebody has edited or deleted on an issue. (Of those on
// pull requests the overrides in such comments have all be forgotten.)
func forgotten(e github.Event) []string {
	if e.Kind != "issue_comment" || e.Issue == nil || e.Issue.IsPullRequest || e.Comment == nil || !e.Comment.Author.Bot || e.Own ||
		e.Action != "edited" && e.Action != "deleted" {
		return nil
	}
	return []string{github.CommentCacheKey(e.Repo, e.Issue.Number, commitsMark(0).Kind)}
}

var branchIDs = reconcile.IDs[release.Branch]{Form: "BRANCH", Parse: func(rest string) (release.Branch, bool) {
	b, err := release.ParseBranch(rest)
	return b, err == nil
}}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func numbered(kind string, n int) string { return fmt.Sprintf("%s/%d", kind, n) }

// named is an id with a name in it, which may hold spaces.
func named(kind string, n int, name string) string {
	return numbered(kind, n) + "/" + strings.ReplaceAll(url.PathEscape(name), "%2F", "/")
}

func pickKey(repo github.Repo, n int, branch string) reconcile.Key {
	return subject{number: n, name: branch}.key(repo)
}

// headOf is the branch of a pick.
func headOf(source int, branch string) release.Branch {
	return subject{number: source, name: branch}.head()
}

var headName = lazy.Regexp(`^cherry-pick-([1-9][0-9]{0,8})(?:-([0-9a-f]{12}))?-to-(.+)$`)

func parseHead(head string) (s subject, ok bool) {
	m := headName().FindStringSubmatch(head)
	if m == nil {
		return s, false
	}
	n, err := strconv.Atoi(m[1])
	return subject{n, m[3], m[2]}, err == nil
}

// Keys implements reconcile.Keyed. What is pushed to a pull request that is no pick
// asks for nothing.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "pull_request" && e.PullRequest != nil:
		ids = pullIDs(e)
	case e.Kind == "push" && e.Push != nil && e.Push.Created && e.Push.Branch != "":
		ids = []string{kindBranch + "/" + string(e.Push.Branch)}
	case e.Kind == "issue_comment" && e.Issue != nil && e.Comment != nil && e.Issue.IsPullRequest && e.Comment.Author.Bot && !e.Own &&
		(e.Action == "edited" || e.Action == "deleted"): // it may be our status comment
		ids = []string{numbered(kindSource, e.Issue.Number)}
	}
	if e.Kind == "issue_comment" && e.Issue != nil && e.Comment != nil && e.Comment.Author.Bot && !e.Own && e.Action == "edited" {
		c := *e.Comment
		c.Number = e.Issue.Number
		return append(keysOf(e.Repo, ids), h.Recorded(e.Repo, c)...)
	}
	return keysOf(e.Repo, ids)
}

func keysOf(repo github.Repo, ids []string) (keys []reconcile.Key) {
	for _, id := range ids {
		keys = append(keys, key(repo, id))
	}
	return keys
}

// Recorded implements reconcile.Recorder: no label asks for the pick of a commit.
func (h *Handler) Recorded(repo github.Repo, c github.Comment) []reconcile.Key {
	if !commitsMark(c.Number).Begins(c.Body) {
		return nil
	}
	return []reconcile.Key{key(repo, numbered(kindAsked, c.Number))}
}

func pullIDs(e github.Event) []string {
	pr := *e.PullRequest
	var ids []string
	if s, ok := pickOf(e.Repo, pr); ok && e.Action != "labeled" && e.Action != "unlabeled" {
		ids = append(ids, s.key(e.Repo).ID)
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
