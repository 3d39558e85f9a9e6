package build

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// proposalText is the text of a pull request that proposes a build or a publish.
func proposalText(f askFacts) string {
	var b strings.Builder
	on := fmt.Sprintf(", on [the tracking issue](%s)", f.Tracking.URL)
	if f.Hushed {
		on = "" // that is not for all who read this
	}
	fmt.Fprintf(&b, "%s asked for the %s of %s%s.\n\n", effect.Code(f.Call.Author.Login), f.Purpose, f.Version, on)
	fmt.Fprintf(&b, "It changes %s on %s and nothing else. **As soon as it is merged, the %s starts**; nobody is asked again.\n",
		effect.Code(f.path(f.Purpose)), effect.Code(string(f.Base)), f.Purpose)
	if f.Purpose == Build && f.Approvers.Who != "" {
		fmt.Fprintf(&b, "\nThe branch is governed: %s has to approve it first.\n", f.Approvers.Than(effect.Code(f.Call.Author.Login)))
	}
	if f.Purpose == Publish {
		b.WriteString("\nA release manager other than who asked has to approve it first: the check " + effect.Code(CheckName) + " waits for that.\n")
		if f.Built != WasBuilt {
			fmt.Fprintf(&b, "\n⚠️ As far as Slipway sees, %s.\n", f.Built.without(f.Version, f.Base))
		}
	}
	b.WriteString(f.rebuiltLate())
	return b.String()
}

func proposedReply(f askFacts) string {
	text := fmt.Sprintf("The %s of %s is proposed. **Next step:** look at the pull request and merge it; the merge starts the %s.", f.Purpose, f.Version, f.Purpose)
	if f.Approvers.Who != "" {
		text = fmt.Sprintf("The %s of %s is proposed. The branch %s is governed, so the pull request waits for an approval. **Next step:** %s looks at it and approves it; then merge it, which starts the %s.",
			f.Purpose, f.Version, effect.Code(string(f.Base)), f.Approvers.Than("you"), f.Purpose)
	}
	if f.Purpose == Publish {
		text = fmt.Sprintf("Publishing %s is proposed. **Next step:** a release manager other than you approves the pull request; then merge it, which starts the publish.", f.Version)
		if f.Built != WasBuilt {
			text += fmt.Sprintf("\n\n⚠️ As far as Slipway sees, %s. If it was built in private, go on.", f.Built.without(f.Version, f.Base))
		}
		if open := f.openBlockers(); open != "" {
			text += "\n\n⚠️ " + open + " The policy only warns of that."
		}
	}
	text += f.rebuiltLate()
	return text
}

func proposedAlready(f askFacts) string {
	pr := f.Open[0]
	return fmt.Sprintf("It is proposed already: [#%d](%s). **Next step:** merge that one, or close it and ask again.", pr.Number, pr.URL)
}

func noBase(f askFacts) string {
	next := "cut it first; only alphas are built before that"
	if f.Version.Patch > 0 {
		next = "a patch release comes from the branch of its minor release; look whether it was deleted, or is called otherwise there"
	}
	return fmt.Sprintf("There is no branch %s in %s yet. **Next step:** %s.", effect.Code(string(f.Base)), effect.Code(f.Builder.String()), next)
}

// builtAlready says what can be done about a version that was built, which is
// nothing by a command if another was built after it.
func builtAlready(f askFacts) string {
	what := "was built already"
	if f.Tagged {
		what = "is tagged already, so it was published"
	}
	if f.again() || f.Settings.Triggers.dispatches() {
		return fmt.Sprintf("%s %s. **Next step:** build the next version; or, to build it once more, comment %s.", f.Version, what,
			effect.Code(fmt.Sprintf("/release rebuild %s", f.Version)))
	}
	return fmt.Sprintf("%s %s. A command builds only the version once more that was built last, and that is %s. **Next step:** build the next version; or, if %s is meant all the same, propose the change of %s by hand.",
		f.Version, what, f.builtLast(), f.Version, effect.Code(f.path(Build)))
}

// builtLast is the version that the trigger file has.
func (f askFacts) builtLast() string {
	if was, err := f.Settings.Triggers.read(f.Was[Build]); err == nil {
		return was.String()
	}
	return "nothing"
}

// rebuiltLate warns of a build of what people have got already; "" for nothing.
func (f askFacts) rebuiltLate() string {
	if f.Call.Name != rebuildName || !f.Tagged {
		return ""
	}
	return fmt.Sprintf("\n\n⚠️ **%s is tagged already, so it was published.** Built once more its files differ from those that people have, and it can't be published again. "+
		"If something has to change, build the next version instead.", f.Version)
}

func taggedAlready(f askFacts) string {
	return fmt.Sprintf("%s is tagged already, so it was published.", f.Version)
}

func notLast(f askFacts) string {
	next := effect.Code(fmt.Sprintf("/release build %s", f.Version)) + " proposes another one"
	if f.Tagged || f.Built.started() {
		next = fmt.Sprintf("build the next version; or, if %s is meant all the same, propose the change of %s by hand", f.Version, effect.Code(f.path(Build)))
	}
	return fmt.Sprintf("Only the version that was built last can be built once more: on %s that is %s. **Next step:** %s.",
		effect.Code(string(f.Base)), f.builtLast(), next)
}

func wrongOrder(f askFacts, latest release.Version) string {
	if v := f.Version; v.Patch > 0 && v.Final() != latest.Final() && v.Compare(latest) > 0 {
		before := v.Final()
		before.Patch--
		return fmt.Sprintf("%s comes after %s, and the newest version on %s is %s. **Next step:** finish %s first, on its own tracking issue; or, if %s is meant all the same, propose the change of %s by hand.",
			v, before, effect.Code(string(f.Base)), latest, before, v, effect.Code(f.path(Build)))
	}
	var next []string
	for _, v := range release.NextOf(latest) {
		next = append(next, v.String())
	}
	return fmt.Sprintf("%s doesn't follow %s, the newest version on %s. **Next step:** build %s; or, if %s is meant all the same, propose the change of %s by hand.",
		f.Version, latest, effect.Code(string(f.Base)), strings.Join(next, " or "), f.Version, effect.Code(f.path(Build)))
}

// notFirst asks about a version that would be a branch's first and is counted on.
func notFirst(f askFacts) string {
	first := f.Version
	first.N = first.Scheme.FirstN()
	return fmt.Sprintf("%s would be the first version that is known on %s, and they are counted from %d. **Next step:** build %s; or, if those before it were built elsewhere and %s is meant, propose the change of %s by hand.",
		f.Version, effect.Code(string(f.Base)), first.N, first, f.Version, effect.Code(f.path(Build)))
}

func notBuilt(f askFacts) string {
	next := map[Built]string{
		NotBuilt:    "comment " + effect.Code(fmt.Sprintf("/release build %s", f.Version)) + " first",
		Unfinished:  "wait until it is over; the comment about " + f.Version.String() + " on this issue follows it",
		BuildFailed: "look why, and comment " + effect.Code(fmt.Sprintf("/release rebuild %s", f.Version)),
	}[f.Built]
	return fmt.Sprintf("It can't be published now: %s. **Next step:** %s.", f.Built.without(f.Version, f.Base), next)
}

// notInBuilder says why nothing is started in the repository with the trigger files.
func notInBuilder(f askFacts, g facts.Grant) string {
	return fmt.Sprintf("Nothing was started. The policy names %s for the %s, and %s.", effect.Code(f.Builder.String()), f.Purpose, g.Told())
}
