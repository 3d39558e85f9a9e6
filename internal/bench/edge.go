package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// edgePulls is how many open pull requests a freeze begins over.
const edgePulls = 1000

// edge freezes a branch with many open pull requests, looks at all of them
// again, and thaws it.
func (r *run) edge(ctx context.Context) ([]row, error) {
	gh, p, _, err := r.started(ctx, "SQLite", 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	if err := r.crowd(ctx, gh, p, edgePulls); err != nil {
		return nil, err
	}
	say := func(text string) func() error {
		return func() error {
			_, err := gh.As(manager).Comment(repo, 1, text)
			return err
		}
	}
	var rows []row
	for _, step := range []struct {
		what, want string
		act        func() error
		changes    int
	}{
		{"a freeze begins", "failure", say("/release freeze " + branch(0) + " for the bench"), edgePulls},
		{"all looked at again", "failure", func() error {
			_, err := gh.As(author).Push(home, "master", map[string]string{policyFile: policy + "# again\n"}, "Again")
			return err
		}, 0},
		{"it ends", "success", say("/release thaw " + branch(0)), edgePulls},
	} {
		gh.ResetRequests()
		began := time.Now()
		if err := step.act(); err != nil {
			return nil, err
		}
		if err := r.allSay(ctx, gh, p, step.want); err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
		took := time.Since(began)
		c := countRequests(gh.Requests())
		name := fmt.Sprintf("%s over %d open pull requests: ", step.what, edgePulls)
		most := "at most 11"
		if step.changes == 0 {
			most = "" // a change of the organisation's policy is a resync of all its repositories
		}
		rows = append(rows,
			row{name + "lists of pull requests and issues", most, fmt.Sprint(c.lists)},
			row{name + "looks for an earlier answer of ours in a thread", "", fmt.Sprint(c.threads)},
			row{name + "writes of checks", fmt.Sprintf("at most %d", step.changes), fmt.Sprint(c.checks)},
			row{name + "all other requests", "", fmt.Sprintf("%d (%s)", c.others, strings.Join(c.other, ", "))},
			row{name + "all done, pacing lifted", "60 s", fmt.Sprintf("%.1f s", took.Seconds())})
	}
	return rows, nil
}

// crowd opens pull requests and waits until each has its check.
func (r *run) crowd(ctx context.Context, gh *sandbox.Server, p *Replica, pulls int) error {
	for i := range pulls {
		if _, err := openPR(gh, branch(0), fmt.Sprintf("crowd-%d", i)); err != nil {
			return err
		}
	}
	return r.allSay(ctx, gh, p, "success")
}

// allSay waits until nothing is left to do, and then looks at every check.
func (r *run) allSay(ctx context.Context, gh *sandbox.Server, p *Replica, want string) error {
	const within = 10 * time.Minute
	odd := func() string {
		for _, pr := range gh.PRs(repo) {
			if run, _ := gh.CheckRun(repo, pr.HeadSHA, "slipway/freeze"); run.Conclusion != want {
				return fmt.Sprintf("#%d says %q, want %q", pr.Number, run.Conclusion, want)
			}
		}
		return ""
	}
	err := eventually(ctx, gh, within, odd)
	return errors.Join(err, gh.WaitDeliveries(ctx), idle(ctx, p, within))
}

// requestCount sorts requests by what they are for.
type requestCount struct {
	lists   int // of pull requests, issues or check runs
	threads int // of comments
	checks  int // check runs written
	others  int
	other   []string
}

var (
	listPath  = regexp.MustCompile(`/(pulls|issues|check-runs)$`)
	checkPath = regexp.MustCompile(`/check-runs(/\d+)?$`)
	// digits are a commit id or a number: what differs between requests of a kind.
	digits = regexp.MustCompile(`[0-9a-f]{40}|\d+`)
)

func countRequests(list []sandbox.Request) requestCount {
	var c requestCount
	seen := map[string]int{}
	var order []string
	for _, q := range list {
		switch {
		case q.Method == http.MethodGet && listPath.MatchString(q.Path):
			c.lists++
		case q.Method == http.MethodGet && strings.HasSuffix(q.Path, "/comments"):
			c.threads++
		case q.Method != http.MethodGet && checkPath.MatchString(q.Path):
			c.checks++
		default:
			c.others++
			_, path, _ := strings.Cut(q.Path, repo)
			what := q.Method + " " + digits.ReplaceAllString(path, "N")
			if path == "" {
				what = q.Method + " " + digits.ReplaceAllString(q.Path, "N")
			}
			if seen[what]++; seen[what] == 1 {
				order = append(order, what)
			}
		}
	}
	for _, what := range order {
		c.other = append(c.other, fmt.Sprintf("%d %s", seen[what], what))
	}
	return c
}

// The limits of GitHub that an edge is measured under, shortened: what would
// take hours takes minutes.
const (
	limitScale = 60
	limitPulls = 500
)

// limitedEdge freezes a branch under GitHub's limits, and looks at the order in
// which its pull requests got their checks.
func (r *run) limitedEdge(ctx context.Context) ([]row, error) {
	gh, p, _, err := r.started(ctx, "SQLite", 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	if err := r.crowd(ctx, gh, p, limitPulls); err != nil {
		return nil, err
	}
	p.Kill()
	p.Set("SLIPWAY_PACING_PER_MINUTE=80", "SLIPWAY_PACING_PER_HOUR=500", "SLIPWAY_PACING_INTERVAL=1s", fmt.Sprintf("SLIPWAY_PACING_SCALE=%d", limitScale))
	gh.SetLimits(sandbox.GitHubLimits(time.Minute/limitScale, time.Hour/limitScale))
	if _, err := p.Start(ctx); err != nil {
		return nil, err
	}
	if err := idle(ctx, p, time.Minute); err != nil {
		return nil, err
	}
	if _, err := gh.As(manager).Comment(repo, 1, "Soon."); err != nil { // the most recently active
		return nil, err
	}
	if err := errors.Join(gh.WaitDeliveries(ctx), idle(ctx, p, time.Minute)); err != nil {
		return nil, err
	}
	wanted := wantedOrder(gh)
	gh.ResetRequests()
	began := time.Now()
	if _, err := gh.As(manager).Comment(repo, 1, "/release freeze "+branch(0)); err != nil {
		return nil, err
	}
	if err := r.allSay(ctx, gh, p, "failure"); err != nil {
		return nil, err
	}
	took := time.Since(began)
	late := disorder(wanted, gh.Requests())
	name := fmt.Sprintf("a freeze begins over %d open pull requests under GitHub's limits, %d times as fast: ", limitPulls, limitScale)
	return []row{
		{name + "requests that a limit refused", "0", fmt.Sprint(len(gh.LimitHits()))},
		{name + "places by which a check was away from its place, the most recently active first, at most", "", fmt.Sprint(late)},
		{name + "all done", "", fmt.Sprintf("%.0f s, which is %s", took.Seconds(), (took * limitScale).Round(time.Minute))},
	}, nil
}

// wantedOrder lists the check runs of the open pull requests in the order in
// which they are to be written. GitHub's clock shows seconds: of one second the
// newer number comes first, as in its lists.
func wantedOrder(gh *sandbox.Server) []string {
	pulls := gh.PRs(repo)
	slices.SortFunc(pulls, func(a, b sandbox.PR) int {
		return cmp.Or(b.Updated.Truncate(time.Second).Compare(a.Updated.Truncate(time.Second)), cmp.Compare(b.Number, a.Number))
	})
	var ids []string
	for _, pr := range pulls {
		run, _ := gh.CheckRun(repo, pr.HeadSHA, "slipway/freeze")
		ids = append(ids, strconv.FormatInt(run.ID, 10))
	}
	return ids
}

// disorder is how far from its place a check run was written at most.
func disorder(wanted []string, requests []sandbox.Request) int {
	place, far := 0, 0
	for _, q := range requests {
		m := runPath.FindStringSubmatch(q.Path)
		if m == nil || q.Method != http.MethodPatch {
			continue
		}
		if i := slices.Index(wanted, m[1]); i >= 0 {
			far = max(far, max(place-i, i-place))
			place++
		}
	}
	return far
}

var runPath = regexp.MustCompile(`/check-runs/(\d+)$`)
