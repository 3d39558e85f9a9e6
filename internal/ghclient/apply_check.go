package ghclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// GitHub's limits on the parts of a check run: its title in characters, its summary in
// bytes (https://github.com/github/docs/issues/35252); on annotations it is 64 KB a
// message, here in characters of at most four bytes, and so many in one request.
const (
	maxCheckTitle   = 255
	maxCheckSummary = 65535
	maxMessage      = 16000
	maxAnnotations  = 50
)

// checkForm is a check run as it is to be. Its fields are what is compared.
type checkForm struct {
	Status, Conclusion, Title, Summary, External string

	Annotations []effect.Annotation
}

func formOf(e effect.CheckRun) checkForm {
	f := checkForm{
		Title: effect.Cut(e.Verdict.Title, maxCheckTitle), Summary: effect.FitBytes(e.Verdict.Detail, maxCheckSummary),
		External: e.External(), Annotations: e.Annotations,
	}
	f.Status, f.Conclusion = outcome(e.Verdict.State)
	return f
}

func (f checkForm) hash() string {
	raw, _ := json.Marshal(f) // strings and numbers can't fail
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// notes is what the annotations come to.
func (f checkForm) notes() string { return checkForm{Annotations: f.Annotations}.hash() }

// holds reports whether a required check of that form holds a merge back.
func (f checkForm) holds() bool { return f.Conclusion != "success" && f.Conclusion != "neutral" }

// known is what a run that GitHub shows is, seen from the form that is wanted.
// Annotations are only counted: a run is one commit's, and what is remarked on
// its lines follows from the rest.
func (f checkForm) known(run *gh.CheckRun) knownRun {
	k := knownRun{
		ID: run.GetID(), URL: run.GetHTMLURL(), Completed: run.GetStatus() == completed,
		Annotations: run.GetOutput().GetAnnotationsCount(),
	}
	same := run != nil && run.GetStatus() == f.Status && run.GetConclusion() == f.Conclusion && run.GetExternalID() == f.External &&
		run.GetOutput().GetTitle() == f.Title && run.GetOutput().GetSummary() == f.Summary
	switch {
	case same && k.Annotations == len(f.Annotations):
		k.Hash, k.Title, k.Holds = f.hash(), f.Title, f.holds()
	case same && k.Annotations < len(f.Annotations) && k.Annotations%maxAnnotations == 0:
		k.Partly = true // a write that was broken off between two requests
	}
	return k
}

// applyCheckRun reports on the commit that the verdict was made for. When the
// head has moved on, the run stays with the old commit, where it is true. What
// was last written is remembered (memory.go), so that most looks ask nobody.
func (c *Client) applyCheckRun(ctx context.Context, e effect.CheckRun) (done, error) {
	f := formOf(e)
	w := checkWrite{client: c, effect: e, form: f}
	if e.Fresh && !e.IfPresent {
		return w.write(ctx)
	}
	key := checkKey(e)
	found, err := runMemo.recall(ctx, c, key)
	if err == nil && !found.ok {
		// There may be none: of two looks at once, one makes it, and the other finds it.
		var unlock func()
		if unlock, err = c.turn(ctx, strings.ToLower(e.Key())); err != nil {
			return done{}, err
		}
		defer unlock()
		found, err = runMemo.recall(ctx, c, key)
	}
	if err != nil {
		return done{}, err
	}
	have, read := found.is, !found.ok
	if read {
		if found, have, err = c.askRun(ctx, e, f, found); err != nil {
			return done{}, err
		}
	}
	if have.ID == 0 && e.IfPresent || have.Hash == f.hash() && !e.Fresh {
		if asOf, known := reconcile.ReadNoOlderThan(ctx); found.ok && known && have.ID != 0 && have.AsOf.Before(asOf) {
			// An older look that is still under way mustn't write over what this one found.
			have.AsOf = asOf
			if _, err := c.opts.Cache.Swap(ctx, key, found.raw, runMemo.form(have), runMemo.Kept); err != nil {
				return done{}, err
			}
		}
		return done{url: have.URL, learned: read && have.ID != 0}, nil
	}
	if found.ok && have.newer(ctx, c.opts.Now()) && !e.Fresh {
		return done{}, c.again(e)
	}
	w.remembered = found.ok
	switch {
	case e.Fresh:
	case have.Partly:
		w.id, w.sent = have.ID, have.Annotations
	// A completed run can't go back to being in progress, and annotations can
	// only be added to: a newer run replaces it, unless they are the same.
	case have.Completed && f.Status != completed:
	case have.Annotations == 0:
		w.id = have.ID
	case have.Annotations == len(f.Annotations) && (have.Notes == "" || have.Notes == f.notes()):
		w.id, w.sent = have.ID, have.Annotations
	}
	return w.write(ctx)
}

// askRun reads what GitHub shows of a run that isn't remembered, and remembers that. A look that began later may
// have written meanwhile: what it remembers is newer than this read, and stays.
func (c *Client) askRun(ctx context.Context, e effect.CheckRun, f checkForm, was entry[knownRun]) (found entry[knownRun], have knownRun, err error) {
	run, err := c.checkRun(ctx, e, was.raw == nil)
	if err != nil {
		return was, have, err
	}
	if found, err = runMemo.recall(ctx, c, checkKey(e)); err != nil || found.ok {
		return found, found.is, err
	}
	if have = f.known(run); run == nil && e.IfPresent {
		have.None = true // and stays so until we write one
	}
	if have.Hash != "" || have.None {
		_, err = c.opts.Cache.Swap(ctx, checkKey(e), was.raw, runMemo.form(have), runMemo.Kept)
	}
	return found, have, err
}

// checkWrite is the writing of a check run; id 0 makes a new one. sent counts
// the annotations that are there already.
type checkWrite struct {
	client     *Client
	effect     effect.CheckRun
	form       checkForm
	id         int64
	sent       int
	remembered bool // id comes from memory
}

// write sends the run, and as many more requests as its annotations need. The
// mark is put once the first request has its slot: only from then on does
// nobody know what GitHub shows.
func (w checkWrite) write(ctx context.Context) (done, error) {
	url, made := "", w.id == 0
	e, c, key := w.effect, w.client, checkKey(w.effect)
	mark := pendingRun()
	for first := true; first || w.sent < len(w.form.Annotations); first = false {
		until := min(w.sent+maxAnnotations, len(w.form.Annotations))
		slot := fmt.Sprintf("%s from %d", e.Key(), w.sent)
		err := c.write(ctx, e.Repo, "write check run", slot, func(g *gh.Client) error {
			if first {
				if err := runMemo.put(ctx, c, key, mark); err != nil {
					return err
				}
			}
			run, err := w.request(ctx, g, until)
			if err == nil {
				w.id, url = run.GetID(), run.GetHTMLURL()
			}
			return err
		})
		if first && w.remembered && w.id != 0 && errors.Is(err, ErrNotFound) {
			// It is gone although we remember it. The mark makes this look ask GitHub.
			return c.applyCheckRun(ctx, e)
		}
		if err != nil {
			return done{}, err
		}
		w.sent = until
	}
	asOf, _ := reconcile.ReadNoOlderThan(ctx)
	alone, err := c.rememberRun(ctx, key, runMemo.form(mark), knownRun{
		ID: w.id, URL: url, Hash: w.form.hash(), Completed: w.form.Status == completed, Annotations: len(w.form.Annotations), Notes: w.form.notes(),
		Title: w.form.Title, Holds: w.form.holds(), AsOf: asOf,
	})
	if err == nil && !alone {
		err = c.again(e)
	}
	return done{url: url, wrote: true, made: made}, err
}

func (w checkWrite) request(ctx context.Context, g *gh.Client, until int) (*gh.CheckRun, error) {
	e, f := w.effect, w.form
	var conclusion *string
	var at *gh.Timestamp
	if f.Conclusion != "" {
		conclusion, at = &f.Conclusion, &gh.Timestamp{Time: w.client.opts.Now().UTC().Truncate(time.Second)}
	}
	output := &gh.CheckRunOutput{Title: &f.Title, Summary: &f.Summary, Annotations: annotations(f.Annotations[w.sent:until])}
	if w.id == 0 {
		run, _, err := g.Checks.CreateCheckRun(ctx, e.Repo.Owner, e.Repo.Name, gh.CreateCheckRunOptions{
			Name: e.Name, HeadSHA: e.Commit, ExternalID: &f.External,
			Status: &f.Status, Conclusion: conclusion, CompletedAt: at, Output: output,
		})
		return run, err
	}
	run, _, err := g.Checks.UpdateCheckRun(ctx, e.Repo.Owner, e.Repo.Name, w.id, gh.UpdateCheckRunOptions{
		Name: e.Name, ExternalID: &f.External, Status: &f.Status, Conclusion: conclusion, CompletedAt: at, Output: output,
	})
	return run, err
}

func annotations(list []effect.Annotation) []*gh.CheckRunAnnotation {
	var all []*gh.CheckRunAnnotation
	for _, a := range list {
		level, message := string(a.Level), effect.Cut(a.Message, maxMessage)
		one := &gh.CheckRunAnnotation{Path: &a.Path, StartLine: &a.StartLine, EndLine: &a.EndLine, AnnotationLevel: &level, Message: &message}
		if a.Title != "" {
			one.Title = gh.String(effect.Cut(a.Title, maxCheckTitle))
		}
		all = append(all, one)
	}
	return all
}

// checkRun returns our newest run of a name on a commit, or nil. One list tells of all
// names; it is believed of a name that nothing has been remembered of since. A head
// that is new has none (memory.go).
func (c *Client) checkRun(ctx context.Context, e effect.CheckRun, unknown bool) (*gh.CheckRun, error) {
	key := github.CheckCacheKey(e.Repo, e.Commit, "")
	standing, err := standingMemo.recall(ctx, c, key)
	if err != nil || unknown && standing.ok && !slices.Contains(standing.is, e.Name) {
		return nil, err
	}
	if unknown && !standing.ok && !e.IfPresent {
		if head, err := newHeadMemo.recall(ctx, c, github.NewHeadCacheKey(e.Repo, e.Commit)); err != nil || head.ok {
			return nil, err
		}
	}
	at, err := standingMemo.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	var list *gh.ListCheckRunsResults
	err = c.do(ctx, e.Repo, "read check runs", func(g *gh.Client) (err error) {
		opts := &gh.ListCheckRunsOptions{AppID: &c.opts.GitHub.App.IntegrationID, Filter: gh.String("latest"), ListOptions: gh.ListOptions{PerPage: pageSize}}
		list, _, err = g.Checks.ListCheckRunsForRef(ctx, e.Repo.Owner, e.Repo.Name, e.Commit, opts)
		return err
	})
	if err != nil {
		return nil, err
	}
	var found *gh.CheckRun
	names := []string{}
	for _, run := range list.CheckRuns {
		names = append(names, run.GetName())
		if run.GetName() == e.Name && run.GetID() > found.GetID() {
			found = run
		}
	}
	if len(list.CheckRuns) == pageSize {
		return nil, fmt.Errorf("%s: GitHub shows %d checks of ours, and there may be more", e.Key(), pageSize)
	}
	return found, standingMemo.keep(ctx, c, key, names, at)
}

const completed = "completed"

// outcome maps a verdict to GitHub's words. Only success, neutral and skipped
// let a required check pass, so Wait is a run that is still in progress.
func outcome(s effect.State) (status, conclusion string) {
	switch s {
	case effect.Pass:
		return completed, "success"
	case effect.Neutral:
		return completed, "neutral"
	case effect.Wait:
		return "in_progress", ""
	default: // fail closed
		return completed, "failure"
	}
}
