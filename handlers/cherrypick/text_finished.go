package cherrypick

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file holds what is said of a pick that somebody has to finish.

func noMarkers() effect.Verdict {
	return effect.Verdict{State: effect.Pass, Title: "No conflict markers", Detail: "None remain."}
}

func untouched(r PullRecord) effect.Verdict {
	if r.Like.whole() {
		return proposedVerdict(r)
	}
	v := effect.Verdict{State: effect.Block, Title: "The conflict is not resolved",
		Detail: "This cherry-pick has conflicts, and nobody has pushed to it yet. **Next step:** resolve them as the description says."}
	if len(r.Files) > 0 {
		v.Detail += " In conflict:\n\n" + fileList(r.Files)
	}
	return v
}

func acceptedVerdict(a Acceptance) effect.Verdict {
	return effect.Verdict{State: effect.Pass, Title: "The draft is accepted as it is", Detail: "None remain, and the rest of the conflict was " + acceptedText(a)}
}

func acceptedText(a Acceptance) string {
	return fmt.Sprintf("accepted by %s as #%d has it, at %s.", effect.Code(a.By), a.PR, effect.Code(effect.Short(a.Commit)))
}

func markersRemain(files []string) effect.Verdict {
	return effect.Verdict{State: effect.Block, Title: fmt.Sprintf("Conflict markers in %s", count(len(files), "file")),
		Detail: "Lines that begin with `<<<<<<<`, `=======` or `>>>>>>>` remain. **Next step:** resolve the conflict in these files, and push:\n\n" + fileList(files)}
}

func cannotSee(m github.Marked) effect.Verdict {
	return effect.Verdict{State: effect.Block, Title: "Not all files can be looked at",
		Detail: "This cherry-pick had conflicts. It is unknown whether markers remain, because GitHub doesn't show all that it changes. " +
			"**Next step:** an administrator merges it past this check once somebody has looked, or pick it in smaller parts.\n\n" + fileList(m.Unseen)}
}

func fileList(files []string) string {
	var b strings.Builder
	for i, f := range files {
		if i == maxListed {
			fmt.Fprintf(&b, "- and %d more\n", len(files)-maxListed)
			break
		}
		fmt.Fprintf(&b, "- %s\n", effect.Code(f))
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
