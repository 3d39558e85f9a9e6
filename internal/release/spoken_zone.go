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
	if name, ok := abbreviations[word]; ok {
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

// abbreviations are those of zones that mean one zone to everybody who uses them. CST, IST
// and BST mean several.
var abbreviations = map[string]string{
	"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "mdt": "America/Denver",
	"est": "America/New_York", "edt": "America/New_York", "et": "America/New_York", "cdt": "America/Chicago",
	"cet": "Europe/Berlin", "cest": "Europe/Berlin", "eet": "Europe/Helsinki", "eest": "Europe/Helsinki", "wet": "Europe/Lisbon", "west": "Europe/Lisbon",
	"msk": "Europe/Moscow", "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "hkt": "Asia/Hong_Kong", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
	"nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland", "hst": "Pacific/Honolulu", "akst": "America/Anchorage", "akdt": "America/Anchorage", "sast": "Africa/Johannesburg",
}

// unclearZones are abbreviations of which each means several zones.
var unclearZones = []string{"cst", "ist", "bst", "mst", "ast", "adt", "ct", "mt", "sst", "gst", "wst"}
