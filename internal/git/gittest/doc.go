// Package gittest serves real git repositories over HTTP, by git's own
// http-backend, as GitHub serves them: objects by id, filtered. Tests of the
// git engine and its measurements use it; it counts what it is asked and what
// it sends.
package gittest
