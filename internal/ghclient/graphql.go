package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// mutate changes what REST can't change. What GitHub refuses, which it does with status 200,
// is a *reconcile.RefusedError.
func (c *Client) mutate(ctx context.Context, repo github.Repo, what, key, mutation string, input map[string]any) error {
	var answer struct{ Errors []graphQLError }
	err := c.write(ctx, repo, what, key, func(g *gh.Client) error {
		answer.Errors = nil
		req, err := g.NewRequest(http.MethodPost, c.opts.GitHub.V4APIURL, map[string]any{"query": mutation, "variables": map[string]any{"input": input}})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound): // a server without that API
		return &reconcile.RefusedError{Reason: "This GitHub has no GraphQL API", Next: "do it by hand", Err: err}
	case err != nil || len(answer.Errors) == 0:
		return err
	case answer.Errors[0].Type == "RATE_LIMITED":
		return errors.New("GitHub's limit on GraphQL: " + answer.Errors[0].Message)
	case answer.Errors[0].Type == "SERVICE_UNAVAILABLE" || answer.Errors[0].Type == "INTERNAL":
		return errors.New("GitHub's GraphQL API: " + answer.Errors[0].Message)
	}
	return refusedMutation(answer.Errors[0])
}

// mutationRefusals are known by GitHub's words, as are refusals. Where each was seen, the test
// tells.
var mutationRefusals = []refusal{
	{0, "in unstable status", "Its required checks are green and others are not, and then GitHub takes no auto-merge", "merge it as it is; or mend those checks, Slipway looks again within the hour"},
	{0, "in dirty status", "It conflicts with its branch", "resolve the conflict"},
	{0, "auto merge is not allowed", "The repository doesn't allow auto-merge", "have an administrator tick *Allow auto-merge* in the repository's settings (*General*)"},
	{0, "protected branch rules not configured", "The branch is not protected, and then GitHub takes no auto-merge", "have an administrator require the checks in a rule of that branch"},
	{0, "merge method", "The repository doesn't allow this way of merging", "have `cherrypick.auto_merge` name one that the repository allows"},
	{0, "draft", "It is a draft", "mark it as ready for review"},
	{0, "not authorized", "GitHub doesn't let Slipway merge into that branch", "let the App push there (the repository's settings, *Branches* or *Rules*), or merge it by hand"},
}

func refusedMutation(e graphQLError) *reconcile.RefusedError {
	said := strings.Join(strings.Fields(e.Message), " ")
	r := &reconcile.RefusedError{Reason: "GitHub doesn't take this", Said: said, Err: fmt.Errorf("GraphQL: %s: %s", e.Type, said)}
	for _, row := range append(mutationRefusals[:len(mutationRefusals):len(mutationRefusals)], refusals...) {
		forbidden := row.status == http.StatusForbidden && e.Type == "FORBIDDEN"
		if (row.status == 0 || forbidden) && strings.Contains(strings.ToLower(said), row.words) {
			r.Reason, r.Next = row.cause, row.next
			break
		}
	}
	return r
}

// declined remembers for a while that GitHub refused something, so that the next look says so
// in place of trying again.
func (c *Client) declined(ctx context.Context, key string, err error) error {
	var r *reconcile.RefusedError
	if !errors.As(err, &r) {
		return err
	}
	return declinedMemo.put(ctx, c, key, r.Cause()+". **Next step:** "+r.Mend())
}

// Declined says in Markdown, without the full stop, why GitHub lately refused what was wanted of a pull request or of
// its branch, and what to do; "" if it isn't known that it has.
func (c *Client) Declined(ctx context.Context, repo github.Repo, number int, what string) (string, error) {
	have, err := declinedMemo.recall(ctx, c, github.DeclinedCacheKey(repo, number, what))
	return have.is, err
}
