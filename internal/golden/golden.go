package golden

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files anew")

// Updating reports whether the tests were told to write what they expect anew.
func Updating() bool { return *update }

// fileName makes a file's name of a test's: letters, digits, dots and dashes.
func fileName(test string) string {
	return strings.Trim(unfit.ReplaceAllString(test, "-"), "-")
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9._]+`)

// Check compares got with testdata/NAME. Every text also has to be safe to
// post: no line of it may begin with a command, and no mention may be live.
func Check(t *testing.T, name, got string) {
	t.Helper()
	for line := range strings.Lines(got) {
		if strings.HasPrefix(strings.TrimSpace(line), "/") {
			t.Errorf("%s holds a live command: %q", name, line)
		}
	}
	path := filepath.Join("testdata", fileName(name))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}
