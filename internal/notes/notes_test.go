package notes

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/golden"
)

// TestFindings reads the files in testdata/read; what is found in each, and how it
// is rendered, is a golden.
func TestFindings(t *testing.T) {
	paths, err := filepath.Glob("testdata/read/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		f := Read(Istio(), nil, filepath.Base(p), raw)
		var b strings.Builder
		for _, one := range f.Findings {
			fmt.Fprintf(&b, "%d-%d %s %s: %s\n", one.Line, one.EndLine, one.Severity, one.Rule, one)
		}
		fmt.Fprintf(&b, "valid: %t\n", f.Valid())
		for _, i := range Gather([]Source{{"acme/rocket", []File{f}}}) {
			fmt.Fprintf(&b, "---\n%s", i.Markdown("istio/istio"))
		}
		golden.Check(t, "found/"+filepath.Base(p), b.String())
	}
	if len(paths) < 20 {
		t.Errorf("only %d files in testdata/read", len(paths))
	}
}

func note(area, text string, more ...string) string {
	return "apiVersion: release-notes/v2\nkind: bug-fix\narea: " + area + "\n" + strings.Join(more, "") + "releaseNotes:\n- |\n  " +
		strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}

func TestSeveritiesAndSchemaAreChosen(t *testing.T) {
	text := []byte(note("networking", "**Mended** it."))
	chosen := Severities{RuleArea: Warning, RuleAction: Off, RuleSyntax: Off}
	f := Read(Istio(), chosen, "a.yaml", text)
	if len(f.Findings) != 1 || f.Findings[0].Severity != Warning || !f.Valid() {
		t.Errorf("%v", f.Findings)
	}
	own := Istio()
	own.Areas, own.Actions = []string{"networking"}, []string{"Mended"}
	if f := Read(own, nil, "a.yaml", text); len(f.Findings) != 0 {
		t.Errorf("%v", f.Findings)
	}
	if f := Read(Istio(), chosen, "a.yaml", []byte("kind: [")); f.Valid() || !Errors(f.Findings) {
		t.Error("a file that can't be read can be made to pass")
	}
}

func TestGather(t *testing.T) {
	read := func(path, text string) File { return Read(Istio(), nil, path, []byte(text)) }
	items := Gather([]Source{
		{"istio/istio", []File{read("b.yaml", note("security", "**Fixed** one.", "issue: [1]\n")), read("c.yaml", note("security", "**Fixed** two."))}},
		{"istio/api", []File{
			read("a.yaml", note("security", "- **Fixed**\none.", "issue: [1, https://github.com/istio/api/issues/2]\ndocs: ['[usage] https://x.org']\n")),
			read("z.yaml", note("telemetry", "**Fixed** one.")),
		}},
	})
	var got []string
	for _, i := range items {
		got = append(got, i.Repo+" "+i.Path+" "+strings.Join(i.Also, ",")+": "+i.Markdown("istio/istio"))
	}
	want := []string{
		"istio/istio b.yaml istio/api: - **Fixed** one.\n ([usage]( https://x.org)) ([Issue #1](https://github.com/istio/istio/issues/1)),([Issue api/2](https://github.com/istio/api/issues/2))\n",
		"istio/istio c.yaml : - **Fixed** two.\n",
		"istio/api z.yaml : - **Fixed** one.\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestIssueNames(t *testing.T) {
	for in, want := range map[Issue]string{
		{Repo: "istio/istio", Number: "7"}:                                                 "([Issue #7](https://github.com/istio/istio/issues/7))",
		{Repo: "Istio/Istio", Number: "7", URL: "https://github.com/Istio/Istio/issues/7"}: "([Issue #7](https://github.com/Istio/Istio/issues/7))",
		{Repo: "istio/ztunnel", Number: "7", URL: "https://u"}:                             "([Issue ztunnel/7](https://u))",
		{Repo: "envoyproxy/envoy", Number: "7", URL: "https://u"}:                          "([Issue envoyproxy/envoy/7](https://u))",
	} {
		if got := issueLinks([]Issue{in}, "istio/istio"); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}

func TestTemplates(t *testing.T) {
	items := Gather([]Source{{"istio/istio", []File{
		Read(Istio(), nil, "1.yaml", []byte(note("security", "**Fixed** one.\n```\n<!-- releaseNotes -->\n```"))),
		Read(Istio(), nil, "2.yaml", []byte(note("telemetry", "**Added** two.")+"upgradeNotes:\n- title: Up\n  content: Do it.\nsecurityNotes:\n- CVE one\n")),
	}}})
	for name, tt := range map[string]struct{ text, want string }{
		"versions":         {"<!--oldRelease--> to <!-- newRelease -->.\n", "1.0 to 1.1.\n"},
		"all":              {"<!-- releaseNotes -->\nend\n", "- **Fixed** one.\n```\n<!-- releaseNotes -->\n```\n\n- **Added** two.\n\nend\n"},
		"by area":          {"<!-- releaseNotes area:telemetry -->", "- **Added** two.\n"},
		"not the area":     {"<!-- releaseNotes area:!security -->", "- **Added** two.\n"},
		"by action":        {"<!--releaseNotes action:Added-->", "- **Added** two.\n"},
		"not the action":   {"<!-- releaseNotes action:!Fixed -->", "- **Added** two.\n"},
		"two filters":      {"<!-- releaseNotes kind:bug-fix action:!Fixed area:!telemetry -->x", "x"},
		"empty ones go":    {"# A\n\n<!-- releaseNotes action:Removed -->\n<!-- releaseNotes action:Enabled -->\n\n# B\n", "# A\n\n# B\n"},
		"empty before one": {"<!-- releaseNotes action:Removed -->\n<!-- releaseNotes action:Added -->\n\n# B\n", "- **Added** two.\n\n\n# B\n"},
		"other sections":   {"<!-- upgradeNotes -->\n\n<!-- securityNotes -->\n", "## Up\nDo it.\n\n- CVE one\n"},
		"another comment":  {"<!-- markdownlint-disable -->\nx\n", "<!-- markdownlint-disable -->\nx\n"},
		"two on a line":    {"<!-- a --> <!-- newRelease -->", "<!-- a --> 1.1"},
	} {
		tm, err := ParseTemplate(name, tt.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, _ := tm.Fill(items, "istio/istio", Releases{"1.0", "1.1"}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for text, want := range map[string]string{
		"\n<!-- relaseNotes -->":              `t.md:2: unknown placeholder "relaseNotes"; did you mean "releaseNotes"?`,
		"<!-- releaseNotes aera:security -->": `t.md:1: unknown filter "aera"; known are action, area or kind`,
		"<!-- releaseNotes security -->":      `t.md:1: "security" is no filter; want one like action:Fixed or area:!security`,
		"<!-- releaseNotes area:! -->":        `t.md:1: "area:!" is no filter; want one like action:Fixed or area:!security`,
		"<!-- upgradeNotes area:security -->": `t.md:1: upgradeNotes takes no filter, and here is "area:security"`,
	} {
		if _, err := ParseTemplate("t.md", text); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestOwnTemplates renders a made range by Slipway's own templates, with a
// report: every note stands somewhere.
func TestOwnTemplates(t *testing.T) {
	files := []File{
		Read(Istio(), nil, "1.yaml", []byte(note("security", "- **Fixed** one.", "issue: [1]\n"))),
		Read(Istio(), nil, "2.yaml", []byte(note("networking", "**Added** two.")+"upgradeNotes:\n- title: Up\n  content: |\n    Do it.\n")),
		Read(Istio(), nil, "3.yaml", []byte(note("telemetry", "No action <!-- x --> @all."))),
	}
	out, report := Render([]Source{{"istio/istio", files}, {"istio/api", files[:1]}}, Templates(), "istio/istio", Releases{"1.29.0", "1.30.0"})
	report.Add(RepoReport{Name: "istio/istio", From: "aaaaaaaaaa", To: "bbbbbbbbbb", Files: 3, Changes: 4}, []Change{
		{Repo: "istio/istio", Number: 7, Commit: "cccccccccc", Subject: "Say hello to @everyone (#7)"},
		{Repo: "istio/istio", Commit: "dddddddddd", Subject: "No number"},
	}, []Reverted{{"istio/istio", "1.yaml", Change{"istio/istio", 8, "e", "One (#8)"}, Change{"istio/istio", 9, "f", `Revert "One" (#9)`}}})
	for _, f := range out {
		golden.Check(t, "own/"+f.Name, f.Text)
	}
	golden.Check(t, "own/report.md", report.Markdown())
	golden.Check(t, "own/summary.txt", report.Summary())
	if len(report.LeftOut) != 0 {
		t.Errorf("our own templates leave out %v", report.LeftOut)
	}
	tm, err := ParseTemplate("areas.md", "<!-- releaseNotes area:security -->")
	if err != nil {
		t.Fatal(err)
	}
	if _, report = Render([]Source{{"r", files}}, []Template{tm}, "", Releases{}); len(report.LeftOut) != 2 {
		t.Errorf("left out: %v", report.LeftOut)
	}
}

func TestHTML(t *testing.T) {
	got, err := HTML("---\ntitle: x\n---\n\n# A\n\n- one <script>alert(1)</script>\n\n[x](javascript:alert(1))\n")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "own/page.html", got)
}

func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/read/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(p), raw)
	}
	f.Add("x.yaml", []byte("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		file := Read(Istio(), nil, name, raw)
		lines := strings.Count(string(raw), "\n") + 1
		for _, one := range file.Findings {
			if one.Line < 1 || one.EndLine < one.Line || one.EndLine > lines {
				t.Errorf("lines %d to %d of %d: %s", one.Line, one.EndLine, lines, one)
			}
		}
		if len(file.Findings) > MaxFindings {
			t.Errorf("%d findings", len(file.Findings))
		}
		if file.Empty() && !Errors(file.Findings) {
			t.Error("nothing in it, and nothing wrong")
		}
		Render([]Source{{"r", []File{file}}}, Templates(), "a/b", Releases{})
	})
}

// TestSharedRange reproduces a range that a project has published, byte for byte
// but for the doubled dash. The templates are made of what was published. It is
// skipped without that range: it is another project's, so it can't stand here.
func TestSharedRange(t *testing.T) {
	shared := os.Getenv("SLIPWAY_TEST_SHARED")
	if shared == "" {
		t.Skip("SLIPWAY_TEST_SHARED names no directory with a published range")
	}
	dir := filepath.Join(shared, "istio", "notes")
	names, err := filepath.Glob(filepath.Join(dir, "input-1.30.0..1.30.1", "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no notes in %s: %v", dir, err)
	}
	source := Source{Name: "istio/istio"}
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		source.Files = append(source.Files, Read(Istio(), nil, "releasenotes/notes/"+filepath.Base(n), raw))
	}
	for name, places := range publishedPlaces() {
		raw, err := os.ReadFile(filepath.Join(dir, "output-1.30.0..1.30.1", name))
		if err != nil {
			t.Fatal(err)
		}
		tm, err := ParseTemplate(name, templateOf(t, string(raw), places))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := tm.Fill(Gather([]Source{source}), "istio/istio", Releases{"1.30.0", "1.30.1"})
		if diff := cmp.Diff(strings.ReplaceAll(string(raw), "\n- - ", "\n- "), got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// place is a heading of a published file, and the placeholders below it.
type place struct{ heading, filter string }

func publishedPlaces() map[string][]place {
	minor := []place{{"## Traffic Management", "area:traffic-management "}, {"## Security", "area:security "}, {"## Telemetry", "area:telemetry "},
		{"## Extensibility", "area:extensibility "}, {"## Installation", "area:installation "}, {"## istioctl", "area:istioctl "},
		{"## Documentation changes", "area:documentation "}}
	return map[string][]place{"releaseNotes.md": {{"## Changes", ""}}, "minorReleaseNotes.md": minor, "upgradeNotes.md": nil}
}

// templateOf puts placeholders back into a published file, in the order in which
// the project sorts actions.
func templateOf(t *testing.T, published string, places []place) string {
	t.Helper()
	for _, p := range places {
		before, rest, found := strings.Cut(published, p.heading+"\n\n")
		if !found {
			t.Fatalf("there is no heading %s", p.heading)
		}
		after := ""
		if i := strings.Index(rest, "\n## "); i >= 0 {
			after = rest[i:]
		} else if strings.HasPrefix(rest, "## ") {
			after = "\n" + rest
		}
		if strings.HasPrefix(rest, "## ") {
			after = "\n" + rest
		}
		var holes strings.Builder
		for _, a := range []string{"Promoted", "Improved", "Updated", "Added", "Enabled", "Fixed", "Upgraded", "Removed", "Optimized"} {
			fmt.Fprintf(&holes, "<!-- releaseNotes %saction:%s -->\n", p.filter, a)
		}
		published = before + p.heading + "\n\n" + holes.String() + after
	}
	return published
}

// One rule says which paths are notes.
func TestHolds(t *testing.T) {
	for name, want := range map[string]bool{
		"releasenotes/notes/1.yaml": true, "releasenotes/notes/deep/1.yaml": true, "releasenotes/notes/1": true,
		"releasenotes/notes/.hidden": false, "releasenotes/notes/.deep/1.yaml": false, "releasenotes/notes/deep/.1.yaml": false,
		"releasenotes/notes": false, "releasenotes/notes/": false, "releasenotes/notes2/1.yaml": false, "docs/releasenotes/notes/1.yaml": false,
	} {
		if got := Holds("releasenotes/notes", name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if Holds("", "a.yaml") || Holds("", "/a.yaml") {
		t.Error("no folder holds a note")
	}
}

// A number that is of nobody knows which repository is shown, and leads nowhere.
func TestIssueOfNobodyKnowsWhere(t *testing.T) {
	s := Istio()
	s.Home = ""
	a := Read(s, nil, "a.yaml", []byte(note("security", "**Fixed** it.", "issue: [5]\n")))
	b := Read(s, nil, "b.yaml", []byte(note("security", "**Fixed** it.", "issue: [6]\n")))
	items := Gather([]Source{{"one", []File{a}}, {"two", []File{b}}})
	if got, want := items[0].Markdown(""), "- **Fixed** it.\n  (Issue #5),(Issue #6)\n"; len(items) != 1 || got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
