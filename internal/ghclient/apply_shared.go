package ghclient

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyShared brings our parts of an issue to the given form and leaves people's
// as they are. A new one is opened like any issue of ours: in two writes.
func (c *Client) applyShared(ctx context.Context, e effect.SharedIssue) (done, error) {
	have, opened, err := c.findOrOpen(ctx, e.Issue(), e.Key(), func() (string, error) { return c.sharedBody(e, 0, e.Begin) })
	if err != nil {
		return done{}, err
	}
	if opened {
		return wrote(have.URL, c.writeShared(ctx, e, have.Number))
	}
	if err := c.sameRecord(ctx, e, have); err != nil {
		return done{}, err
	}
	body, err := c.sharedBody(e, have.Number, have.Body)
	if err != nil {
		return done{}, err
	}
	if have.Body == body && stands(have.State, e.State) && len(lacking(have.Labels, e.Labels)) == 0 {
		// People's words that came since our last write are part of what it says.
		if _, err := c.withIntact(ctx, e.Repo, []github.Issue{have}, true); err != nil {
			return done{}, err
		}
		return done{url: have.URL}, c.doubt(ctx, e.Repo, have)
	}
	return wrote(have.URL, c.writeShared(ctx, e, have.Number))
}

// sameRecord fails when an issue has a newer record by now than the decision was
// made on, or another one of that version. One that is older or doesn't verify is
// somebody's edit, and is written over.
func (c *Client) sameRecord(ctx context.Context, e effect.SharedIssue, have github.Issue) error {
	at := effect.Place{Repo: e.RepoID, Number: have.Number}
	shown := c.opts.Sealer.Find(at, have.Body)
	known := map[string]bool{}
	for _, one := range []json.RawMessage{e.Record, e.Short, e.Seen} {
		known[compacted(one)] = true
	}
	newer := shown.Rev() > e.Rev || shown.Rev() == e.Rev && e.Seen != nil
	if shown.Authenticity != effect.Bound || !newer || known[compacted(shown.JSON)] {
		c.stale.clear(e.Key())
		return nil
	}
	if err := c.opts.Cache.Forget(ctx, github.OwnIssuesCacheKey(e.Repo)); err != nil {
		return err
	}
	err := fmt.Errorf("%s#%d was changed after it was read for this decision", e.Repo, have.Number)
	if c.stale.count(e.Key()) > maxStale {
		return err // which uses up an attempt: others wait for this one
	}
	// Several edits of one issue may be worked at once: this one decides again.
	return &reconcile.RetryAfterError{At: c.opts.Now().Add(staleWait), Err: err}
}

// compacted is a record as it is sealed; "" for none.
func compacted(raw json.RawMessage) string {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return ""
	}
	out, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(out)
}

// maxStale is how often in a row a decision on one issue is made again at once,
// because it rested on what was no longer so.
const maxStale = 10

// tally counts what happens in a row, by its name.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (t *tally) count(name string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == nil {
		t.n = map[string]int{}
	}
	t.n[name]++
	return t.n[name]
}

func (t *tally) clear(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.n, name)
}

// sharedBody lays our parts into a body. What is ours is shortened where there is
// no room: the parts first, then what the record remembers of words.
func (c *Client) sharedBody(e effect.SharedIssue, number int, body string) (string, error) {
	body = strings.TrimLeft(effect.WithoutRecord(body), "\r\n")
	if e.Number != 0 && e.Parts.Lacking(body) {
		body = restored(e, body)
	}
	end := "\n"
	if strings.Contains(body, "\r\n") {
		end = "\r\n"
	}
	over := 0
	for _, record := range []json.RawMessage{e.Record, e.Short} {
		if record == nil {
			continue
		}
		line, err := c.opts.Sealer.Seal(effect.Place{Repo: e.RepoID, Number: number}, e.Mark, record)
		if err != nil {
			return "", err
		}
		room := maxBody - utf8.RuneCountInString(line) - 2*len(end)
		text, _ := effect.PutBack(e.Parts.Lay(body, room), e.Lost)
		if over = utf8.RuneCountInString(text) - room; over <= 0 {
			return line + end + end + text, nil
		}
	}
	return "", &reconcile.RefusedError{
		Reason: fmt.Sprintf("The text of %s#%d is too long for GitHub, although Slipway's own parts of it are as short as they can be. "+
			"Shorten what people wrote there by at least %d characters", e.Repo, number, over),
		Err: fmt.Errorf("%s: %d characters over", e.Key(), over),
	}
}

// restored is what a text is made of in which nothing of ours is left: what the
// issue said before, and below it what somebody has written instead.
func restored(e effect.SharedIssue, body string) string {
	was := e.Begin
	if intact := strings.TrimLeft(effect.WithoutRecord(e.Intact), "\r\n"); !e.Parts.Lacking(intact) {
		was = intact
	}
	if body = strings.TrimSpace(body); body != "" && !strings.Contains(was, body) {
		was = strings.TrimRight(was, "\r\n") + "\n\n" + body + "\n"
	}
	return was
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
