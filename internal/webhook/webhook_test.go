package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/webhook"
)

const (
	secret   = "the current secret"
	previous = "the previous secret"
	guid     = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
	appID    = 42
	self     = 64 // our App's account
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// taker remembers what was taken, and answers as told.
type taker struct {
	mu    sync.Mutex
	taken []reconcile.Delivery
	known bool
	err   error
}

func (t *taker) StoreDelivery(_ context.Context, in reconcile.Delivery) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken = append(t.taken, in)
	return !t.known, t.err
}

// door is a webhook with everything around it that a test looks at.
type door struct {
	http.Handler
	taker    *taker
	log      bytes.Buffer
	observed []string
}

func registry(t testing.TB) *reconcile.Registry {
	t.Helper()
	r, err := reconcile.NewRegistry(reconcile.Capability{
		Name:   "gate",
		Events: []string{"pull_request", "check_run"},
		Keys: func(e github.Event) []reconcile.Key {
			if e.PullRequest == nil {
				return nil
			}
			k := reconcile.Key{Handler: "gate", Repo: e.Repo, ID: fmt.Sprintf("pr/%d", e.PullRequest.Number)}
			return []reconcile.Key{k, k}
		},
		Forget: func(e github.Event) []string {
			return facts.Forgets(e, facts.Policy, facts.OurIssues, facts.History, facts.DefaultBranch)
		},
		Commands: []command.Command{{Name: "release freeze", Allow: command.Anyone}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func open(t testing.TB) *door {
	t.Helper()
	return openWith(t, registry(t))
}

func openWith(t testing.TB, r *reconcile.Registry) *door {
	t.Helper()
	d := &door{taker: &taker{}}
	h, err := webhook.New(webhook.Options{
		Registry: r, Taker: d.taker, Secret: secret, PreviousSecret: previous, AppID: appID,
		Self:    func() int64 { return self },
		Now:     func() time.Time { return now },
		Observe: func(kind, outcome string) { d.observed = append(d.observed, kind+" "+outcome) },
	})
	if err != nil {
		t.Fatal(err)
	}
	log := zerolog.New(&d.log)
	d.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(log.WithContext(r.Context())))
	})
	return d
}

func signed(key string, body []byte) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}

// delivery is a request as GitHub makes it.
func delivery(kind string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/github/hook", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", kind)
	r.Header.Set("X-GitHub-Delivery", guid)
	r.Header.Set("X-Hub-Signature-256", signed(secret, body))
	return r
}

func (d *door) post(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestIntake(t *testing.T) {
	repo := github.Repo{Owner: "istio", Name: "istio"}
	comment := string(payload(t, "issue_comment"))
	push := string(payload(t, "push"))
	change := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the payload", old)
		}
		return strings.ReplaceAll(text, old, new)
	}
	ask := func(change func(*command.Call)) []reconcile.PendingCommand {
		call := command.Call{Repo: github.Repo{Owner: "Istio", Name: "istio"}, RepoID: 9, Number: 12, OnPR: true, Source: command.InComment, ID: 77,
			URL:    "https://github.com/istio/istio/pull/12#issuecomment-77",
			Author: github.User{ID: 3, Login: "ann"}, At: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)}
		change(&call)
		return []reconcile.PendingCommand{{Text: "/release freeze release-1.30 now", Call: call}}
	}
	same := func(*command.Call) {}
	resync := func(owner string) reconcile.Key {
		return reconcile.ResyncKey(github.Repo{Owner: owner, Name: reconcile.Any})
	}
	const pull = `"number":12,"state":"open","base":{"ref":"release-1.30"},"head":{"sha":"c"},"updated_at":"2026-01-02T03:04:07Z","html_url":"u"`
	review := `{"action":"submitted","repository":{"id":9,"full_name":"istio/istio"},"pull_request":{"id":500,` + pull + `},
		"review":{"id":600,"body":"Thanks.\n\n/release freeze release-1.30","html_url":"r","submitted_at":"2026-01-02T03:04:06Z","commit_id":"abc","user":{"id":3,"login":"ann","type":"User"}}}`
	described := `{"action":"opened","repository":{"id":9,"full_name":"istio/istio"},"pull_request":{"id":500,` + pull + `,
		"body":"/release freeze release-1.30","created_at":"2026-01-02T03:04:06Z","user":{"id":3,"login":"ann","type":"User"}}}`
	fromReview := ask(func(c *command.Call) { c.Repo, c.Source, c.ID, c.URL, c.Head = repo, command.InReview, 600, "r", "abc" })
	fromReview[0].Text = "Thanks.\n\n/release freeze release-1.30"
	fromDescription := ask(func(c *command.Call) {
		c.Repo, c.Source, c.ID, c.URL, c.Head = repo, command.InDescription, 500, "u", "c"
	})
	fromDescription[0].Text = "/release freeze release-1.30"
	// What can't be read is kept as an event alone.
	unread := &reconcile.Delivery{Keys: []reconcile.Key{{Handler: "gate", Repo: repo, ID: "pr/12"}}, Commands: fromDescription,
		Snapshot: &github.PullSnapshot{Repo: repo, PullRequest: github.PullRequest{RepoID: 9, Number: 12}}}
	headless := *unread
	headless.Commands = ask(func(c *command.Call) { c.Repo, c.Source, c.ID, c.URL = repo, command.InDescription, 500, "u" })
	headless.Commands[0].Text = fromDescription[0].Text
	const botIssue = `{"action":"edited","repository":{"id":9,"full_name":"istio/istio"},"sender":{"id":3,"login":"ann","type":"User"},
		"issue":{"number":3,"title":"Freeze","state":"open","user":{"id":64,"login":"slipway[bot]","type":"Bot"}}}`
	tests := []struct {
		name, kind, text string
		want             *reconcile.Delivery // GUID, Kind, Repo and Received are filled in
	}{
		{"command", "issue_comment", comment, &reconcile.Delivery{Commands: ask(same)}},
		{"command on an issue", "issue_comment", change(comment, `"pull_request":{"url":"x"},`, ""),
			&reconcile.Delivery{Commands: ask(func(c *command.Call) { c.OnPR = false })}},
		{"near miss", "issue_comment", change(comment, "/release freeze release-1.30 now", "/release frezee x"),
			&reconcile.Delivery{Commands: func() []reconcile.PendingCommand { a := ask(same); a[0].Text = "/release frezee x"; return a }()}},
		{"comment", "issue_comment", change(comment, "/release freeze", "about /release freeze"), nil},
		{"another bot's command", "issue_comment", change(comment, "/release freeze", "/retest"), nil},
		{"quoted command", "issue_comment", change(comment, "/release freeze", "> /release freeze"), nil},
		{"null body", "issue_comment", change(comment, `"/release freeze release-1.30 now"`, "null"), nil},
		{"edit", "issue_comment", change(comment, `"created"`, `"edited"`), nil},
		{"deletion", "issue_comment", change(comment, `"created"`, `"deleted"`), nil},
		{"unknown action", "issue_comment", change(comment, `"created"`, `"pinned"`), nil},
		{"an App", "issue_comment", change(comment, `"type":"User"`, `"type":"Bot"`), nil},
		{"an account called a bot", "issue_comment", change(comment, `"login":"ann"`, `"login":"ann[bot]"`), nil},
		{"through our own App", "issue_comment", change(comment, `"comment":{`, `"comment":{"performed_via_github_app":{"id":42},`), nil},
		{"through another App", "issue_comment", change(comment, `"comment":{`, `"comment":{"performed_via_github_app":{"id":43},`), &reconcile.Delivery{Commands: ask(same)}},
		{"a ghost", "issue_comment", change(comment, `"user":{"id":3,"login":"ann","type":"User"}`, `"user":null`), nil},
		{"no issue", "issue_comment", change(comment, `"issue":{`, `"other":{`), nil},
		{"no repository", "issue_comment", change(comment, `"repository":{`, `"other":{`), nil},

		{"pull request", "pull_request", string(payload(t, "pull_request")), &reconcile.Delivery{
			Keys: []reconcile.Key{{Handler: "gate", Repo: repo, ID: "pr/12"}},
			Snapshot: &github.PullSnapshot{Repo: repo, PullRequest: github.PullRequest{RepoID: 9, Number: 12, Title: "A change",
				Author: github.User{ID: 4, Login: "bob[bot]", Bot: true}, State: github.Open, Draft: true,
				Base: "release-1.30", Head: "0123456789012345678901234567890123456789", HeadRef: "topic", HeadRepo: github.Repo{Owner: "bob", Name: "istio"},
				Labels: []string{"a", "b"}, URL: "https://github.com/istio/istio/pull/12", UpdatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}}},
		{"pull request of a deleted fork by a deleted account", "pull_request", string(payload(t, "pull_request.nulls")), &reconcile.Delivery{
			Keys:     []reconcile.Key{{Handler: "gate", Repo: repo, ID: "pr/12"}},
			Snapshot: &github.PullSnapshot{Repo: repo, PullRequest: github.PullRequest{RepoID: 9, Number: 12}}}},
		{"no pull request", "pull_request", `{"action":"opened","pull_request":null}`, nil},
		{"check run", "check_run", string(payload(t, "check_run")), nil},
		{"issue", "issues", string(payload(t, "issues")), nil},
		{"nothing", "issues", `{}`, nil},
		{"a bot's issue", "issues", botIssue, &reconcile.Delivery{Forget: []string{"issues/istio/istio/"}}},
		{"a bot's issue, changed by another App", "issues", change(botIssue, `"sender":{"id":3`, `"sender":{"id":65`),
			&reconcile.Delivery{Forget: []string{"issues/istio/istio/"}}},
		{"our own change of our issue", "issues", change(botIssue, `"sender":{"id":3`, `"sender":{"id":64`), nil},
		{"another bot's issue", "issues", change(botIssue, `"user":{"id":64`, `"user":{"id":65`), nil},
		{"our own push of a policy", "push", change(push, `"sender":{"id":3`, `"sender":{"id":64`), &reconcile.Delivery{Forget: []string{"policy/istio/istio/"}}},

		{"policy pushed", "push", push, &reconcile.Delivery{Forget: []string{"policy/istio/istio/"}}},
		{"something else pushed", "push", change(push, ".github/slipway.yml", "z"), nil},
		{"policy pushed elsewhere", "push", change(push, "refs/heads/master", "refs/heads/topic"), nil},
		{"default branch forced", "push", change(change(push, ".github/slipway.yml", "z"), `"forced":false`, `"forced":true`),
			&reconcile.Delivery{Forget: []string{"policy/istio/istio/", "proven/4/9/master/"}}},
		{"a revert pushed", "push", change(change(push, ".github/slipway.yml", "z"), `"id":"b"`, `"id":"b","message":"Undo it\n\nThis Reverts commit 1234567."`),
			&reconcile.Delivery{Forget: []string{"proven/4/9/master/"}}},
		{"the owner's policy pushed", "push", change(push, "Istio/istio", "Istio/.github"),
			&reconcile.Delivery{Forget: []string{"policy/istio/"}, Keys: []reconcile.Key{resync("Istio")}}},
		{"push without repository", "push", change(push, `"repository":{`, `"other":{`), nil},

		{"installed", "installation", change(string(payload(t, "installation")), "suspend", "created"),
			&reconcile.Delivery{Forget: []string{"installation/istio/", "issues/istio/", "policy/istio/", "repo/istio/"}, Keys: []reconcile.Key{resync("Istio")}}},
		{"review", "pull_request_review", review, &reconcile.Delivery{Commands: fromReview}},
		{"review edited", "pull_request_review", change(review, "submitted", "edited"), nil},
		{"description", "pull_request", described, &reconcile.Delivery{Keys: []reconcile.Key{{Handler: "gate", Repo: repo, ID: "pr/12"}}, Commands: fromDescription,
			Snapshot: &github.PullSnapshot{Repo: repo, PullRequest: github.PullRequest{RepoID: 9, Number: 12, Base: "release-1.30", Head: "c", State: github.Open,
				Author: github.User{ID: 3, Login: "ann"}, URL: "u", CreatedAt: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), UpdatedAt: time.Date(2026, 1, 2, 3, 4, 7, 0, time.UTC)}, HeadSince: time.Date(2026, 1, 2, 3, 4, 7, 0, time.UTC)}}},
		{"an odd state", "pull_request", change(described, `"open"`, `"ajar"`), unread},
		{"a state of another type", "pull_request", change(described, `"open"`, `1`), unread},
		{"no state", "pull_request", change(described, `"state":"open",`, ""), unread},
		{"no base", "pull_request", change(described, `"release-1.30"}`, `null}`), unread},
		{"no head", "pull_request", change(described, `"head":{"sha":"c"},`, ""), &headless},
		{"no date", "pull_request", change(described, `"2026-01-02T03:04:07Z"`, `"soon"`), unread},
		{"suspended", "installation", string(payload(t, "installation")), &reconcile.Delivery{Forget: []string{"installation/istio/", "issues/istio/", "policy/istio/", "repo/istio/"}}},
		{"repositories removed", "installation_repositories", string(payload(t, "installation")), &reconcile.Delivery{Forget: []string{"installation/istio/", "issues/istio/", "policy/istio/", "repo/istio/"}}},
		{"installation without account", "installation", `{"installation":{"id":1,"account":null}}`, nil},
		{"transferred", "repository", string(payload(t, "repository.transferred")), &reconcile.Delivery{
			Forget: []string{"check/istio/istio/", "installation/google/", "installation/istio/", "issues/google/", "issues/istio/",
				"policy/google/", "policy/istio/", "repo/google/", "repo/istio/"},
			Keys: []reconcile.Key{reconcile.ResyncKey(github.Repo{Owner: "istio", Name: "istio"})}}},
		{"renamed", "repository", `{"action":"renamed","repository":{"full_name":"o/new"},"changes":{"repository":{"name":{"from":"old"}}}}`,
			&reconcile.Delivery{Forget: []string{"check/o/new/", "installation/o/", "issues/o/", "policy/o/", "repo/o/"},
				Keys: []reconcile.Key{reconcile.ResyncKey(github.Repo{Owner: "o", Name: "new"})}}},
		{"another default branch", "repository", `{"action":"edited","repository":{"full_name":"o/r"},"changes":{"default_branch":{"from":"old"}}}`,
			&reconcile.Delivery{Forget: []string{"policy/o/r/", "repo/o/r/"},
				Keys: []reconcile.Key{reconcile.ResyncKey(github.Repo{Owner: "o", Name: "r"})}}},
		{"nobody says what was edited", "repository", `{"action":"edited","repository":{"full_name":"o/r"}}`,
			&reconcile.Delivery{Forget: []string{"policy/o/r/", "repo/o/r/"},
				Keys: []reconcile.Key{reconcile.ResyncKey(github.Repo{Owner: "o", Name: "r"})}}},
		{"another description", "repository", `{"action":"edited","repository":{"full_name":"o/r"},"changes":{"description":{"from":"old"}}}`, nil},
		{"unarchived", "repository", `{"action":"unarchived","repository":{"full_name":"o/r"}}`,
			&reconcile.Delivery{Forget: []string{"check/o/r/", "installation/o/", "issues/o/", "policy/o/", "repo/o/"},
				Keys: []reconcile.Key{reconcile.ResyncKey(github.Repo{Owner: "o", Name: "r"})}}},
		{"made private", "repository", `{"action":"privatized","repository":{"full_name":"o/r"}}`,
			&reconcile.Delivery{Forget: []string{"check/o/r/", "installation/o/", "issues/o/", "policy/o/", "repo/o/"}, Keys: []reconcile.Key{resync("o")}}},
		{"another default branch for the policies", "repository", `{"action":"edited","repository":{"full_name":"o/.github"},"changes":{"default_branch":{"from":"old"}}}`,
			&reconcile.Delivery{Forget: []string{"policy/o/", "repo/o/.github/"}, Keys: []reconcile.Key{resync("o")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := open(t)
			if w := d.post(delivery(tt.kind, []byte(tt.text))); w.Code != 200 {
				t.Fatalf("status is %d: %s", w.Code, w.Body)
			}
			if tt.want == nil {
				if len(d.taker.taken) != 0 {
					t.Errorf("taken: %+v", d.taker.taken)
				}
				return
			}
			if len(d.taker.taken) != 1 {
				t.Fatalf("taken: %+v", d.taker.taken)
			}
			got := d.taker.taken[0]
			if got.GUID != guid || !got.Received.Equal(now) || !strings.HasPrefix(got.Kind, tt.kind) {
				t.Errorf("got %+v", got)
			}
			tt.want.GUID, tt.want.Kind, tt.want.Repo, tt.want.Received = got.GUID, got.Kind, got.Repo, got.Received
			if diff := cmp.Diff(*tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPanickingCapability: one that panics over a payload is an error of its own,
// and the delivery is stored for all others.
func TestPanickingCapability(t *testing.T) {
	r, err := reconcile.NewRegistry(reconcile.Capability{
		Name: "clumsy", Events: []string{"push"}, Keys: func(github.Event) []reconcile.Key { panic("slice bounds out of range") },
		Stale: func(github.Event) []string { panic("nil map") }, Forget: func(github.Event) []string { panic("nil pointer") },
	}, reconcile.Capability{
		Name: "last", Events: []string{"push"}, Keys: func(e github.Event) []reconcile.Key { return []reconcile.Key{{Handler: "last", Repo: e.Repo, ID: "x"}} },
		Stale: func(github.Event) []string { return []string{"a fact"} }, Forget: func(github.Event) []string { return []string{"a memory"} },
	})
	if err != nil {
		t.Fatal(err)
	}
	d := openWith(t, r)
	if w := d.post(delivery("push", payload(t, "push"))); w.Code != http.StatusOK {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
	if len(d.taker.taken) != 1 {
		t.Fatalf("taken: %+v", d.taker.taken)
	}
	in := d.taker.taken[0]
	if len(in.Keys) != 1 || in.Keys[0].Handler != "last" || !slices.Equal(in.Facts, []string{"a fact"}) || !slices.Contains(in.Forget, "a memory") {
		t.Errorf("taken: %+v", in)
	}
	for _, want := range []string{
		"the keys of clumsy for push.: panic: slice bounds out of range",
		"the stale facts of clumsy for push.: panic: nil map",
		"the memory of clumsy for push.: panic: nil pointer",
	} {
		if !strings.Contains(d.log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, &d.log)
		}
	}
}

func TestOutcomes(t *testing.T) {
	pull := payload(t, "pull_request")
	tests := []struct {
		name, kind string
		body       []byte
		known      bool
		err        error
		want       int
		observed   string
		logged     string
	}{
		{"stored", "pull_request", pull, false, nil, 200, "pull_request taken", ""},
		{"stored before", "pull_request", pull, true, nil, 200, "pull_request repeated", ""},
		{"not stored", "pull_request", pull, false, errors.New("disk full"), 500, "pull_request failed", "take pull_request.edited " + guid + ": disk full"},
		{"nothing in it", "issues", []byte(`{"action":"danced"}`), false, nil, 200, "issues nothing", ""},
		{"unknown event", "canary_event", []byte(`{}`), false, nil, 202, "other unwanted", ""},
		{"known and unwanted", "star", []byte(`{}`), false, nil, 202, "other unwanted", ""},
		{"odd", "issues", []byte(`{"issue":{"number":"canary"}}`), false, nil, 200, "issues nothing", `"fields":["issue.number"],"message":"delivery is odd`},
		{"hostile repository", "issues", []byte(`{"repository":{"full_name":"o/../../canary"}}`), false, nil, 200, "issues nothing", `"fields":["full_name"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := open(t)
			d.taker.known, d.taker.err = tt.known, tt.err
			w := d.post(delivery(tt.kind, tt.body))
			if w.Code != tt.want || len(d.observed) != 1 || d.observed[0] != tt.observed {
				t.Errorf("got %d, observed %v", w.Code, d.observed)
			}
			if strings.Contains(w.Body.String()+d.log.String(), "canary\"") || strings.Contains(w.Body.String(), "disk") {
				t.Errorf("answer %q or log %q tell too much", w.Body, d.log.String())
			}
			if !strings.Contains(d.log.String(), tt.logged) || !strings.Contains(d.log.String(), guid) {
				t.Errorf("log is %s", d.log.String())
			}
		})
	}
}

// TestCheckSuite: no machinery wants check_suite, so a capability that does is
// all that lets it in.
func TestCheckSuite(t *testing.T) {
	var seen []github.Event
	r, err := reconcile.NewRegistry(reconcile.Capability{Name: "gate", Events: []string{"check_suite"}, Keys: func(e github.Event) []reconcile.Key {
		seen = append(seen, e)
		return []reconcile.Key{{Handler: "gate", Repo: e.Repo, ID: "commit/" + e.Commit}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	taken := &taker{}
	h, err := webhook.New(webhook.Options{Registry: r, Taker: taken, Secret: secret, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, delivery("check_suite", payload(t, "check_suite"))); w.Code != 200 {
		t.Fatalf("status is %d: %s", w.Code, w.Body)
	}
	if len(seen) != 1 || seen[0].Action != "rerequested" || seen[0].Commit != "abc" {
		t.Errorf("the capability got %+v", seen)
	}
	want := []reconcile.Key{{Handler: "gate", Repo: github.Repo{Owner: "istio", Name: "istio"}, ID: "commit/abc"}}
	if len(taken.taken) != 1 || !cmp.Equal(want, taken.taken[0].Keys) || taken.taken[0].Kind != "check_suite.rerequested" {
		t.Errorf("taken: %+v", taken.taken)
	}
}

func TestEvents(t *testing.T) {
	want := []string{"check_run", "installation", "installation_repositories", "issue_comment", "issues", "pull_request", "pull_request_review", "push", "repository"}
	if diff := cmp.Diff(want, webhook.Events(registry(t))); diff != "" {
		t.Error(diff)
	}
}

// examples finds GitHub's own examples, which are not ours to keep in the tree.
func examples(t *testing.T) string {
	if path := os.Getenv("SLIPWAY_WEBHOOK_EXAMPLES"); path != "" {
		return path
	}
	const inModules = "@octokit/webhooks-examples/api.github.com/index.json"
	path := filepath.Join("..", "..", ".cache", "npm", "node_modules", filepath.FromSlash(inModules))
	if _, err := os.Stat(path); err != nil {
		t.Skip("no " + inModules + " under .cache/npm/node_modules: make test installs it where it can")
	}
	return path
}

func TestGitHubsExamples(t *testing.T) {
	text, err := os.ReadFile(examples(t))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(text, &kinds); err != nil {
		t.Fatal(err)
	}
	d := open(t)
	posted := 0
	for _, kind := range kinds {
		for i, body := range kind.Examples {
			posted++
			if w := d.post(delivery(kind.Name, body)); w.Code/100 != 2 {
				t.Errorf("%s[%d]: status %d: %s", kind.Name, i, w.Code, w.Body)
			}
			// Kinds that nobody handles today must be readable the day somebody does.
			if _, err := webhook.Parse(kind.Name, guid, body); err != nil {
				t.Errorf("%s[%d]: %v", kind.Name, i, err)
			}
		}
	}
	if posted < 200 {
		t.Errorf("only %d examples", posted)
	}
	if len(d.taker.taken) == 0 || strings.Contains(d.log.String(), `"level":"error"`) {
		t.Errorf("%d taken; log: %s", len(d.taker.taken), d.log.String())
	}
}

func FuzzWebhook(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "payloads", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		kind, _, _ := strings.Cut(filepath.Base(file), ".")
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(kind, text)
	}
	f.Add("pull_request", []byte(`{"pull_request":{"head":null,"base":null}}`))
	f.Add("ping", []byte(`null`))
	f.Add("", []byte(`{}`))
	d := open(f)
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		d.taker.taken, d.observed = nil, nil
		d.log.Reset()
		w := d.post(delivery(kind, body))
		if w.Code/100 != 2 && w.Code != 400 {
			t.Errorf("status is %d: %s", w.Code, w.Body)
		}
		if w.Code == 400 && len(d.taker.taken) != 0 {
			t.Error("a broken delivery was taken")
		}
	})
}
