package main

import (
	"strings"
	"testing"
)

// TestOwnBranchesAreNotGoverned: what Slipway proposes from fits release-*, and is a way to
// a release branch, never one itself; under a broken policy, too.
func TestOwnBranchesAreNotGoverned(t *testing.T) {
	w := newWorld(t)
	const own = "release-notes-1.30.1"
	w.do(w.gh.CreateBranch(demoRepo, own, "master"))
	w.do(w.gh.CreateBranch(demoRepo, "release-notes", "master"))
	onOwn, onOther := w.openPR("bob", own, "words"), w.openPR("bob", "release-notes", "others")
	w.wantVerdict(onOwn, "")
	w.wantVerdict(onOther, "success") // only the whole shape of a name makes it Slipway's
	if answer := w.says("alice", onOther, "/release freeze "+own); !strings.Contains(answer, "not") || len(w.freezes()) != 0 {
		t.Errorf("it was frozen: %s", answer)
	}
	merged := w.merged("fix", "squash")
	w.says("alice", merged, "/cherry-pick "+own)
	if picks := w.picks(merged, own); len(picks) != 0 {
		t.Errorf("it was picked onto: %+v", picks)
	}
	w.wantVerdict(onOwn, "")
	w.again()
	w.stop()
	w.newDatabase()
	w.start()
	w.wantVerdict(onOwn, "")
	w.policy("branches: [\"release-*\"")
	late := w.openPR("bob", own, "later")
	w.wantVerdict(late, "")
	w.again()
}
