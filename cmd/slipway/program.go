package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/engine"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/webhook"
)

// Program is the whole service: what main starts and what tests and the demo
// start too.
type Program struct {
	settings config.Settings
	log      zerolog.Logger
	metrics  *metrics
	store    *store.Store
	queue    *queue.Queue
	engine   *engine.Engine
	hooks    http.Handler
	listener net.Listener
	server   *http.Server
	now      func() time.Time
	in       surroundings
	healing  healing
	quit     chan struct{}
	loops    sync.WaitGroup
}

// How often Slipway looks for what webhooks lost, and how often it looks at its
// clock for that.
const (
	resyncEvery = time.Hour
	sweepEvery  = 5 * time.Minute
	healLook    = time.Minute
)

// healing is when to look next; the zero value is at once.
type healing struct {
	mu            sync.Mutex
	resync, sweep time.Time
}

// due names what it is time for, and puts it off until the next time.
func (h *healing) due(now time.Time) (keys []reconcile.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !now.Before(h.resync) {
		keys, h.resync = append(keys, reconcile.ResyncAllKey()), now.Add(resyncEvery)
	}
	if !now.Before(h.sweep) {
		keys, h.sweep = append(keys, reconcile.SweepKey()), now.Add(sweepEvery)
	}
	return keys
}

// surroundings are what a test or the demo may replace.
type surroundings struct {
	now    func() time.Time               // the clock of everything; nil is the machine's
	routes func(*http.ServeMux, *Program) // adds to what it serves; nil for nothing
	roots  *x509.CertPool                 // whose certificates are good where calendars are fetched; nil: the machine's
}

func (in surroundings) clock() func() time.Time {
	if in.now == nil {
		return time.Now
	}
	return in.now
}

// machine surrounds a program that main starts.
var machine surroundings

// NewProgram opens the database and wires everything. It talks to nobody yet.
func NewProgram(ctx context.Context, s config.Settings, log zerolog.Logger) (*Program, error) {
	return newProgram(ctx, s, log, machine)
}

func newProgram(ctx context.Context, s config.Settings, log zerolog.Logger, in surroundings) (*Program, error) {
	p := &Program{settings: s, log: log, metrics: newMetrics(), now: in.clock(), in: in, quit: make(chan struct{})}
	quiet := zerolog.NewSlogHandler(log.Level(max(log.GetLevel(), zerolog.WarnLevel)))
	var err error
	if p.store, err = store.Open(ctx, s.Database.URL, store.Options{Log: quiet, Now: in.now}); err != nil {
		return nil, err
	}
	if err = p.wire(quiet); err != nil {
		p.store.Close()
		return nil, err
	}
	return p, nil
}

func (p *Program) wire(quiet slog.Handler) error {
	var err error
	if p.queue, err = queue.New(p.store, queue.Options{Workers: p.settings.Workers, Log: quiet, Now: p.in.now}); err != nil {
		return err
	}
	c, err := wire(p.settings, p.store.Cache(), p.store, p.store, p.store.Turn, watchers{p.metrics.request, p.clockOff, p.in.roots}, p.now)
	if err != nil {
		return err
	}
	p.engine = &engine.Engine{
		Registry: c.registry, Applier: c.applier(), Ledger: p.store.Ledger(), Asks: p.queue, Roles: c.roles(), Picks: c.roles(), Queue: p.queue,
		World: c.github, Hooks: c.github, Memory: p.store.Cache(),
		Log: p.log, Now: p.now, Worked: p.metrics.work,
	}
	p.hooks, err = webhook.New(webhook.Options{
		Registry: c.registry, Taker: p.queue, Now: p.now, AppID: p.settings.GitHub.App.IntegrationID, Self: c.github.Self,
		Secret: p.settings.GitHub.App.WebhookSecret, PreviousSecret: p.settings.Webhook.PreviousSecret,
		Namesake: p.metrics.foreign.Inc,
		Observe:  func(kind, outcome string) { p.metrics.webhooks.WithLabelValues(kind, outcome).Inc() },
	})
	if err != nil {
		return err
	}
	p.metrics.gauges(func(ctx context.Context) (waiting, running, parked float64, err error) {
		d, err := p.queue.Depth(ctx)
		return float64(d.Due + d.Waiting), float64(d.Running), float64(d.Parked), err
	}, c.github.ClockAhead)
	return nil
}

// Start listens, works the queue, and asks at once for whatever was missed
// while the program was down.
func (p *Program) Start(ctx context.Context) error {
	var err error
	if p.listener, err = net.Listen("tcp", p.settings.Server.Listen); err != nil {
		return err
	}
	if err = p.queue.Start(ctx, p.engine); err != nil {
		return errors.Join(err, p.listener.Close())
	}
	if err = p.heal(ctx); err != nil {
		return errors.Join(err, p.queue.Stop(ctx), p.listener.Close())
	}
	p.server = &http.Server{
		Handler:           p.routes(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second, // GitHub's own deadline is 10 s
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	p.loops.Go(func() {
		if err := p.server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error().Err(err).Msg("stopped listening")
		}
	})
	p.loops.Go(p.heals)
	return nil
}

// Addr is where the program listens.
func (p *Program) Addr() string { return p.listener.Addr().String() }

func (p *Program) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(githubapp.DefaultWebhookRoute, p.logged(p.hooks))
	mux.Handle("GET /metrics", p.metrics.handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := p.store.Ping(ctx); err != nil {
			p.log.Warn().Err(err).Msg("not ready")
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	if p.in.routes != nil {
		p.in.routes(mux, p)
	}
	return mux
}

// logged gives a handler the program's log: go-githubapp finds it in the context.
func (p *Program) logged(next http.Handler) http.Handler {
	// The dispatcher logs a line for each event at info, which the engine's one
	// line for each key makes noise.
	log := p.log
	if log.GetLevel() == zerolog.InfoLevel {
		log = log.Level(zerolog.WarnLevel)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(log.WithContext(r.Context())))
	})
}

// clockOff says that the clock is off, or no longer so. The requests of the start tell it first.
func (p *Program) clockOff(ahead time.Duration) {
	if ahead == 0 {
		p.log.Info().Msg("this machine's clock agrees with GitHub's again")
		return
	}
	p.log.Error().Msg(ghclient.ClockText(ahead) + "; set it right: GitHub refuses an App whose clock is a minute ahead, and freezes begin and end by it")
}

// heal asks for a resync and a sweep if by its clock it is time. With several
// replicas each asks, and the queue makes one of those that overlap.
func (p *Program) heal(ctx context.Context) error {
	return p.queue.Enqueue(ctx, p.healing.due(p.now())...)
}

// heals looks at the clock regularly. How often is the machine's time, which
// decides nothing: a look that comes late finds the same.
func (p *Program) heals() {
	look := time.NewTicker(healLook)
	defer look.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-look.C:
			if err := p.heal(context.Background()); err != nil {
				p.log.Error().Err(err).Msg("could not enqueue a resync")
			}
		}
	}
}

// stopWithin is how long a stopping program waits for what it is doing.
const stopWithin = 20 * time.Second

// Stop answers what has arrived, lets running jobs end, and closes the
// database. What is still waiting is worked after the next start.
func (p *Program) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	close(p.quit)
	err := p.server.Shutdown(ctx)
	err = errors.Join(err, p.queue.Stop(ctx))
	p.loops.Wait()
	p.store.Close()
	return err
}
