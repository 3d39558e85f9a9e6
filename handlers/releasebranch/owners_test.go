package releasebranch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestOwnersOfPath goes through the lines of a CODEOWNERS file, as GitHub reads
// them, with paths that each is about and paths that it isn't. A line that GitHub
// leaves out holds what it may have been meant for, and nothing else.
func TestOwnersOfPath(t *testing.T) {
	for _, tt := range []struct {
		line, is, not string // paths, with blanks between them, and ␣ for one of theirs
		fault         string // a part of it; "" for a line that GitHub takes
	}{
		{"* @a", "x a/b/c .github/x", "", ""},
		{"** @a", "x a/b", "", ""},
		{"*.js @a", "a.js a/b.js", "a.ts a.jsx", ""},
		{"/build/logs/ @a", "build/logs/x build/logs/a/b", "a/build/logs/x build/logs", ""},
		{"docs/* @a", "docs/x", "docs/a/x a/docs/x", ""},
		{"/* @a", "x", "a/x", ""},
		{"apps/ @a", "apps/x a/apps/b/c", "apps myapps/x", ""},
		{"apps @a", "apps apps/x a/apps a/apps/b", "myapps", ""},
		{"/docs @a", "docs docs/x", "a/docs docs2", ""},
		{"pilot/pkg @a", "pilot/pkg/x pilot/pkg", "a/pilot/pkg/x", ""},
		{"**/logs @a", "logs logs/x a/b/logs/x", "mylogs/x", ""},
		{"/a/**/z @a", "a/z a/b/z a/b/c/z/x", "b/z z", ""},
		{"/a/** @a", "a/x a/b/x", "a b/x", ""},
		{"/a?c.go @a", "abc.go aéc.go", "ac.go a/c.go", ""},
		{"/a**z @a", "abz az", "a/b/z", ""},
		{"/ @a", "", "x a/b", ""},
		{"// @a", "", "x a/b", ""},
		{"@a", "@a", "x a", ""},
		{"/Documentation~/ @a", "Documentation~/x", "Documentation/x", ""},
		{"/a:b/ @a", "a:b/x", "a/x b/x", ""},
		{"/a{b,c}/ @a", "a{b,c}/x", "ab/x ac/x", ""},
		{"/a=b,c;d&e @a", "a=b,c;d&e", "a", ""},
		{"/docs/français/ @a", "docs/français/x", "docs/x docs/francais/x", ""},
		{"/文档/ @a", "文档/x", "文/x", ""},
		{`/with\ space/ @a`, "with␣space/x", "with/x space/x", ""},
		{"/a @a # why", "a/x", "b", ""},
		{"/a @a #why @b!", "a/x", "b", ""},
		{"/a #@b!", "a/x", "b", ""},
		{"/a @a# why", "a/x", "b", "`@a#` has a `#`; put a space before a comment"},
		{"/a @o/team#x @a", "a/x", "b", "`@o/team#x` has a `#`"},
		{"/a dev#x@example.com", "a/x", "b", "`dev#x@example.com` has a `#`"},
		{"/a @a dev@example.com#x", "a/x", "b", "`dev@example.com#x` has a `#`"},
		{"/a # nobody", "a/x", "b", ""},
		{"\t/a\t@a\t", "a/x", "b", ""},
		{"/a dev@example.technology", "a/x", "b", ""},
		{"/a @alice_corp @-hyphen- @o/a.b_c", "a/x", "b", ""},
		{"/a not-an-owner", "a/x", "b", "`not-an-owner` names no owner"},
		{"/a @a, @b", "a/x", "b", "`@a,` names no owner"},
		{"/a @", "a/x", "b", "names no owner"},
		{"/a @o/", "a/x", "b", "names no owner"},
		{"/a @robot[bot]", "a/x", "b", "names no owner"},
		{"/a @a\u00a0@b", "a/x", "b", "names no owner"},
		{"/a\u00a0@a", "a/x", "b", "that nobody sees"},
		{"/a\u200b/ @a", "a/x a\u200b/x", "b", "that nobody sees"},
		{"/fran\xe7ais @a", "fran\xe7ais", "francs", "that nobody sees"},
		{"/pages/[userId].js @a", "pages/[userId].js pages/u.js", "pages/x.js pages/user.js", "brackets"},
		{"/a[!b] @a", "ac a[!b]", "ab a", "brackets"},
		{`/a\[b\] @a`, "a[b]", "ab a", "brackets"},
		{"/a[b @a", "a[b", "a ab", "brackets"},
		{"[Docs]", "[Docs] D a/o/x", "Docs x", "brackets"},
		{"[Docs and more] @a", "[Docs", "Docs and x", "brackets"},
		{"^[Docs][2] @a", "^D2", "Docs x", "brackets"},
		{"!/a/ @a", "a/x", "b", "`!`"},
		{`\#x @a`, "#x", "x y", "`#`"},
		{"/a#b @a", "a/x a#b", "b", "`#`"},
		{"***/*.rb @a", "x.rb a/b/c.rb", "x.py", "more than two"},
		{"/a*****z @a", "abz", "b", "more than two"},
		{`/a\`, "a", "b", "a backslash"},
	} {
		o := readOwners(github.File{Found: true, Text: tt.line + "\n"})
		if len(o.Rules) != 1 || o.Fault != "" || (o.Rules[0].Fault == "") != (tt.fault == "") || !strings.Contains(o.Rules[0].Fault, tt.fault) {
			t.Errorf("%s: %+v", tt.line, o)
			continue
		}
		for paths, want := range map[string]bool{tt.is: true, tt.not: false} {
			for _, p := range strings.Fields(paths) {
				if got := o.about(strings.ReplaceAll(p, "␣", " ")) != nil; got != want {
					t.Errorf("%s is about %s: %v", tt.line, p, got)
				}
			}
		}
	}
}

// TestOwnersFile: which line counts, whatever stands between the lines.
func TestOwnersFile(t *testing.T) {
	long := "# " + strings.Repeat("x", 70_000) + "\n"
	for name, tt := range map[string]struct{ text, path, want string }{
		"the last line counts":          {"* @a\n/x @b\n", "x", "2 @b"},
		"a mark of the byte order":      {"\ufeff* @a\n", "x", "1 @a"},
		"a comment behind such a mark":  {"\ufeff# all\n* @a\n", "x", "2 @a"},
		"line ends of Windows":          {"# all\r\n\r\n* @a @b\r\n", "x", "3 @a @b"},
		"no end of the last line":       {"* @a\n/x @b", "x", "2 @b"},
		"a long comment":                {"* @a\n" + long + "/x @b\n", "x", "3 @b"},
		"a long line of owners":         {"* @a\n/x" + strings.Repeat(" @b", 30_000) + "\n/x @c\n", "x", "3 @c"},
		"a faulty line elsewhere":       {"* @a\n/y nobody\n", "x", "1 @a"},
		"a faulty line":                 {"* @a\n/x nobody\n", "x", "2 nobody, faulty"},
		"a good line after it":          {"* @a\n/x nobody\n/x @b\n", "x", "3 @b"},
		"a comment":                     {"* @a\n/x @b #@c\n", "x", "2 @b"},
		"perhaps a comment":             {"* @a\n/x @b#@c\n", "x", "2 @b#@c, faulty"},
		"nobody's":                      {"* @a\n/x\n", "x", "2"},
		"no line is about it":           {"/y @a\n", "x", "none"},
		"as large as may be":            {"* @a\n" + strings.Repeat("#", github.MaxFileBytes-len("* @a\n/x @b\n")-1) + "\n/x @b\n", "x", "3 @b"},
		"larger":                        {"* @a\n" + strings.Repeat("#", github.MaxFileBytes), "x", "none"},
		"more lines than are looked at": {strings.Repeat("a @a\n", maxRules+1), "a", "none"},
	} {
		got := "none"
		if r := readOwners(github.File{Found: true, Text: tt.text, Size: len(tt.text)}).about(tt.path); r != nil {
			got = strings.TrimSpace(fmt.Sprint(r.Line, " ", strings.Join(r.Owners, " ")))
			if r.Fault != "" {
				got += ", faulty"
			}
		}
		if got != tt.want {
			t.Errorf("%s: %.100s, want %s", name, got, tt.want)
		}
	}
	if o := readOwners(github.File{Found: true, Size: 4 << 20}); !strings.Contains(o.Fault, "4194304 bytes") {
		t.Errorf("one that couldn't be read: %+v", o)
	}
}

// TestPatternTakesItsTime: a pattern with many wildcards goes back only to the last.
func TestPatternTakesItsTime(t *testing.T) {
	p := newPattern("/" + strings.Repeat("**/a/", 200) + "b")
	if p.fits(strings.Split(strings.Repeat("a/", 2000)+"c", "/")) {
		t.Error("it fits")
	}
}

// TestBackslashes: a faulty one holds what it was meant for; `**/` is any folder.
func TestBackslashes(t *testing.T) {
	for _, tt := range []struct {
		line, file string
		about      bool
	}{
		{`docs\/foo @a`, "docs/foo", true}, {`docs\/foo @a`, "docs/bar", false}, {`docs\`, "docs/x", true},
		{"foo\\\u00a0bar @a", "foo\u00a0bar", true},
		{"**/ @a", "README", false}, {"**/ @a", "docs/a", true}, {"docs/**/ @a", "docs/a", false}, {"docs/**/ @a", "docs/b/a", true},
	} {
		if got := readOwners(github.File{Path: "CODEOWNERS", Text: tt.line, Found: true}).about(tt.file) != nil; got != tt.about {
			t.Errorf("%q is about %s: %t", tt.line, tt.file, got)
		}
	}
}
