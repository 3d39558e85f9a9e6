// Package releasenotes holds changes to bringing a release note: the check
// slipway/release-notes on every open pull request of a governed branch, once the
// policy says where notes stand.
//
// A pull request passes with a valid note file that it adds or changes, with the
// policy's label or a ticked box in its description, because its files need
// none, or, if it is a cherry-pick, because each of its sources passed. A note
// file with errors fails it whatever else there is: it would stand in the way of
// the release. What is unknown counts as no.
//
// What it rests on:
//
//   - The check reads the list of files once for each head, and the note files
//     at the head by their entries in the tree: GitHub follows a link where it
//     shows a file by its path, and what makes the notes of a release doesn't,
//     so a link is a finding. notes.Holds says everywhere which paths are
//     notes. What stands in a note that is only renamed was there before: it is
//     told and holds nothing back. A pull request that is renamed, re-described
//     or re-labelled is judged anew; a group of a merge queue is judged by each
//     of its pull requests.
//   - A cherry-pick is told by what its texts name, as the gate of release
//     branches reads them (provenance.Mentions), from the branch that the
//     gate's section names. A source counts if it changed files that the pull
//     request changes, and all of them are covered by such sources. Sources are
//     read only where nothing else lets it through. A label that is set on one
//     later wakes the pick.
//   - Switched off in the policy, what was reported on open pull requests
//     becomes neutral. A policy that several repositories share changes by a
//     resync, so each resync looks; that there is no check on a commit is
//     remembered like one that there is.
//   - The notes of a release come from the repository that is asked and from
//     those that releasenotes.release.repositories names, of the same owner,
//     each from the folder that its own policy names: one that hasn't said so
//     itself is not read. What keeps another out is said by name. Where another
//     repository holds the pull request, branch and mark name the one that the
//     notes are of.
//   - Three-way: release-notes-V-generated holds what was generated last, and
//     is the base of the merge of what is generated now with what stands on
//     release-notes-V. The work branch is written first: after a crash in
//     between, both sides have the same change, which merges to itself. A base
//     that somebody deletes makes every difference a person's. A file that is
//     on the first and not on the second was deleted by a person and stays out.
//   - The changes of a release are counted by the graph: what the later end has and the
//     earlier lacks, by first parents, what was pushed without a pull request among
//     them. Days tell nothing: a tag may stand aside of its branch. The files of 200 are
//     looked at, those without the label first, and the report says so if there are more.
//     Whether a change stands is judged by provenance.Fates, as for slipway notes.
//   - The notes of a minor release begin at the minor before, from whose branch the
//     source branch had parted when its last patch was made. A file that only has another
//     name since is no note of the range; one with another content is listed apart.
//   - Where notes come from and go to, only more private may be the one that gets them, by what
//     GitHub says at that moment.
//   - effect.Files writes a branch only from where the decision saw it, never
//     one that is merged into.
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
//	edition_private.go what keeps the notes of a repository out of a less private one
//	edition_source.go  what they are read from, in each repository
//	edition_render.go  how they are rendered and laid onto what people have changed
//	edition_notes.go   the note files that are new or changed
//	edition_landed.go  the changes of the range, by the graph
//	edition_report.go  what the report says of these
//	edition_skipped.go versions that somebody may miss
//	edition_plan.go    facts to effects
//	text_release.go    the text of that pull request, and the answers to the command
package releasenotes
