package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestOddAccounts: whoever GitHub lets have a fork gets a check on a pull request from it at
// once, and may do what the policy says.
func TestOddAccounts(t *testing.T) {
	w := newWorld(t)
	for i, login := range []string{"-alice", "alice-", "alice_corp"} {
		_, err := w.gh.CreateUser(login)
		w.do(err)
		pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "fix", Fork: true, Files: map[string]string{login + ".go": "package main\n"}})
		w.do(err)
		w.settle()
		w.wantVerdict(pr.Number, "success")
		if answer := w.says(login, pr.Number, "/release freeze release-1.30 now"); !strings.Contains(answer, "`"+login+"` is not one of them") {
			t.Errorf("%s: %s", login, answer)
		}
		w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", login, "active"))
		if answer := w.says(login, pr.Number, "/release freeze release-1.30 now"); !strings.Contains(answer, "**Done.** `release-1.30` is frozen") {
			t.Errorf("%s: %s", login, answer)
		}
		w.wantVerdict(pr.Number, "failure")
		if answer := w.says(login, pr.Number, "/release thaw release-1.30"); !strings.Contains(answer, "**Done.**") {
			t.Errorf("%s: %s", login, answer)
		}
		version := fmt.Sprintf("1.30.%d", 5+i)
		if answer := w.says("alice", pr.Number, "/release start "+version+" release="+w.day(14)+" managers="+login+",renovate[bot]"); strings.Contains(answer, "not an account's name") {
			t.Errorf("%s as a manager: %s", login, answer)
		}
	}
	w.again()
}

// TestOddEvents: a webhook that is odd in one field tells of the rest.
func TestOddEvents(t *testing.T) {
	w := newWorld(t)
	for i, odd := range []struct {
		field string // of the pull request
		is    any
		named string // in the log
	}{
		{"draft", "maybe", "pull_request.draft"},
		{"created_at", "soon", "time"},
		{"head", map[string]any{"ref": "x", "sha": "", "repo": map[string]any{"full_name": "../../x"}}, "full_name"},
		{"user", map[string]any{"id": 1, "login": "a/../b"}, "login"},
	} {
		w.gh.FaultHooks(sandbox.HookFault{Match: func(event, action string) bool { return event == "pull_request" && action == "opened" }, Times: 1, Lose: true})
		n := w.openPR("bob", demoBranch, fmt.Sprint("fix", i))
		w.wantVerdict(n, "")
		var event map[string]any
		for _, d := range w.gh.Deliveries() {
			if d.Lost {
				event = nil
				w.do(json.Unmarshal(d.Payload, &event))
			}
		}
		event["pull_request"].(map[string]any)[odd.field] = odd.is
		text, err := json.Marshal(event)
		w.do(err)
		w.gh.SendRaw("pull_request", text)
		w.settle()
		w.wantVerdict(n, "success")
		if !strings.Contains(w.log.String(), fmt.Sprintf(`"fields":[%q],"message":"delivery is odd in some fields`, odd.named)) {
			t.Errorf("%s isn't logged: %s", odd.named, w.log)
		}
	}
	w.again()
}
