package ghclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// OwnIssues lists the issues that our App wrote, pull requests left out, the
// newest first: every open one, and the closed ones that were changed at or
// after closedSince (zero: none of them). Whatever anybody did to their labels
// or titles, they are all here.
//
// It takes one request, or two where our issues fill more than a page, and is
// remembered; what we write ourselves is put into what is remembered. It serves
// whoever asks for no more: give closedSince as the beginning of a day.
func (c *Client) OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error) {
	known, err := c.recallOwn(ctx, repo)
	if err != nil {
		return nil, fmt.Errorf("our issues of %s: %w", repo, err)
	}
	if known.ok && known.is.covers(closedSince) {
		return known.is.since(closedSince), nil
	}
	at, err := ownMemo.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	list := ownList{Since: closedSince, Read: c.readBegins(ctx), Until: c.opts.Now().Add(at.kept)}
	if list.Issues, err = c.readOwn(ctx, repo, closedSince); err != nil {
		return nil, err
	}
	if list.Issues, err = c.withIntact(ctx, repo, list.Issues, false); err != nil {
		return nil, fmt.Errorf("our issues of %s: %w", repo, err)
	}
	return list.Issues, ownMemo.keep(ctx, c, github.OwnIssuesCacheKey(repo), list, at)
}

// readOwn reads our issues. All that there are mostly fit on one page; if not,
// the most recently changed ones hold the closed ones that are asked for, and
// the open ones are a list of their own, read last: what it says counts most.
func (c *Client) readOwn(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error) {
	var list ownList
	if !closedSince.IsZero() {
		list.Since = closedSince
		changed, whole, err := c.listOwn(ctx, repo, "all", func(last *gh.Issue) bool { return last.GetUpdatedAt().Before(closedSince) })
		if err != nil {
			return nil, err
		}
		list.Issues = list.withAll(changed)
		if whole {
			return list.since(closedSince), nil
		}
	}
	open, _, err := c.listOwn(ctx, repo, string(github.Open), nil)
	if err != nil {
		return nil, err
	}
	// What the first list called open and this one lacks was closed meanwhile.
	list.Issues = slices.DeleteFunc(list.Issues, func(i github.Issue) bool { return i.State == github.Open })
	list.Issues = list.withAll(open)
	return list.since(closedSince), nil
}

// listOwn lists our issues in a state, the most recently changed first, until
// enough says that a page's last one ends it. whole says that one page held all.
func (c *Client) listOwn(ctx context.Context, repo github.Repo, state string, enough func(last *gh.Issue) bool) (own []github.Issue, whole bool, err error) {
	bot, err := c.bot(ctx, repo)
	if err != nil {
		return nil, false, err
	}
	list, err := listed(ctx, c, repo, fmt.Sprintf("list our issues (%s) of %s", state, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.Issue, *gh.Response, error) {
		page, resp, err := g.Issues.ListByRepo(ctx, repo.Owner, repo.Name, &gh.IssueListByRepoOptions{
			State: state, Creator: bot.Login, Sort: "updated", Direction: "desc", ListOptions: o,
		})
		if err == nil {
			whole = o.Page == 0 && resp.NextPage == 0
			if n := len(page); n > 0 && enough != nil && enough(page[n-1]) {
				resp.NextPage = 0
			}
		}
		return page, resp, err
	})
	for _, i := range list {
		if i.GetUser().GetID() == bot.ID && !i.IsPullRequest() {
			own = append(own, issue(i))
		}
	}
	return own, whole, err
}

// ownList is what is remembered of our issues in a repository.
type ownList struct {
	Since  time.Time // of the closed ones; zero: none of them
	Read   time.Time // what was so then is in it, and our own writes since
	Until  time.Time // when it is no longer believed
	Issues []github.Issue
}

func (c *Client) recallOwn(ctx context.Context, repo github.Repo) (entry[ownList], error) {
	now := c.opts.Now()
	return ownMemo.only(func(l ownList) bool { return l.Until.After(now) }).recall(ctx, c, github.OwnIssuesCacheKey(repo))
}

func (l ownList) covers(closedSince time.Time) bool {
	return closedSince.IsZero() || !l.Since.IsZero() && !l.Since.After(closedSince)
}

func (l ownList) since(t time.Time) []github.Issue {
	return slices.DeleteFunc(slices.Clone(l.Issues), func(i github.Issue) bool {
		return i.State == github.Closed && (t.IsZero() || i.UpdatedAt.Before(t))
	})
}

func (l ownList) find(number int) (one github.Issue, ok bool) {
	for _, i := range l.Issues {
		if i.Number == number {
			return i, true
		}
	}
	return one, false
}

func (l ownList) withAll(all []github.Issue) []github.Issue {
	for _, i := range all {
		l = l.with(i)
	}
	return l.Issues
}

// with returns the list with an issue in its place. A closed one has none where
// the list holds only open ones.
func (l ownList) with(one github.Issue) ownList {
	l.Issues = slices.DeleteFunc(slices.Clone(l.Issues), func(i github.Issue) bool { return i.Number == one.Number })
	if one.State == github.Open || !l.Since.IsZero() {
		l.Issues = append(l.Issues, one)
	}
	slices.SortFunc(l.Issues, func(a, b github.Issue) int { return b.Number - a.Number })
	return l
}

// writeOwn is write for a request that opens or changes an issue. The issue as
// GitHub answers it goes into what is remembered, so that the next look at our
// issues costs no request; where that isn't safe, all is forgotten.
func (c *Client) writeOwn(ctx context.Context, repo github.Repo, what, key string, call func(*gh.Client) (github.Issue, error)) (github.Issue, error) {
	var one github.Issue
	var was ownList
	err := c.write(ctx, repo, what, key, func(g *gh.Client) error {
		known, err := c.recallOwn(ctx, repo) // before: so no later change can be in it
		if err != nil {
			return err
		}
		was = known.is
		one, err = call(g)
		return err
	})
	var later *reconcile.RetryAfterError
	switch {
	case err == nil:
		return one, c.keepOwn(ctx, repo, was, one)
	case errors.As(err, &later): // it was not sent, or not accepted
		return one, err
	}
	return one, errors.Join(err, c.opts.Cache.Forget(ctx, github.OwnIssuesCacheKey(repo)))
}

// keepOwn puts an issue that we have just written into the list that is
// remembered, if nobody has touched its entry there since before the write.
func (c *Client) keepOwn(ctx context.Context, repo github.Repo, was ownList, one github.Issue) error {
	if self := c.Self(); self != 0 && one.Author.ID != self || one.IsPullRequest {
		return nil
	}
	list, err := c.withIntact(ctx, repo, []github.Issue{one}, true)
	if err != nil {
		return err
	}
	const tries = 5 // others may write other issues meanwhile
	before, listed := was.find(one.Number)
	for range tries {
		now, err := c.recallOwn(ctx, repo)
		if err != nil {
			return err
		}
		entry, still := now.is.find(one.Number)
		if !now.ok || c.Self() == 0 || listed != still || !reflect.DeepEqual(before, entry) {
			break
		}
		is := ownMemo.form(now.is.with(list[0]))
		done, err := c.opts.Cache.Supersede(ctx, github.OwnIssuesCacheKey(repo), now.raw, is, now.is.Until.Sub(c.opts.Now()))
		if err != nil || done {
			return err
		}
	}
	return c.opts.Cache.Forget(ctx, github.OwnIssuesCacheKey(repo))
}

// doubt forgets what is remembered when an issue that was just read says
// otherwise. The program may have died after a write, before it was remembered;
// the try that follows finds nothing left to write and would leave it so.
func (c *Client) doubt(ctx context.Context, repo github.Repo, read github.Issue) error {
	known, err := c.recallOwn(ctx, repo)
	if err != nil || !known.ok {
		return err
	}
	entry, listed := known.is.find(read.Number)
	same := listed && entry.Title == read.Title && entry.Body == read.Body && entry.State == read.State && slices.Equal(entry.Labels, read.Labels)
	if same || !listed && read.State == github.Closed {
		return nil
	}
	return c.opts.Cache.Forget(ctx, github.OwnIssuesCacheKey(repo))
}

// intactRenewed is how old a body as we sealed it may become in the cache before
// it is put down once more.
const intactRenewed = 24 * time.Hour

// intactKey is by the repository's id: a renamed one keeps them.
func intactKey(repoID int64, number int) string { return fmt.Sprintf("intact/%d/%d", repoID, number) }

func textsKey(repoID int64, number int) string { return fmt.Sprintf("texts/%d/%d", repoID, number) }

// intactBody is a body as we sealed it, and when it was last seen so.
type intactBody struct {
	Body string
	Seen time.Time
}

// withIntact remembers the bodies as we sealed them, and gives those that are
// no longer so back what they were: what an issue said before somebody edited
// it, be it to an older version that its history of edits still shows. written
// says that we have just written them ourselves.
func (c *Client) withIntact(ctx context.Context, repo github.Repo, list []github.Issue, written bool) ([]github.Issue, error) {
	if len(list) == 0 {
		return list, nil
	}
	id, err := c.RepoID(ctx, repo)
	if err != nil {
		return nil, err
	}
	for n := range list {
		i := &list[n]
		key := intactKey(id, i.Number)
		known, err := intactMemo.recall(ctx, c, key)
		if err != nil {
			return nil, err
		}
		have := known.is
		at := effect.Place{Repo: id, Number: i.Number}
		now := c.opts.Now()
		switch {
		case i.Body == have.Body && now.Sub(have.Seen) <= intactRenewed:
			continue
		case !known.ok && !written && shared(i.Body):
			// Nobody remembers it: what it says may be an older text that somebody saved.
			newest, err := c.newestText(ctx, repo, at)
			if err != nil {
				return nil, err
			}
			if newer(c.opts.Sealer.Find(at, newest), c.opts.Sealer.Find(at, i.Body)) {
				i.Intact = newest
			}
			have.Body = cmp.Or(i.Intact, i.Body)
		case i.Body != have.Body && !written && !newer(c.opts.Sealer.Unseal(at, i.Body), c.opts.Sealer.Unseal(at, have.Body)):
			i.Intact = have.Body
			continue
		default:
			have.Body = i.Body
		}
		if err := c.rememberText(ctx, at, have.Body); err != nil {
			return nil, err
		}
		if err := intactMemo.put(ctx, c, key, intactBody{Body: have.Body, Seen: now}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// newer reports whether a record is a later version than another, as its seal
// proves: it was written when nobody remembered it.
func newer(shown, kept effect.Record) bool {
	return shown.Authenticity == effect.Bound && (kept.Authenticity != effect.Bound || shown.Rev() > kept.Rev())
}
