// Package noterange reads from git what the notes of a release are made of: the
// note files that changed between two revisions, as they are at the later one,
// and the changes of the range beside them. Nothing is checked out.
package noterange
