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
//
// Our texts begin with an HTML comment, <!-- slipway:freeze release-1.30 … -->.
// It is believed only in an issue or comment whose author is our App, by
// numeric id. But anyone with write access can edit our text; so the freeze
// record in the mark is sealed: an HMAC over kind, id, record and place (the
// repository's numeric id and the number), with a key from seal.secret
// or else from the App's private key. Records count their versions, so that an
// older one put back by hand is known. What Slipway sealed last is remembered:
// an edit by hand is undone with a comment, and never in force. If that is no
// longer remembered (the database is new) a record that doesn't verify holds
// back every governed branch until a release manager says freeze or thaw anew.
// An issue takes two writes, since the seal needs its number; a crash between
// them leaves a record that is bound to no number yet, which is believed only
// in an issue as new as itself, and bound by the next try.
package effect
