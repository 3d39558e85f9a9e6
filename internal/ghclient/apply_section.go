package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// partStart is where a part of a comment begins: a mark at the start of a line.
// Nobody else's text can hold one, since it is made inert.
var partStart = lazy.Regexp(`(?m)^<!-- slipway:`)

// sections takes a comment apart: what it begins with, and its parts.
func sections(body string) (head string, parts []string) {
	starts := partStart().FindAllStringIndex(body, -1)
	if len(starts) > 0 && starts[0][0] == 0 { // the comment's own mark
		starts = starts[1:]
	}
	head = body
	for i, at := range starts {
		if i == 0 {
			head = body[:at[0]]
		}
		end := len(body)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		parts = append(parts, body[at[0]:end])
	}
	return head, parts
}

// applySection keeps one part of a comment and leaves the others as they are.
func (c *Client) applySection(ctx context.Context, e effect.Section) (done, error) {
	want := ""
	if e.Text != "" {
		line, err := c.opts.Sealer.Seal(effect.Place{Repo: e.RepoID, Number: e.Number}, e.Mark, e.Record)
		if err != nil {
			return done{}, err
		}
		want = line + "\n" + strings.TrimSpace(e.Text) + "\n\n"
	}
	as := effect.Comment{Repo: e.Repo, Number: e.Number, Mark: e.Comment}
	have, err := c.ownComment(ctx, as)
	if err != nil {
		return done{}, err
	}
	head := e.Comment.String() + "\n" + strings.TrimSpace(e.Head) + "\n\n"
	_, parts := sections(have.GetBody())
	at := slices.IndexFunc(parts, e.Mark.Begins)
	was := ""
	if at >= 0 {
		was = parts[at]
	}
	trim := strings.TrimSpace
	switch { // GitHub doesn't keep the space at a comment's end
	case trim(was) != trim(e.Was) && trim(was) != trim(want):
		return done{}, fmt.Errorf("what is said about %s was changed after it was read for this decision", e.Mark.ID)
	case at < 0 && want == "": // it is gone already
		return done{url: have.GetHTMLURL()}, nil
	case want == "":
		parts = slices.Delete(parts, at, at+1)
	case at >= 0:
		parts[at] = want
	default:
		parts = append(parts, want)
	}
	for i := range parts {
		parts[i] = trim(parts[i])
	}
	body := effect.FitCharacters(head+strings.Join(parts, "\n\n"), maxBody)
	if trim(have.GetBody()) == trim(body) {
		return done{url: have.GetHTMLURL()}, nil
	}
	out, err := c.putComment(ctx, as, e.Key(), have, body)
	// Whether it was written or not, nobody knows any more what is there.
	err = errors.Join(err, c.opts.Cache.Forget(ctx, github.CommentCacheKey(e.Repo, e.Number, e.Comment.Kind)))
	if err == nil {
		err = c.rememberRev(ctx, e)
	}
	return wrote(out.GetHTMLURL(), err)
}

// rememberRev remembers the version of a record that counts them, so that an older
// one which somebody puts back is known.
func (c *Client) rememberRev(ctx context.Context, e effect.Section) error {
	rev := effect.Record{JSON: e.Record}.Rev()
	if rev == 0 {
		return nil
	}
	return revMemo.put(ctx, c, github.SealedCacheKey(e.Repo, e.Number, e.Mark.Kind+" "+e.Mark.ID), rev)
}

// SealedRev returns the newest version of the record in a part that Slipway
// remembers to have written; 0 if it remembers none.
func (c *Client) SealedRev(ctx context.Context, repo github.Repo, number int, part effect.Mark) (rev int, err error) {
	have, err := revMemo.recall(ctx, c, github.SealedCacheKey(repo, number, part.Kind+" "+part.ID))
	return have.is, err
}
