package ghclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// askWritten asks for what the REST API doesn't tell: a comment that is edited within the
// second in which it was made has the same times there.
const askWritten = `query Written($id: ID!) { node(id: $id) { ... on IssueComment { body lastEditedAt } } }`

// writtenAnswer is what GitHub says to askWritten.
type writtenAnswer struct {
	Data struct {
		Node *struct {
			Body         *string         `json:"body"`
			LastEditedAt json.RawMessage `json:"lastEditedAt"` // null for never; nothing at all says nothing
		} `json:"node"`
	} `json:"data"`
	Errors []graphQLError `json:"errors"`
}

type graphQLError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// Written reads a comment with its edit history, by its id in the GraphQL API. What GitHub
// answers that tells neither is a reconcile.RefusedError.
func (c *Client) Written(ctx context.Context, repo github.Repo, node string) (github.Written, error) {
	var answer writtenAnswer
	err := c.do(ctx, repo, "read a comment's edits in "+repo.String(), func(g *gh.Client) error {
		answer = writtenAnswer{}
		req, err := g.NewRequest(http.MethodPost, c.opts.GitHub.V4APIURL, map[string]any{
			"query": askWritten, "variables": map[string]string{"id": node},
		})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	if errors.Is(err, ErrNotFound) { // a server without that API
		return github.Written{}, untold("", err)
	}
	if err != nil {
		return github.Written{}, err
	}
	return answer.written()
}

// written reads the answer. Only a null that is there says that there was no edit.
func (a writtenAnswer) written() (github.Written, error) {
	if len(a.Errors) > 0 {
		if e := a.Errors[0]; e.Type != "RATE_LIMITED" {
			return github.Written{}, untold(e.Message, nil)
		}
		return github.Written{}, errors.New("GitHub's limit on GraphQL: " + a.Errors[0].Message)
	}
	n := a.Data.Node
	if n == nil || n.Body == nil || n.LastEditedAt == nil {
		return github.Written{}, untold("", nil)
	}
	return github.Written{Body: *n.Body, Edited: string(n.LastEditedAt) != "null"}, nil
}

func untold(said string, err error) error {
	return &reconcile.RefusedError{Reason: "GitHub doesn't tell the comment's edits", Said: said, Err: err}
}
