package releasebranch

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestJudge goes through what the gate says; each text is a golden.
func TestJudge(t *testing.T) {
	const secFile, oddFile = "security/pkg/ca.go", "odd/x.go"
	const twoPhases = "  phases: [{branch: release-1.30, frozen: \"2026-07-20 17:00\", released: \"2026-08-10 17:00\"}]\n"
	const rules = "  rules: {open: [issue-or-note], frozen: [issue, note, blocker, justification], end_of_life: [refused]}\n"
	const trigger = "release/trigger-build"
	const frozenRules = "  hand_made: {refuse_frozen: true, justification: true}\n  rules: {open: [issue, note, blocker, justification], end_of_life: [refused]}\n"
	triggers := func(paths ...string) change {
		return func(f *known) {
			unrelated(1, paths...)(f)
			f.Starters = []string{trigger, "release/trigger-publish"}
		}
	}
	const bots = "  automation: [{name: dependency updates, accounts: [{id: 50, login: robot}], paths: [go.mod, go.sum]}]\n"
	const robotFree = "  automation: [{name: base image, accounts: [{id: 50}], approval: nobody}]\n"
	signed := github.ComparedCommit{ID: theHead, Author: robot, Committer: robot, Verified: true}
	byRobot := func(f *known) {
		f.PR.Author, f.Pushes.Moves, f.Commits.Commits = robot, []github.HeadMove{{After: theHead, By: robot}}, []github.ComparedCommit{signed}
	}
	twoSources := func(f *known) {
		claim := provenance.Claim{Commit: before, By: provenance.ByTitle, Number: 8}
		f.Found.Sources = append(f.Found.Sources, claim)
		f.Origins[before] = origin{submission: submission{PR: github.PullDetail{PullRequest: github.PullRequest{Number: 8, Author: bob}}}}
	}
	left := func(path string) change {
		return func(f *known) {
			f.Found.Verdict, f.Found.Left = provenance.Adapted, 2
			f.Found.Beyond = []provenance.Difference{{Path: path, Left: 2}}
		}
	}
	dismissed := func(by github.User) change {
		return func(f *known) {
			f.Past.Dismissals = map[int64]github.Dismissal{nan.ID * 100: {By: by, Was: github.ChangesRequested}}
		}
	}
	equivalent := func(f *known) { f.Found.Verdict = provenance.Equivalent }
	leaves := func(f *known) { f.Found.LeftOut = []string{".github/workflows/a|b.yml", "docs/@all.md"} }
	moved := func(paths ...string) change {
		return func(f *known) { f.Found.Moved = map[string]provenance.Moved{before: {Paths: paths}} }
	}
	unknown := func(f *known) {
		f.Found.Moved = map[string]provenance.Moved{before: {Unknown: "the commit isn't there any more"}}
	}
	body := func(text string) change { return func(f *known) { f.PR.Body = text } }
	labelled := func(l ...string) change { return func(f *known) { f.PR.Labels = l } }
	names := func(i github.Issue) change {
		return func(f *known) {
			by := facts.Word{Mention: provenance.Mention{Number: i.Number, By: provenance.ByReference, Closes: true}}
			f.Named = append(f.Named, named{By: by.By, Number: i.Number, Issue: &i, Word: by})
		}
	}
	mentioned := func(f *known) { f.Named[len(f.Named)-1].Word.Closes = false }
	sources := func(fixed bool) change {
		return source(func(o *origin) {
			o.Issues = []sourceIssue{{github.Issue{Number: 5, Labels: []string{"release-blocker"}}, fixed}}
		})
	}
	muted := func(owner string) change {
		return func(f *known) { f.Owners.Unknown = append(f.Owners.Unknown, owner) }
	}
	noTeam := func(slug string) change { return func(f *known) { delete(f.Teams, slug) } }
	draft := func(f *known) { f.PR.Draft = true }
	held := func(f *known) { f.Held = "`release-1.30` is frozen" }
	trouble := func(f *known) {
		f.Trouble = &facts.NotKnown{What: "The members of `wg-networking` couldn't be read: `502`", Err: errors.New("502")}
	}
	ours := func(v effect.Verdict, by ...github.User) change {
		return func(f *known) { f.Pick = reconcile.Pick{Ours: true, Source: 7, AskedBy: by, Finished: v} }
	}
	finished := effect.Verdict{State: effect.Pass}
	faulty := func(line string) change {
		return func(f *known) {
			f.Owners = readOwners(github.File{Found: true, Path: ".github/CODEOWNERS", Text: codeOwnersText + line})
		}
	}
	rename := func(f *known) {
		f.Found.Files = []provenance.FileChange{{Path: "pilot/new.go", Was: "security/old.go", Added: 1}}
	}
	open := func(f *known) {
		f.Named[0].PR.State, f.Named[0].Claim, f.Named[0].Why = github.Open, nil, "isn't merged yet"
	}
	for _, tt := range []struct {
		name    string
		section string
		facts   []change
		state   effect.State
		title   string
		asks    string
	}{
		{"exact, approved there", "", nil, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"without what the policy leaves out", "", []change{leaves}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"equivalent, approved there", "", []change{equivalent}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"exact, not approved there", "", []change{unapproved}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"exact, approved there by its author", "", []change{source(func(o *origin) { o.PR.Author = nan })}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"exact, in two areas of which one is approved", "", []change{touching(pilotFile, secFile)}, effect.Block, "Waits for the experts of wg-security", "wg-security"},
		{"exact, approved there by who made commits of it", "", []change{source(func(o *origin) { o.Commits = []github.ComparedCommit{{Committer: nan}} })}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"exact, approved there before a last push", "", []change{source(func(o *origin) { o.Reviews[0].Commit = before })}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"exact, approved there before an update", "", []change{source(func(o *origin) {
			o.Reviews[0].Commit, o.Moved = before, map[string]provenance.Moved{before: {}}
		})}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"exact, of two sources of which one is approved", "", []change{twoSources}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"exact, of two sources of which one has nothing to do with the area", "", []change{twoSources, func(f *known) {
			f.Found.Brought = map[string][]string{theSource: {pilotFile}, before: {"pilot/x_test.go"}}
		}}, effect.Pass, "Faithful cherry-pick of #7, #8", ""},
		{"exact, approved here", "", []change{unapproved, reviewed(nan, github.Approved, theHead)}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"exact, tests alone", "", []change{unapproved, touching("pilot/x_test.go")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"exact, of a commit without a pull request", "", []change{func(f *known) { f.Origins[theSource] = origin{} }}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"renamed from another area", "", []change{rename}, effect.Block, "Waits for the experts of wg-security", "wg-security"},
		{"adapted", "", []change{adapted(3, pilotFile)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"at another place", "", []change{adapted(3, pilotFile), func(f *known) {
			f.Found.Beyond[0].Displaced = true
			f.Found.Beyond[0].Text = "@@ the same lines, at another place\n@@ at the source: func Admin() {\n@@ here: func Login() {\n+\tguard()\n"
		}}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"adapted, approved", "", []change{adapted(3, pilotFile), reviewed(nan, github.Approved, theHead)}, effect.Pass, "Adapted cherry-pick of #7, approved", ""},
		{"adapted in one area of two", "", []change{touching(pilotFile, secFile), adapted(2, secFile), reviewed(sam, github.Approved, theHead)}, effect.Pass, "Adapted cherry-pick of #7, approved", ""},
		{"adapted, leaving a file of another area out", "", []change{left(secFile)}, effect.Block, "Waits for the experts of wg-security", "wg-security"},
		{"adapted in what is generated", "", []change{touching(pilotFile, "pilot/x.gen.go"), adapted(900, "pilot/x.gen.go")}, effect.Block, "Waits for a release manager's approval", ""},
		{"adapted where no experts are known", "", []change{adapted(3, pilotFile), func(f *known) { f.Settings.CodeOwners = false }}, effect.Block, "Waits for a release manager's approval", ""},
		{"renamed into what is generated", "", []change{func(f *known) {
			adapted(1, "gen/deny.yaml")(f)
			f.Found.Beyond[0].Was, f.Found.Beyond[0].Generated = "security/deny.yaml", true
			f.Found.Files = append(f.Found.Files, provenance.FileChange{Path: "gen/deny.yaml", Was: "security/deny.yaml", Generated: true})
		}}, effect.Block, "Waits for the experts of wg-security", "wg-security"},
		{"adapted in a test", "", []change{touching(pilotFile, "pilot/x_test.go"), adapted(2, "pilot/x_test.go")}, effect.Pass, "Adapted cherry-pick of #7, approved", ""},
		{"approved by whoever opened it", "", []change{adapted(3, pilotFile), func(f *known) { f.PR.Author = nan }, reviewed(nan, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved by a committer", "", []change{adapted(3, pilotFile), func(f *known) { f.Commits.Commits[0].Committer = nan }, reviewed(nan, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved by whoever merged the branch into it", "", []change{adapted(3, pilotFile), func(f *known) {
			f.Commits.Commits[0].Author, f.Found.Updates = nan, []string{theHead}
		}, reviewed(nan, github.Approved, theHead)}, effect.Pass, "Adapted cherry-pick of #7, approved", ""},
		{"approved by whoever updated it on GitHub", "", []change{adapted(3, pilotFile), func(f *known) {
			f.Commits.Commits[0] = github.ComparedCommit{ID: theHead, Parents: []string{before, "2"}, Author: nan, Verified: true, ByGitHub: true}
			f.Pushes.Moves, f.Found.Updates = []github.HeadMove{{Before: before, After: theHead, By: nan}}, []string{theHead}
		}, reviewed(nan, github.Approved, theHead)}, effect.Pass, "Adapted cherry-pick of #7, approved", ""},
		{"approved by whoever pushed it, below a merge that GitHub made", "", []change{adapted(3, pilotFile), func(f *known) {
			f.Commits.Commits, f.Commits.Total = append(f.Commits.Commits, github.ComparedCommit{ID: "3", Parents: []string{before, "2"}, ByGitHub: true}), 2
			f.Pushes.Moves, f.Found.Updates = []github.HeadMove{{Before: before, After: theHead, By: nan}}, []string{"3"}
		}, reviewed(nan, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved by whoever pushed it", "", []change{adapted(3, pilotFile), func(f *known) { f.Pushes.Moves = []github.HeadMove{{After: theHead, By: nan}} }, reviewed(nan, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved by whoever asked for it", "", []change{adapted(3, pilotFile), ours(finished, nan), reviewed(nan, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved by a stranger", "", []change{adapted(3, pilotFile), reviewed(bob, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved and dismissed", "", []change{adapted(3, pilotFile), reviewed(nan, github.Dismissed, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved before a push elsewhere", "", []change{adapted(3, pilotFile), moved("security/x.md"), reviewed(nan, github.Approved, before)}, effect.Pass, "Adapted cherry-pick of #7, approved", ""},
		{"approved before a push there", "", []change{adapted(3, pilotFile), moved(pilotFile), reviewed(nan, github.Approved, before)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved, and nobody can tell what moved", "", []change{adapted(3, pilotFile), unknown, reviewed(nan, github.Approved, before)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved too long ago", "", []change{adapted(3, pilotFile), reviewed(nan, github.Approved, before)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved before a file of that area was dropped", "", []change{adapted(3, pilotFile), moved("pilot/guard.go"), reviewed(nan, github.Approved, before)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"approved by a manager before a file was dropped", "", []change{unrelated(4, pilotFile), moved("other/guard.go"), reviewed(alice, github.Approved, before)}, effect.Block, "Waits for a release manager's approval", ""},
		{"approved against another base", "", []change{adapted(3, pilotFile), reviewed(nan, github.Approved, theHead), func(f *known) { f.Past.BaseSince = now.Add(time.Second) }}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"requested changes, dismissed by a stranger", "", []change{reviewed(nan, github.Dismissed, theHead), dismissed(bob)}, effect.Block, "Changes were requested by nan", ""},
		{"requested changes, dismissed by a manager", "", []change{reviewed(nan, github.Dismissed, theHead), dismissed(alice)}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"requested changes, dismissed by who wrote it", "", []change{reviewed(nan, github.Dismissed, theHead), dismissed(nan)}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"an expert requests changes", "", []change{reviewed(nan, github.ChangesRequested, before)}, effect.Block, "Changes were requested by nan", ""},
		{"a stranger requests changes", "", []change{reviewed(bob, github.ChangesRequested, theHead)}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"by hand, few lines", "", []change{unrelated(40, pilotFile)}, effect.Block, "Waits for a release manager's approval", ""},
		{"by hand, few lines, approved", "", []change{unrelated(40, pilotFile), reviewed(alice, github.Approved, theHead)}, effect.Pass, "No cherry-pick, approved", ""},
		{"by hand, many lines", "", []change{unrelated(101, pilotFile), reviewed(alice, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"by hand, many lines that don't count", "", []change{unrelated(300, "pilot/x.gen.go", "pilot/x_test.go"), reviewed(alice, github.Approved, theHead)}, effect.Pass, "No cherry-pick, approved", ""},
		{"by hand, without a justification", "  hand_made: {justification: true}\n", []change{unrelated(1, pilotFile), reviewed(alice, github.Approved, theHead)}, effect.Block, "Has no justification", ""},
		{"by hand, justified", "  hand_made: {justification: true}\n", []change{unrelated(1, pilotFile), body("Text.\r\n\r\n## Justification\r\n\r\nCustomers can't start it.\r\n"), reviewed(alice, github.Approved, theHead)}, effect.Pass, "No cherry-pick, approved", ""},
		{"by hand, while frozen", "  hand_made: {refuse_frozen: true}\n", []change{unrelated(1, pilotFile), held, reviewed(alice, github.Approved, theHead)}, effect.Block, "Frozen for what is no cherry-pick", ""},
		{"a trigger while frozen", frozenRules, []change{triggers(trigger), held}, effect.Block, "Waits for a release manager's approval", ""},
		{"a trigger while frozen, approved", frozenRules, []change{triggers(trigger), held, reviewed(alice, github.Approved, theHead)}, effect.Pass, "No cherry-pick, approved", ""},
		{"a trigger with another file, while frozen", frozenRules, []change{triggers(trigger, pilotFile), held, reviewed(alice, github.Approved, theHead)}, effect.Block, "Names no issue", ""},
		{"a trigger made of another file, while frozen", frozenRules, []change{triggers(trigger), held, reviewed(alice, github.Approved, theHead), func(f *known) { f.Found.Files[0].Was = pilotFile }}, effect.Block, "Names no issue", ""},
		{"a trigger at the end of life", frozenRules + "  undated: end-of-life\n", []change{triggers(trigger), reviewed(alice, github.Approved, theHead)}, effect.Block, "Nothing merges here any more", ""},
		{"a draft asks nobody", "", []change{unapproved, draft}, effect.Block, "Waits for the experts of wg-networking", ""},
		{"a frozen branch asks nobody", "", []change{unapproved, held}, effect.Block, "Waits for the experts of wg-networking", ""},
		{"asked once", "", []change{unapproved, func(f *known) { f.Past.Asked = []string{"WG-Networking"} }}, effect.Block, "Waits for the experts of wg-networking", ""},
		{"asked by a person", "", []change{unapproved, func(f *known) { f.PR.Teams = []string{"wg-networking"} }}, effect.Block, "Waits for the experts of wg-networking", ""},
		{"a line without an owner", "", []change{touching(oddFile)}, effect.Block, "Files without an owner", ""},
		{"a team that isn't there", "", []change{touching("gone/x.go")}, effect.Block, "Waits for the experts of wg-gone", ""},
		{"an owner by address", "", []change{touching("mail/x.go")}, effect.Block, "Waits for the experts of files of docs@example.org", ""},
		{"another organisation's team", "", []change{touching("other/x.go"), noTeam("team")}, effect.Block, "Waits for the experts of files of elsewhere/team", ""},
		{"an owner by name", "", []change{touching("nan/x.go")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"a team that may not push", "", []change{touching("security/x.go"), muted("@istio/wg-security"), reviewed(sam, github.Approved, theHead)}, effect.Block, "Waits for the experts of wg-security", ""},
		{"an owner who is gone", "", []change{touching("nan/x.go"), muted("@nan"), func(f *known) { f.Writers = nil }, func(f *known) { f.Origins = map[string]origin{} }}, effect.Block, "Waits for the experts of files of nan", ""},
		{"an owner by name who may not push", "", []change{touching("nan/x.go"), func(f *known) { f.Writers = nil }}, effect.Block, "Waits for the experts of files of nan", ""},
		{"no code owners", "", []change{func(f *known) { f.Owners = readOwners(github.File{}) }}, effect.Block, "Files without an owner", ""},
		{"code owners that can't be read", "", []change{func(f *known) { f.Owners = readOwners(github.File{Found: true, Size: 4 << 20}) }}, effect.Block, "Files without an owner", ""},
		{"a line of code owners that can't be read", "", []change{faulty("/pilot/ @istio/wg-networking, @istio/wg-security\n")}, effect.Block, "Files without an owner", ""},
		{"such a line about other files", "", []change{faulty("/pilots/ @istio/wg-networking, @istio/wg-security\n")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"a look-up that failed", "", []change{trouble}, effect.Block, "Not all can be found out", ""},
		{"too many files", "", []change{func(f *known) { f.PR.Files = 3000 }}, effect.Block, "Too large to be looked at", ""},
		{"too many lines", "", []change{func(f *known) {
			f.Found = provenance.Finding{Verdict: provenance.TooLarge, TooLarge: "more than 300,000 lines"}
		}}, effect.Block, "Too large to be looked at", ""},
		{"too many commits", "", []change{func(f *known) { f.PR.Commits = 250 }}, effect.Block, "Too large to be looked at", ""},
		{"an area that needs two", "  areas: [{name: API, paths: [\"api/**\"], teams: [wg-networking, wg-security], approvals: 2}]\n", []change{touching("api/x.proto"), reviewed(sam, github.Approved, theHead)}, effect.Block, "Waits for the experts of API", "wg-networking wg-security"},
		{"an area by label", "  areas: [{name: docs, labels: [area/docs], teams: [wg-security]}]\n", []change{labelled("Area/Docs")}, effect.Block, "Waits for the experts of docs", "wg-security"},
		{"an unfinished pick", "", []change{ours(effect.Verdict{State: effect.Block, Title: "The conflict is not resolved", Detail: "Resolve it: `a.go`."})}, effect.Block, "The conflict is not resolved", ""},
		{"a source that isn't merged", "", []change{open, func(f *known) { unrelated(4, pilotFile)(f) }, reviewed(alice, github.Approved, theHead)}, effect.Pass, "No cherry-pick, approved", ""},
		{"neither issue nor note", rules, nil, effect.Block, "Has neither issue nor release note", ""},
		{"an issue", rules, []change{names(github.Issue{Number: 5, Title: "It leaks"})}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"an issue that the source names", rules, []change{source(func(o *origin) { o.Issues = []sourceIssue{{Issue: github.Issue{Number: 5}}} })}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"the issue about a failed pick is none", rules, []change{names(github.Issue{Number: 6, Title: "[release-1.30] Fix a leak"})}, effect.Block, "Has neither issue nor release note", ""},
		{"a note", rules, []change{touching(pilotFile, "releasenotes/notes/7.yaml")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"a label for a note", rules, []change{labelled("release-notes-none")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"tests need no papers", rules, []change{touching("pilot/x_test.go")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"frozen by its tracking issue, whatever the policy's dates say", rules + twoPhases, []change{planned(release.Plan{Schedule: thirty("2026-08-05")}), names(github.Issue{Number: 5}), labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Block, "Not a release blocker", ""},
		{"not yet frozen by its tracking issue", rules + twoPhases, []change{planned(release.Plan{Schedule: thirty("2026-08-20")})}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"its tracking issue is closed", rules + twoPhases, []change{planned(release.Plan{Schedule: thirty("2026-08-20"), Closed: true}), names(github.Issue{Number: 5})}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"a patch release changes no phase", rules + twoPhases, []change{planned(release.Plan{Version: release.Version{Major: 1, Minor: 30, Patch: 4, Stage: release.Final}, Schedule: release.Schedule{Release: day("2026-08-09")}}), names(github.Issue{Number: 5}), labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Block, "Not a release blocker", ""},
		{"tracking issues that can't be read", rules, []change{func(f *known) {
			f.Trouble = &facts.NotKnown{What: "Which phase the branch is in can't be told, because the tracking issues in `istio/istio` can't be read", Err: errors.New("none")}
		}}, effect.Block, "Not all can be found out", ""},
		{"frozen by its dates, not a blocker", rules + twoPhases, []change{names(github.Issue{Number: 5}), labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Block, "Not a release blocker", ""},
		{"frozen by its dates, and it only mentions a blocker", rules + twoPhases, []change{names(github.Issue{Number: 5, Labels: []string{"release-blocker"}}), mentioned, labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Block, "Not a release blocker", ""},
		{"frozen by its dates, a blocker by its source's issue", rules + twoPhases, []change{sources(true), labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"frozen by its dates, and its source only mentions a blocker", rules + twoPhases, []change{sources(false), labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Block, "Not a release blocker", ""},
		{"frozen by its dates, a blocker by its issue", rules + twoPhases, []change{names(github.Issue{Number: 5, Labels: []string{"release-blocker"}}), labelled("release-notes-none"), body("**Justification:** it leaks for everybody")}, effect.Pass, "Faithful cherry-pick of #7", ""},
		{"end of life", rules + "  undated: end-of-life\n", nil, effect.Block, "Nothing merges here any more", ""},
		{"automation", bots, []change{unrelated(500, "go.mod"), byRobot}, effect.Block, "Waits for a release manager's approval", ""},
		{"automation, approved", bots, []change{unrelated(500, "go.mod", "go.sum"), byRobot, reviewed(alice, github.Approved, theHead)}, effect.Pass, "Automation: dependency updates", ""},
		{"automation that nobody approves", robotFree, []change{unrelated(500, pilotFile), byRobot}, effect.Pass, "Automation: base image", ""},
		{"automation that touches more", bots, []change{unrelated(500, "go.mod", pilotFile), byRobot}, effect.Block, "Waits for the experts of wg-networking", "wg-networking"},
		{"automation that somebody pushed to", robotFree, []change{unrelated(5, pilotFile), byRobot, func(f *known) { f.Pushes.Moves = []github.HeadMove{{After: theHead, By: bob}} }}, effect.Block, "Waits for a release manager's approval", ""},
		{"automation with somebody's commit below", robotFree, []change{unrelated(5, pilotFile), byRobot, func(f *known) {
			f.Commits.Commits = append(f.Commits.Commits, github.ComparedCommit{ID: before, Author: robot, Committer: bob, Verified: true})
			f.Commits.Total = 2
		}}, effect.Block, "Waits for a release manager's approval", ""},
		{"automation that nobody approves and nobody signed", robotFree, []change{unrelated(5, pilotFile), byRobot, func(f *known) {
			f.Commits.Commits[0].Verified = false
		}}, effect.Block, "Waits for a release manager's approval", ""},
		{"more commits than are listed", "", []change{func(f *known) { f.Commits.Total = 3 }}, effect.Block, "Too large to be looked at", ""},
		{"overridden", "", []change{unapproved, func(f *known) {
			f.Part.Have = Override{Check: CheckName, Commit: theHead, Branch: "release-1.30", By: "alice", Reason: "agreed with @all"}
		}}, effect.Pass, "Overridden by alice", ""},
		{"no policy that is good", "", []change{func(f *known) { f.Policy.Policy, f.Policy.Fault = nil, fmt.Errorf("line 3: no") }}, effect.Block, "The policy can't be read", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := factsOf(t, tt.section, tt.facts...)
			v, asks := said(t, f)
			if v.State != tt.state || v.Title != tt.title {
				t.Errorf("%s: %s, want %s: %s", v.State, v.Title, tt.state, tt.title)
			}
			if tt.name == "overridden" {
				asks = "" // its row still lacks, and is asked for all the same
			}
			if asks != tt.asks {
				t.Errorf("asks %q, want %q", asks, tt.asks)
			}
			if again, _ := said(t, f); fmt.Sprintf("%+v", v) != fmt.Sprintf("%+v", again) {
				t.Error("the same facts gave two verdicts")
			}
			golden.Check(t, "check "+tt.name+".md", v.Title+"\n\n"+v.Detail+notesText(v))
		})
	}
}

// notesText are a verdict's annotations.
func notesText(v gate.Verdict) string {
	var b strings.Builder
	for _, a := range v.Annotations {
		fmt.Fprintf(&b, "\n%s:%d %s: %s: %s\n", a.Path, a.StartLine, a.Level, a.Title, a.Message)
	}
	return b.String()
}
