// Package git is the cherry-pick engine over the git program (2.38 or later).
// It never has a work tree and never needs a full clone.
//
// The heart is Pick: the change of a commit, laid onto another commit by a
// three-way merge of trees. The merge base is the commit's first parent, which
// makes a squash merge, a link of a rebased range and a merge commit (whose
// first-parent difference holds what was resolved in it) the same case. git
// merges commits, so the three trees are dressed up as three commits without
// history: nothing is ever walked, and it works in the shallowest clone.
//
//	program.go       finds git; runs it with nothing around it that could matter
//	redact.go        what git says, bounded and without secrets
//	batch.go         a git that stays for a use: cat-file reads objects, diff-tree compares
//	bounds.go        how large a change may be, and one large one at a time
//	memory.go        what objects say, since they never change; bounded
//	walk.go          what is before a commit, and where two met
//	object.go        commits and trees as values; writing commits
//	file.go          one file of a commit
//	read.go          directories, and which files differ between two of them
//	find.go          the commit of a pull request, and where two commits meet
//	tags.go          the tags and branches of somebody's repository
//	repository.go    a place with objects: somebody's repository, never written to
//	merge.go         three trees become one, or conflicts with their kind
//	merge_attr.go    what the target's .gitattributes say of merges
//	explain.go       what git's words don't say of a conflict
//	pick.go          commits in order onto a target: clean, empty or conflict
//	leave.go         the paths that a pick leaves out
//	message.go       the message of a pick: the original's, and its trailers
//	build.go         the commits that a pick becomes, the same ones every time
//	hunks.go         which lines of a file the conflict is about
//	prerequisite.go  the commits that the target lacks and the conflict is about
//	mergetext.go     three texts become one, line by line
//	reuse.go         conflicts that were resolved before, resolved likewise
//	cache.go         bare caches of GitHub repositories, bounded, healing
//	fetch.go         the few objects of a pick, from GitHub
//	deepen.go        the history that prerequisites are found in, from GitHub
//	own.go           commits of which the committer is the author, for GitHub to sign
//	throwaway.go     what brings their files to GitHub, and them back
//	push.go          one commit to one branch, if the branch is as expected
//	group_unix.go    git and its children are killed together
//	group_other.go   the same where there are no process groups
//	lock_unix.go     locks of caches, between goroutines and processes
//	lock_other.go    there are none without flock(2)
//
// Provenance is the other direction: does a change come from something that was
// merged on a source branch? History.Prove replays candidates onto the change's
// merge base and compares.
//
//	provenance.go              the question's way to its answer
//	provenance_history.go      what the source branch had merged, reverts included
//	provenance_source.go       which claims can be sources
//	provenance_search.go       sources that nobody named: by title, by patch
//	provenance_replay.go       sources laid onto the merge base; the verdict
//	provenance_compare.go      where the change isn't what that comes to
//	provenance_counterpart.go  what sources do to a file of the change
//	provenance_brought.go      which paths each source accounts for
//	provenance_patch.go        a change as patches by path
//	provenance_place.go        places of hunks, and the lines around them
//	provenance_section.go      the function or section that a place is in
//	provenance_shift.go        the same lines at another place
//	provenance_attr.go         which paths are generated
//	provenance_moved.go        what has changed since people approved
//	provenance_updates.go      commits that merge the target and nothing else
//	provenance_local.go        questions from a local history alone
//	provenance_fetch.go        what a cache needs for all this
//
// A start of git costs as much as forty answers, so a question about a push to a
// pull request starts three: a fetch that brings all that is new, cat-file and
// diff-tree; and merge-tree for what was never merged before (it can't stay:
// until 2.39 at least its answers come only at its end). provenance_starts_test.go
// holds that.
//
// What it promises:
//
//   - Nothing around it plays a part: no configuration, hooks, attributes or
//     merge or diff drivers of the user, the system or the repository. Somebody's
//     repository is read through a scratch repository that borrows its objects.
//     One thing is followed: what the .gitattributes of the target's tree say of
//     merges in three forms, merge=union, -merge and binary. They are translated
//     line by line into info/attributes of the merge's own directory, and the
//     replay of provenance follows those of the merge base, which is the target's
//     tree as the pick saw it. The change itself has no say in it.
//   - The same pick gives the same commit, whenever and wherever it is made:
//     author, message and dates are the source's. A replay after a crash pushes
//     what is there already.
//   - Prerequisites of a conflict are found by following the disputed lines
//     back along the source's first parents, without what the target has under
//     another id (by patch, by trailer, or because picking it there changes
//     nothing). That needs history: a clone without it says so, and a cache
//     fetches it, a megabyte or two for a release branch.
//   - Caches (git.dir, at most git.max_mb) are bare, shallow and blobless: one
//     fetch brings the commits and trees, one the files that the merge will
//     read, half a megabyte in all for istio/istio. They are thrown away rather
//     than mended: when one doesn't answer, has too many packs, or wasn't used
//     for longest. Uses share a lock; a fetch and a removal each have their
//     own.
//   - A push moves one branch from where it is expected, or creates it, and
//     else says why not.
//
// Two kinds of Repository exist. Program.Open reads somebody's repository by a
// scratch repository of our own that borrows its objects: nothing is written
// to it, and none of its configuration, hooks or attributes takes part.
// Cache.Use gives one of ours, which fills itself from GitHub.
//
// Branch names come as release.Branch and reach git as refs/heads/...; other
// text from outside is resolved to an object name first, after
// --end-of-options. Tokens reach git by the environment alone.
package git
