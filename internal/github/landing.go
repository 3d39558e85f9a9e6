package github

import (
	"fmt"
	"slices"
)

// Landing is what a pull request's merge put on its base.
type Landing struct {
	// Commits are in order; a merge commit stands for all that it merged.
	Commits []string
	// Unclear says why that can't be told with certainty, as a sentence in Markdown; "" if it can.
	Unclear string
	// Passing says that it is unclear by what GitHub shows, which it may do otherwise later.
	Passing bool
}

// Landed is what is known of how a merged pull request landed on its base. git alone can't
// tell: two squash merges and one rebase of two commits leave the same history. So it is
// GitHub that says where the base was before.
type Landed struct {
	Head  string // of the pull request
	Own   int    // how many commits the pull request has; 0: not known
	Merge Commit // what GitHub calls its merge
	Move  BranchMove
	// Line is the base's own line of commits from Merge on, the newest first, as far as it was read.
	Line []Commit
	// Others are the merges' commits of other pull requests that came to the base about then.
	Others []string
}

// Refused says of a merge's commit that nobody can tell by it what landed, and why; it
// doesn't matter then where the base was before.
func (l Landed) Refused() (landing Landing, is bool) {
	switch parents := l.Merge.Parents; {
	case len(parents) > 2:
		return unclear("%s merges several branches at once, so it isn't only this pull request's change.", l.Merge.ID), true
	case len(parents) == 2 && l.Merge.ID == l.Head:
		return unclear("It was pushed with its history, which ends in the merge %s of another branch.", l.Merge.ID), true
	case len(parents) == 2 && parents[1] != l.Head:
		return unclear("It came with %s, which merges something else.", l.Merge.ID), true
	case len(parents) == 0:
		return unclear("%s begins a history, so there is nothing that it changed.", l.Merge.ID), true
	}
	return Landing{}, false
}

// Landing is the commits between where GitHub says that the base was and the merge's, but
// for those that came as other pull requests with the same move, of a merge queue or a push.
func (l Landed) Landing() Landing {
	if landing, is := l.Refused(); is {
		return landing
	}
	var ids, own []string
	for _, c := range l.Line {
		ids = append(ids, c.ID)
		switch {
		case len(c.Parents) == 0:
			continue // the last one
		case own != nil:
		case c.ID == l.Merge.ID && len(c.Parents) > 1, slices.Contains(l.Others, c.Parents[0]):
			own = slices.Clone(ids)
		case len(c.Parents) > 1:
			return unclear("What landed holds the merge %s of another branch.", c.ID)
		}
		// Only a line that leads to where the base was is the move's own: a merge may have been made on something older.
		if c.Parents[0] == l.Move.Before {
			if own == nil {
				own = ids
			}
			return l.counted(own)
		}
	}
	return unclear("GitHub says that the base was at %s before, and the history of %s doesn't lead back to that.", l.Move.Before, l.Merge.ID)
}

// counted is what landed, the newest first, unless that is more than the pull request has: whose the rest is,
// nobody has said.
func (l Landed) counted(ids []string) Landing {
	if l.Own > 0 && len(ids) > l.Own {
		return Landing{Passing: true, Unclear: fmt.Sprintf("Its landing has more commits, %d, than it has itself, %d.", len(ids), l.Own)}
	}
	slices.Reverse(ids)
	return Landing{Commits: ids}
}

func unclear(format string, ids ...any) Landing {
	for i, id := range ids {
		ids[i] = fmt.Sprintf("`%.7s`", id)
	}
	return Landing{Unclear: fmt.Sprintf(format, ids...)}
}
