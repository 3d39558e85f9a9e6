// Package effect describes outward changes as data. A handler's Decide returns
// effects; an Applier carries them out (package ghclient). The set is closed:
// Effect is sealed.
//
// Nearly all effects converge: the Applier reads what is there, compares and
// writes only a difference, so that carrying one out twice is carrying it out
// once. An effect that cannot converge implements Once and goes through the
// ledger.
//
// The package also owns how Slipway marks its own text: Mark names a text,
// Sealer signs a record inside it, ReadIssue says which record of an issue can be
// believed, and the functions in text.go make what a person wrote inert before it
// is shown again.
package effect
