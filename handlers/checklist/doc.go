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
// How it is laid out:
//
//	settings.go       the policy's section: schedules, steps, probes
//	checklist.go      the handler, and what it reads
//	kinds.go          its kinds of key, and what each begins with
//	keys.go           which keys an event leads to
//	due.go            at most one look a minute
//	observe.go        a look at a tracking issue: what is read
//	refresh.go        and what becomes of it
//	record.go         what is sealed in the issue
//	parts.go          a record as parts of the issue, and back
//	count.go          open pull requests, picks, blockers, by repository
//	health.go         the traffic light
//	waits.go          what an open pull request waits for, by what is remembered
//	waits_changed.go  whether it waits for anything else, after a check or a review
//	edit.go           an edit by hand: what becomes of it
//	edit_parts.go     which parts it touched, in a key
//	edit_lost.go      what people wrote while we did, and how it comes back
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
//	text_reply.go     the answers to commands
//	text_action.go    what running a step would do, and did
//	text_edit.go      what is said about an edit by hand
package checklist
