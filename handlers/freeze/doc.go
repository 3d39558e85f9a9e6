// Package freeze is the code freeze: the check slipway/freeze on every open
// pull request of a governed branch, the commands that freeze, thaw and exempt,
// and the windows of the policy.
//
// A freeze is an issue of ours with a sealed record in its body: branches, since
// and until when, who and why, what was thawed, and a row for each exemption.
// Nothing else remembers it, so one list of our issues knows all there is. The
// gate reads it; commands change it; upkeep opens the issues of windows, ends
// what is over, and undoes what people did to it by hand and may not. A window
// holds from its instant on, whether its issue is there yet or not.
//
// A window may follow milestones of a release instead of instants. It is then one
// freeze for each release that has them, known by the version, about that
// release's branch alone (window.go).
//
// A window that comes again (each week, on days) is one freeze each time, known by the
// day on which it begins, or the instant if a calendar has it begin within a day: its mark is
// days/DAY/NAME. One that is announced before has its issue from then on,
// set for later as by a command. Of a calendar that can't be read
// the last good version stands; where there is none, what its window may hold is held.
//
// An edge of a freeze is passed on in two steps, each a key of its own: the pull
// requests are looked at, then people are told in one comment and the record
// notes it. A crash before that begins with the first step again.
//
// An edge begins with the key freezes, which opens the issue of a window, ends
// what is over, and names notice/N for every freeze whose record doesn't say
// that its last edge was noticed. notice/N lists the open pull requests once
// and names their keys, those first that could be merged meanwhile, and then tell/N; each
// pull request is judged by what the list showed, first by the freeze and then
// by all gates. tell/N comments on the issue and notes in its record that it is
// done.
//
// What comes onto a frozen branch past the check (merged by an administrator, pushed
// directly) is told in the freeze's issue at once, and listed when it ends. The key
// past/BRANCH compares the pull requests merged since with the exemptions, and GitHub's
// list of the branch's moves with those; a push or a merge names it, and upkeep does for
// each branch that is held.
//
// A window that follows milestones is one freeze for each open release that has
// them, known by the window's name and the release's version: its mark is
// milestones/VERSION/NAME, and its record names the one branch, the release,
// the tracking issue and the milestones. So one window may hold for
// release-1.31 and not for release-1.30, and be thawed for one of them. A
// record keeps the instant from which on it has held; everything else of it
// follows the dates. Moved away, or with its tracking issue closed, it ends and
// its record says why; when its new day comes it is a new issue. A tracking
// issue that nobody finds any more (deleted, moved to another repository) ends
// no freeze that has begun: it goes on by the dates that its record has. One
// that can't be read holds back whatever a window would: whether it freezes is
// unknown.
//
// How it is laid out:
//
//	settings.go     the policy's section
//	freeze.go       the handler, and what it reads
//	keys.go         its kinds of key beside the check, and which an event may change
//	state.go        what is known of the freezes of a repository
//	gate.go         the check: what it is made of
//	record.go       the freeze issue: what is written into it and read back
//	in_force.go        what is frozen when, without I/O
//	window.go       windows by the dates of releases, and what becomes of a window's freeze
//	window_check.go what is wrong with a window
//	occurrence.go   when windows are
//	days.go         the calendars that they name
//	owners.go       who decides about a freeze
//	mode.go         whether the policy has the check hold back at all
//	judge.go        whether one pull request may merge, and why
//	vanished.go         freeze issues that vanish
//	past.go         what comes onto a frozen branch past the check
//	upkeep.go       the freeze issues themselves
//	notice.go       edges: pull requests first, then people
//	order.go        which pull requests an edge reaches first
//	arguments.go    what people write after a command
//	commands.go     /release freeze and /release thaw
//	thaw.go         what a thaw ends, of freezes that add up
//	exempt.go       /release exempt
//	tide.go         what becomes of Tide meanwhile
//	places.go       one command in several repositories
//	text.go         the freeze issue; instants, reasons and people in texts
//	text_check.go   the verdict of the check
//	text_reply.go   the answers to commands
//	text_thaw.go    and to a thaw that names issues in vain
//	text_places.go  and to one in several repositories
//	text_notice.go  what people are told without having asked
//	text_past.go    and of what passed a freeze
package freeze
