// Package config reads the two files that people write for Slipway.
//
// The settings (settings.go) belong to whoever runs Slipway: where it listens,
// which App it is, where its database stands. Every key is also an environment
// variable, and every secret can come from a file. The keys, their variables,
// their defaults and their documentation are all read off the Settings type, so
// that there is no second list to keep.
//
// The policy (policy.go) belongs to a repository: which branches are governed
// and by whom. What one capability needs of it is a section that the capability
// declares with its own type; Declare and Section connect the two.
//
// Sections are made of the scalars of this package (scalar.go): time zones,
// instants, durations, teams, patterns, labels. DescribePolicy (describe.go) tells
// what a policy may hold as values, of which the schema for editors and the pages
// below docs/policy are made; KindOf, CheckPolicy and CheckSettings look at a file
// by itself, offline. A file of a policy may instead refer to another repository's
// (reference.go). While the newest text of a policy has faults, the last good one
// stays in force (lastgood.go).
//
// Both are strict: an unknown key or a wrong type is a fault, and all faults
// are told at once, with line and column, what was wanted and what was meant.
// The YAML library stays inside this package, and is never let near a text that
// its cost could run away on (yaml.go).
package config
