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
// What it rests on:
//
//   - Texts only name candidates. Numbers, commits and the head branch's name
//     are looked up on GitHub, at most twelve; an issue about a failed pick
//     leads on to what it names. A number in the message of a commit on the
//     source branch is not believed either: GitHub is asked whose merge that
//     commit was. git then says what the change comes to (above).
//   - What we wrote claims nothing: not the texts and commits of a pick of ours, nor what an
//     issue of ours lists. There, people claim who may ask for picks (facts.Words): in a
//     comment as they wrote it, or in the message of a commit that they pushed. Nor is
//     anything looked for there that nobody named.
//   - Areas are made of the changed paths, both names of a renamed file: by the
//     policy, else by the last line of the source branch's CODEOWNERS that
//     fits. One group of owners is one area. Tests, release notes and generated
//     files need no expert; what is generated, .gitattributes of the merge base
//     says, which the pull request can't change.
//   - An approval is for content. Of each commit at which somebody approved,
//     git says what has moved since (provenance.Moved): per path, the same
//     patch with the lines around it, or nothing of the pull request's own in
//     between. An area's approval holds unless one of its paths moved. Who
//     opened the pull request, is an author or committer of its commits, pushed to it
//     (also what was rewritten since) or asked for the pick can't approve, and neither
//     can who made its source; merges that GitHub itself made to update the branch
//     count against nobody. What was approved while the pull request was against
//     another base counts no more. All of this holds for a source alike (submission):
//     what is approved there by who made the pick, or asked for it, counts only if
//     that was before it was merged.
//   - Who pushed is told by payloads, or else by GitHub's list of a branch's moves,
//     which is read only where an approval may count. Where neither tells all of it,
//     whoever approves may have pushed: one approval more is asked for.
//   - An objection of an expert or a release manager holds until they, or a
//     release manager, lift it, also one to a source, which holds the pick. GitHub lets everybody dismiss a review who may
//     push; who did stands in the pull request's events.
//   - Who is entitled is read from teams' lists of members, with the accounts'
//     numeric ids, and for release managers by the same look-up as for
//     commands. What fails to be read becomes a row of the check and holds it
//     back, and is looked at again in five minutes.
//   - An override is a sealed part of a comment of ours, bound to repository,
//     number and commit. Edited or copied, it grants nothing. Its versions are
//     counted and the newest is remembered, so that one which was revoked can't
//     be put back; a part that was altered is written anew as void. Without the
//     database, an older text that is put back before the next look is not
//     known for one.
//   - A rule is a row (assess.go): what it is, how it stands, who met it or who
//     can, and the next step. The check's text and slipway plan are rendered
//     from the rows; slipway replay branch uses the same decision without the
//     people (Asks).
//
// How it is laid out:
//
//	settings.go       the policy's section
//	releasebranch.go  the gate: the facts that it needs; what is read beside facts
//	read.go           what is read about one pull request
//	read_source.go    a source branch that isn't there
//	sources.go        what a pull request says it comes from, looked up
//	elsewhere.go      sources that are on another release branch alone
//	stands.go         what a faithful pick stands for, for all checks
//	people.go         who may approve: teams, code owners, who may push
//	owners.go         which areas files belong to, and who owns them
//	owners_file.go    the lines of a CODEOWNERS file, and their patterns
//	phase.go          the phases of a branch, and their rules
//	submission.go     who made a pull request, and whose word about it counts
//	approve.go        which approvals count for an area, here and on the sources
//	assess.go         facts to rows: each rule, whether it is met, by whom
//	need.go           the approvals that the verdict on the origin leaves open
//	judge.go          rows to a verdict
//	faithful.go       what the check last said, for whoever merges picks
//	override.go       /release override, and its record
//	approvers.go      who has to approve what Slipway itself proposes
//	ask.go            what a change would be asked, without its people
//	text_check.go     the text of the check around its table
//	text_rows.go      the rows of that table
//	text_words.go     who named what a pick of ours holds, too, and why a word doesn't count
//	text_approvals.go its rows about approvals
//	text_override.go  overrides: the comment and the answers
package releasebranch
