package release

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// This file reads the zone that people write behind a time of day.

var utcForm = lazy.Regexp(`^(?:utc|gmt)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?$`)

// offset is a zone by its distance from UTC.
func offset(text string) (*time.Location, bool) {
	if text == "z" || text == "utc" || text == "gmt" {
		return time.UTC, true
	}
	m := utcForm().FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi("0" + m[3])
	seconds := hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone("UTC"+m[1]+m[2], seconds), hours <= 14 && minutes < 60
}

// zoneAfter reads a zone at a word, and returns the next one.
func (r *spokenReader) zoneAfter(w *when, i int) int {
	word := r.low(i)
	if word == "" || w.zone != nil {
		return i
	}
	if zone, ok := offset(word); ok {
		w.zone = zone
		return i + 1
	}
	if slices.Contains(unclearZones, word) {
		w.unclear = word
		return i + 1
	}
	if name := zoneNamed(word); name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			w.zone = zone
			if len(word) > 2 { // "pt" is that zone's time, whichever it has
				w.abbrev = word
			}
			return i + 1
		}
	}
	if strings.Contains(word, "/") && i < len(r.words) {
		parts := strings.Split(word, "/")
		for j, p := range parts { // Europe/Berlin, America/Los_Angeles
			pieces := strings.Split(p, "_")
			for k, piece := range pieces {
				if piece != "of" && piece != "" {
					pieces[k] = strings.ToUpper(piece[:1]) + piece[1:]
				}
			}
			parts[j] = strings.Join(pieces, "_")
		}
		if zone, err := time.LoadLocation(strings.Join(parts, "/")); err == nil {
			w.zone = zone
			return i + 1
		}
	}
	return i
}

// zoneNamed is the zone of an abbreviation that means one zone to everybody who uses it; "" for
// none. CST, IST and BST mean several.
func zoneNamed(word string) string {
	switch word {
	case "pst", "pdt", "pt":
		return "America/Los_Angeles"
	case "mdt":
		return "America/Denver"
	case "est", "edt", "et":
		return "America/New_York"
	case "cdt":
		return "America/Chicago"
	case "cet", "cest":
		return "Europe/Berlin"
	case "eet", "eest":
		return "Europe/Helsinki"
	case "wet", "west":
		return "Europe/Lisbon"
	case "msk":
		return "Europe/Moscow"
	case "jst":
		return "Asia/Tokyo"
	case "kst":
		return "Asia/Seoul"
	case "hkt":
		return "Asia/Hong_Kong"
	case "aest", "aedt":
		return "Australia/Sydney"
	case "nzst", "nzdt":
		return "Pacific/Auckland"
	case "hst":
		return "Pacific/Honolulu"
	case "akst", "akdt":
		return "America/Anchorage"
	case "sast":
		return "Africa/Johannesburg"
	}
	return ""
}

// unclearZones are abbreviations of which each means several zones.
var unclearZones = []string{"cst", "ist", "bst", "mst", "ast", "adt", "ct", "mt", "sst", "gst", "wst"}
