package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Options says how a stand-in is to be. The zero value is a usable GitHub on a free loopback port.
type Options struct {
	Dir    string           // where the bare repositories live; a temporary directory, removed by Close, when empty
	Listen string           // default 127.0.0.1:0
	Now    func() time.Time // default time.Now
	Act    func()           // called before each act of a Person, who takes some time for it; nil for nothing

	AppID   int64  // default 1042
	AppSlug string // default slipway
	AppName string // default Slipway
	KeyPEM  string // the App's private key; generated when empty
	Secret  string // the webhook secret; generated when empty

	Events []string // the events that the App subscribes to; nil means all

	Profile Profile // whose ways are copied where GitHub's products differ; default Enterprise

	Middleware func(http.Handler) http.Handler // wraps the REST API below /api/v3, behind the faults

	SlowMergeable     bool   // the first read of a pull request says mergeable null, as GitHub does
	ETagByToken       bool   // an ETag depends on the Authorization too
	Limits            Limits // simulated limits; by default those of the profile
	KeepRequests      int    // how many requests are remembered; default 50,000
	KeepPayloads      int    // how many deliveries keep their payload, for redelivery; default 3,000
	HookTimeout       time.Duration
	HookConcurrency   int           // deliveries in flight per hook; default 1, in order
	DeliverToNoHook   bool          // record deliveries even when no hook is set
	RedirectsDisabled bool          // a renamed repository answers 404 in place of 301
	CharactersOnly    bool          // the texts of checks are limited in characters, not in bytes, as GitHub's page has it and GitHub hasn't
	LateCommits       time.Duration // how long a fork's new commit is unknown in the repository it is proposed to; below 0: not at all
}

// Limits are the rate limits that the server enforces, for each installation or person; zero means none, and that nobody is
// told of one. See GitHubLimits.
type Limits struct {
	PerHour        int // primary limit; GitHub's is 5000
	ContentPerMin  int // content-creating requests a minute; GitHub's is 80
	ContentPerHour int // content-creating requests an hour; GitHub's is 500
	PointsPerMin   int // points a minute, 1 for a read and 5 for any other request; GitHub's is 900

	// Minute and Hour are how long the windows last, so that what would take hours can be measured in seconds; zero is
	// what they are called.
	Minute, Hour time.Duration
}

// GitHubLimits are the limits that GitHub documents for an installation, with windows of these lengths; zero for the real
// ones. The primary limit is that of the smallest installation.
func GitHubLimits(minute, hour time.Duration) Limits {
	return Limits{PerHour: 5000, ContentPerMin: 80, ContentPerHour: 500, PointsPerMin: 900, Minute: minute, Hour: hour}
}

func (l Limits) windows() (minute, hour time.Duration) {
	minute, hour = time.Minute, time.Hour
	if l.Minute > 0 {
		minute = l.Minute
	}
	if l.Hour > 0 {
		hour = l.Hour
	}
	return minute, hour
}

// App is what a GitHub App needs to know about itself.
type App struct {
	ID            int64
	Slug          string
	Name          string
	PrivateKeyPEM string
	WebhookSecret string
	BotID         int64  // numeric id of the bot's user
	BotLogin      string // slug[bot]
}

// Server is a running stand-in. Its methods may be called from any goroutine.
type Server struct {
	opts   Options
	url    string
	ln     net.Listener
	http   *http.Server
	tmpDir string
	key    *rsa.PrivateKey
	app    App
	csrf   string
	router *router

	mu        sync.Mutex // guards all that follows
	lastID    int64
	users     map[string]*user // by lower-case login
	signers   []signer
	addresses map[string]*user // by lower-case mail address
	signed    map[string]bool  // commits that GitHub itself made, by their ids
	userByID  map[int64]*user
	repos     map[string]*repo // by lower-case full name
	repoByID  map[int64]*repo
	renamed   map[string]*repo
	insts     map[int64]*installation
	tokens    map[string]*token
	bot       *user
	ghost     *user
	appOwner  *user
	limits    Limits
	meter     meter

	faults faults
	log    requestLog
	hooks  hooks
}

// New starts a stand-in.
func New(o Options) (*Server, error) {
	s := &Server{users: map[string]*user{}, signed: map[string]bool{}, addresses: map[string]*user{}, userByID: map[int64]*user{}, repos: map[string]*repo{},
		repoByID: map[int64]*repo{}, renamed: map[string]*repo{}, insts: map[int64]*installation{},
		tokens: map[string]*token{}, lastID: 2_147_500_000} // above 2^31: an int32 anywhere in a client shows
	if err := s.setOptions(o); err != nil {
		return nil, err
	}
	if err := s.setKey(o.KeyPEM); err != nil {
		return nil, err
	}
	if err := writeHooks(s.opts.Dir); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	ln, err := net.Listen("tcp", s.opts.Listen)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s.ln, s.url = ln, "http://"+ln.Addr().String()
	s.csrf, s.router = randomHex(16), newRouter(routes())
	s.bot = s.addUser(s.opts.AppSlug+"[bot]", "Bot")
	s.ghost = s.addUser("ghost", "User")
	s.appOwner = s.addUser(s.opts.AppSlug+"-owners", "Organization")
	s.app.BotID, s.app.BotLogin = s.bot.id, s.bot.login
	s.hooks.init(s)
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(ln)
	return s, nil
}

func (s *Server) setOptions(o Options) error {
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "sandbox")
		if err != nil {
			return err
		}
		o.Dir, s.tmpDir = dir, dir
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	def := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	def(&o.Listen, "127.0.0.1:0")
	def(&o.AppSlug, "slipway")
	def(&o.AppName, "Slipway")
	def(&o.Secret, randomHex(20))
	if o.AppID == 0 {
		o.AppID = 1042
	}
	if o.KeepRequests == 0 {
		o.KeepRequests = 50_000
	}
	if o.KeepPayloads == 0 {
		o.KeepPayloads = 3000
	}
	if o.HookTimeout == 0 {
		o.HookTimeout = 10 * time.Second
	}
	if o.HookConcurrency == 0 {
		o.HookConcurrency = 1
	}
	o.setProfile()
	s.opts, s.limits = o, o.Limits
	s.app = App{ID: o.AppID, Slug: o.AppSlug, Name: o.AppName, WebhookSecret: o.Secret}
	return nil
}

// newKey makes a key for the App, one for all stand-ins of a process: it takes long.
var newKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func (s *Server) setKey(text string) error {
	if text == "" {
		key, err := newKey()
		if err != nil {
			return err
		}
		s.key = key
		s.app.PrivateKeyPEM = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
			Bytes: x509.MarshalPKCS1PrivateKey(key)}))
		return nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return errors.New("sandbox: KeyPEM is not PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("sandbox: KeyPEM: %w", err)
	}
	s.key, s.app.PrivateKeyPEM = key, text
	return nil
}

// URL is the address of the site, without a slash at its end; the API is below URL()+"/api/v3/".
func (s *Server) URL() string { return s.url }

// API is the address of the REST API, with a slash at its end: the v3_api_url of a configuration.
func (s *Server) API() string { return s.url + "/api/v3/" }

// App says who the App is.
func (s *Server) App() App { return s.app }

// Close stops the server and its deliveries.
func (s *Server) Close() error {
	s.hooks.close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		s.http.Close()
	}
	var err error
	s.mu.Lock()
	for _, r := range s.repoByID {
		if r.git.lender != nil {
			err = errors.Join(err, r.git.lender.close())
		}
	}
	s.mu.Unlock()
	if s.tmpDir != "" {
		return errors.Join(err, os.RemoveAll(s.tmpDir))
	}
	return err
}

// handler divides the address space: the API, git, and the web pages.
func (s *Server) handler() http.Handler {
	var api http.Handler = http.HandlerFunc(s.serveAPI)
	if s.opts.Middleware != nil {
		api = s.opts.Middleware(api)
	}
	api = s.recorded(s.faulty(http.StripPrefix("/api/v3", api)))
	git := s.recorded(s.faulty(http.HandlerFunc(s.serveGit)))
	graphQL := s.recorded(s.faulty(http.HandlerFunc(s.serveGraphQL)))
	pages := s.pages()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/v3" || strings.HasPrefix(r.URL.Path, "/api/v3/"):
			api.ServeHTTP(w, r)
		case r.URL.Path == "/api/graphql":
			graphQL.ServeHTTP(w, r)
		case strings.Contains(r.URL.Path, ".git/"):
			git.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

func (s *Server) now() time.Time { return s.opts.Now().UTC() }

// id hands out the next number; ids are unique over all kinds. The caller holds the lock.
func (s *Server) id() int64 {
	s.lastID++
	return s.lastID
}

// outside runs f without the lock, for work that forks git. The caller holds the lock and must expect that the state
// has moved on when outside returns.
func (s *Server) outside(f func()) {
	s.mu.Unlock()
	defer s.mu.Lock()
	f()
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
