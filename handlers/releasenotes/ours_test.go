package releasenotes

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestOwnBranches: the branches of release notes are known for Slipway's.
func TestOwnBranches(t *testing.T) {
	istio := github.Repo{Owner: "istio", Name: "istio"}
	for _, target := range []string{"istio", "istio.io", "a..b_c-d"} {
		to := github.Repo{Owner: "istio", Name: target}
		for _, version := range []string{"1.30.1", "1.31.0", "1.31.0-beta.0", "1.31.0-rc.12"} {
			if h, g := headFor(to, istio, version), generatedFor(to, istio, version); !h.Ours() || !g.Ours() {
				t.Error(h, g)
			}
		}
	}
}
