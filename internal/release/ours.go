package release

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// ours matches the names of the branches that Slipway itself makes to propose something
// from: of picks, of release notes and as they were generated, of trigger files, and of a
// checklist's edits. Each who makes one is held to it by a test.
var ours = lazy.Regexp(`^(?:` +
	`cherry-pick-[1-9][0-9]*(?:-[0-9a-f]{12})?-to-.+` +
	`|release-notes-(?:[A-Za-z0-9._-]+-)?` + aVersion + `(?:-generated)?` +
	`|trigger-(?:build|publish)-` + aVersion + `(?:-again-.+)?` +
	`|step-` + aVersion + `-.+)$`)

// aVersion is a version as a branch's name has it, of whatever scheme; a first release may go by its
// two numbers.
const aVersion = `v?[0-9]+[._][0-9]+(?:(?:[._-][A-Za-z]*|[A-Za-z]+)[._]?[0-9]+){0,3}`

var wholeVersion = lazy.Regexp(`^` + aVersion + `$`)

// LooksLikeVersion reports whether a text may be a version of some scheme, where nobody knows of which.
func LooksLikeVersion(text string) bool {
	return len(text) <= maxVersion && wholeVersion().MatchString(text)
}

// Picks reports whether a branch is named as those are that Slipway makes a pick on.
func (b Branch) Picks() bool { return b.Ours() && strings.HasPrefix(string(b), "cherry-pick-") }

// Ours reports whether a branch is one of those that Slipway makes to propose something
// from. It is a way to a release branch and never one itself, whatever pattern it fits:
// nobody governs it, freezes it, or picks onto it.
func (b Branch) Ours() bool { return ours().MatchString(string(b)) }
