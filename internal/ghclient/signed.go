package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// SignedCommits has GitHub make the commits of a pick onto a commit, each a child of the one
// before, and returns the last one. Author and committer are left to GitHub, which then signs
// them for the App:
// https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
//
// Their trees are there under a throwaway ref, which is deleted whatever came of it. All that
// is one write to the pacer: nobody sees it.
func (c *Client) SignedCommits(ctx context.Context, repo github.Repo, onto string, steps []effect.Step, throwaway string) (head string, err error) {
	err = c.write(ctx, repo, "make the signed commits of a pick in "+repo.String(), throwaway, func(g *gh.Client) (err error) {
		head, err = signedCommits(ctx, g, repo, onto, steps)
		return errors.Join(err, deleteRef(ctx, g, repo, throwaway))
	})
	return head, err
}

func signedCommits(ctx context.Context, g *gh.Client, repo github.Repo, onto string, steps []effect.Step) (head string, err error) {
	head = onto
	for _, s := range steps {
		made, _, err := g.Git.CreateCommit(ctx, repo.Owner, repo.Name, &gh.Commit{
			Message: &s.Message, Tree: &gh.Tree{SHA: &s.Tree}, Parents: []*gh.Commit{{SHA: gh.String(head)}},
		}, nil)
		if err == nil {
			err = wellMade(made, s)
		}
		if err != nil {
			return "", err
		}
		head = made.GetSHA()
	}
	return head, nil
}

// wellMade holds a commit to what was asked for.
func wellMade(made *gh.Commit, s effect.Step) error {
	switch v := made.GetVerification(); {
	case !v.GetVerified():
		return &reconcile.RefusedError{
			Reason: "GitHub made the commit of the pick and didn't sign it", Said: v.GetReason(),
			Next: "have the site's administrators switch on the signing of web commits, or set `cherrypick.sign_commits` otherwise",
		}
	case made.GetTree().GetSHA() != s.Tree || !effect.SameText(made.GetMessage(), s.Message):
		return &reconcile.RefusedError{Reason: "GitHub made another commit than the one that it was asked for", Next: "pick it by hand"}
	}
	return nil
}

// deleteRef deletes a ref, if it is there.
func deleteRef(ctx context.Context, g *gh.Client, repo github.Repo, ref string) error {
	_, err := g.Git.DeleteRef(ctx, repo.Owner, repo.Name, ref)
	var gone *gh.ErrorResponse
	if errors.As(err, &gone) && gone.Response != nil && (gone.Response.StatusCode == http.StatusNotFound ||
		gone.Response.StatusCode == http.StatusUnprocessableEntity && strings.Contains(gone.Message, "Reference does not exist")) {
		return nil
	}
	return err
}

// applyDropThrowaway deletes a throwaway ref that was left behind.
func (c *Client) applyDropThrowaway(ctx context.Context, e effect.DropThrowaway) (done, error) {
	left, err := c.Throwaways(ctx, e.Repo)
	if err != nil || !slices.Contains(left, e.Branch) {
		return done{}, err
	}
	return wrote("", c.write(ctx, e.Repo, "delete a throwaway ref of "+e.Repo.String(), e.Key(), func(g *gh.Client) error {
		return deleteRef(ctx, g, e.Repo, effect.Throwaway(e.Branch))
	}))
}

// signedFor reports the address of the account that this deployment's key signs for: what it
// commits our App has made. Anybody can write an address, the App's own, too.
func (c *Client) signedFor(address string) bool {
	return c.opts.SignedBy != "" && strings.EqualFold(address, c.opts.SignedBy)
}

// comparedCommits reads commits, and finds who made what was picked, of picks that name our
// App as their author. That is only taken against people, so it needs no signature.
func (c *Client) comparedCommits(ctx context.Context, repo github.Repo, list []*gh.RepositoryCommit) (commits []github.ComparedCommit, err error) {
	for _, raw := range list {
		one := comparedCommit(raw)
		byKey := c.signedFor(raw.GetCommit().GetCommitter().GetEmail())
		asAuthor := one.Author.Bot && strings.Contains(one.Message, "\n"+effect.PickedOnto)
		if byKey || asAuthor {
			bot, err := c.bot(ctx, repo)
			if err != nil {
				return nil, err
			}
			if byKey {
				one.Committer = bot
			}
			if asAuthor && one.Author.ID == bot.ID {
				one.OwnPick = one.ByGitHub && len(one.Parents) == 1
				if one.Made, err = c.coAuthors(ctx, repo, one); err != nil {
					return nil, fmt.Errorf("who made %.7s of %s: %w", one.ID, repo, err)
				}
			}
		}
		commits = append(commits, one)
	}
	return commits, nil
}
