package notes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/spell"
)

// Schema is what may stand in a note file, and how it is worded to people.
type Schema struct {
	APIVersions []string
	Kinds       []string
	Areas       []string
	Actions     []string
	// Extensions are how a note file's name may end, with the dot; the first is
	// the one that people are told.
	Extensions []string
	// Meant names for words that people write the right one, where that isn't
	// told by its spelling.
	Meant map[string]string
	// Home is the repository, as owner/name, that plain issue numbers are of.
	Home string
	// Guide is a sentence for whoever lacks a note: where to read how to write one.
	Guide string
}

// Istio is the schema of Istio's release notes, version 2, as its repository
// documents it in releasenotes/README.md.
func Istio() Schema {
	return Schema{
		APIVersions: []string{"release-notes/v2"},
		Kinds:       []string{"bug-fix", "feature", "promotion", "security-fix", "test"},
		Areas: []string{
			"traffic-management", "security", "telemetry", "extensibility", "installation", "istioctl", "documentation",
		},
		Actions: []string{
			"Added", "Deprecated", "Enabled", "Fixed", "Improved", "Optimized", "Promoted", "Removed", "Updated", "Upgraded",
		},
		Extensions: []string{".yaml"},
		Meant: map[string]string{
			"bug": "bug-fix", "fix": "bug-fix", "enhancement": "feature", "security-update": "security-fix",
			"networking": "traffic-management", "network": "traffic-management", "docs": "documentation",
		},
		Home: "istio/istio",
	}
}

// The keys of a note file. The reader understands these; which values they may
// have is the Schema's.
const (
	keyVersion  = "apiVersion"
	keyKind     = "kind"
	keyArea     = "area"
	keyIssue    = "issue"
	keyDocs     = "docs"
	keyNotes    = "releaseNotes"
	keyUpgrade  = "upgradeNotes"
	keySecurity = "securityNotes"
	keyTitle    = "title"
	keyContent  = "content"
)

var (
	fileKeys    = []string{keyVersion, keyKind, keyArea, keyIssue, keyDocs, keyNotes, keyUpgrade, keySecurity}
	upgradeKeys = []string{keyTitle, keyContent}
)

// nearest is the known word that was probably meant, or "": one that is a few
// slips away, or that goes on where the word ends.
func nearest(word string, known []string) string {
	low := strings.ToLower(word)
	type guess struct {
		word string
		away int
	}
	var guesses []guess
	for _, k := range known {
		if d := spell.Distance(low, strings.ToLower(k), 2); d <= 2 && d < len(k) {
			guesses = append(guesses, guess{k, d})
		} else if len(low) > 2 && strings.HasPrefix(strings.ToLower(k), low) {
			guesses = append(guesses, guess{k, 3})
		}
	}
	if len(guesses) == 0 {
		return ""
	}
	return slices.MinFunc(guesses, func(a, b guess) int { return cmp.Compare(a.away, b.away) }).word
}

// meant is the word of a list that was probably meant, or "".
func (s Schema) meant(word string, known []string) string {
	if to := s.Meant[strings.ToLower(word)]; slices.Contains(known, to) {
		return to
	}
	return nearest(word, known)
}

// Named reports whether a path's name ends as a note file's may.
func (s Schema) Named(path string) bool {
	return slices.ContainsFunc(s.Extensions, func(e string) bool { return strings.HasSuffix(path, e) })
}
