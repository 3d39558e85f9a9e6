package command_test

import (
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
)

// TestSaw: a comment is about what was there before its second, a signed commit about itself.
func TestSaw(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tc := range map[string]struct {
		head  string
		since time.Time
		want  bool
	}{
		"a second before":           {"", at.Add(-time.Second), true},
		"within the second":         {"", at, false},
		"after":                     {"", at.Add(time.Second), false},
		"nobody knows since when":   {"", time.Time{}, false},
		"signed with it":            {"abc", at, true},
		"signed with it, seen late": {"abc", at.Add(time.Hour), true},
		"signed with another":       {"def", at.Add(-time.Hour), false},
	} {
		if got := (command.Call{At: at, Head: tc.head}).Saw("abc", tc.since); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
