// Package releasebranch is the gate of release branches: the check
// slipway/release-branch on every pull request against one. It proves from
// content whether the pull request is a faithful cherry-pick of something merged
// on the source branch, and asks for exactly the approvals that this leaves open.
//
// What a pull request says of itself (its title, numbers in its text, the name
// of its branch) only names candidates. The proof is a replay in git (facts.History): the
// same tree, the same patch, or a difference that is shown and counted. What is
// faithful rests on the approvals of its source; what differs needs the subject-
// matter experts (SMEs) of the areas where it differs; what was made by hand
// falls under the policy's rule.
//
// An approval is bound to content. It holds for an area until a push changes
// files of that area; a merge of the branch that changed nothing itself, and the
// commits of accounts that the policy ignores, revoke none.
//
// It fails closed: what can't be found out (a team that isn't there, a line of
// CODEOWNERS without an owner, a look-up that failed, more than GitHub shows) is
// named in the check, and nothing passes on its account.
//
// How it is laid out:
//
//	settings.go       the policy's section
//	releasebranch.go  the gate: the facts that it needs; what is read beside facts
//	read.go           what is read about one pull request
//	sources.go        what a pull request says it comes from, looked up
//	people.go         who may approve: teams, code owners, who may push
//	owners.go         which areas files belong to, and who owns them
//	phase.go          the phases of a branch, and their rules
//	approve.go        which approvals count for an area
//	assess.go         facts to rows: each rule, whether it is met, by whom
//	need.go           the approvals that the verdict on the origin leaves open
//	judge.go          rows to a verdict
//	override.go       /release override, and its record
//	approvers.go      who has to approve what Slipway itself proposes
//	ask.go            what a change would be asked, without its people
//	text_check.go     the text of the check around its table
//	text_rows.go      the rows of that table
//	text_override.go  overrides: the comment and the answers
package releasebranch
