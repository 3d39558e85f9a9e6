package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// operation is one method of one path. Its schemas are compiled when it is first met: loading the whole document takes
// seconds, and a test meets a few dozen of its 1,200 operations.
type operation struct {
	method, template string
	segs             []string
	raw              json.RawMessage
	shared           json.RawMessage // parameters of the path item

	once sync.Once
	op   *openapi3.Operation
	err  error
}

func open(path string) (*Validator, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	v := &Validator{components: doc.Components, table: map[string][]*operation{}}
	delete(v.components, "examples")
	for template, item := range doc.Paths {
		for method, raw := range item {
			switch method {
			case "get", "put", "post", "patch", "delete":
				m := strings.ToUpper(method)
				segs := strings.Split(strings.Trim(template, "/"), "/")
				in := drawer(m, segs)
				v.table[in] = append(v.table[in], &operation{method: m, template: template, raw: raw, shared: item["parameters"], segs: segs})
			}
		}
	}
	return v, nil
}

// match compares path segments; a last parameter of GitHub's that may hold slashes (a path, a ref, a branch) takes the rest.
func (o *operation) match(segs []string) (params map[string]string, literal int) {
	for i, p := range o.segs[:min(len(o.segs), len(segs))] {
		if p != segs[i] && !strings.Contains(p, "{") {
			return nil, 0 // as most: without a map for nothing
		}
	}
	params = map[string]string{}
	for i, p := range o.segs {
		if i >= len(segs) {
			// The root of the contents is asked for with an empty path.
			if p == "{path}" && i == len(segs) {
				return params, literal
			}
			return nil, 0
		}
		if p == segs[i] {
			literal++
			continue
		}
		name := strings.Trim(p, "{}")
		if i == len(o.segs)-1 && (name == "path" || name == "ref" || name == "branch") {
			params[name] = strings.Join(segs[i:], "/")
			return params, literal
		}
		params[name], _ = url.PathUnescape(segs[i])
	}
	if len(segs) != len(o.segs) {
		return nil, 0
	}
	return params, literal
}

var refs = regexp.MustCompile(`"\$ref"\s*:\s*"#/components/([a-z_A-Z-]+)/([^"]+)"`)

// compile makes a small document of the operation and all that it refers to, and lets kin-openapi load that.
func (o *operation) compile(v *Validator) (*openapi3.Operation, error) {
	o.once.Do(func() {
		used := map[string]map[string]json.RawMessage{}
		queue := []json.RawMessage{o.raw, o.shared}
		for len(queue) > 0 {
			raw := queue[0]
			queue = queue[1:]
			for _, m := range refs.FindAllSubmatch(raw, -1) {
				kind, name := string(m[1]), string(m[2])
				if kind == "examples" || used[kind][name] != nil {
					continue
				}
				if used[kind] == nil {
					used[kind] = map[string]json.RawMessage{}
				}
				used[kind][name] = v.components[kind][name]
				queue = append(queue, used[kind][name])
			}
		}
		item := map[string]json.RawMessage{strings.ToLower(o.method): o.raw}
		if o.shared != nil {
			item["parameters"] = o.shared
		}
		doc, err := json.Marshal(map[string]any{"openapi": "3.0.3", "info": map[string]string{"title": "x", "version": "1"},
			"paths": map[string]any{"/x": item}, "components": used})
		if err != nil {
			o.err = err
			return
		}
		loaded, err := openapi3.NewLoader().LoadFromData(stripExamples(doc))
		if err != nil {
			o.err = err
			return
		}
		o.op = loaded.Paths.Value("/x").GetOperation(o.method)
	})
	return o.op, o.err
}

// stripExamples takes the examples out: they are most of the document, refer to more, and don't matter here. So do
// patterns in Ruby's dialect, which Go's regexp can't read.
func stripExamples(doc []byte) []byte {
	var v any
	if json.Unmarshal(doc, &v) != nil {
		return doc
	}
	prune(v, false)
	out, err := json.Marshal(v)
	if err != nil {
		return doc
	}
	return out
}

func prune(v any, properties bool) {
	switch v := v.(type) {
	case map[string]any:
		if !properties { // a property may well be named example
			delete(v, "examples")
			delete(v, "example")
			// In one place the document says that an account is a user and an enterprise at once, meaning either.
			if all, is := v["allOf"].([]any); is && names(all, "Enterprise") {
				v["anyOf"] = all
				delete(v, "allOf")
			}
			// In another, that an answer is just one of two errors, of which the second is the first with more that may be said.
			if one, is := v["oneOf"].([]any); is && refers(one, "#/components/schemas/repository-rule-violation-error") {
				v["anyOf"] = one
				delete(v, "oneOf")
			}
			if p, is := v["pattern"].(string); is {
				if _, err := regexp.Compile(p); err != nil {
					delete(v, "pattern")
				}
			}
		}
		for k, x := range v {
			prune(x, k == "properties" && !properties)
		}
	case []any:
		for _, x := range v {
			prune(x, false)
		}
	}
}

func names(list []any, title string) bool {
	for _, x := range list {
		if m, is := x.(map[string]any); is && m["title"] == title {
			return true
		}
	}
	return false
}

func refers(list []any, to string) bool {
	for _, x := range list {
		if m, is := x.(map[string]any); is && m["$ref"] == to {
			return true
		}
	}
	return false
}

// request checks parameters and body.
func (o *operation) request(v *Validator, params map[string]string, q url.Values, body []byte) []string {
	op, err := o.compile(v)
	if err != nil {
		return []string{"the document can't be loaded: " + err.Error()}
	}
	var out []string
	known := map[string]bool{}
	for _, ref := range op.Parameters {
		p := ref.Value
		known[p.Name] = p.In == "query" || known[p.Name]
		switch {
		case p.In == "query" && p.Required && !q.Has(p.Name):
			out = append(out, "missing query parameter "+p.Name)
		case p.In == "query" && q.Has(p.Name):
			out = append(out, checkParam(p, q.Get(p.Name))...)
		case p.In == "path" && params[p.Name] != "":
			out = append(out, checkParam(p, params[p.Name])...)
		}
	}
	for k := range q {
		if !known[k] {
			out = append(out, "unknown query parameter "+k)
		}
	}
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		return out
	}
	// ghinstallation sends null for a token without a scope; GitHub takes it for no body.
	if b := bytes.TrimSpace(body); len(b) == 0 || string(b) == "null" {
		if op.RequestBody.Value.Required {
			out = append(out, "missing body")
		}
		return out
	}
	mt := op.RequestBody.Value.Content.Get("application/json")
	if mt == nil || mt.Schema == nil {
		return out
	}
	return append(out, visit(mt.Schema.Value, body, true)...)
}

func checkParam(p *openapi3.Parameter, text string) []string {
	if p.Schema == nil || p.Schema.Value == nil {
		return nil
	}
	var val any = text
	if t := p.Schema.Value.Type; t != nil && (t.Is("integer") || t.Is("number")) {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return []string{fmt.Sprintf("parameter %s: %q is no number", p.Name, text)}
		}
		val = f
	} else if t != nil && t.Is("boolean") {
		val = text == "true"
	} else if t != nil && t.Is("array") {
		return nil
	}
	if err := p.Schema.Value.VisitJSON(val); err != nil {
		return []string{fmt.Sprintf("parameter %s: %v", p.Name, oneLine(err))}
	}
	return nil
}

// response checks that the status is documented and the body is as described.
func (o *operation) response(v *Validator, status int, ctype string, body []byte) []string {
	op, err := o.compile(v)
	if err != nil {
		return []string{"the document can't be loaded: " + err.Error()}
	}
	ref := op.Responses.Status(status)
	if ref == nil {
		// Which errors an operation may answer is told incompletely; which successes is not.
		if status < 300 {
			return []string{"status is not documented"}
		}
		return nil
	}
	if !strings.Contains(ctype, "json") || strings.Contains(ctype, "raw") {
		return nil
	}
	mt := ref.Value.Content.Get("application/json")
	if mt == nil {
		for kind, m := range ref.Value.Content {
			if strings.Contains(kind, "json") && !strings.Contains(kind, "object") {
				mt = m
			}
		}
	}
	if mt == nil || mt.Schema == nil {
		return nil
	}
	return visit(mt.Schema.Value, body, false)
}

func visit(s *openapi3.Schema, body []byte, request bool) []string {
	var val any
	if err := json.Unmarshal(body, &val); err != nil {
		return []string{"no JSON: " + err.Error()}
	}
	opts := []openapi3.SchemaValidationOption{openapi3.MultiErrors(), openapi3.VisitAsResponse()}
	if request {
		opts[1] = openapi3.VisitAsRequest()
	}
	err := s.VisitJSON(val, opts...)
	if err == nil {
		return nil
	}
	var out []string
	many, is := err.(openapi3.MultiError)
	if !is {
		many = openapi3.MultiError{err}
	}
	for _, e := range many {
		if line := oneLine(e); !undocumentedNull.MatchString(line) {
			out = append(out, line)
		}
	}
	return out
}

// GitHub does say null for the head of a pull request whose fork, or whose fork's owner, was deleted; its document
// doesn't know.
var undocumentedNull = regexp.MustCompile(`^Error at "(/\d+)?/head/(repo|user)": Value is not nullable$`)

// oneLine leaves the dump of schema and value out.
func oneLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\nSchema:")
	s = strings.ReplaceAll(s, "\n", " ")
	if len(s) > 400 {
		s = s[:400] + "…"
	}
	return s
}
