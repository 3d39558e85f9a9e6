package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/calendars"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/noterange"
	"github.com/istio-ecosystem/slipway/internal/picker"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sshsig"
)

// capabilities is the part of Slipway that `serve` and `plan` share: GitHub,
// the policies, and what is decided on them.
type capabilities struct {
	github   *ghclient.Client
	policies *config.Policies
	registry *reconcile.Registry
	picker   *picker.Picker
}

// turns is a lock by name that replicas share.
type turns = func(ctx context.Context, name string) (unlock func(), err error)

// snapshots are what was last seen of pull requests: reads add to them, and
// decisions leave early by them.
type snapshots interface {
	ghclient.PullSnapshots
	facts.PullSnapshots
}

// watchers are told of what goes on between Slipway and GitHub, nil is nobody; and what of the
// network is replaced.
type watchers struct {
	request  func(ghclient.Request)
	clockOff func(ahead time.Duration)
	roots    *x509.CertPool // whose certificates are good where calendars are fetched; nil: the machine's
}

func wire(s config.Settings, cache ghclient.Cache, seen snapshots, events reconcile.Facts, turn turns, told watchers, now func() time.Time) (*capabilities, error) {
	sealer, err := effect.NewSealer(s.SealSecret(), s.PreviousSealSecrets()...)
	if err != nil {
		return nil, err
	}
	client, err := ghclient.New(ghclient.Options{
		GitHub: s.GitHub, Sealer: sealer, Cache: cache, Seen: seen, Turn: turn, Observe: told.request, ClockOff: told.clockOff, Now: now,
		Pace:      ghclient.Pace{PerMinute: s.Pacing.PerMinute, PerHour: s.Pacing.PerHour, Interval: s.Pacing.Interval, Scale: s.Pacing.Scale},
		UserAgent: "slipway/" + versionText(), SignedBy: s.Signing.Email,
	})
	if err != nil {
		return nil, err
	}
	picks := &picker.Picker{Access: client, Memory: cache, Dir: s.Git.Dir, Max: int64(s.Git.MaxMB) << 20}
	if s.Signing.Key != "" {
		key, err := sshsig.Parse(s.Signing.Key)
		if err != nil {
			return nil, fmt.Errorf("signing.key %w", err)
		}
		picks.Signer = &picker.Signer{Name: s.Signing.Name, Address: s.Signing.Email, Key: key}
	}
	policies := config.NewPolicies(client, now, handlers.Sections()...)
	policies.Deployed = s.Deployed()
	dates := &calendars.Fetcher{List: s.Deployed().Calendars, Memory: cache, Now: now, UserAgent: "slipway/" + versionText(), Roots: told.roots}
	registry, err := handlers.All(handlers.Deps{
		GitHub: client, Policies: policies, Snapshots: seen, Events: events, Sealer: sealer, Now: now, Git: picks, Merger: noterange.Merger{}, Memory: cache, Calendars: dates,
	})
	if err != nil {
		return nil, err
	}
	return &capabilities{github: client, policies: policies, registry: registry, picker: picks}, nil
}

func (c *capabilities) roles() handlers.Roles {
	return handlers.Roles{Policies: c.policies, Teams: c.github, Writers: c.github}
}

// applier carries out every effect: picks by git, the others by GitHub's API.
func (c *capabilities) applier() reconcile.Applier {
	return picker.Applier{Picker: c.picker, Next: c.github}
}
