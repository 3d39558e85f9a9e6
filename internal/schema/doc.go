// Package schema turns what config says about the files that people write into
// what people and their editors read: a JSON Schema and a page of documentation.
// It is for tests: internal/laws compares its results with the files in the tree
// and writes them anew.
//
//	comments.go    the meaning of a key: the comment of its field in the source
//	jsonschema.go  the schema of a policy: config/slipway.schema.json
//	settings.go    the schema of settings: config/settings.schema.json
//	examples.go    a policy with every key
//	page.go        docs/policy.md
package schema
