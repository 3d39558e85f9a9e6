package facts

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Records is what is read of the issues in which capabilities keep what they decided.
type Records interface {
	// OwnIssues lists the open issues that our App wrote, and the closed ones that have
	// changed since an instant.
	OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error)
	RepoID(ctx context.Context, repo github.Repo) (int64, error)
}

// OwnIssues are those of our App, and the id of their repository, which their records
// are sealed to.
type OwnIssues struct {
	RepoID int64
	List   []github.Issue // the newest first
}

// OurIssues are the issues that our App wrote: the open ones, and the closed ones that
// have changed since the beginning of an instant's day. A whole day, so that the list's
// address, and with it its ETag, stay good for that long. Whoever keeps a record in one
// names who has to look again when somebody changes it. What we did to it ourselves is
// remembered already, as GitHub answered it.
var OurIssues = Fact[time.Time, OwnIssues]{
	Name: "our issues", Fresh: github.OwnIssuesMemo, Unknown: Retry, Stale: []On{{Kind: "issues"}},
	Forget: func(e github.Event, _ Touch) string {
		if e.Own || !e.Ours {
			return ""
		}
		return github.OwnIssuesCacheKey(e.Repo)
	},
	Read: func(l *Look, since time.Time) (o OwnIssues, err error) {
		if o.List, err = l.from.GitHub.OwnIssues(l.ctx, l.Repo, since.UTC().Truncate(24*time.Hour)); err == nil {
			o.RepoID, err = l.from.GitHub.RepoID(l.ctx, l.Repo)
		}
		return o, err
	},
}
