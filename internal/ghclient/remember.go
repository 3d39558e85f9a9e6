package ghclient

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// memo describes one kind of thing that is remembered in the cache, also that
// there is none, where T says so. What is remembered is read again when it is too
// old, when an event has made it stale, and when it can't be used.
//
// An event forgets by a prefix of keys in the very transaction that stores it
// (package webhook), and begins an epoch: what was read before is not kept after.
// So age alone bounds only what lost webhooks can cost or, for what can't change,
// the database.
type memo[T any] struct {
	Memo
	late  bool         // GitHub may still show what was, shortly after an event
	holds func(T) bool // what is remembered can be used; nil: it always can
	byID  bool         // its keys name no repository, but a number of one that was read or of an installation
}

// Memo is what there is to tell of one kind of thing that is remembered.
type Memo = github.Memo

var (
	installationMemo = memo[int64]{Memo: Memo{Name: "installation", What: "which installation reaches a repository", Kept: 24 * time.Hour, Stale: github.Moves}}
	repositoryMemo   = memo[repoFacts]{Memo: github.RepoMemo, holds: func(f repoFacts) bool { return f.ID != 0 }}
	visibilityMemo   = memo[github.Visibility]{Memo: github.VisibilityMemo, late: true}
	policyMemo       = memo[github.File]{Memo: github.PolicyMemo, late: true}
	// A push to a file that a policy refers to doesn't say which policies do, so
	// nothing but age makes that forgotten; what is pushed to the policy is seen at once.
	referredMemo = memo[github.File]{Memo: Memo{Name: "policy", What: "a file that it refers to", Kept: 5 * time.Minute, Stale: policyMemo.Stale}, late: true}
	besideMemo   = memo[github.File]{Memo: github.BesideMemo, late: true}
	historyMemo  = memo[[]github.File]{Memo: Memo{Name: "policy", What: "what it said before", Kept: policyMemo.Kept, Stale: policyMemo.Stale}, late: true}
	noPolicyMemo = memo[string]{Memo: Memo{Name: "policy", What: "that there is none, as something else bore out", Kept: 30 * 24 * time.Hour, Stale: policyMemo.Stale}, late: true,
		holds: func(v string) bool { return v == "none" }}
	ownersMemo  = memo[github.File]{Memo: github.CodeOwnersMemo}
	unknownMemo = memo[[]string]{Memo: github.UnknownOwnersMemo}

	rulesMemo = memo[github.MergeRules]{Memo: github.RulesMemo}

	ownMemo     = memo[ownList]{Memo: github.OwnIssuesMemo, late: true}
	intactMemo  = memo[intactBody]{Memo: Memo{Name: "intact", What: "our issues' texts as sealed", Kept: 90 * 24 * time.Hour}, byID: true}
	textsMemo   = memo[knownTexts]{Memo: Memo{Name: "texts", What: "what issues in which people write said before", Kept: 90 * 24 * time.Hour}, byID: true}
	partsMemo   = memo[string]{Memo: github.CommentMemo}
	writtenMemo = memo[string]{Memo: github.AsWrittenMemo, holds: func(v string) bool { return v == asWritten || v == notAsWritten }}
	// An account may come to have the address, or lose it.
	madeMemo = memo[[]github.User]{Memo: Memo{Name: "made", What: "the accounts of a signed pick's co-authors", Kept: 24 * time.Hour}}
	revMemo  = memo[int]{Memo: Memo{Name: "sealed", What: "the newest version of a record in such a part", Kept: 90 * 24 * time.Hour}}
	// The commits of most pull requests are judged for the last time long before.
	runMemo = memo[knownRun]{Memo: Memo{Name: "check", What: "what we wrote into check runs", Kept: 7 * 24 * time.Hour, Stale: github.Moves},
		holds: func(k knownRun) bool { return k.Pending == "" && (k.ID != 0 || k.None) }}
	// One list serves all checks of a commit: what was written since is remembered by itself.
	standingMemo = memo[[]string]{Memo: Memo{Name: "check", What: "which checks of ours stand on a commit", Kept: time.Hour, Stale: github.Moves}}
	newHeadMemo  = memo[string]{Memo: Memo{Name: "check", What: "that a head is new, so that none of ours is on it", Kept: github.NewHeadFor, Stale: github.Moves}}
	namesakeMemo = memo[[]github.Namesake]{Memo: Memo{Name: "check", What: "other Apps' runs on a commit under names of ours", Kept: 30 * 24 * time.Hour, Stale: github.Moves}}
	missingMemo  = memo[string]{Memo: Memo{Name: "missing-team", What: "a team that GitHub doesn't show", Kept: 5 * time.Minute}}
	unaskedMemo  = memo[string]{Memo: Memo{Name: "unasked", What: "a team that GitHub doesn't let us ask", Kept: 24 * time.Hour}}

	declinedMemo = memo[string]{Memo: Memo{Name: "declined", What: "that GitHub refused to merge a pick, to make it ready, or to delete its branch", Kept: time.Hour}}

	// A row of limits ends when none was met for longestPause.
	limitMemo = memo[pauses]{Memo: Memo{Name: "limit", What: "GitHub's limits that an installation, or the App, has met", Kept: longestLimit + longestPause}, byID: true}

	pullMemo = memo[readDetail]{Memo: github.PullMemo}
	// For telling of it; whoever decides on it reads it anew.
	reviewsMemo  = memo[[]github.Review]{Memo: Memo{Name: "reviews", What: "reviews as they were last read", Kept: 7 * 24 * time.Hour}}
	conflictMemo = memo[string]{Memo: Memo{Name: "conflict", What: "whether a head could be merged", Kept: 7 * 24 * time.Hour}}
	baseMemo     = memo[string]{Memo: github.MergeBaseMemo}
	// The list is read on from where it was read last.
	stepsMemo = memo[mergedSeen]{Memo: Memo{Name: "merged-steps", What: "merged pull requests that are about steps", Kept: 30 * 24 * time.Hour}}

	// It is read anew once the issue has changed: what says of a closed one later that it fixes it is late.
	fixesMemo = memo[github.Fixes]{Memo: Memo{Name: "fixes", What: "which pull requests fix a closed blocker", Kept: 24 * time.Hour},
		holds: func(all github.Fixes) bool { // one that isn't merged may be at any time, which no event of the issue tells
			return !slices.ContainsFunc(all.List, func(f github.Fix) bool { return !f.Merged })
		}}
	// It ends only if somebody rewrites the branch.
	holdsMemo = memo[bool]{Memo: Memo{Name: "holds", What: "that a branch holds a commit", Kept: 24 * time.Hour}, holds: func(v bool) bool { return v }}

	// These can't change.
	changesMemo = memo[github.Changes]{Memo: github.ChangesMemo}
	markedMemo  = memo[github.Marked]{Memo: Memo{Name: "marked", What: "those of them with conflict markers", Kept: 30 * 24 * time.Hour}}
	mergedMemo  = memo[github.Landing]{Memo: github.MergedMemo, holds: func(l github.Landing) bool { return !l.Passing }}
	movesMemo   = memo[knownMoves]{Memo: github.MovesMemo, holds: func(k knownMoves) bool { return k.Whole }}
	textMemo    = memo[string]{Memo: Memo{Name: "text", What: "the text of a file at a commit", Kept: 90 * 24 * time.Hour}}
	fileMemo    = memo[github.File]{Memo: Memo{Name: "file", What: "a file at a commit, also that there is none", Kept: 90 * 24 * time.Hour}}
	// Moved away and back in between, it says so with the next move or day.
	branchMovesMemo = memo[github.BranchMoves]{Memo: Memo{Name: "branchmoves", What: "who moved a release's branch, as long as it is at a commit", Kept: 24 * time.Hour},
		holds: func(m github.BranchMoves) bool { return m.Unclear == "" }}
)

// Memos lists what is remembered in the cache.
func Memos() []Memo {
	return []Memo{installationMemo.Memo, repositoryMemo.Memo, visibilityMemo.Memo, policyMemo.Memo, referredMemo.Memo, besideMemo.Memo, historyMemo.Memo, noPolicyMemo.Memo, ownersMemo.Memo, unknownMemo.Memo, rulesMemo.Memo,
		ownMemo.Memo, intactMemo.Memo, textsMemo.Memo, partsMemo.Memo, writtenMemo.Memo, madeMemo.Memo, revMemo.Memo, runMemo.Memo, standingMemo.Memo, newHeadMemo.Memo, namesakeMemo.Memo, missingMemo.Memo, unaskedMemo.Memo, declinedMemo.Memo, limitMemo.Memo,
		pullMemo.Memo, reviewsMemo.Memo, conflictMemo.Memo, baseMemo.Memo, stepsMemo.Memo, fixesMemo.Memo, holdsMemo.Memo,
		changesMemo.Memo, markedMemo.Memo, mergedMemo.Memo, movesMemo.Memo, branchMovesMemo.Memo, textMemo.Memo, fileMemo.Memo}
}

// settling is how long after an event GitHub may still show what was: what is
// read then is believed only as long again.
const settling = time.Minute

// entry is what the cache holds under a key.
type entry[T any] struct {
	is  T
	ok  bool   // there is one that can be used
	raw []byte // as it stands there, for swap; nil for nothing
}

// only is the memo of those that hold, too.
func (m memo[T]) only(holds func(T) bool) memo[T] {
	m.holds = holds
	return m
}

// recall looks only into the cache. What is remembered of a repository is for whoever
// might ask GitHub.
func (m memo[T]) recall(ctx context.Context, c *Client, key string) (e entry[T], err error) {
	if err := reconcile.CheckReach(ctx, github.CachedRepo(key), reconcile.ReadAccess); err != nil && !m.byID {
		return e, fmt.Errorf("what is remembered as %s: %w", key, err)
	}
	raw, ok, err := c.opts.Cache.Get(ctx, key)
	if err != nil || !ok {
		return e, err
	}
	e.raw = raw
	var v T
	if text, is := any(&v).(*string); is {
		*text = string(raw)
	} else if json.Unmarshal(raw, &v) != nil {
		return e, nil
	}
	if m.holds == nil || m.holds(v) {
		e.is, e.ok = v, true
	}
	return e, nil
}

// read returns what is remembered under a key, else what from reads, which is
// remembered then.
func (m memo[T]) read(ctx context.Context, c *Client, key string, from func() (T, error)) (none T, err error) {
	have, err := m.recall(ctx, c, key)
	if err != nil || have.ok {
		return have.is, err
	}
	at, err := m.begin(ctx, c)
	if err != nil {
		return none, err
	}
	read, err := from()
	if err != nil {
		return none, err
	}
	return read, m.keep(ctx, c, key, read, at)
}

// begun is what has to be known from before a read, to keep what it shows.
type begun struct {
	epoch int64
	kept  time.Duration
}

func (m memo[T]) begin(ctx context.Context, c *Client) (at begun, err error) {
	at.kept = m.Kept
	if m.Stale == "" {
		return at, nil
	}
	at.epoch, err = c.opts.Cache.Epoch(ctx)
	if m.late && c.opts.Now().Sub(time.UnixMicro(at.epoch)) < settling {
		at.kept = min(at.kept, settling)
	}
	return at, err
}

// keep remembers what was read since it began, unless an event forgot something since.
func (m memo[T]) keep(ctx context.Context, c *Client, key string, v T, at begun) error {
	if m.Stale == "" {
		return m.put(ctx, c, key, v)
	}
	return c.opts.Cache.PutIf(ctx, key, m.form(v), at.kept, at.epoch)
}

// put remembers what no event can have made stale.
func (m memo[T]) put(ctx context.Context, c *Client, key string, v T) error {
	return c.opts.Cache.Put(ctx, key, m.form(v), m.Kept)
}

// form is how a value stands in the cache: a text as it is, others as JSON.
func (m memo[T]) form(v T) []byte {
	if text, is := any(v).(string); is {
		return []byte(text)
	}
	raw, _ := json.Marshal(v) // data; if ever it fails, nothing can be read and GitHub is asked
	return raw
}
