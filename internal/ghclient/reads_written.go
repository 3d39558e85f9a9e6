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

// What is remembered of a comment with a text.
const (
	asWritten    = "as written"
	notAsWritten = "edited"
)

// AsWritten reports whether a comment still is as its author wrote it. That it was once with
// a text, or that it was edited, stays so, and is remembered.
func (c *Client) AsWritten(ctx context.Context, repo github.Repo, of github.Comment) (bool, error) {
	if !of.UpdatedAt.Equal(of.CreatedAt) {
		return false, nil
	}
	how, err := writtenMemo.read(ctx, c, github.AsWrittenCacheKey(repo, of.Node, of.Body), func() (string, error) {
		is, err := c.Written(ctx, repo, of.Node)
		switch {
		case err == nil && is.Edited:
			return notAsWritten, nil
		case err == nil && is.Body == of.Body:
			return asWritten, nil
		}
		return "", err
	})
	return how == asWritten, err
}
