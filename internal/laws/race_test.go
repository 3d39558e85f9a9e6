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

// makefileList is what a variable of the Makefile lists.
func makefileList(t *testing.T, name string) []string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + name + ` *:?= *((?:.*\\\n)*.*)$`).FindStringSubmatch(read(t, "Makefile"))
	if m == nil {
		t.Fatalf("the Makefile has no %s", name)
	}
	return strings.Fields(strings.ReplaceAll(m[1], "\\\n", " "))
}

// TestRaced: `make test` runs the tests of every package that starts goroutines
// with the race detector, but for the main package, of which it runs conversations
// that lead through all the others.
func TestRaced(t *testing.T) {
	var concurrent []string
	for _, p := range packages(t) {
		if p.rel() != "cmd/slipway" && hasTests(t, p.rel()) && startsGoroutines(t, p) {
			concurrent = append(concurrent, "./"+p.rel())
		}
	}
	listed := makefileList(t, "RACED")
	for _, p := range concurrent {
		if !slices.Contains(listed, p) {
			t.Errorf("%s starts goroutines: RACED of the Makefile should list it", p)
		}
	}
	for _, p := range listed {
		if !slices.Contains(concurrent, p) {
			t.Errorf("RACED of the Makefile lists %s, which starts no goroutine or has no tests", p)
		}
	}
}

// TestRacedTalks: `make test` runs these conversations with the race detector, and skips
// them where it runs the rest without it. So no other test may be called like one.
func TestRacedTalks(t *testing.T) {
	in := map[string][]string{}
	sources(t, func(name string, _ *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasSuffix(name, "_test.go") {
				in[fn.Name.Name] = append(in[fn.Name.Name], filepath.ToSlash(filepath.Dir(name)))
			}
		}
	})
	for _, name := range makefileList(t, "RACED_TALKS") {
		if got := in[name]; !slices.Equal(got, []string{"cmd/slipway"}) {
			t.Errorf("RACED_TALKS of the Makefile lists %s, a test of %q, want of cmd/slipway alone", name, got)
		}
	}
}

func hasTests(t *testing.T, dir string) bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found) > 0
}

// startsGoroutines tells whether a package has a go statement, or calls AfterFunc or something's
// method Go.
func startsGoroutines(t *testing.T, p goPackage) (starts bool) {
	t.Helper()
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(p.rel()), name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				starts = true
			case *ast.SelectorExpr:
				starts = starts || n.Sel.Name == "Go" || n.Sel.Name == "AfterFunc"
			}
			return !starts
		})
	}
	return starts
}
