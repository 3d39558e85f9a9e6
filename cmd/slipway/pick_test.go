package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// pickRepo is a repository whose commits have the same ids in every run.
type pickRepo struct {
	t     *testing.T
	dir   string
	clock int
}

func (r *pickRepo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	stamp := fmt.Sprintf("%d +0000", 1_700_000_000+r.clock)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE="+stamp,
		"GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.org", "GIT_COMMITTER_DATE="+stamp)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *pickRepo) commit(message, file, text string) string {
	r.t.Helper()
	r.clock += 60
	if err := os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", message)
	return r.git("rev-parse", "HEAD")
}

// asked runs `slipway` with arguments.
func asked(t *testing.T, args ...string) (out string, status int, said string) {
	t.Helper()
	var b bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&b)
	cmd.SetErr(&b)
	err := cmd.ExecuteContext(t.Context())
	if err != nil {
		said = err.Error()
	}
	return b.String(), statusOf(err), said
}

var elapsedText = regexp.MustCompile(`elapsed:  \d+ ms`)

func TestPickCommand(t *testing.T) {
	r := &pickRepo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "-b", "master")
	r.commit("old", "f", "one\ntwo\nthree\n")
	r.git("branch", "release-1.30")
	needed := r.commit("Needed (#12) \x1b[31m\"q\"", "f", "one\nneeded\nthree\n")
	source := r.commit("Source (#13)", "f", "one\nsource\nthree\n")
	other := r.commit("Another file", "new \"\u202efile", "text\n")
	onto := r.git("rev-parse", "release-1.30")
	objects := r.git("count-objects", "-v")

	for _, tc := range []struct {
		name    string
		commits []string // and flags
		onto    string
		status  int
		want    pickAnswer
	}{
		{"clean", []string{other}, "release-1.30", 0, pickAnswer{Source: other, Onto: onto, Outcome: git.Clean}},
		{"in order", []string{needed, source[:12]}, "release-1.30", 0, pickAnswer{Source: source, Sources: []string{needed, source}, Onto: onto, Outcome: git.Clean}},
		{"left out", []string{needed, source, "--leave-out=f"}, "release-1.30", 0, pickAnswer{Source: source, Sources: []string{needed, source}, Onto: onto, Outcome: git.Nothing, LeftOut: []string{"f"}}},
		{"empty", []string{"master~1"}, "master", 0, pickAnswer{Source: source, Onto: other, Outcome: git.Empty}},
		{"conflict", []string{source}, onto, 1, pickAnswer{Source: source, Onto: onto, Outcome: git.Clash,
			Conflicts: []pickConflict{{Path: "f", Kind: git.Content, Detail: "content"}}, Prerequisites: []pickPrerequisite{{Commit: needed, Subject: "Needed (#12) \x1b[31m\"q\"", Paths: []string{"f"}}}}},
	} {
		args := []string{"pick", "--repo", r.dir, "--onto", tc.onto}
		for _, c := range tc.commits {
			if !strings.HasPrefix(c, "--") {
				c = "--commit=" + c
			}
			args = append(args, c)
		}
		out, status, said := asked(t, append(args, "--json")...)
		var got pickAnswer
		if err := json.Unmarshal([]byte(out), &got); err != nil || status != tc.status {
			t.Errorf("%s: status %d, %v: %s%s", tc.name, status, err, out, said)
			continue
		}
		tc.want.Tree, tc.want.ElapsedMS = got.Tree, got.ElapsedMS
		if tc.want.Conflicts == nil {
			tc.want.Conflicts, tc.want.Prerequisites = []pickConflict{}, []pickPrerequisite{}
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(tc.want)
		if !bytes.Equal(a, b) || len(got.Tree) != 40 {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, a, b)
		}
		out, status, _ = asked(t, args...)
		if status != tc.status {
			t.Errorf("%s: status %d", tc.name, status)
		}
		golden.Check(t, "pick "+tc.name+".txt", elapsedText.ReplaceAllString(out, "elapsed:  N ms"))
	}
	if out := r.git("status", "--porcelain"); out != "" || r.git("count-objects", "-v") != objects {
		t.Errorf("the repository has changed: %s, %s", out, r.git("count-objects", "-v"))
	}
}

// TestPickWrongUse: status 2 and one line that says what is wrong.
func TestPickWrongUse(t *testing.T) {
	r := &pickRepo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "-b", "master")
	r.commit("old", "f", "one\n")
	id := r.commit("new", "f", "two\n")
	shallow := filepath.Join(t.TempDir(), "shallow")
	r.git("clone", "-q", "--bare", "--depth=1", "file://"+r.dir, shallow)
	for want, args := range map[string][]string{
		"--repo is needed":                              {"--commit", id, "--onto", id},
		"--commit is needed":                            {"--repo", r.dir, "--onto", id},
		"--onto is needed":                              {"--repo", r.dir, "--commit", id},
		"there is no directory /no/such":                {"--repo", "/no/such", "--commit", id, "--onto", id},
		"not a git repository":                          {"--repo", t.TempDir(), "--commit", id, "--onto", id},
		`--commit: no such commit: "no-such"`:           {"--repo", r.dir, "--commit", "no-such", "--onto", id},
		`--commit: no such commit: "--foo"`:             {"--repo", r.dir, "--commit", "--foo", "--onto", id},
		`--onto: no such commit: "--foo"`:               {"--repo", r.dir, "--commit", id, "--onto=--foo"},
		`--onto: no such commit: "HEAD:f"`:              {"--repo", r.dir, "--commit", id, "--onto", "HEAD:f"},
		`--commit: no such commit: "1212121212121212`:   {"--repo", r.dir, "--commit", strings.Repeat("12", 20), "--onto", id},
		"unknown flag: --foo":                           {"--repo", r.dir, "--commit", id, "--onto", id, "--foo"},
		`--leave-out: "docs/" names a folder`:           {"--repo", r.dir, "--commit", id, "--onto", id, "--leave-out", "docs/"},
		"flag needs an argument: --onto":                {"--repo", r.dir, "--commit", id, "--onto"},
		`pick takes flags alone, not "release-1.30"`:    {"--repo", r.dir, "--commit", id, "--onto", id, "release-1.30"},
		"the clone is shallow or partial, fetch it":     {"--repo", shallow, "--commit", id, "--onto", id},
		`pick takes flags alone, not "--upload-pack=x"`: {"--repo", r.dir, "--commit", id, "--onto", id, "--", "--upload-pack=x"},
	} {
		out, status, said := asked(t, append([]string{"pick"}, args...)...)
		if status != 2 || out != "" || !strings.Contains(said, want) || strings.Contains(said, "\n") {
			t.Errorf("%q: status %d, %q, says %q; want %q", slices.Concat(args), status, out, said, want)
		}
	}
}
