package ghclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// branchRule is one of the rules that hold for a branch, as far as it matters.
type branchRule struct {
	Type       string `json:"type"`
	Parameters struct {
		Checks []struct {
			Context     string `json:"context"`
			Integration *int64 `json:"integration_id"`
		} `json:"required_status_checks"`
	} `json:"parameters"`
}

// protectedBranch is what a branch says of its classic protection. Who may only read contents
// is shown that much of it.
type protectedBranch struct {
	Protection struct {
		Checks struct {
			Level    string   `json:"enforcement_level"` // off, non_admins or everyone
			Contexts []string `json:"contexts"`
			Checks   []struct {
				Context string `json:"context"`
				App     *int64 `json:"app_id"`
			} `json:"checks"`
		} `json:"required_status_checks"`
	} `json:"protection"`
}

// MergeRules reads which status checks a branch requires, by rulesets and by its classic
// protection. It costs two requests, mostly for a "not modified".
func (c *Client) MergeRules(ctx context.Context, repo github.Repo, branch release.Branch) (github.MergeRules, error) {
	rules := github.MergeRules{App: c.opts.GitHub.App.IntegrationID}
	name := url.PathEscape(string(branch))
	list, err := listed(ctx, c, repo, fmt.Sprintf("read the rules of %s of %s", branch, repo), func(g *gh.Client, o gh.ListOptions) (page []branchRule, resp *gh.Response, err error) {
		resp, err = c.get(ctx, g, fmt.Sprintf("repos/%s/rules/branches/%s?page=%d&per_page=%d", repo, name, max(o.Page, 1), o.PerPage), &page)
		return page, resp, err
	})
	var protected protectedBranch
	if err == nil {
		err = c.do(ctx, repo, fmt.Sprintf("read the protection of %s of %s", branch, repo), func(g *gh.Client) error {
			_, err := c.get(ctx, g, fmt.Sprintf("repos/%s/branches/%s", repo, name), &protected)
			return err
		})
	}
	var refused *reconcile.RefusedError
	var said *gh.ErrorResponse // else it is we who don't look there
	switch {
	case errors.Is(err, ErrNotFound):
		rules.Unclear = "GitHub doesn't show which checks are required there"
		return rules, nil
	case errors.As(err, &refused) && errors.As(err, &said):
		rules.Unclear = "GitHub doesn't let Slipway see which checks are required there"
		return rules, nil
	case err != nil:
		return rules, err
	}
	for _, r := range list {
		rules.Queue = rules.Queue || r.Type == "merge_queue"
		for _, check := range r.Parameters.Checks {
			rules.Checks = append(rules.Checks, github.RequiredCheck{Name: check.Context, App: boundTo(check.Integration)})
		}
	}
	classic := protected.Protection.Checks
	if classic.Level == "off" {
		return rules, nil
	}
	for _, check := range classic.Checks {
		rules.Checks = append(rules.Checks, github.RequiredCheck{Name: check.Context, App: boundTo(check.App)})
	}
	for _, context := range classic.Contexts { // the older form, which servers may have alone
		if !slices.ContainsFunc(rules.Checks, func(r github.RequiredCheck) bool { return r.Name == context }) {
			rules.Checks = append(rules.Checks, github.RequiredCheck{Name: context})
		}
	}
	return rules, nil
}

// RememberedRules is MergeRules as RememberRules read it last: for what is told where nothing is
// judged, and never for a merge. It costs no request; without any they ask for nothing.
func (c *Client) RememberedRules(ctx context.Context, repo github.Repo, branch release.Branch) (github.MergeRules, error) {
	have, err := rulesMemo.recall(ctx, c, github.RulesCacheKey(repo, branch))
	return have.is, err
}

// RememberRules reads MergeRules for RememberedRules.
func (c *Client) RememberRules(ctx context.Context, repo github.Repo, branch release.Branch) error {
	rules, err := c.MergeRules(ctx, repo, branch)
	if err != nil {
		return err
	}
	return rulesMemo.put(ctx, c, github.RulesCacheKey(repo, branch), rules)
}

// boundTo is the App that a check is bound to; nothing and -1 say that any may report it.
func boundTo(app *int64) int64 {
	if app == nil || *app < 0 {
		return 0
	}
	return *app
}

// get reads what go-github has no type for.
func (c *Client) get(ctx context.Context, g *gh.Client, path string, into any) (*gh.Response, error) {
	req, err := g.NewRequest("GET", path, nil)
	if err != nil {
		return nil, err
	}
	var raw json.RawMessage
	resp, err := g.Do(ctx, req, &raw)
	if err != nil {
		return resp, err
	}
	return resp, json.Unmarshal(raw, into)
}

// askDecision asks what the reviews of a pull request come to by the branch's rules; null where
// it needs none: https://docs.github.com/en/graphql/reference/objects#pullrequest
const askDecision = `query Decision($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewDecision } }
}`

// reviewsWait reports whether a pull request waits for reviews by the rules of its branch,
// whoever asks. What GitHub doesn't tell waits.
func (c *Client) reviewsWait(ctx context.Context, repo github.Repo, number int) (waits bool, err error) {
	var answer struct {
		Data struct {
			Repository *struct {
				PullRequest *struct {
					Decision *string `json:"reviewDecision"`
				} `json:"pullRequest"`
			} `json:"repository"`
		} `json:"data"`
		Errors []graphQLError `json:"errors"`
	}
	err = c.do(ctx, repo, fmt.Sprintf("read the review decision of #%d in %s", number, repo), func(g *gh.Client) error {
		req, err := g.NewRequest("POST", c.opts.GitHub.V4APIURL, map[string]any{
			"query": askDecision, "variables": map[string]any{"owner": repo.Owner, "name": repo.Name, "number": number},
		})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	if err != nil || len(answer.Errors) > 0 || answer.Data.Repository == nil || answer.Data.Repository.PullRequest == nil {
		return true, err
	}
	is := answer.Data.Repository.PullRequest.Decision
	return is != nil && *is != "APPROVED", nil
}

// PullMoves lists what happened to a pull request, oldest first.
func (c *Client) PullMoves(ctx context.Context, repo github.Repo, number int) ([]github.PullMove, error) {
	list, err := c.issueEvents(ctx, repo, number)
	var moves []github.PullMove
	for _, e := range list {
		moves = append(moves, github.PullMove{Kind: e.GetEvent(), By: user(e.GetActor()), At: e.GetCreatedAt().Time})
	}
	return moves, err
}
