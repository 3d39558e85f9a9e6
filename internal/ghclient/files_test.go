package ghclient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// branch is a branch's commit; what the stand-in says of one that isn't there is "".
func (m *memory) branch(name string) string { return m.gh.Branch(repo, name) }

func (m *memory) wantFile(branch, path, want string) {
	m.t.Helper()
	if got, ok := m.gh.File(repo, branch, path); !ok || got != want {
		m.t.Errorf("%s of %s is %q, want %q", path, branch, got, want)
	}
}

func TestFilesAreWrittenOnce(t *testing.T) {
	m := remembering(t)
	e := effect.Files{Repo: rocket, Branch: "notes", Base: "master", From: m.branch("master"), Message: "Notes",
		Files: map[string]string{"docs/1.30/a.md": "one\n", "docs/1.30/empty": ""}}
	apply := func() reconcile.Receipt {
		t.Helper()
		r, err := m.Apply(t.Context(), e)
		m.ok(err)
		return r
	}
	if r := apply(); !r.Changed {
		t.Error("nothing was written")
	}
	first := m.branch("notes")
	m.wantFile("notes", "docs/1.30/a.md", "one\n")
	m.wantFile("notes", "docs/1.30/empty", "")
	m.wantFile("notes", "a", "a") // what was there before
	if m.requests(); apply().Changed || m.branch("notes") != first {
		t.Error("the same again is written")
	}
	if got := m.requests(); strings.Contains(got, "POST") || strings.Contains(got, "PATCH") {
		t.Errorf("the same again writes: %s", got)
	}

	// A person's commit: what was decided before it doesn't go on top of it.
	_, err := m.gh.As("bob").Push(repo, "notes", map[string]string{"docs/1.30/mine": "bob's"}, "Mine")
	m.ok(err)
	e.Files["docs/1.30/a.md"] = "two\n"
	if _, err := m.Apply(t.Context(), e); err == nil || !strings.Contains(err.Error(), "no longer") {
		t.Errorf("onto what somebody pushed since: %v", err)
	}
	e.From = m.branch("notes")
	if !apply().Changed {
		t.Error("nothing was written")
	}
	m.wantFile("notes", "docs/1.30/a.md", "two\n")
	m.wantFile("notes", "docs/1.30/mine", "bob's")

	e.From = first // older than the branch, which holds it all
	if apply().Changed {
		t.Error("what is there already was written")
	}
}

func TestFilesConvergeWithoutAnswers(t *testing.T) {
	for _, path := range []string{`/git/trees$`, `/git/commits$`, `/git/refs$`} {
		m := remembering(t)
		e := effect.Files{Repo: rocket, Branch: "notes", Base: "master", From: m.branch("master"), Message: "Notes", Files: map[string]string{"n": "1"}}
		m.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
		if _, err := m.Apply(t.Context(), e); err == nil {
			t.Errorf("%s: no error", path)
		}
		_, err := m.Apply(t.Context(), e)
		m.ok(err)
		m.wantFile("notes", "n", "1")
		if r, err := m.Apply(t.Context(), e); err != nil || r.Changed {
			t.Errorf("%s: once more: %+v, %v", path, r, err)
		}
	}
}

func TestFilesOfABranchThatBegins(t *testing.T) {
	m := remembering(t)
	base := m.branch("master")
	e := effect.Files{Repo: rocket, Branch: "same", Base: "master", From: base, Message: "x", Files: map[string]string{"a": "a"}}
	_, err := m.Apply(t.Context(), e)
	m.ok(err)
	if m.branch("same") != base {
		t.Error("a branch that differs in nothing begins elsewhere than at its base")
	}
	e.Branch = "master"
	if _, err := m.Apply(t.Context(), e); err == nil {
		t.Error("a base was written to")
	}
	e.Branch, e.From = "other", strings.Repeat("1", 40)
	if _, err := m.Apply(t.Context(), e); err == nil {
		t.Error("a branch begins at a commit that isn't there")
	}
}

func TestFilesThatGitHubRefuses(t *testing.T) {
	m := remembering(t)
	m.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile(`/git/refs$`), Times: 2, Status: http.StatusForbidden, // with a new token, too
		Body: `{"message":"Resource not accessible by integration"}`})
	e := effect.Files{Repo: rocket, Branch: "notes", Base: "master", From: m.branch("master"), Message: "x", Files: map[string]string{"a": "b"}}
	var cannot *reconcile.Cannot
	if _, err := m.Apply(t.Context(), e); !errors.As(err, &cannot) {
		t.Errorf("%v", err)
	}
}

// TestFilesKeepTheirMode: a script that is written anew can still be run.
func TestFilesKeepTheirMode(t *testing.T) {
	m := remembering(t)
	send := func(method, path string, body map[string]any) (answer struct {
		SHA  string          `json:"sha"`
		Tree json.RawMessage `json:"tree"`
	}) {
		t.Helper()
		raw, err := json.Marshal(body)
		m.ok(err)
		r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(m.gh.API(), "/")+"/repos/"+repo+path, bytes.NewReader(raw))
		m.ok(err)
		r.Header.Set("Authorization", "Bearer "+m.gh.As("bob").Token())
		resp, err := http.DefaultClient.Do(r)
		m.ok(err)
		defer resp.Body.Close()
		if resp.StatusCode >= 300 {
			t.Fatalf("%s %s: %s", method, path, resp.Status)
		}
		m.ok(json.NewDecoder(resp.Body).Decode(&answer))
		return answer
	}
	base := m.branch("master")
	tree := send("POST", "/git/trees", map[string]any{"base_tree": base, "tree": []any{
		map[string]any{"path": "bin/run.sh", "mode": "100755", "type": "blob", "content": "one\n"},
		map[string]any{"path": "bin/same.sh", "mode": "100755", "type": "blob", "content": "same\n"},
	}})
	commit := send("POST", "/git/commits", map[string]any{"message": "Scripts", "tree": tree.SHA, "parents": []string{base}})
	send("PATCH", "/git/refs/heads/master", map[string]any{"sha": commit.SHA})
	e := effect.Files{Repo: rocket, Branch: "step", Base: "master", From: commit.SHA, Message: "Step",
		Files: map[string]string{"bin/run.sh": "two\n", "bin/same.sh": "same\n", "bin/new.txt": "new\n"}}
	_, err := m.Apply(t.Context(), e)
	m.ok(err)
	modes := map[string]string{}
	var entries []struct{ Path, Mode string }
	m.ok(json.Unmarshal(send("GET", "/git/trees/"+m.branch("step")+"?recursive=1", nil).Tree, &entries))
	for _, one := range entries {
		modes[one.Path] = one.Mode
	}
	if modes["bin/run.sh"] != "100755" || modes["bin/same.sh"] != "100755" || modes["bin/new.txt"] != "100644" {
		t.Errorf("%v", modes)
	}
	m.wantFile("step", "bin/run.sh", "two\n")
}
