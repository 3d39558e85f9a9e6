package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// meter counts requests by whose they are.
type meter struct{ by map[string]*usage }

type usage struct {
	used    int
	limit   int // 0: the server's
	reset   time.Time
	content []time.Time // when content was created, in the last hour
	points  []time.Time // one for each point, in the last minute
}

// SetLimits changes the enforced limits and forgets what was used.
func (s *Server) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits, s.meter = l, meter{}
}

// ExhaustRate uses up the primary limit of an installation until an instant: requests answer 403 with
// X-RateLimit-Remaining 0, as GitHub's do.
func (s *Server) ExhaustRate(installation int64, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.usage("installation/" + strconv.FormatInt(installation, 10))
	u.limit, u.used, u.reset = 5000, 5000, until.UTC()
}

func (s *Server) usage(id string) *usage {
	if s.meter.by == nil {
		s.meter.by = map[string]*usage{}
	}
	u := s.meter.by[id]
	if u == nil {
		u = &usage{}
		s.meter.by[id] = u
	}
	if now := s.now(); !now.Before(u.reset) {
		_, hour := s.limits.windows()
		u.used, u.limit, u.reset = 0, 0, now.Add(hour)
		if s.opts.Profile == GitHubCom && id == (credential{}).id() {
			u.limit = anonymousPerHour
		}
	}
	return u
}

// limitOf is the primary limit that holds for somebody; 0 is none.
func (s *Server) limitOf(u *usage) int {
	if u.limit > 0 {
		return u.limit
	}
	return s.limits.PerHour
}

// charge counts a request, which reads or writes, and says whether a limit forbids it. The caller holds the lock.
func (s *Server) charge(id string, reads bool) error {
	u := s.usage(id)
	if limit := s.limitOf(u); limit > 0 && u.used >= limit {
		return &Error{Status: 403, Message: "API rate limit exceeded for " + id + "."}
	}
	u.used++
	minute, hour := s.limits.windows()
	now := s.now()
	cost := 1
	if !reads {
		cost = 5
	}
	if most := s.limits.PointsPerMin; most > 0 {
		if u.points = within(u.points, now, minute); len(u.points)+cost > most {
			return s.secondaryLimit(secondaryMessage, minute)
		}
	}
	if !reads {
		if err := s.chargeContent(u, now, minute, hour); err != nil {
			return err
		}
	}
	if s.limits.PointsPerMin > 0 {
		for range cost {
			u.points = append(u.points, now)
		}
	}
	return nil
}

func (s *Server) chargeContent(u *usage, now time.Time, minute, hour time.Duration) error {
	if s.limits.ContentPerMin == 0 && s.limits.ContentPerHour == 0 {
		return nil
	}
	u.content = within(u.content, now, hour)
	switch {
	case s.limits.ContentPerMin > 0 && len(within(u.content, now, minute)) >= s.limits.ContentPerMin:
		return s.secondaryLimit(contentMessage, minute)
	case s.limits.ContentPerHour > 0 && len(u.content) >= s.limits.ContentPerHour:
		return s.secondaryLimit(contentMessage, hour/6)
	}
	u.content = append(u.content, now)
	return nil
}

// within leaves out the instants before a window that ends now. They rise.
func within(all []time.Time, now time.Time, window time.Duration) []time.Time {
	for i, t := range all {
		if now.Sub(t) < window {
			return all[i:]
		}
	}
	return nil
}

// LimitHits are the remembered requests that a simulated limit refused, oldest first.
func (s *Server) LimitHits() []Request {
	var hits []Request
	for _, r := range s.Requests() {
		if r.Limited {
			hits = append(hits, r)
		}
	}
	return hits
}

// What a secondary limit says. github.com mostly says no more than this: no Retry-After, and X-RateLimit-Remaining is far
// from 0: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
const (
	secondaryMessage = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. " +
		"If you reach out to GitHub Support for help, please include the request ID."
	contentMessage = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. " +
		"Please retry your request again later. If you reach out to GitHub Support for help, please include the request ID."
	secondaryPage = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)

// secondaryLimit is the refusal of a request that may be tried again after a time, which an Enterprise Server tells in
// whole seconds, and github.com doesn't.
func (s *Server) secondaryLimit(message string, wait time.Duration) *Error {
	e := &Error{Status: 403, Message: message}
	if s.opts.Profile != GitHubCom {
		seconds := max(1, int((wait+time.Second-1)/time.Second))
		e.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	}
	return e
}

// rateHeaders tells what is left of the limit. Where there is none, nothing may
// be said of one: a client that reads that nothing is left sends no more.
func (s *Server) rateHeaders(h http.Header, id string) {
	u := s.usage(id)
	limit := s.limitOf(u)
	if limit == 0 {
		return
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-u.used)))
	h.Set("X-RateLimit-Used", strconv.Itoa(u.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(u.reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
}

func getRateLimit(c *call) (reply, error) {
	row := func(used, limit int, reset time.Time) obj {
		return obj{"limit": limit, "used": used, "remaining": max(0, limit-used), "reset": reset.Unix()}
	}
	u := c.s.usage(c.cred.id())
	limit := c.s.limitOf(u)
	if limit == 0 {
		return reply{}, &Error{Status: 404, Message: "Rate limiting is not enabled."}
	}
	core := row(u.used, limit, u.reset)
	search := row(0, 30, c.s.now().Add(time.Minute))
	return ok(obj{"resources": obj{"core": core, "search": search, "graphql": row(0, 5000, u.reset)}, "rate": core})
}
