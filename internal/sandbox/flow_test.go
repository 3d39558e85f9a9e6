package sandbox_test

import (
	"context"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func TestPullRequestConversation(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Base: "release-1.30", Title: "Fix the leak",
		Files: map[string]string{"pkg/a.go": "package pkg\n\nvar A = 1\n"}})
	must(t, err)
	id, err := w.s.As("alice").Comment(repo, pr.Number, "/release freeze release-1.30")
	must(t, err)

	got, _, err := w.gh.PullRequests.Get(ctx, "istio", "istio", pr.Number)
	must(t, err)
	if got.GetMergeable() != true || got.GetHead().GetSHA() != pr.HeadSHA || got.GetChangedFiles() != 1 || got.GetAdditions() != 2 {
		t.Errorf("pull request: mergeable %v, %d files, +%d", got.GetMergeable(), got.GetChangedFiles(), got.GetAdditions())
	}
	run, _, err := w.gh.Checks.CreateCheckRun(ctx, "istio", "istio", github.CreateCheckRunOptions{Name: "slipway/freeze",
		HeadSHA: pr.HeadSHA, Status: github.String("completed"), Conclusion: github.String("failure"),
		Output: &github.CheckRunOutput{Title: github.String("Frozen"), Summary: github.String("by alice")}})
	must(t, err)
	if len(run.PullRequests) != 1 || run.GetApp().GetID() != w.s.App().ID {
		t.Errorf("check run: %v", run)
	}
	_, _, err = w.gh.Checks.UpdateCheckRun(ctx, "istio", "istio", run.GetID(), github.UpdateCheckRunOptions{Name: "slipway/freeze",
		Status: github.String("completed"), Conclusion: github.String("success")})
	must(t, err)
	runs, _, err := w.gh.Checks.ListCheckRunsForRef(ctx, "istio", "istio", "patch-1", &github.ListCheckRunsOptions{CheckName: github.String("slipway/freeze")})
	must(t, err)
	if runs.GetTotal() != 1 || runs.CheckRuns[0].GetConclusion() != "success" {
		t.Errorf("check runs: %v", runs)
	}
	_, _, err = w.gh.Reactions.CreateIssueCommentReaction(ctx, "istio", "istio", id, "+1")
	must(t, err)
	c, _, err := w.gh.Issues.CreateComment(ctx, "istio", "istio", pr.Number, &github.IssueComment{Body: github.String("Frozen.")})
	must(t, err)
	if c.GetUser().GetID() != w.s.App().BotID || c.GetUser().GetType() != "Bot" {
		t.Errorf("author %v", c.GetUser())
	}
	_, _, err = w.gh.Issues.EditComment(ctx, "istio", "istio", c.GetID(), &github.IssueComment{Body: github.String("Frozen!")})
	must(t, err)
	list, _, err := w.gh.Issues.ListComments(ctx, "istio", "istio", pr.Number, nil)
	must(t, err)
	if len(list) != 2 || list[0].GetReactions().GetPlusOne() != 1 || list[1].GetBody() != "Frozen!" {
		t.Errorf("comments: %v", list)
	}
	res, _, err := w.gh.PullRequests.Merge(ctx, "istio", "istio", pr.Number, "", &github.PullRequestOptions{MergeMethod: "squash"})
	must(t, err)
	if res.GetSHA() != w.s.Branch(repo, "release-1.30") || w.s.Commits(repo, "release-1.30")[0] != "Fix the leak (#1)" {
		t.Errorf("merged %v: %q", res, w.s.Commits(repo, "release-1.30"))
	}
	var names []string
	for _, e := range w.events() {
		names = append(names, e.name)
	}
	t.Log(names)
}
