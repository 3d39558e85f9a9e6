package ghclient

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// gitTokens are the narrow tokens that git gets. They live in memory alone.
type gitTokens struct {
	mu    sync.Mutex
	known map[string]gitToken
}

type gitToken struct {
	token string
	until time.Time
}

// tokenSpare is how long a token must still be good for: a push takes its time.
const tokenSpare = 10 * time.Minute

// GitAccess returns where git finds a repository, and an installation token for
// that repository and its contents alone, to read or to write.
func (c *Client) GitAccess(ctx context.Context, repo github.Repo, id int64, write bool) (address, token string, err error) {
	level := "read"
	if write {
		level = "write"
	}
	return c.gitAccess(ctx, repo, id, level, &gh.InstallationPermissions{Contents: &level})
}

// WorkflowAccess is GitAccess to write with a token that may change workflows, too, if the installation
// has been granted that; else GitHub decides what it takes without.
func (c *Client) WorkflowAccess(ctx context.Context, repo github.Repo, id int64) (address, token string, err error) {
	if err := reconcile.CheckReach(ctx, repo, reconcile.WriteAccess); err != nil {
		return "", "", fmt.Errorf("access to %s for git: %w", repo, err)
	}
	found, _, err := c.app().Apps.FindRepositoryInstallation(ctx, repo.Owner, repo.Name)
	if err != nil {
		return "", "", fmt.Errorf("what the installation of %s may: %w", repo, c.classify(err))
	}
	level := Optional()["workflows"]
	if found.GetPermissions().GetWorkflows() != level {
		return c.GitAccess(ctx, repo, id, true)
	}
	return c.gitAccess(ctx, repo, id, "workflows", &gh.InstallationPermissions{Contents: &level, Workflows: &level})
}

// gitAccess finds a token of a level, or makes one with permissions.
func (c *Client) gitAccess(ctx context.Context, repo github.Repo, id int64, level string, may *gh.InstallationPermissions) (address, token string, err error) {
	is, err := c.repoFacts(ctx, repo)
	if err != nil {
		return "", "", err
	}
	name := repo
	if is.ID == id && is.Name != (github.Repo{}) {
		name = is.Name // git isn't led from an old name to the new one
	}
	address = strings.TrimSuffix(c.opts.GitHub.WebURL, "/") + "/" + name.String() + ".git"
	access := reconcile.WriteAccess
	if level == "read" {
		access = reconcile.ReadAccess
	}
	if err := reconcile.CheckReach(ctx, repo, access); err != nil {
		return "", "", fmt.Errorf("access to %s for git: %w", repo, err)
	}
	key := fmt.Sprintf("%d %s", id, level)
	c.git.mu.Lock()
	have := c.git.known[key]
	c.git.mu.Unlock()
	if c.opts.Now().Add(tokenSpare).Before(have.until) {
		return address, have.token, nil
	}
	installation, err := c.installationOf(ctx, repo)
	if err != nil {
		return "", "", fmt.Errorf("access to %s for git: %w", repo, err)
	}
	made, _, err := c.app().Apps.CreateInstallationToken(ctx, installation, &gh.InstallationTokenOptions{
		RepositoryIDs: []int64{id}, Permissions: may,
	})
	if err != nil {
		return "", "", fmt.Errorf("access to %s for git: %w", repo, c.classify(err))
	}
	c.git.mu.Lock()
	defer c.git.mu.Unlock()
	if c.git.known == nil {
		c.git.known = map[string]gitToken{}
	}
	c.git.known[key] = gitToken{made.GetToken(), made.GetExpiresAt().Time}
	return address, made.GetToken(), nil
}

// ForgetGitAccess drops the tokens of a repository: git was refused with one.
func (c *Client) ForgetGitAccess(id int64) {
	c.git.mu.Lock()
	defer c.git.mu.Unlock()
	for _, level := range []string{"read", "write", "workflows"} {
		delete(c.git.known, fmt.Sprintf("%d %s", id, level))
	}
}

// Committer is the App's own account as commits name it; GitHub shows them as
// the App's by this address.
func (c *Client) Committer(ctx context.Context, repo github.Repo) (name, address string, err error) {
	bot, err := c.bot(ctx, repo)
	if err != nil {
		return "", "", err
	}
	host := "github.com"
	if u, err := url.Parse(c.opts.GitHub.WebURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return bot.Login, fmt.Sprintf("%d+%s@users.noreply.%s", bot.ID, bot.Login, host), nil
}
