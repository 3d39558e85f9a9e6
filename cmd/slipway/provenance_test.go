package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/golden"
)

// numbered are lines with one replaced.
func numbered(at int, text string) string {
	var b strings.Builder
	for i := 1; i <= 30; i++ {
		if i == at {
			b.WriteString(text)
			continue
		}
		b.WriteString("line\n")
	}
	return b.String()
}

// provenanceRepo has a release branch with a commit of each verdict.
func provenanceRepo(t *testing.T) (r *pickRepo, commits map[string]string) {
	r = &pickRepo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "-b", "master")
	r.commit("old", "f", numbered(0, ""))
	r.git("branch", "release-1.30")
	c := map[string]string{}
	c["source"] = r.commit("Add a line (#12)", "f", numbered(10, "new\n"))
	c["other"] = r.commit("Other (#14)", "other", "one\ntwo\nthree\n")
	c["reverted"] = r.commit("Soon gone (#16)", "gone", "gone\n")
	r.commit("Revert \"Soon gone (#16)\" (#17)\n\nThis reverts commit "+c["reverted"]+".", "gone", "")
	r.git("checkout", "-q", "release-1.30")
	c["exact"] = r.commit("[release-1.30] Add a line (#13)", "f", numbered(10, "new\n"))
	c["adapted"] = r.commit("Other (#14) (#15)", "other", "one\ntwo\nt\there \x1b[31m\u202e\n")
	c["unrelated"] = r.commit("[release-1.30] Soon gone (#16) (#18)", "gone", "gone\n")
	r.git("checkout", "-q", "master")
	r.commit("Revert \"Add a line (#12)\" (#19)\n\nThis reverts commit "+c["source"]+".", "f", numbered(0, ""))
	return r, c
}

func TestProvenanceCommand(t *testing.T) {
	r, c := provenanceRepo(t)
	objects := r.git("count-objects", "-v")
	for name, want := range map[string]string{
		"exact":     `exact source by title +0`,
		"adapted":   `adapted other by reference +1`,
		"unrelated": `unrelated +1`,
	} {
		args := []string{"provenance", "--repo", r.dir, "--commit", c[name], "--source-branch", "master"}
		out, status, said := asked(t, append(args, "--json")...)
		var got struct {
			Commit, Verdict string
			Sources         []struct {
				Commit  string
				FoundBy string `json:"found_by"`
			}
			Lines *int `json:"lines_beyond_source"`
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || status != 0 || got.Lines == nil || got.Commit != c[name] || strings.Count(out, "\n") != 1 || got.Sources == nil {
			t.Fatalf("%s: status %d, %v: %s%s", name, status, err, out, said)
		}
		told := got.Verdict
		for _, s := range got.Sources {
			for of, id := range c {
				if id == s.Commit {
					told += " " + of + " by " + s.FoundBy
				}
			}
		}
		if told += " +" + string(rune('0'+*got.Lines)); told != want {
			t.Errorf("%s: %s, want %s", name, told, want)
		}
		out, status, said = asked(t, args...)
		if status != 0 {
			t.Errorf("%s: status %d: %s", name, status, said)
		}
		golden.Check(t, "provenance "+name+".txt", out)
	}
	out, status, _ := asked(t, "provenance", "--repo", r.dir, "--commit", c["exact"], "--commit", "release-1.30", "--source-branch", "master", "--json")
	if status != 0 || strings.Count(out, "\n") != 2 {
		t.Errorf("two commits: status %d: %s", status, out)
	}
	if r.git("count-objects", "-v") != objects {
		t.Error("the repository has changed")
	}
}

func TestBacktestBranch(t *testing.T) {
	r, c := provenanceRepo(t)
	args := []string{"replay", "branch", "--repo", r.dir, "--source-branch", "master", "--branch", "release-1.30"}
	out, status, said := asked(t, args...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, said)
	}
	golden.Check(t, "replay branch.txt", out)
	out, status, _ = asked(t, append(args, "--json")...)
	var ids []string
	for line := range strings.Lines(out) {
		var row struct{ Commit, Asks string }
		if err := json.Unmarshal([]byte(line), &row); err != nil || row.Asks == "" {
			t.Errorf("%v: %s", err, line)
		}
		ids = append(ids, row.Commit)
	}
	if want := []string{c["exact"], c["adapted"], c["unrelated"]}; status != 0 || !slices.Equal(ids, want) {
		t.Errorf("status %d: %v, want %v", status, ids, want)
	}
	// The policy says whom it would have asked.
	policy := filepath.Join(t.TempDir(), "policy.yml")
	if err := os.WriteFile(policy, []byte(basePolicy+"releasebranch: {areas: [{name: everything, paths: [\"**\"], teams: [wg]}], hand_made: {experts_over: 0}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, status, said = asked(t, append(args, "--policy", policy)...)
	if status != 0 || !strings.Contains(out, "1  nobody beyond who approved its source") || !strings.Contains(out, "1  experts of what differs from its source") {
		t.Errorf("status %d: %s%s", status, out, said)
	}
	if _, status, said = asked(t, append(args, "--policy", filepath.Join(t.TempDir(), "none.yml"))...); status != 2 || !strings.Contains(said, "--policy: ") {
		t.Errorf("status %d: %s", status, said)
	}
	r.git("branch", "release-1.31", "master~1")
	if out, status, _ = asked(t, "replay", "branch", "--repo", r.dir, "--source-branch", "master", "--branch", "release-1.31"); status != 0 ||
		out != "release-1.31 has no commit of its own since it left master.\n" {
		t.Errorf("status %d: %s", status, out)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", r.dir, clone)
	if out, status, said = asked(t, "replay", "branch", "--repo", clone, "--source-branch", "origin/master", "--branch", "release-1.30"); status != 0 || !strings.Contains(out, "1  exact") {
		t.Errorf("a clone's branches: status %d: %s%s", status, out, said)
	}
}

// TestProvenanceWrongUse: status 2 and one line that says what is wrong.
func TestProvenanceWrongUse(t *testing.T) {
	r, c := provenanceRepo(t)
	shallow := filepath.Join(t.TempDir(), "shallow")
	r.git("clone", "-q", "--bare", "--depth=1", "--no-single-branch", "file://"+r.dir, shallow)
	id := c["exact"]
	for want, args := range map[string][]string{
		"--repo is needed":                         {"provenance", "--commit", id, "--source-branch", "master"},
		"--commit is needed":                       {"provenance", "--repo", r.dir, "--source-branch", "master"},
		"--source-branch is needed":                {"provenance", "--repo", r.dir, "--commit", id},
		"there is no directory /no/such":           {"provenance", "--repo", "/no/such", "--commit", id, "--source-branch", "master"},
		"not a git repository":                     {"provenance", "--repo", t.TempDir(), "--commit", id, "--source-branch", "master"},
		`--commit: no such commit: "no-such"`:      {"provenance", "--repo", r.dir, "--commit", "no-such", "--source-branch", "master"},
		`--commit: no such commit: "--all"`:        {"provenance", "--repo", r.dir, "--commit=--all", "--source-branch", "master"},
		`--source-branch: no such branch: "main"`:  {"provenance", "--repo", r.dir, "--commit", id, "--source-branch", "main"},
		`--source-branch: "--all" is not a branch`: {"provenance", "--repo", r.dir, "--commit", id, "--source-branch=--all"},
		"is on master itself":                      {"provenance", "--repo", r.dir, "--commit", c["source"], "--source-branch", "master"},
		"the clone is shallow or partial":          {"provenance", "--repo", shallow, "--commit", "release-1.30", "--source-branch", "master"},
		`provenance takes flags alone, not "x"`:    {"provenance", "--repo", r.dir, "x"},
		"unknown flag: --foo":                      {"provenance", "--foo"},
		"--branch is needed":                       {"replay", "branch", "--repo", r.dir, "--source-branch", "master"},
		`are both "master"`:                        {"replay", "branch", "--repo", r.dir, "--source-branch", "master", "--branch", "master"},
		`--branch: no such branch: "release-1.9"`:  {"replay", "branch", "--repo", r.dir, "--source-branch", "master", "--branch", "release-1.9"},
		`replay branch takes flags alone`:          {"replay", "branch", "x"},
		"the clone is shallow or partial, fetch":   {"replay", "branch", "--repo", shallow, "--source-branch", "master", "--branch", "release-1.30"},
	} {
		out, status, said := asked(t, args...)
		if status != 2 || out != "" || !strings.Contains(said, want) || strings.Contains(said, "\n") {
			t.Errorf("%q: status %d, %q, says %q; want %q", args, status, out, said, want)
		}
	}
}
