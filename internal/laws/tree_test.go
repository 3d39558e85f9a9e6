package laws

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

var update = flag.Bool("update", false, "write the tables and pages in docs anew")

const module = "github.com/istio-ecosystem/slipway"

// root is the module's directory, as seen from this package's.
var root = filepath.Join("..", "..")

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// registry is the real one. What it is asked here (events, commands) is pure,
// so its capabilities need nothing to read from.
func registry(t *testing.T) *reconcile.Registry {
	t.Helper()
	r, err := handlers.All(handlers.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// goPackage is what these tests read of `go list -json`.
type goPackage struct {
	ImportPath string
	Name       string
	GoFiles    []string
	Imports    []string // of files that are no tests
}

// rel is a package's directory within the module.
func (p goPackage) rel() string { return rel(p.ImportPath) }

// rel returns "" for a package of another module.
func rel(importPath string) string {
	inside, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return inside
}

var listed = sync.OnceValues(func() ([]goPackage, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,GoFiles,Imports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
})

// packages lists the module's packages.
func packages(t *testing.T) []goPackage {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if len(all) == 0 {
		t.Fatal("go list names no package")
	}
	return all
}

// files calls fn with every file that git tracks, or would if all were added,
// so that a law is broken before the commit and not after.
func files(t *testing.T, fn func(name, text string)) {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("SKIP: the files can't be listed, this is no git checkout (%v)", err)
	}
	n := 0
	for _, name := range strings.Split(string(out), "\x00") {
		raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if name == "" || errors.Is(err, fs.ErrNotExist) { // deleted, not yet committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		fn(name, string(raw))
	}
	if n < 100 {
		t.Fatalf("git lists %d files only", n)
	}
}
