package freeze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file is about Tide, Prow's merge robot, where the policy has a freeze stop it
// (`merge_blocker`). An open issue with the label stops all merges of Tide into each
// `branch:NAME` of its title, whatever a pull request's checks say, or into every branch if
// the title names none. So an exemption doesn't reach Tide, and every text that lets
// something through has to say so.
// https://docs.prow.k8s.io/docs/components/core/tide/config/#merge-blocker-issues

// tideLabel is the label by which Tide knows such an issue.
const tideLabel = "tide/merge-blocker"

// stopsTide reports whether a freeze stops Tide on a branch now.
func (s state) stopsTide(f Freeze, b release.Branch) bool {
	return f.Issue != 0 && !f.Tampered && f.begun(s.Now) && !f.over(s.Now) &&
		slices.Contains(f.tideBranches(s.Settings), string(b)) && !slices.Contains(f.untold(s.Settings), string(b))
}

// tideStopped says, of what a freeze lets through, that Tide doesn't merge it, and what to do
// then; "" where Tide isn't stopped.
func (s state) tideStopped(held []Freeze, b release.Branch) string {
	var issues []string
	for _, f := range held {
		if s.stopsTide(f, b) {
			issues = append(issues, fmt.Sprintf("[#%d](%s)", f.Issue, f.URL))
		}
	}
	if len(issues) == 0 {
		return ""
	}
	carries := "carries"
	if len(issues) > 1 {
		carries = "carry"
	}
	return fmt.Sprintf("**Tide still merges nothing on %s**, as long as %s %s the label %s: that stops it whatever this check says. "+
		"What is let through has to be merged by hand, or the branch thawed (%s). A policy with %s leaves Tide to the required check instead.",
		effect.Code(string(b)), strings.Join(issues, " and "), carries, effect.Code(tideLabel), effect.Code("/release thaw "+string(b)), effect.Code("freeze: {merge_blocker: false}"))
}

// unblocks reports an issue that still carries the label though it no longer names a branch
// for Tide, which would stop it on all of them.
func (f Freeze) unblocks(s Settings) bool {
	carries := func(l string) bool { return strings.EqualFold(l, tideLabel) }
	return slices.ContainsFunc(f.Shown, carries) && !slices.ContainsFunc(f.labels(s), carries)
}
