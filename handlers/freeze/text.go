package freeze

import (
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// maxReason is how much of a reason is kept, and maxFault of a fault shown, in
// characters.
const (
	maxReason = 500
	maxFault  = 300
)

func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// instantIn shows an instant in UTC and, where that is another, in the policy's zone.
func instantIn(t time.Time, p config.Loaded) string {
	zone := zoneOf(p).Location()
	local := t.In(zone)
	if _, offset := local.Zone(); offset == 0 {
		return instant(t)
	}
	return fmt.Sprintf("%s (%s, %s)", instant(t), local.Format("2006-01-02 15:04 MST"), zone)
}

func untilText(t time.Time, p config.Loaded) string {
	if t.IsZero() {
		return "it is thawed"
	}
	return instantIn(t, p)
}

func reason(text string) string {
	if text == "" {
		return "none given"
	}
	return effect.Inert(text, maxReason)
}

// by says who froze.
func (r Record) by() string {
	if r.Window != "" {
		return "the policy's window " + effect.Code(r.Window)
	}
	return effect.Who(r.By)
}

// table is what a freeze is, for issue and check. What was thawed of it is no
// matter for the checks of the other branches, which would all be written anew.
func table(r Record, p config.Loaded) string {
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "| %s | %s |\n", name, value) }
	b.WriteString("| | |\n|---|---|\n")
	row("Branches", r.names())
	row("Frozen by", r.by())
	row("Reason", reason(r.Reason))
	if r.partial() {
		row("Holds", "only what"+strings.TrimPrefix(r.scope(), " that"))
	}
	if len(r.Owners) > 0 {
		row("Decided by", r.who())
	}
	if r.Release != "" {
		row("Dates", fmt.Sprintf("from %s to %s, by the %s", effect.Code(r.From), effect.Code(r.To), effect.Linked("tracking issue of "+effect.Inert(r.Plan, maxPlan), r.PlanURL)))
	}
	since := "Since"
	if !r.SetAt.IsZero() {
		since = "From"
	}
	row(since, instantIn(r.Since, p))
	if r.End == nil {
		row("Until", untilText(r.Until, p))
	}
	return b.String()
}

// history is what became of a freeze, as further rows of its table.
func history(r Record, p config.Loaded) string {
	var b strings.Builder
	for _, t := range r.Thaws {
		fmt.Fprintf(&b, "| Thawed | %s by %s, %s |\n", effect.Code(string(t.Branch)), effect.Who(t.By), instantIn(t.At, p))
	}
	if e := r.End; e != nil {
		fmt.Fprintf(&b, "| Ended | %s |\n", endedText(*e, p))
	}
	return b.String()
}

func endedText(e Thaw, p config.Loaded) string {
	switch {
	case e.Why != "":
		return instantIn(e.At, p) + ", because " + e.Why
	case e.By == "":
		return instantIn(e.At, p) + ", by itself"
	case e.Asked == "":
		return fmt.Sprintf("%s, by %s, who closed this issue", instantIn(e.At, p), effect.Who(e.By))
	}
	return fmt.Sprintf("%s, by %s", instantIn(e.At, p), effect.Who(e.By))
}

// number is how many branches names says.
func (r Record) number() int {
	if r.All {
		return 2
	}
	return len(r.Branches)
}

// sentence begins one with a phrase.
func sentence(phrase string) string { return strings.ToUpper(phrase[:1]) + phrase[1:] }

func exemptionTable(rows []Exemption, p config.Loaded) string {
	var b strings.Builder
	b.WriteString("| Pull request | Commit | Exempted by | Until | Reason |\n|---|---|---|---|---|\n")
	for _, e := range rows {
		fmt.Fprintf(&b, "| #%d | %s | %s | %s | %s |\n",
			e.Number, effect.Code(effect.Short(e.Commit)), effect.Who(e.By), instantIn(e.Until, p), reason(e.Reason))
	}
	return b.String()
}

func thawLine(r Record) string {
	if r.All {
		return "/release thaw " + everyBranch
	}
	return "/release thaw " + strings.Join(r.Branches, " ")
}

// names are the branches of a freeze.
func (r Record) names() string {
	if r.All {
		return "all governed branches (those cut later, too)"
	}
	return effect.Codes(r.Branches)
}

// issueText is the body of a freeze issue, below its record.
func issueText(r Record, p config.Loaded) string {
	var b strings.Builder
	if r.End != nil {
		fmt.Fprintf(&b, "This freeze of %s is over.\n\n%s", r.names(), table(r, p)+history(r, p))
	} else if !r.SetAt.IsZero() {
		fmt.Fprintf(&b, "From %s on, no pull request against %s%s may merge until the freeze ends.\n\n%s", instantIn(r.Since, p), r.names(), r.scope(), table(r, p)+history(r, p))
	} else {
		fmt.Fprintf(&b, "%s: no pull request against %s%s may merge until the freeze ends.\n\n%s", frozenNames(r), pronoun(r.patterns()), r.scope(), table(r, p)+history(r, p))
	}
	if len(r.Exemptions) > 0 {
		fmt.Fprintf(&b, "\n**Exemptions**, each for one commit:\n\n%s", exemptionTable(r.Exemptions, p))
	}
	if r.End != nil {
		return b.String()
	}
	end := "comments " + effect.Code("/release thaw BRANCH")
	if r.Window == "" || r.Release != "" {
		end = "comments " + effect.Code(thawLine(r))
	}
	if r.Former != 0 {
		fmt.Fprintf(&b, "\nThis issue takes the place of #%d, which was deleted or moved away. That doesn't end a freeze.\n", r.Former)
	}
	fmt.Fprintf(&b, "\n**To end it**, %s %s on any issue or pull request of this repository, or closes this issue.\n"+
		"**To let one pull request through**, %s comments %s on it.\n\n"+
		"Slipway reads the freeze from this issue and undoes changes by hand.", r.who(), end, r.who(), effect.Code("/release exempt REASON"))
	return b.String()
}

// who decides about the freeze, as a phrase.
func (r Record) who() string {
	if len(r.Owners) == 0 {
		return "a release manager"
	}
	return effect.Member(r.Owners)
}

// scope says which pull requests of its branches a freeze holds, behind "pull request"; "" for all.
func (r Record) scope() string {
	var parts []string
	if len(r.Paths) > 0 {
		parts = append(parts, "changes "+effect.Codes(r.Paths))
	}
	if len(r.Labels) > 0 {
		parts = append(parts, "carries a label of "+effect.Codes(r.Labels))
	}
	if len(parts) == 0 {
		return ""
	}
	return " that " + strings.Join(parts, " or ")
}

func pronoun(names []string) string {
	if len(names) == 1 && !isPattern(names[0]) {
		return "it"
	}
	return "them"
}

// tideText says that Tide is stopped, and which branches it isn't told of.
func tideText(r Record, s Settings) string {
	text := ""
	if r.End == nil && len(r.tideBranches(s)) > 0 {
		text = fmt.Sprintf("\n\nThe label %s stops Tide on the branches in the title, also for what is let through: that is merged by hand.", effect.Code(tideLabel))
	}
	untold := r.untold(s)
	if len(untold) == 0 {
		return text
	}
	return text + fmt.Sprintf("\n\nThe title has no room to tell Tide of %s: there, nothing but the check %s holds merges back.", effect.Codes(untold), effect.Code(CheckName))
}

func frozenNames(r Record) string {
	if len(r.Branches) == 1 && !isPattern(r.Branches[0]) && !r.All {
		return effect.Code(r.Branches[0]) + " is frozen"
	}
	return "Frozen: " + r.names()
}

// managers says who may decide about a branch, or about those of a pattern.
func managers(p config.Loaded, b release.Branch) string {
	teams := p.ManagerTeams(b)
	if isPattern(string(b)) && p.Policy != nil {
		teams = p.Policy.ReleaseManagers
	}
	if len(teams) == 0 {
		return "nobody: the policy names no release managers for this branch"
	}
	return effect.Members(teams)
}

// heldPhrase says, inside another text, that a branch is frozen, or may be as nobody can tell.
func heldPhrase(b release.Branch, held, doubts []Freeze, p config.Loaded) string {
	if len(held) == 0 {
		return fmt.Sprintf("it can't be told whether %s is frozen, because %s", effect.Code(string(b)), doubts[0].Why)
	}
	f := held[0]
	if f.Tampered {
		return fmt.Sprintf("%s is held back, because the record of [a freeze](%s) was changed by hand", effect.Code(string(b)), f.URL)
	}
	link := "by " + f.by()
	if f.URL != "" {
		link = fmt.Sprintf("by %s ([issue #%d](%s))", f.by(), f.Issue, f.URL)
	}
	return fmt.Sprintf("%s is frozen %s until %s", effect.Code(string(b)), link, untilText(f.Until, p))
}
