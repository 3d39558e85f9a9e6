package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Doc is the documentation of one settings key.
type Doc struct {
	Key      string // "github.app.webhook_secret"
	Env      string // "SLIPWAY_GITHUB_APP_WEBHOOK_SECRET"
	Secret   bool   // never shown; also from a file: KEY_file, ENV_FILE
	Required bool
	Default  string
	Kind     ShapeKind // Text or Integer
	Want     string    // what a value is to be
	Doc      string
}

// Keys documents every settings key, in the order of the Settings type.
func Keys() []Doc {
	var docs []Doc
	for _, l := range leavesOf(&Settings{}) {
		docs = append(docs, l.Doc)
	}
	return docs
}

// leaf is one key with the field that holds its value.
type leaf struct {
	Doc
	url   bool // a secret of which scheme, host and path may be shown
	value reflect.Value
}

// leavesOf walks a Settings; its fields are the only list of keys there is.
func leavesOf(s *Settings) []leaf {
	return appendLeaves(nil, reflect.ValueOf(s).Elem(), "")
}

func appendLeaves(list []leaf, v reflect.Value, path string) []leaf {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		key := join(path, name)
		if field.Type.Kind() == reflect.Struct {
			list = appendLeaves(list, v.Field(i), key)
			continue
		}
		tag := field.Tag
		if foreign, ok := foreignKeys[key]; ok {
			tag = reflect.StructTag(foreign)
		}
		list = append(list, leaf{
			Doc: Doc{
				Key:      key,
				Env:      envName(key),
				Secret:   tag.Get("secret") != "",
				Required: tag.Get("required") != "",
				Default:  tag.Get("default"),
				Kind:     shapeOf(v.Field(i), 0).Kind,
				Want:     tag.Get("want"),
				Doc:      tag.Get("doc"),
			},
			url:   tag.Get("secret") == "url",
			value: v.Field(i),
		})
	}
	return list
}

func envName(key string) string {
	return "SLIPWAY_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// text is the value as it would be written.
func (l leaf) text() string { return fmt.Sprint(l.value.Interface()) }
