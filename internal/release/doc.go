// Package release holds the nouns of a release: the branch it is cut on and
// the version that branch names. It is on the lowest floor: plain values,
// no I/O, the standard library alone.
package release
