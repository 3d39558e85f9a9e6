package release

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// DurationWanted is what a person may write for a length of time.
const DurationWanted = "a duration like 90m, 24h or 7d"

// DurationPattern is the form of a duration, as a regular expression.
const DurationPattern = `^([0-9]{1,7}[dhms])+$`

// MaxDuration is the longest duration there is; more is a slip of the finger.
const MaxDuration = 10 * 365 * Day

// Day is 24 hours, whatever the clocks do meanwhile: "for 7d" is a length of
// time and not a date, so that it means the same in every zone.
const Day = 24 * time.Hour

var (
	durationForm = lazy.Regexp(DurationPattern)
	durationPart = lazy.Regexp(`([0-9]+)([dhms])`)
	units        = map[string]time.Duration{"d": Day, "h": time.Hour, "m": time.Minute, "s": time.Second}
)

// ParseDuration reads a length of time as people write it: whole days, hours,
// minutes and seconds, such as 7d, 36h or 1d12h.
func ParseDuration(text string) (time.Duration, error) {
	if !durationForm().MatchString(text) || len(text) > 64 {
		return 0, &TimeFault{fmt.Sprintf("%s is not a duration", shown(text)), DurationWanted}
	}
	var sum time.Duration
	for _, part := range durationPart().FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseInt(part[1], 10, 64)
		unit := units[part[2]]
		if err != nil || n > int64(MaxDuration/unit) || sum > MaxDuration-time.Duration(n)*unit {
			return 0, &TimeFault{fmt.Sprintf("%s is too long", shown(text)), fmt.Sprintf("at most %s", FormatDuration(MaxDuration))}
		}
		sum += time.Duration(n) * unit
	}
	return sum, nil
}

// FormatDuration writes a duration in the form that ParseDuration reads, cut to
// whole seconds: 7d, 36h, 1h30m.
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	if d < 0 {
		b.WriteString("-")
		d = -d
	}
	// 36 hours are clearer than a day and a half, 7 days than 168 hours.
	if d < 2*Day {
		d = writeUnits(&b, d, "h")
	} else {
		d = writeUnits(&b, d, "d", "h")
	}
	writeUnits(&b, d, "m", "s")
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// writeUnits writes how often each unit fits and returns what is left.
func writeUnits(b *strings.Builder, d time.Duration, names ...string) time.Duration {
	for _, name := range names {
		if n := d / units[name]; n > 0 {
			fmt.Fprintf(b, "%d%s", n, name)
			d -= n * units[name]
		}
	}
	return d
}
