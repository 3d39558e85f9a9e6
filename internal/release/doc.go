// Package release holds the nouns of a release: the branch it is cut on, the
// version that branch names, and the times and durations that people write for
// its schedule (instant.go, duration.go). It is on the lowest floor: plain
// values, no I/O, the standard library alone.
package release
