// Package freeze is the code freeze: the check slipway/freeze on every open
// pull request of a governed branch, and the commands that freeze and thaw.
//
// A freeze is an open issue of ours, labelled by the policy (code-freeze), with
// a sealed record in its body. Nothing else remembers it: what the commands do
// is open and close that issue, and what the gate does is read it.
//
// How it is laid out, in the order in which things happen:
//
//	freeze.go    the handler: its events, and the keys that an event may change
//	observe.go   what is read for a key: policy, pull request, freezes
//	record.go    the freeze issue: what is written into it and read back
//	decide.go    facts to plan, without I/O
//	commands.go  /release freeze and /release thaw: the same three steps
//	text.go      every text that people read
package freeze
