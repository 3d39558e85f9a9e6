package laws

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFloorTable(t *testing.T) {
	rows := [][]string{{"Floor", "Package", "What lives there", "May import"}}
	for _, f := range floors {
		level, may := "–", "none of ours"
		if f.level != beside {
			level = fmt.Sprint(f.level)
		}
		switch {
		case f.reach == 0:
			may = "floor 0"
		case f.reach > 0:
			may = fmt.Sprintf("floors 0–%d", f.reach)
		}
		if len(f.also) > 0 {
			also := "`" + strings.Join(f.also, "`, `") + "` (" + f.why + ")"
			may = strings.TrimPrefix(may+"; "+also, "none of ours; ")
		}
		rows = append(rows, []string{level, "`" + f.name + "`", f.purpose, may})
	}
	checkTable(t, "docs/design.md", "floors", rows)
}

// checkTable compares the table between a file's markers with the code's. With
// -update it writes the code's.
func checkTable(t *testing.T, file, name string, rows [][]string) {
	t.Helper()
	checkPart(t, file, name, markdown(rows))
}

// checkPart is checkTable for any Markdown.
func checkPart(t *testing.T, file, name, part string) {
	t.Helper()
	begin, end := "<!-- begin: "+name+" -->", "<!-- end: "+name+" -->"
	text := read(t, file)
	before, rest, hasBegin := strings.Cut(text, begin)
	got, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd || strings.Contains(after, begin) {
		t.Fatalf("%s needs the lines %q and, below it, %q, once each: what is between them is made by this test", file, begin, end)
	}
	want := "\n" + part
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s: the part %s is not the code's; run go test ./internal/laws -update, which makes it\n%s", file, name, want)
	}
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(file)), []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// markdown is a table whose first row is its heading.
func markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		for _, cell := range row {
			b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

var (
	directModule  = regexp.MustCompile(`(?m)^\t(\S+) (v\S+)$`) // without "// indirect"
	dependencyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|")
)

// TestDependenciesAreAccountedFor holds docs/dependencies.md to go.mod: every
// direct dependency has its line, with the version, and no line is left over.
func TestDependenciesAreAccountedFor(t *testing.T) {
	var want, got []string
	for _, m := range directModule.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		want = append(want, m[1]+" "+m[2])
	}
	account, _, found := strings.Cut(read(t, "docs/dependencies.md"), "\n## Tools")
	if !found {
		t.Fatal("docs/dependencies.md needs a heading \"## Tools\" below the table of go.mod's dependencies")
	}
	for _, m := range dependencyRow.FindAllStringSubmatch(account, -1) {
		got = append(got, m[1]+" "+strings.TrimSpace(m[2]))
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("docs/dependencies.md has no line for %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("docs/dependencies.md tells of %s, which go.mod doesn't require", g)
		}
	}
}
