package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestOutputIsLimitedInBytes: a text of a check that is short enough in characters may be too long in bytes.
func TestOutputIsLimitedInBytes(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	token, sha := w.token(), w.s.Branch(repo, "master")
	for _, c := range []struct {
		summary, text string
		want          int
		says          string
	}{
		{strings.Repeat("x", 65535), "", 201, ""},
		{strings.Repeat("x", 65536), "", 422, "Only 65535 characters are allowed; 65536 were supplied."},
		{strings.Repeat("船", 21845), "", 201, ""},
		{strings.Repeat("船", 21846), "", 422, "Validation Failed"},
		{"x", strings.Repeat("船", 21846), 422, "Validation Failed"},
	} {
		body, err := json.Marshal(map[string]any{"name": "x", "head_sha": sha, "output": map[string]any{"title": "x", "summary": c.summary, "text": c.text}})
		must(t, err)
		if status, message, _ := w.asks(token, "POST", "repos/"+repo+"/check-runs", string(body)); status != c.want || !strings.Contains(message, c.says) {
			t.Errorf("%d and %d bytes: %d %s", len(c.summary), len(c.text), status, message)
		}
	}
}

// TestBigFiles: over 1 MB the contents API gives nothing, but the blob is there.
func TestBigFiles(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	big := strings.Repeat("x", 1<<20+1)
	_, err := w.s.As("alice").Push(repo, "master", map[string]string{"big": big, "fits": big[1:]}, "Big")
	must(t, err)
	for path, want := range map[string]string{"big": "none", "fits": "base64"} {
		f, _, _, err := w.gh.Repositories.GetContents(ctx, "istio", "istio", path, nil)
		must(t, err)
		if f.GetEncoding() != want || (*f.Content == "") != (want == "none") || f.GetSize() < 1<<20 {
			t.Errorf("%s: %q with %d characters of %d bytes", path, f.GetEncoding(), len(*f.Content), f.GetSize())
		}
		b, _, err := w.gh.Git.GetBlobRaw(ctx, "istio", "istio", f.GetSHA())
		must(t, err)
		if len(b) != f.GetSize() {
			t.Errorf("the blob of %s has %d bytes of %d", path, len(b), f.GetSize())
		}
	}
}

// TestOwnersErrors: GitHub's judgement of CODEOWNERS, line by line.
func TestOwnersErrors(t *testing.T) {
	w, ctx := newWorld(t, sandbox.Options{}), context.Background()
	if _, _, err := w.gh.Repositories.GetCodeownersErrors(ctx, "istio", "istio", nil); status(err) != 404 {
		t.Errorf("no file: %v", err)
	}
	must(t, w.s.AddTeamRepo("istio", "release-managers", repo, "push"))
	lines := []string{"# all", "* @alice @istio/release-managers a@example.org # ours", "***/*.rb @alice", "*.txt docs@", "!x @alice", "[ab] @alice",
		`\#x @alice`, "", "/pkg/", "*.go @alice @mallory @nobody @istio/none", "~x{y},=: @alice"}
	_, err := w.s.As("alice").Push(repo, "master", map[string]string{"CODEOWNERS": strings.Join(lines, "\r\n")}, "Owners")
	must(t, err)
	got, _, err := w.gh.Repositories.GetCodeownersErrors(ctx, "istio", "istio", &github.GetCodeownersErrorsOptions{Ref: "master"})
	must(t, err)
	var rows []string
	for _, e := range got.Errors {
		rows = append(rows, fmt.Sprintf("%d:%d %s", e.Line, e.Column, e.Kind))
	}
	want := "3:1 Invalid pattern, 4:7 Invalid owner, 5:1 Invalid pattern, 6:1 Invalid pattern, 7:1 Invalid pattern, " +
		"10:13 Unknown owner, 10:22 Unknown owner, 10:30 Unknown owner"
	if strings.Join(rows, ", ") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(rows, ", "), want)
	}
}
