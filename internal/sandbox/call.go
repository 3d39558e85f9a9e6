package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// obj is a JSON object. Answers and payloads are plain maps: GitHub's documents are wide and change in details, and the
// OpenAPI tests, not Go's types, say whether a map is complete.
type obj = map[string]any

// call is one API request on its way through a handler. Handlers run with Server.mu held.
type call struct {
	s     *Server
	r     *http.Request
	route *route
	path  map[string]string
	q     url.Values
	body  obj
	raw   []byte
	cred  credential
	actor actor
	repo  *repo
	org   *user
	note  *Request // what will be recorded of this request
}

// reply is what a handler answers.
type reply struct {
	status   int
	body     any
	raw      []byte // in place of body
	ctype    string
	modified time.Time
	link     string
	location string
}

type handlerFunc func(c *call) (reply, error)

func ok(body any) (reply, error)      { return reply{status: 200, body: body}, nil }
func created(body any) (reply, error) { return reply{status: 201, body: body}, nil }
func noContent() (reply, error)       { return reply{status: 204}, nil }

// Error is an answer of GitHub's that is not a success. The methods of Person return it too.
type Error struct {
	Status  int
	Message string
	Fields  []FieldError
	header  http.Header
}

// FieldError is one row of a 422's errors.
type FieldError struct {
	Resource string `json:"resource,omitempty"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
}

// Error puts the parts in one line.
func (e *Error) Error() string {
	s := fmt.Sprintf("%d %s", e.Status, e.Message)
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s.%s %s %s", f.Resource, f.Field, f.Code, f.Message)
	}
	return s
}

var (
	errNotFound  = &Error{Status: 404, Message: "Not Found"}
	errNoAuth    = &Error{Status: 401, Message: "Requires authentication"}
	errBadCred   = &Error{Status: 401, Message: "Bad credentials"}
	errForbidden = &Error{Status: 403, Message: "Resource not accessible by integration"}
	errAdmin     = &Error{Status: 403, Message: "Must have admin rights to Repository."}
	errArchived  = &Error{Status: 403, Message: "Repository was archived so is read-only."}
	errNoIssues  = &Error{Status: 410, Message: "Issues has been disabled in this repository."}
	errSuspended = &Error{Status: 403, Message: "This installation has been suspended"}
)

func invalid(resource, field, code, message string) *Error {
	return &Error{Status: 422, Message: "Validation Failed", Fields: []FieldError{{resource, field, code, message}}}
}

func unprocessable(format string, args ...any) *Error {
	return &Error{Status: 422, Message: fmt.Sprintf(format, args...)}
}

// readBody takes the JSON body; an empty one is an empty object.
func (c *call) readBody() error {
	if c.r.Method == "GET" || c.r.Method == "HEAD" || c.r.Body == nil {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(c.r.Body, 30<<20))
	if err != nil {
		return &Error{Status: 400, Message: "Problems reading the body"}
	}
	c.raw, c.body = raw, obj{}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return &Error{Status: 400, Message: "Problems parsing JSON"}
	}
	switch v := v.(type) {
	case nil: // ghinstallation sends null when it asks for no scope, and GitHub takes it
	case obj:
		c.body = v
	case []any: // some endpoints take a bare array
		c.body = obj{"": v}
	default:
		return &Error{Status: 400, Message: "Body should be a JSON object"}
	}
	return nil
}

func badType(field string, v any, want string) *Error {
	b, _ := json.Marshal(v)
	return unprocessable("Invalid request.\n\nFor 'properties/%s', %s is not %s.", field, b, want)
}

// str takes a string from the body; present is false when it's absent or null.
func (c *call) str(field string) (s string, present bool, err error) {
	v, in := c.body[field]
	if !in || v == nil {
		return "", false, nil
	}
	s, isStr := v.(string)
	if !isStr {
		return "", false, badType(field, v, "a string")
	}
	return s, true, nil
}

// need takes a string that must be there.
func (c *call) need(field string) (string, error) {
	s, present, err := c.str(field)
	if err == nil && !present {
		err = unprocessable("Invalid request.\n\n%q wasn't supplied.", field)
	}
	return s, err
}

// text takes an optional string, nil when absent.
func (c *call) text(field string) (*string, error) {
	s, present, err := c.str(field)
	if !present || err != nil {
		return nil, err
	}
	return &s, nil
}

// flag takes an optional boolean.
func (c *call) flag(field string, def bool) (bool, error) {
	switch v := c.body[field].(type) {
	case nil:
		return def, nil
	case bool:
		return v, nil
	default:
		return def, badType(field, v, "a boolean")
	}
}

// strs takes an array of strings; objects with a name, as GitHub accepts for labels, count as their name.
func (c *call) strs(field string) (out []string, present bool, err error) {
	v, in := c.body[field]
	if !in || v == nil {
		return nil, false, nil
	}
	list, isList := v.([]any)
	if !isList {
		return nil, false, badType(field, v, "an array")
	}
	for _, x := range list {
		switch x := x.(type) {
		case string:
			out = append(out, x)
		case obj:
			if n, isStr := x["name"].(string); isStr {
				out = append(out, n)
			}
		default:
			return nil, false, badType(field, x, "a string")
		}
	}
	return out, true, nil
}

// num takes a number from the body.
func (c *call) num(field string) (n int64, present bool, err error) {
	v, in := c.body[field]
	if !in || v == nil {
		return 0, false, nil
	}
	j, isNum := v.(json.Number)
	if isNum {
		if n, err := j.Int64(); err == nil {
			return n, true, nil
		}
	}
	return 0, false, badType(field, v, "an integer")
}

// pathID takes a number from the path; what is no number does not exist.
func (c *call) pathID(name string) (int64, error) {
	n, err := strconv.ParseInt(c.path[name], 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return n, nil
}

// page cuts a list for page and per_page and makes the Link header.
func page[T any](c *call, list []T) ([]T, string) {
	per, n := intParam(c.q, "per_page", 30, 100), intParam(c.q, "page", 1, 1<<30)
	last := (len(list) + per - 1) / per
	from, to := min((n-1)*per, len(list)), min(n*per, len(list))
	return list[from:to], c.links(n, last)
}

func intParam(q url.Values, name string, def, most int) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 {
		return def
	}
	return min(n, most)
}

func (c *call) links(n, last int) string {
	var out []string
	link := func(rel string, p int) {
		q := url.Values{}
		for k, v := range c.q {
			q[k] = v
		}
		q.Set("page", strconv.Itoa(p))
		out = append(out, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.s.url+"/api/v3", c.r.URL.EscapedPath(), q.Encode(), rel))
	}
	if n > 1 {
		link("prev", min(n-1, max(last, 1)))
	}
	if n < last {
		link("next", n+1)
		link("last", last)
	}
	if n > 1 {
		link("first", 1)
	}
	return strings.Join(out, ", ")
}

// list answers one page of what render makes of a list.
func list[T any](c *call, all []T, render func(T) obj) (reply, error) {
	rows, link := page(c, all)
	out := make([]obj, 0, len(rows))
	for _, x := range rows {
		out = append(out, render(x))
	}
	return reply{status: 200, body: out, link: link}, nil
}

// wrapped answers one page within an object that also says how many there are.
func wrapped[T any](c *call, key string, all []T, render func(T) obj) (reply, error) {
	r, err := list(c, all, render)
	r.body = obj{"total_count": len(all), key: r.body}
	return r, err
}
