package laws

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources calls fn with every Go file of the module.
func sources(t *testing.T, fn func(name string, set *token.FileSet, file *ast.File)) {
	t.Helper()
	files(t, func(name, text string) {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		fn(name, set, file)
	})
}

// TestEveryPackageTellsItsStory: the story stands in doc.go and nowhere else.
func TestEveryPackageTellsItsStory(t *testing.T) {
	for _, p := range packages(t) {
		if !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go", p.rel())
		}
	}
	sources(t, func(name string, _ *token.FileSet, file *ast.File) {
		opening := "Package " + file.Name.Name + " "
		if file.Name.Name == "main" {
			opening = "Command " + filepath.Base(filepath.Dir(name)) + " "
		}
		switch {
		case filepath.Base(name) != "doc.go" && file.Doc != nil:
			t.Errorf("%s has a package comment, which belongs into doc.go", name)
		case filepath.Base(name) == "doc.go" && !strings.HasPrefix(file.Doc.Text(), opening):
			t.Errorf("%s needs a package comment that begins with %q", name, opening)
		}
	})
}

// listLine is a line of the list of files in a doc.go: a name and what is in it.
var listLine = regexp.MustCompile(`^\t(\S+\.go)( +\S.*)?$`)

// TestListsOfFiles: where a doc.go lists the files of its package, it has each one
// that is no test, with a word about it, and none that isn't there.
func TestListsOfFiles(t *testing.T) {
	there, listed := map[string][]string{}, map[string][]string{}
	sources(t, func(name string, _ *token.FileSet, file *ast.File) {
		dir, base := filepath.Split(name)
		there[dir] = append(there[dir], base)
		if base != "doc.go" {
			return
		}
		for line := range strings.Lines(file.Doc.Text()) {
			if strings.HasPrefix(strings.TrimSpace(line), "- ") && strings.Contains(line, ".go: ") {
				t.Errorf("%s lists files behind dashes; want a tab, the name, two spaces and the phrase: %s", name, line)
			}
			if m := listLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
				listed[dir] = append(listed[dir], m[1])
				if m[2] == "" {
					t.Errorf("%s says nothing of %s", name, m[1])
				}
			}
		}
	})
	if len(listed) < 10 {
		t.Errorf("only %d packages list their files", len(listed))
	}
	for dir, list := range listed {
		for i, name := range list {
			if !slices.Contains(there[dir], name) || slices.Contains(list[:i], name) {
				t.Errorf("%sdoc.go lists %s, which isn't there or is listed twice", dir, name)
			}
		}
		for _, name := range there[dir] {
			if name != "doc.go" && !strings.HasSuffix(name, "_test.go") && !slices.Contains(list, name) {
				t.Errorf("%sdoc.go doesn't list %s", dir, name)
			}
		}
	}
}

// What a reader can hold in mind at once. Tests are mostly tables and may be longer.
const (
	maxFileLines = 420
	maxFuncLines = 70
)

func TestLengths(t *testing.T) {
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		if n := set.File(file.Pos()).LineCount(); n > maxFileLines {
			t.Errorf("%s has %d lines, at most %d: which two stories does it tell?", name, n, maxFileLines)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > maxFuncLines {
				t.Errorf("%s: %s has %d lines, at most %d", set.Position(fn.Pos()), fn.Name.Name, n, maxFuncLines)
			}
		}
	})
}

// empty words say nothing of what a thing is.
var empty = []string{"manager", "service", "util", "common", "base", "helper", "process", "data"}

// metaphors are names that had to be explained, each with the field's word for it.
var metaphors = map[string]string{
	"Altered": "Tampered", "Apart": "PerRepoEffects", "AsOf": "ReadNoOlderThan", "Ask": "PendingCommand", "Cannot": "RefusedError",
	"Doubt": "OutcomeUnknownError", "Holder": "MergeBlocker", "Intake": "Delivery", "Lands": "MergesInto", "Lane": "WriteClass",
	"Later": "RetryAfterError", "Once": "NonIdempotent", "Sighting": "PullSnapshot", "Standing": "RoleDecision", "Stuck": "Blocked",
	"Witness": "AppliedObserver",
}

var word = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

// TestNames keeps the empty words out of the names of packages and types, and has types
// called by the field's word.
func TestNames(t *testing.T) {
	check := func(at, name string) {
		for _, w := range word.FindAllString(name, -1) {
			if slices.Contains(empty, strings.TrimSuffix(strings.ToLower(w), "s")) || slices.Contains(empty, strings.ToLower(w)) {
				t.Errorf("%s: the name %s holds the word %s, which says nothing", at, name, w)
			}
		}
	}
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		check(name, strings.TrimSuffix(file.Name.Name, "_test"))
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.TypeSpec); ok {
				check(set.Position(s.Pos()).String(), s.Name.Name)
				if better := metaphors[s.Name.Name]; better != "" {
					t.Errorf("%s: %s is %s in the field's words", set.Position(s.Pos()), s.Name.Name, better)
				}
			}
			return true
		})
	})
}

// TestNothingRunsByItself: what the program is made of stands in explicit lists.
func TestNothingRunsByItself(t *testing.T) {
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: an init function", set.Position(fn.Pos()))
			}
		}
	})
}
