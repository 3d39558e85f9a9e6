package config

import (
	"encoding"
	"fmt"
	"reflect"
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
}

func newDecoder(doc document) *decoder {
	return &decoder{doc: doc, places: map[string]place{}, broken: map[string]bool{}}
}

func (d *decoder) fault(at place, path, format string, args ...any) {
	d.broken[path] = true
	d.faults = append(d.faults, Fault{at.line, at.column, fmt.Sprintf(format, args...)})
}

// value decodes n into dst. at is where the value's key stands.
func (d *decoder) value(n ast.Node, dst reflect.Value, path string, at place, depth int) {
	if d.nodes++; d.nodes == maxNodes {
		d.fault(at, path, "the file holds too much once its aliases are followed")
	}
	if d.nodes >= maxNodes {
		return
	}
	if depth > maxDepth {
		d.fault(at, path, "nested more than %d deep", maxDepth)
		return
	}
	resolved := d.doc.resolve(n)
	if resolved == nil {
		d.fault(at, path, "%s is an alias of something that is not there", path)
		return
	}
	n = resolved
	if _, ok := scalar(n); ok {
		at = placeOf(n.GetToken())
	}
	d.places[path] = at
	if dst.CanAddr() {
		if u, ok := dst.Addr().Interface().(encoding.TextUnmarshaler); ok {
			d.text(n, u, path, at)
			return
		}
	}
	switch dst.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(dst.Type().Elem())
		d.value(n, fresh.Elem(), path, at, depth)
		dst.Set(fresh)
	case reflect.Struct:
		d.structure(n, dst, path, at, depth, nil)
	case reflect.Slice:
		d.slice(n, dst, path, at, depth)
	case reflect.Map:
		d.mapping(n, dst, path, at, depth)
	default:
		d.basic(n, dst, path, at)
	}
}

func (d *decoder) text(n ast.Node, u encoding.TextUnmarshaler, path string, at place) {
	s, ok := n.(*ast.StringNode)
	if !ok {
		d.fault(at, path, "%s: want a text, found %s", path, nodeName(n))
		return
	}
	if err := u.UnmarshalText([]byte(s.Value)); err != nil {
		d.fault(at, path, "%s: %v", path, err)
	}
}

// section is how one more key of the top level is decoded.
type section func(n ast.Node, path string, at place)

// structure decodes a mapping into a struct; extra are keys beside its fields.
func (d *decoder) structure(n ast.Node, dst reflect.Value, path string, at place, depth int, extra map[string]section) {
	list, ok := entries(n)
	if !ok {
		d.fault(at, path, "%s: want a group of keys, found %s", orFile(path), nodeName(n))
		return
	}
	fields, names := fieldsOf(dst.Type())
	seen := map[string]bool{}
	for _, e := range list {
		sub := join(path, e.key)
		field, isField := fields[e.key]
		handle, isExtra := extra[e.key]
		switch {
		case seen[e.key]:
			d.fault(e.at, sub, "%s is given twice", quote(sub))
		case isField:
			d.value(e.value, dst.Field(field), sub, e.at, depth+1)
		case isExtra:
			handle(e.value, sub, e.at)
		default:
			known := names
			for name := range extra {
				known = append(known, name)
			}
			d.fault(e.at, sub, "unknown key %s%s", quote(sub), didYouMean(e.key, sortedCopy(known)))
		}
		seen[e.key] = true
	}
}

func (d *decoder) slice(n ast.Node, dst reflect.Value, path string, at place, depth int) {
	list, ok := elements(n)
	if !ok {
		d.fault(at, path, "%s: want a list, found %s", path, nodeName(n))
		return
	}
	out := reflect.MakeSlice(dst.Type(), 0, min(len(list), 64))
	for i, e := range list {
		if d.nodes >= maxNodes {
			break
		}
		item := reflect.New(dst.Type().Elem()).Elem()
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
		d.fault(at, path, "%s: want a group of keys, found %s", path, nodeName(n))
		return
	}
	out := reflect.MakeMap(dst.Type())
	for _, e := range list {
		sub := join(path, e.key)
		key := reflect.ValueOf(e.key).Convert(dst.Type().Key())
		if out.MapIndex(key).IsValid() {
			d.fault(e.at, sub, "%s is given twice", quote(sub))
			continue
		}
		item := reflect.New(dst.Type().Elem()).Elem()
		d.value(e.value, item, sub, e.at, depth+1)
		out.SetMapIndex(key, item)
	}
	dst.Set(out)
}

var durationType = reflect.TypeFor[time.Duration]()

func (d *decoder) basic(n ast.Node, dst reflect.Value, path string, at place) {
	text, isScalar := scalar(n)
	_, isText := n.(*ast.StringNode)
	if _, literal := n.(*ast.LiteralNode); literal {
		isText = true
	}
	switch kind := dst.Kind(); {
	case kind == reflect.String && isText:
		dst.SetString(text)
	case kind == reflect.String && isScalar:
		d.fault(at, path, "%s: want a text, found %s; put it in quotes: %s", path, nodeName(n), quote(text))
	case kind == reflect.String:
		d.fault(at, path, "%s: want a text, found %s", path, nodeName(n))
	case kind == reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.fault(at, path, "%s: want true or false, found %s", path, nodeName(n))
			return
		}
		dst.SetBool(b.Value)
	case !isScalar:
		d.fault(at, path, "%s: want %s, found %s", path, kindName(dst.Type()), nodeName(n))
	default:
		if err := setText(dst, text); err != nil {
			d.fault(at, path, "%s: want %s, found %s", path, kindName(dst.Type()), quote(text))
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

// fieldsOf maps the yaml names of a struct's fields to their index.
func fieldsOf(t reflect.Type) (fields map[string]int, names []string) {
	fields = map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			fields[name] = i
			names = append(names, name)
		}
	}
	return fields, names
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orFile(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
