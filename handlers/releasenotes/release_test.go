package releasenotes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func named(text string) (release.Version, bool) {
	v, err := release.Scheme{}.Named(text)
	return v, err == nil
}

func TestPreviousTag(t *testing.T) {
	tags := []string{"1.9.10", "1.10.0", "v1.29.5", "1.29.10", "1.29.9", "v1.29.10", "1.30.0-alpha.1", "1.30.0-rc.1", "1.30.0-rc.0", "1.30.0-beta.9", "1.30.0", "nonsense", "1.31"}
	for of, want := range map[string]string{
		"1.30.1": "1.30.0", "1.30.0": "1.29.10", "1.30.0-rc.1": "1.30.0-rc.0", "1.30.0-rc.0": "1.30.0-beta.9", "1.30.0-beta.0": "1.30.0-alpha.1",
		"1.30.0-alpha.0": "1.29.10", "1.29.6": "v1.29.5", "1.10.0": "1.9.10", "1.0.0": "", "2.0.0": "1.30.0",
	} {
		v, ok := named(of)
		if got := previous(tags, v); !ok || got != want {
			t.Errorf("before %s comes %q, want %q", of, got, want)
		}
	}
	for _, bad := range []string{"", "1", "1.2", "1.2.3.4", "1.2.3-gamma.1", "1.2.3-rc", "12345678.1.1", "1.02.3", "1.2.x"} {
		if _, ok := named(bad); ok {
			t.Errorf("%q is taken for a version", bad)
		}
	}
}

// TestEndsBySchemes: notes begin and end at the project's own tags, whatever others there are.
func TestEndsBySchemes(t *testing.T) {
	tags := []string{"chart-v1.2.1", "chart-v1.2.2", "chart-v1.2.3", "v1.2.2", "1.2.1", "sdk/v1.2.2", "5.1", "5.1.4", "5.2rc1", "5.2", "5.2.1"}
	for _, tc := range []struct{ form, tag, line, of, want string }{
		{"", "chart-v{version}", "main", "1.2.3", "chart-v1.2.2"},
		{"", "sdk/v{version}", "main", "1.2.3", "sdk/v1.2.2"},
		{"", "v{version}", "main", "1.2.3", "v1.2.2"},
		{release.PEP440Form, "{version}", "{major}.{minor}.x", "5.2.1", "5.2"},
		{release.PEP440Form, "{version}", "{major}.{minor}.x", "5.2", "5.1"}, // the first of the line before
		{release.PEP440Form, "{version}", "{major}.{minor}.x", "5.2rc1", "5.1"},
		{release.PEP440Form, "{version}", "main", "5.2", "5.1.4"}, // on one branch no line has parted
	} {
		s := release.Scheme{Form: tc.form, Tag: tc.tag, Line: tc.line}
		v, err := s.Parse(tc.of)
		if got := beginning(tags, v, SinceMinor); got != tc.want || err != nil {
			t.Errorf("the notes of %s with %+v begin at %q, want %q: %v", tc.of, s, got, tc.want, err)
		}
		if got := s.Spellings(tc.of); len(got) != 1 || got[0] != v.Tags()[0] {
			t.Errorf("%s ends at %q", tc.of, got)
		}
	}
}

// Where the notes begin: those of a minor release at the minor before, by default.
func TestBeginning(t *testing.T) {
	// Istio's tags on the day of 1.30.0.
	tags := []string{"1.28.0", "1.28.6", "1.29.0-alpha.0", "1.29.0-beta.0", "1.29.0-rc.3", "v1.29.0", "1.29.0", "1.29.1", "1.29.2", "1.29.3", "1.30.0-alpha.1", "1.30.0-alpha.2", "1.30.0-beta.0", "1.30.0-rc.0"}
	for of, want := range map[string][2]string{
		"1.30.0": {"1.29.0", "1.29.3"}, "1.30.1": {"1.29.0", "1.29.3"}, "1.30.0-beta.0": {"1.30.0-alpha.2", "1.30.0-alpha.2"},
		"1.30.0-alpha.0": {"1.29.0", "1.29.3"}, "1.29.4": {"1.29.3", "1.29.3"}, "1.29.0": {"1.28.0", "1.28.6"}, "1.28.0": {"", ""},
	} {
		v, _ := named(of)
		for i, since := range []Since{SinceMinor, SincePrevious} {
			if got := beginning(tags, v, since); got != want[i] {
				t.Errorf("%s, since the %s: %q, want %q", of, since, got, want[i])
			}
		}
	}
	for of, tags := range map[string][]string{
		"1.29.1":      {"1.29.1", "1.29.2"},           // the minor before has no .0
		"1.28.4":      {"1.28.4", "1.29.0-rc.0"},      // it never came out
		"v1.29.0":     {"v1.29.0", "v1.29.1"},         // with a v
		"1.29.0-rc.0": {"1.28.0-rc.9", "1.29.0-rc.0"}, // nothing ever came out
	} {
		v, _ := named("1.30.0-alpha.0")
		if parsed, _ := named(of); parsed.Stage == release.Final {
			v.Stage = release.Final
		}
		if got := beginning(tags, v, SinceMinor); got != of {
			t.Errorf("of %v: %q, want %q", tags, got, of)
		}
	}
}

// Several repositories may write notes of one version into one target: neither a
// branch nor a mark is shared.
func TestBranchesOfNotes(t *testing.T) {
	api, site := github.Repo{Owner: "istio", Name: "api"}, github.Repo{Owner: "istio", Name: "istio.io"}
	seen := map[string]string{}
	for _, of := range []github.Repo{repo, api, {Owner: "istio", Name: "api-1.0.0"}, {Owner: "istio", Name: "a..b"}} {
		for _, to := range []github.Repo{of, site} {
			for _, version := range []string{"1.30.1", "1.30.0-rc.1"} {
				head := headFor(of, to, version)
				if strings.Contains(string(head), "..") {
					t.Errorf("%s is no name of a branch", head)
				}
				if versionOfHead(of, to, head) != version || anyVersionOfHead(head) != version || versionOfHead(of, to, head+generatedSuffix) != "" {
					t.Errorf("%s isn't known again", head)
				}
				for _, id := range []string{string(head), editionMark(of, to, version).String()} {
					if who := fmt.Sprint(of, version); to == site {
						if seen[id] != "" {
							t.Errorf("%s is that of %s and of %s", id, seen[id], who)
						}
						seen[id] = who
					}
				}
			}
		}
	}
	if headFor(repo, github.Repo{Owner: "Istio", Name: "Istio"}, "1.30.1") != "release-notes-1.30.1" || headFor(repo, site, "1.30.1") != "release-notes-istio-1.30.1" {
		t.Error("the branches are called otherwise")
	}
	if versionOfHead(repo, repo, "release-1.30") != "" || versionOfHead(api, site, "release-notes-istio-1.30.1") != "" || anyVersionOfHead("release-1.30") != "" {
		t.Error("another branch is taken for one of notes")
	}
}

// What people have deleted stays out, and is said; what is generated is kept all
// the same.
func TestFilesThatPeopleDeleted(t *testing.T) {
	e := edition{Repo: repo, Target: repo, Version: "1.30.1", Head: "head", Generated: "generated", BaseHead: "base", Pull: &github.PullDetail{},
		Files: []editionFile{{Path: "a.md", New: "a", Merged: "a"}, {Path: "b.md", New: "# b", Merged: "# b", Gone: true}}}
	effects := e.effects()
	work, kept := effects[0].(effect.Files), effects[1].(effect.Files)
	if len(work.Files) != 1 || work.Files["a.md"] != "a" || len(kept.Files) != 2 {
		t.Errorf("%+v", effects)
	}
	for _, text := range []string{editionReply(e), editionText(e)} {
		if !strings.Contains(text, "deleted here") || !strings.Contains(text, "- `b.md`\n\nTo have one back, take it from the branch `release-notes-1.30.1-generated`.") || strings.Contains(text, "Generated lines") {
			t.Errorf("%s", text)
		}
	}
	e.Files = e.Files[1:]
	if effects = e.effects(); len(effects) != 2 {
		t.Errorf("%+v", effects)
	}
}

// What is as it was where the branch left the base GitHub doesn't list in the pull request, so the
// record that makes it Slipway's own is of the rest.
func TestHoldsWhatDiffers(t *testing.T) {
	by := facts.Proposal{By: "alice", ByID: 1, Branch: "release-1.30"}
	e := edition{Repo: repo, Target: repo, Version: "1.30.1", Base: "release-1.30", BaseHead: "base", By: by, Files: []editionFile{
		{Path: "a.md", New: "a", Merged: "a"}, {Path: "b.md", New: "b", Merged: "b", Before: "b"}}}
	want := by.Holding(effect.Files{Base: "release-1.30", Files: map[string]string{"a.md": "a"}}).Holds
	for _, head := range []string{"", "head"} {
		e.Head = head
		for _, made := range e.effects() {
			pr, is := made.(effect.PullRequest)
			if is && !strings.Contains(string(pr.Record), want) {
				t.Errorf("with the head %q it holds %s, want %s", head, pr.Record, want)
			}
			if work, is := made.(effect.Files); is && len(work.Files) != 2 {
				t.Errorf("it writes %v", work.Files)
			}
		}
	}
}

func TestNotesArguments(t *testing.T) {
	for args, want := range map[string][2]string{
		"1.30.1":                        {"1.30.1", ""},
		"v1.30.1 from=1.29.0":           {"1.30.1", "1.29.0"},
		"from=release-1.29 1.30.0-rc.1": {"1.30.0-rc.1", "release-1.29"},
		"":                              {},
		"1.30.1 1.30.2":                 {},
		"1.30":                          {},
		"1.30.1 from=":                  {},
		"1.30.1 from=-x":                {},
		"1.30.1 from=a from=b":          {},
		"1.30.1 from=../../secrets":     {},
		"1.30.1 from=a;rm":              {},
	} {
		name, from, err := notesArgs(command.Call{Args: strings.Fields(args)}, release.Scheme{})
		if (err != nil) != (want[0] == "") || name != want[0] || from != want[1] {
			t.Errorf("%q: %q from %q, %v", args, name, from, err)
		}
	}
}

func TestTextsOfARelease(t *testing.T) {
	_, s := loaded(t)
	s.Release.Refresh = true
	file := notes.Read(s.NoteSchema(repo), nil, "releasenotes/notes/1.yaml", []byte(noteText("Fixed it @all")))
	_, report := notes.Render([]notes.Source{{Name: "istio/istio", Files: []notes.File{file}}}, notes.Templates(), "istio/istio", notes.Releases{Old: "1.30.0", New: "1.30.1"})
	report.LabelsKnown = true
	report.Add(notes.RepoReport{Name: "istio/istio", From: strings.Repeat("a", 40), To: strings.Repeat("b", 40), Files: 1, Changes: 2, Partial: "the pull requests merged into release-1.30 since 2026-05-01"},
		[]notes.Change{{Repo: "istio/istio", Number: 8, Subject: "Say hello to @everyone"}}, nil)
	e := edition{Repo: repo, Target: repo, TargetID: 1, Settings: s, Version: "1.30.1", From: "1.30.0", To: "release-1.30", Base: "master", BaseHead: "base", Report: report,
		Files: []editionFile{{Path: "notes/1.30.1/releaseNotes.md", New: "new", Merged: "merged"}}}
	golden.Check(t, "release opened", editionReply(e)+"\n\n---\n\n"+editionText(e))
	golden.Check(t, "release nothing new", noNews(e))

	e.Pull, e.Head = &github.PullDetail{PullRequest: github.PullRequest{Number: 9}}, "head"
	e.Files = append(e.Files, editionFile{Path: "notes/1.30.1/upgradeNotes.md", Edited: true}, editionFile{Path: "notes/1.30.1/minorReleaseNotes.md", Edited: true, Kept: 2,
		New: "# A\n\n- **Fixed** one.\n- **Added** @two.\ntext\n", Merged: "# B\n\n- **Fixed** one.\n"})
	golden.Check(t, "release edited", editionReply(e)+"\n\n---\n\n"+editionText(e))

	effects := e.effects()
	work, generated := effects[0].(effect.Files), effects[1].(effect.Files)
	if work.From != "head" || generated.From != "base" || work.Files["notes/1.30.1/releaseNotes.md"] != "merged" || generated.Files["notes/1.30.1/releaseNotes.md"] != "new" {
		t.Errorf("%+v", effects)
	}
}
