package git

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// form is a file with places: each line <1>, <2> and so on becomes the added lines
// where they are put there, and else nothing. WORD is what the release branch has
// otherwise, so that git doesn't merge what stands beside it.
type form struct{ name, text, added string }

func (f form) fill(word string, at ...int) string {
	text := strings.ReplaceAll(f.text, "WORD", word)
	for n := 1; n <= 4; n++ {
		with := ""
		if slices.Contains(at, n) {
			with = f.added
		}
		text = strings.ReplaceAll(text, fmt.Sprintf("<%d>\n", n), with)
	}
	return text
}

// question asks about a pick that puts the lines at some places, of a source that
// put them at others.
func (f form) question(l *lab, source, pick []int) provenance.Question {
	l.both(f.name, f.fill("old"))
	s := l.commit("src", f.name, f.fill("old", source...))
	base := l.onRelease(f.name, f.fill("new"))
	return provenance.Question{MergeBase: base, Head: l.commit("pick", f.name, f.fill("new", pick...)), Claims: claimed(s)}
}

const body = "(u string) error {\n\tif u == \"\" {\n\t\treturn errEmpty\n\t}\n"

var forms = map[string]form{
	"functions": {"auth.go", "package p\n\nfunc Login" + body + "<1>\n\tWORD(u)\n\treturn nil\n}\n\nfunc Admin" + body + "<2>\n\tWORD(u)\n\treturn nil\n}\n",
		"\tif !isAdmin(u) {\n\t\treturn errDenied\n\t}\n"},
	"cases": {"auth.go", "package p\n\nfunc f(u string) {\n\tswitch u {\n\tcase \"a\":\n\t\tcheck(u)\n<1>\n\t\tWORD(u)\n\tcase \"b\":\n\t\tcheck(u)\n<2>\n\t\tWORD(u)\n\t}\n\tdone()\n}\n",
		"\t\tguard(u)\n"},
	"brackets": {"auth.go", "package p\n\nfunc f(u string) {\n\tif a {\n\t\tcheck(u)\n<1>\n\t}\n<2>\n\tWORD(u)\n\treturn\n}\n", "\tguard(u)\n"},
	"twice in a function": {"auth.go", "package p\n\nfunc f(u string) {\n\tcheck(u)\n<1>\n\tWORD(u)\n\tnext()\n\tcheck(u)\n<2>\n\tWORD(u)\n\tnext()\n}\n",
		"\tguard(u)\n"},
	"rows of a table": {"x_test.go", "package p\n\nvar rows = []row{\n\t{\n\t\tname: \"a\",\n\t\tuser: \"u\",\n<1>\n\t\twant: WORD,\n\t},\n\t{\n\t\tname: \"b\",\n\t\tuser: \"u\",\n<2>\n\t\twant: WORD,\n\t\tlast: 1,\n\t},\n}\n",
		"\t\tskip: true,\n"},
	"methods": {"auth.py", "class Login:\n    def check(self):\n        audit(self)\n<1>\n        WORD(self)\n\n\nclass Admin:\n    def check(self):\n        audit(self)\n<2>\n        WORD(self)\n        done(self)\n",
		"        guard(self)\n"},
	"keys": {"values.yaml", "login:\n  kind: user\n<1>\n  level: WORD\nadmin:\n  kind: user\n<2>\n  level: WORD\nend: 1\n", "  deny: true\n"},
	"list items": {"pod.yaml", "spec:\n  containers:\n  - name: proxy\n    pull: Always\n<1>\n    image: WORD\n  - name: app\n    pull: Always\n<2>\n    image: WORD\n  end: 1\n",
		"    privileged: true\n"},
	"list items that begin alike": {"pod.yaml", "containers:\n- pull: Always\n<1>\n  image: WORD\n  name: proxy\n- pull: Always\n<2>\n  image: WORD\n  name: app\n",
		"  privileged: true\n"},
	"templates": {"x.yaml", "kind: A\nspec:\n{{- if .Values.login }}\n  user: x\n<1>\n  level: WORD\n{{- end }}\n{{- if .Values.admin }}\n  user: x\n<2>\n  level: WORD\n{{- end }}\n",
		"  deny: true\n"},
	"objects": {"x.json", "{\n  \"login\": {\n    \"kind\": \"user\",\n<1>\n    \"level\": \"WORD\"\n  },\n  \"admin\": {\n    \"kind\": \"user\",\n<2>\n    \"level\": \"WORD\"\n  },\n  \"end\": 1\n}\n",
		"    \"deny\": true,\n"},
	"array": {"x.json", "[\n  {\n    \"name\": \"login\",\n    \"kind\": \"user\",\n<1>\n    \"level\": \"WORD\"\n  },\n  {\n    \"name\": \"admin\",\n    \"kind\": \"user\",\n<2>\n    \"level\": \"WORD\"\n  },\n  1\n]\n",
		"    \"deny\": true,\n"},
	"sections": {"x.ini", "[login]\nkind = user\n<1>\nlevel = WORD\n\n[admin]\nkind = user\n<2>\nlevel = WORD\nend = 1\n", "deny = true\n"},
	"headings": {"x.md", "# Login\n\nWho may.\n<1>\nSince WORD.\n\n# Admin\n\nWho may not.\nWho may.\n<2>\nSince WORD.\nThe end.\n", "Nobody else.\n"},
	"rules":    {"x.css", "#login {\n  color: red;\n<1>\n  margin: WORD;\n}\n#admin {\n  color: red;\n<2>\n  margin: WORD;\n}\np {\n}\n", "  display: none;\n"},
}

// TestProvePlaces: the same lines are the same change only at the same place.
func TestProvePlaces(t *testing.T) {
	for name, f := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, tc := range []struct {
				source, pick []int
				want         provenance.Verdict
			}{
				{[]int{2}, []int{2}, provenance.Equivalent},
				{[]int{2}, []int{1}, provenance.Adapted},
				{[]int{1}, []int{2}, provenance.Adapted},
				{[]int{1, 2}, []int{1, 2}, provenance.Equivalent},
			} {
				l := newLab(t)
				l.commit("old", "f", "f\n")
				got := prove(t, l, f.question(l, tc.source, tc.pick))
				if got.Verdict != tc.want {
					t.Errorf("from %v to %v: %s, want %s", tc.source, tc.pick, told(l, got), tc.want)
				}
				for _, d := range got.Beyond {
					if !d.Displaced || !strings.HasPrefix(d.Text, "@@ the same lines") || d.Lines == 0 || d.Line == 0 {
						t.Errorf("from %v to %v: %+v", tc.source, tc.pick, d)
					}
				}
			}
		})
	}
}

// TestProvePlacesUncertain: a place counts if it is certain, and a section that is
// written in another way only if nothing else can be it.
func TestProvePlacesUncertain(t *testing.T) {
	functions := func(login, admin, audit, atLogin, atAdmin string) string {
		check := " error {\n\tif u == \"\" {\n\t\treturn errEmpty\n\t}\n"
		return "package p\n\nfunc (s *server) Login(" + login + ")" + check + atLogin + "\t" + audit + "(u)\n\treturn nil\n}\n\nfunc (s *server) Admin(" + admin + ")" +
			check + atAdmin + "\t" + audit + "(u)\n\treturn nil\n}\n"
	}
	const guard, u, ctx = "\tif !isAdmin(u) {\n\t\treturn errDenied\n\t}\n", "u string", "ctx context.Context, u string"
	same := form{"f.go", "package p\n\nfunc f() {\n\tWORD()\n\tcheck()\n<1>\n\tWORD()\n\tcheck()\n<2>\n\tWORD()\n\tend()\n}\n", "\tguard()\n"}
	for name, tc := range map[string]struct {
		file                     string
		both, source, base, pick string
		want                     provenance.Verdict
		shown                    []string
	}{
		"other parameters": {"f.go", functions(u, u, "old", "", ""), functions(u, u, "old", "", guard), functions(ctx, ctx, "new", "", ""), functions(ctx, ctx, "new", "", guard),
			provenance.Equivalent, nil},
		"other parameters, and another function": {"f.go", functions(u, u, "old", "", ""), functions(u, u, "old", "", guard), functions(ctx, ctx, "new", "", ""), functions(ctx, ctx, "new", guard, ""),
			provenance.Adapted, []string{"@@ at the source: func (s *server) Admin(u string) error {\n@@ here: func (s *server) Login(ctx context.Context, u string) error {\n+\tif !isAdmin"}},
		"of another type": {"f.go", functions(u, u, "old", "", ""), functions(u, u, "old", "", guard), strings.ReplaceAll(functions(u, u, "new", "", ""), "*server", "*client"),
			strings.ReplaceAll(functions(u, u, "new", "", guard), "*server", "*client"),
			provenance.Adapted, []string{"at the source: func (s *server) Admin", "here: func (s *client) Admin"}},
		"alike places, the first": {same.name, same.fill("old"), same.fill("old", 1), same.fill("new"), same.fill("new", 1), provenance.Adapted, []string{"here a second place fits as well"}},
		"alike places, another":   {same.name, same.fill("old"), same.fill("old", 2), same.fill("new"), same.fill("new", 1), provenance.Adapted, []string{"here a second place fits as well"}},
		"alike places, both":      {same.name, same.fill("old"), same.fill("old", 1, 2), same.fill("new"), same.fill("new", 1, 2), provenance.Equivalent, nil},
		"alike places at the source, and one here": {same.name, same.fill("old"), same.fill("old", 2), strings.Replace(same.fill("new"), "\tcheck()\n\tnew()\n", "\tnew()\n", 1),
			strings.Replace(same.fill("new", 2), "\tcheck()\n\tnew()\n", "\tnew()\n", 1), provenance.Adapted, []string{"at the source a second place fits as well"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			// Nobody's attributes choose how functions are found.
			l.both(tc.file, tc.both, ".gitattributes", "*.go diff=none\nf.go -diff\n")
			s := l.commit("src", tc.file, tc.source)
			base := l.onRelease(tc.file, tc.base)
			f := prove(t, l, provenance.Question{MergeBase: base, Head: l.commit("pick", tc.file, tc.pick), Claims: claimed(s)})
			if f.Verdict != tc.want {
				t.Errorf("%s, want %s", told(l, f), tc.want)
			}
			for _, want := range tc.shown {
				if len(f.Beyond) != 1 || !strings.Contains(f.Beyond[0].Text, want) {
					t.Errorf("%+v, want %q", f.Beyond, want)
				}
			}
		})
	}
}
