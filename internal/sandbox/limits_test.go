package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
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

// TestNoLimitIsNotSpokenOf: the stand-in used to say without a limit too how
// much of GitHub's 5,000 was left. After so many requests clients that believe
// it stopped for the rest of the hour, though it would have served them.
func TestNoLimitIsNotSpokenOf(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	_, resp, err := w.gh.Repositories.Get(ctx, "istio", "istio")
	must(t, err)
	for name := range resp.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") {
			t.Errorf("without a limit there is %s: %s", name, resp.Header.Get(name))
		}
	}
	if _, _, err := w.gh.RateLimit.Get(ctx); status(err) != 404 {
		t.Errorf("without a limit it is said to be so: %v", err)
	}
}

func TestHourlyLimit(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	w.s.SetLimits(sandbox.Limits{PerHour: 2})
	for left := 1; left >= 0; left-- {
		_, resp, err := w.gh.Repositories.Get(ctx, "istio", "istio")
		must(t, err)
		if resp.Rate.Limit != 2 || resp.Rate.Remaining != left {
			t.Errorf("%+v, want %d left", resp.Rate, left)
		}
	}
	rate, _, err := w.gh.RateLimit.Get(ctx)
	must(t, err)
	if rate.Core.Limit != 2 || rate.Core.Remaining != 0 {
		t.Errorf("%+v, want none left", rate.Core)
	}
	w.gh = w.installation(w.inst) // the old client remembers the limit by itself
	_, _, err = w.gh.Repositories.Get(ctx, "istio", "istio")
	if _, is := err.(*github.RateLimitError); !is {
		t.Errorf("over the limit: %v", err)
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

// TestShrunkenLimits: the windows are as long as one says, and who was refused is known.
func TestShrunkenLimits(t *testing.T) {
	var passed atomic.Int64 // read by the stand-in's own goroutines, too
	began := time.Now()
	w := newWorld(t, sandbox.Options{Now: func() time.Time { return began.Add(time.Duration(passed.Load())) }})
	n, err := w.s.As("bob").OpenIssue(repo, "x", "")
	must(t, err)
	comment := func() (retryAfter string) { // not by go-github, which remembers that it was limited
		t.Helper()
		req, _ := http.NewRequest("POST", fmt.Sprintf("%srepos/%s/issues/%d/comments", w.s.API(), repo, n), strings.NewReader(`{"body":"x"}`))
		req.Header.Set("Authorization", "token user:bob")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		_, err = io.Copy(io.Discard, resp.Body) // so that one connection serves all, and the next request follows this one's note
		must(t, err)
		resp.Body.Close()
		return resp.Header.Get("Retry-After")
	}
	for name, l := range map[string]sandbox.Limits{
		"content in a minute": {ContentPerMin: 2, Minute: time.Second},
		"content in an hour":  {ContentPerHour: 2, Hour: time.Second},
		"points in a minute":  {PointsPerMin: 14, Minute: time.Second},
	} {
		w.s.SetLimits(l)
		w.s.ResetRequests()
		for k := range 5 {
			if limit := comment(); limit != map[bool]string{true: "1"}[k == 2] {
				t.Errorf("%s: comment %d: retry after %q", name, k, limit)
			}
			if k == 2 {
				passed.Add(int64(time.Second)) // the window has passed
			}
		}
		if hits := w.s.LimitHits(); len(hits) != 1 || hits[0].Method != http.MethodPost || hits[0].Status != http.StatusForbidden {
			t.Errorf("%s: refused were %+v", name, hits)
		}
	}
	if l := sandbox.GitHubLimits(time.Second, 0); l.ContentPerMin != 80 || l.ContentPerHour != 500 || l.PointsPerMin != 900 || l.PerHour != 5000 || l.Minute != time.Second {
		t.Errorf("%+v", l)
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
