package release

import "testing"

// TestOurs: by the whole shape of a name, so that a project's own branches stay governed.
func TestOurs(t *testing.T) {
	for name, want := range map[Branch]bool{
		"cherry-pick-12-to-release-1.30": true, "cherry-pick-12-to-release/1.30": true,
		"release-notes-1.30.1": true, "release-notes-1.30.1-generated": true, "release-notes-1.30.0-rc.1": true, "release-notes-istio-1.30.1": true,
		"trigger-build-1.30.1": true, "trigger-publish-1.30.1-again-77-0": true, "step-1.30-branches": true, "step-1.30.1-tag": true,
		"release-1.30": false, "release-notes": false, "release-notes-next": false, "my-release-notes-1.30.1": false, "cherry-pick-x-to-y": false,
		"cherry-pick-12": false, "trigger-1.30": false, "step-x-1.30": false, "step-1.30": false, "": false, "master": false,
	} {
		if got := name.Ours(); got != want {
			t.Errorf("%q: %t", name, got)
		}
		if got := MatchBranch("*", name) || MatchBranch("*/*", name) || MatchBranch(string(name), name); want && got {
			t.Errorf("%q fits a pattern", name)
		}
	}
}
