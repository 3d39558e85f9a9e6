package main

import (
	"strings"
	"testing"
	"time"
)

// checkOfTriggers is what slipway/release says of a pull request of the builder.
func (w *world) checkOfTriggers(n int) string {
	w.t.Helper()
	run, _ := w.gh.CheckRun(builderRepo, w.gh.PR(builderRepo, n).HeadSHA, "slipway/release")
	return run.Conclusion + ": " + run.Title + "\n" + run.Summary
}

// TestTagWithAV: v1.30.1 has 1.30.1 out: it is neither built nor published again.
func TestTagWithAV(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.do(w.gh.As("alice").Tag(demoRepo, "v1.31.0-beta.0", "release-1.31"))
	w.settle()
	w.wantAnswer("alice", n, "/release build v1.31.0-beta.0", "is tagged already")
	w.wantAnswer("alice", n, "/release publish 1.31.0-beta.0", "is tagged already")
	for title := range w.proposals() {
		t.Errorf("proposed: %s", title)
	}
	w.wantAnswer("alice", n, "/release build 1.31.0-beta.1", "is proposed")
}

// TestTriggerOfAVersionTaggedSomewhere: where the policy names no repository for the tags, one
// in any of the owner's is told of, and refuses nothing.
func TestTriggerOfAVersionTaggedSomewhere(t *testing.T) {
	w := newWorld(t)
	withBuilder(w)
	const publish = "release/trigger-publish"
	w.do2(w.gh.As("alice").Push(builderRepo, demoBranch, map[string]string{"release/trigger-build": "1.30.1\n", publish: "1.30.0\n"}, "Out"))
	w.settle()
	n := w.triggers("bob", "Publish 1.30.1", map[string]string{publish: "1.30.1\n"})
	w.do(w.gh.As("alice").Tag(demoRepo, "1.30.1", demoBranch))
	w.settle()
	if text := w.checkOfTriggers(n); !strings.Contains(text, "⚠️ 1.30.1 is tagged already in istio/istio. If that tag is of this release, it was published") {
		t.Error(text)
	}
	w.again()
}

// TestTriggerOfATaggedVersion: a change by hand is told what a command is told, and looked at
// again once the tag is there.
func TestTriggerOfATaggedVersion(t *testing.T) {
	for name, lose := range map[string]bool{"told": false, "webhook lost": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			withBuilder(w)
			w.do2(w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": trackerPolicy + "release:\n  triggers: {repository: release-builder}\n"}, "Both"))
			const build, publish = "release/trigger-build", "release/trigger-publish"
			w.do2(w.gh.As("alice").Push(builderRepo, demoBranch, map[string]string{build: "1.30.1\n", publish: "1.30.1\n"}, "Out"))
			w.settle()
			builds, publishes := w.triggers("bob", "Build 1.30.1", map[string]string{build: "1.30.1\n\n"}), w.triggers("bob", "Publish 1.30.1", map[string]string{publish: "1.30.1\n\n"})
			if text := w.checkOfTriggers(builds) + w.checkOfTriggers(publishes); strings.Contains(text, "tagged already") {
				t.Error(text)
			}
			tag := func() { w.do(w.gh.As("alice").Tag(demoRepo, "v1.30.1", demoBranch)) }
			if lose {
				w.lost(tag)
				w.clock.advance(2 * time.Hour)
				w.settle()
			} else {
				tag()
				w.settle()
			}
			if text := w.checkOfTriggers(builds); !strings.HasPrefix(text, "success: ") || !strings.Contains(text, "1.30.1 is tagged already in istio/istio, so it was published; built once more its files differ") {
				t.Error(text)
			}
			if text := w.checkOfTriggers(publishes); !strings.HasPrefix(text, "failure: ") || !strings.Contains(text, "1.30.1 is tagged already in istio/istio, so it was published") {
				t.Error(text)
			}
			w.again()
		})
	}
}

// TestBuildAfterOneMadeElsewhere: 1.30.4 was made elsewhere and is tagged, so 1.30.5 comes next.
func TestBuildAfterOneMadeElsewhere(t *testing.T) {
	w := newWorld(t)
	withBuilder(w)
	w.do2(w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": trackerPolicy + "release:\n  triggers: {repository: release-builder}\n"}, "Both"))
	w.do2(w.gh.As("alice").Push(builderRepo, demoBranch, map[string]string{"release/trigger-build": "1.30.3\n", "release/trigger-publish": "1.30.3\n"}, "Out"))
	for _, tag := range []string{"1.30.3", "v1.30.4"} {
		w.do(w.gh.As("alice").Tag(demoRepo, tag, demoBranch))
	}
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	w.wantAnswer("alice", ask, "/release start 1.30.4", "1.30.4 is out: `istio/istio` has its tag. Nothing was started. **Next step:** start the next one, `/release start 1.30.5`")
	w.says("alice", ask, "/release start v1.30.5")
	for _, i := range w.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.30.5" {
			w.wantAnswer("alice", i.Number, "/release build 1.30.5", "is proposed")
		}
	}
	w.again()
}

// TestBuildOfWhatIsBehind: with 1.31.0 out no beta of it is built, and none that is counted on
// without those before it.
func TestBuildOfWhatIsBehind(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	w.wantAnswer("alice", n, "/release build 1.31.0-rc.5", "would be the first version that is known on `release-1.31`, and they are counted from 0. **Next step:** build 1.31.0-rc.0")
	w.do(w.gh.As("alice").Tag(demoRepo, "1.31.0", "release-1.31"))
	w.settle()
	w.wantAnswer("alice", n, "/release build 1.31.0-beta.0", "doesn't follow 1.31.0, the newest version on `release-1.31`")
	if len(w.proposals()) != 0 {
		t.Error(w.proposals())
	}
}
