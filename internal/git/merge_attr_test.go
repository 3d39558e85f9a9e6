package git

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// TestRulesOf: nothing but three words about merges comes out of a .gitattributes file, and
// every pattern is quoted.
func TestRulesOf(t *testing.T) {
	for _, tc := range []struct{ dir, text, want string }{
		{".", "*.md merge=union", `"*.md" merge=union`},
		{".", "\ufeff \t*.md\ttext merge=union eol=lf\r\n", `"*.md" merge=union`},
		{".", "a -merge\nb binary\nc merge=binary", `"a" -merge|"b" -merge|"c" -merge`},
		{".", "a merge\nb !merge\nc merge=text\nd merge=evil", `"a" !merge|"b" !merge|"c" !merge|"d" !merge`},
		{".", "a binary merge=union\nb merge=union -merge", `"a" merge=union|"b" -merge`},
		{".", "a -text\nb filter=lfs diff=lfs conflict-marker-size=3\nc -binary !binary", ""},
		{".", "# a merge=union\n\n[attr]mine merge=union\n\"[attr]mine\" merge=union\n!a merge=union\na/ merge=union\na", ""},
		{".", "\"a b\" merge=union\n\"a\\nb\\\"\" -merge\n\"a merge=union", `"a\040b" merge=union|"a\012b\042" -merge`},
		{".", `a\b merge=union`, `"a\134b" merge=union`},
		{".", "/a merge=union\nb/c merge=union", `"/a" merge=union|"b/c" merge=union`},
		{"d e", "*.md merge=union\n/a merge=union\nb/c merge=union", `"d\040e/**/*.md" merge=union|"d\040e/a" merge=union|"d\040e/b/c" merge=union`},
		{"!a*[b]?", "c merge=union", `"\134!a\134*\134[b]\134?/**/c" merge=union`},
		{".", strings.Repeat("a", maxAttrLine) + " merge=union\nb merge=union", `"b" merge=union`},
		{".", "é merge=union", `"\303\251" merge=union`},
	} {
		if got := strings.Join(rulesOf(tc.dir, tc.text), "|"); got != tc.want {
			t.Errorf("%q in %q: %s, want %s", tc.text, tc.dir, got, tc.want)
		}
	}
}

// TestPickByAttributes: how a file is merged, the target's tree says. The replay of a clean
// pick onto its merge base comes to the same.
func TestPickByAttributes(t *testing.T) {
	t.Parallel()
	const (
		union   = "line 1\nours\ntheirs\nline 2\n"
		nothing = "line 1\n<<<<<<< release-1.30\nours\n=======\ntheirs\n>>>>>>> SOURCE\nline 2\n"
	)
	for name, tc := range map[string]struct {
		path      string
		old       []string // beside the file
		ours      []string
		theirs    []string
		outcome   Outcome
		conflicts string
		holds     string
	}{
		"union":                         {path: "f", old: []string{".gitattributes", "f merge=union\n"}, outcome: Clean, holds: union},
		"the target's alone":            {path: "f", ours: []string{".gitattributes", "f merge=union\n"}, outcome: Clean, holds: union},
		"the change's":                  {path: "f", theirs: []string{".gitattributes", "f merge=union\n"}, outcome: Clash, conflicts: `"f" content (content)`, holds: nothing},
		"of a directory":                {path: "a b/c/f", old: []string{"a b/.gitattributes", "f merge=union\n"}, outcome: Clean, holds: union},
		"of another directory":          {path: "a/f", old: []string{"b/.gitattributes", "f merge=union\n"}, outcome: Clash, conflicts: `"a/f" content (content)`, holds: nothing},
		"taken back below":              {path: "a/f", old: []string{".gitattributes", "f merge=union\n", "a/.gitattributes", "f merge\n"}, outcome: Clash, conflicts: `"a/f" content (content)`, holds: nothing},
		"no lines to merge":             {path: "f", old: []string{".gitattributes", "* -merge\n"}, outcome: Clash, conflicts: `"f" binary (binary)`, holds: "line 1\nours\nline 2\n"},
		"binary":                        {path: "f", old: []string{".gitattributes", "f binary\n"}, outcome: Clash, conflicts: `"f" binary (binary)`, holds: "line 1\nours\nline 2\n"},
		"a driver of one's own":         {path: "f", old: []string{".gitattributes", "f merge=evil filter=evil conflict-marker-size=3\n"}, outcome: Clash, conflicts: `"f" content (content)`, holds: nothing},
		"a macro that stands for it":    {path: "f", old: []string{".gitattributes", "[attr]mine merge=union\nf mine\n"}, outcome: Clash, conflicts: `"f" content (content)`, holds: nothing},
		"larger than any should be":     {path: "f", old: []string{".gitattributes", strings.Repeat("#\n", maxAttributes) + "f merge=union\n"}, outcome: Clash, conflicts: `"f" content (content)`, holds: nothing},
		"more lines than any should be": {path: "f", old: []string{".gitattributes", strings.Repeat("x -merge\n", maxRules) + "f merge=union\n"}, outcome: Clash, conflicts: `"f" content (content)`, holds: nothing},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.git("config", "merge.evil.driver", "touch "+filepath.Join(l.dir, "was-run"))
			old := l.commit("old", append([]string{tc.path, "line 1\nline 2\n"}, tc.old...)...)
			source := l.commit("change", append([]string{tc.path, "line 1\ntheirs\nline 2\n"}, tc.theirs...)...)
			l.on(target, old)
			onto := l.commit("own", append([]string{tc.path, "line 1\nours\nline 2\n"}, tc.ours...)...)
			r := l.open()
			p := pick(t, r, target, source)
			if p.Outcome != tc.outcome || conflicts(p) != tc.conflicts {
				t.Errorf("%s: %s", p.Outcome, conflicts(p))
			}
			if got, want := text(t, r, p.Tree, tc.path), strings.ReplaceAll(tc.holds, "SOURCE", source[:shortID]); got != want {
				t.Errorf("it holds\n%s\nwant\n%s", got, want)
			}
			if _, err := os.Stat(filepath.Join(l.dir, "was-run")); err == nil {
				t.Error("the driver was run")
			}
			if p.Outcome != Clean {
				return
			}
			made, err := r.Build(t.Context(), p, Authoring{Name: "slipway[bot]", Email: "bot@example.org"})
			if err != nil {
				t.Fatal(err)
			}
			h, err := r.History(t.Context(), "master", source, onto)
			if err != nil {
				t.Fatal(err)
			}
			f, err := h.Prove(t.Context(), provenance.Question{Head: made[0], MergeBase: onto, Commits: 1, Base: target, Source: "master",
				Claims: []provenance.Claim{{Commit: source, By: provenance.ByTrailer}}}, time.Time{})
			if err != nil || f.Verdict != provenance.Exact {
				t.Errorf("proved: %s, %v", f.Verdict, err)
			}
		})
	}
}

// FuzzRulesOf: whatever stands in the file, a rule is a quoted pattern and one of three words.
func FuzzRulesOf(f *testing.F) {
	f.Add("d", "\"a\\nb\" merge=union\n[attr]x merge=union")
	f.Fuzz(func(t *testing.T, dir, text string) {
		if dir == "" {
			return
		}
		for _, rule := range rulesOf(dir, text) {
			at := strings.LastIndexByte(rule, ' ')
			pattern, word := rule[:max(at, 0)], rule[at+1:]
			if len(pattern) < 2 || pattern[0] != '"' || strings.Trim(pattern, `"`) != pattern[1:len(pattern)-1] || strings.ContainsFunc(pattern, func(r rune) bool { return r <= ' ' || r > '~' }) ||
				!slices.Contains([]string{"merge=union", "-merge", "!merge"}, word) || strings.HasPrefix(pattern, `"[attr]`) {
				t.Errorf("%q of %q: %s", text, dir, rule)
			}
		}
	})
}
