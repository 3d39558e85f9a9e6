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
	is, err := c.repoFacts(ctx, repo)
	if err != nil {
		return "", "", err
	}
	name := repo
	if is.ID == id && is.Name != (github.Repo{}) {
		name = is.Name // git isn't led from an old name to the new one
	}
	address = strings.TrimSuffix(c.opts.GitHub.WebURL, "/") + "/" + name.String() + ".git"
	level, access := "read", reconcile.ReadAccess
	if write {
		level, access = "write", reconcile.WriteAccess
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
		RepositoryIDs: []int64{id}, Permissions: &gh.InstallationPermissions{Contents: &level},
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
	delete(c.git.known, fmt.Sprintf("%d read", id))
	delete(c.git.known, fmt.Sprintf("%d write", id))
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
