package sandbox_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// signedWith makes an App's token with any claims.
func (w *world) signedWith(claims map[string]any) string {
	w.t.Helper()
	block, _ := pem.Decode([]byte(w.s.App().PrivateKeyPEM))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	must(w.t, err)
	body, err := json.Marshal(claims)
	must(w.t, err)
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	must(w.t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// TestTimesOfTheApp: GitHub takes its own clock's word on when a token was made, to the second.
func TestTimesOfTheApp(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	w := newWorld(t, sandbox.Options{Now: func() time.Time { return now }})
	for _, c := range []struct {
		name     string
		iat, exp any
		says     string
	}{
		{"a minute ago", now.Unix() - 60, now.Unix() + 500, ""},
		{"now", now.Unix(), now.Unix() + 600, ""},
		{"a second ahead", now.Unix() + 1, now.Unix() + 500, "'Issued at' claim ('iat')"},
		{"no whole number", float64(now.Unix()) - 0.5, now.Unix() + 500, "'Issued at' claim ('iat')"},
		{"without", nil, now.Unix() + 500, "'Issued at' claim ('iat')"},
		{"expired", now.Unix() - 600, now.Unix(), "'Expiration time' claim ('exp') must be"},
		{"too long", now.Unix() - 60, now.Unix() + 601, "'Expiration time' claim ('exp') is too far"},
	} {
		status, message, h := w.asks(w.signedWith(map[string]any{"iss": w.s.App().ID, "iat": c.iat, "exp": c.exp}), "GET", "app", "")
		if (status == 200) != (c.says == "") || !strings.Contains(message, c.says) {
			t.Errorf("%s: %d %s", c.name, status, message)
		}
		if h.Get("Date") != now.UTC().Format(http.TimeFormat) {
			t.Errorf("%s: the date is %s", c.name, h.Get("Date"))
		}
	}
}

// TestOddLogins: there are accounts with a hyphen at either end, and those that a company manages have an underscore.
func TestOddLogins(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	for _, login := range []string{"-alice", "alice-", "alice_corp"} {
		_, err := w.s.CreateUser(login)
		must(t, err)
		n, err := w.s.As(login).OpenIssue(repo, "From "+login, "")
		must(t, err)
		i, _, err := w.gh.Issues.Get(ctx, "istio", "istio", n)
		must(t, err)
		u, _, err := w.gh.Users.Get(ctx, login)
		if err != nil || u.GetLogin() != login || i.GetUser().GetLogin() != login {
			t.Errorf("%s: %v, its issue is of %s", login, err, i.GetUser().GetLogin())
		}
	}
}

// TestRenamedLabel: what happened keeps the name of then, what is there has the new one.
func TestRenamedLabel(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	n, err := w.s.As("alice").OpenIssue(repo, "x", "", "old")
	must(t, err)
	must(t, w.s.As("alice").RenameLabel(repo, "old", "new"))
	events, _, err := w.gh.Issues.ListIssueEvents(ctx, "istio", "istio", n, nil)
	must(t, err)
	i, _, err := w.gh.Issues.Get(ctx, "istio", "istio", n)
	must(t, err)
	if events[0].GetLabel().GetName() != "old" || i.Labels[0].GetName() != "new" {
		t.Errorf("the event says %s, the issue %s", events[0].GetLabel().GetName(), i.Labels[0].GetName())
	}
}

// TestCommentOnALine: it is no comment of the issue, and its review has no text.
func TestCommentOnALine(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"f": "1\n"}})
	must(t, err)
	id, err := w.s.As("bob").CommentLine(repo, pr.Number, "f", 1, "/release freeze")
	must(t, err)
	_, _, err = w.gh.PullRequests.CreateComment(ctx, "istio", "istio", pr.Number, &github.PullRequestComment{
		Body: github.String("Noted"), Path: github.String("f"), CommitID: &pr.HeadSHA, Line: github.Int(1)})
	must(t, err)
	lines, _, err := w.gh.PullRequests.ListComments(ctx, "istio", "istio", pr.Number, nil)
	must(t, err)
	one, _, err := w.gh.PullRequests.GetComment(ctx, "istio", "istio", id)
	must(t, err)
	plain, _, err := w.gh.Issues.ListComments(ctx, "istio", "istio", pr.Number, nil)
	must(t, err)
	reviews, _, err := w.gh.PullRequests.ListReviews(ctx, "istio", "istio", pr.Number, nil)
	must(t, err)
	if len(lines) != 2 || len(plain) != 0 || len(reviews) != 2 || reviews[0].GetBody() != "" || one.GetBody() != "/release freeze" || one.GetPath() != "f" {
		t.Errorf("%d lines, %d comments, %d reviews, %v", len(lines), len(plain), len(reviews), one)
	}
	_, _, err = w.gh.Reactions.CreatePullRequestCommentReaction(ctx, "istio", "istio", id, "eyes")
	must(t, err)
	if _, err := w.s.As("bob").CommentLine(repo, pr.Number, "none", 1, "x"); err == nil {
		t.Error("a file that isn't there was commented")
	}
	ev := w.events()
	if last := ev[len(ev)-1]; last.name != "pull_request_review_comment" || !strings.Contains(string(last.body), `"body":"Noted"`) {
		t.Errorf("the last event is %s", last.name)
	}
}

// TestPushOfANewBranch: it brings the commits that no other branch has.
func TestPushOfANewBranch(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	_, err := w.s.As("alice").Push(repo, "topic", map[string]string{"t": "1\n"}, "Topic")
	must(t, err)
	must(t, w.s.As("alice").CreateBranch(repo, "same", "topic"))
	for _, e := range w.events() {
		var p struct {
			Ref     string
			Created bool
			Commits []struct{ Message string }
		}
		if e.name != "push" {
			continue
		}
		must(t, json.Unmarshal(e.body, &p))
		want := map[string]string{"refs/heads/topic": "[{Topic}]", "refs/heads/same": "[]"}[p.Ref]
		if got := fmt.Sprint(p.Commits); !p.Created || got != want {
			t.Errorf("%s: %s, want %s", p.Ref, got, want)
		}
	}
}

// TestSwitchedOff: a repository without issues, and one that is archived.
func TestSwitchedOff(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	n, err := w.s.As("bob").OpenIssue(repo, "x", "")
	must(t, err)
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"f": "1\n"}})
	must(t, err)
	token := w.token()
	issue, pull := fmt.Sprint("/issues/", n), fmt.Sprint("/issues/", pr.Number)
	try := func(what, method, path string, want int, words string) {
		t.Helper()
		if status, message, _ := w.asks(token, method, "repos/"+repo+path, `{"title":"x","body":"x"}`); status != want || !strings.Contains(message, words) {
			t.Errorf("%s: %s %s: %d %s", what, method, path, status, message)
		}
	}
	must(t, w.s.SwitchIssues(repo, false))
	for path, method := range map[string]string{"/issues": "POST", issue: "GET", issue + "/comments": "POST", "/issues?state=all": "GET"} {
		try("without issues", method, path, 410, "Issues has been disabled in this repository.")
	}
	try("without issues", "POST", pull+"/comments", 201, "")
	must(t, w.s.SwitchIssues(repo, true))
	must(t, w.s.Archive(repo, true))
	try("archived", "GET", issue, 200, "")
	try("archived", "POST", "/issues", 403, "Repository was archived so is read-only.")
	try("archived", "PATCH", pull, 403, "Repository was archived so is read-only.")
	must(t, w.s.Archive(repo, false))
	try("no more", "POST", "/issues", 201, "")
}

// TestPartsInTeams: a member of a team below is one above; who is only invited is no member of either.
func TestPartsInTeams(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	must(t, w.s.CreateTeam("istio", "On call", "carol"))
	must(t, w.s.NestTeam("istio", "on-call", "release-managers"))
	must(t, w.s.AddTeamRepo("istio", "release-managers", repo, "push"))
	must(t, w.s.AddTeamMember("istio", "on-call", "dave", "pending"))
	must(t, w.s.Invite("istio", "erin"))
	if err := w.s.NestTeam("istio", "release-managers", "on-call"); err == nil {
		t.Error("a team is below itself")
	}
	members, _, err := w.gh.Teams.ListTeamMembersBySlug(ctx, "istio", "release-managers", nil)
	must(t, err)
	var names []string
	for _, m := range members {
		names = append(names, m.GetLogin())
	}
	if fmt.Sprint(names) != "[alice carol]" {
		t.Error(names)
	}
	for who, want := range map[string]string{"alice": "active", "carol": "active", "dave": "", "erin": ""} {
		m, _, _ := w.gh.Teams.GetTeamMembershipBySlug(ctx, "istio", "release-managers", who)
		if m.GetState() != want {
			t.Errorf("%s above: %q", who, m.GetState())
		}
	}
	below, _, err := w.gh.Teams.GetTeamMembershipBySlug(ctx, "istio", "on-call", "dave")
	must(t, err)
	org, _, err := w.gh.Organizations.GetOrgMembership(ctx, "erin", "istio")
	must(t, err)
	member, _, err := w.gh.Organizations.IsMember(ctx, "istio", "erin")
	must(t, err)
	if below.GetState() != "pending" || org.GetState() != "pending" || member {
		t.Errorf("invited: %q in the team, %q in the organisation, a member: %t", below.GetState(), org.GetState(), member)
	}
	level, _, err := w.gh.Repositories.GetPermissionLevel(ctx, "istio", "istio", "carol")
	must(t, err)
	if level.GetPermission() != "write" {
		t.Errorf("from above, carol may %s", level.GetPermission())
	}
}

// TestQueuesSquashAndRebase: the group is built, and merged, by the branch's own way.
func TestQueuesSquashAndRebase(t *testing.T) {
	for method, want := range map[string]string{
		"":       "Merge pull request #1 from istio/a\n\nOne|Merge pull request #2 from istio/b\n\nTwo",
		"squash": "One (#1)|Two (#2)", "rebase": "One|Two",
	} {
		w := newWorld(t, sandbox.Options{})
		alice := w.s.As("alice")
		must(t, w.s.ProtectBranch(repo, "master", &sandbox.Protection{Queue: method}))
		for _, pr := range [][2]string{{"a", "One"}, {"b", "Two"}} {
			_, err := alice.OpenPR(repo, sandbox.PROptions{Head: pr[0], Title: pr[1], Files: map[string]string{pr[0]: "1\n"}})
			must(t, err)
		}
		tip, err := alice.EnqueueMergeGroup(repo, "master", 1, 2)
		must(t, err)
		must(t, alice.FinishMergeGroup(repo, tip))
		one, two := w.s.PR(repo, 1), w.s.PR(repo, 2)
		var said []string
		for _, sha := range []string{one.MergeSHA, two.MergeSHA} {
			c, _, err := w.gh.Git.GetCommit(context.Background(), "istio", "istio", sha)
			must(t, err)
			said = append(said, c.GetMessage())
		}
		if strings.Join(said, "|") != want || !one.Merged || !two.Merged || w.s.Branch(repo, "master") != tip || two.MergeSHA != tip {
			t.Errorf("%s: %q", method, said)
		}
		if len(w.s.Branches(repo)) != 4 {
			t.Errorf("%s: the group's branch is still there: %v", method, w.s.Branches(repo))
		}
	}
}

// TestRequiredChecks: one that is bound to our App isn't met by another's of that name.
func TestRequiredChecks(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	must(t, w.s.ProtectBranch(repo, "master", &sandbox.Protection{Checks: []string{"ci"}, AppChecks: []string{"slipway/freeze"}}))
	b, _, err := w.gh.Repositories.GetBranch(ctx, "istio", "istio", "master", 0)
	must(t, err)
	checks := *b.GetProtection().GetRequiredStatusChecks().Checks
	if len(checks) != 2 || checks[0].AppID != nil || checks[1].Context != "slipway/freeze" || *checks[1].AppID != w.s.App().ID {
		t.Errorf("%+v", checks)
	}
	pr, err := w.s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{"f": "1\n"}})
	must(t, err)
	for _, name := range []string{"ci", "slipway/freeze"} {
		_, err := w.s.ForeignCheck(repo, pr.HeadSHA, name, "completed", "success")
		must(t, err)
	}
	must(t, w.s.As("alice").SetStatus(repo, pr.HeadSHA, "slipway/freeze", "success"))
	if _, err := w.s.As("alice").Merge(repo, pr.Number, ""); err == nil {
		t.Error("another's check was enough")
	}
	_, _, err = w.gh.Checks.CreateCheckRun(ctx, "istio", "istio", github.CreateCheckRunOptions{Name: "slipway/freeze", HeadSHA: pr.HeadSHA, Conclusion: github.String("success")})
	must(t, err)
	_, err = w.s.As("alice").Merge(repo, pr.Number, "")
	must(t, err)
}
