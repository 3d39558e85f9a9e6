package ghclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

const (
	secondaryWords = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`
	contentWords   = `{"message":"You have exceeded a secondary rate limit and have been temporarily blocked from content creation."}`
)

// answers is a network that always says the same.
type answers struct {
	status int
	header map[string]string
	body   string
	asked  int
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	a.asked++
	header := http.Header{}
	for name, value := range a.header {
		header.Set(name, value)
	}
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Header: header, Request: req, Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

// asker sends requests through all that looks for limits, by a clock of its own.
type asker struct {
	t   *testing.T
	now time.Time
	net answers
	mem simpleCache
	rt  http.RoundTripper
}

func newAsker(t *testing.T) *asker {
	a := &asker{t: t, now: time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC), mem: simpleCache{kept: map[string][]byte{}}}
	a.restart()
	return a
}

// restart is a new process over the same cache.
func (a *asker) restart() {
	clock := func() time.Time { return a.now }
	a.rt = &patient{limits: &limits{key: "limit/5"}, client: &Client{opts: Options{Cache: &a.mem, Now: clock}}, now: clock,
		next: &wire{next: &a.net, now: clock, clock: &clockWatch{}, origins: []string{"http://127.0.0.1:80"}}}
}

// simpleCache is a Cache that is only read and written.
type simpleCache struct {
	Cache
	kept  map[string][]byte
	fails error
	read  int
}

func (c *simpleCache) Get(_ context.Context, key string) ([]byte, bool, error) {
	c.read++
	v, ok := c.kept[key]
	return v, ok, c.fails
}

func (c *simpleCache) Put(_ context.Context, key string, v []byte, _ time.Duration) error {
	c.kept[key] = v
	return c.fails
}

// asks returns how long to wait, 0 for not at all.
func (a *asker) asks(method string) time.Duration {
	a.t.Helper()
	req, err := http.NewRequest(method, "http://127.0.0.1/", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	resp, err := a.rt.RoundTrip(req)
	if err == nil {
		if got, err := io.ReadAll(resp.Body); err != nil || string(got) != a.net.body {
			a.t.Errorf("the answer is %q, %v", got, err)
		}
		return 0
	}
	later, is := errors.AsType[*reconcile.RetryAfterError](err)
	if !is {
		a.t.Fatal(err)
	}
	return later.At.Sub(a.now)
}

func TestLimits(t *testing.T) {
	now := newAsker(t).now
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	left := map[string]string{"X-RateLimit-Remaining": "4290", "X-RateLimit-Reset": at(50 * time.Minute)}
	for name, c := range map[string]struct {
		status       int
		header       map[string]string
		body         string
		write, reads time.Duration // how long a write has to wait that met it, and a read then
	}{
		"secondary":                      {403, left, secondaryWords, time.Minute, time.Minute},
		"secondary, 429":                 {429, left, secondaryWords, time.Minute, time.Minute},
		"secondary without headers":      {403, nil, secondaryWords, time.Minute, time.Minute},
		"secondary by its link":          {403, nil, `{"documentation_url":"https://docs.github.com/x#about-secondary-rate-limits"}`, time.Minute, time.Minute},
		"an Enterprise Server's":         {403, nil, `{"message":"You have triggered an abuse detection mechanism. Please wait a few minutes."}`, time.Minute, time.Minute},
		"a page":                         {403, map[string]string{"Content-Type": "text/html"}, "<html>You have exceeded a secondary rate limit.", time.Minute, time.Minute},
		"429 without a word":             {429, nil, "", time.Minute, time.Minute},
		"content":                        {403, left, contentWords, time.Minute, 0},
		"content, 429":                   {429, nil, contentWords, time.Minute, 0},
		"content, says how long":         {403, map[string]string{"Retry-After": "90"}, contentWords, 90 * time.Second, 0},
		"secondary, says how long":       {403, map[string]string{"Retry-After": "7"}, secondaryWords, 7 * time.Second, 7 * time.Second},
		"says that there is no wait":     {403, map[string]string{"Retry-After": "0"}, secondaryWords, time.Minute, time.Minute},
		"says far too long":              {403, map[string]string{"Retry-After": "999999"}, secondaryWords, 2 * time.Hour, 2 * time.Hour},
		"the hour's":                     {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(30 * time.Minute)}, "", 30*time.Minute + time.Second, 30*time.Minute + time.Second},
		"the hour's, by its words":       {403, nil, `{"message":"API rate limit exceeded for installation ID 1."}`, time.Minute, time.Minute},
		"the hour's, over by our clock":  {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(-time.Minute)}, "", time.Minute, time.Minute},
		"the hour's, GitHub's clock":     {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(30 * time.Minute), "Date": now.Add(20 * time.Minute).Format(http.TimeFormat)}, "", 10*time.Minute + time.Second, 10*time.Minute + time.Second},
		"a permission":                   {403, left, `{"message":"Resource not accessible by integration"}`, 0, 0},
		"a rule":                         {422, left, `{"message":"Validation Failed"}`, 0, 0},
		"the last one, which was served": {200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(30 * time.Minute)}, "[]", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAsker(t)
			a.net = answers{status: c.status, header: c.header, body: c.body}
			if got := a.asks(http.MethodPost); got != c.write {
				t.Errorf("a write waits %s, want %s", got, c.write)
			}
			a.net = answers{status: http.StatusOK, body: "{}"}
			if got := a.asks(http.MethodGet); got != c.reads || a.net.asked > 0 != (c.reads == 0) {
				t.Errorf("a read waits %s, want %s; %d were sent", got, c.reads, a.net.asked)
			}
			a.now = a.now.Add(c.write)
			if got := a.asks(http.MethodPost); got != 0 {
				t.Errorf("when it is over a write waits %s", got)
			}
		})
	}
}

// TestPausesGrow: each limit of a row doubles the pause, whatever passes between them.
func TestPausesGrow(t *testing.T) {
	for _, body := range []string{secondaryWords, contentWords} {
		a := newAsker(t)
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 16} {
			a.net = answers{status: http.StatusForbidden, body: body}
			if got := a.asks(http.MethodPost); got != want*time.Minute {
				t.Errorf("pause %d lasts %s, want %d minutes", i+1, got, want)
			}
			a.now = a.now.Add(want * time.Minute)
			a.net = answers{status: http.StatusOK}
			a.asks(http.MethodGet)
		}
		a.now = a.now.Add(longestPause + time.Second)
		a.net = answers{status: http.StatusForbidden, body: body}
		if got := a.asks(http.MethodPost); got != time.Minute {
			t.Errorf("after a quiet time the pause lasts %s", got)
		}
	}
}

// TestLimitsOutliveAProcess: who is started anew sends nothing while a limit holds, and the
// next pause is the longer for those before.
func TestLimitsOutliveAProcess(t *testing.T) {
	for _, body := range []string{secondaryWords, contentWords} {
		a := newAsker(t)
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 16} {
			a.net = answers{status: http.StatusForbidden, body: body}
			if got := a.asks(http.MethodPost); got != want*time.Minute || a.net.asked != 1 {
				t.Errorf("pause %d lasts %s, want %d minutes", i+1, got, want)
			}
			a.restart()
			if got := a.asks(http.MethodPost); got != want*time.Minute || a.net.asked != 1 {
				t.Errorf("pause %d lasts %s after a restart, want %d minutes; %d were sent", i+1, got, want, a.net.asked)
			}
			a.now = a.now.Add(want * time.Minute)
		}
		a.net = answers{status: http.StatusOK}
		if got := a.asks(http.MethodPost); got != 0 || a.net.asked != 1 {
			t.Errorf("it is over, and a write waits %s", got)
		}
	}

	a := newAsker(t)
	a.net = answers{status: http.StatusForbidden, header: map[string]string{"Retry-After": "7000"}}
	a.asks(http.MethodGet)
	a.now = a.now.Add(-time.Hour) // whoever wrote it had a clock that was ahead
	a.restart()
	a.net = answers{status: http.StatusOK}
	if got := a.asks(http.MethodGet); got != 0 {
		t.Errorf("by a clock that was wrong a read waits %s", got)
	}
	a.mem.read = 0
	a.asks(http.MethodGet)
	if a.mem.read != 0 {
		t.Errorf("the cache is read %d times more", a.mem.read)
	}
}

// TestLimitsUnknown: as long as it isn't known whether a limit holds, nothing is sent; one
// that can't be written down holds all the same.
func TestLimitsUnknown(t *testing.T) {
	a := newAsker(t)
	a.net, a.mem.fails = answers{status: http.StatusForbidden, body: secondaryWords}, errors.New("the database is gone")
	req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.rt.RoundTrip(req); !errors.Is(err, a.mem.fails) || a.net.asked != 0 {
		t.Errorf("%v; %d were sent", err, a.net.asked)
	}
	gone := a.mem.fails
	a.mem.fails = nil
	a.net = answers{status: http.StatusOK}
	a.asks(http.MethodGet)
	a.net, a.mem.fails = answers{status: http.StatusForbidden, body: secondaryWords}, gone
	for range 2 {
		if got := a.asks(http.MethodGet); got != time.Minute || a.net.asked != 1 {
			t.Errorf("it waits %s; %d were sent", got, a.net.asked)
		}
	}
}

// TestLimitMetTogether: requests that were on their way together have met one limit.
func TestLimitMetTogether(t *testing.T) {
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	l := &limits{}
	for range 8 {
		if got, _ := l.met(limit{}, now, now.Add(time.Second)); got != now.Add(time.Second+time.Minute) {
			t.Errorf("it holds until %s", got)
		}
	}
}

// TestDisguises: what is a fault of GitHub's is one by whatever status it comes.
func TestDisguises(t *testing.T) {
	page := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   int
	}{
		"a page, 404":               {404, page, "<html>Unicorn!", 502},
		"a page, 422":               {422, page, "<html>Unicorn!", 502},
		"a page, 403":               {403, page, "<html>Unicorn!", 502},
		"a page, 200":               {200, page, "<html>Unicorn!", 502},
		"a page, 503":               {503, page, "<html>Unicorn!", 503},
		"a redirect":                {301, page, "<html>Moved", 301},
		"an error, 200":             {200, nil, `{"message":"Server Error"}`, 502},
		"an error, 201":             {201, nil, `{"message":"Server Error","documentation_url":"x","status":"500"}`, 502},
		"a commit":                  {200, nil, `{"message":"Server Error","sha":"x"}`, 200},
		"a list":                    {200, nil, `[{"message":"Server Error"}]`, 200},
		"nothing":                   {204, nil, "", 204},
		"not found":                 {404, nil, `{"message":"Not Found"}`, 404},
		"long, and begins likewise": {200, nil, `{"message":"` + strings.Repeat("x", said) + `","sha":"x"}`, 200},
	} {
		a := newAsker(t)
		a.net = answers{status: c.status, header: c.header, body: c.body}
		req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := a.rt.RoundTrip(req)
		if err != nil || resp.StatusCode != c.want {
			t.Errorf("%s: %+v, %v, want %d", name, resp, err, c.want)
		}
	}
}

func TestClockWatch(t *testing.T) {
	began := time.Date(2026, 8, 1, 12, 0, 0, 5e8, time.UTC)
	var told []time.Duration
	w := &clockWatch{told: func(ahead time.Duration) { told = append(told, ahead) }}
	for _, c := range []struct {
		name string
		date string
		took time.Duration
		want string
	}{
		{"right", "Sat, 01 Aug 2026 12:00:00 GMT", 0, "[]"},
		{"a little off", "Sat, 01 Aug 2026 12:00:29 GMT", 0, "[]"},
		{"a slow answer", "Sat, 01 Aug 2026 12:00:40 GMT", 40 * time.Second, "[]"},
		{"no date", "", 0, "[]"},
		{"behind", "Sat, 01 Aug 2026 12:01:00 GMT", 0, "[-59.5s]"},
		{"still behind", "Sat, 01 Aug 2026 12:01:01 GMT", 0, "[-59.5s]"},
		{"nothing said", "", 0, "[-59.5s]"},
		{"right again", "Sat, 01 Aug 2026 12:00:01 GMT", time.Second, "[-59.5s 0s]"},
		{"ahead", "Sat, 01 Aug 2026 11:58:00 GMT", 0, "[-59.5s 0s 1m59.5s]"},
	} {
		w.look(&http.Response{Header: http.Header{"Date": {c.date}}}, began, began.Add(c.took))
		if got := fmt.Sprint(told); got != c.want {
			t.Errorf("%s: told %s, want %s", c.name, got, c.want)
		}
	}
	if got := ClockText(-90 * time.Second); got != "this machine's clock is 1m30s behind GitHub's" {
		t.Error(got)
	}
}
