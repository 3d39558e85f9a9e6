package ghclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// pageSize is the largest page that GitHub gives.
const pageSize = 100

// pages reads a list to its end. GitHub's Link header says where the next page
// is; a list is only ever used whole.
func pages[T any](read func(gh.ListOptions) ([]T, *gh.Response, error)) ([]T, error) {
	var all []T
	opts := gh.ListOptions{PerPage: pageSize}
	for {
		page, resp, err := read(opts)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if resp.NextPage == 0 {
			return all, nil
		}
		opts.Page = resp.NextPage
	}
}

// listed is do for a list that is read to its end.
func listed[T any](ctx context.Context, c *Client, repo github.Repo, what string, page func(*gh.Client, gh.ListOptions) ([]T, *gh.Response, error)) (all []T, err error) {
	err = c.do(ctx, repo, what, func(g *gh.Client) (err error) {
		all, err = pages(func(o gh.ListOptions) ([]T, *gh.Response, error) { return page(g, o) })
		return err
	})
	return all, err
}

// BranchExists reports whether a branch is there.
func (c *Client) BranchExists(ctx context.Context, repo github.Repo, branch release.Branch) (bool, error) {
	err := c.do(ctx, repo, fmt.Sprintf("read branch %s of %s", branch, repo), func(g *gh.Client) error {
		_, _, err := g.Git.GetRef(ctx, repo.Owner, repo.Name, "heads/"+string(branch))
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Issue reads one issue. A missing one is reconcile.ErrGone, and
// so is one that was transferred to another repository: its events come from there.
func (c *Client) Issue(ctx context.Context, repo github.Repo, number int) (one github.Issue, err error) {
	var id, at int64
	err = c.do(ctx, repo, fmt.Sprintf("read issue %s#%d", repo, number), func(g *gh.Client) error {
		i, resp, err := g.Issues.Get(ctx, repo.Owner, repo.Name, number)
		if err == nil {
			one, at = issue(i), redirected(resp)
		}
		return err
	})
	if at != 0 {
		if id, err = c.RepoID(ctx, repo); err != nil {
			return github.Issue{}, err
		}
	}
	if at != id || errors.Is(err, ErrNotFound) {
		return github.Issue{}, fmt.Errorf("%s#%d: %w", repo, number, reconcile.ErrGone)
	}
	return one, err
}

// redirected is the id of the repository that a request was led on to, 0 for none. A
// renamed repository leads to itself, an issue that was transferred to another one.
func redirected(resp *gh.Response) (id int64) {
	if _, rest, is := strings.Cut(resp.Request.URL.Path, "/repositories/"); is {
		name, _, _ := strings.Cut(rest, "/")
		id, _ = strconv.ParseInt(name, 10, 64)
	}
	return id
}

// CommentsSince lists a repository's comments on issues and pull requests that
// were made or edited at or after an instant, oldest first.
func (c *Client) CommentsSince(ctx context.Context, repo github.Repo, since time.Time) ([]github.Comment, error) {
	list, err := listed(ctx, c, repo, "list recent comments of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
		return g.Issues.ListComments(ctx, repo.Owner, repo.Name, 0, &gh.IssueListCommentsOptions{
			Sort: gh.String("created"), Direction: gh.String("asc"), Since: &since, ListOptions: o,
		})
	})
	comments := make([]github.Comment, 0, len(list))
	for _, one := range list {
		comments = append(comments, comment(one))
	}
	return comments, err
}

// Comments lists the comments on an issue or a pull request, the oldest first.
func (c *Client) Comments(ctx context.Context, repo github.Repo, number int) (comments []github.Comment, err error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list comments of %s#%d", repo, number), func(g *gh.Client, o gh.ListOptions) ([]*gh.IssueComment, *gh.Response, error) {
		return g.Issues.ListComments(ctx, repo.Owner, repo.Name, number, &gh.IssueListCommentsOptions{ListOptions: o})
	})
	for _, one := range list {
		comments = append(comments, comment(one))
	}
	return comments, err
}

// loginOf is what an account is called now. One without an id is nobody that GitHub
// could name: it has no account 0, and needn't be asked for it.
func loginOf(ctx context.Context, g *gh.Client, who github.User) (string, error) {
	if who.ID == 0 {
		return "", ErrNotFound
	}
	u, _, err := g.Users.GetByID(ctx, who.ID)
	return u.GetLogin(), err
}

// Member reports whether a user is an active member of a team. The account is
// looked up by its id first: a login may have been renamed and taken over since
// it was written down. A team that doesn't exist has no members: exists is false. An App
// that may not read teams gets a reconcile.RefusedError.
func (c *Client) Member(ctx context.Context, repo github.Repo, team string, who github.User) (member, exists bool, err error) {
	if ctx, err = ofOwner(ctx, repo); err != nil {
		return false, false, err
	}
	err = c.do(ctx, repo, fmt.Sprintf("membership of %s in %s/%s", who.Login, repo.Owner, team), func(g *gh.Client) error {
		login, err := loginOf(ctx, g, who)
		if err != nil {
			return err
		}
		m, _, err := g.Teams.GetTeamMembershipBySlug(ctx, repo.Owner, team, login)
		member = m.GetState() == "active"
		return err
	})
	if err == nil {
		return member, true, nil
	}
	if !errors.Is(err, ErrNotFound) { // a permission that the App lacks is not a team that is missing
		return false, false, err
	}
	// GitHub answers 404 both for a stranger and for a team that isn't there.
	err = c.do(ctx, repo, fmt.Sprintf("read team %s/%s", repo.Owner, team), func(g *gh.Client) error {
		_, _, err := g.Teams.GetTeamBySlug(ctx, repo.Owner, team)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound):
		if err = c.lacksTeam(ctx, repo, team); err == nil {
			err = missingMemo.put(ctx, c, github.MissingTeamCacheKey(repo, team), "missing")
		}
		return false, false, err
	case err == nil:
		err = c.lacksMember(ctx, repo, team, who)
	}
	return false, err == nil, err
}

// Missing reports whether Member has just found that there is no such team: an App isn't
// told of a new one unless it may read the organisation, so that is believed for some
// minutes. It costs no request.
func (c *Client) Missing(ctx context.Context, repo github.Repo, team string) (bool, error) {
	ctx, err := ofOwner(ctx, repo)
	if err != nil {
		return false, err
	}
	have, err := missingMemo.recall(ctx, c, github.MissingTeamCacheKey(repo, team))
	return have.ok, err
}
