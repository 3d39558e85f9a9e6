package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file doubts a 404. On a bad day GitHub answers it for what is there. Where people
// would be told that nothing governs, or that nobody may, it is believed only if another
// question bears it out; else the error passes, and whoever asked tries again.

// lacksFile returns nil where the head of the default branch has no file at a path, by its
// tree. What has been borne out is remembered, until the policy is pushed to.
func (c *Client) lacksFile(ctx context.Context, repo github.Repo, path string) error {
	return c.borneOut(ctx, repo, func() error {
		at, found, err := c.Revision(ctx, repo, "HEAD")
		switch {
		case emptyRepository(err):
			return nil
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("GitHub finds neither %s nor the default branch of %s", path, repo)
		}
		e, err := c.entryAt(ctx, repo, at.Tree, path, map[string][]*gh.TreeEntry{})
		switch {
		case errors.Is(err, ErrNotFound):
			return fmt.Errorf("GitHub finds neither %s nor the tree of %s", path, repo)
		case err == nil && e != nil && e.GetType() != "tree":
			return fmt.Errorf("GitHub doesn't find %s of %s, and its tree has it", path, repo)
		}
		return err
	})
}

// emptyRepository recognises one without a commit.
func emptyRepository(err error) bool {
	var resp *gh.ErrorResponse
	return errors.As(err, &resp) && resp.Response != nil && resp.Response.StatusCode == http.StatusConflict && strings.Contains(resp.Message, "empty")
}

// lacksRepo returns nil where the installation that reaches a repository doesn't reach
// another one.
func (c *Client) lacksRepo(ctx context.Context, from, other github.Repo) error {
	return c.borneOut(ctx, other, func() error {
		list, err := c.reposBeside(ctx, from)
		for _, r := range list {
			if strings.EqualFold(r.GetFullName(), other.String()) {
				return fmt.Errorf("GitHub doesn't find %s, and lists it", other)
			}
		}
		return err
	})
}

// borneOut asks what bears out that a repository has no policy of its own, unless that is
// remembered.
func (c *Client) borneOut(ctx context.Context, repo github.Repo, ask func() error) error {
	_, err := noPolicyMemo.read(ctx, c, github.PolicyCacheKey(repo)+"none", func() (string, error) { return "none", ask() })
	return err
}

// forgetNone is for a repository that has a policy now, and told nobody of the push.
func (c *Client) forgetNone(ctx context.Context, repo github.Repo) error {
	key := github.PolicyCacheKey(repo) + "none"
	have, err := noPolicyMemo.recall(ctx, c, key)
	if err != nil || !have.ok {
		return err
	}
	return noPolicyMemo.put(ctx, c, key, "")
}

// lacksTeam returns nil where an organisation's list of teams doesn't have one, and where
// the owner is a person, who has none.
func (c *Client) lacksTeam(ctx context.Context, repo github.Repo, slug string) error {
	list, err := listed(ctx, c, repo, "list teams of "+repo.Owner, func(g *gh.Client, o gh.ListOptions) ([]*gh.Team, *gh.Response, error) {
		return g.Teams.ListTeams(ctx, repo.Owner, &o)
	})
	for _, t := range list {
		if strings.EqualFold(t.GetSlug(), slug) {
			return fmt.Errorf("GitHub doesn't find the team %s/%s, and lists it", repo.Owner, slug)
		}
	}
	if errors.Is(err, ErrNotFound) {
		return c.isPerson(ctx, repo, fmt.Errorf("GitHub finds neither the team %s/%s nor a list of teams", repo.Owner, slug))
	}
	return err
}

// isPerson returns nil where a repository's owner is a person's account, else why that
// was asked.
func (c *Client) isPerson(ctx context.Context, repo github.Repo, why error) error {
	return c.do(ctx, repo, "read the account "+repo.Owner, func(g *gh.Client) error {
		u, _, err := g.Users.Get(ctx, repo.Owner)
		if err == nil && u.GetType() != "User" {
			err = why
		}
		return err
	})
}

// lacksAccount returns nil where an account isn't there by its name, either.
func (c *Client) lacksAccount(ctx context.Context, repo github.Repo, who github.User) error {
	if who.ID == 0 {
		return nil
	}
	err := c.do(ctx, repo, "read the account "+who.Login, func(g *gh.Client) error {
		u, _, err := g.Users.Get(ctx, who.Login)
		if err == nil && u.GetID() == who.ID {
			err = fmt.Errorf("GitHub doesn't find the account %d, and finds %s", who.ID, who.Login)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// lacksMember returns nil where a team's list of members doesn't have somebody.
func (c *Client) lacksMember(ctx context.Context, repo github.Repo, slug string, who github.User) error {
	team, err := c.TeamMembers(ctx, repo, slug)
	if err == nil && slices.ContainsFunc(team.Members, func(u github.User) bool { return u.ID == who.ID }) {
		return fmt.Errorf("GitHub doesn't find %s in the team %s/%s, and lists them", who.Login, repo.Owner, slug)
	}
	return err
}
