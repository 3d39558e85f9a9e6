package config

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/spell"
)

// didYouMean completes a fault about an unknown name: with the one that was
// probably meant, else with all that there are.
func didYouMean(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := spell.Distance(strings.ToLower(name), k, 2); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) == 0 {
		return ""
	}
	return "; known are " + strings.Join(known, ", ")
}

// quote shows a piece of a file inside a message, cut short.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
