package sandbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestActivity: who moved which branch how, newest first, on pages with a cursor.
func TestActivity(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	alice := w.s.As("alice")
	_, err := alice.Push(repo, "release-1.30", map[string]string{"a": "1\n"}, "a")
	must(t, err)
	_, err = alice.ForcePush(repo, "release-1.30", map[string]string{"a": "2\n"}, "a")
	must(t, err)
	pr, err := alice.OpenPR(repo, sandbox.PROptions{Base: "release-1.30", Head: "topic", Files: map[string]string{"f": "1\n"}})
	must(t, err)
	_, err = w.s.As("bob").Merge(repo, pr.Number, "squash")
	must(t, err)
	must(t, alice.DeleteBranch(repo, "topic"))
	list := func(query string) string { // go-github doesn't know this one
		t.Helper()
		var rows []string
		for after := ""; ; {
			req, err := w.gh.NewRequest("GET", "repos/"+repo+"/activity?"+query+after, nil)
			must(t, err)
			var page []struct {
				Type  string `json:"activity_type"`
				Ref   string
				Actor github.User
			}
			resp, err := w.gh.Do(ctx, req, &page)
			must(t, err)
			for _, x := range page {
				rows = append(rows, x.Type+" "+strings.TrimPrefix(x.Ref, "refs/heads/")+" "+x.Actor.GetLogin())
			}
			if resp.After == "" {
				return strings.Join(rows, ", ")
			}
			after = "&after=" + resp.After
		}
	}
	for query, want := range map[string]string{
		"per_page=2": "branch_deletion topic alice, pr_merge release-1.30 bob, branch_creation topic alice, force_push release-1.30 alice, " +
			"push release-1.30 alice, branch_creation master istio",
		"ref=release-1.30&direction=asc&actor=alice&time_period=day": "push release-1.30 alice, force_push release-1.30 alice",
		"activity_type=pr_merge":                                     "pr_merge release-1.30 bob",
	} {
		if got := list(query); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

// TestPullsOfACommit: open ones while it isn't on the default branch, merged ones after, and none for a fork's head.
func TestPullsOfACommit(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	own, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"o": "1\n"}})
	must(t, err)
	fork, err := w.s.As("mallory").OpenPR(repo, sandbox.PROptions{Fork: true, Files: map[string]string{"f": "1\n"}})
	must(t, err)
	of := func(sha string) (numbers []int) {
		t.Helper()
		list, _, err := w.gh.PullRequests.ListPullRequestsWithCommit(ctx, "istio", "istio", sha, nil)
		must(t, err)
		for _, p := range list {
			numbers = append(numbers, p.GetNumber())
		}
		return numbers
	}
	ref, _, err := w.gh.Git.GetRef(ctx, "istio", "istio", fmt.Sprintf("pull/%d/head", fork.Number))
	must(t, err)
	if ref.GetObject().GetSHA() != fork.HeadSHA {
		t.Errorf("refs/pull/%d/head is at %s", fork.Number, ref.GetObject().GetSHA())
	}
	before := fmt.Sprint(of(own.HeadSHA), of(fork.HeadSHA))
	squashed, err := w.s.As("alice").Merge(repo, fork.Number, "squash")
	must(t, err)
	_, err = w.s.As("alice").Merge(repo, own.Number, "")
	must(t, err)
	if after := fmt.Sprint(of(own.HeadSHA), of(squashed), of(fork.HeadSHA)); before != "[1] []" || after != "[1] [2] []" {
		t.Errorf("open: %s; merged: %s", before, after)
	}
}

// TestSignedByGitHub: what an App commits in nobody's name, on github.com.
func TestSignedByGitHub(t *testing.T) {
	for profile, signed := range map[sandbox.Profile]bool{sandbox.GitHubCom: true, sandbox.Enterprise: false} {
		w, ctx := newWorld(t, sandbox.Options{Profile: profile}), context.Background()
		b, _, err := w.gh.Git.GetCommit(ctx, "istio", "istio", w.s.Branch(repo, "master"))
		must(t, err)
		for _, author := range []*github.CommitAuthor{nil, {Name: github.String("Alice"), Email: github.String("alice@example.org")}} {
			c, _, err := w.gh.Git.CreateCommit(ctx, "istio", "istio", &github.Commit{Message: github.String("x"), Tree: b.Tree, Author: author}, nil)
			must(t, err)
			if got := c.GetVerification().GetVerified(); got != (signed && author == nil) {
				t.Errorf("%s, by %v: signed %t", profile, author, got)
			}
		}
	}
}
