// Package policy is the check slipway/policy: on a pull request that changes its
// repository's policy file, what is wrong with the new text, and what it would
// change for the open pull requests.
//
// The check tells; it grants and holds nothing itself. What is in force is the
// file on the default branch alone, and while that has faults the last good one
// (config/lastgood.go).
//
// It looks at the pull requests against the default branch of a repository that
// has the policy file by which it is governed, whether the policy itself stands
// there or is referred to. In all other repositories a pull request from a branch costs
// nothing, since a first policy of their own is found by the push of that branch: the
// check is then put on the branch's newest commit, and so on whichever pull
// request has it. Of one from a fork the files are read, since nobody tells us of pushes
// there. Not seen are later commits on such a branch that
// leave the file alone. `slipway validate` finds the same faults by hand. What a
// policy refers to is no policy file in its own repository: pull requests that
// change it get no check there.
//
// How it is laid out, in the order in which things happen:
//
//	policy.go       the handler, and what it reads through
//	keys.go         the kinds of key, and which an event may change
//	observe.go      what is read for a key: the file at the commit, the policy it makes
//	teams.go        whether the teams that it names exist
//	change.go       what it would change: governed pull requests, verdicts of gates
//	decide.go       facts to plan, without I/O
//	text.go         the verdict, with its faults
//	text_change.go  what a change of the policy would change
package policy
