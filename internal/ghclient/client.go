package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v4"
	gh "github.com/google/go-github/v62/github"
	"github.com/palantir/go-githubapp/githubapp"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Cache keeps small facts across restarts. Whatever it forgets is read again.
// Its epoch is the instant of the last Forget, in Unix microseconds: PutIf keeps
// nothing that was read before a Forget.
// Swap and Supersede put a value only in the place of the one given (nil: of
// none); Supersede begins a new epoch.
type Cache interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Epoch(ctx context.Context) (int64, error)
	PutIf(ctx context.Context, key string, value []byte, ttl time.Duration, epoch int64) error
	Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (done bool, err error)
	Supersede(ctx context.Context, key string, old, value []byte, ttl time.Duration) (done bool, err error)
	Forget(ctx context.Context, prefix string) error
}

// PullSnapshots remembers what was last seen of pull requests: by reads, which
// Remember brings, and by payloads.
type PullSnapshots interface {
	Remember(ctx context.Context, seen []github.PullSnapshot) error
	PullSnapshot(ctx context.Context, repo github.Repo, number int) (github.PullSnapshot, bool, error)
}

// Options is what a Client is made of.
type Options struct {
	GitHub githubapp.Config // as in the settings; the private key is PEM text
	Sealer effect.Sealer
	Cache  Cache
	Seen   PullSnapshots
	Pace   Pace
	// Turn is a lock by name that replicas share; nil if there is only one.
	Turn func(ctx context.Context, name string) (unlock func(), err error)
	Now  func() time.Time // nil: time.Now
	// Observe is told of every request that leaves, for metrics; may be nil.
	Observe func(Request)
	// ClockOff is told when this machine's clock is found to be off by GitHub's, with how
	// far it is ahead, and when it is right again, with 0; may be nil.
	ClockOff func(ahead time.Duration)
	// Transport is the network; nil: one with sane timeouts.
	Transport http.RoundTripper
	UserAgent string
	// SignedBy is the address of the account that a key of this deployment signs for; "" for none.
	SignedBy string
}

// Request is one request to GitHub as it came out. Status is 0 when no answer came.
type Request struct {
	Method   string
	Status   int
	Duration time.Duration
}

// Client reads from GitHub and writes to it, for every installation of the App.
type Client struct {
	opts  Options
	base  http.RoundTripper
	api   *url.URL
	word  http.RoundTripper // speaks as the App itself
	byApp http.RoundTripper // does so within GitHub's limits
	pacer *pacer
	clock clockWatch
	git   gitTokens
	turns keyedLock // of those who look at an issue and then change it, and the like
	stale tally     // decisions on issues that were no longer as they were read

	mu      sync.Mutex
	clients map[int64]*installation
	self    github.User
}

// installation is one installation's client. Its cache and what it knows of GitHub's
// limits outlive the client, which is made anew when its token was revoked.
type installation struct {
	client *gh.Client
	limits limits
	tokens limits // on asking for its tokens
	cache  *lru
}

// cacheBytes bounds the HTTP cache of one installation. A list page of 100
// pull requests is about 2 MB on github.com and compresses badly in memory.
const cacheBytes = 24 << 20

// New makes a Client. It sends nothing.
func New(opts Options) (*Client, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Transport == nil {
		opts.Transport = newTransport()
	}
	c := &Client{
		opts:    opts,
		pacer:   newPacer(opts.Pace, opts.Now),
		clients: map[int64]*installation{},
	}
	c.clock.told = opts.ClockOff
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(opts.GitHub.App.PrivateKey))
	if err != nil {
		return nil, fmt.Errorf("the App's private key: %w", err)
	}
	if c.api, err = url.Parse(strings.TrimSuffix(opts.GitHub.V3APIURL, "/") + "/"); err != nil {
		return nil, fmt.Errorf("the address of the API: %w", err)
	}
	origins := []string{origin(c.api)}
	if graphQL, err := url.Parse(opts.GitHub.V4APIURL); err == nil && graphQL.Host != "" {
		origins = append(origins, origin(graphQL))
	}
	c.base = &wire{next: opts.Transport, observe: opts.Observe, now: opts.Now, clock: &c.clock, origins: origins}
	c.word = &asApp{id: opts.GitHub.App.IntegrationID, key: key, now: opts.Now, next: c.base}
	c.byApp = &patient{limits: &limits{key: github.LimitCacheKey("app")}, client: c, now: opts.Now, next: c.word}
	return c, nil
}

func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	t.ResponseHeaderTimeout = 30 * time.Second
	return t
}

// requestTimeout bounds one request with its body; GitHub itself gives up after 10 s.
const requestTimeout = 45 * time.Second

// over is a client of the API over a transport.
func (c *Client) over(transport http.RoundTripper) *gh.Client {
	client := gh.NewClient(&http.Client{Transport: transport, Timeout: requestTimeout})
	client.BaseURL, client.UserAgent = c.api, c.opts.UserAgent
	return client
}

// app is a client that authenticates as the App itself.
func (c *Client) app() *gh.Client { return c.over(c.byApp) }

// installed returns the client of an installation.
func (c *Client) installed(id int64) *gh.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := c.clients[id]
	if in == nil {
		in = &installation{cache: newLRU(cacheBytes),
			limits: limits{key: github.LimitCacheKey(fmt.Sprint(id))}, tokens: limits{key: github.LimitCacheKey(fmt.Sprintf("%d/tokens", id))}}
		c.clients[id] = in
	}
	if in.client == nil {
		// Tokens have limits of their own: what the App itself met, or another
		// installation, is no reason for this one to wait.
		tokens := &patient{limits: &in.tokens, client: c, now: c.opts.Now, next: c.word}
		auth := &asInstallation{id: id, api: c.api.String(), app: tokens, now: c.opts.Now, next: cached(c.base, in.cache)}
		in.client = c.over(&patient{limits: &in.limits, client: c, now: c.opts.Now, next: &sharedReads{next: auth, now: c.opts.Now}})
	}
	return in.client
}

// renew drops an installation's client, whose token was refused.
func (c *Client) renew(id int64, stale *gh.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if in := c.clients[id]; in != nil && in.client == stale {
		in.client = nil
	}
}

// installationOf finds the installation that reaches a repository, or without a
// name that of an organisation.
func (c *Client) installationOf(ctx context.Context, repo github.Repo) (int64, error) {
	return installationMemo.read(ctx, c, github.InstallationCacheKey(repo), func() (int64, error) {
		var found *gh.Installation
		var err error
		if repo.Name == "" {
			found, _, err = c.app().Apps.FindOrganizationInstallation(ctx, repo.Owner)
		} else {
			found, _, err = c.app().Apps.FindRepositoryInstallation(ctx, repo.Owner, repo.Name)
		}
		if err != nil {
			if err = c.classify(err); errors.Is(err, ErrNotFound) {
				err = ErrNotInstalled
			}
			err = fmt.Errorf("installation of %s: %w", repo, err)
		}
		return found.GetID(), err
	})
}

// do runs one exchange with the client of the repository's installation. A
// token revoked under us (401) is replaced, and an installation that no longer
// knows the repository is looked up again; each once.
func (c *Client) do(ctx context.Context, repo github.Repo, what string, call func(*gh.Client) error) error {
	return c.exchange(ctx, repo, what, func(g *gh.Client, _ int64) error { return call(g) })
}

// write is do for an exchange that creates or changes content: it waits for
// its slot first. key tells the writes of one effect apart.
func (c *Client) write(ctx context.Context, repo github.Repo, what, key string, call func(*gh.Client) error) error {
	if err := reconcile.CheckReach(ctx, repo, reconcile.WriteAccess); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	paced := false
	return c.exchange(ctx, repo, what, func(g *gh.Client, installation int64) error {
		if !paced { // a request that was refused has created nothing: its slot is still good
			if err := c.pacer.wait(ctx, installation, key); err != nil {
				return err
			}
			paced = true
		}
		return call(g)
	})
}

func (c *Client) exchange(ctx context.Context, repo github.Repo, what string, call func(*gh.Client, int64) error) error {
	err := reconcile.CheckReach(ctx, repo, reconcile.ReadAccess)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for range 2 {
		var id int64
		if id, err = c.installationOf(ctx, repo); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		client := c.installed(id)
		if err = call(client, id); err == nil {
			return nil
		}
		switch {
		case unauthorized(err), notGranted(err):
			c.renew(id, client)
		case installationLost(err):
			if ferr := c.opts.Cache.Forget(ctx, github.InstallationCacheKey(repo)); ferr != nil {
				return ferr
			}
		default:
			return fmt.Errorf("%s: %w", what, c.classify(err))
		}
	}
	return fmt.Errorf("%s: %w", what, c.classify(err))
}

// bot returns the App's own account, by which Slipway knows its own texts: by
// its numeric id, never by its name. It is asked for once.
func (c *Client) bot(ctx context.Context, repo github.Repo) (github.User, error) {
	unlock, err := c.turns.lock(ctx, "self")
	if err != nil {
		return github.User{}, err
	}
	defer unlock()
	c.mu.Lock()
	known := c.self
	c.mu.Unlock()
	if known.ID != 0 {
		return known, nil
	}
	app, _, err := c.app().Apps.Get(ctx, "")
	if err != nil {
		return known, fmt.Errorf("read the App: %w", c.classify(err))
	}
	err = c.do(ctx, repo, "read the App's account", func(g *gh.Client) error {
		u, _, err := g.Users.Get(ctx, app.GetSlug()+"[bot]")
		known = user(u)
		return err
	})
	if err != nil {
		return github.User{}, err
	}
	c.mu.Lock()
	c.self = known
	c.mu.Unlock()
	return known, nil
}

// Self returns the numeric id of the App's own account, or 0 while nobody has
// asked GitHub for it. It does no I/O.
func (c *Client) Self() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.self.ID
}

// BotID returns the numeric id of the App's own account.
func (c *Client) BotID(ctx context.Context, repo github.Repo) (int64, error) {
	u, err := c.bot(ctx, repo)
	return u.ID, err
}
