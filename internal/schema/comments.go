package schema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// Comments finds the comments of types and of their fields in the source.
type Comments struct {
	root, module string
	packages     map[string]map[string]string // by directory: "Type" and "Type.Field"
}

// NewComments reads the source of a module below root.
func NewComments(root, module string) *Comments {
	return &Comments{root: root, module: module, packages: map[string]map[string]string{}}
}

// Type is the comment of a type; "" for a type that isn't of the module.
func (c *Comments) Type(t reflect.Type) (string, error) {
	return c.find(t, t.Name())
}

// Field is the comment of a struct's field.
func (c *Comments) Field(t reflect.Type, field string) (string, error) {
	if t.Name() == "" {
		return "", fmt.Errorf("the struct with the field %s has no name, so its comments can't be found", field)
	}
	text, err := c.find(t, t.Name()+"."+field)
	if err == nil && text == "" {
		err = fmt.Errorf("%s.%s has no comment, which is what people read about its key", t, field)
	}
	return text, err
}

func (c *Comments) find(t reflect.Type, name string) (string, error) {
	dir, ours := c.dir(t)
	if !ours {
		return "", nil
	}
	if c.packages[dir] == nil {
		read, err := readComments(dir)
		if err != nil {
			return "", err
		}
		c.packages[dir] = read
	}
	return c.packages[dir][name], nil
}

func readComments(dir string) (map[string]string, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, f := range list {
		if !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				typeComments(g, found)
			}
		}
	}
	return found, nil
}

func typeComments(g *ast.GenDecl, found map[string]string) {
	for _, spec := range g.Specs {
		t := spec.(*ast.TypeSpec)
		doc := t.Doc
		if doc == nil && len(g.Specs) == 1 {
			doc = g.Doc
		}
		found[t.Name.Name] = prose(doc.Text())
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range s.Fields.List {
			text := prose(f.Doc.Text())
			if text == "" {
				text = prose(f.Comment.Text()) // behind the field
			}
			for _, name := range f.Names {
				found[t.Name.Name+"."+name.Name] = text
			}
		}
	}
}

// prose joins the lines of each paragraph and leaves indented blocks alone.
func prose(comment string) string {
	var paragraphs []string
	for p := range strings.SplitSeq(strings.TrimSpace(comment), "\n\n") {
		if !strings.HasPrefix(p, "\t") && !strings.HasPrefix(p, "  ") {
			p = strings.Join(strings.Fields(p), " ")
		}
		paragraphs = append(paragraphs, p)
	}
	return strings.Join(paragraphs, "\n\n")
}
