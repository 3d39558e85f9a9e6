// Package help answers `/release help`: which commands there are, and which of
// them the person who asks may use here. It is also the one place that says which
// teams of release managers are missing, for all branches when asked on an issue: the
// look-ups that tell who may do what find that by the way. It has no keys; the list is
// made from the commands themselves.
package help
