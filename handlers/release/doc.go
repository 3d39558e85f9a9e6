// Package release is the release itself: what triggers a build or a publish, and
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
// How it is laid out:
//
//	settings.go         the policy's section
//	trigger.go          what a trigger file says, and what is to be said of a change of it: pure
//	trap.go             pull requests that must not be merged
//	blockers.go         what holds a publish back
//	history.go          the same over a history of changes, for slipway backtest
//	release.go          the gate, the handler, and what it reads beside facts
//	read.go             what is read of a pull request
//	judge.go            what its merge would start
//	spread.go           the keys beside the check's: which event leads to which, and on to others
//	commands.go         /release build, rebuild and publish: what each is decided on
//	second.go           the second release manager of a publish
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
package release
