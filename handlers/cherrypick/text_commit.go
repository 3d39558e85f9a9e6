package cherrypick

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
)

// This file holds the answers to commands about commits.

func unknownCommit(word string) string {
	if len(word) == 40 {
		return fmt.Sprintf("GitHub knows no commit %s in this repository. **Next step:** look for a typing error, or push it first.", effect.Code(word))
	}
	return fmt.Sprintf("GitHub knows no commit of this repository whose id begins with %s, or more than one. **Next step:** name it by its whole id, of 40 digits.", effect.Code(word))
}

func commitNowhere(id string, p config.Loaded) string {
	return fmt.Sprintf("%s is neither on the branch that changes are picked from nor on one that the policy governs, which are %s; so nobody has let it in. "+
		"**Next step:** merge it into one of these, then ask again.", effect.Short(id), codes(p.Policy.Branches))
}

// cameWith says that a pull request is picked in the place of its only commit.
func cameWith(f commitCall) string {
	return fmt.Sprintf("%s came with #%d and is all that it changed, so this is about that pull request.", effect.Short(f.Commit), f.Bringer.Number)
}

// partOfPull is about a commit that came with others.
func partOfPull(f commitCall) string {
	return fmt.Sprintf("%s came with #%d, and is only a part of what that changed. Slipway picks a pull request as a whole. **Next step:** %s on #%d; "+
		"or pick this commit alone by hand, with `git cherry-pick -x`, and open a pull request.",
		effect.Short(f.Commit), f.Bringer.Number, again("BRANCH"), f.Bringer.Number)
}
