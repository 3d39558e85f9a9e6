package releasebranch

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the rows of the check's table.

func numberOf(n int) string { return fmt.Sprintf("#%d", n) }

// cell is a code span that may stand in a table.
func cell(s string) string { return strings.ReplaceAll(effect.Code(s), "|", `\|`) }

func cells(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = cell(s)
	}
	return strings.Join(out, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func phaseName(p release.Phase) string { return "the phase " + cell(string(p)) }

// trackingIssue links that of a plan.
func trackingIssue(p release.Plan) string {
	return effect.Linked("tracking issue of "+effect.Inert(p.Title, 80), p.URL)
}

// phaseRow says which phase the branch is in, until when, and who says so.
func phaseRow(in phase, p config.Loaded) row {
	text := "The branch is " + cell(string(in.Phase))
	if !in.Until.IsZero() {
		text += fmt.Sprintf(" until %s, and %s from then on", instantIn(in.Until, p), cell(string(in.Next)))
	}
	switch {
	case in.Plan != nil && in.Plan.Closed:
		text += fmt.Sprintf(": the %s is closed.", trackingIssue(*in.Plan))
	case in.Plan != nil:
		text += fmt.Sprintf(", by the dates of the %s.", trackingIssue(*in.Plan))
	case in.Dated:
		text += fmt.Sprintf(", by the dates in [the policy](%s), under %s.", p.InForce(), cell("releasebranch.phases"))
	default:
		text += fmt.Sprintf(", as [the policy](%s) says under %s of branches without dates.", p.InForce(), cell("releasebranch.undated"))
	}
	return row{Rule: "Phase", Mark: noted, Text: text}
}

// instantIn shows an instant in UTC and, where that is another, in the policy's zone.
func instantIn(t time.Time, p config.Loaded) string {
	text := t.UTC().Format("2006-01-02 15:04 UTC")
	zone := p.Policy.Zone().Location()
	local := t.In(zone)
	if _, offset := local.Zone(); offset == 0 {
		return text
	}
	return fmt.Sprintf("%s (%s, %s)", text, local.Format("2006-01-02 15:04 MST"), zone)
}

func tooLargeRow(pr github.PullDetail, found provenance.Finding) row {
	what := count(pr.Files, "file")
	if pr.Files < maxFiles {
		what = count(pr.Commits, "commit")
	}
	text := fmt.Sprintf("It has %s. What it holds is unknown, because GitHub shows at most %d files and %d commits of a pull request.", what, maxFiles, maxCommits)
	if found.Verdict == provenance.TooLarge {
		text = fmt.Sprintf("It has %s. What it holds is unknown, because Slipway compares no more.", found.TooLarge)
	}
	return row{Rule: "Size", Mark: lacks, Title: "Too large to be looked at", Text: text,
		Next: "split it, or have a release manager override this check once somebody has looked at all of it"}
}

func troubleRow(n *facts.NotKnown) row {
	what, next, _ := n.Told()
	return row{Rule: "Facts", Mark: lacks, Title: "Not all can be found out", Text: what + ".", Next: next}
}

func automationRow(rule Automation, m mark, text string) row {
	return row{Rule: "Automation", Mark: m, Text: fmt.Sprintf("The rule %s: %s.", cell(rule.Name), text)}
}

// sourcesPhrase names the sources.
func sourcesPhrase(f known) string {
	var list []string
	for _, s := range f.Found.Sources {
		list = append(list, sourceName(f, s))
	}
	return strings.Join(list, ", ")
}

func sourceName(f known, s provenance.Claim) string {
	if n := f.Origins[s.Commit].PR.Number; n != 0 {
		return numberOf(n)
	}
	return effect.Code(effect.Short(s.Commit))
}

func originRow(f known) row {
	r := row{Rule: "Origin", Mark: met}
	switch f.Found.Verdict {
	case provenance.Exact:
		r.Text = fmt.Sprintf("An exact cherry-pick of %s: picked anew, it comes to the very same files.", sourcesPhrase(f))
	case provenance.Equivalent:
		r.Text = fmt.Sprintf("A faithful cherry-pick of %s: the same lines are added and deleted, at the same places.", sourcesPhrase(f))
	case provenance.Adapted:
		r.Text = fmt.Sprintf("A cherry-pick of %s that was adapted: %s.", sourcesPhrase(f), adaptedPhrase(f.Found))
	default:
		r.Mark = noted
		r.Text = fmt.Sprintf("No cherry-pick: nothing on %s accounts for it.", cell(string(f.Source)))
	}
	if left := f.Found.LeftOut; len(left) > 0 {
		r.Text += " Left out, as the policy says under " + cell("cherrypick.leave_out") + ": " + leftPhrase(left) + "."
	}
	r.Text += onlyThere(f)
	return r
}

// maxLeftOut is how many paths the row names that were left out.
const maxLeftOut = 10

func leftPhrase(left []string) string {
	shown := cells(left[:min(len(left), maxLeftOut)])
	if more := len(left) - maxLeftOut; more > 0 {
		shown += " and " + count(more, "path") + " more"
	}
	return shown
}

// adaptedPhrase says how much a change differs from its sources.
func adaptedPhrase(found provenance.Finding) string {
	source := "source"
	if len(found.Sources) > 1 {
		source = "sources"
	}
	displaced := 0
	for _, d := range found.Beyond {
		if d.Displaced {
			displaced += d.Lines
		}
	}
	switch {
	case found.Left == 0 && displaced > 0 && displaced == found.Lines:
		return count(displaced, "line") + " of its " + source + " at another place, or where the place isn't certain"
	case found.Left == 0:
		return count(found.Lines, "line") + " beyond its " + source
	case found.Lines == 0:
		return count(found.Left, "line") + " of its " + source + " left out"
	}
	return fmt.Sprintf("%s beyond its %s, and %s of it left out", count(found.Lines, "line"), source, count(found.Left, "line"))
}

func finishedRow(v effect.Verdict) row {
	if v.State == effect.Pass {
		return row{Rule: "Conflict markers", Mark: met, Text: cmp.Or(v.Detail, "None remain.")}
	}
	return row{Rule: "Conflict markers", Mark: lacks, Title: v.Title, Text: v.Title + "; see below.", Next: "resolve the conflict, as said below"}
}

func testsRow(p release.Phase, d Demand) row {
	return row{Rule: demandName(d), Mark: noted, Text: fmt.Sprintf("Not needed in %s of what changes tests alone.", phaseName(p))}
}

func demandName(d Demand) string {
	return map[Demand]string{NeedsIssue: "Issue", NeedsNote: "Release note", NeedsEither: "Issue or release note"}[d]
}

// nameIssue says where an issue is to be named: what stands in a pick of ours, of a source,
// is no word of anybody's.
func nameIssue(source int) string {
	if source != 0 {
		return "name the issue in the description of " + numberOf(source) + ", from which this is picked, like \"Fixes #123\""
	}
	return "name the issue in the description, like \"Fixes #123\""
}

func issueRow(p release.Phase, found string, source int) row {
	if found != "" {
		return row{Rule: "Issue", Mark: met, Text: "It is about " + found + "."}
	}
	return row{Rule: "Issue", Mark: lacks, Title: "Names no issue",
		Text: fmt.Sprintf("In %s a pull request names the issue that it is about. An issue about a failed cherry-pick doesn't count.", phaseName(p)),
		Next: nameIssue(source)}
}

func noteRow(p release.Phase, found string) row {
	if found != "" {
		return row{Rule: "Release note", Mark: met, Text: "There is one: " + found + "."}
	}
	return row{Rule: "Release note", Mark: lacks, Title: "Has no release note", Text: fmt.Sprintf("In %s a pull request has a release note, or a label that stands for one.", phaseName(p)),
		Next: "add a release note, or have the label set if none is needed"}
}

func eitherRow(p release.Phase, found string, source int) row {
	if found != "" {
		return row{Rule: "Issue or release note", Mark: met, Text: "There is " + found + "."}
	}
	return row{Rule: "Issue or release note", Mark: lacks, Title: "Has neither issue nor release note",
		Text: fmt.Sprintf("In %s a pull request names an issue or has a release note.", phaseName(p)),
		Next: nameIssue(source) + ", or add a release note"}
}

func justificationRow(of, found string) row {
	if found != "" {
		return row{Rule: "Justification", Mark: met, Text: found + " says why it is needed."}
	}
	return row{Rule: "Justification", Mark: lacks, Title: "Has no justification", Text: fmt.Sprintf("Asked for by %s.", of),
		Next: "say in the description, under the heading `## Justification`, why this is needed on the branch"}
}

func blockerRow(s Settings, p release.Phase, found string) row {
	if found != "" {
		return row{Rule: "Release blocker", Mark: met, Text: "Yes: " + found + "."}
	}
	if len(s.BlockerLabels) == 0 {
		return row{Rule: "Release blocker", Mark: lacks, Title: "Release blockers alone",
			Text: fmt.Sprintf("In %s only release blockers merge, and the policy names no label for them under `releasebranch.blocker_labels`.", phaseName(p)),
			Next: "have the policy say how release blockers are labelled, or a release manager override this check"}
	}
	labels := make([]string, len(s.BlockerLabels))
	for i, l := range s.BlockerLabels {
		labels[i] = string(l)
	}
	return row{Rule: "Release blocker", Mark: lacks, Title: "Not a release blocker",
		Text: fmt.Sprintf("In %s only release blockers merge. They, or the issues that they say they fix (`Fixes #123`), have a label: %s. What is proven to be a pick counts as its source does.", phaseName(p), cells(labels)),
		Next: "wait until the release is out, or have the issue labelled that it fixes if that blocks the release: this check then looks again by itself"}
}

func refusedRow(p release.Phase) row {
	return row{Rule: "Phase", Mark: lacks, Title: "Nothing merges here any more", Text: fmt.Sprintf("In %s nothing merges.", phaseName(p)),
		Next: "close it, or have a release manager override this check"}
}

func revertRow(u facts.Undone) row {
	return row{Rule: "Made by hand", Mark: met, Text: "It takes back exactly " + strings.Join(u.Of, " and ") + ", which is on this branch, so it isn't refused while the branch is frozen."}
}

// startsRow is for a change of trigger files alone.
func startsRow(files []provenance.FileChange) row {
	return row{Rule: "Release", Mark: noted, Text: "It changes nothing but " + cell(files[0].Path) + ", which starts a build or a publish. What a change has to bring along isn't asked of it, and no freeze refuses it here; `slipway/release` says what it starts."}
}

func handMadeFrozenRow(held string, u facts.Undone) row {
	if held == "" {
		held = "its phase is " + cell(string(release.FrozenPhase))
	}
	return row{Rule: "Made by hand", Mark: lacks, Title: "Frozen for what is no cherry-pick",
		Text: "While the branch is frozen only cherry-picks merge, and " + held + "." + notExactly(u),
		Next: "merge the change into the source branch first, and pick it from there; or wait until the freeze is over"}
}

// notExactly says why a change that says that it is a revert doesn't count as one.
func notExactly(u facts.Undone) string {
	if u.Unproven == "" {
		return ""
	}
	return " It says that it takes something back, but " + u.Unproven + "."
}

func objectionRow(f known, r objection) row {
	if r.On != f.PR.Number {
		return sourceObjectionRow(r)
	}
	if r.Dismissed.ID != 0 {
		return row{Rule: "Changes requested", Mark: lacks, Title: "Changes were requested by " + r.Author.Login,
			Text: fmt.Sprintf("%s [requested changes](%s). %s dismissed that, and neither wrote it nor manages releases.", cell(r.Author.Login), r.URL, cell(r.Dismissed.Login)),
			Next: "have " + cell(r.Author.Login) + " review again, or a release manager override this check"}
	}
	return row{Rule: "Changes requested", Mark: lacks, Title: "Changes were requested by " + r.Author.Login,
		Text: fmt.Sprintf("%s [requested changes](%s).", cell(r.Author.Login), r.URL),
		Next: "make the changes and have " + cell(r.Author.Login) + " review again, or a release manager dismiss that review"}
}

func sourceObjectionRow(r objection) row {
	text := fmt.Sprintf("%s [requested changes](%s) of %s, from which this is picked.", cell(r.Author.Login), r.URL, numberOf(r.On))
	if r.Dismissed.ID != 0 {
		text += fmt.Sprintf(" %s dismissed that, and neither wrote it nor manages releases.", cell(r.Dismissed.Login))
	}
	return row{Rule: "Changes requested", Mark: lacks, Title: fmt.Sprintf("Changes of #%d were requested by %s", r.On, r.Author.Login), Text: text,
		Next: "have " + cell(r.Author.Login) + " review " + numberOf(r.On) + " again or approve this pull request, or a release manager override this check"}
}

func linesPhrase(lines, limit int) string {
	return fmt.Sprintf("it is no cherry-pick and has %s, more than %d", count(lines, "counted line"), limit)
}

func fewLinesPhrase(lines, limit int, areas bool) string {
	if !areas {
		return "it is no cherry-pick, and the policy names no experts for it"
	}
	return fmt.Sprintf("it is no cherry-pick and has %s, not more than %d", count(lines, "counted line"), limit)
}
