package ghclient

import (
	"context"
	"fmt"
	"regexp"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// SealedIssue returns an issue of ours as we sealed it last, from memory alone:
// its number and its body. It is for an issue that is no longer there.
func (c *Client) SealedIssue(ctx context.Context, repo github.Repo, number int) (issue github.Issue, found bool, err error) {
	id, err := c.RepoID(ctx, repo)
	if err != nil {
		return issue, false, err
	}
	have, err := intactMemo.recall(ctx, c, intactKey(id, number))
	if err != nil || have.is.Body == "" {
		return issue, false, err
	}
	return github.Issue{Number: number, Body: have.is.Body}, true, nil
}

// linkedWithin is how long after a merge GitHub closes what it says that it
// fixes. It does so at once; the rest is for its clocks.
const linkedWithin = time.Minute

// ClosedByHand reports whether the last closing of an issue was nothing but a
// person's own doing. GitHub names the same closer for an issue that a merged
// pull request, or a commit, says that it fixes: whoever merged or pushed it,
// who needn't have noticed.
func (c *Client) ClosedByHand(ctx context.Context, repo github.Repo, number int) (bool, error) {
	events, err := c.issueEvents(ctx, repo, number)
	if err != nil {
		return false, err
	}
	var closing *gh.IssueEvent
	for _, e := range events {
		if e.GetEvent() == "closed" && e.GetID() > closing.GetID() {
			closing = e
		}
	}
	if closing == nil || closing.GetCommitID() != "" {
		return false, nil // GitHub doesn't show it yet, or a commit did it
	}
	since := closing.GetCreatedAt().Add(-linkedWithin)
	merged, err := c.MergedPullRequests(ctx, repo, "", since)
	if err != nil {
		return false, err
	}
	mention := regexp.MustCompile(fmt.Sprintf(`(?:#|/issues/)%d\b`, number))
	for _, pr := range merged {
		if pr.MergedAt.Before(closing.GetCreatedAt().Add(linkedWithin)) && (mention.MatchString(pr.Title) || mention.MatchString(pr.Body)) {
			return false, nil
		}
	}
	return true, nil
}
