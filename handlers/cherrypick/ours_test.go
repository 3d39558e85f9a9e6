package cherrypick

import "testing"

// TestOwnBranch: the branch of a pick is known for Slipway's.
func TestOwnBranch(t *testing.T) {
	for _, onto := range []string{"release-1.30", "release/1.30", "master"} {
		if b := headOf(1234, onto); !b.Ours() {
			t.Error(b)
		}
	}
}
