package facts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Pulls is what is read of pull requests.
type Pulls interface {
	// CachedPull returns one as it is, or as it was read since its last event. One
	// that isn't there is reconcile.ErrGone.
	CachedPull(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	// CachedPullDetail is the same, with what lists don't show.
	CachedPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// FreshPullDetail reads it from GitHub.
	FreshPullDetail(ctx context.Context, repo github.Repo, number int) (github.PullDetail, error)
	// OpenPullRequests lists those against a branch, or against any for "", the most
	// recently active first.
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	// GroupMembers lists the pull requests between two commits of a merge queue;
	// complete is false when some can't be told.
	GroupMembers(ctx context.Context, repo github.Repo, base, head string) (numbers []int, complete bool, err error)
	// Remembered is what is known without a request, with our check runs of these names.
	Remembered(ctx context.Context, repo github.Repo, pr github.PullRequest, checks []string) (github.Remembered, error)
	// BotID is the numeric id of the App's own account.
	BotID(ctx context.Context, repo github.Repo) (int64, error)
	// LookForNamesakes reads which other Apps report on a commit under names of ours,
	// which Remembered then tells.
	LookForNamesakes(ctx context.Context, repo github.Repo, commit string) error
}

// PullSnapshots is what was last seen of pull requests, without a request.
type PullSnapshots interface {
	PullSnapshot(ctx context.Context, repo github.Repo, number int) (github.PullSnapshot, bool, error)
	// OpenPullSnapshots lists those that were open when last seen, the most recently
	// active first; with a head, those that have it.
	OpenPullSnapshots(ctx context.Context, repo github.Repo, head string) ([]github.PullSnapshot, error)
}

// thePull is the pull request that an event is about.
func thePull(e github.Event) []Touch {
	if e.PullRequest == nil {
		return nil
	}
	return []Touch{{Number: e.PullRequest.Number}}
}

func pullEvent(actions ...string) []On {
	return []On{{Kind: "pull_request", Actions: actions, Touches: thePull}}
}

// moved is that a pull request has another base.
var moved = On{Kind: "pull_request", Actions: []string{"edited"}, Touches: func(e github.Event) []Touch {
	if e.PullRequest == nil || e.OldBase == "" {
		return nil
	}
	return []Touch{{Number: e.PullRequest.Number, Moved: true}}
}}

// Pull is a pull request: its number, author, state, base and head. What else it
// has are facts of their own, Labels to Body, and zero in what a reader gets who
// didn't declare them.
var Pull = Fact[int, github.PullRequest]{
	Name: "pull", Fresh: github.PullMemo, Unknown: Retry,
	Stale: []On{
		{Kind: "pull_request", Actions: []string{"opened", "reopened", "synchronize", "closed"}, Touches: thePull},
		moved,
	},
	Read: func(l *Look, n int) (github.PullRequest, error) { return l.from.GitHub.CachedPull(l.ctx, l.Repo, n) },
}

// Title is that of a pull request.
var Title = Fact[int, string]{
	Name: "title", Fresh: AsMadeOf, Unknown: Retry, Stale: pullEvent("edited"), From: []Need{Pull},
	Read: func(l *Look, n int) (string, error) {
		pr, err := Pull.Of(l, n)
		return pr.Title, err
	},
}

// Labels are those of a pull request. GitHub sends no event for each that carries a
// label when the label itself is renamed.
var Labels = Fact[int, []string]{
	Name: "labels", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Pull},
	Stale: append(pullEvent("labeled", "unlabeled"), renamed("label")),
	Read: func(l *Look, n int) ([]string, error) {
		pr, err := Pull.Of(l, n)
		return pr.Labels, err
	},
}

// Detail is a pull request with what no list shows of it: whoever needs its
// description, its milestone, its size or whether it is a draft needs this. It costs a
// request for each pull request, once after each event. That it becomes a draft asks
// for nothing, so nobody is woken for that.
var Detail = Fact[int, github.PullDetail]{
	Name: "detail", Fresh: github.PullMemo, Unknown: Retry, From: []Need{Pull, Title, Labels},
	// It is read by itself and not made of those, so their events are its own.
	Stale: slices.Concat(Pull.Stale, Title.Stale, Labels.Stale, pullEvent("ready_for_review"), []On{renamed("milestone")}),
	// What was read of a single one before its own event isn't believed anyway, since it is
	// known when that came (github.PullSnapshot).
	Forget: func(e github.Event, t Touch) string {
		if !t.All {
			return ""
		}
		return github.PullsCacheKey(e.Repo)
	},
	Read: func(l *Look, n int) (github.PullDetail, error) {
		return l.from.GitHub.CachedPullDetail(l.ctx, l.Repo, n)
	},
}

// Milestone is the title of the milestone that a pull request is part of; "" for
// none.
var Milestone = Fact[int, string]{
	Name: "milestone", Fresh: AsMadeOf, Unknown: Retry, Stale: pullEvent("milestoned", "demilestoned"), From: []Need{Detail},
	Read: func(l *Look, n int) (string, error) {
		pr, err := Detail.Of(l, n)
		return pr.Milestone, err
	},
}

// renamed is that a label or a milestone has another name, or is gone. Nobody tells
// whose it is, so all are looked at. Another colour or another day concerns nobody.
func renamed(kind string) On {
	return On{Kind: kind, Actions: []string{"edited", "deleted"}, Touches: func(e github.Event) []Touch {
		if e.Action == "edited" && !e.Renamed {
			return nil
		}
		return everything(e)
	}}
}

func everything(github.Event) []Touch { return []Touch{{All: true}} }

// Declared is a pull request with nothing but what is declared.
func Declared(pr github.PullRequest, needs ...Need) github.PullRequest {
	declared := func(n Need) bool {
		return slices.ContainsFunc(Closure(needs...), func(a About) bool { return a.Name == n.About().Name })
	}
	if !declared(Title) {
		pr.Title = ""
	}
	if !declared(Labels) {
		pr.Labels = nil
	}
	if !declared(Detail) {
		pr.Body, pr.Draft = "", false
	}
	return pr
}

// Sighted is a pull request as it was last seen, without a request; nil if it never
// was. By itself it only lets a reader leave early.
var Sighted = Fact[int, *github.PullSnapshot]{
	Name: "sighted", Fresh: EachLook, Unknown: Retry, From: []Need{Pull},
	Read: func(l *Look, n int) (*github.PullSnapshot, error) {
		s, ok, err := l.from.Seen.PullSnapshot(l.ctx, l.Repo, n)
		if !ok || err != nil {
			return nil, err
		}
		return &s, nil
	},
}

// WithHead lists the open pull requests that have a commit as their head, or any for "",
// as they were last seen. A check belongs to a commit, so it has to be true of each.
var WithHead = Fact[string, []github.PullSnapshot]{
	Name: "head", Fresh: EachLook, Unknown: Retry, From: []Need{Pull},
	Read: func(l *Look, head string) ([]github.PullSnapshot, error) {
		return l.from.Seen.OpenPullSnapshots(l.ctx, l.Repo, head)
	},
}

// Open lists the open pull requests against a branch, or against any for "".
var Open = Fact[release.Branch, []github.PullRequest]{
	Name: "open", Fresh: EachLook, Unknown: Retry, From: []Need{Pull},
	Read: func(l *Look, base release.Branch) ([]github.PullRequest, error) {
		return l.from.GitHub.OpenPullRequests(l.ctx, l.Repo, base)
	},
}

// Reported is what is remembered to stand on the head of a pull request: those of our
// checks, by their names, and other Apps' under such a name.
func Reported(l *Look, pr github.PullRequest, checks []string) ([]github.RememberedRun, []github.Namesake, error) {
	have, err := l.from.GitHub.Remembered(l.ctx, l.Repo, pr, checks)
	return have.Runs, have.Namesakes, err
}

// LookForNamesakes reads what Reported tells of other Apps.
func LookForNamesakes(l *Look, commit string) error {
	return l.from.GitHub.LookForNamesakes(l.ctx, l.Repo, commit)
}

// Members are the pull requests between two commits of a merge queue's group.
type Members struct {
	Numbers  []int
	Complete bool // false when some can't be told
}

// Grouped is what a merge queue has built.
var Grouped = Fact[github.MergeGroup, Members]{
	Name: "group", Fresh: EachLook, Unknown: Retry, From: []Need{Pull},
	Read: func(l *Look, g github.MergeGroup) (m Members, err error) {
		m.Numbers, m.Complete, err = l.from.GitHub.GroupMembers(l.ctx, l.Repo, g.Base, g.Head)
		if n := g.Number(); n != 0 && !slices.Contains(m.Numbers, n) {
			m.Numbers = append(m.Numbers, n)
		}
		return m, err
	},
}

// HeadSince is when the head of a pull request was pushed, or else when it was first seen. The
// error is that it wasn't seen yet: the next try sees it.
func HeadSince(l *Look, number int, head string) (time.Time, error) {
	seen, err := Sighted.Of(l, number)
	switch {
	case err != nil:
		return time.Time{}, err
	case seen == nil || seen.Head != head:
		return time.Time{}, fmt.Errorf("#%d has a head that was not seen yet", number)
	case seen.HeadSince.IsZero():
		return seen.HeadSeen, nil
	}
	return seen.HeadSince, nil
}
