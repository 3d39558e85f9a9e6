// Package build is builds and publishes: what triggers a build or a publish, and
// the check slipway/release on every pull request that would.
//
// A trigger file holds one version, on the branch that is released. Whatever
// changes it starts a build, or a publish, as soon as it is merged: a comment or
// a revert too. So the check looks at every pull request that touches one,
// whoever opened it, and says what the merge would start.
//
// The commands propose such pull requests, from the tracking issue of a release.
// Slipway never merges one: the merge is what can't be taken back. A publish that
// was asked for so needs the approval of a second release manager.
//
// trigger.go says what a change of a trigger file comes to: a
// pure function that the check slipway/release and slipway replay triggers
// share, so that what is shown of the past is what the check would have said.
// The check reads both files of the base branch, those that the pull request
// changes, and for a publish whose version isn't in the build's file now, the
// last 40 texts which that has had on the branch. A text at a commit is read
// once.
//
// A publish needs its build: the newest commit that gave the build's file the
// version, and what is reported on it (started.go). Checks that fail by design
// are left out, by the policy's own list for all capabilities.
//
// A version is followed by one comment on the tracking issue, found by its mark
// (versions.go). It is made anew each time of what GitHub shows: the histories
// of the trigger files, whose pull request brought a commit, what is reported
// on it, tags, the release. The events that may change it are named by the
// functions reported and tagged, in the repositories concerned; a status of a commit that no branch
// holds is none of them. While a version is under way it is looked at every ten
// minutes besides.
//
// A workflow is started through the ledger (effect.Dispatch, the only
// effect.NonIdempotent so far), since GitHub doesn't tell whether a dispatch came
// through. The ledger notes that it is begun; a sealed comment on the tracking
// issue, that it is about to be made; the ledger again, that the call goes out
// now; the comment, that it was made. After a crash: with the comment complete,
// or the ledger finished, it is done. Without the comment, or with it and the
// ledger knowing of no call, nothing was sent, and it is sent. In between, or
// with the comment and no memory of it in the database, whether it was sent is
// unknown, and who asked is told to look (reconcile.OutcomeUnknownError). What GitHub surely refused takes
// the comment away again. The comments are also what the commands and the
// following are made of: a lost database starts nothing twice.
//
// The commands propose: effect.Files on a branch named by the version
// (trigger-build-1.31.0-beta.0; a repeated build's also by its call), then
// effect.PullRequest with a sealed record of who asked. Both converge, so a try
// that died is completed by the next, and a call whose pull request is merged
// by then knows it by that record. A publish waits until no blocker of its
// release is open (triggers.blocked); what can't be counted holds it, too, and
// is counted again in five minutes. An issue of the home repository that is
// labelled, closed or given a milestone has the builder's open pull requests
// judged again. A pull request whose file stands on the base already is read
// anew before it is judged: mostly it was merged a moment ago. What the release
// handler has to know of a tracking issue (version, branch, blockers, traps)
// are facts that the checklist owns (internal/facts/owned.go).
//
// How it is laid out:
//
//	settings.go         the policy's section
//	trigger.go          what a trigger file says, and what is to be said of a change of it: pure
//	trap.go             pull requests that must not be merged
//	blockers.go         what holds a publish back
//	history.go          the same over a history of changes, for slipway replay
//	build.go          the gate, the handler, and what it reads beside facts
//	read.go             what is read of a pull request
//	judge.go            what its merge would start
//	spread.go           the keys beside the check's: which event leads to which, and on to others
//	commands.go         /release build, rebuild and publish: what each is decided on
//	second.go           the two release managers behind a publish
//	tags.go             which versions are out, by their tags
//	built.go            whether a version was built, and how that came out
//	dispatch.go         workflows that are started in place of a merge: what is read and kept
//	dispatch_decide.go  which call starts one, without I/O
//	versions.go         the versions of a release, from build to publish: what is read
//	versions_decide.go  how far each has come, without I/O
//	started.go          a build or a publish that was started, and its outcome
//	text.go             how much of a fault is shown
//	text_check.go       the verdict of the check
//	text_ask.go         proposals, and the answers to commands
//	text_dispatch.go    workflows: the notes and the answers
//	text_versions.go    the comment that follows a version
package build
