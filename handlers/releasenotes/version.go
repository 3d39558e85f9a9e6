package releasenotes

import (
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// parseVersion reads a version of a release; a tag may have a v before it.
func parseVersion(s string) (v release.Version, ok bool) {
	v, err := release.ParseVersion(strings.TrimPrefix(s, "v"))
	return v, err == nil
}

// previous is the tag before a version in the order of versions, "" for none.
// Before a release itself comes another, not one of its own candidates. A tag
// with a v is only taken where there is none without.
func previous(tags []string, of release.Version) string {
	best, bestVersion := "", release.Version{}
	for _, t := range tags {
		v, ok := parseVersion(t)
		if !ok || v.Compare(of) >= 0 || of.Stage == release.Final && v.Stage != release.Final {
			continue
		}
		if c := v.Compare(bestVersion); best == "" || c > 0 || c == 0 && !strings.HasPrefix(t, "v") {
			best, bestVersion = t, v
		}
	}
	return best
}

// fillVersion puts a version into one of the policy's texts.
func fillVersion(text, name string, v release.Version) string {
	return strings.NewReplacer("{version}", name, "{major}", strconv.Itoa(v.Major), "{minor}", strconv.Itoa(v.Minor)).Replace(text)
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
