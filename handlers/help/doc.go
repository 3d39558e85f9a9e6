// Package help answers `/release help`: which commands there are, and which of
// them the person who asks may use here. It has no keys; the list is made from
// the commands themselves.
package help
