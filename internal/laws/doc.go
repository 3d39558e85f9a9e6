// Package laws holds what must be so of the whole tree and of no package alone.
// It has tests only, and nothing imports it.
//
//	imports_test.go   which package may import which: the floors
//	manifest_test.go  app.yml asks for what the code needs and no more
//	tables_test.go    the tables in README.md and docs are the code's own
//	source_test.go    doc.go, lengths, names
//	text_test.go      no secrets, nothing of one machine, no dead paths
//	tree_test.go      how the tests read the tree
//
// The tables are written anew by
//
//	go test ./internal/laws -update
package laws
