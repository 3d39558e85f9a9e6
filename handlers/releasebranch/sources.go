package releasebranch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
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
	Word   facts.Word        // that names it; zero: the pull request's texts do, or we
	// There is what its merge put on another release branch, in the place of Claim. From is what
	// that was our pick of, and Forward our pull request that brings it to the source branch, if any.
	There   *provenance.Claim
	From    int
	Forward github.PullRequest
}

// origin is a source, as it was reviewed.
type origin struct {
	submission
	Of     []github.PullDetail // that it is itself a faithful pick of, the nearest first
	Issues []sourceIssue       // that they name; none if nobody asks
}

// maxNamed bounds how many of the numbers in a pull request's texts are looked up.
const maxNamed = 12

// text is what people wrote about the change.
func (f known) text() provenance.Text {
	t := provenance.Text{Title: f.PR.Title, Body: f.PR.Body, HeadBranch: string(f.PR.HeadRef), Repo: f.Repo.String()}
	for _, c := range f.Commits.Commits {
		t.Messages = append(t.Messages, c.Message)
	}
	return t
}

// words are what the pull request names, with who does. Of a pick of ours it is what was
// asked for, and what people have named since: its texts are ours. (On what else we propose
// people may name an issue in them.)
func (f known) words() (list []facts.Word) {
	if !f.Pick.Is() {
		for _, m := range provenance.Mentions(f.text()) {
			list = append(list, facts.Word{Mention: m})
		}
		return list
	}
	list = []facts.Word{{Mention: provenance.Mention{Number: f.Pick.Source, Commit: f.Pick.Commit, By: provenance.ByMarker}}}
	return append(list, slices.DeleteFunc(slices.Clone(f.Words), func(w facts.Word) bool { return w.Lost != facts.Counts })...)
}

// believes reports whether what names something may claim that the pull request comes from
// it: what we wrote ourselves may not.
func (f known) believes(w facts.Word) bool {
	return !f.Pick.Ours || w.By == provenance.ByMarker || w.Who.ID != 0
}

// namedBy is what a pull request names, as a fact.
var namedBy = facts.Fact[facts.Against, []named]{
	Name: "named", Fresh: facts.AsMadeOf, Unknown: facts.Hold,
	What: func(facts.Against) string { return "What it names couldn't be looked up" },
	From: []facts.Need{facts.Policy, facts.PickPull, facts.Detail, facts.Compared, facts.SourceBranch, facts.Pick, facts.Words, facts.Issue, facts.Failed, facts.Merged, facts.Commit},
	Read: func(l *facts.Look, j facts.Against) (_ []named, err error) {
		f := known{Repo: l.Repo, Base: j.Base}
		if f.Policy, err = facts.Policy.Of(l, facts.Whole{}); err != nil {
			return nil, err
		}
		if f.PR, err = facts.Detail.Of(l, j.Number); err != nil {
			return nil, err
		}
		if f.Commits, err = facts.Compared.Of(l, facts.At{Branch: j.Base, Commit: f.PR.Head}); err != nil {
			return nil, err
		}
		if f.Source, err = facts.SourceBranch.Of(l, facts.Whole{}); err != nil {
			return nil, err
		}
		if f.Pick, err = facts.Pick.Of(l, j.Number); err != nil {
			return nil, err
		}
		if f.Words, err = facts.Words.Of(l, j); err != nil {
			return nil, err
		}
		return f.readNamed(l)
	},
}

// readNamed looks up what the pull request names.
func (f known) readNamed(l *facts.Look) (list []named, err error) {
	words := f.words()
	seen := map[int]bool{f.PR.Number: true}
	for _, w := range words[:min(len(words), maxNamed)] {
		if w.Commit != "" {
			if f.believes(w) {
				list = append(list, named{By: w.By, Claim: &provenance.Claim{Commit: w.Commit, By: w.By}, Word: w})
			}
			continue
		}
		if seen[w.Number] {
			continue
		}
		seen[w.Number] = true
		one, err := f.readNumber(l, w)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
		next, err := followed(l, one, f)
		if err != nil {
			return nil, err
		}
		for _, w := range next {
			if seen[w.Number] {
				continue
			}
			seen[w.Number] = true
			two, err := f.readNumber(l, w)
			if err != nil {
				return nil, err
			}
			list = append(list, two)
		}
	}
	return list, nil
}

// followed are the pull requests that the issue about a failed pick names. Such
// an issue is told by its title, which today's bots and ours begin with the branch. Ours
// names one: its text lists what the branch lacks, too, and nobody has asked for that.
func followed(l *facts.Look, one named, f known) (next []facts.Word, err error) {
	if one.There != nil {
		return one.related(), nil
	}
	if !one.failure(f) {
		return nil, nil
	}
	failed, err := facts.Failed.Of(l, one.Number)
	if err != nil {
		return nil, err
	}
	mentions := provenance.Mentions(provenance.Text{Title: one.Issue.Title, Body: one.Issue.Body})
	if failed.Ours {
		mentions = []provenance.Mention{{Number: failed.Source}}
	}
	for _, m := range mentions {
		if m.Number != 0 && len(next) < 3 {
			w := one.Word
			w.Mention = provenance.Mention{Number: m.Number, By: provenance.ByIssue}
			next = append(next, w)
		}
	}
	return next, nil
}

// failure reports an issue about a pick onto the branch that failed.
func (n named) failure(f known) bool {
	return n.Issue != nil && strings.HasPrefix(strings.ToLower(n.Issue.Title), "["+strings.ToLower(string(f.Base))+"]")
}

// readNumber looks up a number. GitHub's issues are of both kinds.
func (f known) readNumber(l *facts.Look, w facts.Word) (one named, err error) {
	one = named{By: w.By, Number: w.Number, Word: w}
	issue, err := facts.Issue.Of(l, w.Number)
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
	pr, err := facts.Detail.Of(l, w.Number)
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
		err = f.readThere(l, &one)
	case f.believes(w):
		one.Claim, one.Why, err = claim(l, w.By, pr)
	}
	return one, err
}

// claim is what the merge of a pull request put on the source branch. Where nobody can tell
// what it was, why says so.
func claim(l *facts.Look, by provenance.Way, pr github.PullDetail) (_ *provenance.Claim, why string, err error) {
	c, unclear, err := facts.Claim(l, by, pr)
	if unclear != "" {
		why = "came to " + effect.Code(string(pr.Base)) + " so that nobody can tell what it alone changed there: " + strings.TrimSuffix(unclear, ".")
	}
	return c, why, err
}

// question is what git is asked.
func (f known) question() provenance.Question {
	q := provenance.Question{
		Head: f.PR.Head, MergeBase: f.Commits.MergeBase, Commits: f.Commits.Total, Base: f.Base,
		Titles: []string{f.PR.Title},
		// The title of what we propose is ours, and what nobody named there is no source of it.
		Search: !f.Pick.Ours,
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
		if c.Verified && (is(f.Settings.IgnoredAccounts, c.Committer.ID) || c.ByGitHub && areAll(f.Settings.IgnoredAccounts, c.Authors())) {
			q.Ignored = append(q.Ignored, c.ID)
		}
	}
	return q
}

// readSources reads how the sources that were found were approved.
func (f *known) readSources(l *facts.Look, prove facts.Prove) error {
	for _, source := range f.Found.Sources {
		o, err := f.readSource(l, source)
		if err != nil {
			return err
		}
		if n := o.PR.Number; n != 0 {
			if o.Reviews, err = facts.Reviews.Of(l, n); err != nil {
				return err
			}
			if o.Commits, err = facts.Commits.Of(l, n); err != nil {
				return err
			}
			if o.Moved, o.Updates, err = f.readSourceMoved(l, prove, o); err != nil {
				return err
			}
			if o.Of, err = chain(l, o.PR, maxChain); err != nil {
				return err
			}
			if o.Issues, err = f.readSourceIssues(l, o); err != nil {
				return err
			}
		}
		f.Origins[source.Commit] = o
	}
	return nil
}

// readSource finds the pull request of a source. A number in the text of a
// commit is anybody's word: GitHub is asked whose merge it was.
func (f known) readSource(l *facts.Look, source provenance.Claim) (o origin, err error) {
	i := slices.IndexFunc(f.Named, func(n named) bool { return n.PR != nil && n.Claim != nil && n.Claim.Commit == source.Commit })
	if i >= 0 {
		o.PR = *f.Named[i].PR
	} else {
		n, err := facts.Bringer.Of(l, facts.At{Branch: f.on(), Commit: source.Commit})
		if err != nil || n == 0 {
			return o, err
		}
		if o.PR, err = facts.Detail.Of(l, n); err != nil {
			return o, err
		}
	}
	if o.PR.MergeCommit != source.Commit {
		return o, nil
	}
	// GitHub also calls a pull request merged whose commits came with another's
	// merge, or with one that somebody made by hand, and put more into: the approvals
	// are not about all of it.
	commit, err := facts.Commit.Of(l, source.Commit)
	if err == nil && len(commit.Parents) > 1 && (commit.Parents[1] != o.PR.Head || !commit.ByGitHub) {
		o.PR = github.PullDetail{}
	}
	return o, err
}

// readSourceMoved asks git what has changed in a source between the approvals
// of it and its last commit, and which of its commits only merge its base. What can't be
// told counts as changed, and as somebody's.
func (f known) readSourceMoved(l *facts.Look, prove facts.Prove, o origin) (moved map[string]provenance.Moved, updates []string, err error) {
	points, err := readEarlier(l, f.on(), o.PR.Head, o.Reviews)
	merges := github.MergesByGitHub(o.Commits)
	if err != nil || len(points)+len(merges) == 0 {
		return nil, nil, err
	}
	base, err := facts.MergeBase.Of(l, facts.At{Branch: f.on(), Commit: o.PR.Head})
	if err == nil && base == o.PR.Head { // merged with its history: the branch holds its head
		points = nil
		base, err = facts.Before.Of(l, o.PR.Number)
	}
	if err != nil || base == "" {
		return nil, nil, err
	}
	found, err := prove(l.Context(), f.PR.RepoID, provenance.Question{
		Head: o.PR.Head, MergeBase: base, Commits: o.PR.Commits, Base: f.on(), Earlier: points,
	})
	var later *reconcile.RetryAfterError
	if err != nil && (errors.As(err, &later) || l.Context().Err() != nil) {
		return nil, nil, err
	}
	return found.Moved, found.Updates, nil
}

// sourceIssue is an issue that a source names; Fixed says that it does so as what it closes.
type sourceIssue struct {
	github.Issue
	Fixed bool
}

// namedIn reads the issues that a source names. One about a pick that failed is none.
func (f known) namedIn(l *facts.Look, pr github.PullDetail) (issues []sourceIssue, err error) {
	tried := 0
	for _, m := range provenance.Mentions(provenance.Text{Title: pr.Title, Body: pr.Body, Repo: f.Repo.String()}) {
		if m.Number == 0 || m.Number == pr.Number || m.Number == f.PR.Number || tried == maxSourceIssues {
			continue
		}
		tried++
		issue, err := facts.Issue.Of(l, m.Number)
		if err != nil && !errors.Is(err, reconcile.ErrGone) {
			return nil, err
		}
		if n := (named{Issue: &issue}); err == nil && !issue.IsPullRequest && !n.failure(f) {
			issues = append(issues, sourceIssue{issue, m.Closes})
		}
	}
	return issues, nil
}

// maxSourceIssues bounds how many numbers in a source's text are looked up.
const maxSourceIssues = 5
