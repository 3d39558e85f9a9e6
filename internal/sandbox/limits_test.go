package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func TestPagesOfLists(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	for n := range 7 {
		_, err := w.s.As("bob").OpenIssue(repo, fmt.Sprint("issue ", n), "")
		must(t, err)
	}
	opts := &github.IssueListByRepoOptions{ListOptions: github.ListOptions{PerPage: 3}, Direction: "asc"}
	var got []int
	for {
		list, resp, err := w.gh.Issues.ListByRepo(ctx, "istio", "istio", opts)
		must(t, err)
		for _, i := range list {
			got = append(got, i.GetNumber())
		}
		if opts.Page == 0 && resp.LastPage != 3 {
			t.Errorf("last page %d", resp.LastPage)
		}
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	if fmt.Sprint(got) != "[1 2 3 4 5 6 7]" {
		t.Error(got)
	}
}

func TestContentLimit(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	n, err := w.s.As("bob").OpenIssue(repo, "x", "")
	must(t, err)
	w.s.SetLimits(sandbox.Limits{ContentPerMin: 2})
	for k := range 3 {
		_, _, err := w.gh.Issues.CreateComment(ctx, "istio", "istio", n, &github.IssueComment{Body: github.String("x")})
		limit, is := err.(*github.AbuseRateLimitError)
		if (k == 2) != is || is && limit.GetRetryAfter() != time.Minute {
			t.Errorf("comment %d: %v", k, err)
		}
	}
}

func TestCredentials(t *testing.T) {
	now := time.Now()
	w := newWorld(t, sandbox.Options{Now: func() time.Time { return now }})
	tok, _, err := w.app.Apps.CreateInstallationToken(context.Background(), w.inst, nil)
	must(t, err)
	get := func(auth, path string) int {
		req, _ := http.NewRequest("GET", w.s.API()+path, nil)
		if auth != "" {
			req.Header.Set("Authorization", auth)
		}
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		auth, path string
		want       int
	}{
		{"", "repos/istio/istio", 200}, {"", "app", 401}, {"Bearer a.b.c", "app", 401}, {"token nonsense", "repos/istio/istio", 401},
		{"token user:nobody", "repos/istio/istio", 401}, {"token user:alice", "user", 200}, {"token " + tok.GetToken(), "repos/istio/istio", 200},
		{"token " + tok.GetToken(), "app", 401},
	} {
		if got := get(c.auth, c.path); got != c.want {
			t.Errorf("%q %s: %d, want %d", c.auth, c.path, got, c.want)
		}
	}
	now = now.Add(time.Hour)
	if got := get("token "+tok.GetToken(), "repos/istio/istio"); got != 401 {
		t.Errorf("an expired token: %d", got)
	}
}
