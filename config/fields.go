package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// field is one key that a struct of a policy may have. The decoder, the schema
// and the documentation all read it off the struct's field:
//
//	yaml:"name"      the key; a field without one is none of the file's business
//	yaml:",inline"   of an embedded struct: its keys are keys of this struct
//	required:"yes"   has to be there, and not be empty
//	min, max         of a number; of a list, a group or a text: of its length
//	want:"..."       completes "want ...", where the type's own isn't enough
//	example:"..."    a value in YAML, for the documentation
type field struct {
	name     string
	index    []int
	goField  reflect.StructField
	required bool
	min, max *int64
	want     string
	example  string
}

// fieldsOf lists the fields of a struct, those of embedded ones in their place.
func fieldsOf(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" && f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				list = append(list, inner)
			}
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		list = append(list, field{
			name:     name,
			index:    []int{i},
			goField:  f,
			required: f.Tag.Get("required") != "",
			min:      number(f.Tag.Get("min")),
			max:      number(f.Tag.Get("max")),
			want:     f.Tag.Get("want"),
			example:  f.Tag.Get("example"),
		})
	}
	return list
}

// number reads a tag; one that is no number is ignored here and fails the law
// over the schema.
func number(tag string) *int64 {
	n, err := strconv.ParseInt(tag, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// wanted completes "want ..." for a value of the field.
func (f field) wanted() string {
	if f.want != "" {
		return f.want
	}
	return wantOf(f.goField.Type)
}

// wantOf completes "want ..." for a value of a type.
func wantOf(t reflect.Type) string {
	if form, ok := formOf(t); ok {
		return form.Want
	}
	switch t.Kind() {
	case reflect.Pointer:
		return wantOf(t.Elem())
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a group of keys"
	case reflect.Bool:
		return "true or false"
	}
	return kindName(t)
}

// formOf is the form of a scalar type or of a choice.
func formOf(t reflect.Type) (Form, bool) {
	switch v := reflect.New(t).Interface().(type) {
	case Scalar:
		return v.Form(), true
	case Choice:
		return Form{Name: "word", Want: oneOf(v.Values()), Values: v.Values(), Examples: v.Values()}, true
	}
	return Form{}, false
}

// bounds says what is wrong with a value's size; "" when nothing is.
func (f field) bounds(v reflect.Value) *Wrong {
	var n int64
	what, unit := "", ""
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		n, what = v.Int(), fmt.Sprintf("is %d", v.Int())
	case reflect.Slice, reflect.Map:
		n, unit = int64(v.Len()), " entries"
	case reflect.String:
		n, unit = int64(len([]rune(v.String()))), " characters"
	default:
		return nil
	}
	if unit != "" {
		what = fmt.Sprintf("has %d%s", n, unit)
	}
	switch {
	case f.min != nil && n < *f.min:
		return &Wrong{What: what, Want: fmt.Sprintf("at least %d%s", *f.min, unit)}
	case f.max != nil && n > *f.max:
		return &Wrong{What: what, Want: fmt.Sprintf("at most %d%s", *f.max, unit)}
	}
	return nil
}

// isEmpty reports whether a value is as good as none.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	}
	return false
}

// withDefaults makes a value of a type that a file is to be read into.
func withDefaults(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	if s, ok := v.Interface().(interface{ SetDefaults() }); ok {
		s.SetDefaults()
	}
	return v.Elem()
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
