// Package cherrypick picks merged pull requests onto release branches: asked by
// /cherry-pick or by a label, each branch gets a pull request of its own.
//
// A request is the label cherrypick/BRANCH on the source. Who asked is who set
// it, or, for a command, what the sealed record in the status comment says: our
// App then set the label, and it sets one only for somebody who may ask. So the
// label of our App is a request in any case; a lost record loses a name.
//
// Each branch of each source is a key of its own, pick/N/BRANCH, so that one that
// fails stops no other. Working it does one step and names itself again, until
// nothing is left to do: push, pull request, what hangs on it, and each time the
// part of the status comment that is about this branch. Whatever step was last,
// the next run reads from GitHub how far it came. What a request came to is
// settled when the record says so (Record.Done): a new request opens it again.
//
// Nobody's push is overwritten: a branch is moved only from a commit that our
// App has made. Picks are made by a Picker, the same commits from the same
// commits; Observe asks it what a pick comes to, and an effect pushes that.
//
// A pull request that somebody has opened may be the pick already. It stands in for
// ours if its author may ask for picks, for as long as it is that: the request is
// settled once it is merged, and ours is made once it is closed, or no longer the
// same change.
//
// What a pick would come to is foreseen where a line says so: for a label on an open
// pull request, and for a dry run that somebody asked for. That look rests on the heads of
// the source and of the branch, so a push to either wakes it, and it makes nothing.
//
// A pick may be asked for with what it needs. Then its key asks for the picks of those
// whose merges brought what the branch lacks, in the same person's name, waits until all
// are merged, and makes its draft anew once. Its own record says whom it has asked for:
// what somebody withdraws stays so.
//
// A conflict that people have resolved on another branch is proposed to be resolved likewise, by git's
// rerere. What was merged there alone counts: it is found by the records of the same source's picks, read from git,
// and compared again with each look that makes a draft. The draft is one in conflict like any other.
//
// A commit without a pull request has nothing to label, so its request is the sealed record alone, in a
// status comment where somebody asked, and its key is pick/N@COMMIT/BRANCH; a resync finds
// the records in our own comments (Recorded). The source branch takes picks, too: forward ports.
//
// PickOf tells the gate of release branches what a pull request picks, who asked
// for it, and whether somebody still has to finish it: its files have conflict
// markers, or it conflicts and nobody has touched it.
//
// What it writes, and reads back:
//
//   - The status comment has a part for each branch, sealed by itself; two keys
//     may write their parts at once, and each leaves the other's as it is
//     (effect.Section). A part also remembers who asked, and for which request
//     its outcome is: a new request opens the matter again. A request by a
//     label is named by the event that set it; of several labels that ask for the
//     same, the newest event counts, and what is left once a label is taken off is
//     no new request. What a part says of a command is believed as long as the
//     label is there that it had set, unless somebody has set that since: a part
//     that was withdrawn could be pasted back.
//   - The pull request carries in its text, sealed, the commit that was pushed,
//     what it came to, and the files in conflict.
//   - The branch is moved only from a commit that our App has made, by its
//     committer. What is pushed is exactly what the decision saw: Observe has
//     the pick made in the cache (cherrypick.Picker), and effect.Pick makes the
//     same commit again. Two branches may be at one commit; their picks still
//     are two commits, by their dates, since a check run belongs to a commit.
//   - git's token is for one repository and its contents alone, to read for a
//     pick and to write for a push (internal/ghclient/git_access.go). Where the
//     permission for workflows is granted, the push of a pick that changes some
//     gets that, too.
//   - Where GitHub makes and signs the commits (Settings.SignCommits), made again they are
//     others. Such a pick is its trees, messages and target. It is pushed first; the pull
//     request and its record follow once the commit's id can be read.
//   - With Settings.Chain a pick waits for that onto the next newer branch
//     (Queued). Who has to look is named by each run of a newer one, so that a kill
//     or a lost webhook costs no turn; a pick that was asked for again while it
//     waited doesn't wait (Record.Forced).
//   - A push that GitHub refuses is remembered for six hours or until the next
//     request, so that the next run can say why.
//
// How it is laid out:
//
//	settings.go       the policy's section
//	cherrypick.go     the handler, and what it reads
//	keys.go           the kinds of its keys, and which of them an event may change
//	record.go         what it writes on GitHub to read back
//	labels.go         which labels ask for what, and who asked by them
//	observe.go        the keys that lead to picks
//	facts.go          what is read for a pick
//	byhand.go         which pull request of somebody's stands in for the pick
//	pick.go           the plan for one pick
//	signed.go         commits that GitHub makes and signs
//	pull.go           the pull request of a pick
//	automerge.go      whether GitHub merges it by itself, and whether a draft is ready
//	branch.go         whether its branch is deleted
//	finished.go       what a pull request picks, and whether it is finished
//	chain.go          which branch's turn it is, where the policy has an order
//	leave.go          what a pick leaves out by the policy
//	markers.go        which conflict markers are the source's own
//	dryrun.go         what a pick would come to
//	needed.go         what a pick needs, picked first
//	likewise.go       a conflict that was resolved on another branch
//	commands.go       /cherry-pick and /cherry-pick cancel
//	options.go        their options
//	accept.go         /cherry-pick accept, and its record
//	forward.go        picks onto the branch that changes are picked from
//	commit.go         what is different where the source is a commit without a pull request
//	commit_call.go    /cherry-pick COMMIT BRANCH
//	text.go           the status comment on the source
//	text_dryrun.go    what is said of picks before they are made
//	text_needed.go    what is said of picks that wait for others
//	text_likewise.go  what is said of a conflict that is resolved as on another branch
//	text_pull.go      the pull request of a pick, and the issue about a conflict
//	text_byhand.go    the commands that finish a pick by hand
//	text_merge.go     what is said of merging a pick, and of its branch
//	text_finished.go  what is said of a pick that somebody has to finish
//	text_reply.go     the answers to commands
//	text_commit.go    the answers to commands about commits
package cherrypick
