package checklist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key, as their ids begin.
const (
	kindTracker = "tracker"  // N: one tracking issue
	kindSoon    = "soon"     // N: the same, as soon as the last look is long enough ago
	kindReview  = "review"   // N/BRANCH: a pull request of this repository was reviewed
	kindHand    = "hand"     // N/TOUCHES/SECONDS/ID/LOGIN: an edit of it by hand
	kindLost    = "lost"     // N/LINES: people's lines that a write of ours undid
	kindMoved   = "moved"    // N: the dates of one have moved, and others follow them
	kindTold    = "told"     // N/DIGEST: and those have been told
	theTrackers = "trackers" // all of them
	nudge       = "nudge"    // something that they count has changed, in this repository
)

// subject is what a key is about.
type subject struct {
	kind   string
	number int
	edit   edit
	base   release.Branch // of a pull request
	lost   []effect.Hunk
	digest string // of the dates that others were told
}

// edit is what somebody did to a tracking issue by hand, as GitHub signed it.
type edit struct {
	touches []touch
	who     github.User
	at      time.Time
}

// parseID reads a key's id.
func parseID(id string) (subject, error) {
	kind, rest, _ := strings.Cut(id, "/")
	parts := strings.Split(rest, "/")
	n, err := strconv.Atoi(parts[0])
	numbered := err == nil && n > 0
	switch {
	case id == theTrackers, id == nudge:
		return subject{kind: id}, nil
	case (kind == kindTracker || kind == kindSoon || kind == kindMoved) && numbered && len(parts) == 1:
		return subject{kind: kind, number: n}, nil
	case kind == kindReview && numbered && len(rest) > len(parts[0])+1:
		return subject{kind: kind, number: n, base: release.Branch(rest[len(parts[0])+1:])}, nil
	case kind == kindTold && numbered && len(parts) == 2:
		return subject{kind: kind, number: n, digest: parts[1]}, nil
	case kind == kindHand && numbered && len(parts) == 5:
		if e, ok := parseEdit(parts[1:]); ok {
			return subject{kind: kind, number: n, edit: e}, nil
		}
	case kind == kindLost && numbered && len(parts) == 2:
		if lost, ok := parseLost(parts[1]); ok {
			return subject{kind: kind, number: n, lost: lost}, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not one of tracker/N, soon/N, review/N/BRANCH, moved/N, told/N/DIGEST, hand/N/TOUCHES/SECONDS/ID/LOGIN, lost/N/LINES, trackers and nudge: %w",
		effect.Cut(id, maxFault), reconcile.ErrGone)
}

func parseEdit(parts []string) (edit, bool) {
	touches, ok := parseTouches(parts[0])
	at, err := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	ok = ok && err == nil && err2 == nil && id > 0 && parts[3] != ""
	return edit{touches: touches, who: github.User{ID: id, Login: parts[3]}, at: time.Unix(at, 0).UTC()}, ok
}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func trackerKey(repo github.Repo, n int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kindTracker, n))
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "issues" && e.Issue != nil && byUs(e):
		ids = lostIDs(e)
	case e.Kind == "issues" && e.Issue != nil:
		ids = issueIDs(e)
	case e.Kind == "pull_request" && slices.Contains([]string{"opened", "closed", "reopened", "labeled", "unlabeled", "converted_to_draft", "ready_for_review"}, e.Action):
		ids = []string{nudge}
	case e.Kind == "release" && slices.Contains([]string{"created", "edited", "deleted", "published", "unpublished", "released", "prereleased"}, e.Action):
		ids = []string{nudge}
	case e.Kind == "pull_request_review" && e.PullRequest != nil:
		ids = []string{fmt.Sprintf("%s/%d/%s", kindReview, e.PullRequest.Number, e.PullRequest.Base)}
	case e.Kind == "push" && e.Push != nil && (e.Push.TouchesPolicy || e.Push.Created || e.Push.Deleted || e.Push.Branch == ""):
		ids = []string{nudge}
	}
	var keys []reconcile.Key
	for _, id := range ids {
		if _, err := parseID(id); err == nil {
			keys = append(keys, key(e.Repo, id))
		}
	}
	return keys
}

// byUs reports that our App did this to an issue. While our account isn't known, a
// bot that edits its own issue may be us: no bot writes by hand.
func byUs(e github.Event) bool {
	return e.Own || e.Action == "edited" && e.Sender.Bot && e.Sender.ID != 0 && e.Sender.ID == e.Issue.Author.ID
}

// issueIDs tells a tracking issue, of which the author alone is sure, from the
// issues that it counts.
func issueIDs(e github.Event) []string {
	if !e.Issue.Author.Bot || e.Issue.IsPullRequest {
		return []string{nudge}
	}
	ids := []string{fmt.Sprintf("%s/%d", kindTracker, e.Issue.Number)}
	// What its author did is our own doing: a program that has only just started
	// doesn't know yet who it is, and may be told of it then.
	if !rewritten(e) || e.Sender.ID == 0 || e.Sender.ID == e.Issue.Author.ID {
		return ids
	}
	// What was edited by hand is worked first; it names the look at the rest.
	if edits := editIDs(e); len(edits) > 0 {
		return edits
	}
	return ids
}

// maxText is more than an issue's text can have, in bytes: GitHub takes 65,536
// characters of at most four.
const maxText = 1 << 20

// rewritten reports an edit of an issue's text whose two texts can be compared while
// GitHub waits for the answer.
func rewritten(e github.Event) bool {
	return e.Action == "edited" && e.OldBody != nil && len(*e.OldBody) <= maxText && len(e.Issue.Body) <= maxText
}

// editIDs names what an edit changed of the parts that are ours, in one key if
// that is short enough. Who ticks a step and who deletes its line has to be known,
// and nothing but the event says it.
func editIDs(e github.Event) []string {
	var ids []string
	for _, list := range writeTouches(touched(*e.OldBody, e.Issue.Body)) {
		ids = append(ids, fmt.Sprintf("%s/%d/%s/%d/%d/%s", kindHand, e.Issue.Number, list, e.Issue.UpdatedAt.Unix(), e.Sender.ID, e.Sender.Login))
	}
	return ids
}
