package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestValidate plays the scripts in testdata/validate, which call slipway as
// people do and compare what it prints.
func TestValidate(t *testing.T) { play(t, "validate") }

// TestNotesCommands plays those in testdata/notes.
func TestNotesCommands(t *testing.T) { play(t, "notes") }

func play(t *testing.T, scripts string) {
	t.Helper()
	t.Parallel()
	bin := t.TempDir()
	if err := os.Symlink(self(t)[0], filepath.Join(bin, "slipway")); err != nil {
		t.Fatal(err)
	}
	shipped, err := filepath.Abs(filepath.Join("..", "..", "config"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", scripts),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SLIPWAY_TEST_AS_PROGRAM", "1")
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("SHIPPED", shipped)
			return nil
		},
	})
}
