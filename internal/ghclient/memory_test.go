package ghclient_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// memory is a client with a real database, whose requests are counted.
type memory struct {
	*ghclient.Client
	t   *testing.T
	gh  *sandbox.Server
	db  *store.Store
	pr  sandbox.PR
	now time.Time // the client's clock

	before, after func(*http.Request) // called before each request leaves, and when it is answered; may be nil

	mu   sync.Mutex
	sent []string
}

// RoundTrip is the client's network.
func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.before != nil {
		m.before(r)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	m.mu.Lock()
	m.sent = append(m.sent, fmt.Sprintf("%s %s %d", r.Method, strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3/repos/acme/rocket"), status))
	m.mu.Unlock()
	if m.after != nil {
		m.after(r)
	}
	return resp, err
}

func remembering(t *testing.T, changeGitHub ...func(*sandbox.Options)) *memory {
	t.Helper()
	db, err := store.Open(t.Context(), storetest.SQLite(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	m := &memory{t: t, db: db, now: time.Now()}
	m.gh, m.Client, m.pr = newClientWith(t, func(o *ghclient.Options) {
		o.Transport, o.Cache, o.Seen, o.Now = m, db.Cache(), db, func() time.Time { return m.now }
	}, changeGitHub...)
	if _, err := m.BotID(t.Context(), rocket); err != nil { // the token, the installation and our own account
		t.Fatal(err)
	}
	m.requests()
	return m
}

// requests says what has been asked of GitHub since the last call: "GET
// /pulls/1 200, ...".
func (m *memory) requests() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := strings.Join(m.sent, ", ")
	m.sent = nil
	return list
}

func (m *memory) wantRequests(when, want string) {
	m.t.Helper()
	if got := m.requests(); got != want {
		m.t.Errorf("%s: requests are %q, want %q", when, got, want)
	}
}

func (m *memory) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// event stores a payload about the pull request, as a delivery would.
func (m *memory) event(updated, taken time.Time) {
	m.t.Helper()
	m.told("told", updated, taken)
}

func (m *memory) told(head string, updated, taken time.Time) {
	m.t.Helper()
	v := github.PullSnapshot{Repo: rocket, EventAt: taken, PullRequest: github.PullRequest{Number: m.pr.Number, State: github.Open, Head: head, UpdatedAt: updated}}
	m.ok(m.db.Update(m.t.Context(), func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, v) }))
}

func TestPullRequestIsReadOnce(t *testing.T) {
	m := remembering(t)
	ctx := t.Context()
	read := func() github.PullRequest {
		t.Helper()
		pr, err := m.CachedPull(ctx, rocket, m.pr.Number)
		m.ok(err)
		return pr
	}
	list, err := m.OpenPullRequests(ctx, rocket, "master")
	m.ok(err)
	m.wantRequests("the list", "GET /pulls 200")
	pr := read()
	m.wantRequests("after a list", "")
	if len(list) != 1 || pr.Head != m.pr.HeadSHA || pr.RepoID == 0 || pr.CreatedAt.IsZero() {
		t.Errorf("%+v, listed as %+v", pr, list)
	}
	m.now = m.now.Add(time.Second)
	m.event(time.Now().Add(-time.Hour), m.now)
	m.now = m.now.Add(time.Second)
	if pr := read(); pr.Head != m.pr.HeadSHA {
		t.Errorf("an old payload is believed: %+v", pr)
	}
	m.wantRequests("after an old event", "GET /pulls/1 200")
	read()
	m.wantRequests("after reading for the event", "")
	m.now = m.now.Add(sightedFor + time.Second)
	read()
	m.wantRequests("long after the read", "GET /pulls/1 304")
}

// checks gives the verdict and tells what became of it.
func (m *memory) check(when string, e effect.CheckRun, changed bool, want string) {
	m.t.Helper()
	r, err := m.Apply(m.t.Context(), e)
	if err != nil || r.Changed != changed {
		m.t.Errorf("%s: changed %t, %v", when, r.Changed, err)
	}
	if r.URL == "" {
		m.t.Errorf("%s: nobody says where it is", when)
	}
	m.wantRequests(when, want)
}

// sightedFor is how long a read is believed.
const sightedFor = 10 * time.Minute

// TestReadBeforeAnEventIsNotBelieved: the instant that counts is when the work
// began, because a read may have joined another one that was under way.
func TestReadBeforeAnEventIsNotBelieved(t *testing.T) {
	m := remembering(t)
	ctx := reconcile.WithReadNoOlderThan(t.Context(), m.now)
	m.now = m.now.Add(time.Second)
	m.event(m.now.Add(-time.Hour), m.now)
	m.now = m.now.Add(time.Second)
	for range 2 {
		_, err := m.CachedPull(ctx, rocket, m.pr.Number)
		m.ok(err)
	}
	m.wantRequests("work that began before the event", "GET /pulls/1 200, GET /pulls/1 304")
	for range 2 {
		_, err := m.CachedPull(reconcile.WithReadNoOlderThan(t.Context(), m.now), rocket, m.pr.Number)
		m.ok(err)
	}
	m.wantRequests("work that began after the event", "GET /pulls/1 304")
}

// TestListOfMergedIsBelieved: a push may be told of before the merge that made it.
func TestListOfMergedIsBelieved(t *testing.T) {
	m := remembering(t)
	before, err := m.CachedPullDetail(t.Context(), rocket, m.pr.Number)
	m.ok(err)
	_, err = m.gh.As("bob").Merge("acme/rocket", m.pr.Number, "squash")
	m.ok(err)
	m.now = m.now.Add(time.Minute)
	list, err := m.MergedPullRequests(t.Context(), rocket, "master", before.CreatedAt)
	m.ok(err)
	after, err := m.CachedPullDetail(t.Context(), rocket, m.pr.Number)
	m.ok(err)
	if before.Merged || len(list) != 1 || !after.Merged || after.State != github.Closed {
		t.Errorf("before %+v, listed %+v, after %+v", before, list, after)
	}
}
