package freeze

import (
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// withWindows is what freezes and windows come to.
func withWindows(freezes []Freeze, windows []Window, cal release.Calendar, now time.Time) []Freeze {
	return state{Settings: Settings{Windows: windows}, Calendar: cal, Now: now}.withWindows(freezes)
}
