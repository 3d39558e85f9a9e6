package effect

import (
	"strings"
)

// A record as it is written: <!-- slipway:KIND ID {JSON} seal:HEX -->. Looks read whole pages of texts
// with such lines, which are long, so they are cut at their words and not matched.
const (
	recordBegin = "<!-- slipway:"
	recordEnd   = "-->"
	sealBegin   = "} seal:"
	sealLength  = 64 // hexadecimal digits
)

// recordLine is the line of a record in its parts; json and seal are empty in a mark without a record.
type recordLine struct{ kind, id, json, seal string }

// readRecordLine reads the record that a text begins with, on its first line.
func readRecordLine(text string) (r recordLine, ok bool) {
	rest, ok := strings.CutPrefix(text, recordBegin)
	if !ok {
		return r, false
	}
	rest, _, _ = strings.Cut(rest, "\n")
	r.kind, rest, ok = strings.Cut(rest, " ")
	if !ok || r.kind == "" || strings.Trim(r.kind, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return r, false
	}
	r.id, rest, ok = strings.Cut(rest, " ")
	if !ok || r.id == "" || strings.ContainsAny(r.id, "\t\f\r") {
		return r, false
	}
	if strings.HasPrefix(rest, recordEnd) {
		return r, true
	}
	if !strings.HasPrefix(rest, "{") {
		return r, false
	}
	for before := rest; ; before = before[:len(before)-1] { // the last seal, should the JSON have such words
		at := strings.LastIndex(before, sealBegin)
		if at < 1 {
			return r, false
		}
		before = before[:at+len(sealBegin)]
		if seal, ok := sealIn(rest[len(before):]); ok {
			r.json, r.seal = rest[:at+1], seal
			return r, true
		}
	}
}

// sealIn is the seal that a text begins with, if the record ends behind it.
func sealIn(text string) (string, bool) {
	if len(text) < sealLength || !strings.HasPrefix(text[sealLength:], " "+recordEnd) {
		return "", false
	}
	seal := text[:sealLength]
	return seal, strings.Trim(seal, "0123456789abcdef") == ""
}

// recordsIn are the sealed records of a line, at most so many. Their JSON has neither < nor >, which
// the sealer escapes: so a record ends where the comment does.
func recordsIn(line string, most int) (all []string) {
	for len(all) < most {
		at := strings.Index(line, recordBegin)
		if at < 0 {
			break
		}
		line = line[at:]
		end := strings.Index(line, " "+recordEnd)
		if end < 0 {
			break
		}
		one := line[:end+1+len(recordEnd)]
		r, ok := readRecordLine(one)
		if !ok || r.json == "" || strings.ContainsAny(r.json, "<>") {
			line = line[len(recordBegin):]
			continue
		}
		all, line = append(all, one), line[len(one):]
	}
	return all
}
