// Package releasenotes holds changes to bringing a release note: the check
// slipway/release-notes on every open pull request of a governed branch, once the
// policy says where notes stand.
//
// A pull request passes with a valid note file that it adds or changes, with the
// policy's label or a ticked box in its description, because its files need
// none, or, if it is a cherry-pick, because each of its sources passed. A note
// file with errors fails it whatever else there is: it would stand in the way of
// the release. What nobody can tell counts as no.
//
// How it is laid out:
//
//	settings.go      the policy's section
//	releasenotes.go  the gate, the handler, and what it reads beside facts
//	read.go          what is read of a pull request
//	files.go         the note files of a pull request, as they are at its head
//	waiver.go        the label and the description, and who set them
//	source.go        the sources of a cherry-pick
//	judge.go         whether one pull request may merge, and why
//	text.go          the verdict of the check
//	text_help.go     how to write a note, and what lets a change off
//
// The command /release notes proposes the notes of a release in a pull request.
// A sister of its branch holds them as they were generated last, so that what
// people have changed since can be told, and stays:
//
//	commands.go        /release notes
//	refresh.go         the keys that bring them up to date: what moved, and what follows
//	version.go         versions, their order, and the branches named by them
//	edition.go         the notes of a release, and their pull request
//	edition_source.go  what they are read from, in each repository
//	edition_render.go  how they are rendered and laid onto what people have changed
//	edition_report.go  what the report says of merged pull requests
//	edition_plan.go    facts to effects
//	text_release.go    the text of that pull request, and the answers to the command
package releasenotes
