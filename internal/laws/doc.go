// Package laws holds what must be so of the whole tree and of no package alone.
// It has tests only, and nothing imports it.
//
//	tree_test.go      how the tests read the tree
//	imports_test.go   which package may import which: the floors
//	manifest_test.go  app.yml asks for what the code needs and no more
//	tables_test.go    the tables in docs are the code's own
//	schema_test.go    the schemas and the pages of the policy are, too, and agree with config
//	pages_test.go     docs/commands.md and docs/settings.md are, too
//	links_test.go     links lead, names that documents use are declared, first pages are short
//	excerpt_test.go   what documents show of other files stands there
//	source_test.go    doc.go and its list of files, lengths, names
//	text_test.go      no secrets, nothing of one machine, no dead paths
//	clock_test.go     who may ask the machine what time it is
//	memory_test.go    what is remembered of GitHub and of git, and who forgets it
//	start_test.go     what a start of the program may not pay for
//	race_test.go      which tests the race detector watches
//
// The tables are written anew by
//
//	go test ./internal/laws -update
package laws
