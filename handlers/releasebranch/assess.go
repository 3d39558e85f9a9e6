package releasebranch

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// mark is how a rule stands.
type mark string

// The marks. All but lacks let the pull request merge.
const (
	met   mark = "✅"
	lacks mark = "❌"
	noted mark = "➖" // it doesn't apply, or is only worth saying
)

// row is one rule with how it stands.
type row struct {
	Rule  string // Markdown, like Text
	Mark  mark
	Text  string // met by whom, or who can meet it and how
	Title string // of the check, if this is the first rule that lacks
	Next  string // what to do about it
}

// assessment is what was found of a pull request.
type assessment struct {
	Rows []row
	Ask  []string // teams to ask for a review now
	// Wanted are the teams whose reviews are asked for once, whether that has been
	// done or not: the text is the same before and after.
	Wanted []string
	Next   time.Time // when it may come out otherwise without an event; zero: never
	// Automation is the rule that takes the place of the others, "" for none.
	Automation string
}

// passes reports whether no rule lacks anything.
func (a assessment) passes() bool {
	return !slices.ContainsFunc(a.Rows, func(r row) bool { return r.Mark == lacks })
}

// assess goes through the rules. It is pure.
func assess(f known) assessment {
	if f.tooLarge() {
		return assessment{Rows: []row{tooLargeRow(f.PR, f.Found)}}
	}
	if f.Trouble != nil {
		return assessment{Rows: []row{troubleRow(f.Trouble)}}
	}
	var a assessment
	in := f.phase()
	a.Next = in.Until
	if rule, row, ok := f.automation(); ok {
		a.Automation = rule.Name
		a.Rows = append(a.Rows, row)
		a.add(f, approvals(f, f.automationNeeds(rule)))
		a.Rows = append(a.Rows, f.objectionRows()...)
		return a
	} else if row.Rule != "" {
		a.Rows = append(a.Rows, row)
	}
	a.Rows = append(a.Rows, phaseRow(in, f.Policy), originRow(f))
	if f.Pick.Is() {
		a.Rows = append(a.Rows, finishedRow(f.Pick.Finished))
	}
	if f.starts() {
		a.Rows = append(a.Rows, startsRow(f.Found.Files))
	}
	a.Rows = append(a.Rows, f.phaseRows(in.Phase)...)
	a.Rows = append(a.Rows, f.handMadeRows(in.Phase)...)
	a.add(f, approvals(f, f.needs()))
	a.Rows = append(a.Rows, f.objectionRows()...)
	return a
}

// add adds the rows of approvals, and whom to ask for those that lack.
func (a *assessment) add(f known, rows []approvalRow) {
	quiet := f.PR.Draft || f.Held != "" || f.phase().Phase == release.FrozenPhase || f.PR.State != github.Open
	for _, r := range rows {
		a.Rows = append(a.Rows, r.row)
		if r.Mark != lacks || quiet {
			continue
		}
		for _, slug := range f.offeredTeams(r.area) {
			if slices.Contains(a.Wanted, slug) || !github.IsTeam(slug) {
				continue
			}
			a.Wanted = append(a.Wanted, slug)
			if !containsFold(f.Past.Asked, slug) && !containsFold(f.PR.Teams, slug) {
				a.Ask = append(a.Ask, slug)
			}
		}
	}
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, s) })
}

// automation finds the rule for a pull request of an automation account. Where it
// is of such an account and the rule doesn't fit, the row says why.
func (f known) automation() (rule Automation, r row, ok bool) {
	for _, rule := range f.Settings.Automation {
		if !is(rule.Accounts, f.PR.Author.ID) {
			continue
		}
		by := f.own().lastPushedBy()
		if other := slices.IndexFunc(by, func(u github.User) bool { return !is(rule.Accounts, u.ID) }); other >= 0 || len(by) == 0 {
			r = automationRow(rule, noted, "its author is such an account, but "+pushedPhrase(by, other)+" its newest commit, so it counts as made by hand")
			continue
		}
		if other := f.strange(rule); other != "" {
			r = automationRow(rule, noted, "its author is such an account, but not all of its commits are: "+other+", so it counts as made by hand")
			continue
		}
		stray := slices.IndexFunc(f.Found.Files, func(c provenance.FileChange) bool {
			return len(rule.Paths) > 0 && (!fits(rule.Paths, c.Path) || c.Was != "" && !fits(rule.Paths, c.Was))
		})
		if stray >= 0 {
			r = automationRow(rule, noted, "it also changes "+cell(f.Found.Files[stray].Path)+", which the rule isn't about")
			continue
		}
		return rule, automationRow(rule, met, "by "+effect.Code(f.PR.Author.Login)+", who also pushed its newest commit"), true
	}
	return Automation{}, r, false
}

// strange is the commit of a pull request of automation that isn't plainly an
// account's of the rule, as a phrase; "" for none. What nobody approves has to be
// signed, since anybody can write any name into a commit.
func (f known) strange(rule Automation) string {
	for _, c := range f.Commits.Commits {
		by := areAll(rule.Accounts, c.Authors()) && (is(rule.Accounts, c.Committer.ID) || c.ByGitHub)
		switch {
		case slices.Contains(f.Found.Updates, c.ID):
		case !by:
			return effect.Code(effect.Short(c.ID)) + " is somebody else's"
		case rule.Approval == Nobody && !c.Verified:
			return effect.Code(effect.Short(c.ID)) + " has no signature that GitHub verifies"
		}
	}
	return ""
}

// phaseRows are what the branch's phase asks.
func (f known) phaseRows(p release.Phase) []row {
	var rows []row
	demands := f.Settings.Rules.of(p)
	onlyTests := f.changesOnly(func(path string) bool { return fits(f.Settings.Tests, path) })
	for _, d := range demands {
		if d != NeedsOverride && f.starts() {
			continue
		}
		switch d {
		case NeedsIssue, NeedsNote, NeedsEither:
			if onlyTests {
				rows = append(rows, testsRow(p, d))
				continue
			}
			rows = append(rows, f.paperRow(p, d))
		case NeedsJustification:
			rows = append(rows, justificationRow(phaseName(p), f.reason()))
		case NeedsBlocker:
			rows = append(rows, blockerRow(f.Settings, p, f.blocker()))
		case NeedsOverride:
			rows = append(rows, refusedRow(p))
		}
	}
	return rows
}

// changesOnly reports whether all files are of a kind, also by the names that they had.
func (f known) changesOnly(of func(path string) bool) bool {
	return len(f.Found.Files) > 0 && !slices.ContainsFunc(f.Found.Files, func(c provenance.FileChange) bool { return !of(c.Path) || c.Was != "" && !of(c.Was) })
}

// starts reports a change that starts a build or a publish, and does nothing else. It brings nothing to the
// release: what the rules ask of a change has been asked of what is in it, and a freeze is there for it.
func (f known) starts() bool {
	return f.changesOnly(func(path string) bool { return slices.Contains(f.Starters, path) })
}

// paperRow says whether the pull request names an issue, or has a release note.
func (f known) paperRow(p release.Phase, d Demand) row {
	issue, note := f.issue(), f.note()
	switch d {
	case NeedsIssue:
		return issueRow(p, issue, f.Pick.Source)
	case NeedsNote:
		return noteRow(p, note)
	}
	if issue != "" || note != "" {
		return eitherRow(p, strings.Join(slices.DeleteFunc([]string{issue, note}, func(s string) bool { return s == "" }), ", "), 0)
	}
	return eitherRow(p, "", f.Pick.Source)
}

// issue is the issue that the pull request names, or its source does, "" for
// none. One about a pick that failed is no reason to merge anything.
func (f known) issue() string {
	for _, n := range f.Named {
		if n.Issue != nil && !n.failure(f) {
			return numberOf(n.Number)
		}
	}
	if f.Found.Verdict == provenance.Unrelated { // what it names is no source of it
		return ""
	}
	for _, source := range f.Found.Sources {
		if o := f.Origins[source.Commit]; len(o.Issues) > 0 {
			return numberOf(o.Issues[0].Number) + ", which " + numberOf(o.PR.Number) + " names"
		}
	}
	return ""
}

// note is what stands for a release note, "" for none.
func (f known) note() string {
	for _, c := range f.Found.Files {
		if fits(f.Settings.Notes, c.Path) && c.Added > 0 {
			return cell(c.Path)
		}
	}
	if l, ok := has(f.Settings.NoteLabels, f.PR.Labels); ok {
		return "the label " + cell(l)
	}
	for _, path := range f.Found.LeftOut {
		if fits(f.Settings.Notes, path) {
			return cell(path) + ", which its source brought"
		}
	}
	s := f.stands()
	s.Faithful = true // adapted, it needs no other note
	said := ""
	if s.All(func(pr github.PullDetail) bool {
		l, ok := has(f.Settings.NoteLabels, pr.Labels)
		if ok && said == "" {
			said = "the label " + cell(l) + " on " + numberOf(pr.Number)
		}
		return ok
	}) {
		return said
	}
	return ""
}

// blocker says what makes it a release blocker, "" if nothing does.
func (f known) blocker() string {
	if l, ok := has(f.Settings.BlockerLabels, f.PR.Labels); ok {
		return "it has the label " + cell(l)
	}
	for _, n := range f.Named {
		if n.Issue == nil || n.failure(f) || !n.Word.Closes { // what it only mentions it doesn't fix
			continue
		}
		if l, ok := has(f.Settings.BlockerLabels, n.Issue.Labels); ok {
			return numberOf(n.Number) + ", which it fixes, has the label " + cell(l)
		}
	}
	said := ""
	if f.stands().All(func(pr github.PullDetail) bool {
		what := f.blockerSource(pr)
		said = cmp.Or(said, what)
		return what != ""
	}) {
		return said
	}
	return ""
}

// blockerSource says what makes one that it stands for a release blocker, "" if nothing does.
func (f known) blockerSource(pr github.PullDetail) string {
	if l, ok := has(f.Settings.BlockerLabels, pr.Labels); ok {
		return numberOf(pr.Number) + ", of which it is a pick, has the label " + cell(l)
	}
	for _, source := range f.Found.Sources {
		o := f.Origins[source.Commit]
		if !slices.ContainsFunc(o.line(), func(one github.PullDetail) bool { return one.Number == pr.Number }) {
			continue
		}
		for _, issue := range o.Issues {
			if l, ok := has(f.Settings.BlockerLabels, issue.Labels); ok && issue.Fixed {
				return numberOf(issue.Number) + ", which " + numberOf(o.PR.Number) + " fixes, has the label " + cell(l)
			}
		}
	}
	return ""
}

// justification is a heading "Justification", or a line that begins so, and what
// follows it.
var (
	justification = lazy.Regexp(`(?im)^[ \t]*(?:#{1,6}[ \t]*|\*\*)?justification[ \t]*:?(?:\*\*)?:?[ \t]*(.*)$`)
	htmlComment   = lazy.Regexp(`(?s)<!--.*?-->`)
	nextHeading   = lazy.Regexp(`(?m)^[ \t]*#{1,6}[ \t]`)
)

// minJustification is how long a justification has to be, in characters without
// white space around; less says nothing.
const minJustification = 15

// reason says whose description says why the change is needed, "" for none: its own, or that of
// all that it stands for. In a pick of ours we quote the release note of the source, which may say anything.
func (f known) reason() string {
	if f.Pick.Is() && justified(provenance.Spoken(f.PR.Body)) || !f.Pick.Is() && justified(f.PR.Body) {
		return "The description"
	}
	of := ""
	if f.stands().All(func(pr github.PullDetail) bool {
		ok := justified(provenance.Spoken(pr.Body))
		if ok && of == "" {
			of = "The description of " + numberOf(pr.Number) + ", of which it is a pick,"
		}
		return ok
	}) {
		return of
	}
	return ""
}

// justified reports whether a description says why the change is needed.
func justified(body string) bool {
	body = htmlComment().ReplaceAllString(strings.ReplaceAll(body, "\r\n", "\n"), "")
	at := justification().FindStringSubmatchIndex(body)
	if at == nil {
		return false
	}
	rest := body[at[1]:]
	if next := nextHeading().FindStringIndex(rest); next != nil {
		rest = rest[:next[0]]
	}
	return len([]rune(strings.TrimSpace(body[at[2]:at[3]]+"\n"+rest))) >= minJustification
}

// handMadeRows are what the policy asks of a change that is no cherry-pick.
func (f known) handMadeRows(p release.Phase) []row {
	if f.Found.Verdict != provenance.Unrelated || f.starts() {
		return nil
	}
	var rows []row
	rule := f.Settings.HandMade
	if rule.RefuseFrozen && (f.Held != "" || p == release.FrozenPhase) {
		if len(f.Undone.Of) > 0 && rule.Reverts {
			rows = append(rows, revertRow(f.Undone))
		} else {
			rows = append(rows, handMadeFrozenRow(f.Held, f.Undone))
		}
	}
	if rule.Justification && !slices.Contains(f.Settings.Rules.of(p), NeedsJustification) {
		rows = append(rows, justificationRow("a change that is no cherry-pick", f.reason()))
	}
	return rows
}

// objectionRows are the reviews that hold the change back.
func (f known) objectionRows() []row {
	var rows []row
	for _, r := range f.objections(f.areas()) {
		rows = append(rows, objectionRow(f, r))
	}
	return rows
}
