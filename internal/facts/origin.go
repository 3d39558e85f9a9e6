package facts

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Origins is what is read of where changes come from.
type Origins interface {
	DefaultBranch(ctx context.Context, repo github.Repo) (release.Branch, error)
	// BranchHead returns the commit that a branch is at, "" if it isn't there.
	BranchHead(ctx context.Context, repo github.Repo, branch release.Branch) (commit string, err error)
	// Issue returns an issue or a pull request. One that isn't there is reconcile.ErrGone.
	Issue(ctx context.Context, repo github.Repo, number int) (github.Issue, error)
	CommitOf(ctx context.Context, repo github.Repo, id string) (github.Commit, error)
	// Merged returns what a merge put on its base.
	Merged(ctx context.Context, repo github.Repo, pr github.PullDetail) (github.Landing, error)
	// PullOf finds the pull request whose merge put a commit on a branch.
	PullOf(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (github.PullDetail, bool, error)
	Compare(ctx context.Context, repo github.Repo, base release.Branch, head string) (github.Comparison, error)
	// MergeBase is where a commit that once was a head meets a branch, "" if
	// nobody knows any more.
	MergeBase(ctx context.Context, repo github.Repo, base release.Branch, head string) (string, error)
}

// Git finds out, in git, where a change comes from.
type Git interface {
	Prove(ctx context.Context, repo github.Repo, id int64, q provenance.Question) (provenance.Finding, error)
	// Foresee says what a change comes to on a commit. Nothing is written.
	Foresee(ctx context.Context, c effect.Change, onto string) (effect.Picked, error)
}

// newDefault is that a repository has another default branch. All of it is resynced then
// (package webhook).
var newDefault = On{Kind: "repository", Actions: []string{"edited"}}

// DefaultBranch is the repository's default branch.
var DefaultBranch = Fact[Whole, release.Branch]{
	Name: "default branch", Fresh: github.RepoMemo, Unknown: Retry, Stale: []On{newDefault},
	Forget: func(e github.Event, _ Touch) string {
		if !e.NewDefault {
			return ""
		}
		return github.RepoCacheKey(e.Repo)
	},
	Read: func(l *Look, _ Whole) (release.Branch, error) { return l.from.GitHub.DefaultBranch(l.ctx, l.Repo) },
}

// Tip is the commit that a branch is at; "" if it isn't there.
var Tip = Fact[release.Branch, string]{
	Name: "tip", Fresh: EachLook, Unknown: Retry,
	Stale: []On{{Kind: "push", Touches: func(e github.Event) []Touch {
		if e.Push == nil || e.Push.Branch == "" {
			return nil
		}
		return []Touch{{Branch: e.Push.Branch}}
	}}},
	Read: func(l *Look, b release.Branch) (string, error) { return l.from.GitHub.BranchHead(l.ctx, l.Repo, b) },
}

// Issue is what an issue says: its title, text and labels, and who wrote it. Of a pull request it is only
// that it is one. A number may be named before it is there.
var Issue = Fact[int, github.Issue]{
	Name: "issue", Fresh: EachLook, Unknown: Retry,
	Stale: append(pullEvent("opened"), On{Kind: "issues", Actions: []string{"opened", "edited", "labeled", "unlabeled", "transferred", "deleted"},
		Touches: func(e github.Event) []Touch {
			if e.Issue == nil {
				return nil
			}
			return []Touch{{Issue: e.Issue.Number}}
		}}, renamed("label")),
	Read: func(l *Look, n int) (github.Issue, error) {
		issue, err := l.from.GitHub.Issue(l.ctx, l.Repo, n)
		if err != nil || issue.IsPullRequest {
			return github.Issue{Number: n, IsPullRequest: issue.IsPullRequest}, err // Detail has the rest, with its events
		}
		return github.Issue{Number: n, Title: issue.Title, Body: issue.Body, Labels: issue.Labels, Author: issue.Author}, nil
	},
}

// Commit is a commit of the repository, which never changes.
var Commit = Fact[string, github.Commit]{
	Name: "commit", Fresh: EachLook, Unknown: Retry,
	Read: func(l *Look, id string) (github.Commit, error) { return l.from.GitHub.CommitOf(l.ctx, l.Repo, id) },
}

// Merged is what the merge of a pull request put on its base.
var Merged = Fact[int, github.Landing]{
	Name: "merged", Fresh: github.MergedMemo, Unknown: Retry, From: []Need{Detail},
	Read: func(l *Look, n int) (github.Landing, error) {
		pr, err := Detail.Of(l, n)
		if err != nil {
			return github.Landing{}, err
		}
		return l.from.GitHub.Merged(l.ctx, l.Repo, pr)
	},
}

// Claim is what the merge of a pull request put on its base, as one change: a rebased range
// begins at the parent of its first commit. It is nil where there is nothing, or where nobody
// can tell what it was, which unclear says as a sentence.
func Claim(l *Look, by provenance.Way, pr github.PullDetail) (c *provenance.Claim, unclear string, err error) {
	landing, err := Merged.Of(l, pr.Number)
	commits := landing.Commits
	if err != nil || landing.Unclear != "" || len(commits) == 0 {
		return nil, landing.Unclear, err
	}
	c = &provenance.Claim{Commit: commits[len(commits)-1], By: by, Number: pr.Number, Title: pr.Title}
	if len(commits) > 1 {
		first, err := Commit.Of(l, commits[0])
		if err != nil {
			return nil, "", err
		}
		if len(first.Parents) > 0 {
			c.Base = first.Parents[0]
		}
	}
	return c, "", nil
}

// Before is the commit that its base was at when a pull request was merged with its history;
// "" if it wasn't merged so.
var Before = Fact[int, string]{
	Name: "before", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Pull, Commit},
	Read: func(l *Look, n int) (string, error) {
		pr, err := l.from.GitHub.CachedPullDetail(l.ctx, l.Repo, n) // of which only what no edit changes is used
		if err == nil && pr.MergeCommit == "" {
			pr, err = l.from.GitHub.FreshPullDetail(l.ctx, l.Repo, n)
		}
		if err != nil || pr.MergeCommit == "" {
			return "", err
		}
		commit, err := Commit.Of(l, pr.MergeCommit)
		if err != nil || len(commit.Parents) != 2 || commit.Parents[1] != pr.Head {
			return "", err
		}
		return commit.Parents[0], nil
	},
}

// At is a commit as seen from a branch.
type At struct {
	Branch release.Branch
	Commit string
}

// String implements fmt.Stringer.
func (a At) String() string { return a.Commit + " from " + string(a.Branch) }

// Bringer is the number of the pull request whose merge put a commit on a branch; 0
// for none. That stays so.
var Bringer = Fact[At, int]{
	Name: "bringer", Fresh: EachLook, Unknown: Retry,
	Read: func(l *Look, a At) (int, error) {
		pr, _, err := l.from.GitHub.PullOf(l.ctx, l.Repo, a.Branch, a.Commit)
		return pr.Number, err
	},
}

// Compared says how a commit stands to a branch. That changes if the branch takes in
// some of the commit's history; the resync notices.
var Compared = Fact[At, github.Comparison]{
	Name: "compared", Fresh: EachLook, Unknown: Hold,
	What: func(At) string { return "It couldn't be compared with its base" },
	Read: func(l *Look, a At) (github.Comparison, error) {
		return l.from.GitHub.Compare(l.ctx, l.Repo, a.Branch, a.Commit)
	},
}

// MergeBase is where a commit that once was a head meets a branch; "" if nobody knows
// any more.
var MergeBase = Fact[At, string]{
	Name: "merge base", Fresh: github.MergeBaseMemo, Unknown: Retry,
	Read: func(l *Look, a At) (string, error) {
		return l.from.GitHub.MergeBase(l.ctx, l.Repo, a.Branch, a.Commit)
	},
}

// Prove asks git where a change comes from, of a repository by its id.
type Prove func(ctx context.Context, id int64, q provenance.Question) (provenance.Finding, error)

func notCompared(source release.Branch) string {
	return "Git couldn't compare it with " + effect.Code(string(source))
}

// History is what a branch has merged, to be asked where changes come from. It grows
// all the time, but what was found of a change is another thing only once a commit is
// merged that takes one back.
var History = Fact[release.Branch, Prove]{
	Name: "history", Fresh: github.ProvenMemo, Unknown: Hold,
	What: notCompared,
	Stale: []On{{Kind: "push", Touches: func(e github.Event) []Touch {
		if e.Push == nil || e.Push.Branch == "" || !e.Push.Reverts {
			return nil
		}
		return []Touch{{Branch: e.Push.Branch}}
	}}},
	Forget: func(e github.Event, t Touch) string { return github.ProvenCacheKey(e.RepoID, t.Branch) },
	Read: func(l *Look, source release.Branch) (Prove, error) {
		return func(ctx context.Context, id int64, q provenance.Question) (provenance.Finding, error) {
			q.Source = source
			f, err := l.from.Git.Prove(ctx, l.Repo, id, q)
			return f, hold(notCompared(source), err)
		}, nil
	},
}
