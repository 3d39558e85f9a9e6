package build

import (
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// The most that the comment of a version names one by one.
const maxChecks = 20

var stageBulbs = map[stage]string{
	building: "⏳", notBuildable: "❌", builtWell: "✅", publishing: "⏳", notPublished: "❌", waitsForTags: "⏳", waitsForDraft: "⏳", drafted: "📝", out: "🚀",
}

// versionText is the comment that follows a version.
func versionText(f followed, s versions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s: %s\n\n", stageBulbs[f.stage()], f.Version, f.stage())
	if f.Build != nil {
		b.WriteString(startedText(*f.Build, s))
		if f.Builds > 1 {
			fmt.Fprintf(&b, "  It is build number %d of this version.\n", f.Builds)
		}
	} else {
		b.WriteString("- **Build:** none was started lately from the trigger file.\n")
	}
	if f.Publish != nil {
		b.WriteString(startedText(*f.Publish, s))
		fmt.Fprintf(&b, "- **Tags:** %s\n- **Release on GitHub:** %s\n", tagsText(f), releaseText(f.Release))
	}
	fmt.Fprintf(&b, "\n**Next step:** %s\n", versionNext(f, s))
	return b.String()
}

// startedText is a build or a publish with what is reported on it.
func startedText(one started, s versions) string {
	var b strings.Builder
	name := map[Purpose]string{Build: "Build", Publish: "Publish"}[one.Purpose]
	fmt.Fprintf(&b, "- **%s:** %s, started on %s by %s\n", name, outcomeText(one, s), when(one.At), startedBy(one, s))
	for i, c := range one.Checks {
		if i == maxChecks {
			fmt.Fprintf(&b, "  - and %d more\n", len(one.Checks)-i)
			break
		}
		fmt.Fprintf(&b, "  - %s %s\n", checkBulbs[c.State], checkText(c))
	}
	for _, p := range one.Missing {
		fmt.Fprintf(&b, "  - … %s: nothing reported yet\n", effect.Code(string(p)))
	}
	for i, c := range one.Design {
		if i == maxChecks {
			break
		}
		fmt.Fprintf(&b, "  - ➖ %s: doesn't count, since the policy says that it fails by design\n", effect.Code(c.Name))
	}
	return b.String()
}

// startedBy says what started a build or a publish, and who had it started.
func startedBy(one started, s versions) string {
	builder := s.builder()
	switch {
	case one.Made != nil:
		maybe := ""
		if one.Made.unsure {
			maybe = "perhaps "
		}
		return maybe + fmt.Sprintf("%s in %s, which %s asked for", effect.Code(s.Settings.Triggers.dispatch(one.Purpose)), effect.Code(builder.String()), effect.Code(one.Made.By))
	case one.Pull == nil:
		return fmt.Sprintf("a push of %s to %s of %s, without a pull request", effect.Code(effect.Short(one.Commit)), effect.Code(string(one.Branch)), effect.Code(builder.String()))
	}
	text := fmt.Sprintf("the merge of [%s#%d](%s)", builder, one.Pull.Number, one.Pull.URL)
	if who := one.Pull.MergedBy.Login; who != "" {
		text += fmt.Sprintf(", which %s merged", effect.Code(who))
	}
	return text
}

var checkBulbs = map[github.CheckState]string{github.CheckSucceeded: "✅", github.CheckFailed: "❌", github.CheckPending: "⏳"}

// checkText is one status check: its name as a link to its log, and how it stands.
func checkText(c github.StatusCheck) string {
	name := effect.Code(c.Name)
	if url := effect.Link(c.URL); url != "" {
		name = fmt.Sprintf("[%s](%s)", name, url)
	}
	text := fmt.Sprintf("%s %s", name, c.State)
	if !c.At.IsZero() {
		text += ", " + when(c.At)
	}
	return text
}

func outcomeText(one started, s versions) string {
	text := map[outcome]string{unheard: "nothing is reported on it yet", running: "running", failed: "**failed**", succeeded: "succeeded"}[one.outcome()]
	if silence := time.Duration(s.Settings.Triggers.Silence); one.silent(s.Now, silence) {
		text = fmt.Sprintf("⚠️ **nothing was heard of it for %s**", s.Settings.Triggers.Silence)
	}
	return text
}

func tagsText(f followed) string {
	var seen, missing []string
	for _, t := range f.Tags {
		if t.Refused {
			missing = append(missing, effect.Code(t.Repo.Name)+" (where its policy doesn't let this one look)")
		} else if t.Seen {
			seen = append(seen, effect.Code(t.Repo.Name))
		} else {
			missing = append(missing, effect.Code(t.Repo.Name))
		}
	}
	switch {
	case len(missing) == 0:
		return "in " + strings.Join(seen, ", ")
	case len(seen) == 0:
		return "none yet in " + strings.Join(missing, ", ")
	}
	return fmt.Sprintf("in %s; not yet in %s", strings.Join(seen, ", "), strings.Join(missing, ", "))
}

func releaseText(r *github.Release) string {
	switch {
	case r == nil:
		return "none yet"
	case r.Draft:
		return fmt.Sprintf("[a draft](%s) with %s", r.URL, effect.Count(len(r.Assets), "file", "files"))
	}
	return fmt.Sprintf("[public](%s), with %s", r.URL, effect.Count(len(r.Assets), "file", "files"))
}

// versionNext says what somebody has to do for a version to go on.
func versionNext(f followed, s versions) string {
	late := f.late(s.Now, time.Duration(s.Settings.Triggers.Silence))
	if c := f.current(); c != nil && (f.stage() == building || f.stage() == publishing) {
		if !late {
			return "nothing; this comment follows it."
		}
		return fmt.Sprintf("look whether the job of the %s runs at all. If it was lost, comment %s.", c.Purpose, effect.Code(againCommand(f, c.Purpose)))
	}
	switch f.stage() {
	case notBuildable:
		return retryText(f, *f.Build)
	case notPublished:
		return retryText(f, *f.Publish)
	case builtWell:
		return fmt.Sprintf("test it; then comment %s.", effect.Code(fmt.Sprintf("/release publish %s", f.Version)))
	case waitsForTags, waitsForDraft:
		what := map[stage]string{waitsForTags: "the tags come", waitsForDraft: "the release on GitHub comes"}[f.stage()]
		if late {
			return fmt.Sprintf("⚠️ look into the log of the publish: %s with its end, and nothing was heard for %s.", what, s.Settings.Triggers.Silence)
		}
		return fmt.Sprintf("nothing; %s with the end of the publish.", what)
	case drafted:
		return fmt.Sprintf("look at [the draft](%s), and make it public.", f.Release.URL)
	}
	return "nothing; it is out."
}

func retryText(f followed, one started) string {
	text := "look into the log of what failed. To try again, run the failed job once more there"
	var links []string
	for _, c := range one.failures() {
		if url := effect.Link(c.URL); url != "" && len(links) < 3 {
			links = append(links, fmt.Sprintf("[%s](%s)", effect.Code(c.Name), url))
		}
	}
	if len(links) > 0 {
		text = fmt.Sprintf("look into the log: %s. To try again, run the failed job once more there", strings.Join(links, ", "))
	}
	return fmt.Sprintf("%s, or comment %s.", text, effect.Code(againCommand(f, one.Purpose)))
}

// againCommand starts a build or a publish of a version once more.
func againCommand(f followed, p Purpose) string {
	if p == Publish {
		return fmt.Sprintf("/release publish %s", f.Version)
	}
	return fmt.Sprintf("/release rebuild %s", f.Version)
}

// when is an instant for people.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
