package checklist

import (
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Keys implements reconcile.Keyed.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "issues" && e.Issue != nil && byUs(e):
		ids = lostIDs(e)
	case e.Kind == "issues" && e.Issue != nil:
		ids = h.issueIDs(e)
	case e.Kind == "pull_request" && slices.Contains([]string{"opened", "closed", "reopened", "labeled", "unlabeled", "milestoned", "demilestoned", "converted_to_draft", "ready_for_review"}, e.Action):
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
		keys = append(keys, key(e.Repo, id))
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
func (h *Handler) issueIDs(e github.Event) []string {
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
	if edits := h.editIDs(e); len(edits) > 0 {
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
func (h *Handler) editIDs(e github.Event) []string {
	var ids []string
	touches, from := h.saved(e)
	for _, list := range writeTouches(touches) {
		id := fmt.Sprintf("%s/%d/%s/%d/%d/%s", kindHand, e.Issue.Number, list, e.Issue.UpdatedAt.Unix(), e.Sender.ID, e.Sender.Login)
		if from != present {
			id += fmt.Sprintf("/%d", from)
		}
		ids = append(ids, id)
	}
	return append(ids, sinceIDs(e, from)...)
}
