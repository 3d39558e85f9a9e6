package releasenotes

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// previous is the tag before a version in the order of versions, "" for none.
// Before a release itself comes another, not one of its own candidates. A tag
// with a v is only taken where there is none without.
func previous(tags []string, of release.Version) string {
	best, bestVersion := "", release.Version{}
	for _, t := range tags {
		v, ok := of.Scheme.OfTag(t)
		if !ok || v.Compare(of) >= 0 || of.Stage == release.Final && v.Stage != release.Final {
			continue
		}
		if c := v.Compare(bestVersion); best == "" || c > 0 || c == 0 && t == v.Tags()[0] {
			best, bestVersion = t, v
		}
	}
	return best
}

// beginning is the tag that the notes of a version begin at, "" for none: the one before or,
// where a minor release begins on a branch of its own, the first release of the minor before,
// from which its branch had long parted when its last patch was made.
func beginning(tags []string, of release.Version, since Since) string {
	before := previous(tags, of)
	at, ok := of.Scheme.OfTag(before)
	if !ok || since == SincePrevious || of.Scheme.Single() || at.Major == of.Major && at.Minor == of.Minor {
		return before
	}
	first, firstVersion := before, at
	for _, t := range tags {
		v, ok := of.Scheme.OfTag(t)
		if !ok || v.Stage != release.Final || v.Major != at.Major || v.Minor != at.Minor {
			continue
		}
		if c := v.Compare(firstVersion); firstVersion.Stage != release.Final || c < 0 || c == 0 && t == v.Tags()[0] {
			first, firstVersion = t, v
		}
	}
	return first
}

// BranchOf is the branch that a revision belongs on, by the policy: that of a version's release,
// "" of what names no version, and of a candidate that may be of the branch that releases are cut from.
func (s Settings) BranchOf(rev string) release.Branch {
	v, err := s.Scheme.Named(rev)
	if err != nil || v.Stage != release.Final {
		return ""
	}
	return s.branchOf(v)
}

// branchOf is the branch that a version is made from.
func (s Settings) branchOf(v release.Version) release.Branch {
	return release.Branch(v.Fill(s.Release.Branch))
}

// headPrefix begins the branch that the notes of a release are proposed from;
// generatedSuffix ends the one that holds them as they were generated last,
// without what people have changed since.
const (
	headPrefix      = "release-notes-"
	generatedSuffix = "-generated"
)

// headFor is the branch that the notes of a release of a repository are proposed
// from. In another repository it names that of the notes: several may write there.
func headFor(of, target github.Repo, name string) release.Branch {
	return release.Branch(prefixFor(of, target) + name)
}

func generatedFor(of, target github.Repo, name string) release.Branch {
	return headFor(of, target, name) + generatedSuffix
}

func prefixFor(of, target github.Repo) string {
	if same(of, target) {
		return headPrefix
	}
	// A repository's name may hold what a branch's may not.
	return headPrefix + strings.ReplaceAll(strings.ToLower(of.Name), "..", ".-") + "-"
}

func same(a, b github.Repo) bool { return strings.EqualFold(a.String(), b.String()) }

// versionOfHead is the version that a branch of a repository proposes notes of
// another, or its own, of; "" for none.
func versionOfHead(of, target github.Repo, b release.Branch) string {
	name, ok := strings.CutPrefix(string(b), prefixFor(of, target))
	if !ok || !release.LooksLikeVersion(name) {
		return ""
	}
	return name
}

// anyVersionOfHead is the same of whatever repository the notes are.
func anyVersionOfHead(b release.Branch) string {
	name, ok := strings.CutPrefix(string(b), headPrefix)
	for ok && name != "" {
		if release.LooksLikeVersion(name) {
			return name
		}
		_, name, ok = strings.Cut(name, "-")
	}
	return ""
}
