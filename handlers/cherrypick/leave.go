package cherrypick

import (
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
)

// This file holds what a pick leaves out by the policy, and what is said of workflows.

// LeaveOut is the owner's reader of facts.LeaveOut.
func LeaveOut(l *facts.Look) ([]string, error) {
	s, err := facts.Section[Settings](l, Name)
	return s.leaveOut(), err
}

func (s Settings) leaveOut() []string {
	var patterns []string
	for _, p := range s.LeaveOut {
		patterns = append(patterns, string(p))
	}
	slices.Sort(patterns) // another order is the same policy
	return slices.Compact(patterns)
}

// everything are the patterns that would leave nothing to pick.
var everything = []config.PathPattern{"**", "**/*", "**/**"}

func (s Settings) validateLeaveOut() (faults []error) {
	for i, p := range s.LeaveOut {
		if slices.Contains(everything, p) {
			faults = append(faults, config.At(fmt.Sprintf("leave_out[%d]", i), &config.Wrong{What: "leaves out everything, so there would be nothing to pick", Want: "patterns of some paths, like .github/workflows/**"}))
		}
	}
	return faults
}

// boundLeft are as many of the paths as a record names.
func boundLeft(left []string) []string { return left[:min(len(left), maxFiles)] }

// maxLeft is how many paths a line lists.
const maxLeft = 10

func leftPaths(left []string) string {
	shown := codes(left[:min(len(left), maxLeft)])
	if more := len(left) - maxLeft; more > 0 {
		shown += " and " + count(more, "path") + " more"
	}
	return shown
}

const leftWhy = "since the policy lists them under `cherrypick.leave_out`"

// leftText says in a pick's pull request what it doesn't hold; "" where it is whole.
func leftText(left []string, branch string) string {
	if len(left) == 0 {
		return ""
	}
	return fmt.Sprintf("\n**Left out**, %s: what the source changes in %s. %s keeps what it has there.\n", leftWhy, leftPaths(left), effect.Code(branch))
}

// leftNote is the same for the status comment.
func leftNote(left []string) string {
	if len(left) == 0 {
		return ""
	}
	return fmt.Sprintf(" **Left out** by the policy: %s.", leftPaths(left))
}

func nothingText(s Snapshot) string {
	return fmt.Sprintf("**nothing to pick.** The source changes nothing but %s, which picks leave out, %s. **Next step:** none; if it is wanted on %s all the same, pick it by hand.",
		leftPaths(s.Pick.Picked.Left), leftWhy, effect.Code(s.Subject.name))
}

// workflowText is for a pick that GitHub didn't take since it changes workflows.
const workflowText = "**not picked**, because it changes files in `.github/workflows`, and the App lacks the permission *Workflows: read and write*. " +
	"**Next step:** either an owner of the organisation accepts that permission on the page of the App's installation, once its settings ask for it; then ask again. " +
	"Or pick it by hand. To have picks made without these files, list `.github/workflows/**` under `cherrypick.leave_out` in the policy, and ask again."
