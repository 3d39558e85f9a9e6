package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/spell"
)

// nearest is the known word that was probably meant by name, if there is one.
func nearest(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := spell.Distance(strings.ToLower(name), strings.ToLower(k), 2); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	return best
}

// unknown is the error about a name that isn't one of those known.
func unknown(what, name string, known []string) *Wrong {
	w := &Wrong{What: fmt.Sprintf("unknown %s %s", what, quote(name)), DidYouMean: nearest(name, known)}
	if w.DidYouMean == "" && len(known) > 0 {
		w.What += "; known are " + strings.Join(known, ", ")
	}
	return w
}

// oneOf lists words as in "debug, info or warn".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// quote shows a piece of a file inside a message, cut short.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

func sortedCopy(s []string) []string { return slices.Sorted(slices.Values(s)) }
