// Package schema turns what config says about the files that people write into
// what people and their editors read: a JSON Schema and pages of documentation.
// It is for tests: internal/laws compares its results with the files in the tree
// and writes them anew.
//
//	comments.go    the meaning of a key: the comment of its field in the source
//	jsonschema.go  the schema of a policy: config/slipway.schema.json
//	settings.go    the schema of settings: config/settings.schema.json
//	examples.go    a policy with every key
//	worked.go      the example that people write beside a section, and its mistakes
//	page.go        docs/policy/SECTION.md: the example, and every key
//	index.go       docs/policy.md: the sections, the keys at the top, the kinds of values
package schema
