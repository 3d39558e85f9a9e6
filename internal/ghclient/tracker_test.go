package ghclient_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func TestTip(t *testing.T) {
	m := remembering(t)
	m.ok(m.gh.CreateBranch(repo, "release-1.3", "master"))
	m.ok(m.gh.CreateBranch(repo, "release-1.31", "master"))
	m.ok(m.gh.As("bob").DeleteBranch(repo, "release-1.3"))
	if tip, err := m.Tip(t.Context(), rocket, "release-1.3"); err != nil || tip != "" {
		t.Errorf("of a branch like which another begins: %q, %v", tip, err)
	}
	if tip, err := m.Tip(t.Context(), rocket, "release-1.31"); err != nil || tip != m.gh.Branch(repo, "release-1.31") {
		t.Errorf("%q, %v", tip, err)
	}
}

func TestFileAtCommit(t *testing.T) {
	m := remembering(t)
	head, err := m.gh.As("bob").Push(repo, "master", map[string]string{"main.go": "package main\n"}, "Main")
	m.ok(err)
	for _, path := range []string{"main.go", "none.go"} {
		want := path == "main.go"
		if _, known, err := m.FileAtCommit(t.Context(), rocket, head, path, false); known || err != nil {
			t.Errorf("%s is known unread: %v", path, err)
		}
		m.wantRequests("not to be read", "")
		for range 2 {
			if f, known, err := m.FileAtCommit(t.Context(), rocket, head, path, true); err != nil || !known || f.Found != want {
				t.Errorf("%s: %+v, %t, %v", path, f, known, err)
			}
		}
		status := map[bool]int{true: 200, false: 404}[want]
		m.wantRequests("two looks at "+path, fmt.Sprintf("GET /contents/%s %d", path, status))
	}
}

// TestPullRequestsOn has more pull requests on a branch than a page shows, the
// oldest of which is open and hasn't been touched since.
func TestPullRequestsOn(t *testing.T) {
	m := remembering(t)
	merged := 0
	for i := range 120 {
		pr, err := m.gh.As("bob").OpenPR(repo, sandbox.PROptions{Head: fmt.Sprint("head", i), Files: map[string]string{fmt.Sprint("f", i): "x"}})
		m.ok(err)
		if i == 0 {
			continue
		}
		if i == 1 {
			_, err = m.gh.As("bob").Merge(repo, pr.Number, "squash")
			merged++
		} else {
			err = m.gh.As("bob").Close(repo, pr.Number)
		}
		m.ok(err)
	}
	for name, tc := range map[string]struct {
		since  time.Time
		merged int
	}{
		"from the beginning":        {time.Now().Add(-time.Hour), merged},
		"after all that was merged": {time.Now().Add(time.Hour), 0},
	} {
		open, past, err := m.PullRequestsOn(t.Context(), rocket, "master", tc.since)
		if err != nil || len(past) != tc.merged || len(open) != 2 || open[0].State != github.Open {
			t.Errorf("%s: %d merged and %d open, %v", name, len(past), len(open), err)
		}
	}
}
