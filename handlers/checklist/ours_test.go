package checklist

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestOwnBranch: the branch of an edit is known for Slipway's.
func TestOwnBranch(t *testing.T) {
	for _, version := range []string{"1.31.0", "1.31.2", "1.31.0-rc.1"} {
		v, err := release.Scheme{}.Parse(version)
		if b := editHead(v, Step{ID: "bump-version"}); err != nil || !b.Ours() {
			t.Error(b, err)
		}
	}
}
