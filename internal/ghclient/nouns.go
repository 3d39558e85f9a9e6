package ghclient

import (
	"strconv"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// go-github's getters answer zero for what GitHub left out: a deleted account,
// a deleted fork.

func user(u *gh.User) github.User {
	bot := u.GetType() == "Bot" || strings.HasSuffix(u.GetLogin(), "[bot]") // as the webhook reads it
	return github.User{ID: u.GetID(), Login: u.GetLogin(), Bot: bot}
}

func labels(list []*gh.Label) []string {
	names := make([]string, 0, len(list))
	for _, l := range list {
		names = append(names, l.GetName())
	}
	return names
}

func pullRequest(p *gh.PullRequest) github.PullRequest {
	head := p.GetHead()
	var fork github.Repo
	if r := head.GetRepo(); r != nil {
		fork = github.Repo{Owner: r.GetOwner().GetLogin(), Name: r.GetName()}
	}
	return github.PullRequest{
		RepoID:    p.GetBase().GetRepo().GetID(),
		Number:    p.GetNumber(),
		Title:     p.GetTitle(),
		Body:      p.GetBody(),
		Author:    user(p.GetUser()),
		State:     github.State(p.GetState()),
		Draft:     p.GetDraft(),
		Merged:    p.GetMerged() || p.MergedAt != nil, // lists have only merged_at
		Base:      release.Branch(p.GetBase().GetRef()),
		Head:      head.GetSHA(),
		HeadRef:   release.Branch(head.GetRef()),
		HeadRepo:  fork,
		Labels:    labels(p.Labels),
		URL:       p.GetHTMLURL(),
		CreatedAt: p.GetCreatedAt().Time,
		UpdatedAt: p.GetUpdatedAt().Time,
		MergedAt:  p.GetMergedAt().Time,
	}
}

func issue(i *gh.Issue) github.Issue {
	names := make([]string, 0, len(i.Labels))
	for _, l := range i.Labels {
		names = append(names, l.GetName())
	}
	return github.Issue{
		Number:        i.GetNumber(),
		Title:         i.GetTitle(),
		Body:          i.GetBody(),
		Author:        user(i.GetUser()),
		State:         github.State(i.GetState()),
		Labels:        names,
		IsPullRequest: i.IsPullRequest(),
		URL:           i.GetHTMLURL(),
		CreatedAt:     i.GetCreatedAt().Time,
		UpdatedAt:     i.GetUpdatedAt().Time,
		ClosedAt:      i.GetClosedAt().Time,
		ClosedBy:      user(i.GetClosedBy()),
		Milestone:     i.GetMilestone().GetTitle(),
	}
}

func comment(c *gh.IssueComment) github.Comment {
	// The issue's number stands only at the end of its URL.
	_, last, _ := cutLast(c.GetIssueURL(), "/")
	number, _ := strconv.Atoi(last)
	return github.Comment{
		ID:        c.GetID(),
		Node:      c.GetNodeID(),
		Body:      c.GetBody(),
		Author:    user(c.GetUser()),
		URL:       c.GetHTMLURL(),
		Number:    number,
		CreatedAt: c.GetCreatedAt().Time,
		UpdatedAt: c.GetUpdatedAt().Time,
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
