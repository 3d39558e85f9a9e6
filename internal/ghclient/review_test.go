package ghclient_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// reviewing is a client's world with a second person who may push.
func reviewing(t *testing.T) *memory {
	t.Helper()
	m := remembering(t)
	m.ok(m.gh.AddCollaborator("acme/rocket", "alice", "write"))
	return m
}

func logins(team github.Team) string {
	var all []string
	for _, u := range team.Members {
		all = append(all, u.Login)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestReviews(t *testing.T) {
	m := reviewing(t)
	for _, state := range []string{"REQUEST_CHANGES", "COMMENT", "APPROVE"} {
		_, err := m.gh.As("alice").Review("acme/rocket", m.pr.Number, state, "words")
		m.ok(err)
	}
	all, err := m.Reviews(t.Context(), rocket, m.pr.Number)
	m.ok(err)
	if len(all) != 3 || all[2].State != github.Approved || all[2].Commit != m.pr.HeadSHA || all[2].Author.Login != "alice" || all[2].URL == "" {
		t.Errorf("%+v", all)
	}
	if now := github.LatestReviews(all); len(now) != 1 || now[0].ID != all[2].ID {
		t.Errorf("standing: %+v", now)
	}
	m.ok(m.gh.As("alice").DismissReview("acme/rocket", m.pr.Number, all[2].ID))
	all, err = m.Reviews(t.Context(), rocket, m.pr.Number)
	m.ok(err)
	if now := github.LatestReviews(all); len(now) != 1 || now[0].State != github.Dismissed {
		t.Errorf("standing: %+v", now)
	}
}

func TestTeamMembers(t *testing.T) {
	m := reviewing(t)
	m.ok(m.gh.CreateTeam("acme", "experts", "alice", "bob"))
	m.ok(m.gh.AddTeamMember("acme", "experts", "carol", "pending"))
	team, err := m.TeamMembers(t.Context(), rocket, "experts")
	if err != nil || !team.Exists || logins(team) != "alice bob" {
		t.Errorf("%+v, %v", team, err)
	}
	if team, err = m.TeamMembers(t.Context(), rocket, "nobody"); err != nil || team.Exists {
		t.Errorf("%+v, %v", team, err)
	}
}

// TestCodeOwners: the first of GitHub's places counts, and what was read is
// believed until a push makes it forgotten.
func TestCodeOwners(t *testing.T) {
	m := reviewing(t)
	f, err := m.CodeOwners(t.Context(), rocket, "master")
	if err != nil || f.Found {
		t.Errorf("%+v, %v", f, err)
	}
	_, err = m.gh.As("alice").Push("acme/rocket", "master", map[string]string{"docs/CODEOWNERS": "* @alice\n", "CODEOWNERS": "* @bob\n"}, "Owners")
	m.ok(err)
	if f, err = m.CodeOwners(t.Context(), rocket, "master"); err != nil || f.Found {
		t.Errorf("before it was forgotten: %+v, %v", f, err)
	}
	m.ok(m.db.Cache().Forget(t.Context(), github.CodeOwnersCacheKey(rocket, "master")))
	if f, err = m.CodeOwners(t.Context(), rocket, "master"); err != nil || f.Text != "* @bob\n" || f.Path != "CODEOWNERS" || f.URL == "" {
		t.Errorf("%+v, %v", f, err)
	}
	m.requests()
	_, err = m.CodeOwners(t.Context(), rocket, "master")
	m.ok(err)
	m.wantRequests("again", "")
}

func TestCompare(t *testing.T) {
	m := reviewing(t)
	base := m.pr.BaseSHA
	c, err := m.Compare(t.Context(), rocket, "master", m.pr.HeadSHA)
	if err != nil || c.MergeBase != base || c.Total != 1 || len(c.Commits) != 1 || c.Commits[0].ID != m.pr.HeadSHA || c.Commits[0].Verified {
		t.Errorf("%+v, %v", c, err)
	}
	if at, err := m.MergeBase(t.Context(), rocket, "master", m.pr.HeadSHA); err != nil || at != base {
		t.Errorf("%q, %v", at, err)
	}
	m.requests()
	if at, err := m.MergeBase(t.Context(), rocket, "master", m.pr.HeadSHA); err != nil || at != base {
		t.Errorf("%q, %v", at, err)
	}
	m.wantRequests("the merge base again", "")
	if at, err := m.MergeBase(t.Context(), rocket, "master", strings.Repeat("1", 40)); err != nil || at != "" {
		t.Errorf("a commit that isn't there: %q, %v", at, err)
	}
}

func TestPullOf(t *testing.T) {
	m := reviewing(t)
	if _, found, err := m.PullOf(t.Context(), rocket, "master", m.pr.HeadSHA); err != nil || found {
		t.Errorf("not merged: %v, %v", found, err)
	}
	sha, err := m.gh.As("alice").Merge("acme/rocket", m.pr.Number, "squash")
	m.ok(err)
	if pr, found, err := m.PullOf(t.Context(), rocket, "master", sha); err != nil || !found || pr.Number != m.pr.Number {
		t.Errorf("%+v, %v, %v", pr, found, err)
	}
	if _, found, err := m.PullOf(t.Context(), rocket, "other", sha); err != nil || found {
		t.Errorf("on another branch: %v, %v", found, err)
	}
}

// TestAskedToReview: whom we asked is known also once the request is answered.
func TestAskedToReview(t *testing.T) {
	m := reviewing(t)
	m.ok(m.gh.CreateTeam("acme", "experts", "carol"))
	m.ok(m.gh.AddTeamRepo("acme", "experts", "acme/rocket", "push"))
	if asked, err := m.PullHistory(t.Context(), rocket, m.pr.Number); err != nil || len(asked.Asked) != 0 {
		t.Errorf("%+v, %v", asked, err)
	}
	m.ok(m.gh.As("bob").RequestReview("acme/rocket", m.pr.Number, "alice"))
	_, err := m.Apply(t.Context(), effect.Extras{Repo: rocket, Number: m.pr.Number, OnPR: true, Teams: []string{"experts"}})
	m.ok(err)
	_, err = m.gh.As("carol").Review("acme/rocket", m.pr.Number, "APPROVE", "")
	m.ok(err)
	if got := m.gh.PR("acme/rocket", m.pr.Number); len(got.RequestedTeams) != 0 {
		t.Errorf("still asked: %v", got.RequestedTeams)
	}
	if asked, err := m.PullHistory(t.Context(), rocket, m.pr.Number); err != nil || !slices.Equal(asked.Asked, []string{"experts"}) {
		t.Errorf("%+v, %v", asked, err)
	}
}
