package config

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills Go values from a document, strictly, and goes on after a fault
// so that all of them are found. (The library's own decoder stops at the first.)
type decoder struct {
	doc    document
	faults Faults
	nodes  int
	places map[string]place // of every value met, by its path
	broken map[string]bool  // paths that have a fault of their own already
	teams  map[string]TeamSlug
}

func newDecoder(doc document) *decoder {
	return &decoder{doc: doc, places: map[string]place{}, broken: map[string]bool{}, teams: map[string]TeamSlug{}}
}

func (d *decoder) fault(at place, path, format string, args ...any) {
	d.broken[path] = true
	d.faults = append(d.faults, faultAt(at, format, args...))
}

// full reports whether to stop: more would cost time, and nobody would read it.
func (d *decoder) full() bool { return d.nodes >= maxNodes || len(d.faults) >= 4*maxFaults }

// wrong reports an error about the value at path; "" is the whole file.
func (d *decoder) wrong(at place, path string, err error) {
	d.broken[path] = true
	d.faults = append(d.faults, faultOf(at, path, err))
}

// faultOf makes a fault of an error, with its parts where it has them.
func faultOf(at place, path string, err error) Fault {
	message := strings.ReplaceAll(err.Error(), "\n", "; ")
	if path != "" {
		message = path + ": " + message
	}
	f := faultAt(at, "%s", message)
	if w, ok := errors.AsType[*Wrong](err); ok {
		f.Expected, f.DidYouMean = w.Want, w.DidYouMean
	}
	return f
}

// mismatch reports that a value is of another kind than wanted.
func (d *decoder) mismatch(n ast.Node, at place, path, want string) {
	d.fault(at, path, "%s: want %s, found %s", orFile(path), want, nodeName(n))
	d.faults[len(d.faults)-1].Expected = want
}

// value decodes n into dst. at is where the value's key stands.
func (d *decoder) value(n ast.Node, dst reflect.Value, path string, at place, depth int) {
	if d.nodes++; d.nodes == maxNodes {
		d.fault(at, path, "the file holds too much once its aliases are followed")
	}
	if d.full() {
		return
	}
	if depth > maxDepth {
		d.fault(at, path, "nested more than %d deep", maxDepth)
		return
	}
	resolved := d.doc.resolve(n)
	if resolved == nil {
		d.fault(at, path, "%s is an alias of something that is not there; a text that begins with *, such as a pattern: put it in quotes", path)
		return
	}
	n = resolved
	if _, ok := scalar(n); ok {
		at = placeOf(n.GetToken())
	}
	d.places[path] = at
	if u, ok := dst.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, u, dst.Type(), path, at)
		return
	}
	switch dst.Kind() {
	case reflect.Pointer:
		fresh := withDefaults(dst.Type().Elem())
		d.value(n, fresh, path, at, depth)
		dst.Set(fresh.Addr())
	case reflect.Struct:
		if dst.Type() == peopleType && d.teamsAlone(n, dst, path, at, depth) {
			return
		}
		d.structure(n, dst, path, at, depth, nil)
	case reflect.Slice:
		d.slice(n, dst, path, at, depth)
	case reflect.Map:
		d.mapping(n, dst, path, at, depth)
	default:
		d.basic(n, dst, path, at)
	}
}

func (d *decoder) text(n ast.Node, u encoding.TextUnmarshaler, t reflect.Type, path string, at place) {
	text, isScalar := scalar(n)
	if !isText(n) {
		want := "a text"
		// A number that would do as a text only lacks its quotes.
		fits := isScalar && reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) == nil
		if form, ok := formOf(t); ok && !fits {
			want = form.Want
		}
		d.mismatch(n, at, path, want)
		if fits {
			d.faults[len(d.faults)-1].Message += "; put it in quotes: " + quote(text)
		}
		return
	}
	if _, block := n.(*ast.LiteralNode); block {
		text = strings.TrimRight(text, "\n") // the block's own
	}
	if err := u.UnmarshalText([]byte(text)); err != nil {
		d.wrong(at, path, err)
		return
	}
	if team, ok := u.(*TeamSlug); ok {
		d.teams[path] = *team
	}
}

func isText(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return true
	}
	return false
}

// section is how one more key of the top level is decoded.
type section func(n ast.Node, path string, at place)

// structure decodes a mapping into a struct; extra are keys beside its fields.
func (d *decoder) structure(n ast.Node, dst reflect.Value, path string, at place, depth int, extra map[string]section) {
	list, ok := entries(n)
	if !ok {
		d.mismatch(n, at, path, "a group of keys")
		return
	}
	fields := map[string]field{}
	known := slices.Collect(maps.Keys(extra))
	for _, f := range fieldsOf(dst.Type()) {
		fields[f.name] = f
		known = append(known, f.name)
	}
	seen := map[string]bool{}
	for _, e := range list {
		sub := join(path, e.key)
		f, isField := fields[e.key]
		handle, isExtra := extra[e.key]
		switch {
		case seen[e.key]:
			d.fault(e.at, sub, "%s is given twice", quote(sub))
		case isField:
			d.field(e, f, dst.FieldByIndex(f.index), sub, depth)
		case isExtra:
			handle(e.value, sub, e.at)
		default:
			d.unknownKey(e, path, sortedCopy(known))
		}
		seen[e.key] = true
	}
	for _, f := range fieldsOf(dst.Type()) {
		if f.required && !seen[f.name] {
			d.wrong(at, join(path, f.name), missing(f))
		}
	}
}

// field decodes one key's value and holds it to the field's tags.
func (d *decoder) field(e entry, f field, dst reflect.Value, path string, depth int) {
	before := len(d.faults)
	d.value(e.value, dst, path, e.at, depth+1)
	if len(d.faults) > before || d.full() {
		return
	}
	if f.required && isEmpty(dst) {
		d.wrong(d.nearest(path, e.at), path, missing(f))
	} else if w := f.bounds(dst); w != nil {
		d.wrong(d.nearest(path, e.at), path, w)
	}
}

func missing(f field) error { return &Wrong{What: "is missing or empty", Want: f.wanted()} }

func (d *decoder) unknownKey(e entry, path string, known []string) {
	sub := join(path, e.key)
	w := unknown("key", e.key, known)
	w.What = strings.Replace(w.What, quote(e.key), quote(sub), 1)
	d.wrong(e.at, sub, w)
	f := &d.faults[len(d.faults)-1]
	f.Message = w.Error()
	f.Expected = oneOf(known)
}

func (d *decoder) slice(n ast.Node, dst reflect.Value, path string, at place, depth int) {
	list, ok := elements(n)
	if !ok {
		d.mismatch(n, at, path, "a list")
		return
	}
	out := reflect.MakeSlice(dst.Type(), 0, min(len(list), 64))
	for i, e := range list {
		if d.full() {
			break
		}
		item := withDefaults(dst.Type().Elem())
		where := at
		if e != nil {
			where = startOf(e)
		}
		d.value(e, item, fmt.Sprintf("%s[%d]", path, i), where, depth+1)
		out = reflect.Append(out, item)
	}
	dst.Set(out)
}

func (d *decoder) mapping(n ast.Node, dst reflect.Value, path string, at place, depth int) {
	list, ok := entries(n)
	if !ok {
		d.mismatch(n, at, path, "a group of keys")
		return
	}
	out := reflect.MakeMap(dst.Type())
	for _, e := range list {
		sub := join(path, e.key)
		key, err := keyOf(e.key, dst.Type().Key())
		if err != nil {
			d.wrong(e.at, sub, err)
			continue
		}
		if out.MapIndex(key).IsValid() {
			d.fault(e.at, sub, "%s is given twice", quote(sub))
			continue
		}
		item := withDefaults(dst.Type().Elem())
		d.value(e.value, item, sub, e.at, depth+1)
		out.SetMapIndex(key, item)
	}
	dst.Set(out)
}

// keyOf reads a key of a map, by the rules of its type.
func keyOf(text string, t reflect.Type) (reflect.Value, error) {
	v := reflect.New(t)
	if u, ok := v.Interface().(encoding.TextUnmarshaler); ok {
		return v.Elem(), u.UnmarshalText([]byte(text))
	}
	return reflect.ValueOf(text).Convert(t), nil
}

var durationType = reflect.TypeFor[time.Duration]()

func (d *decoder) basic(n ast.Node, dst reflect.Value, path string, at place) {
	text, isScalar := scalar(n)
	switch kind := dst.Kind(); {
	case kind == reflect.String && isText(n):
		dst.SetString(text)
		if c, ok := dst.Interface().(Choice); ok && !slices.Contains(c.Values(), text) {
			d.wrong(at, path, &Wrong{What: quote(text) + " is not known here", Want: oneOf(c.Values()), DidYouMean: nearest(text, c.Values())})
		}
	case kind == reflect.String:
		d.mismatch(n, at, path, "a text")
		if isScalar {
			d.faults[len(d.faults)-1].Message += "; put it in quotes: " + quote(text)
		}
	case kind == reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.mismatch(n, at, path, "true or false")
			return
		}
		dst.SetBool(b.Value)
	case !isScalar:
		d.mismatch(n, at, path, kindName(dst.Type()))
	default:
		// A number in quotes is a text, here as in the schema, and a duration is one.
		_, isBool := n.(*ast.BoolNode)
		if isBool || isText(n) != (dst.Type() == durationType) || setText(dst, text) != nil {
			d.fault(at, path, "%s: want %s, found %s", path, kindName(dst.Type()), quote(text))
			d.faults[len(d.faults)-1].Expected = kindName(dst.Type())
		}
	}
}

// setText sets a basic value from its text; the settings' environment uses it
// too, so that a key means the same wherever it is given.
func setText(dst reflect.Value, text string) error {
	if dst.Type() == durationType {
		v, err := time.ParseDuration(text)
		dst.SetInt(int64(v))
		return err
	}
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(text)
	case reflect.Int, reflect.Int64:
		v, err := strconv.ParseInt(text, 10, dst.Type().Bits())
		dst.SetInt(v)
		return err
	case reflect.Float64:
		v, err := strconv.ParseFloat(text, 64)
		dst.SetFloat(v)
		return err
	default:
		return fmt.Errorf("no text form for %s", dst.Type())
	}
	return nil
}

func kindName(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration like 30s or 24h"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "a whole number"
	case t.Kind() == reflect.Float64:
		return "a number"
	}
	return "a text"
}
