package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestLookAgain: less and less often, and then only with the resync.
func TestLookAgain(t *testing.T) {
	changed := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	for since, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Minute: 5 * time.Minute, 4 * time.Minute: 5 * time.Minute, 5 * time.Minute: 30 * time.Minute, 29 * time.Minute: 30 * time.Minute,
	} {
		if got := lookAgain(changed, changed.Add(since)); !got.Equal(changed.Add(want)) {
			t.Errorf("%v after the change: %v, want %v after it", since, got, want)
		}
	}
	if got := lookAgain(changed, changed.Add(30*time.Minute)); !got.IsZero() {
		t.Errorf("half an hour after the change: %v", got)
	}
	if got := lookAgain(time.Time{}, changed); !got.IsZero() {
		t.Errorf("nobody knows of a change: %v", got)
	}
}

func TestUnclearRole(t *testing.T) {
	for want, s := range map[string]reconcile.RoleDecision{
		"":                               {Teams: []string{"a"}},
		"no team `a`":                    {Missing: []string{"a"}},
		"none of the teams `a`, `b`":     {Missing: []string{"a", "b"}},
		"unknown: The policy has faults": {Unclear: "The policy has faults"},
	} {
		if got := UnclearRole(s); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%+v: %s", s, got)
		}
		s.Holds = true
		if got := UnclearRole(s); got != "" {
			t.Errorf("%+v: %s", s, got)
		}
	}
}
