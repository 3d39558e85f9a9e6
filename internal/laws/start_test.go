package laws

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dear are the calls that no package variable may make: every start of the
// program would pay for them. cmd/slipway's TestStartIsCheap counts what is left.
var dear = []string{"regexp.MustCompile", "regexp.Compile", "regexp.MustCompilePOSIX", "template.Must", "template.New", "goldmark.New"}

// callOf is the name of what an expression calls, like "regexp.MustCompile".
func callOf(n ast.Node) (name string, args []ast.Expr) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", nil
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", nil
	}
	return pkg.Name + "." + sel.Sel.Name, call.Args
}

func TestNothingDearIsMadeAtStart(t *testing.T) {
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		dir := path.Dir(name)
		f, err := floorOf(dir)
		if strings.HasSuffix(name, "_test.go") || err == nil && f.level == beside && dir != "internal/sandbox" {
			return
		}
		for _, d := range file.Decls {
			if _, ok := d.(*ast.FuncDecl); ok {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if call, _ := callOf(n); slices.Contains(dear, call) {
					t.Errorf("%s: %s at every start of the program: put it off by lazy.Regexp or sync.OnceValue", set.Position(n.Pos()), call)
				}
				_, later := n.(*ast.FuncLit)
				return !later
			})
		}
	})
}

// TestRegexpsCompile compiles what lazy.Regexp puts off.
func TestRegexpsCompile(t *testing.T) {
	consts, texts := map[string]ast.Expr{}, map[token.Position]ast.Expr{}
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
				for i, id := range v.Names {
					consts[path.Dir(name)+"."+id.Name] = v.Values[i]
				}
			}
			if call, args := callOf(n); call == "lazy.Regexp" {
				texts[set.Position(n.Pos())] = args[0]
			}
			return true
		})
	})
	if len(texts) < 50 {
		t.Fatalf("found %d expressions only", len(texts))
	}
	for at, text := range texts {
		pattern, ok := constant(text, path.Dir(at.Filename), consts)
		if !ok {
			t.Errorf("%s: lazy.Regexp of what is no constant", at)
		} else if _, err := regexp.Compile(pattern); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// constant is the string that an expression made of literals and of the
// package's constants comes to.
func constant(e ast.Expr, dir string, consts map[string]ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, okX := constant(e.X, dir, consts)
		y, okY := constant(e.Y, dir, consts)
		return x + y, okX && okY && e.Op == token.ADD
	case *ast.Ident:
		value, ok := consts[dir+"."+e.Name]
		if !ok {
			return "", false
		}
		return constant(value, dir, consts)
	}
	return "", false
}
