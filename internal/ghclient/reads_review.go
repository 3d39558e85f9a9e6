package ghclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Reviews lists the reviews of a pull request, oldest first. GitHub is asked each time,
// mostly for a "not modified": a withdrawn approval whose event is lost must not let a
// merge through, and a check that is run again must see the review that it lacked.
func (c *Client) Reviews(ctx context.Context, repo github.Repo, number int) ([]github.Review, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list reviews of %s#%d", repo, number), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequestReview, *gh.Response, error) {
		return g.PullRequests.ListReviews(ctx, repo.Owner, repo.Name, number, &o)
	})
	var all []github.Review
	for _, r := range list {
		all = append(all, github.Review{
			ID: r.GetID(), Author: user(r.GetUser()), State: github.ReviewState(r.GetState()), Commit: r.GetCommitID(),
			URL: r.GetHTMLURL(), At: r.GetSubmittedAt().Time,
		})
	}
	if err == nil { // every event of a review has them read, so what is kept is as new as that
		err = reviewsMemo.put(ctx, c, github.ReviewsCacheKey(repo, number), all)
	}
	return all, err
}

// maxCompared is how many commits are listed; a comparison of more has none.
const maxCompared = 250

// Compare says how a commit stands to a branch. The commit may be a fork's: a
// pull request's head is in the repository that it is against. The branch is
// looked up first: a tag may have its name.
func (c *Client) Compare(ctx context.Context, repo github.Repo, base release.Branch, head string) (found github.Comparison, err error) {
	tip, err := c.BranchHead(ctx, repo, base)
	if err == nil && tip == "" {
		err = fmt.Errorf("branch %s of %s: %w", base, repo, ErrNotFound)
	}
	if err != nil {
		return found, err
	}
	list, err := listed(ctx, c, repo, fmt.Sprintf("compare %s and %.7s of %s", base, head, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		page, resp, err := g.Repositories.CompareCommits(ctx, repo.Owner, repo.Name, tip, head, &o)
		if err != nil {
			return nil, nil, err
		}
		found.MergeBase, found.Total = page.GetMergeBaseCommit().GetSHA(), page.GetTotalCommits()
		if found.Total >= maxCompared {
			return nil, &gh.Response{}, nil
		}
		return page.Commits, resp, nil
	})
	if err == nil {
		found.Commits, err = c.comparedCommits(ctx, repo, list)
	}
	return found, err
}

// webFlow is the account by which GitHub commits what is done on its pages; the
// name is reserved.
const webFlow = "web-flow"

func comparedCommit(one *gh.RepositoryCommit) github.ComparedCommit {
	commit := github.ComparedCommit{
		ID: one.GetSHA(), Author: user(one.GetAuthor()), Committer: user(one.GetCommitter()),
		Verified: one.GetCommit().GetVerification().GetVerified(), Message: one.GetCommit().GetMessage(),
	}
	commit.ByGitHub = commit.Verified && commit.Committer.Login == webFlow
	for _, p := range one.Parents {
		commit.Parents = append(commit.Parents, p.GetSHA())
	}
	return commit
}

// MergeBase returns where a commit that once was a head meets a branch; "" if
// GitHub no longer has the commit.
func (c *Client) MergeBase(ctx context.Context, repo github.Repo, base release.Branch, head string) (string, error) {
	return baseMemo.read(ctx, c, github.MergeBaseCacheKey(repo, base, head), func() (string, error) {
		found, err := c.Compare(ctx, repo, base, head)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return found.MergeBase, err
	})
}

// TeamMembers reads who is in a team of the organisation that owns a repository,
// and in the teams below it. One that GitHub doesn't show the App isn't there.
func (c *Client) TeamMembers(ctx context.Context, repo github.Repo, slug string) (github.Team, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("members of team %s/%s", repo.Owner, slug), func(g *gh.Client, o gh.ListOptions) ([]*gh.User, *gh.Response, error) {
		return g.Teams.ListTeamMembersBySlug(ctx, repo.Owner, slug, &gh.TeamListTeamMembersOptions{ListOptions: o})
	})
	if errors.Is(err, ErrNotFound) {
		return github.Team{}, c.lacksTeam(ctx, repo, slug)
	}
	team := github.Team{Exists: err == nil}
	for _, u := range list {
		team.Members = append(team.Members, user(u))
	}
	return team, err
}

// CodeOwners reads the CODEOWNERS file of a branch, from the first of the places
// where GitHub looks for it.
// See https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
func (c *Client) CodeOwners(ctx context.Context, repo github.Repo, branch release.Branch) (github.File, error) {
	return ownersMemo.read(ctx, c, github.CodeOwnersCacheKey(repo, branch), func() (f github.File, err error) {
		for _, path := range github.CodeOwnersPaths {
			if f, err = c.FileAt(ctx, repo, branch.Ref(), path); err != nil || f.Found {
				break
			}
		}
		return f, err
	})
}

// UnknownOwners lists whom the CODEOWNERS file of a branch names and GitHub takes for no
// owner, as "@octocat" and "@octo-org/experts": they are gone, or may not write.
// See https://docs.github.com/rest/repos/repos#list-codeowners-errors
func (c *Client) UnknownOwners(ctx context.Context, repo github.Repo, branch release.Branch) ([]string, error) {
	return unknownMemo.read(ctx, c, github.UnknownOwnersCacheKey(repo, branch), func() (names []string, err error) {
		err = c.do(ctx, repo, fmt.Sprintf("errors of the code owners of %s", repo), func(g *gh.Client) error {
			found, _, err := g.Repositories.GetCodeownersErrors(ctx, repo.Owner, repo.Name, &gh.GetCodeownersErrorsOptions{Ref: string(branch)})
			if err != nil {
				return err
			}
			for _, e := range found.Errors {
				if e.Kind == "Unknown owner" {
					names = append(names, unknownOwner(e)...)
				}
			}
			return nil
		})
		if errors.Is(err, ErrNotFound) { // there is no such file, or it is too large: nobody is an owner
			err = nil
		}
		return names, err
	})
}

// unknownOwner is whom an error is about: who stands at its column, and whom it names, since
// GitHub doesn't say what it counts there.
func unknownOwner(e *gh.CodeownersError) (names []string) {
	message, _, _ := strings.Cut(e.Message, "\n")
	for _, word := range strings.Fields(e.Source) {
		at := strings.Index(e.Source, word) + 1
		if strings.HasPrefix(word, "@") && (at == e.Column || slices.Contains(strings.Fields(message), word)) {
			names = append(names, word)
		}
	}
	return names
}

// PullHistory reads what happened to a pull request, as far as reviews depend on it.
func (c *Client) PullHistory(ctx context.Context, repo github.Repo, number int) (github.PullHistory, error) {
	h := github.PullHistory{Dismissals: map[int64]github.Dismissal{}}
	bot, err := c.bot(ctx, repo)
	if err != nil {
		return h, err
	}
	list, err := c.issueEvents(ctx, repo, number)
	for _, e := range list {
		switch e.GetEvent() {
		case "base_ref_changed", "automatic_base_change_succeeded":
			if at := e.GetCreatedAt().Time; at.After(h.BaseSince) {
				h.BaseSince = at
			}
		case "review_dismissed":
			was := github.ReviewState(strings.ToUpper(e.GetDismissedReview().GetState()))
			h.Dismissals[e.GetDismissedReview().GetReviewID()] = github.Dismissal{By: user(e.GetActor()), Was: was}
		case "review_requested":
			ours := e.GetReviewRequester().GetID() == bot.ID || e.GetActor().GetID() == bot.ID
			if slug := e.GetRequestedTeam().GetSlug(); ours && slug != "" {
				h.Asked = append(h.Asked, slug)
			}
		}
	}
	return h, err
}

// PullCommits lists the commits of a pull request, oldest first, at most 250.
func (c *Client) PullCommits(ctx context.Context, repo github.Repo, number int) ([]github.ComparedCommit, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list commits of %s#%d", repo, number), func(g *gh.Client, o gh.ListOptions) ([]*gh.RepositoryCommit, *gh.Response, error) {
		return g.PullRequests.ListCommits(ctx, repo.Owner, repo.Name, number, &o)
	})
	if err != nil {
		return nil, err
	}
	return c.comparedCommits(ctx, repo, list)
}

// MergedWith returns the pull request that was merged into a branch and has a commit,
// be it one of its own or the one that the merge made. It is not found when there is
// none, or GitHub doesn't know the commit.
func (c *Client) MergedWith(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error) {
	list, err := c.pullsWith(ctx, repo, commit)
	for _, p := range list {
		d := pullDetail(p)
		if d.Merged && d.Base == branch && (!found || d.MergeCommit == commit) {
			one, found = d, true
		}
	}
	return one, found, err
}

// pullsWith lists the pull requests that have a commit; none for one that GitHub
// doesn't know.
func (c *Client) pullsWith(ctx context.Context, repo github.Repo, commit string) ([]*gh.PullRequest, error) {
	list, err := listed(ctx, c, repo, fmt.Sprintf("list pull requests of %.7s of %s", commit, repo), func(g *gh.Client, o gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		return g.PullRequests.ListPullRequestsWithCommit(ctx, repo.Owner, repo.Name, commit, &o)
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return list, err
}

// PullOf returns the pull request whose merge put a commit on a branch. It is not
// found when there is none, or GitHub doesn't know the commit.
func (c *Client) PullOf(ctx context.Context, repo github.Repo, branch release.Branch, commit string) (one github.PullDetail, found bool, err error) {
	list, err := c.pullsWith(ctx, repo, commit)
	for _, p := range list {
		d := pullDetail(p)
		if err != nil || found || !d.Merged || d.Base != branch {
			continue
		}
		var put github.Landing
		put, err = c.Merged(ctx, repo, d)
		if slices.Contains(put.Commits, commit) {
			one, found = d, true
		}
	}
	return one, found && err == nil, err
}
