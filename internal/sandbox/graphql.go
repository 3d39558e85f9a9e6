package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// graph is an object of the GraphQL API: its type, and its fields. A field is a value, or a function of its arguments.
type graph struct {
	kind   string
	fields obj
}

type resolver = func(args obj) (any, error)

// graphError is an error of GraphQL, which comes with status 200.
type graphError struct{ kind, message string }

// Error is the message.
func (e *graphError) Error() string { return e.message }

func notResolved(format string, args ...any) error {
	return &graphError{"NOT_FOUND", "Could not resolve to " + fmt.Sprintf(format, args...)}
}

// maxQuery is how many bytes of a query are read.
const maxQuery = 1 << 20

// serveGraphQL answers POST /api/graphql. It knows what Slipway asks (graphql_types.go), and says of any other field that the
// type hasn't got it. Writes need an installation's permissions as by REST.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, r: r, note: noteOf(r)}
	s.commonHeaders(w.Header())
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxQuery))
	if err != nil || r.Method != http.MethodPost {
		writeError(w, errNotFound)
		return
	}
	answer, err := c.graphQL(w.Header(), raw)
	if err != nil {
		writeError(w, err)
		return
	}
	s.write(w, c, reply{status: http.StatusOK, body: answer})
}

func (c *call) graphQL(h http.Header, raw []byte) (obj, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	cred, err := s.authenticate(c.r)
	c.cred = cred
	c.identify()
	if err == nil && c.actor.user == nil {
		err = &Error{Status: 401, Message: "This endpoint requires you to be authenticated."}
	}
	var q struct {
		Query     string
		Variables obj
	}
	bad := json.Unmarshal(raw, &q)
	op, wrong := parseOperation(q.Query, q.Variables)
	if err == nil {
		err = s.charge(cred.id(), op.kind != "mutation")
	}
	s.rateHeaders(h, cred.id())
	h.Set("X-RateLimit-Resource", "graphql")
	switch {
	case err != nil:
		return nil, err
	case bad != nil:
		return nil, &Error{Status: 400, Message: "Problems parsing JSON"}
	case wrong != nil:
		return obj{"errors": []obj{{"message": wrong.Error()}}}, nil
	}
	c.note.Route = "graphql " + op.kind
	root := c.queries()
	if op.kind == "mutation" {
		root = c.mutations()
	}
	e := &execution{}
	data := e.object(root, op.fields, nil)
	if len(e.unknown) > 0 {
		return obj{"errors": e.unknown}, nil
	}
	answer := obj{"data": data}
	if len(e.failed) > 0 {
		answer["errors"] = e.failed
	}
	return answer, nil
}

// execution gathers what is wrong: unknown fields, by which nothing is answered, and fields that failed, which are null.
type execution struct{ unknown, failed []obj }

func (e *execution) object(g graph, fields []field, path []any) obj {
	out := obj{}
	for _, f := range fields {
		if f.on != "" && f.on != g.kind {
			continue
		}
		at := append(path[:len(path):len(path)], f.alias)
		v, known := g.fields[f.name]
		switch {
		case f.name == "__typename":
			out[f.alias] = g.kind
		case !known:
			e.unknown = append(e.unknown, obj{"path": at, "message": fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.name, g.kind),
				"extensions": obj{"code": "undefinedField", "typeName": g.kind, "fieldName": f.name}})
		default:
			out[f.alias] = e.field(v, f, at)
		}
	}
	return out
}

func (e *execution) field(v any, f field, at []any) any {
	if resolve, is := v.(resolver); is {
		got, err := resolve(f.args)
		if err != nil {
			e.failed = append(e.failed, failure(err, at))
			return nil
		}
		v = got
	}
	switch v := v.(type) {
	case *graph:
		if v == nil {
			return nil
		}
		return e.object(*v, f.fields, at)
	case []*graph:
		list := []any{}
		for k, one := range v {
			list = append(list, e.field(one, f, append(at[:len(at):len(at)], k)))
		}
		return list
	}
	return v
}

// failure is an error of a field. A refusal by the same rules as the REST API's has a type of its own here.
func failure(err error, at []any) obj {
	kind, message := "UNPROCESSABLE", err.Error()
	var g *graphError
	var e *Error
	switch {
	case errors.As(err, &g):
		kind = g.kind
	case errors.As(err, &e):
		message = e.Message
		if e.Status == http.StatusForbidden {
			kind = "FORBIDDEN"
		}
	}
	return obj{"type": kind, "path": at, "message": message}
}
