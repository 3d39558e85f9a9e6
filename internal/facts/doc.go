// Package facts is what decisions rest on. A fact is one thing that is read: it
// says what it is called, how it is read, which other facts it is made of, how fresh
// it has to be, and which events make it stale. From that alone follow the keys of every event, what
// a resync lists, and who has to look again when something changes that belongs to
// another pull request.
//
// A fact is read by a Look: one instant, one policy, and each fact at most once.
// A Look refuses a fact that its reader didn't declare, so nobody can rest on what
// doesn't wake them.
//
// A fact also says what it means for a check that it isn't known; an error is
// never an answer. Facts without events of their own (freezes, the dates of
// releases) are told by their owner, who names the keys to look at and paces them.
//
//	fact.go     Fact, Need, On: what a fact is
//	look.go     Look: one instant, one policy, each fact at most once
//	sources.go  Sources: where facts are read from
//	pull.go     a pull request, field by field, and who else has its head
//	label.go    who set a label
//	pushed.go   by whose moves a pull request came to its head
//	proposal.go what Slipway proposes for somebody, as long as it is exactly that
//	words.go    what people name on a pick of ours, and whose word counts
//	files.go    which files a pull request changes
//	policy.go   the policy in force, and its sections
//	calendar.go calendars at addresses
//	review.go   reviews, and what their word depends on
//	reach.go    which other repository a policy and a person may reach, and who may see it
//	people.go   teams, code owners, who may push
//	builds.go   what is reported on a commit
//	moves.go    who moved branches
//	origin.go   issues, commits, and where changes come from
//	undone.go   what a pull request takes back exactly
//	unknown.go  what follows where a fact isn't known
//	rules.go    what a branch asks of a merge
//	record.go   what we write on GitHub to read back
//	stands.go   what a proven cherry-pick stands for
//	blockers.go what holds a release back, and how far picks have come
//	owned.go    what one capability knows and others rest on
package facts
