package facts

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Builds is what is read of what is built.
type Builds interface {
	// StatusChecks lists what others report on a commit.
	StatusChecks(ctx context.Context, repo github.Repo, ref string) (list []github.StatusCheck, found bool, err error)
}

// Statuses is what others report on a commit. What is said of one that no branch holds,
// such as the head of a fork's pull request, is most of what is said in a large
// project, and no event of this: only what was merged is built.
var Statuses = Fact[string, []github.StatusCheck]{
	Name: "statuses", Fresh: EachLook, Unknown: Retry,
	Stale: []On{
		{Kind: "check_run", Actions: []string{"created", "completed"}, Touches: reportsOn},
		{Kind: "status", Touches: reportsOn},
	},
	Read: func(l *Look, commit string) ([]github.StatusCheck, error) {
		list, _, err := l.from.GitHub.StatusChecks(l.ctx, l.Repo, commit)
		return list, err
	},
}

func reportsOn(e github.Event) []Touch {
	if e.Own || e.Commit == "" || len(e.Branches) == 0 {
		return nil
	}
	return []Touch{{Commit: e.Commit}}
}
