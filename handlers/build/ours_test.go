package build

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestOwnBranches: the branches of trigger files are known for Slipway's.
func TestOwnBranches(t *testing.T) {
	for _, purpose := range []Purpose{Build, Publish} {
		var f askFacts
		f.Purpose = purpose
		f.Version, _ = release.Scheme{}.Parse("1.31.0-rc.1")
		if stem := release.Branch(f.stem()); !stem.Ours() || !f.againHead().Ours() {
			t.Error(stem, f.againHead())
		}
	}
}
