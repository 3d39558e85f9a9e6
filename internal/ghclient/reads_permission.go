package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Permission reads what somebody may do in a repository. The account is looked up by
// its id first, as in Member; one that isn't there, by its name either, may do nothing, and neither may a
// bot: GitHub answers 404 of one, "is not a user", since an App's rights are its installation's.
func (c *Client) Permission(ctx context.Context, repo github.Repo, who github.User) (p github.Permission, err error) {
	if who.Bot {
		return github.NoPermission, nil
	}
	login := ""
	err = c.do(ctx, repo, fmt.Sprintf("permission of %s on %s", who.Login, repo), func(g *gh.Client) (err error) {
		if login, err = loginOf(ctx, g, who); err != nil {
			return err
		}
		p, err = permissionOf(ctx, g, repo, login)
		return err
	})
	switch {
	case err == nil:
		return p, nil
	case !errors.Is(err, ErrNotFound):
		return github.NoPermission, err
	case login != "": // GitHub says "none" of who may do nothing
		return github.NoPermission, fmt.Errorf("GitHub knows %s, and doesn't say what they may do in %s", login, repo)
	}
	return github.NoPermission, c.lacksAccount(ctx, repo, who)
}

func permissionOf(ctx context.Context, g *gh.Client, repo github.Repo, login string) (github.Permission, error) {
	path := fmt.Sprintf("repos/%s/%s/collaborators/%s/permission", repo.Owner, repo.Name, url.PathEscape(login))
	req, err := g.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return github.NoPermission, err
	}
	var level struct {
		Permission string `json:"permission"`
		RoleName   string `json:"role_name"`
		User       struct {
			Permissions map[string]bool `json:"permissions"`
		} `json:"user"`
	}
	_, err = g.Do(ctx, req, &level)
	return github.PermissionOf(level.Permission, level.RoleName, level.User.Permissions), err
}

// NamedPermission is the same of whom a policy names by a login. exists is false where GitHub knows no person of that name.
func (c *Client) NamedPermission(ctx context.Context, repo github.Repo, login string) (p github.Permission, exists bool, err error) {
	err = c.do(ctx, repo, fmt.Sprintf("permission of %s on %s", login, repo), func(g *gh.Client) (err error) {
		p, err = permissionOf(ctx, g, repo, login)
		return err
	})
	if !errors.Is(err, ErrNotFound) {
		return p, err == nil, err
	}
	err = c.do(ctx, repo, "read the account "+login, func(g *gh.Client) error {
		u, _, err := g.Users.Get(ctx, login)
		if err == nil && u.GetType() == "User" {
			err = fmt.Errorf("GitHub knows %s, and doesn't say what they may do in %s", login, repo)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return github.NoPermission, false, err
}
