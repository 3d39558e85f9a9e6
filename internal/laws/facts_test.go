package laws

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFactTable(t *testing.T) {
	rows := [][]string{{"Fact", "Made of", "Stale after", "Fresh for", "If unknown"}}
	for _, c := range registry(t).Capabilities() {
		for _, f := range c.Facts {
			after := "told by its owner, or when what it is made of is"
			switch {
			case len(f.Events) > 0:
				after = "`" + strings.Join(f.Events, "`, `") + "`"
			case len(f.From) == 0:
				after = "no event: it stays so, whoever keeps it tells, or the resync notices"
			}
			fresh := f.Fresh.What
			if f.Fresh.Name != "" {
				fresh = kept(f.Fresh)
			}
			rows = append(rows, []string{"`" + f.Name + "`", strings.Join(f.From, ", "), after, fresh, f.Unknown})
		}
	}
	checkTable(t, "docs/facts.md", "facts", rows)
}

// TestFactsAreWhole: each fact says how fresh it has to be and what follows where it
// isn't known, and an event that makes it
// stale forgets what is remembered of it and nothing else.
func TestFactsAreWhole(t *testing.T) {
	kinds, names, n := keysMade(t), map[string]string{}, 0
	for _, m := range regexp.MustCompile(`(\w+Memo)\s+= Memo\{Name: "([a-z-]+)"`).FindAllStringSubmatch(read(t, "internal/github/memo.go"), -1) {
		names[m[1]] = m[2]
	}
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		ast.Inspect(file, func(node ast.Node) bool {
			fields := fieldsOfFact(node)
			if fields == nil {
				return true
			}
			n++
			at, fresh := set.Position(node.Pos()), lastName(fields["Fresh"])
			memory, remembered := names[fresh]
			if !remembered && fresh != "EachLook" && fresh != "AsMadeOf" {
				t.Errorf("%s: the fact doesn't say how fresh it has to be", at)
			}
			unknown := lastName(fields["Unknown"])
			if !slices.Contains([]string{"Retry", "Hold", "Wait"}, unknown) {
				t.Errorf("%s: the fact doesn't say what follows where it isn't known", at)
			}
			if (unknown == "Hold") != (fields["What"] != nil) {
				t.Errorf("%s: a fact says What isn't known if it holds, and only then", at)
			}
			if fresh == "AsMadeOf" && fields["From"] == nil {
				t.Errorf("%s: the fact is as fresh as what it is made of, which is nothing", at)
			}
			if fields["Forget"] == nil {
				return true
			}
			ast.Inspect(fields["Forget"], func(node ast.Node) bool {
				if call, is := node.(*ast.CallExpr); is {
					if kind := kinds[lastName(call.Fun)]; kind != "" && kind != memory {
						t.Errorf("%s: the fact forgets %s/…, and is remembered as %q", at, kind, memory)
					}
				}
				return true
			})
			return true
		})
	})
	if n < 40 || len(names) < 10 {
		t.Errorf("%d facts and %d memories of them: the test looks for something else", n, len(names))
	}
}

// fieldsOfFact are the fields that a literal of a fact sets; nil for any other node.
func fieldsOfFact(node ast.Node) map[string]ast.Expr {
	lit, is := node.(*ast.CompositeLit)
	if !is {
		return nil
	}
	if of, is := lit.Type.(*ast.IndexListExpr); !is || lastName(of.X) != "Fact" {
		return nil
	}
	fields := map[string]ast.Expr{}
	for _, e := range lit.Elts {
		if field, is := e.(*ast.KeyValueExpr); is {
			fields[lastName(field.Key)] = field.Value
		}
	}
	return fields
}

// lastName is X of X and of some.X.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
