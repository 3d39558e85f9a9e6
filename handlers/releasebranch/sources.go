package releasebranch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// named is a pull request, an issue or a commit that a pull request names.
type named struct {
	By     provenance.Way
	Number int // 0: a commit
	PR     *github.PullDetail
	Issue  *github.Issue
	Claim  *provenance.Claim // nil: it can't be a source
	Why    string            // it can't, as a phrase for people; "": it is no pull request
}

// origin is a source with what its own review says.
type origin struct {
	PR      github.PullDetail // Number 0: no pull request brought it
	Reviews []github.Review   // what each reviewer says now
	Commits []github.ComparedCommit
	// Moved says of each commit at which somebody approved it, but the last, what
	// has changed in it since.
	Moved map[string]provenance.Moved
	Issue int // that it names; 0: none, or nobody asks
}

// lost says why an approval of a source doesn't count, as a phrase; "" if it does.
func (o origin) lost(r github.Review) string {
	moved, known := o.Moved[r.Commit]
	switch {
	case r.Author.ID == o.PR.Author.ID:
		return "opened it"
	case slices.ContainsFunc(o.Commits, func(c github.ComparedCommit) bool {
		return !(c.ByGitHub && len(c.Parents) > 1) && (c.Author.ID == r.Author.ID || c.Committer.ID == r.Author.ID)
	}):
		return "made commits of it"
	case r.Commit == o.PR.Head:
		return ""
	case !known || moved.Unknown != "" || len(moved.Paths) > 0:
		return "approved it before it was changed once more"
	}
	return ""
}

// maxNamed bounds how many of the numbers in a pull request's texts are looked up.
const maxNamed = 12

// text is what people wrote about the change.
func (f facts) text() provenance.Text {
	t := provenance.Text{Title: f.PR.Title, Body: f.PR.Body, HeadBranch: string(f.PR.HeadRef), Repo: f.Repo.String()}
	for _, c := range f.Commits.Commits {
		t.Messages = append(t.Messages, c.Message)
	}
	return t
}

// observeNamed looks up what the pull request names.
func (h *Handler) observeNamed(ctx context.Context, f facts) (list []named, err error) {
	mentions := provenance.Mentions(f.text())
	if n := f.Pick.Source; n != 0 {
		mentions = slices.DeleteFunc(mentions, func(m provenance.Mention) bool { return m.Number == n })
		mentions = slices.Insert(mentions, 0, provenance.Mention{Number: n, By: provenance.ByMarker})
	}
	seen := map[int]bool{f.PR.Number: true}
	for _, m := range mentions[:min(len(mentions), maxNamed)] {
		if m.Commit != "" {
			list = append(list, named{By: m.By, Claim: &provenance.Claim{Commit: m.Commit, By: m.By}})
			continue
		}
		if seen[m.Number] {
			continue
		}
		seen[m.Number] = true
		one, err := h.observeNumber(ctx, f, m)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
		for _, next := range followed(one, f) {
			if seen[next.Number] {
				continue
			}
			seen[next.Number] = true
			two, err := h.observeNumber(ctx, f, next)
			if err != nil {
				return nil, err
			}
			list = append(list, two)
		}
	}
	return list, nil
}

// followed are the pull requests that the issue about a failed pick names. Such
// an issue is told by its title, which today's bots and ours begin with the branch.
func followed(one named, f facts) []provenance.Mention {
	if !one.failure(f) {
		return nil
	}
	var next []provenance.Mention
	for _, m := range provenance.Mentions(provenance.Text{Title: one.Issue.Title, Body: one.Issue.Body}) {
		if m.Number != 0 && len(next) < 3 {
			next = append(next, provenance.Mention{Number: m.Number, By: provenance.ByIssue})
		}
	}
	return next
}

// failure reports an issue about a pick onto the branch that failed.
func (n named) failure(f facts) bool {
	return n.Issue != nil && strings.HasPrefix(strings.ToLower(n.Issue.Title), "["+strings.ToLower(string(f.Base))+"]")
}

// observeNumber looks up a number. The list of issues knows both kinds, and has
// an answer that can be revalidated where the pull requests' has none.
func (h *Handler) observeNumber(ctx context.Context, f facts, m provenance.Mention) (one named, err error) {
	one = named{By: m.By, Number: m.Number}
	issue, err := h.GitHub.Issue(ctx, f.Repo, m.Number)
	if errors.Is(err, reconcile.ErrGone) {
		one.Why = "isn't there"
		return one, nil
	}
	if err != nil {
		return one, err
	}
	if !issue.IsPullRequest {
		one.Issue = &issue
		return one, nil
	}
	pr, err := h.GitHub.PullDetail(ctx, f.Repo, m.Number)
	if err != nil {
		return one, err
	}
	one.PR = &pr
	switch {
	case pr.State == github.Open:
		one.Why = "isn't merged yet"
	case !pr.Merged:
		one.Why = "was closed without being merged"
	case pr.Base != f.Source:
		one.Why = fmt.Sprintf("was merged into %s, and sources are on %s", effect.Code(string(pr.Base)), effect.Code(string(f.Source)))
	default:
		one.Claim, err = h.claim(ctx, f, m.By, pr)
	}
	return one, err
}

// claim is what the merge of a pull request put on the source branch, as one
// change: a rebased range begins at the parent of its first commit.
func (h *Handler) claim(ctx context.Context, f facts, by provenance.Way, pr github.PullDetail) (*provenance.Claim, error) {
	commits, err := h.GitHub.MergedCommits(ctx, f.Repo, pr)
	if err != nil || len(commits) == 0 {
		return nil, err
	}
	c := provenance.Claim{Commit: commits[len(commits)-1], By: by, Number: pr.Number, Title: pr.Title}
	if len(commits) > 1 {
		first, err := h.GitHub.CommitOf(ctx, f.Repo, commits[0])
		if err != nil {
			return nil, err
		}
		if len(first.Parents) > 0 {
			c.Base = first.Parents[0]
		}
	}
	return &c, nil
}

// question is what git is asked.
func (f facts) question() provenance.Question {
	q := provenance.Question{
		Head: f.PR.Head, MergeBase: f.Commits.MergeBase, Commits: f.Commits.Total, Base: f.Base, Source: f.Source,
		Titles: []string{f.PR.Title}, Search: true,
	}
	for _, n := range f.Named {
		if n.Claim != nil {
			q.Claims = append(q.Claims, *n.Claim)
		}
	}
	for _, c := range f.Commits.Commits {
		if title, _, _ := strings.Cut(c.Message, "\n"); !slices.Contains(q.Titles, title) && len(q.Titles) < 5 {
			q.Titles = append(q.Titles, title)
		}
		// What a commit says of itself is anybody's word, but for a signature
		// that GitHub has verified.
		// The signature is the committer's; what GitHub itself commits is the author's.
		if c.Verified && (is(f.Settings.IgnoredAccounts, c.Committer.ID) || c.ByGitHub && is(f.Settings.IgnoredAccounts, c.Author.ID)) {
			q.Ignored = append(q.Ignored, c.ID)
		}
	}
	return q
}

// observeSources reads how the sources that were found were approved.
func (h *Handler) observeSources(ctx context.Context, f *facts) error {
	for _, source := range f.Found.Sources {
		o, err := h.observeOneSource(ctx, *f, source)
		if err != nil {
			return err
		}
		if o.PR.Number != 0 {
			all, err := h.GitHub.Reviews(ctx, f.Repo, o.PR.Number)
			if err != nil {
				return err
			}
			o.Reviews = github.Standing(all)
			if o.Commits, err = h.GitHub.PullCommits(ctx, f.Repo, o.PR.Number); err != nil {
				return err
			}
			if err := h.observeSourceMoved(ctx, *f, &o); err != nil {
				return err
			}
			if o.Issue, err = h.observeSourceIssue(ctx, *f, o.PR); err != nil {
				return err
			}
		}
		f.Origins[source.Commit] = o
	}
	return nil
}

// observeOneSource finds the pull request of a source. A number in the text of a
// commit is anybody's word: GitHub is asked whose merge it was.
func (h *Handler) observeOneSource(ctx context.Context, f facts, source provenance.Claim) (origin, error) {
	var pr github.PullDetail
	i := slices.IndexFunc(f.Named, func(n named) bool { return n.PR != nil && n.Claim != nil && n.Claim.Commit == source.Commit })
	if i >= 0 {
		pr = *f.Named[i].PR
	} else {
		var err error
		if pr, _, err = h.GitHub.PullOf(ctx, f.Repo, f.Source, source.Commit); err != nil {
			return origin{}, err
		}
	}
	if pr.Number == 0 || pr.MergeCommit != source.Commit {
		return origin{PR: pr}, nil
	}
	// GitHub also calls a pull request merged whose commits came with another's
	// merge: that one's approvals are not about all of it.
	commit, err := h.GitHub.CommitOf(ctx, f.Repo, source.Commit)
	if err == nil && len(commit.Parents) > 1 && commit.Parents[1] != pr.Head {
		pr = github.PullDetail{}
	}
	return origin{PR: pr}, err
}

// observeSourceMoved asks git what has changed in a source between the approvals
// of it and its last commit. What can't be told counts as changed.
func (h *Handler) observeSourceMoved(ctx context.Context, f facts, o *origin) error {
	early := facts{Repo: f.Repo, Base: f.Source, PR: o.PR, Reviews: o.Reviews}
	points, err := h.observeEarlier(ctx, early)
	if err != nil || len(points) == 0 {
		return err
	}
	base, err := h.GitHub.MergeBase(ctx, f.Repo, f.Source, o.PR.Head)
	if err != nil || base == "" || base == o.PR.Head { // merged with its history: the branch holds its head
		return err
	}
	found, err := h.Prover.Prove(ctx, f.Repo, f.PR.RepoID, provenance.Question{
		Head: o.PR.Head, MergeBase: base, Commits: o.PR.Commits, Base: f.Source, Source: f.Source, Earlier: points,
	})
	var later *reconcile.Later
	if err != nil && (errors.As(err, &later) || ctx.Err() != nil) {
		return err
	}
	o.Moved = found.Moved
	return nil
}

// observeSourceIssue finds the issue that a source names, if a rule asks for one.
func (h *Handler) observeSourceIssue(ctx context.Context, f facts, pr github.PullDetail) (int, error) {
	demands := f.Settings.Rules.of(f.phase().Phase)
	if f.issue() != "" || !slices.Contains(demands, NeedsIssue) && !slices.Contains(demands, NeedsEither) {
		return 0, nil
	}
	tried := 0
	for _, m := range provenance.Mentions(provenance.Text{Title: pr.Title, Body: pr.Body, Repo: f.Repo.String()}) {
		if m.Number == 0 || m.Number == pr.Number || m.Number == f.PR.Number || tried == maxSourceIssues {
			continue
		}
		tried++
		issue, err := h.GitHub.Issue(ctx, f.Repo, m.Number)
		if err != nil && !errors.Is(err, reconcile.ErrGone) {
			return 0, err
		}
		if n := (named{Issue: &issue}); err == nil && !issue.IsPullRequest && !n.failure(f) {
			return m.Number, nil
		}
	}
	return 0, nil
}

// maxSourceIssues bounds how many numbers in a source's text are looked up.
const maxSourceIssues = 5
