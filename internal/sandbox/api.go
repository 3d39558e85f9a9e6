package sandbox

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// route is one line of the table in routes.go.
type route struct {
	method, pattern string
	need            string // permission, alternatives parted by |; "" none; jwt, token, jwt+repo: see authorize
	role            string // the role that a person needs; "app" for what only Apps may do
	handle          handlerFunc
	segs            []string
}

// router finds a route by method and path. A segment {x} takes one segment, {x+} one or more, so that branch names may
// have their slashes plain, as on GitHub.
type router struct{ by map[string][]*route }

func newRouter(table []route) *router {
	rt := &router{by: map[string][]*route{}}
	for i := range table {
		r := &table[i]
		r.segs = strings.Split(strings.Trim(r.pattern, "/"), "/")
		k := routeKey(r.method, r.segs)
		rt.by[k] = append(rt.by[k], r)
	}
	return rt
}

// routeKey narrows the search: method, first segment, and below /repos the fourth.
func routeKey(method string, segs []string) string {
	k := method + " " + segs[0]
	if segs[0] == "repos" && len(segs) > 3 {
		k += " " + segs[3]
	}
	return k
}

func (rt *router) find(method string, segs []string) (*route, map[string]string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, r := range rt.by[routeKey(method, segs)] {
		if params, found := matchSegs(r.segs, segs); found {
			return r, params
		}
	}
	return nil, nil
}

func matchSegs(pattern, segs []string) (map[string]string, bool) {
	params := map[string]string{}
	for i, p := range pattern {
		if name, multi := strings.CutSuffix(p, "+}"); multi {
			after := len(pattern) - i - 1
			n := len(segs) - i - after
			if n < 1 {
				return nil, false
			}
			params[name[1:]] = strings.Join(segs[i:i+n], "/")
			rest, found := matchSegs(pattern[i+1:], segs[i+n:])
			for k, v := range rest {
				params[k] = v
			}
			return params, found
		}
		if i >= len(segs) {
			return nil, false
		}
		if strings.HasPrefix(p, "{") {
			if segs[i] == "" {
				return nil, false
			}
			params[p[1:len(p)-1]] = segs[i]
		} else if p != segs[i] {
			return nil, false
		}
	}
	return params, len(pattern) == len(segs)
}

// serveAPI answers one request of the REST API; /api/v3 is already off the path.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, r: r, q: r.URL.Query(), note: noteOf(r)}
	h := w.Header()
	s.commonHeaders(h)
	readErr := c.readBody()
	rep, err := c.serve(h, readErr)
	if err != nil {
		writeError(w, err)
		return
	}
	if rep.status == http.StatusOK {
		s.etag(h, c, &rep)
	}
	s.write(w, c, rep)
}

// serve does all that needs the lock.
func (c *call) serve(h http.Header, readErr error) (reply, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	cred, authErr := s.authenticate(c.r)
	c.cred = cred
	c.identify()
	segs, err := segments(c.r.URL.EscapedPath())
	if err != nil {
		return reply{}, &Error{Status: 400, Message: "Bad Request"}
	}
	c.route, c.path = s.router.find(c.r.Method, s.byID(segs))
	if c.route != nil {
		c.note.Route = c.route.method + " " + c.route.pattern
	}
	if authErr != nil {
		s.rateHeaders(h, cred.id())
		return reply{}, authErr
	}
	free := c.route != nil && c.route.pattern == "/rate_limit"
	if !free {
		err = s.charge(cred.id(), c.r.Method == http.MethodGet || c.r.Method == http.MethodHead)
	}
	s.rateHeaders(h, cred.id())
	if err != nil {
		c.note.Limited = true
		return reply{}, err
	}
	if c.route == nil {
		return reply{}, errNotFound
	}
	if n := c.route.need; n != "" && strings.Contains(n, ":") {
		h.Set("X-Accepted-GitHub-Permissions", accepted(n))
	}
	return c.dispatch(readErr)
}

// byID turns /repositories/{id}/... into /repos/{owner}/{repo}/...: redirects of renamed repositories lead there.
func (s *Server) byID(segs []string) []string {
	if len(segs) < 2 || segs[0] != "repositories" {
		return segs
	}
	id, _ := strconv.ParseInt(segs[1], 10, 64)
	if r := s.repoByID[id]; r != nil && !r.deleted {
		return append([]string{"repos", r.owner.login, r.name}, segs[2:]...)
	}
	return segs
}

func (c *call) dispatch(readErr error) (reply, error) {
	if loc, moved := c.target(); moved {
		return reply{status: movedStatus(c.r.Method), location: loc, body: obj{"message": "Moved Permanently", "url": loc,
			"documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"}}, nil
	}
	if c.path["owner"] != "" && c.path["repo"] != "" && c.repo == nil || c.path["org"] != "" && c.org == nil {
		return reply{}, errNotFound
	}
	if err := c.authorize(); err != nil {
		return reply{}, err
	}
	if readErr != nil {
		return reply{}, readErr
	}
	return c.route.handle(c)
}

func movedStatus(method string) int {
	if method == http.MethodGet || method == http.MethodHead {
		return http.StatusMovedPermanently
	}
	return http.StatusTemporaryRedirect
}

// target finds the repository or organisation that the path names; a renamed one gives the new address.
func (c *call) target() (location string, moved bool) {
	if org := c.path["org"]; org != "" {
		if u := c.s.users[strings.ToLower(org)]; u.isOrg() {
			c.org = u
		}
	}
	owner, name := c.path["owner"], c.path["repo"]
	if owner == "" || name == "" {
		return "", false
	}
	full := strings.ToLower(owner + "/" + name)
	if r := c.s.repos[full]; r != nil && !r.deleted {
		c.repo = r
		return c.transferred()
	}
	r := c.s.renamed[full]
	if r == nil || r.deleted || c.s.opts.RedirectsDisabled {
		return "", false
	}
	parts := strings.SplitN(strings.TrimPrefix(c.r.URL.EscapedPath(), "/"), "/", 4)
	loc := c.s.url + "/api/v3/repositories/" + strconv.FormatInt(r.id, 10)
	if len(parts) == 4 {
		loc += "/" + parts[3]
	}
	if q := c.r.URL.RawQuery; q != "" {
		loc += "?" + q
	}
	return loc, true
}

// transferred gives the new address of an issue that is in another repository now.
func (c *call) transferred() (location string, moved bool) {
	number := c.path["number"]
	n, _ := strconv.Atoi(number)
	i := c.repo.issues[n]
	if i == nil || i.movedTo == nil || !strings.Contains(c.route.pattern, "/issues/{number}") {
		return "", false
	}
	_, rest, _ := strings.Cut(c.r.URL.EscapedPath(), "/issues/"+number)
	return fmt.Sprintf("%s/api/v3/repositories/%d/issues/%d%s", c.s.url, i.movedTo.repo.id, i.movedTo.number, rest), true
}

// identify settles who acts, for the handlers and the record.
func (c *call) identify() {
	switch c.cred.kind {
	case "installation":
		c.actor = actor{user: c.s.bot, app: true, workflows: c.cred.tok.perms["workflows"] == "write"}
		c.note.Installation = c.cred.tok.inst.id
	case "user":
		c.actor = actor{user: c.cred.user}
		c.note.Login = c.cred.user.login
	}
}

func segments(path string) ([]string, error) {
	segs := strings.Split(strings.Trim(path, "/"), "/")
	for i, x := range segs {
		u, err := url.PathUnescape(x)
		if err != nil {
			return nil, err
		}
		segs[i] = u
	}
	return segs, nil
}

func (s *Server) commonHeaders(h http.Header) {
	h.Set("Server", "github.com")
	s.opts.Profile.version(h)
	h.Set("Date", s.now().Format(http.TimeFormat))
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	h.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	h.Set("X-GitHub-Request-Id", strings.ToUpper(randomHex(16)))
	h.Set("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, "+
		"X-RateLimit-Remaining, X-RateLimit-Used, X-RateLimit-Resource, X-RateLimit-Reset")
	h.Set("X-Content-Type-Options", "nosniff")
}

var etagSeed = maphash.MakeSeed()

// etag settles the body, its validator and whether the sender has it already. A 304 costs nothing of the rate limit.
func (s *Server) etag(h http.Header, c *call, rep *reply) {
	if rep.raw == nil {
		rep.raw = encode(rep.body)
	}
	var sum maphash.Hash // fast: a list of pull requests is half a megabyte
	sum.SetSeed(etagSeed)
	sum.Write(rep.raw)
	if s.opts.ETagByToken {
		sum.WriteString(c.cred.auth)
	}
	sum.WriteString(rep.link)
	tag := fmt.Sprintf(`W/"%064x"`, sum.Sum64())
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return
	}
	h.Set("ETag", tag)
	scope := "public"
	if c.cred.kind != "" {
		scope = "private"
	}
	h.Set("Cache-Control", scope+", max-age=60, s-maxage=60")
	h.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With")
	if !rep.modified.IsZero() {
		h.Set("Last-Modified", rep.modified.UTC().Format(http.TimeFormat))
	}
	if fresh(c.r.Header, tag, rep.modified) {
		*rep = reply{status: http.StatusNotModified}
		s.mu.Lock()
		defer s.mu.Unlock()
		if u := s.usage(c.cred.id()); u.used > 0 {
			u.used--
		}
		s.rateHeaders(h, c.cred.id())
	}
}

func fresh(h http.Header, tag string, modified time.Time) bool {
	if inm := h.Get("If-None-Match"); inm != "" {
		want := strings.TrimPrefix(tag, "W/")
		for _, t := range strings.Split(inm, ",") {
			if strings.TrimPrefix(strings.TrimSpace(t), "W/") == want {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(h.Get("If-Modified-Since"))
	return err == nil && !modified.IsZero() && !modified.Truncate(time.Second).After(since)
}

func (s *Server) write(w http.ResponseWriter, c *call, rep reply) {
	h := w.Header()
	if rep.link != "" {
		h.Set("Link", rep.link)
	}
	if rep.location != "" {
		h.Set("Location", rep.location)
	}
	if rep.status == http.StatusNoContent || rep.status == http.StatusNotModified {
		w.WriteHeader(rep.status)
		return
	}
	if rep.ctype == "" {
		rep.ctype = "application/json; charset=utf-8"
	}
	h.Set("Content-Type", rep.ctype)
	if rep.raw == nil {
		rep.raw = encode(rep.body)
	}
	h.Set("Content-Length", strconv.Itoa(len(rep.raw)))
	w.WriteHeader(rep.status)
	if c.r.Method != http.MethodHead {
		w.Write(rep.raw)
	}
}

func writeError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: 500, Message: "Server Error: " + err.Error()}
	}
	for k, v := range e.header {
		w.Header()[k] = v
	}
	body := obj{"message": e.Message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(e.Status)}
	if e.Message == secondaryMessage || e.Message == contentMessage {
		body["documentation_url"] = secondaryPage
	}
	if len(e.Fields) > 0 {
		body["errors"] = e.Fields
	}
	raw := encode(body)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(e.Status)
	w.Write(raw)
}
