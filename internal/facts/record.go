package facts

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Records is what is read of the records that our App writes on GitHub.
type Records interface {
	// OwnIssues lists the open issues that our App wrote, and the closed ones that have
	// changed since an instant.
	OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error)
}

// OurIssues are the open issues that our App wrote, and the closed ones that have changed
// since an instant. Whoever keeps one names who has to look again when somebody changes
// it. What we did to it ourselves is remembered already, as GitHub answered it.
var OurIssues = Fact[time.Time, []github.Issue]{
	Name: "our issues", Stale: []On{{Kind: "issues"}},
	Forget: func(e github.Event, _ Touch) string {
		if e.Own || !e.Ours {
			return ""
		}
		return github.OwnIssuesCacheKey(e.Repo)
	},
	Read: func(l *Look, since time.Time) ([]github.Issue, error) {
		return l.from.GitHub.OwnIssues(l.ctx, l.Repo, since)
	},
}
