package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
)

// Settings is the JSON Schema of a settings file. Nothing is required in it,
// since all can come from the environment.
func Settings(keys []config.Doc) ([]byte, error) {
	root := &node{Schema: draft7, Title: "Slipway's settings", Type: "object", More: false,
		Description: "Settings of a deployment. Every key can be given in the environment instead, which wins."}
	for _, k := range keys {
		// Any single value does for a text; the file's reader takes it as written.
		n := &node{Type: []string{"string", "number", "boolean"}, Description: k.Doc + " Want " + k.Want + ". Variable: " + k.Env + "."}
		if k.Default != "" {
			n.Default = k.Default
		}
		if k.Kind == config.Integer {
			n.Type = "integer"
			if v, err := strconv.Atoi(k.Default); err == nil {
				n.Default = v
			}
		}
		place(root, k.Key, n)
		if k.Secret {
			place(root, k.Key+"_file", &node{Type: "string", Description: "The path of a file that holds " + k.Key + ", instead of the value itself."})
		}
	}
	return printed(root)
}

// place puts a key's schema into the groups that its name goes through.
func place(group *node, key string, n *node) {
	name, rest, deeper := strings.Cut(key, ".")
	if !deeper {
		group.Properties = append(group.Properties, property{name, n})
		return
	}
	at := slices.IndexFunc(group.Properties, func(p property) bool { return p.name == name })
	if at < 0 {
		at = len(group.Properties)
		group.Properties = append(group.Properties, property{name, &node{Type: "object", More: false}})
	}
	place(group.Properties[at].schema, rest, n)
}
