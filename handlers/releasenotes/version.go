package releasenotes

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// version is a release's, such as 1.30.0 or 1.30.0-rc.1.
type version struct {
	major, minor, patch int
	stage               int // alpha, beta, rc, and then the release itself
	build               int
}

var (
	versionText = regexp.MustCompile(`^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:-(alpha|beta|rc)\.(\d{1,4}))?$`)
	stages      = []string{"alpha", "beta", "rc", ""}
)

func parseVersion(s string) (v version, ok bool) {
	m := versionText.FindStringSubmatch(s)
	if m == nil {
		return v, false
	}
	number := func(s string) int {
		n, _ := strconv.Atoi(s) // at most four digits, or empty
		return n
	}
	return version{number(m[1]), number(m[2]), number(m[3]), slices.Index(stages, m[4]), number(m[5])}, true
}

func (v version) compare(w version) int {
	return cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.minor, w.minor), cmp.Compare(v.patch, w.patch),
		cmp.Compare(v.stage, w.stage), cmp.Compare(v.build, w.build))
}

// final reports whether a version is of a release itself.
func (v version) final() bool { return stages[v.stage] == "" }

// previous is the tag before a version in the order of versions, "" for none.
// Before a release itself comes another, not one of its own candidates. A tag
// with a v is only taken where there is none without.
func previous(tags []string, of version) string {
	best, bestVersion := "", version{}
	for _, t := range tags {
		v, ok := parseVersion(t)
		if !ok || v.compare(of) >= 0 || of.final() && !v.final() {
			continue
		}
		if c := v.compare(bestVersion); best == "" || c > 0 || c == 0 && !strings.HasPrefix(t, "v") {
			best, bestVersion = t, v
		}
	}
	return best
}

// fillVersion puts a version into one of the policy's texts.
func fillVersion(text, name string, v version) string {
	return strings.NewReplacer("{version}", name, "{major}", strconv.Itoa(v.major), "{minor}", strconv.Itoa(v.minor)).Replace(text)
}

// headPrefix begins the branch that the notes of a release are proposed from;
// generatedSuffix ends the one that holds them as they were generated last,
// without what people have changed since.
const (
	headPrefix      = "release-notes-"
	generatedSuffix = "-generated"
)

func headFor(name string) release.Branch { return release.Branch(headPrefix + name) }

func generatedFor(name string) release.Branch {
	return release.Branch(headPrefix + name + generatedSuffix)
}

// versionOfHead is the version that a branch proposes notes of, "" for none.
func versionOfHead(b release.Branch) string {
	name, ok := strings.CutPrefix(string(b), headPrefix)
	if _, valid := parseVersion(name); !ok || !valid {
		return ""
	}
	return name
}
