package github

import (
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// MergeGroup is what a merge queue asks about: the commit that it would put on
// a branch, built from Base and the pull requests of the group.
type MergeGroup struct {
	Branch release.Branch // that it would be put on
	Ref    string         // where it stands: gh-readonly-queue/BRANCH/pr-N-BASE
	Base   string         // commit that it is built on
	Head   string         // the commit itself
}

// queueRef is what GitHub calls the branch of a merge group.
var queueRef = lazy.Regexp(`^(?:refs/heads/)?gh-readonly-queue/(.+)/pr-(\d+)-([0-9a-f]{40,64})$`)

var commitID = lazy.Regexp(`^[0-9a-f]{40,64}$`)

// ID names a merge group by its head, and says all that is to be known of it:
// GitHub deletes the branch, and with it the group, at any time.
func (g MergeGroup) ID() string { return g.Head + "/" + g.Ref }

// ParseMergeGroup reads what ID wrote; ok is false for anything else.
func ParseMergeGroup(id string) (g MergeGroup, ok bool) {
	head, ref, _ := strings.Cut(id, "/")
	m := queueRef().FindStringSubmatch(ref)
	if !commitID().MatchString(head) || m == nil {
		return g, false
	}
	return MergeGroup{Branch: release.Branch(m[1]), Ref: ref, Base: m[3], Head: head}, true
}

// Number is the pull request that a group was built for; 0 when its ref doesn't
// say so.
func (g MergeGroup) Number() int {
	m := queueRef().FindStringSubmatch(g.Ref)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return 0
	}
	return n
}
