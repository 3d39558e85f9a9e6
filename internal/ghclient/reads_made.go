package ghclient

import (
	"context"
	"errors"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Throwaways lists the branches of picks whose throwaway refs are there.
func (c *Client) Throwaways(ctx context.Context, repo github.Repo) (branches []release.Branch, err error) {
	list, err := listed(ctx, c, repo, "list "+effect.ThrowawayPrefix+" of "+repo.String(), func(g *gh.Client, o gh.ListOptions) ([]*gh.Reference, *gh.Response, error) {
		o.PerPage = 0 // as in Branches
		return g.Git.ListMatchingRefs(ctx, repo.Owner, repo.Name, &gh.ReferenceListOptions{Ref: strings.TrimPrefix(effect.ThrowawayPrefix, "refs/"), ListOptions: o})
	})
	for _, one := range list {
		if name, is := strings.CutPrefix(one.GetRef(), effect.ThrowawayPrefix); is {
			branches = append(branches, release.Branch(name))
		}
	}
	return branches, err
}

// askAuthors asks whose the addresses are that a commit names, which the REST API tells of
// the author and the committer alone:
// https://docs.github.com/en/graphql/reference/objects#commit
const askAuthors = `query Authors($owner: String!, $name: String!, $oid: GitObjectID!) {
  repository(owner: $owner, name: $name) { object(oid: $oid) { ... on Commit { authors(first: 100) { nodes { email user { databaseId login } } } } } }
}`

type authorsAnswer struct {
	Data struct {
		Repository *struct {
			Object *struct {
				Authors struct {
					Nodes []struct {
						Email string `json:"email"`
						User  *struct {
							ID    int64  `json:"databaseId"`
							Login string `json:"login"`
						} `json:"user"` // null where no account has the address
					} `json:"nodes"`
				} `json:"authors"`
			} `json:"object"`
		} `json:"repository"`
	} `json:"data"`
	Errors []graphQLError `json:"errors"`
}

// coAuthors are the accounts of those whom a pick of ours names as who made its source; the
// zero User for each that GitHub doesn't know, and if it names nobody.
func (c *Client) coAuthors(ctx context.Context, repo github.Repo, of github.ComparedCommit) ([]github.User, error) {
	return madeMemo.read(ctx, c, github.MadeCacheKey(repo, of.ID), func() ([]github.User, error) {
		_, own, err := c.Committer(ctx, repo)
		if err != nil {
			return nil, err
		}
		known := map[string]github.User{account(own): of.Author}
		var made []github.User
		asked := false
		for _, one := range provenance.CoAuthors(of.Message) {
			address := strings.ToLower(strings.TrimSuffix(one[strings.LastIndexByte(one, '<')+1:], ">"))
			who, found := known[account(address)]
			if !found && !asked {
				if err := c.askAuthors(ctx, repo, of.ID, known); err != nil {
					return nil, err
				}
				asked = true
			}
			if !found {
				who = known[account(address)]
			}
			made = append(made, who)
		}
		if len(made) == 0 {
			made = []github.User{{}}
		}
		return made, nil
	})
}

// account is an address, without the host of one that GitHub itself gave out: that is its
// own choice.
func account(address string) string {
	address = strings.ToLower(address)
	if name, host, _ := strings.Cut(address, "@"); strings.HasPrefix(host, "users.noreply.") {
		return name
	}
	return address
}

func (c *Client) askAuthors(ctx context.Context, repo github.Repo, commit string, known map[string]github.User) error {
	var answer authorsAnswer
	err := c.do(ctx, repo, "read the authors of a commit in "+repo.String(), func(g *gh.Client) error {
		answer = authorsAnswer{}
		req, err := g.NewRequest(http.MethodPost, c.opts.GitHub.V4APIURL, map[string]any{
			"query": askAuthors, "variables": map[string]string{"owner": repo.Owner, "name": repo.Name, "oid": commit},
		})
		if err != nil {
			return err
		}
		_, err = g.Do(ctx, req, &answer)
		return err
	})
	if errors.Is(err, ErrNotFound) { // a server without that API
		return &reconcile.RefusedError{Reason: "GitHub doesn't tell the commit's co-authors", Err: err}
	}
	if err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		if e := answer.Errors[0]; e.Type != "RATE_LIMITED" {
			return &reconcile.RefusedError{Reason: "GitHub doesn't tell the commit's co-authors", Said: e.Message}
		}
		return errors.New("GitHub's limit on GraphQL: " + answer.Errors[0].Message)
	}
	if answer.Data.Repository == nil || answer.Data.Repository.Object == nil {
		return &reconcile.RefusedError{Reason: "GitHub doesn't tell the commit's co-authors"}
	}
	for _, n := range answer.Data.Repository.Object.Authors.Nodes {
		if _, there := known[account(n.Email)]; n.User != nil && !there {
			known[account(n.Email)] = github.User{ID: n.User.ID, Login: n.User.Login}
		}
	}
	return nil
}
