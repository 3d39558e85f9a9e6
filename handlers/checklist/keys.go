package checklist

import (
	"crypto/sha256"
	"encoding/hex"
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
	kindHand    = "hand"     // N/STEP/EDIT/SECONDS/ID/LOGIN: a step that was edited by hand
	kindDates   = "dates"    // N/HASH/SECONDS/ID/LOGIN: the dates were
	kindMoved   = "moved"    // N: the dates of one have moved, and others follow them
	kindTold    = "told"     // N/DIGEST: and those have been told
	theTrackers = "trackers" // all of them
	nudge       = "nudge"    // something that they count has changed, in this repository
)

// What somebody did to a step's line.
const (
	edTick   = "tick"
	edUntick = "untick"
	edDelete = "delete"
)

// subject is what a key is about.
type subject struct {
	kind   string
	number int
	edit   edit
	base   release.Branch // of a pull request
}

// edit is what somebody did to a tracking issue by hand, as GitHub signed it.
type edit struct {
	step, did string // of a step's line
	hash      string // of the dates, as they were written; of what was told, its digest
	who       github.User
	at        time.Time
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
	case kind == kindHand && numbered && len(parts) == 6 && slices.Contains([]string{edTick, edUntick, edDelete}, parts[2]):
		if e, ok := parseEdit(parts[3:]); ok {
			e.step, e.did = parts[1], parts[2]
			return subject{kind: kind, number: n, edit: e}, nil
		}
	case kind == kindTold && numbered && len(parts) == 2:
		return subject{kind: kind, number: n, edit: edit{hash: parts[1]}}, nil
	case kind == kindDates && numbered && len(parts) == 5:
		if e, ok := parseEdit(parts[2:]); ok {
			e.hash = parts[1]
			return subject{kind: kind, number: n, edit: e}, nil
		}
	}
	return subject{}, fmt.Errorf("%q is not one of tracker/N, soon/N, review/N/BRANCH, moved/N, told/N/DIGEST, hand/N/STEP/EDIT/SECONDS/ID/LOGIN, dates/N/HASH/SECONDS/ID/LOGIN, trackers and nudge: %w",
		id, reconcile.ErrGone)
}

func parseEdit(parts []string) (edit, bool) {
	at, err := strconv.ParseInt(parts[0], 10, 64)
	id, err2 := strconv.ParseInt(parts[1], 10, 64)
	ok := err == nil && err2 == nil && id > 0 && parts[2] != ""
	return edit{who: github.User{ID: id, Login: parts[2]}, at: time.Unix(at, 0).UTC()}, ok
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
	case e.Kind == "issues" && e.Issue != nil && !e.Own:
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

// issueIDs tells a tracking issue, of which the author alone is sure, from the
// issues that it counts.
func issueIDs(e github.Event) []string {
	if !e.Issue.Author.Bot || e.Issue.IsPullRequest {
		return []string{nudge}
	}
	ids := []string{fmt.Sprintf("%s/%d", kindTracker, e.Issue.Number)}
	// What its author did is our own doing: a program that has only just started
	// doesn't know yet who it is, and may be told of it then.
	if e.Action != "edited" || e.OldBody == nil || e.Sender.ID == 0 || e.Sender.ID == e.Issue.Author.ID {
		return ids
	}
	// What was edited by hand is worked first; it names the look at the rest.
	if edits := editIDs(e); len(edits) > 0 {
		return edits
	}
	return ids
}

// editIDs names the parts of ours that an edit changed. Who ticks a step and who
// deletes its line has to be known, and nothing but the event says it.
func editIDs(e github.Event) []string {
	was, is := effect.ReadShared(*e.OldBody), effect.ReadShared(e.Issue.Body)
	by := fmt.Sprintf("%d/%d/%s", e.Issue.UpdatedAt.Unix(), e.Sender.ID, e.Sender.Login)
	var ids []string
	for step, before := range was.Items {
		now, there := is.Items[step]
		did := ""
		switch {
		case !there:
			did = edDelete
		case now.Ticked && !before.Ticked:
			did = edTick
		case !now.Ticked && before.Ticked:
			did = edUntick
		default:
			continue
		}
		ids = append(ids, fmt.Sprintf("%s/%d/%s/%s/%s", kindHand, e.Issue.Number, step, did, by))
	}
	slices.Sort(ids)
	if now := is.Blocks[blockDates]; now != was.Blocks[blockDates] {
		ids = append(ids, fmt.Sprintf("%s/%d/%s/%s", kindDates, e.Issue.Number, hashOf(now), by))
	}
	return ids
}

// hashOf names a text, so that a later one isn't taken for it.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
