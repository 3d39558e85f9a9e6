package ghclient

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Branches lists the branches that match a policy's pattern, by name. GitHub
// lists those that begin as the pattern does up to its first special character.
func (c *Client) Branches(ctx context.Context, repo github.Repo, pattern string) ([]release.Branch, error) {
	literal := pattern
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		literal = pattern[:i]
	}
	list, err := listed(ctx, c, repo, fmt.Sprintf("list branches like %s of %s", pattern, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.Reference, *gh.Response, error) {
		o.PerPage = 0 // not documented for this list, which may come whole
		return g.Git.ListMatchingRefs(ctx, repo.Owner, repo.Name, &gh.ReferenceListOptions{Ref: "heads/" + literal, ListOptions: o})
	})
	var branches []release.Branch
	for _, ref := range list {
		name, isBranch := strings.CutPrefix(ref.GetRef(), "refs/heads/")
		if b := release.Branch(name); isBranch && release.MatchBranch(pattern, b) {
			branches = append(branches, b)
		}
	}
	slices.Sort(branches)
	return branches, err
}

// queuePrefix begins the branches that GitHub's merge queues build.
const queuePrefix = "heads/gh-readonly-queue/"

// queueBranch is what the rest of their names says.
var queueBranch = lazy.Regexp(`^(.+)/pr-\d+-([0-9a-f]{40})$`)

// QueueGroups lists what the merge queues of a repository have built and not
// merged yet.
func (c *Client) QueueGroups(ctx context.Context, repo github.Repo) ([]github.MergeGroup, error) {
	list, err := listed(ctx, c, repo, "list merge queues of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.Reference, *gh.Response, error) {
		o.PerPage = 0 // as in Branches
		return g.Git.ListMatchingRefs(ctx, repo.Owner, repo.Name, &gh.ReferenceListOptions{Ref: queuePrefix, ListOptions: o})
	})
	var groups []github.MergeGroup
	for _, ref := range list {
		name, _ := strings.CutPrefix(ref.GetRef(), "refs/"+queuePrefix)
		if m := queueBranch().FindStringSubmatch(name); m != nil {
			groups = append(groups, github.MergeGroup{Branch: release.Branch(m[1]), Ref: ref.GetRef(), Base: m[2], Head: ref.GetObject().GetSHA()})
		}
	}
	return groups, err
}

// What the first line of a commit says of the pull request that it merged:
// GitHub's own texts for a merge and for a squash.
var (
	mergedNumber   = lazy.Regexp(`^Merge pull request #([0-9]{1,9}) from `)
	squashedNumber = lazy.Regexp(`\(#([0-9]{1,9})\)$`)
)

// mergedBy reads a pull request's number from the message of a commit, 0 for none.
func mergedBy(message string) int {
	line, _, _ := strings.Cut(message, "\n")
	for _, re := range []*regexp.Regexp{mergedNumber(), squashedNumber()} {
		if m := re.FindStringSubmatch(strings.TrimRight(line, "\r ")); m != nil {
			n, _ := strconv.Atoi(m[1]) // at most nine digits
			return n
		}
	}
	return 0
}

// GroupMembers returns the pull requests in a group of a merge queue, in the
// order in which they will be merged, between two commit ids: those that the
// commits on the way from head back to base, by their first parents, name.
// complete is false when that can't be all of them: a commit names none (as with
// a queue that rebases), or GitHub didn't show the whole way.
//
// The first line of a commit that a queue rebases is its author's, who may write
// any number: what is complete here is only so for queues that merge or squash.
func (c *Client) GroupMembers(ctx context.Context, repo github.Repo, base, head string) (numbers []int, complete bool, err error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("compare %.7s and %.7s of %s", base, head, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		page, resp, err := g.Repositories.CompareCommits(ctx, repo.Owner, repo.Name, base, head, &o)
		if err != nil {
			return nil, nil, err
		}
		return page.Commits, resp, nil
	})
	if err != nil {
		return nil, false, err
	}
	commits := map[string]*gh.RepositoryCommit{}
	for _, commit := range list {
		commits[commit.GetSHA()] = commit
	}
	complete = true
	at := head
	for range commits {
		commit := commits[at]
		if commit == nil || len(commit.Parents) == 0 {
			break
		}
		if n := mergedBy(commit.GetCommit().GetMessage()); n == 0 {
			complete = false
		} else if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
		if at = commit.Parents[0].GetSHA(); at == base {
			break
		}
	}
	slices.Reverse(numbers)
	return numbers, complete && at == base, nil
}

// Team reports whether an organisation has a team of that name. It hasn't where
// the App isn't installed: nobody's membership could be looked up there.
func (c *Client) Team(ctx context.Context, org, slug string) (exists bool, err error) {
	err = c.do(ctx, github.Repo{Owner: org}, fmt.Sprintf("read team %s/%s", org, slug), func(g *gh.Client) error {
		_, _, err := g.Teams.GetTeamBySlug(ctx, org, slug)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return false, c.lacksTeam(ctx, github.Repo{Owner: org}, slug)
	case errors.Is(err, reconcile.ErrGone):
		return false, nil
	}
	return err == nil, err
}
