package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// mistake is what a newcomer writes in the place of what a policy has, and what the fault says of it: where, and what to write.
type mistake struct{ is, becomes, want string }

// example is a policy of config/examples, and what it comes to.
type example struct {
	file, as                 string // as: what people who read the file's comments make of it; "" as it is
	edits                    []string
	said, version, tag, next string
	branch                   release.Branch
	managers                 string
	other                    string // a tag that is none of its own
	mistakes                 []mistake
}

const manageLogin = "release_managers: {users: [alice]}"

// examples are all files there.
var examples = []example{
	{file: "one-person.yml", said: "v1.2.3", version: "1.2.3", tag: "v1.2.3", next: "1.2.4 1.3.0 2.0.0", branch: "main", managers: "@alice", other: "1.2.3",
		mistakes: []mistake{
			{manageLogin, `release_managers: {users: ["@alice"]}`, `line 7, column 28: release_managers.users[0]: "@alice" is not a login: want an account's login, like alice; did you mean "alice"?`},
			{manageLogin, `release_managers: {user: [alice]}`, `unknown key "release_managers.user"; did you mean "users"?`},
			{`tag: "v{version}"`, `tag: v1.2.3`, `versions.tag: "v1.2.3" lacks {version}, so that all versions would have one tag: want a tag with {version} in it, like "v{version}"; did you mean "v{version}"?`},
			{`branch: main}`, `branch: master}`, `versions.branch: "master" is never the name of a governed branch: want one that fits the policy's branches, "main"`},
			{`freeze: {mode: report}`, `freeze: {mode: warn}`, `freeze.mode: "warn" is not known here: want enforce, report or off`},
			{`releases/{version}"`, `releases/{tag}"`, `releasenotes.release.path: "releasenotes/releases/{tag}" has {tag}, which stands for nothing: want {version}, {major}, {minor}`},
			{`home: rocket`, `home: alice/rocket`, `checklist.home: "alice/rocket": the owner is that of the repository with the policy; give the name alone: want a repository's name without its owner, like "release-builder"; did you mean "rocket"?`},
		}},
	{file: "kubernetes.yml", said: "v1.30.0-rc.1", version: "1.30.0-rc.1", tag: "v1.30.0-rc.1", next: "1.30.0-rc.2 1.30.0", branch: "release-1.30", managers: "release-managers", other: "kubernetes-1.30.0",
		mistakes: []mistake{
			{`"release-[0-9]*.[0-9]*"]`, `'release-\d+\.\d+']`, `is a regular expression, or has what only those have: want a pattern like "release-*" or "release-1.[23]?"; several branches are several patterns; did you mean "release-*.*"?`},
			{`release_managers: [release-managers]`, `release_managers: [kubernetes/release-managers]`, `give the team's slug alone; it is a team of the organisation that owns the repository; did you mean "release-managers"?`},
			{`branch: "release-{major}.{minor}"`, `branch: "release-{version}"`, `has another part than {major} and {minor}: want a branch with {major} and {minor} in it, like "release-{major}.{minor}", or the one branch of all releases, like "main"; did you mean "release-{major}.{minor}"?`},
			{`at: release-70d`, `at: release-10w`, `checklist.templates[0].schedule[0].at: "release-10w" is not a day of a schedule: want cut or release, with days before or after it, like release-7d or cut+14d; did you mean "release-70d"?`},
			{`start: code-freeze`, `start: codefreeze`, `freeze.windows[0].start: `},
			{`frozen: [manager]`, `frozen: [managers]`, `want issue, note, issue-or-note, justification, blocker, manager or refused; did you mean "manager"?`},
			{`branches: [master]`, `branches: [main]`, `freeze.windows[0].branches[0]: "main" fits none of the policy's branches, so the window would not freeze it`},
		}},
	{file: "cilium.yml", said: "v1.18.2", version: "1.18.2", tag: "v1.18.2", next: "1.18.3", branch: "v1.18", managers: "release-managers", other: "v1.18",
		mistakes: []mistake{
			{`label: "needs-backport/{major}.{minor}", branch: "v{major}.{minor}"`, `label: "needs-backport/{version}", branch: v1.18`, `cherrypick.request_labels[0].label: has {version}, which stands for nothing, or has it twice: want {branch}, {major} and {minor}, each at most once`},
			{`branch: "v{major}.{minor}"}]`, `branch: "{major}.{minor}"}]`, `cherrypick.request_labels[0].branch: "{major}.{minor}" is never the name of a governed branch: want one that fits the policy's branches, "v[0-9]*.[0-9]*"`},
			{`tag: "v{version}"`, `tag: "v{major}.{minor}.{patch}"`, `did you mean "v{version}"?`},
			{`teams: [committers]`, `teams: ["@cilium/committers"]`, `cherrypick.requesters.teams[0]: "@cilium/committers": give the team's slug alone; it is a team of the organisation that owns the repository; did you mean "committers"?`},
			{`pick_label: "needs-backport/{major}.{minor}"`, `pick_label: "needs-backport/{line}"`, `checklist.pick_label: "needs-backport/{line}" has {line}, which stands for nothing: want {version}, {tag}, {release}, {major}, {minor}`},
			{`delete_branches: true`, `delete_branches: yes`, `cherrypick.delete_branches: want true or false, found a text`},
		}},
	{file: "openstack.yml", said: "2026.2", version: "2026.2", tag: "2026.2", next: "2026.2.1", branch: "stable/2026.2", managers: "stable-maint", other: "33.0.0.0rc1",
		mistakes: []mistake{
			{`"{major}.{minor}[.{patch}][{stage:rc}{n:1}]"`, `"{series}.{patch}"`, `has {series}, which is no part of a version: there are {major}, {minor}, {patch}, {stage} and {n}, and of dates {yyyy}, {yy}, {mm} and {0m}`},
			{`"{major}.{minor}[.{patch}][{stage:rc}{n:1}]"`, `"{major}.{minor}[{stage:rc}{n:1}]"`, `lacks {patch}; write [.{patch}] where the first version of a line has none`},
			{`branch: "stable/{major}.{minor}"`, `branch: "stable/{version}"`, `did you mean "stable/{major}.{minor}"?`},
			{`["stable/[0-9]*.[0-9]*"]`, `["stable/**"]`, `branches[0]: "stable/**" has **, which is no more than * here: it stays within one part of a name: want a pattern for each depth`},
			{`["stable/[0-9]*.[0-9]*"]`, `["stable-*"]`, `"stable/{major}.{minor}" is never the name of a governed branch: want one that fits the policy's branches, "stable-*"`},
			{`approvals: 2`, `approvals: two`, `releasebranch.rules.approvals: want a whole number`},
		}},
	{file: "spark.yml", said: "v3.5.0-rc1", version: "3.5.0-rc1", tag: "v3.5.0-rc1", next: "3.5.0-rc2 3.5.0", branch: "branch-3.5", managers: "committers", other: "v3.5.0-RC1",
		mistakes: []mistake{
			{`[-{stage:rc}{n:1}]`, `-{stage:rc}{n:1}`, `has {stage} without brackets; a final version has none: write [-{stage}.{n}]`},
			{`[-{stage:rc}{n:1}]`, `[-{stage:rc}]`, `has one of {stage} and {n}; a candidate needs both, like [-{stage}.{n}]`},
			{`scheme: "{major}`, `scheme: "v{major}`, `begins with something else than its first number; what stands before that belongs into the tag`},
			{`candidate: [blocker]`, `candidates: [blocker]`, `unknown key "releasebranch.rules.candidates"; did you mean "candidate"?`},
			{`needs: [vote, blockers]`, `needs: [voted, blockers]`, `"voted" is no step before it: want names of steps that stand before this one`},
			{`phase: frozen`, `phase: freeze`, `checklist.templates[0].schedule[1].phase: "freeze" is not known here: want planned, open, closing, frozen, candidate, released or end-of-life`},
		}},
	{file: "django.yml", said: "5.2", version: "5.2", tag: "5.2", next: "5.2.1", branch: "stable/5.2.x", managers: "mergers", other: "v5.2",
		mistakes: []mistake{
			{`scheme: pep440`, `scheme: pep404`, `versions.scheme: unknown scheme "pep404": want one of these, or a template like {major}.{minor}.{patch}[-{stage}.{n}] or {major}.{minor}[.{patch}][{stage:a,b,rc}{n:1}]; did you mean "pep440"?`},
			{`["stable/[0-9]*.[0-9]*.x"]`, `["*.x"]`, `"stable/{major}.{minor}.x" is never the name of a governed branch: want one that fits the policy's branches, "*.x"`},
			{`["stable/[0-9]*.[0-9]*.x"]`, `[*.x]`, `put it in quotes`},
			{`phase: closing`, `phase: feature-freeze`, `"feature-freeze" is not known here: want planned, open, closing, frozen, candidate, released or end-of-life`},
			{`at: cut+35d, phase`, `at: 5 weeks after cut, phase`, `is not a day of a schedule: want cut or release, with days before or after it, like release-7d or cut+14d`},
			{`released: [issue]`, `released: [issues]`, `did you mean "issue"?`},
		}},
	{file: "django.yml", as: "Python", edits: []string{
		`branches: ["stable/[0-9]*.[0-9]*.x"]`, `branches: ["[0-9]*.[0-9]*"]`, `scheme: pep440`, `scheme: "{major}.{minor}.{patch}[{stage:a,b,rc}{n:1}]"`,
		`  tag: "{version}"`, `  tag: "v{version}"`, `  branch: "stable/{major}.{minor}.x"`, `  branch: "{major}.{minor}"`},
		said: "v3.14.0b4", version: "3.14.0b4", tag: "v3.14.0b4", next: "3.14.0b5 3.14.0rc1 3.14.0", branch: "3.14", managers: "mergers", other: "3.14.0"},
	{file: "calendar.yml", said: "2026.11", version: "2026.11", tag: "v2026.11", next: "2026.11.1", branch: "release-2026.11", managers: "release-managers", other: "v2026.13",
		mistakes: []mistake{
			{`scheme: calendar`, `scheme: YYYY.MM`, `versions.scheme: unknown scheme "YYYY.MM"; known are semver, pep440, calendar: want one of these, or a template like {major}.{minor}.{patch}[-{stage}.{n}] or {major}.{minor}[.{patch}][{stage:a,b,rc}{n:1}]; did you mean "{yyyy}.{mm}[.{patch}]"?`},
			{`scheme: calendar`, `scheme: calver`, `versions.scheme: unknown scheme "calver"; known are semver, pep440, calendar`},
			{`tag: "v{version}"`, `tag: "release-{version}"`, `versions.tag: the tag of 2026.11 and its branch would both be called release-2026.11, and git couldn't tell them apart: want another tag, like v{version}, or another branch, like release-{major}.{minor}`},
			{`branch: "release-{major}.{minor}"`, `branch: "release-{yyyy}.{mm}"`, `did you mean "release-{major}.{minor}"?`},
			{`probe: {branch: "{branch}"}`, `probe: {milestone: "{major}.{next}"}`, `has {next}, which stands for nothing: want {version}, {tag}, {release}, {major}, {minor}, {branch}`},
			{`repository: metro`, `repository: acme/metro`, `release.triggers.repository: "acme/metro": the owner is that of the repository with the policy; give the name alone: want a repository's name without its owner, like "release-builder"; did you mean "metro"?`},
			{`unbuilt: refuse`, `unbuilt: deny`, `release.triggers.unbuilt: "deny" is not known here: want warn or refuse`},
		}},
	{file: "calendar.yml", as: "Ubuntu", edits: []string{`scheme: calendar`, `scheme: "{yy}.{0m}[.{patch}]"`},
		said: "v24.04", version: "24.04", tag: "v24.04", next: "24.04.1", branch: "release-24.04", managers: "release-managers", other: "v24.4"},
	{file: "monorepo.yml", said: "chart-v1.2", version: "1.2.0", tag: "chart-v1.2.0", next: "1.2.1 1.3.0 2.0.0", branch: "main", managers: "chart-maintainers >=admin", other: "v1.2.0",
		mistakes: []mistake{
			{`tag: "chart-v{version}"`, `tag: chart-v`, `did you mean "chart-v{version}"?`},
			{`tag: "chart-v{version}"`, `tag: "{product}-v{version}"`, `versions.tag: "{product}-v{version}" has another part than {version}, once; the numbers of a version stand in that: want a tag with {version} in it, like "v{version}"`},
			{`versions: {scheme: semver, tag: "chart-v{version}", branch: main}`, `versions: [{tag: "chart-v{version}"}, {tag: "sdk/v{version}"}]`, `versions: want a group of keys, found a list`},
			{`path: chart/releasenotes`, `path: /chart/releasenotes/`, `releasenotes.path: "/chart/releasenotes/" is not a folder's path: want it from the repository's root, like releasenotes/notes`},
			{`paths: ["chart/**"]`, `paths: ["/chart/**"]`, `did you mean "chart/**"?`},
			{`permission: admin`, `permission: owner`, `release_managers.permission: "owner" is not known here: want admin, maintain or write`},
		}},
	{file: "monorepo.yml", as: "one with release branches", edits: []string{`branches: [main]`, `branches: ["chart-[0-9]*.[0-9]*"]`, `branch: main}`, `branch: "chart-{major}.{minor}"}`},
		said: "chart-v1.2.3", version: "1.2.3", tag: "chart-v1.2.3", next: "1.2.4", branch: "chart-1.2", managers: "chart-maintainers >=admin", other: "sdk/v2.1.0"},
}

func (e example) text(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("examples", e.file))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(e.edits); i += 2 {
		text = replaced(t, text, e.edits[i], e.edits[i+1])
	}
	return text
}

// replaced fails if the text doesn't have what is replaced: then the table no longer speaks of the file.
func replaced(t *testing.T, text, is, becomes string) string {
	t.Helper()
	var lines []string
	done := false
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && strings.Contains(line, is) {
			line, done = strings.Replace(line, is, becomes, 1), true
		}
		lines = append(lines, line)
	}
	if !done {
		t.Fatalf("no line has %q", is)
	}
	return strings.Join(lines, "")
}

// TestExamples: each policy that ships for a kind of project is valid, and means what its comments say.
func TestExamples(t *testing.T) {
	type answers struct{ Version, Tag, Next, Branch, Managers, Mode string }
	shown := map[string]bool{}
	for _, e := range examples {
		shown[e.file] = true
		t.Run(strings.TrimSpace(e.file+" "+e.as), func(t *testing.T) {
			p, err := config.ParsePolicy(e.file, []byte(e.text(t)), handlers.Sections()...)
			if err != nil {
				t.Fatal(err)
			}
			for _, note := range p.Notes {
				if !strings.Contains(note, "only while a release of it has an open tracking issue") { // that of windows by milestones
					t.Errorf("it has a note: %s", note)
				}
			}
			scheme := p.Scheme()
			v, err := scheme.NamedFinal(e.said)
			if err != nil {
				if v, err = scheme.Named(e.said); err != nil {
					t.Fatal(err)
				}
			}
			var next []string
			for _, n := range release.NextOf(v) {
				next = append(next, n.String())
			}
			b := release.Branch(v.Fill(scheme.Line))
			got := answers{v.String(), strings.Join(v.Tags(), " "), strings.Join(next, " "), string(b), strings.Join(p.ManagerTeams(b), " "), string(p.Mode("freeze", b))}
			if diff := cmp.Diff(answers{e.version, e.tag, e.next, string(e.branch), e.managers, string(config.ReportOnly)}, got); diff != "" {
				t.Error(diff)
			}
			if belongs, _ := v.Of(b); !belongs || !p.Governs(b) {
				t.Errorf("%s isn't of the governed branch %s", v, b)
			}
			if other, ok := scheme.OfTag(e.other); ok {
				t.Errorf("the tag %s is taken for that of %s", e.other, other)
			}
		})
	}
	all, err := filepath.Glob("examples/*")
	if err != nil || len(all) != len(shown) || len(all) < 8 {
		t.Errorf("%d files in config/examples, %d of them asked (%v)", len(all), len(shown), err)
	}
}

// TestExamplesMistakes: what a newcomer gets wrong in each of them is told once, at its place, with what to write.
func TestExamplesMistakes(t *testing.T) {
	for _, e := range examples {
		if e.as == "" && len(e.mistakes) < 5 {
			t.Errorf("%s: %d mistakes", e.file, len(e.mistakes))
		}
		for _, m := range e.mistakes {
			faults, _ := config.CheckPolicy([]byte(replaced(t, e.text(t), m.is, m.becomes)), handlers.Sections()...)
			if len(faults) != 1 || !strings.Contains(faults.Error(), m.want) {
				t.Errorf("%s: %s\ngot  %v\nwant %s", e.file, m.becomes, faults, m.want)
			}
		}
	}
}
