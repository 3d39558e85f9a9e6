package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestPersonalRepository: a person without an organisation, and so without teams, names themselves and who may
// maintain. A login counts only with the right to push, and a permission only for who has it.
func TestPersonalRepository(t *testing.T) {
	w := newWorld(t)
	const repo = "solo/rocket"
	_, err := w.gh.CreateUser("solo")
	w.do(err)
	w.do(w.gh.CreateRepo("solo", "rocket", sandbox.RepoOptions{Files: map[string]string{
		"README.md": "# Rocket\n", ".github/slipway.yml": "branches: [\"release-*\"]\nrelease_managers: {users: [solo, rita], permission: maintain}\n"}}))
	_, err = w.gh.Install("solo", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	w.do(err)
	w.do(w.gh.CreateBranch(repo, "release-1.0", "master"))
	for login, permission := range map[string]string{"mia": "maintain", "walt": "write", "rita": "triage"} {
		w.do(w.gh.AddCollaborator(repo, login, permission))
	}
	pr, err := w.gh.As("walt").OpenPR(repo, sandbox.PROptions{Base: "release-1.0", Head: "fix", Title: "Fix it", Files: code("fix")})
	w.do(err)
	w.settle()
	says := func(login, text string) string {
		t.Helper()
		_, err := w.gh.As(login).Comment(repo, pr.Number, text)
		w.do(err)
		w.settle()
		all := w.gh.Comments(repo, pr.Number)
		return all[len(all)-1].Body
	}
	for _, login := range []string{"walt", "rita"} {
		if answer := says(login, "/release freeze release-1.0"); !strings.Contains(answer, "Those are `solo`, `rita`, and everybody who has the permission `maintain` here or a higher one, and `"+login+"` is not one of them.") {
			t.Errorf("%s: %s", login, answer)
		}
	}
	for _, login := range []string{"solo", "mia"} {
		if answer := says(login, "/release freeze release-1.0"); !strings.Contains(answer, "**Done.**") {
			t.Errorf("%s: %s", login, answer)
		}
		if answer := says(login, "/release thaw release-1.0"); !strings.Contains(answer, "**Done.**") {
			t.Errorf("%s: %s", login, answer)
		}
	}
	gate := func(want string) {
		t.Helper()
		if run, _ := w.gh.CheckRun(repo, pr.HeadSHA, "slipway/release-branch"); run.Conclusion != want {
			t.Errorf("%s (%s), want %s\n%s", run.Conclusion, run.Title, want, w.log)
		}
	}
	gate("failure")
	for _, one := range []struct{ login, want string }{{"rita", "failure"}, {"mia", "success"}} {
		_, err = w.gh.As(one.login).Review(repo, pr.Number, "APPROVE", "")
		w.do(err)
		w.settle()
		gate(one.want)
	}
}
