package release

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// proposalText is the text of a pull request that proposes a build or a publish.
func proposalText(f askFacts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s asked for the %s of %s, on [the tracking issue](%s).\n\n", effect.Code(f.Call.Author.Login), f.Purpose, f.Version, f.Tracking.URL)
	fmt.Fprintf(&b, "It changes %s on %s and nothing else. **As soon as it is merged, the %s starts**; nobody is asked again.\n",
		effect.Code(f.path(f.Purpose)), effect.Code(string(f.Base)), f.Purpose)
	if f.Purpose == Publish {
		b.WriteString("\nA release manager other than who asked has to approve it first: the check " + effect.Code(CheckName) + " waits for that.\n")
		if f.Built != WasBuilt {
			fmt.Fprintf(&b, "\n⚠️ As far as Slipway sees, %s.\n", f.Built.without(f.Version, f.Base))
		}
	}
	return b.String()
}

func proposedReply(f askFacts) string {
	text := fmt.Sprintf("The %s of %s is proposed. **Next step:** look at the pull request and merge it; the merge starts the %s.", f.Purpose, f.Version, f.Purpose)
	if f.Purpose == Publish {
		text = fmt.Sprintf("Publishing %s is proposed. **Next step:** a release manager other than you approves the pull request; then merge it, which starts the publish.", f.Version)
		if f.Built != WasBuilt {
			text += fmt.Sprintf("\n\n⚠️ As far as Slipway sees, %s. If it was built in private, go on.", f.Built.without(f.Version, f.Base))
		}
	}
	return text
}

func proposedAlready(f askFacts) string {
	pr := f.Open[0]
	return fmt.Sprintf("It is proposed already: [#%d](%s). **Next step:** merge that one, or close it and ask again.", pr.Number, pr.URL)
}

func noBase(f askFacts) string {
	return fmt.Sprintf("There is no branch %s in %s yet. **Next step:** cut it first; only alphas are built before that.",
		effect.Code(string(f.Base)), effect.Code(f.Builder.String()))
}

func builtAlready(f askFacts) string {
	what := "was built"
	if f.Tagged {
		what = "is tagged"
	}
	return fmt.Sprintf("%s %s already. **Next step:** to build it once more, comment %s; else build the next version.", f.Version, what,
		effect.Code(fmt.Sprintf("/release rebuild %s", f.Version)))
}

func taggedAlready(f askFacts) string {
	return fmt.Sprintf("%s is tagged already, so it was published.", f.Version)
}

func notLast(f askFacts) string {
	was, err := ReadTrigger(f.Was[Build])
	last := "nothing"
	if err == nil {
		last = was.String()
	}
	return fmt.Sprintf("Only the version that was built last can be built once more: on %s that is %s. **Next step:** %s proposes another one.",
		effect.Code(string(f.Base)), last, effect.Code(fmt.Sprintf("/release build %s", f.Version)))
}

func wrongOrder(f askFacts, latest release.Version) string {
	var next []string
	for _, v := range release.NextOf(latest) {
		next = append(next, v.String())
	}
	return fmt.Sprintf("%s doesn't follow %s, the newest version on %s. **Next step:** build %s; or, if %s is meant all the same, propose the change of %s by hand.",
		f.Version, latest, effect.Code(string(f.Base)), strings.Join(next, " or "), f.Version, effect.Code(f.path(Build)))
}

func blocked(f askFacts) string {
	n := "1 blocker is open"
	if len(f.Blockers) != 1 {
		n = fmt.Sprintf("%d blockers are open", len(f.Blockers))
	}
	return fmt.Sprintf("%s: %s. **Next step:** close them, or take their label off.", n, strings.Join(f.Blockers[:min(len(f.Blockers), 10)], ", "))
}

func notBuilt(f askFacts) string {
	next := map[Built]string{
		NotBuilt:    "comment " + effect.Code(fmt.Sprintf("/release build %s", f.Version)) + " first",
		Unfinished:  "wait until it is over; the comment about " + f.Version.String() + " on this issue follows it",
		BuildFailed: "look why, and comment " + effect.Code(fmt.Sprintf("/release rebuild %s", f.Version)),
	}[f.Built]
	return fmt.Sprintf("It can't be published now: %s. **Next step:** %s.", f.Built.without(f.Version, f.Base), next)
}
