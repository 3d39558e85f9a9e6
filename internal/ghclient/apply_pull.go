package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyPullRequest finds the open pull request of ours by its head and base, and
// opens one if there is none. GitHub allows one open pull request from a head
// to a base, so a second try finds the first one's.
func (c *Client) applyPullRequest(ctx context.Context, e effect.PullRequest) (done, error) {
	body, err := c.pullBody(e, 0)
	if err != nil {
		return done{}, err
	}
	bot, err := c.bot(ctx, e.Repo)
	if err != nil {
		return done{}, err
	}
	list, err := c.PullsFrom(ctx, e.Repo, e.Head)
	if err != nil {
		return done{}, err
	}
	i := slices.IndexFunc(list, func(p github.PullDetail) bool { return p.State == github.Open && p.Base == e.Base })
	switch {
	case i < 0:
		return wrote(c.openPull(ctx, e, body))
	case list[i].Author.ID != bot.ID:
		return done{}, &reconcile.RefusedError{Reason: fmt.Sprintf("#%d, which somebody else opened, is from that branch already", list[i].Number),
			Err: errors.New("not ours")}
	}
	if body, err = c.pullBody(e, list[i].Number); err != nil {
		return done{}, err
	}
	if e.Redraft && list[i].Draft != e.Draft {
		if err := c.redraft(ctx, e, list[i].Node); err != nil {
			return done{}, err
		}
	} else if strings.TrimSpace(list[i].Body) == body {
		return done{url: list[i].URL}, nil
	}
	return wrote(list[i].URL, c.writePullBody(ctx, e, list[i].Number, body))
}

// redraft makes a pull request a draft, or ready for review; REST can't. Where GitHub doesn't,
// as with a plan without drafts, nothing is lost: the check holds it back all the same.
func (c *Client) redraft(ctx context.Context, e effect.PullRequest, node string) error {
	mutation := `mutation Ready($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }`
	if e.Draft {
		mutation = `mutation Draft($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) { pullRequest { isDraft } } }`
	}
	var answer struct{ Errors []graphQLError }
	err := c.write(ctx, e.Repo, "change a draft", e.Key()+" draft", func(g *gh.Client) error {
		req, err := g.NewRequest(http.MethodPost, c.opts.GitHub.V4APIURL, map[string]any{"query": mutation, "variables": map[string]string{"id": node}})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	if errors.Is(err, ErrNotFound) { // a server without that API
		err = nil
	}
	if err == nil && len(answer.Errors) > 0 && answer.Errors[0].Type == "RATE_LIMITED" {
		err = errors.New("GitHub's limit on GraphQL: " + answer.Errors[0].Message)
	}
	return err
}

// pullBody is a pull request's text below its sealed record. number is 0 before it
// has one.
func (c *Client) pullBody(e effect.PullRequest, number int) (string, error) {
	if e.Numbered {
		e.At.Number = number
	}
	line, err := c.opts.Sealer.Seal(e.At, e.Mark, e.Record)
	return effect.FitCharacters(line+"\n"+strings.TrimSpace(e.Text), maxBody), err
}

func (c *Client) writePullBody(ctx context.Context, e effect.PullRequest, number int, body string) error {
	return c.write(ctx, e.Repo, "write pull request", e.Key()+" text", func(g *gh.Client) error {
		_, _, err := g.PullRequests.Edit(ctx, e.Repo.Owner, e.Repo.Name, number, &gh.PullRequest{Body: &body})
		return err
	})
}

// openPull opens a pull request. Where its number belongs into the record, it is
// written a second time; a try that dies between is made up for by the next.
func (c *Client) openPull(ctx context.Context, e effect.PullRequest, body string) (url string, err error) {
	number := 0
	err = c.write(ctx, e.Repo, "open pull request", e.Key(), func(g *gh.Client) error {
		head, base := string(e.Head), string(e.Base)
		pr, _, err := g.PullRequests.Create(ctx, e.Repo.Owner, e.Repo.Name, &gh.NewPullRequest{
			Title: &e.Title, Head: &head, Base: &base, Body: &body, Draft: &e.Draft,
		})
		url, number = pr.GetHTMLURL(), pr.GetNumber()
		return err
	})
	if e.Draft && err != nil && strings.Contains(err.Error(), "Draft pull requests are not supported") {
		e.Draft = false // a plan without drafts; the check holds it back all the same
		return c.openPull(ctx, e, body)
	}
	if err != nil || !e.Numbered {
		return url, err
	}
	if body, err = c.pullBody(e, number); err != nil {
		return url, err
	}
	return url, c.writePullBody(ctx, e, number, body)
}

// applyExtras adds what is missing. Each part is asked for by itself, and what
// GitHub refuses of it is passed over.
func (c *Client) applyExtras(ctx context.Context, e effect.Extras) (done, error) {
	have, err := c.extrasOf(ctx, e)
	if err != nil {
		return done{}, err
	}
	e.Labels = lacking(have.Labels, e.Labels)
	e.Assignees = lacking(have.Assignees, e.Assignees)
	e.Reviewers, e.Teams = lacking(have.Reviewers, e.Reviewers), lacking(have.Teams, e.Teams)
	if e.Teams, err = c.askable(ctx, e); err != nil {
		return done{}, err
	}
	if strings.EqualFold(have.Milestone, e.Milestone) {
		e.Milestone = ""
	}
	if len(e.Labels)+len(e.Assignees)+len(e.Reviewers)+len(e.Teams) == 0 && e.Milestone == "" {
		return done{url: have.URL}, nil
	}
	return wrote(have.URL, c.addExtras(ctx, e))
}

func (c *Client) extrasOf(ctx context.Context, e effect.Extras) (have github.PullDetail, err error) {
	if e.OnPR {
		return c.FreshPullDetail(ctx, e.Repo, e.Number)
	}
	var i *gh.Issue
	err = c.do(ctx, e.Repo, fmt.Sprintf("read issue %s#%d", e.Repo, e.Number), func(g *gh.Client) (err error) {
		i, _, err = g.Issues.Get(ctx, e.Repo.Owner, e.Repo.Name, e.Number)
		return err
	})
	if err != nil {
		return have, err
	}
	have.Labels, have.URL, have.Milestone = issue(i).Labels, i.GetHTMLURL(), i.GetMilestone().GetTitle()
	for _, u := range i.Assignees {
		have.Assignees = append(have.Assignees, u.GetLogin())
	}
	return have, nil
}

func (c *Client) addExtras(ctx context.Context, e effect.Extras) error {
	owner, name := e.Repo.Owner, e.Repo.Name
	try := func(what string, wanted bool, call func(*gh.Client) error) error {
		if !wanted {
			return nil
		}
		err := c.write(ctx, e.Repo, what, e.Key()+" "+what, call)
		var cannot *reconcile.RefusedError
		if errors.As(err, &cannot) || errors.Is(err, ErrNotFound) {
			return nil // seen to be lacking with the next look
		}
		return err
	}
	milestone, err := c.milestone(ctx, e)
	if err != nil {
		return err
	}
	var cannot *reconcile.RefusedError
	if err := c.addLabels(ctx, e.Repo, github.Issue{Number: e.Number, IsPullRequest: e.OnPR}, e.Labels); err != nil && !errors.As(err, &cannot) {
		return err
	}
	return errors.Join(
		try("assign", len(e.Assignees) > 0, func(g *gh.Client) error {
			_, _, err := g.Issues.AddAssignees(ctx, owner, name, e.Number, e.Assignees)
			return err
		}),
		try("set milestone", milestone != 0, func(g *gh.Client) error {
			_, _, err := g.Issues.Edit(ctx, owner, name, e.Number, &gh.IssueRequest{Milestone: &milestone})
			return err
		}),
		try("ask reviewers", len(e.Reviewers) > 0, func(g *gh.Client) error {
			_, _, err := g.PullRequests.RequestReviewers(ctx, owner, name, e.Number, gh.ReviewersRequest{Reviewers: e.Reviewers})
			return err
		}),
		c.askTeams(ctx, e),
	)
}

// askTeams asks each team by itself: one without access to the repository makes
// GitHub refuse all that are asked with it.
func (c *Client) askTeams(ctx context.Context, e effect.Extras) error {
	for _, slug := range e.Teams {
		err := c.write(ctx, e.Repo, "ask team", e.Key()+" ask "+slug, func(g *gh.Client) error {
			_, _, err := g.PullRequests.RequestReviewers(ctx, e.Repo.Owner, e.Repo.Name, e.Number, gh.ReviewersRequest{TeamReviewers: []string{slug}})
			return err
		})
		var cannot *reconcile.RefusedError
		if errors.As(err, &cannot) || errors.Is(err, ErrNotFound) {
			err = unaskedMemo.put(ctx, c, github.UnaskedCacheKey(e.Repo, e.Number, slug), "refused")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// askable leaves out the teams that GitHub lately didn't let us ask.
func (c *Client) askable(ctx context.Context, e effect.Extras) (teams []string, err error) {
	for _, slug := range e.Teams {
		refused, err := unaskedMemo.recall(ctx, c, github.UnaskedCacheKey(e.Repo, e.Number, slug))
		if err != nil {
			return nil, err
		}
		if !refused.ok {
			teams = append(teams, slug)
		}
	}
	return teams, nil
}

// milestone finds the number of an open milestone; 0 for none.
func (c *Client) milestone(ctx context.Context, e effect.Extras) (number int, err error) {
	if e.Milestone == "" {
		return 0, nil
	}
	list, err := listed(ctx, c, e.Repo, "list milestones of "+e.Repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.Milestone, *gh.Response, error) {
		return g.Issues.ListMilestones(ctx, e.Repo.Owner, e.Repo.Name, &gh.MilestoneListOptions{ListOptions: o})
	})
	for _, m := range list {
		if strings.EqualFold(m.GetTitle(), e.Milestone) {
			number = m.GetNumber()
		}
	}
	return number, err
}
