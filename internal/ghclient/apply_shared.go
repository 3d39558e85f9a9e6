package ghclient

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// lookShared brings our parts of an issue to the given form and leaves people's
// as they are. A new one is opened like any issue of ours: in two writes.
func (c *Client) lookShared(ctx context.Context, e effect.SharedIssue) (change, error) {
	have, err := c.findIssue(ctx, e.Issue())
	if err != nil {
		return change{}, err
	}
	if have == nil {
		return change{write: func(ctx context.Context) (string, error) {
			made, err := c.openShared(ctx, e)
			if err != nil {
				return "", err
			}
			return made.URL, c.writeShared(ctx, e, made.Number)
		}}, nil
	}
	if err := c.sameRecord(ctx, e, *have); err != nil {
		return change{}, err
	}
	body, err := c.sharedBody(e, have.Number, have.Body)
	if err != nil {
		return change{}, err
	}
	if have.Body == body && have.State == e.State && len(lacking(have.Labels, e.Labels)) == 0 {
		return change{url: have.URL}, c.doubt(ctx, e.Repo, *have)
	}
	return change{url: have.URL, write: func(ctx context.Context) (string, error) {
		return have.URL, c.writeShared(ctx, e, have.Number)
	}}, nil
}

// sameRecord fails when an issue has another record by now than the decision was
// made on. One that doesn't verify is somebody's edit, and is written over.
func (c *Client) sameRecord(ctx context.Context, e effect.SharedIssue, have github.Issue) error {
	at := effect.Place{Repo: e.RepoID, Number: have.Number}
	shown := c.opts.Sealer.Unseal(at, have.Body)
	mine, err := c.opts.Sealer.Seal(at, e.Mark, e.Record)
	if err != nil {
		return err
	}
	// Two decisions on one record make two of the same version: only the text tells.
	if shown.Standing != effect.Bound || shown.Rev() == e.Rev || strings.HasPrefix(have.Body, mine) {
		return nil
	}
	if err := c.opts.Cache.Forget(ctx, github.OwnIssuesCacheKey(e.Repo)); err != nil {
		return err
	}
	// Several edits of one issue may be worked at once: this one decides again.
	return &reconcile.Later{
		At: c.opts.Now().Add(staleWait), Err: fmt.Errorf("%s#%d was changed after it was read for this decision", e.Repo, have.Number),
	}
}

// sharedBody lays our parts into a body.
func (c *Client) sharedBody(e effect.SharedIssue, number int, body string) (string, error) {
	line, err := c.opts.Sealer.Seal(effect.Place{Repo: e.RepoID, Number: number}, e.Mark, e.Record)
	if err != nil {
		return "", err
	}
	room := maxBody - utf8.RuneCountInString(line) - 4
	text := e.Parts.Lay(withoutRecord(body), room)
	if over := utf8.RuneCountInString(text) - room; over > 0 {
		return "", &reconcile.Cannot{Why: "The issue has grown too long for GitHub", Err: fmt.Errorf("%s: %d characters over", e.Key(), over)}
	}
	end := "\n"
	if strings.Contains(text, "\r\n") {
		end = "\r\n"
	}
	return line + end + end + text, nil
}

// withoutRecord is a body below our record, with whatever somebody made of it.
func withoutRecord(body string) string {
	first, rest, _ := strings.Cut(body, "\n")
	if !strings.HasPrefix(first, "<!-- slipway:") {
		return strings.TrimLeft(body, "\r\n")
	}
	return strings.TrimLeft(rest, "\r\n")
}

func (c *Client) openShared(ctx context.Context, e effect.SharedIssue) (made github.Issue, err error) {
	body, err := c.sharedBody(e, 0, e.Begin)
	if err != nil {
		return made, err
	}
	return c.writeOwn(ctx, e.Repo, "open issue", e.Key(), func(g *gh.Client) (github.Issue, error) {
		names := append([]string{}, e.Labels...) // never null
		i, _, err := g.Issues.Create(ctx, e.Repo.Owner, e.Repo.Name, &gh.IssueRequest{Title: &e.Title, Body: &body, Labels: &names})
		return answered(i, err)
	})
}

// sharedTries is how often a text is written that people write at the same time.
const sharedTries = 4

// writeShared lays our parts into what the issue says at that moment, and reads
// it again afterwards: GitHub has no way to change an issue only if it is still
// what it was, and whoever had it open writes all of it.
func (c *Client) writeShared(ctx context.Context, e effect.SharedIssue, number int) error {
	for range sharedTries {
		written := ""
		one, err := c.writeOwn(ctx, e.Repo, "write issue", e.Key()+" bind", func(g *gh.Client) (github.Issue, error) {
			// Read when the write's turn has come, which may have taken a while.
			have, err := c.Issue(ctx, e.Repo, number)
			if err != nil {
				return have, err
			}
			if written, err = c.sharedBody(e, number, have.Body); err != nil {
				return have, err
			}
			req := &gh.IssueRequest{Body: &written}
			setState(req, have.State, e.State)
			i, _, err := g.Issues.Edit(ctx, e.Repo.Owner, e.Repo.Name, number, req)
			return answered(i, err)
		})
		if err != nil {
			return err
		}
		if err := c.addLabels(ctx, e.Repo, one, lacking(one.Labels, e.Labels)); err != nil {
			return err
		}
		now, err := c.Issue(ctx, e.Repo, number)
		if err != nil {
			return err
		}
		again, err := c.sharedBody(e, number, now.Body)
		if err != nil {
			return err
		}
		if again == now.Body {
			return nil
		}
	}
	return fmt.Errorf("%s#%d is written by somebody else all the time", e.Repo, number)
}
