package config

import (
	"fmt"
	"reflect"
)

// Shape is what a value of a file may be, as read off its type. The schema for
// editors and the documentation are made of it, so neither can say anything else
// than what the decoder takes.
type Shape struct {
	Kind  ShapeKind
	Type  reflect.Type // its comment describes it
	Form  *Form        // of a text with rules of its own
	Keys  []Key        // of a group, in the order of its type
	Items *Shape       // of a list or a map
	Names *Form        // of a map's keys, where they have rules
	Short *Shape       // of a group: what it is when it is written as a list, or one entry of it
}

// ShapeKind is one of the few kinds of values that a file has.
type ShapeKind string

// The kinds of values.
const (
	Group   ShapeKind = "group"
	List    ShapeKind = "list"
	Map     ShapeKind = "map"
	Text    ShapeKind = "text"
	Integer ShapeKind = "whole number"
	Number  ShapeKind = "number"
	Boolean ShapeKind = "true or false"
)

// Key is one key of a group.
type Key struct {
	Name     string
	Field    string       // of the Go type In, whose comment describes the key
	In       reflect.Type // not the group's own type where that embeds it
	Required bool
	Min, Max *int64
	Default  any    // as in JSON; nil for none
	Example  string // in YAML, "-" to leave the key out of examples, "" when its type's will do
	Shape    Shape
}

// DescribePolicy describes a whole policy with its sections.
func DescribePolicy(sections ...SectionType) Shape {
	top := shapeOf(withDefaults(reflect.TypeFor[topLevel]()), 0)
	for _, s := range sections {
		top.Keys = append(top.Keys, Key{Name: s.Name, Shape: shapeOf(withDefaults(s.typ), 1)})
	}
	return top
}

// shapeOf describes a value, which holds its type's defaults.
func shapeOf(v reflect.Value, depth int) Shape {
	t := v.Type()
	s := Shape{Type: t}
	if depth > maxDepth {
		panic(fmt.Sprintf("config: %s contains itself, which no policy needs", t)) // seen by the first test that runs
	}
	if form, ok := formOf(t); ok {
		s.Kind, s.Form = Text, &form
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(withDefaults(t.Elem()), depth+1)
	case reflect.Struct:
		s.Kind = Group
		if t == peopleType {
			short := shapeOf(v.FieldByName("Teams"), depth+1)
			s.Short = &short
		}
		for _, f := range fieldsOf(t) {
			s.Keys = append(s.Keys, keyOfField(f, v, depth))
		}
	case reflect.Slice, reflect.Map:
		items := shapeOf(withDefaults(t.Elem()), depth+1)
		s.Kind, s.Items = List, &items
		if t.Kind() == reflect.Map {
			s.Kind = Map
			if form, ok := formOf(t.Key()); ok {
				s.Names = &form
			}
		}
	case reflect.Int, reflect.Int64:
		s.Kind = Integer
		if t == durationType {
			s.Kind, s.Form = Text, &Form{Name: "duration", Want: kindName(t), Pattern: `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`, Examples: []string{"30s", "24h"}}
		}
	case reflect.Float64:
		s.Kind = Number
	case reflect.Bool:
		s.Kind = Boolean
	default:
		s.Kind = Text
	}
	return s
}

func keyOfField(f field, group reflect.Value, depth int) Key {
	in := group.Type()
	if len(f.index) > 1 {
		in = in.FieldByIndex(f.index[:len(f.index)-1]).Type
	}
	k := Key{
		Name:     f.name,
		Field:    f.goField.Name,
		In:       in,
		Required: f.required,
		Min:      f.min,
		Max:      f.max,
		Example:  f.example,
		Shape:    shapeOf(group.FieldByIndex(f.index), depth+1),
	}
	if !f.required {
		k.Default = plain(group.FieldByIndex(f.index))
	}
	return k
}

// plain is a default as in JSON, nil when there is none to speak of.
func plain(v reflect.Value) any {
	switch t := v.Type(); {
	case t.Implements(reflect.TypeFor[fmt.Stringer]()):
		if v.IsZero() {
			return nil
		}
		return v.Interface().(fmt.Stringer).String()
	case t.Kind() == reflect.Bool:
		return v.Bool()
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return v.Int()
	case t.Kind() == reflect.Float64:
		return v.Float()
	case t.Kind() == reflect.String && v.Len() > 0:
		return v.String()
	case t.Kind() == reflect.Slice && v.Len() > 0:
		list := make([]any, v.Len())
		for i := range list {
			if list[i] = plain(v.Index(i)); list[i] == nil { // a group, as which nobody would write it
				return nil
			}
		}
		return list
	}
	return nil
}
