package release

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Branch is the short name of a git branch, without "refs/heads/".
type Branch string

// String returns the short name.
func (b Branch) String() string { return string(b) }

// Ref returns the full ref name, the only form that ever reaches git.
func (b Branch) Ref() string { return "refs/heads/" + string(b) }

// maxBranchBytes is the longest name GitHub accepts for a ref's last part.
const maxBranchBytes = 244

// commitID matches what git takes for an object name before it looks for a
// branch; a branch called so would be ambiguous in every command and link.
var commitID = lazy.Regexp(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// ParseBranch checks a name that a person typed. The rules are those of
// git-check-ref-format(1) with --branch, plus: no "refs/..." and no commit id,
// which people paste by mistake and git would resolve to something else.
// The error is a phrase that completes "NAME is not a branch name: ...".
func ParseBranch(name string) (Branch, error) {
	fault := branchFault(name)
	if fault == "" {
		return Branch(name), nil
	}
	return "", fmt.Errorf("it %s", fault)
}

func branchFault(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > maxBranchBytes:
		return fmt.Sprintf("is longer than %d bytes", maxBranchBytes)
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	case strings.HasPrefix(name, "-"):
		return "starts with \"-\""
	case strings.HasPrefix(name, "refs/"):
		return "starts with \"refs/\"; give the short name"
	case name == "@" || name == "HEAD":
		return "is a name that git keeps for itself"
	case commitID().MatchString(name):
		return "is a commit id; give a branch"
	case strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") || strings.Contains(name, "//"):
		return "has an empty part between slashes"
	case strings.HasSuffix(name, "."):
		return "ends with \".\""
	case strings.Contains(name, ".."):
		return "contains \"..\""
	case strings.Contains(name, "@{"):
		return "contains \"@{\""
	case strings.ContainsFunc(name, forbiddenInRef):
		return "contains a character that git forbids (space, control, or one of ~ ^ : ? * [ \\)"
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return "has a part that starts with \".\""
		}
		if strings.HasSuffix(part, ".lock") {
			return "has a part that ends with \".lock\""
		}
	}
	return ""
}

func forbiddenInRef(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r)
}

// MatchBranch reports whether a branch fits a policy's pattern. Patterns are
// those of path.Match, as in GitHub's own branch protection: "*" stays within
// one part of a name with slashes. An invalid pattern matches nothing; the
// policy's validation names it. A branch that is Ours fits none.
func MatchBranch(pattern string, b Branch) bool {
	ok, err := path.Match(pattern, string(b))
	return err == nil && ok && !b.Ours()
}

// minorBranch is the naming of release branches (shared by Istio and most
// projects with branches per minor release).
var minorBranch = lazy.Regexp(`(?:^|[^0-9])(\d+)\.(\d+)$`)

// CompareBranches orders branches by the numbers of their release lines, those
// without numbers first, and by name where these are the same.
func (s Scheme) CompareBranches(a, b Branch) int {
	return cmp.Or(slices.Compare(s.values(a), s.values(b)), cmp.Compare(a, b))
}

func (s Scheme) values(b Branch) []int {
	major, minor, ok := s.Numbers(b)
	if !ok {
		return nil
	}
	x, _ := strconv.Atoi(major) // digits alone; one too long for an int is the largest
	y, _ := strconv.Atoi(minor)
	return []int{x, y}
}

// minor returns the major and minor numbers in which a release branch's name
// ends: "release-1.30" gives "1", "30", true.
func (b Branch) minor() (major, minor string, ok bool) {
	m := minorBranch().FindStringSubmatch(string(b))
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
