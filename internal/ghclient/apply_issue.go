package ghclient

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyIssue brings an issue of ours to the given form. A new one is opened with
// a record that is sealed but not yet bound to a number; the second write binds
// it. Killed between them, the next try finds it by its mark and binds it.
func (c *Client) applyIssue(ctx context.Context, e effect.Issue) (done, error) {
	have, opened, err := c.findOrOpen(ctx, e, e.Key(), func() (string, error) { return c.sealedBody(e, 0) })
	if err != nil {
		return done{}, err
	}
	if opened {
		return wrote(have.URL, c.writeIssue(ctx, e, have))
	}
	body, err := c.sealedBody(e, have.Number)
	if err != nil {
		return done{}, err
	}
	if e.Number == 0 {
		at := effect.Place{Repo: e.RepoID, Number: have.Number}
		if shown := c.opts.Sealer.Unseal(at, have.Body); shown.Rev() > (effect.Record{JSON: e.Record}).Rev() {
			e.Was = body + "\x00" // it has been opened, and more was written into it since
		}
	}
	if e.Was != "" && have.Body != e.Was && have.Body != body {
		// The next try must not decide on what is remembered of it.
		if err := c.opts.Cache.Forget(ctx, github.OwnIssuesCacheKey(e.Repo)); err != nil {
			return done{}, err
		}
		return done{}, fmt.Errorf("%s#%d was changed after it was read for this decision", e.Repo, have.Number)
	}
	if have.Title == e.Title && have.Body == body && stands(have.State, e.State) && len(lacking(have.Labels, e.Labels)) == 0 {
		return done{url: have.URL}, c.doubt(ctx, e.Repo, have)
	}
	return wrote(have.URL, c.writeIssue(ctx, e, have))
}

func (c *Client) sealedBody(e effect.Issue, number int) (string, error) {
	line, err := c.opts.Sealer.Seal(effect.Place{Repo: e.RepoID, Number: number}, e.Mark, e.Record)
	if err != nil {
		return "", err
	}
	// Only what people read may be cut: a record with an end missing is lost.
	room := maxBody - utf8.RuneCountInString(line) - 2
	if room < 0 {
		return "", &reconcile.RefusedError{Reason: "The record has grown too long for an issue", Err: fmt.Errorf("%s: %d characters over", e.Key(), -room)}
	}
	return line + "\n\n" + effect.FitCharacters(e.Text, room), nil
}

// findOrOpen returns the issue that an effect means: the one it names, else the
// one of ours whose record, as Slipway sealed it, carries the mark, else one that
// it opens with a text. A mark with a record that doesn't verify is somebody's edit
// and not what is looked for.
func (c *Client) findOrOpen(ctx context.Context, e effect.Issue, key string, text func() (string, error)) (one github.Issue, opened bool, err error) {
	if e.Number != 0 {
		one, err = c.Issue(ctx, e.Repo, e.Number)
		return one, false, err
	}
	own, err := c.openNow(ctx, e.Repo)
	if err != nil {
		return one, false, err
	}
	for _, one := range own {
		r := c.opts.Sealer.Find(effect.Place{Repo: e.RepoID, Number: one.Number}, one.Body)
		if r.Authenticity != effect.Tampered && r.Mark == e.Mark {
			return one, false, nil
		}
	}
	body, err := text()
	if err != nil {
		return one, false, err
	}
	one, err = c.writeOwn(ctx, e.Repo, "open issue", key, func(g *gh.Client) (github.Issue, error) {
		names := append([]string{}, e.Labels...) // never null
		i, _, err := g.Issues.Create(ctx, e.Repo.Owner, e.Repo.Name, &gh.IssueRequest{Title: &e.Title, Body: &body, Labels: &names})
		return answered(i, err)
	})
	return one, true, err
}

// openNow lists our open issues so that none is opened twice: memory serves only
// if it was read since this work began. An earlier try, whose answer was lost,
// may have opened one before that.
func (c *Client) openNow(ctx context.Context, repo github.Repo) ([]github.Issue, error) {
	known, err := c.recallOwn(ctx, repo)
	if err != nil {
		return nil, err
	}
	if asOf, ok := reconcile.ReadNoOlderThan(ctx); ok && known.ok && !known.is.Read.Before(asOf) {
		return known.is.since(time.Time{}), nil
	}
	own, _, err := c.listOwn(ctx, repo, string(github.Open), nil)
	return own, err
}

func answered(i *gh.Issue, err error) (github.Issue, error) {
	if err != nil {
		return github.Issue{}, err
	}
	return issue(i), nil
}

func (c *Client) writeIssue(ctx context.Context, e effect.Issue, have github.Issue) error {
	body, err := c.sealedBody(e, have.Number)
	if err != nil {
		return err
	}
	have, err = c.writeOwn(ctx, e.Repo, "write issue", e.Key()+" bind", func(g *gh.Client) (github.Issue, error) {
		req := &gh.IssueRequest{Title: &e.Title, Body: &body}
		setState(req, have.State, e.State)
		i, _, err := g.Issues.Edit(ctx, e.Repo.Owner, e.Repo.Name, have.Number, req)
		return answered(i, err)
	})
	if err != nil {
		return err
	}
	return c.addLabels(ctx, e.Repo, have, lacking(have.Labels, e.Labels))
}

func (c *Client) applyIssueState(ctx context.Context, e effect.IssueState) (done, error) {
	have, err := c.Issue(ctx, e.Repo, e.Number)
	if err != nil {
		return done{}, err
	}
	missing := lacking(have.Labels, e.Labels)
	if have.State == e.State && len(missing) == 0 {
		return done{url: have.URL}, c.doubt(ctx, e.Repo, have)
	}
	if have.State != e.State {
		have, err = c.writeOwn(ctx, e.Repo, "write issue", e.Key(), func(g *gh.Client) (github.Issue, error) {
			req := &gh.IssueRequest{}
			setState(req, have.State, e.State)
			i, _, err := g.Issues.Edit(ctx, e.Repo.Owner, e.Repo.Name, e.Number, req)
			return answered(i, err)
		})
		if err != nil {
			return done{}, err
		}
	}
	return wrote(have.URL, c.addLabels(ctx, e.Repo, have, missing))
}

// stands reports whether an issue's state needn't be written.
func stands(have, want github.State) bool { return want == "" || have == want }

func setState(req *gh.IssueRequest, have, want github.State) {
	if stands(have, want) {
		return
	}
	req.State = gh.String(string(want))
	if want == github.Closed {
		req.StateReason = gh.String("completed")
	}
}

func (c *Client) addLabels(ctx context.Context, repo github.Repo, have github.Issue, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	what := fmt.Sprintf("label %s#%d", repo, have.Number)
	_, err := c.writeOwn(ctx, repo, what, what+" "+strings.Join(missing, ","), func(g *gh.Client) (github.Issue, error) {
		// go-github's AddLabelsToIssue sends the bare list, which is not the form
		// that GitHub describes first, and recommends.
		req, err := g.NewRequest("POST", fmt.Sprintf("repos/%s/%s/issues/%d/labels", repo.Owner, repo.Name, have.Number), map[string][]string{"labels": missing})
		if err != nil {
			return have, err
		}
		var all []*gh.Label
		_, err = g.Do(ctx, req, &all)
		have.Labels = labels(all) // the answer is the issue's labels and no more
		return have, err
	})
	return err
}

// lacking returns the labels that are wanted and not there. GitHub compares
// labels without case.
func lacking(have, want []string) []string {
	return slices.DeleteFunc(slices.Clone(want), func(w string) bool {
		return slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, w) })
	})
}
