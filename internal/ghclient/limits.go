package ghclient

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// patient is a transport that sends nothing while one of GitHub's limits holds: a
// request is then a *reconcile.RetryAfterError. go-github waits likewise, but by the machine's
// clock, and with reads where only writes are limited; so it is not told of limits.
type patient struct {
	limits *limits
	client *Client // whose cache keeps them
	now    func() time.Time
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (p *patient) RoundTrip(req *http.Request) (*http.Response, error) {
	began := p.now()
	writes := req.Method != http.MethodGet && req.Method != http.MethodHead
	until, err := p.limits.until(req.Context(), p.client, writes)
	if err == nil && began.Before(until) {
		err = waitFor(until)
	}
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := p.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if l, met := limitIn(resp, p.now()); met {
		resp.Body.Close()
		until, all := p.limits.met(l, began, p.now())
		return nil, errors.Join(waitFor(until), limitMemo.put(req.Context(), p.client, p.limits.key, all))
	}
	resp.Header.Del("X-RateLimit-Remaining")
	resp.Header.Del("X-RateLimit-Reset")
	return resp, nil
}

func waitFor(until time.Time) error {
	return &reconcile.RetryAfterError{At: until, Err: errors.New("one of GitHub's limits")}
}

// limits are those that one installation, or the App itself, has met. The cache keeps them,
// so that a program that is started anew neither knocks at once nor begins with short pauses.
type limits struct {
	key string // in the cache

	mu sync.Mutex
	pauses
	recalled bool // what an earlier process has met is among them
}

// pauses are what is known of limits.
type pauses struct {
	All     pause `json:"all"`
	Content pause `json:"content"` // of writes alone
}

// pause is how long nothing is sent.
type pause struct {
	Until time.Time `json:"until"`
	Row   int       `json:"row"` // how many in a row of which GitHub didn't say how long they last
}

// GitHub asks for a minute at least, and for more each time:
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
const (
	firstPause   = time.Minute
	longestPause = 16 * time.Minute
	// longestLimit bounds what GitHub says itself; its limits end within the hour.
	longestLimit = 2 * time.Hour
)

// until is the instant before which nothing is sent.
func (l *limits) until(ctx context.Context, c *Client, writes bool) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.recalled {
		have, err := limitMemo.recall(ctx, c, l.key)
		if err != nil {
			return time.Time{}, fmt.Errorf("recall GitHub's limits: %w", err)
		}
		l.pauses, l.recalled = have.is, true
		for _, p := range []*pause{&l.All, &l.Content} {
			if p.Until.After(c.opts.Now().Add(longestLimit)) { // a clock that was wrong wrote it
				*p = pause{}
			}
		}
	}
	if writes && l.Content.Until.After(l.All.Until) {
		return l.Content.Until, nil
	}
	return l.All.Until, nil
}

// met notes a limit that a request has met, and returns until when it holds, and all that
// is known now.
func (l *limits) met(one limit, began, now time.Time) (time.Time, pauses) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.All
	if one.content {
		p = &l.Content
	}
	switch {
	case !one.ends.IsZero():
		if one.ends.After(p.Until) { // a request still on its way ends no longer pause
			p.Until = one.ends
		}
	case began.Before(p.Until): // it was on its way already when the pause began
	default:
		if began.After(p.Until.Add(longestPause)) {
			p.Row = 0
		}
		p.Until = now.Add(min(longestPause, firstPause<<p.Row))
		p.Row = min(p.Row+1, 4)
	}
	return p.Until, l.pauses
}

// limit is what an answer says of a limit that it is refused by.
type limit struct {
	content bool      // on creating content: reads go on
	ends    time.Time // zero: it doesn't say when
}

// limitWords are how GitHub speaks of its limits, in messages and in the links beside
// them: https://github.com/peter-evans/create-pull-request/issues/855. Enterprise Servers
// still call a secondary one an abuse: https://github.com/palantir/policy-bot/issues/136
var limitWords = [][]byte{
	[]byte("secondary rate limit"), []byte("secondary-rate-limits"), []byte("api rate limit"),
	[]byte("abuse detection"), []byte("abuse-rate-limits"), []byte("blocked from content creation"),
}

// limitIn recognises a refusal by one of GitHub's limits, by its status, its headers or
// its words: none of them is always there. The reset counts only when nothing is left; a
// secondary limit comes with that of the hour, which has nothing to do with it:
// https://github.com/scala-steward-org/scala-steward/issues/2355
func limitIn(r *http.Response, now time.Time) (l limit, met bool) {
	if r.StatusCode != http.StatusForbidden && r.StatusCode != http.StatusTooManyRequests {
		return l, false
	}
	text := bytes.ToLower(beginning(r))
	l.content = bytes.Contains(text, []byte("content creation"))
	wait, none := r.Header.Get("Retry-After"), r.Header.Get("X-RateLimit-Remaining") == "0"
	if s, err := strconv.Atoi(wait); err == nil && s > 0 {
		l.ends = now.Add(time.Duration(s) * time.Second)
	} else if s, err := strconv.ParseInt(r.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil && none {
		l.ends = time.Unix(s+1, 0).Add(aheadOf(r, now))
	}
	if !l.ends.After(now) {
		l.ends = time.Time{}
	} else if most := now.Add(longestLimit); l.ends.After(most) {
		l.ends = most
	}
	return l, r.StatusCode == http.StatusTooManyRequests || wait != "" || none || speaksOfLimit(text)
}

func speaksOfLimit(text []byte) bool {
	for _, words := range limitWords {
		if bytes.Contains(text, words) {
			return true
		}
	}
	return false
}

// said is how much of an answer is looked at for GitHub's words.
const said = 4 << 10

// beginning returns how an answer's body begins, and leaves the body as it was.
func beginning(r *http.Response) []byte {
	b := bufio.NewReaderSize(r.Body, said)
	text, _ := b.Peek(said) // what can't be read, whoever reads it all meets again
	r.Body = &peeked{b, r.Body}
	return text
}

// peeked is a body of which the beginning was looked at. Its end comes with its last bytes:
// who decodes JSON reads no further, and httpcache keeps only what was read to its end.
type peeked struct {
	rest *bufio.Reader
	io.Closer
}

// Read implements io.Reader.
func (b *peeked) Read(into []byte) (int, error) {
	n, err := b.rest.Read(into)
	if err == nil {
		_, err = b.rest.Peek(1)
	}
	return n, err
}
