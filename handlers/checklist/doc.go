// Package checklist is the tracking issue of a release: its dates, how it stands,
// and a checklist whose steps tick themselves when there is evidence.
//
// The issue is the release: a record sealed in its first line says what was
// decided, and nothing else remembers it. People write in the same issue, so
// only its parts are ours (effect.SharedIssue): the tables of dates and of the
// status, and the lines of the steps. Whatever else stands there is never touched.
//
// Who may say what: release managers everything; a step's owners that step. A
// tick by hand is as good as a command, but GitHub's REST API doesn't say who made
// it. The signed webhook does; so the key of such an edit names who, what and
// when, and it is worked like the text of a command, with one answer. A tick that no
// webhook told of is taken back after a while.
//
// What it rests on:
//
//   - effect.SharedIssue carries the record and the parts: blocks between two
//     marks, and the lines of steps, each with a mark of its own. Apply lays
//     them into what the issue says when the write's turn has come, reads it
//     again afterwards and repairs what somebody wrote meanwhile. A newer
//     record than the decision saw, or another one of that version, has the
//     decision made again: ten times at once, then like any failure, since the
//     other commands of the repository wait. An older one is somebody's edit
//     and is written over. The record is found, and taken out, wherever people
//     have moved it, but for code.
//   - What people make of the text is read with care
//     (internal/effect/shared_text.go): of several lines with one mark the
//     likeliest is the step, the others lose their marks, and no tick is taken
//     from a mark that stood twice, or has no box. A mark in code counts only
//     if there is no other, so that a fence without an end deletes nothing.
//     Words behind a mark stay, and words that somebody wrote into a step's
//     text are moved there. A text in which nothing of ours is left is made of
//     what it said before (Intact), with the new words below. A fuzz test holds
//     that laying never panics, and that laying again changes nothing.
//   - Who ticked a box GitHub's REST API doesn't say; the signed webhook of the
//     edit does. So the key of an edit by hand lists what was touched, when and
//     by whom (hand/7/tick:docs,day:code-freeze:2026-08-19/SECONDS/ID/LOGIN),
//     and is worked like the text of a command, also if the tick itself was
//     lost to a write at the same moment. An edit has one key and one comment,
//     which says what was refused, what was dropped and how to get it back, and
//     what was put back because Slipway writes it. Of the dates only the rows
//     that the edit changed are taken over, unless somebody has set that day
//     since. More than three steps deleted at once are put back. A change that
//     no webhook told of is left alone for ten minutes and then put back (the
//     table is lineAgrees in parts.go).
//   - An edit is compared with the revision that its writer had read, known by the
//     record in the saved text, and not with what it replaced (edit_saved.go). What was
//     ticked then the record says; the rest is compared with the text of that revision,
//     which is remembered, or in GitHub's list of the edits. Where nobody knows
//     it any more, or the record is gone, ticks count, and nothing is undone.
//   - What people save between our read and our write is gone from the text,
//     and no API has it; but the webhook of our own write says what it
//     replaced. So a key carries the lost lines (lost/7/…, packed, at most
//     1,600 characters each), and they are put back below what stands in their
//     place. We only ever add lines so: were lines replaced, that write would
//     look like a loss itself. Lines whose place is gone, or that are too long
//     for a key, are shown in a comment.
//   - Where there is no room in an issue's 65,536 characters our parts give
//     way: the status first, then the reasons and evidence in the steps' lines,
//     then the reasons and remembered answers in the record. If people's own
//     text is still too long, the answer says by how much.
//   - The look at all of it (tracker/N) counts in each repository, looks for
//     evidence and writes one issue. What can't be read is unknown; only a
//     limit ends the look. It takes at most 40 requests for a release of ten
//     repositories, because it believes some of the evidence that is there
//     already for up to a day, and leaves files that nobody has read at a
//     commit to the next look (probe_budget.go). It comes with events that may
//     change a count (through the key nudge of the repository), with the next
//     day, and with the resync.
//   - At most one look a minute (checklist.look_every) comes of events: what
//     they lead to names tracker/N if the last one is long enough ago, and else
//     soon/N, which asks to be woken when the next may come. The look follows
//     the event in any case, so none is lost. Commands and ticks by hand name
//     tracker/N themselves.
//   - What a pull request waits for is told from what is remembered, without a
//     request: our checks on its head as we wrote them, its reviews and whether
//     it could be merged as they were last read, its labels. A head that no
//     check of ours is remembered for is unknown. When a check was written, or
//     found where nobody remembered it, the checklist is told
//     (reconcile.AppliedObserver): GitHub sends no event for a check that was done
//     before. A review is read once for its own event.
//   - A check on a new head, or a review leads to a look only if the tracking
//     issue doesn't show already what that one pull request waits for (check/N,
//     review/N/BRANCH), or if a look may be under way: a push mostly changes
//     nothing of it, and costs one job without a request.
//   - An action is carried out repository by repository
//     (command.Outcome.PerRepo): what one refuses is told in the answer, and the
//     others have theirs. What it wrote before, and the pull requests that are
//     open for it, are left as they are. Each repository is asked whether the home's
//     policy may reach it, and who asks may act there.
//   - A blocker leaves by being closed with its fix on the release's branch, or by a
//     release manager's word: their own hand on its label or milestone, or
//     /release unblock. The record remembers which blockers were seen; who
//     took one off GitHub's events of the issue say. So lost webhooks and a lost
//     database lose only what was put on and taken off again between two looks.
//   - A trap of a step is set once the step that it names in after is settled,
//     and until the one in until is. handlers/build asks the checklist for
//     the traps of a branch; an edit of the tracking issue that changes its
//     record has the branch looked at again.
//
// The dates are others' facts, too. checklist tells the freeze and the gate a
// release.Calendar (the fact facts.Dates): the releases that a repository is
// part of, those closed in the last 400 days among them. Repository and home
// have to agree, as for everything that goes from one repository to another
// (facts.Reach, docs/trust.md): the repository's policy names the home, and the home's
// policy lists the repository; what the dates mean is the home's policy's to say. It
// is made of the list of our issues, which is remembered, so a pull request
// costs no request for it.
//
//   - The phase of a branch is that of its minor release, and released once the
//     release is tagged or that issue is closed: its day alone opens nothing; a
//     patch release changes none. Without such an issue the policy's phases and
//     undated count. Days begin at midnight in the zone of the home's policy.
//   - That dates have moved is passed on like an edge of a freeze. The record
//     has the digest of what was told last. moved/N names what follows
//     (freeze.Follow) in each repository of the release, and then
//     told/N/DIGEST, which notes it; a crash before that begins again. A
//     command and an edit by hand name moved/N themselves; anything else (a
//     candidate's tag, an issue that was closed) the look at the whole issue
//     finds. A day that comes is nobody's event: gates and freezes wake up at
//     their next edge.
//   - Unclear is a fact: the list can't be read, or an open issue of ours in
//     the home has a record that doesn't verify and that nobody remembers, and
//     may be a tracking issue.
//
// How it is laid out:
//
//	settings.go       the policy's section: schedules, steps, probes
//	names.go          the placeholders of its names
//	checklist.go      the handler, and what it reads
//	kinds.go          its kinds of key, and what each begins with
//	keys.go           which keys an event leads to
//	due.go            at most one look a minute
//	observe.go        a look at a tracking issue: what is read
//	refresh.go        and what becomes of it
//	record.go         what is sealed in the issue
//	parts.go          a record as parts of the issue, and back
//	count.go          open pull requests, picks, blockers, by repository
//	blockers.go       what holds the release back, also what was taken off
//	blockers_fixed.go what is closed, and its fix isn't on the release's branch yet
//	unblock.go        /release unblock, and block
//	health.go         the traffic light
//	waits.go          what an open pull request waits for, by what is remembered
//	pushed.go         direct pushes to its branches
//	waits_changed.go  whether it waits for anything else, after a check or a review
//	edit.go           an edit by hand: what becomes of it
//	edit_parts.go     which parts it touched, in a key
//	edit_saved.go     what an edit is compared with: the revision that was read
//	edit_since.go     words that are newer than an old text, and how they come back
//	edit_restore.go      what people wrote while we did, and how it comes back
//	orphans.go        lines of steps that the policy has no more
//	followed.go       an older tracking issue of two
//	standing.go       who may edit what
//	probe.go          looking for evidence: branches, tags, labels, files and the like
//	probe_release.go  releases on GitHub with their files; what checks say
//	probe_checks.go   status checks of a branch that have succeeded
//	probe_merged.go   merged pull requests that name a step, and on whose word they count
//	probe_budget.go   what of it a look may believe, or leave to the next
//	trap.go           traps of steps, which the check slipway/release refuses
//	commands.go       the commands, and what they have in common
//	action.go         /release step NAME run
//	change.go         what each command changes
//	schedule.go       the dates, for other capabilities
//	tracking.go       what else they are told of releases
//	text.go           the tracking issue: its dates, its steps
//	text_status.go    its status
//	text_blockers.go  and what it says of blockers
//	text_reply.go     the answers to commands
//	text_action.go    what running a step would do, and did
//	text_edit.go      what is said about an edit by hand
package checklist
