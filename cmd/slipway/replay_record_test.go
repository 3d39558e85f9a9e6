package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/replay"
)

const trappingPolicy = `branches: ["release-[0-9]*.[0-9]*"]
release_managers: ["release-managers-{major}-{minor}"]
checklist:
  home: istio
  repositories: [istio]
  templates:
    - kind: minor
      schedule: [{name: release, at: release, phase: released}]
      steps:
        - {phase: Cut, id: step-4, title: Close it, due: release,
           trap: {repository: common-files, title: "^Update the image@{branch}$", until: step-5, say: Close it.}}
        - {phase: Cut, id: step-5, title: Set it, due: release, probe: {file: Makefile, match: "BRANCH={branch}", in: [common-files]}}
`

// TestTrapsOnRecord: what was merged before the file says that the step is done which ends the trap, and not what is like it.
func TestTrapsOnRecord(t *testing.T) {
	r := &pickRepo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "-b", "master")
	r.commit("Old", "Makefile", "BRANCH=master\n")
	r.git("checkout", "-q", "-b", "release-1.30")
	r.commit("Update the image@release-1.29 (#1)", "image", "one\n")
	r.commit("Update the image@release-1.30 (#2)", "image", "two\n")
	r.commit("Step 5 (#3)", "Makefile", "BRANCH=release-1.30\n")
	r.commit("Update the image@release-1.30 (#4)", "image", "three\n")
	file := filepath.Join(t.TempDir(), "slipway.yml")
	if err := os.WriteFile(file, []byte(trappingPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := readReplayPolicy(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"istio/common-files": 1, "istio/istio": 0} {
		err := withRepository(t.Context(), r.dir, func(repo *git.Repository) error {
			found, err := errorsOnRecord(t.Context(), &replayClone{repo: repo, history: replay.History{Repo: name, Source: "master"}}, p)
			if len(found) != want || want > 0 && (found[0].Number != 2 || found[0].Kind != replay.Sprung || !strings.Contains(found[0].Why, "merged before step-5. Close it.")) {
				t.Errorf("%s: %+v", name, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestPlayedAgain: a release whose tracking issue was open is planned again before its tag is there.
func TestPlayedAgain(t *testing.T) {
	at := func(hour int, kind replay.Kind, tag string) replay.Event {
		return replay.Event{Kind: kind, Tag: tag, At: time.Unix(int64(hour)*3600, 0)}
	}
	events := []replay.Event{at(1, replay.Start, "1.30.0"), at(2, replay.Tag, "1.30.0"), at(3, replay.Close, "1.30.0"), at(4, replay.Start, "1.30.1"), at(5, replay.Merge, ""), at(6, replay.Tag, "1.30.1")}
	if got := playedAgain(events); len(got) != 2 || got[0] != events[3] || got[1] != events[5] {
		t.Errorf("%+v", got)
	}
	if got := playedAgain(events[:3]); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
