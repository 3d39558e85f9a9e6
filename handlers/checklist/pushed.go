package checklist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// A direct push to the branch of a release passes every check. The release's status
// lists those that came since its tracking issue was opened, by GitHub's own list of
// the branch's moves. No event of a push leads to a look: most pushes are to branches
// that no release counts, and the next look finds it.

// observePushes finds the direct pushes to a release's branch in a repository, but for
// our own. A branch that isn't governed is pushed to as its people like.
func (h *Handler) observePushes(l *facts.Look, t tracked, c *count) error {
	policy, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil || !policy.Governs(t.branch()) || c.Tip == "" {
		return err
	}
	moves, err := h.GitHub.MovesTo(l.Context(), c.Repo, t.branch(), t.Tracker.Opened, c.Tip)
	if err != nil {
		return err
	}
	bot, err := h.GitHub.BotID(l.Context(), c.Repo)
	c.Pushed = slices.DeleteFunc(moves.Direct(), func(m github.BranchMove) bool { return m.By.ID == bot })
	c.PushedUnclear = moves.Unclear
	return err
}

// maxPushed is how many direct pushes to a branch a status names one by one.
const maxPushed = 5

// pushedText lists the direct pushes; "" for none.
func pushedText(s look) string {
	var b strings.Builder
	for _, c := range s.Counts.Repos {
		if len(c.Pushed) > 0 && b.Len() < maxAside {
			var list []string
			for _, m := range c.Pushed[:min(len(c.Pushed), maxPushed)] {
				list = append(list, pushed(m))
			}
			if n := len(c.Pushed) - len(list); n > 0 {
				list = append(list, fmt.Sprintf("and %d earlier", n))
			}
			fmt.Fprintf(&b, "- **Pushed directly:** in %s, past all checks, so a manager looks at it: %s\n", effect.Code(c.Repo.Name), strings.Join(list, ", "))
		}
		if c.PushedUnclear != "" && b.Len() < maxAside {
			fmt.Fprintf(&b, "- **Pushed directly:** in %s it is unknown whether more was, because %s\n", effect.Code(c.Repo.Name), c.PushedUnclear)
		}
	}
	return b.String()
}

// pushed says what was pushed, by whom and when.
func pushed(m github.BranchMove) string {
	what := effect.Code(effect.Short(m.After))
	switch m.Kind {
	case github.MovedByForce:
		what += " by force"
	case github.BranchDeleted:
		what = "the branch was deleted"
	case github.BranchMade:
		what += ", the branch anew"
	}
	who := "GitHub doesn't say by whom"
	if m.By.Login != "" {
		who = "by " + effect.Code(m.By.Login)
	}
	return fmt.Sprintf("%s (%s, %s)", what, who, m.At.UTC().Format("2006-01-02 15:04 UTC"))
}
