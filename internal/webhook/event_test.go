package webhook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/webhook"
)

// payload reads a hand-written payload; its kind is the name up to the first dot.
func payload(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "payloads", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParse(t *testing.T) {
	repo := github.Repo{Owner: "istio", Name: "istio"}
	ann := github.User{ID: 3, Login: "ann"}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := map[string]github.Event{
		"issue_comment": {Action: "created", Installation: 5, Repo: github.Repo{Owner: "Istio", Name: "istio"}, RepoID: 9, Default: "master", Sender: ann,
			Issue: &github.Issue{Number: 12, Title: "A change", Author: github.User{ID: 4, Login: "bob"}, State: github.Open, Labels: []string{"kind/bug"},
				IsPullRequest: true, URL: "https://github.com/istio/istio/pull/12", CreatedAt: at},
			Comment: &github.Comment{ID: 77, Body: "/release freeze release-1.30 now", Author: ann,
				URL: "https://github.com/istio/istio/pull/12#issuecomment-77", CreatedAt: at.Add(time.Second), UpdatedAt: at.Add(time.Second)}},
		"pull_request": {Action: "edited", Installation: 5, Repo: repo, RepoID: 9, Default: "master", Sender: ann, Label: "x", OldBase: "master",
			PullRequest: &github.PullRequest{RepoID: 9, Number: 12, Title: "A change", Author: github.User{ID: 4, Login: "bob[bot]", Bot: true}, State: github.Open, Draft: true,
				Base: "release-1.30", Head: "0123456789012345678901234567890123456789", HeadRef: "topic", HeadRepo: github.Repo{Owner: "bob", Name: "istio"},
				Labels: []string{"a", "b"}, URL: "https://github.com/istio/istio/pull/12", UpdatedAt: at}},
		"pull_request.nulls": {Action: "opened", Repo: repo, RepoID: 9,
			PullRequest: &github.PullRequest{RepoID: 9, Number: 12, Title: "A change", State: github.Open, Base: "release-1.30", Head: "c", HeadRef: "topic"}},
		"push": {Repo: github.Repo{Owner: "Istio", Name: "istio"}, RepoID: 9, Default: "master", Sender: ann,
			Push: &github.Push{Branch: "master", Default: true, Complete: true, TouchesPolicy: true, Touched: []string{".github/slipway.yml", "x", "y"}}},
		"check_run":              {Action: "rerequested", Repo: repo, RepoID: 9, Commit: "abc", CheckName: "slipway/freeze", ExternalID: "pr/12"},
		"check_suite":            {Action: "rerequested", Repo: repo, RepoID: 9, Commit: "abc"},
		"status":                 {Repo: repo, RepoID: 9, Commit: "abc"},
		"repository.transferred": {Action: "transferred", Repo: repo, RepoID: 9},
		"installation":           {Action: "suspend", Installation: 5},
		"merge_group": {Action: "checks_requested", Installation: 5, Repo: repo, RepoID: 9, Default: "master", Sender: ann,
			Group: &github.MergeGroup{Branch: "release-1.30", Ref: "refs/heads/gh-readonly-queue/release-1.30/pr-12-b", Base: "b", Head: "c"}},
		"issues": {Action: "labeled", Repo: repo, RepoID: 9, Label: "code-freeze",
			Issue: &github.Issue{Number: 3, Title: "Freeze", State: github.Open}},
	}
	old := "old"
	tests["issues.edited"] = github.Event{Action: "edited", Repo: repo, RepoID: 9, OldBody: &old,
		Issue: &github.Issue{Number: 3, Title: "Freeze", Body: "new", State: github.Open}}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			want.Kind, _, _ = strings.Cut(name, ".")
			want.Delivery = "guid"
			got, err := webhook.Parse(want.Kind, "guid", payload(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestParseRename: GitHub tells of every change of a label or a milestone by the same
// action.
func TestParseRename(t *testing.T) {
	for _, tt := range []struct {
		kind, text string
		want       bool
	}{
		{"label", `"action":"edited","changes":{"name":{"from":"old"}}`, true},
		{"label", `"action":"edited","changes":{"color":{"from":"fff"},"description":{"from":""}}`, false},
		{"label", `"action":"edited","changes":{}`, false},
		{"label", `"action":"edited"`, true}, // nobody says what
		{"label", `"action":"edited","changes":null`, true},
		{"label", `"action":"created"`, false},
		{"milestone", `"action":"edited","changes":{"title":{"from":"1.30"}}`, true},
		{"milestone", `"action":"edited","changes":{"due_on":{"from":null}}`, false},
		{"milestone", `"action":"closed"`, false},
		{"pull_request", `"action":"edited","changes":{"title":{"from":"old"}}`, false},
	} {
		e, err := webhook.Parse(tt.kind, "guid", []byte(`{"repository":{"full_name":"o/r"},`+tt.text+"}"))
		if err != nil || e.Renamed != tt.want {
			t.Errorf("%s %s: renamed is %t, %v", tt.kind, tt.text, e.Renamed, err)
		}
	}
}

// TestParsePullRequestAsRead: a payload must tell all that a read tells, since
// one stands for the other.
func TestParsePullRequestAsRead(t *testing.T) {
	const payload = `{"repository":{"id":9,"full_name":"o/r"},"pull_request":{"number":1,"state":"closed","merged":null,
		"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:07Z","merged_at":"2026-01-02T03:04:06Z",
		"base":{"ref":"main","repo":{"id":8,"full_name":"o/r"}}}}`
	e, err := webhook.Parse("pull_request_review", "guid", []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := &github.PullRequest{RepoID: 8, Number: 1, State: github.Closed, Base: "main", Merged: true,
		CreatedAt: at, MergedAt: at.Add(time.Second), UpdatedAt: at.Add(2 * time.Second)}
	if diff := cmp.Diff(want, e.PullRequest); diff != "" {
		t.Error(diff)
	}
}

func TestParsePush(t *testing.T) {
	const head = `{"repository":{"full_name":"o/r","default_branch":"main"},"after":"c",`
	one := `"commits":[{"id":"c","modified":["x"]}]}`
	many := `"commits":[` + strings.Repeat(`{"id":"b","modified":["x"]},`, 19) + `{"id":"c"}]}`
	tests := []struct {
		name, text        string
		isDefault, entire bool
		branch            string
	}{
		{"plain", `"ref":"refs/heads/main",` + one, true, true, "main"},
		{"other branch", `"ref":"refs/heads/a/main",` + one, false, true, "a/main"},
		{"tag called as the branch", `"ref":"refs/tags/main",` + one, false, true, ""},
		{"forced", `"ref":"refs/heads/main","forced":true,` + one, true, false, "main"},
		{"created", `"ref":"refs/heads/main","created":true,` + one, true, false, "main"},
		{"deleted", `"ref":"refs/heads/main","deleted":true,` + one, true, false, "main"},
		{"no commits", `"ref":"refs/heads/main","commits":[]}`, true, false, "main"},
		{"null commits", `"ref":"refs/heads/main","commits":null}`, true, false, "main"},
		{"newest commit left out", `"ref":"refs/heads/main","commits":[{"id":"b"}]}`, true, false, "main"},
		{"many commits", `"ref":"refs/heads/main",` + many, true, false, "main"},
		{"many files", `"ref":"refs/heads/main","commits":[{"id":"c","added":["` + strings.Repeat(`a","`, 300) + `"]}]}`, true, false, "main"},
		{"null ref", `"ref":null,` + one, false, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := webhook.Parse("push", "guid", []byte(head+tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if e.Push.Default != tt.isDefault || e.Push.Complete != tt.entire || e.Push.Branch.String() != tt.branch {
				t.Errorf("got %+v", e.Push)
			}
		})
	}
}

// TestParseOdd: what is odd in one field still tells of the rest.
func TestParseOdd(t *testing.T) {
	const head = `{"action":"edited","repository":{"id":9,"full_name":"o/r"},`
	r := github.Repo{Owner: "o", Name: "r"}
	for name, tt := range map[string]struct {
		kind, payload, odd string
		want               github.Event
	}{
		"a hyphen first":       {"push", `{"repository":{"full_name":"-alice/r"}}`, "", github.Event{Repo: github.Repo{Owner: "-alice", Name: "r"}}},
		"a hyphen last":        {"push", `{"repository":{"full_name":"alice-/r"}}`, "", github.Event{Repo: github.Repo{Owner: "alice-", Name: "r"}}},
		"a managed account":    {"push", `{"repository":{"full_name":"alice_corp/r"}}`, "", github.Event{Repo: github.Repo{Owner: "alice_corp", Name: "r"}}},
		"path in a name":       {"issues", `{"action":"edited","repository":{"id":9,"full_name":"o/.."},"issue":{"number":1}}`, "full_name", github.Event{Action: "edited"}},
		"no owner":             {"issues", `{"repository":{"full_name":"r"}}`, "full_name", github.Event{}},
		"no name":              {"issues", `{"repository":{}}`, "full_name", github.Event{}},
		"number is a text":     {"issues", head + `"issue":{"number":"1"},"label":{"name":"x"}}`, "issue.number", github.Event{Action: "edited", Repo: r, RepoID: 9, Label: "x"}},
		"number beyond ints":   {"issues", head + `"issue":{"number":1e40}}`, "issue.number", github.Event{Action: "edited", Repo: r, RepoID: 9}},
		"date is none":         {"pull_request", head + `"pull_request":{"number":1,"updated_at":"soon","title":"T"}}`, "time", github.Event{Action: "edited", Repo: r, RepoID: 9, PullRequest: &github.PullRequest{RepoID: 9, Number: 1, Title: "T"}}},
		"head's name":          {"pull_request", head + `"pull_request":{"number":1,"head":{"ref":"t","repo":{"full_name":"../x"}}}}`, "full_name", github.Event{Action: "edited", Repo: r, RepoID: 9, PullRequest: &github.PullRequest{RepoID: 9, Number: 1, HeadRef: "t"}}},
		"a path in a login":    {"issues", head + `"sender":{"id":3,"login":"../x"}}`, "login", github.Event{Action: "edited", Repo: r, RepoID: 9, Sender: github.User{ID: 3}}},
		"a line in a login":    {"issues", head + `"sender":{"id":3,"login":"a\nb"}}`, "login", github.Event{Action: "edited", Repo: r, RepoID: 9, Sender: github.User{ID: 3}}},
		"a login without end":  {"issues", head + `"sender":{"id":3,"login":"` + strings.Repeat("a", 300) + `"}}`, "login", github.Event{Action: "edited", Repo: r, RepoID: 9, Sender: github.User{ID: 3}}},
		"an odd login":         {"issues", head + `"sender":{"id":3,"login":"-al.ice_corp[bot]"}}`, "", github.Event{Action: "edited", Repo: r, RepoID: 9, Sender: github.User{ID: 3, Login: "-al.ice_corp[bot]", Bot: true}}},
		"an id that is a text": {"issues", head + `"sender":{"id":"3","login":"ann"}}`, "sender.id", github.Event{Action: "edited", Repo: r, RepoID: 9, Sender: github.User{Login: "ann"}}},
	} {
		tt.want.Kind, tt.want.Delivery = tt.kind, "guid"
		if tt.kind == "push" {
			tt.want.Push = &github.Push{Reverts: true}
		}
		got, odd, err := webhook.ParseOdd(tt.kind, "guid", []byte(tt.payload))
		if err != nil || strings.Join(odd, " ") != tt.odd {
			t.Errorf("%s: odd are %q, want %q; %v", name, odd, tt.odd, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, tt := range map[string][2]string{
		"payload is a list": {"issues", `[]`},
		"payload is a text": {"issues", `"x"`},
		"it ends early":     {"issues", `{"repository":{"full_name":"o/r"}`},
	} {
		if e, err := webhook.Parse(tt[0], "guid", []byte(tt[1])); err == nil {
			t.Errorf("%s: parsed to %+v", name, e)
		}
	}
}
