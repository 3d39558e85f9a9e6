package schema

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
)

// workedFile is where people write a section's example, beside its type: a
// paragraph that says what the section is for, a situation, a policy, what then
// happens. Below the heading "## Mistakes" stand policies that have a fault; their
// faults are told at the keys, in the program's own words.
const workedFile = "testdata/example.md"

// worked is what stands there.
type worked struct {
	summary  string              // the first paragraph, on one line
	text     string              // what follows it, Markdown
	mistakes map[string][]string // what Slipway says of them, by key: "freeze.windows[].end"
}

var (
	fenced  = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")
	keyPath = regexp.MustCompile(`^[a-z_]+(?:\[\d+\]|\.[a-z_]+)*`)
	index   = regexp.MustCompile(`\[\d+\]`)
)

// worked reads the example of a section, and holds it to what Slipway says of it:
// the policy is a good one that has the section, each mistake has a fault.
func (c *Comments) worked(section config.Key, all []config.SectionType) (w worked, err error) {
	dir, ours := c.dir(section.Shape.Type)
	if !ours {
		return w, fmt.Errorf("%s is not of this module", section.Shape.Type)
	}
	raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(workedFile)))
	if err != nil {
		return w, fmt.Errorf("each section has a worked example: %w", err)
	}
	good, bad, _ := strings.Cut(string(raw), "\n## Mistakes\n")
	summary, text, _ := strings.Cut(strings.TrimSpace(good), "\n\n")
	w = worked{summary: prose(summary), text: text, mistakes: map[string][]string{}}
	policies := fenced.FindAllStringSubmatch(text, -1)
	if len(policies) == 0 {
		return w, errors.New("the worked example has no policy: a block of ```yaml")
	}
	for _, p := range policies {
		faults, notes := config.CheckPolicy([]byte(p[1]), all...)
		if len(faults)+len(notes) > 0 || !strings.Contains("\n"+p[1], "\n"+section.Name+":") {
			return w, fmt.Errorf("the worked example is no good policy with the section %s: %v, %v\n%s", section.Name, faults, notes, p[1])
		}
	}
	for _, p := range fenced.FindAllStringSubmatch(bad, -1) {
		faults, _ := config.CheckPolicy([]byte("branches: [\"release-*\"]\n"+p[1]), all...)
		if len(faults) == 0 {
			return w, fmt.Errorf("nothing is wrong with a mistake of the worked example:\n%s", p[1])
		}
		for _, f := range faults {
			key := strings.TrimSuffix(index.ReplaceAllString(keyPath.FindString(f.Message), "[]"), "[]")
			w.mistakes[key] = append(w.mistakes[key], f.Message)
		}
	}
	return w, nil
}

// dir is the directory of a type's source; ours is false for a type that isn't
// of the module.
func (c *Comments) dir(t reflect.Type) (dir string, ours bool) {
	path := strings.TrimSuffix(t.PkgPath(), "_test") // an external test package is in the same directory
	inside, ours := strings.CutPrefix(path, c.module+"/")
	return filepath.Join(c.root, filepath.FromSlash(inside)), ours
}
