package git

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// messageOf is the message of a pick: the original's, then a note if there is
// one, then the trailers, in the original's block of trailers if it ends in
// one. The rules are those of git cherry-pick -x -s, whose output other
// programs read.
func messageOf(original, id, note, signOff string) string {
	m := strings.TrimRight(original, " \t\r\n") + "\n"
	trailers := ""
	if endsInTrailers(m) {
		start := lastParagraph(m)
		m, trailers = m[:start], m[start:]
	} else {
		m += "\n"
	}
	if note = strings.TrimSpace(note); note != "" {
		m += note + "\n\n"
	}
	m += trailers
	m += pickedFrom + id + ")\n"
	if signOff != "" {
		m += signedOffBy + signOff + "\n"
	}
	return m
}

const (
	pickedFrom  = "(cherry picked from commit "
	signedOffBy = "Signed-off-by: "
)

// lastParagraph is where the paragraph begins that ends a message; 0 if it is
// the only one. The message ends in one line feed.
func lastParagraph(m string) int {
	start, at := 0, 0
	for line := range strings.Lines(m) {
		at += len(line)
		if strings.TrimSpace(line) == "" {
			start = at
		}
	}
	return start
}

var trailerLine = lazy.Regexp(`^[A-Za-z0-9-]+[ \t]*:`)

// endsInTrailers says whether the last paragraph is a block of trailers: all
// of it, or at least a quarter if git wrote one of the lines. The first
// paragraph is the title and never one.
func endsInTrailers(m string) bool {
	start := lastParagraph(m)
	if start == 0 {
		return false
	}
	trailers, others, generated, inTrailer := 0, 0, false, false
	for line := range strings.Lines(m[start:]) {
		switch {
		case strings.HasPrefix(line, "#"): // a comment, to git
		case strings.HasPrefix(line, pickedFrom) || strings.HasPrefix(line, signedOffBy):
			trailers, generated, inTrailer = trailers+1, true, true
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			if !inTrailer { // else it continues the line above
				others++
			}
		case trailerLine().MatchString(line):
			trailers, inTrailer = trailers+1, true
		default:
			others, inTrailer = others+1, false
		}
	}
	return trailers > 0 && others == 0 || generated && trailers*3 >= others
}

var pickedFromLine = lazy.Regexp(`\(cherry picked from commit ([0-9a-f]{7,64})\)`)

// pickedIDs are the commits that a message says it was picked from.
func pickedIDs(message string) []string {
	var ids []string
	for _, m := range pickedFromLine().FindAllStringSubmatch(message, -1) {
		ids = append(ids, m[1])
	}
	return ids
}
