package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// memoryCache is the cache of a program that ends soon: the database may be
// held by the running service, and plan has no business writing there.
type memoryCache struct{ entries sync.Map }

func (m *memoryCache) Get(_ context.Context, key string) ([]byte, bool, error) {
	v, ok := m.entries.Load(key)
	if !ok {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

// Epoch, PutIf and Forget implement ghclient.Cache: no event ever comes here to
// make anything stale, so nothing is forgotten and all is of one epoch.
func (m *memoryCache) Epoch(context.Context) (int64, error) { return 0, nil }

func (m *memoryCache) PutIf(_ context.Context, key string, value []byte, _ time.Duration, _ int64) error {
	m.entries.Store(key, value)
	return nil
}

// Put, Swap and Supersede implement ghclient.Cache for one goroutine.
func (m *memoryCache) Put(_ context.Context, key string, value []byte, _ time.Duration) error {
	m.entries.Store(key, value)
	return nil
}

func (m *memoryCache) Swap(_ context.Context, key string, old, value []byte, _ time.Duration) (bool, error) {
	now, there := m.entries.Load(key)
	if there != (old != nil) || there && string(now.([]byte)) != string(old) {
		return false, nil
	}
	m.entries.Store(key, value)
	return true, nil
}

func (m *memoryCache) Supersede(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return m.Swap(ctx, key, old, value, ttl)
}

func (m *memoryCache) Forget(_ context.Context, prefix string) error {
	m.entries.Range(func(key, _ any) bool {
		if strings.HasPrefix(key.(string), prefix) {
			m.entries.Delete(key)
		}
		return true
	})
	return nil
}

// Remember implements ghclient.PullSnapshots and keeps nothing.
func (m *memoryCache) Remember(context.Context, []github.PullSnapshot) error { return nil }

// PullSnapshot implements facts.PullSnapshots: no payload was ever seen here.
func (m *memoryCache) PullSnapshot(context.Context, github.Repo, int) (github.PullSnapshot, bool, error) {
	return github.PullSnapshot{}, false, nil
}

// OpenPullSnapshots implements facts.PullSnapshots.
func (m *memoryCache) OpenPullSnapshots(context.Context, github.Repo, string) ([]github.PullSnapshot, error) {
	return nil, nil
}
