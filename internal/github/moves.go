package github

import (
	"slices"
	"time"
)

// MoveKind is how a branch was moved, in GitHub's words.
type MoveKind string

// The kinds that a branch is moved by without a pull request, that makes one, and by which
// a merge queue brings several.
const (
	MovedByQueue  MoveKind = "merge_queue_merge"
	MovedByPush   MoveKind = "push"
	MovedByForce  MoveKind = "force_push"
	BranchMade    MoveKind = "branch_creation"
	BranchDeleted MoveKind = "branch_deletion"
)

// BranchMove is that a branch got another commit.
type BranchMove struct {
	Kind          MoveKind
	Before, After string // "" for none
	By            User   // zero: GitHub doesn't say
	At            time.Time
}

// BranchMoves is how a branch was moved since an instant.
type BranchMoves struct {
	Since time.Time
	// List is the newest first; the last of it may be the one before that instant.
	List []BranchMove
	// Unclear says why there may be others, as a phrase; "" if these are all.
	Unclear string
}

// Complete says what is unclear of moves that were read as far as whole says, of a branch
// that was at a commit before they were.
func (m BranchMoves) Complete(whole bool, tip string) BranchMoves {
	switch {
	case !whole:
		m.Unclear = "GitHub doesn't show all of who moved it"
	case len(m.List) > 0 && !slices.ContainsFunc(m.List, func(m BranchMove) bool { return m.After == tip }):
		m.Unclear = "GitHub doesn't show yet who moved it to where it is"
	}
	return m
}

// Direct picks the moves that no pull request made. The making of a branch is none,
// unless the branch had been deleted before: then it is another way to push.
func (m BranchMoves) Direct() (direct []BranchMove) {
	for i, one := range m.List {
		if one.At.Before(m.Since) {
			continue
		}
		switch one.Kind {
		case MovedByPush, MovedByForce, BranchDeleted:
			direct = append(direct, one)
		case BranchMade:
			if i+1 < len(m.List) {
				direct = append(direct, one)
			}
		}
	}
	return direct
}
