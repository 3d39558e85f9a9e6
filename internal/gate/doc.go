// Package gate is what all checks on pull requests share. A gate is the facts that
// it needs and a pure judgement of them; all else is derived here, once: the keys
// of every event, the resync's list, pull requests that share a head, merge queues,
// runs that are asked for again, a base that moved, a policy that can't be read, one
// that no longer asks for the check, facts that aren't known, and what another policy would change.
//
// One job judges a pull request for all gates: its key is "gate REPO pr/N". The
// keys of a single gate ("freeze REPO pr/N") are for what concerns that gate alone.
//
//	gate.go    Gate, Verdict, Texts: what a gate is
//	id.go      the ids of keys, and which keys an event leads to
//	look.go    reads and judges what a key names
//	decide.go  what is found becomes a plan
//	group.go   merge queues
//	set.go     all gates as one capability, each by itself, and the preview
//	proposal.go what Slipway itself proposes, past all gates that hold it back
//	report.go  gates that only report
//	rules.go   which checks GitHub requires where nobody judges
//	unclear.go why who set a label is unknown, and when to look again
package gate
