package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const replayedPolicy = `branches: ["release-[0-9]*.[0-9]*"]
release_managers: ["release-managers-{major}-{minor}"]
releasebranch:
  source_branch: master
  codeowners: true
  hand_made: {experts_over: 20}
  undated: released
  rules: {released: [issue]}
freeze:
  label: code-freeze
release:
  triggers: {repository: istio, build: trigger-build, publish: trigger-publish, unbuilt: warn}
`

// replayedRepo has a release branch with a pick, a change by hand, one too large for a manager alone, triggers, and a tag.
func replayedRepo(t *testing.T) *pickRepo {
	r := &pickRepo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "-b", "master")
	r.commit("Owners", "CODEOWNERS", "* @istio/wg-networking @olga\n")
	r.commit("Old", "f", numbered(0, ""))
	r.git("branch", "release-1.30")
	r.commit("Add a line (#12)", "f", numbered(10, "new\n"))
	r.clock += 3600
	r.git("checkout", "-q", "release-1.30")
	r.commit("[release-1.30] Add a line (#13)", "f", numbered(10, "new\n"))
	r.commit("[release-1.30] Backport by <b>hand</b> \x1b[31m (#14)", "hand", "by hand\n")
	r.commit("Much (#15)", "much", strings.Repeat("more\n", 30))
	r.commit("Build 1.30 (#16)", "trigger-build", "1.30-beta.0\n")
	r.git("tag", "1.30.0")
	r.commit("Publish 1.30.1 (#17)", "trigger-publish", "1.30.1\n")
	return r
}

// TestReplay: a past that is played to the program, killed in the middle, and played to its end.
func TestReplay(t *testing.T) {
	parallel(t)
	r, dir := replayedRepo(t), t.TempDir()
	policy, page, state := filepath.Join(dir, "slipway.yml"), filepath.Join(dir, "report.html"), filepath.Join(dir, "state")
	if err := os.WriteFile(policy, []byte(replayedPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"replay", "--clone", "istio/istio=" + r.dir, "--policy", policy, "--source-branch", "master", "--branch", "release-1.30", "--html", page, "--state", state}
	objects := r.git("count-objects", "-v")
	out, status, said := asked(t, args...)
	if status != 0 {
		t.Fatalf("%s\n%s", said, out)
	}
	for _, want := range []string{
		"5 changes were merged that a check looks at",
		"Asked: nobody; Cherry-picks: 1; Others: 0; Together: 1 (20.0 %)",
		"Asked: a release manager; Cherry-picks: 0; Others: 1;",
		"Asked: a second release manager; Cherry-picks: 0; Others: 1;",
		"Asked: the experts; Cherry-picks: 0; Others: 1;",
		"Of these changes: were held back for an error in them, whoever approved; How many: 1; Share: 20.0 %;",
		"Change: istio/istio#16; Day: 2023-11-14; Branch: release-1.30; Title: Build 1.30; By: an error in it; Why: slipway/release: \"1.30-beta.0\" is not a version",
		"What: Malformed trigger files; How many: 1; Slipway: refuses; The newest: istio/istio#16;",
		"What: Publishes without a build; How many: 1; Slipway: warns; The newest: istio/istio#17;",
		"Asked for: Issue; How often: 3",
		"Branch: release-1.30; Picks: 1; Half of them less than: 1 h",
		"Of these changes: were told something twice; How many: 0;",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
	whole, err := os.ReadFile(page)
	if err != nil || bytes.Contains(whole, []byte("<b>hand")) || !bytes.Contains(whole, []byte("Backport by &lt;b&gt;hand&lt;/b&gt;")) || bytes.Contains(whole, []byte("127.0.0.1")) {
		t.Errorf("%v\n%s", err, whole)
	}
	if now := r.git("count-objects", "-v"); now != objects {
		t.Errorf("the clone had %s, and has %s", objects, now)
	}

	journal := filepath.Join(state, "journal.jsonl")
	lines, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(lines, []byte(`"Number":15`)) // the process ended while it wrote that line
	if err := os.WriteFile(journal, lines[:at], 0o600); err != nil {
		t.Fatal(err)
	}
	again, status, said := asked(t, args...)
	if status != 0 || strings.Contains(again, "merge release-1.30 [release-1.30] Add a line\n") || !strings.Contains(again, "merge release-1.30 Much\n") {
		t.Fatalf("%s\n%s", said, again)
	}
	report := func(out string) string {
		_, report, _ := strings.Cut(out, "\nThe past, replayed")
		report, _, _ = strings.Cut(report, "\nWhat it costs")
		return report
	}
	if report(again) != report(out) || report(out) == "" {
		t.Errorf("at first\n%s\nafter going on\n%s", report(out), report(again))
	}
}

func TestReplayWrongUse(t *testing.T) {
	r, dir := &pickRepo{t: t, dir: t.TempDir()}, t.TempDir()
	r.git("init", "-q", "-b", "master")
	r.commit("Old", "f", "old\n")
	policy := filepath.Join(dir, "slipway.yml")
	if err := os.WriteFile(policy, []byte(replayedPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--policy", policy + ".gone"}, "--policy: "},
		{[]string{"--policy", policy}, "--clone is needed"},
		{[]string{"--policy", policy, "--clone", "istio=x", "--source-branch", "master", "--branch", "b"}, `--clone: "istio=x" is not`},
		{[]string{"--policy", policy, "--clone", "istio/istio=" + r.dir}, "--source-branch is needed"},
		{[]string{"--policy", policy, "--clone", "istio/istio=" + r.dir, "--source-branch", "master"}, "--branch is needed"},
		{[]string{"--policy", policy, "--clone", "istio/istio=" + r.dir, "--source-branch", "master", "--branch", "gone"}, "gone"},
		{[]string{"--policy", policy, "--clone", "istio/istio=" + r.dir, "--source-branch", "master", "--branch", "b", "--since", "soon"}, "--since: "},
		{[]string{"x"}, "replay takes flags alone"},
	} {
		if out, status, said := asked(t, append([]string{"replay"}, test.args...)...); status != 2 || !strings.Contains(said, test.want) {
			t.Errorf("%q: %d %s\n%s", test.args, status, said, out)
		}
	}
	if _, err := openJournal(dir, "x"); err == nil {
		t.Error("a directory is taken for a journal")
	}
	broken := filepath.Join(dir, "journal.jsonl")
	if err := os.WriteFile(broken, []byte("{\"Of\":\"x\"}\n{\"Outcome\":1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openJournal(broken, "x"); err == nil {
		t.Error("a broken line is taken")
	}
	if _, err := openJournal(broken, "y"); err == nil || !strings.Contains(err.Error(), "is of another policy, or of another version of Slipway: remove it") {
		t.Errorf("another policy's journal: %v", err)
	}
}
