package laws

import (
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
)

var (
	excerpt = regexp.MustCompile("(?s)<!-- from (\\S+) -->\n(?:```[a-z]*\n(.*?)```\n|((?:>[^\n]*\n)+))")
	quoted  = regexp.MustCompile(`(?m)^> ?`)
)

// TestExcerpts holds what the documents show of other files (code, which so
// compiles, and texts that Slipway posts, in a block or as a quotation) to these
// files, to the letter.
func TestExcerpts(t *testing.T) {
	n := map[string]int{}
	documents(t, func(name, text string) {
		found := excerpt.FindAllStringSubmatch(text, -1)
		for _, m := range found {
			if shown := m[2] + quoted.ReplaceAllString(m[3], ""); !strings.Contains(read(t, m[1])+"\n", shown) {
				t.Errorf("%s shows of %s what isn't there:\n%s", name, m[1], shown)
			}
		}
		if n[name] = len(found); n[name] != strings.Count(text, "<!-- from ") {
			t.Errorf("%s: %d excerpts can be read of %d", name, n[name], strings.Count(text, "<!-- from "))
		}
	})
	for name, least := range map[string]int{"CONTRIBUTING.md": 5, "README.md": 1} {
		if n[name] < least {
			t.Errorf("%s has %d excerpts, at least %d are expected", name, n[name], least)
		}
	}
}

var yamlBlock = regexp.MustCompile("(?ms)^ *```yaml\n(.*?)^ *```\n")

// TestExamplePoliciesAreTaken: what the pages show of a policy is one, with the
// branches that every policy has to name. The generated pages have tests of their own.
func TestExamplePoliciesAreTaken(t *testing.T) {
	n := 0
	documents(t, func(name, text string) {
		if name == "docs/settings.md" || name == "docs/policy.md" || strings.HasPrefix(name, "docs/policy/") {
			return
		}
		for _, m := range yamlBlock.FindAllStringSubmatch(text, -1) {
			n++
			policy := m[1]
			if !strings.Contains(policy, "branches: [\"release-*\"]") && !strings.HasPrefix(policy, "extends:") {
				policy = "branches: [\"release-*\"]\n" + policy
			}
			if faults, _ := config.CheckPolicy([]byte(policy), handlers.Sections()...); len(faults) > 0 {
				t.Errorf("%s shows a policy that Slipway refuses: %v\n%s", name, faults, m[1])
			}
		}
	})
	if n < 7 {
		t.Errorf("%d examples of policies were found", n)
	}
}
