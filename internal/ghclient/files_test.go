package ghclient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
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
	var cannot *reconcile.RefusedError
	if _, err := m.Apply(t.Context(), e); !errors.As(err, &cannot) {
		t.Errorf("%v", err)
	}
}

// TestFilesKeepTheirMode: a script that is written anew can still be run.
// send is a request of bob's.
func (m *memory) send(method, path string, body map[string]any) (answer struct {
	SHA  string          `json:"sha"`
	Tree json.RawMessage `json:"tree"`
}) {
	m.t.Helper()
	raw, err := json.Marshal(body)
	m.ok(err)
	r, err := http.NewRequestWithContext(m.t.Context(), method, strings.TrimSuffix(m.gh.API(), "/")+"/repos/"+repo+path, bytes.NewReader(raw))
	m.ok(err)
	r.Header.Set("Authorization", "Bearer "+m.gh.As("bob").Token())
	resp, err := http.DefaultClient.Do(r)
	m.ok(err)
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		m.t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	m.ok(json.NewDecoder(resp.Body).Decode(&answer))
	return answer
}

// TestFilesAsTheTreeHasThem: a link is told and not followed.
func TestFilesAsTheTreeHasThem(t *testing.T) {
	m := remembering(t)
	base := m.branch("master")
	tree := m.send("POST", "/git/trees", map[string]any{"base_tree": base, "tree": []any{
		map[string]any{"path": "notes/one.yaml", "mode": "100644", "type": "blob", "content": "one\n"},
		map[string]any{"path": "notes/deep/two.yaml", "mode": "100755", "type": "blob", "content": "two\n"},
		map[string]any{"path": "notes/link.yaml", "mode": "120000", "type": "blob", "content": "one.yaml"},
		map[string]any{"path": "notes/module", "mode": "160000", "type": "commit", "sha": base},
	}})
	commit := m.send("POST", "/git/commits", map[string]any{"message": "Notes", "tree": tree.SHA, "parents": []string{base}})
	m.send("PATCH", "/git/refs/heads/master", map[string]any{"sha": commit.SHA})
	tell := func(files []github.Blob, err error) (all string) {
		t.Helper()
		m.ok(err)
		for _, f := range files {
			all += f.Path
			if f.Other != "" {
				all += " is " + f.Other + "; "
				continue
			}
			text, err := m.BlobText(t.Context(), rocket, f.ID)
			m.ok(err)
			all += fmt.Sprintf(" %q of %d", text, f.Size)
			if all += "; "; f.ID == "" {
				t.Errorf("%+v", f)
			}
		}
		return all
	}
	const want = `notes/deep/two.yaml "two\n" of 4; notes/link.yaml is a symbolic link; notes/module is a submodule; notes/one.yaml "one\n" of 4; `
	if got := tell(m.FilesBelow(t.Context(), rocket, tree.SHA, "notes")); got != want {
		t.Errorf("below: %s", got)
	}
	paths := []string{"notes/deep/two.yaml", "notes/link.yaml", "notes/module", "notes/one.yaml", "notes/none.yaml", "notes/deep", "none/a"}
	for _, ref := range []string{commit.SHA, "heads/master"} {
		if got := tell(m.FilesAt(t.Context(), rocket, ref, paths)); got != want {
			t.Errorf("at %s: %s", ref, got)
		}
	}
	for _, ref := range []string{strings.Repeat("a", 40), "heads/none"} {
		if got := tell(m.FilesAt(t.Context(), rocket, ref, paths)); got != "" {
			t.Errorf("at %s: %s", ref, got)
		}
	}
}

func TestFilesKeepTheirMode(t *testing.T) {
	m := remembering(t)
	send := m.send
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
