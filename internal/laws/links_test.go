package laws

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/schema"
)

// documents calls fn with every document for people: those at the top and in docs.
func documents(t *testing.T, fn func(name, text string)) {
	t.Helper()
	files(t, func(name, text string) {
		if strings.HasSuffix(name, ".md") && (!strings.Contains(name, "/") || strings.HasPrefix(name, "docs/")) {
			fn(name, text)
		}
	})
}

// What a newcomer reads first is short.
var mostLines = map[string]int{"README.md": 150, "docs/design.md": 250}

func TestFirstPagesAreShort(t *testing.T) {
	for name, most := range mostLines {
		if n := strings.Count(read(t, name), "\n"); n > most {
			t.Errorf("%s has %d lines, at most %d: which of them belong to a page of docs?", name, n, most)
		}
	}
}

var (
	codeBlock = regexp.MustCompile("(?ms)^[> ]*```.*?^[> ]*```[ \t]*$")
	heading   = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	madeLink  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	anchorTag = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	link      = regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)
	mention   = regexp.MustCompile(`\b(docs/[a-z/-]+\.md|README\.md|CONTRIBUTING\.md)(?:#([a-z0-9_-]+))?`)
)

// anchors are the places of a document that a link may name, as GitHub makes them
// of its headings.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range anchorTag.FindAllStringSubmatch(text, -1) {
		all[m[1]] = true
	}
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		name := schema.Anchor(madeLink.ReplaceAllString(m[1], "$1"))
		for n, base := 1, name; all[name]; n++ {
			name = base + "-" + strconv.Itoa(n)
		}
		all[name] = true
	}
	return all
}

// deadLink says what is wrong with a link to a place of a document; "" is nothing.
func deadLink(target, anchor string) string {
	raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(target)))
	switch {
	case err != nil && anchor == "":
		if _, err = os.Stat(filepath.Join(root, filepath.FromSlash(target))); err == nil {
			return "" // a folder
		}
		fallthrough
	case err != nil:
		return "there is no " + target
	case anchor != "" && !anchors(string(raw))[anchor]:
		return fmt.Sprintf("%s has no heading for #%s", target, anchor)
	}
	return ""
}

// TestLinksLead: each link of a document leads to a file that is there and, with an
// anchor, to a heading of it; and from the README one gets to every document.
func TestLinksLead(t *testing.T) {
	leads := map[string][]string{}
	documents(t, func(name, text string) {
		leads[name] = nil
		for _, m := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], ":") {
				continue // an address
			}
			target := name
			if m[1] != "" {
				target = path.Join(path.Dir(name), m[1])
			}
			leads[name] = append(leads[name], target)
			if wrong := deadLink(target, m[2]); wrong != "" {
				t.Errorf("%s: %s: %s", name, m[0], wrong)
			}
		}
	})
	reached := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		if next, is := leads[name]; is && !reached[name] {
			reached[name] = true
			for _, n := range next {
				visit(n)
			}
		}
	}
	visit("README.md")
	for name := range leads {
		if !reached[name] {
			t.Errorf("no way leads from README.md to %s", name)
		}
	}
}

// TestCodeNamesDocumentsThatAre: the documents that the code speaks of, in comments
// and in what it says, exist. Not so in the strings of tests and of the stand-in,
// whose repositories have files of their own.
func TestCodeNamesDocumentsThatAre(t *testing.T) {
	n := 0
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		check := func(at token.Pos, text string) {
			for _, m := range mention.FindAllStringSubmatch(text, -1) {
				n++
				if wrong := deadLink(m[1], m[2]); wrong != "" {
					t.Errorf("%s speaks of %s: %s", set.Position(at), m[0], wrong)
				}
			}
		}
		for _, c := range file.Comments {
			check(c.Pos(), c.Text())
		}
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/sandbox/") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING {
				check(s.Pos(), s.Value)
			}
			return true
		})
	})
	if n < 10 {
		t.Errorf("the code speaks of documents %d times; the pattern is too old", n)
	}
}

var qualified = regexp.MustCompile("`\\*?([a-z]+)\\.([A-Z][A-Za-z]*)(?:\\.([A-Z][A-Za-z]*))?`")

// TestNamesInTextsExist: what a document calls by its Go name, such as
// `effect.Files`, is declared in that package.
func TestNamesInTextsExist(t *testing.T) {
	declared := map[string]map[string]bool{}
	sources(t, func(_ string, _ *token.FileSet, file *ast.File) {
		pkg := file.Name.Name
		if declared[pkg] == nil {
			declared[pkg] = map[string]bool{}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch d := n.(type) {
			case *ast.FuncDecl:
				declared[pkg][d.Name.Name] = true
			case *ast.TypeSpec:
				declared[pkg][d.Name.Name] = true
			case *ast.ValueSpec:
				for _, name := range d.Names {
					declared[pkg][name.Name] = true
				}
			case *ast.Field:
				for _, name := range d.Names {
					declared[pkg][name.Name] = true
				}
			}
			return true
		})
	})
	n := 0
	documents(t, func(name, text string) {
		for _, m := range qualified.FindAllStringSubmatch(text, -1) {
			if pkg := declared[m[1]]; pkg != nil {
				n++
				if !pkg[m[2]] || m[3] != "" && !pkg[m[3]] {
					t.Errorf("%s: package %s declares no such thing as %s", name, m[1], m[0])
				}
			}
		}
	})
	if n < 10 {
		t.Errorf("the documents name %d declarations; the pattern is too old", n)
	}
}
