package webhook

import (
	"fmt"
	"testing"
)

// TestNamesake: who reports under a name of ours, and isn't our App.
func TestNamesake(t *testing.T) {
	const ours = 42
	for name, tc := range map[string]struct {
		action, check string
		app           int64
		want          bool
	}{
		"another App":         {"completed", "slipway/freeze", 7, true},
		"it begins":           {"created", "slipway/freeze", 7, true},
		"our App":             {"completed", "slipway/freeze", ours, false},
		"nobody knows whose":  {"completed", "slipway/freeze", 0, false},
		"a check of its own":  {"completed", "build/slipway/freeze", 7, false},
		"asked for again":     {"rerequested", "slipway/freeze", 7, false},
		"a name with a space": {"completed", " slipway/freeze", 7, false},
	} {
		app := "null"
		if tc.app != 0 {
			app = fmt.Sprintf(`{"id":%d,"name":"Other"}`, tc.app)
		}
		d, err := parse("check_run", "guid", fmt.Appendf(nil, `{"action":%q,"repository":{"id":9,"full_name":"istio/istio"},
			"check_run":{"head_sha":"abc","name":%q,"app":%s}}`, tc.action, tc.check, app))
		if got := namesake(d, ours); err != nil || (got == tc.check) != tc.want || got != "" && !tc.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if got := namesake(d, 0); got != "" {
			t.Errorf("%s, and nobody knows who we are: %q", name, got)
		}
	}
}
