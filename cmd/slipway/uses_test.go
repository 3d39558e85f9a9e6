package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// beyond are the permissions that app.yml doesn't ask for: who wants what takes one grants it besides.
var beyond = map[string]string{"POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches": "actions:write"}

// TestUsesAreGranted: the App's permissions are enough for each endpoint that it calls, and none is there for nothing.
func TestUsesAreGranted(t *testing.T) {
	rank := []string{"", "read", "write"}
	granted := ghclient.Permissions()
	idle := map[string]bool{}
	for name := range granted {
		idle[name] = name != "merge_queues" // which an event takes
	}
	for _, u := range sandbox.Uses() {
		if !strings.Contains(u.Need, ":") || beyond[u.Call] == u.Need {
			continue // the App as itself, what anybody may read, and what is granted besides
		}
		enough := false
		for _, alt := range strings.Split(u.Need, "|") {
			name, level, _ := strings.Cut(alt, ":")
			if slices.Index(rank, granted[name]) >= slices.Index(rank, level) {
				enough, idle[name] = true, false
			}
		}
		if !enough {
			t.Errorf("%s takes %s (%s), which the App hasn't got", u.Call, u.Need, u.Page)
		}
	}
	for name, so := range idle {
		if so {
			t.Errorf("nothing takes the permission %s", name)
		}
	}
}
