package config_test

import (
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestMomentOn puts milestones on days, those with changes of the clocks among them.
func TestMomentOn(t *testing.T) {
	for _, tt := range []struct{ text, zone, day, want string }{
		{"code-freeze", "UTC", "2026-08-19", "2026-08-19T00:00:00Z"},
		{"code-freeze 17:00", "America/Los_Angeles", "2026-08-19", "2026-08-20T00:00:00Z"},
		{"code-freeze", "America/Los_Angeles", "2026-08-19", "2026-08-19T07:00:00Z"},
		{"code-freeze 02:30", "Europe/Berlin", "2026-10-25", "2026-10-25T00:30:00Z"}, // twice: the first
		{"code-freeze 02:30", "Europe/Berlin", "2026-03-29", "2026-03-29T01:30:00Z"}, // skipped: as if they weren't
		{"2026-08-19 17:00", "UTC", "2030-01-01", "2026-08-19T17:00:00Z"},            // no milestone
	} {
		var zone config.Zone
		if err := zone.UnmarshalText([]byte(tt.zone)); err != nil {
			t.Fatal(err)
		}
		m, err := config.ParseMoment(tt.text, zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := release.ParseDate(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.On(day).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s on %s in %s: %s, want %s", tt.text, tt.day, tt.zone, got, tt.want)
		}
		if m.String() != tt.text {
			t.Errorf("%s reads back as %s", tt.text, m)
		}
	}
}
