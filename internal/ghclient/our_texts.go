package ghclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Whoever saves an issue in which people write, too, may have read it long ago. What it
// said then is remembered for some revisions of its record; beyond that, and where the
// database was lost, GitHub's list of its edits has it, which only GraphQL gives.

// knownTexts are texts of one issue, the newest first, one for each revision.
type knownTexts []textAt

type textAt struct {
	Rev  int
	Text string
}

// The most that is remembered of one issue.
const (
	maxTexts     = 24
	maxTextBytes = 512 << 10
)

// with adds a text. Of several with one revision the first counts: what people wrote
// later may not have been read by whoever saves the text of that revision.
func (k knownTexts) with(one textAt) knownTexts {
	if slices.ContainsFunc(k, func(t textAt) bool { return t.Rev == one.Rev }) {
		return k
	}
	all, size := knownTexts{one}, len(one.Text)
	for _, t := range k {
		if size += len(t.Text); len(all) < maxTexts && size <= maxTextBytes {
			all = append(all, t)
		}
	}
	return all
}

// shared reports a text of ours in which people write, too.
func shared(text string) bool { return strings.Contains(text, "<!-- slipway-part:") }

// rememberText remembers what an issue says with a revision of its record.
func (c *Client) rememberText(ctx context.Context, at effect.Place, text string) error {
	sealed := c.opts.Sealer.Find(at, text)
	if !shared(text) || sealed.Authenticity == effect.Tampered {
		return nil
	}
	key := textsKey(at.Repo, at.Number)
	have, err := textsMemo.recall(ctx, c, key)
	if err != nil {
		return err
	}
	return textsMemo.put(ctx, c, key, have.is.with(textAt{sealed.Rev(), text}))
}

// TextAtRevision is the text of an issue of ours that people write in, as it was with a
// revision of its record; not found where nobody knows it any more.
func (c *Client) TextAtRevision(ctx context.Context, repo github.Repo, number, rev int) (text string, found bool, err error) {
	id, err := c.RepoID(ctx, repo)
	if err != nil {
		return "", false, err
	}
	have, err := textsMemo.recall(ctx, c, textsKey(id, number))
	if err != nil {
		return "", false, err
	}
	for _, t := range have.is {
		if t.Rev == rev {
			return t.Text, true, nil
		}
	}
	texts, err := c.textsOf(ctx, repo, number)
	if cannot := new(reconcile.RefusedError); errors.As(err, &cannot) {
		return "", false, nil
	}
	at := effect.Place{Repo: id, Number: number}
	for _, one := range slices.Backward(texts) {
		sealed := c.opts.Sealer.Find(at, one)
		if sealed.Authenticity == effect.Tampered {
			continue
		}
		if sealed.Rev() > rev { // what comes later with that revision is what somebody made of an old text
			break
		}
		if sealed.Rev() == rev && !found {
			text, found = one, true
		}
	}
	return text, found, err
}

// newestText is the text with the newest record that an issue has had; "" where
// GitHub doesn't tell.
func (c *Client) newestText(ctx context.Context, repo github.Repo, at effect.Place) (newest string, err error) {
	texts, err := c.textsOf(ctx, repo, at.Number)
	if cannot := new(reconcile.RefusedError); errors.As(err, &cannot) {
		return "", nil
	}
	for _, one := range texts {
		if newer(c.opts.Sealer.Find(at, one), c.opts.Sealer.Find(at, newest)) {
			newest = one
		}
	}
	return newest, err
}

// askTexts asks for what the REST API doesn't tell. What GitHub calls the diff of an
// edit is the whole text after it.
const askTexts = `query Texts($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
	issue(number: $number) { userContentEdits(first: 50) { nodes { diff } } } } }`

type textsAnswer struct {
	Data struct {
		Repository *struct {
			Issue *struct {
				Edits struct {
					Nodes []struct {
						Diff *string `json:"diff"` // null for one that was deleted
					} `json:"nodes"`
				} `json:"userContentEdits"`
			} `json:"issue"`
		} `json:"repository"`
	} `json:"data"`
	Errors []graphQLError `json:"errors"`
}

// textsOf lists the texts that an issue has had, the newest first; none for one that was
// never edited. What GitHub answers that tells nothing is a reconcile.RefusedError.
func (c *Client) textsOf(ctx context.Context, repo github.Repo, number int) (all []string, err error) {
	var answer textsAnswer
	err = c.do(ctx, repo, "read an issue's edits in "+repo.String(), func(g *gh.Client) error {
		answer = textsAnswer{}
		req, err := g.NewRequest(http.MethodPost, c.opts.GitHub.V4APIURL, map[string]any{
			"query": askTexts, "variables": map[string]any{"owner": repo.Owner, "name": repo.Name, "number": number},
		})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	const untold = "GitHub doesn't tell the issue's edits"
	switch {
	case errors.Is(err, ErrNotFound): // a server without that API
		return nil, &reconcile.RefusedError{Reason: untold, Err: err}
	case err != nil:
		return nil, err
	case len(answer.Errors) > 0 && answer.Errors[0].Type == "RATE_LIMITED":
		return nil, errors.New("GitHub's limit on GraphQL: " + answer.Errors[0].Message)
	case len(answer.Errors) > 0 || answer.Data.Repository == nil || answer.Data.Repository.Issue == nil:
		said, _ := json.Marshal(answer.Errors)
		return nil, &reconcile.RefusedError{Reason: untold, Said: string(said)}
	}
	for _, n := range answer.Data.Repository.Issue.Edits.Nodes {
		if n.Diff != nil {
			all = append(all, *n.Diff)
		}
	}
	return all, nil
}
