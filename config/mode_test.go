package config_test

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestSingleRepositories: a section that a policy switches off in one repository is as if it weren't
// there, in that one alone.
func TestSingleRepositories(t *testing.T) {
	p, err := parse("branches: [\"release-*\"]\nfreeze: {label: mine, max: 3}\nrepositories: {proxy: {freeze: off}, api: {rich: off}}\n")
	if err != nil {
		t.Fatal(err)
	}
	for repo, want := range map[string]string{"proxy": "code-freeze", "Proxy": "code-freeze", "api": "mine", "istio": "mine", "proxy2": "mine"} {
		s, err := config.Section[freezeSection](p.For(github.Repo{Owner: "istio", Name: repo}), "freeze")
		if err != nil || s.Label != want {
			t.Errorf("%s: %q, %v, want %q", repo, s.Label, err, want)
		}
	}
	if s, err := config.Section[freezeSection](p, "freeze"); err != nil || s.Max != 3 {
		t.Errorf("the policy itself has changed: %+v, %v", s, err)
	}
	var none *config.Policy
	if none.For(github.Repo{Name: "proxy"}) != nil {
		t.Error("there is a policy where there is none")
	}
	for text, want := range map[string]string{
		"repositories: {proxy: {freze: off}}":          `unknown section "freze"; did you mean "freeze"?`,
		"repositories: {proxy: {freeze: on}}":          `repositories.proxy.freeze: "on" is not known here: want enforce, report or off`,
		"repositories: {istio/proxy: {freeze: off}}":   "give the name alone",
		"repositories: [proxy]":                        "repositories: want a group of keys, found a list",
		"repositories: {proxy: off}":                   "repositories.proxy: want a group of keys, found a text",
		"repositories: {proxy: {versions: off}}":       "repositories.proxy.versions: a policy has one scheme of versions for all that it governs: want a policy of its own in a repository with other versions",
		"repositories: {proxy: {branches: off}}":       `unknown section "branches"`,
		"repositories: {proxy: {freeze: {label: it}}}": "repositories.proxy.freeze: want",
	} {
		if _, err := parse("branches: [\"release-*\"]\n" + text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// moded is a section with a check.
type moded struct {
	config.Enforcement `yaml:",inline"`
	Label              string `yaml:"label"`
}

func (moded) Validate() error { return nil }

// TestModes: which mode a section has on a branch in a repository, and what can't be one.
func TestModes(t *testing.T) {
	parse := func(text string) (*config.Policy, error) {
		return config.ParsePolicy("p", []byte("branches: [main, \"release-*\"]\n"+text), config.Declare[moded]("check"), config.Declare[rich]("rich"))
	}
	keys := map[string]string{
		"check: {mode: report}": "check.mode: report",
		"check: {modes: [{branches: [main], mode: off}, {branches: [main], mode: report}]}":      "check.modes[0].mode: off",
		"check: {modes: [{branches: [main], mode: off}]}\nrepositories: {Core: {check: report}}": "repositories.Core.check: report",
	}
	for text, want := range map[string]string{
		"":                      "enforce enforce",
		"check: {mode: report}": "report report",
		"check: {mode: report, label: x, modes: [{branches: [\"release-*\"], mode: enforce}]}":        "report enforce",
		"check: {modes: [{branches: [main], mode: off}, {branches: [main], mode: report}]}":           "off enforce",
		"check: {modes: [{branches: [main], mode: off}]}\nrepositories: {Core: {check: report}}":      "report report",
		"check: {modes: [{branches: [main], mode: off}]}\nrepositories: {core: {check: enforce}}":     "enforce enforce",
		"check: {modes: [{branches: [main], mode: report}]}\nrepositories: {core: {check: off}}":      "off off",
		"check: {modes: [{branches: [main], mode: report}]}\nrepositories: {elsewhere: {check: off}}": "report enforce",
	} {
		p, err := parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		p = p.For(github.Repo{Owner: "o", Name: "core"})
		if got := string(p.Mode("check", "main") + " " + p.Mode("check", "release-1.30")); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if got := p.ModeKey("check", "main"); keys[text] != "" && got != keys[text] {
			t.Errorf("%s: it is said by %s, want %s", text, got, keys[text])
		}
		if p.Mode("rich", "main") != config.Enforce || p.AsksFor("rich", "main") || p.AsksFor("check", "release-1.29") != strings.Contains(text, "\"release-*\"") {
			t.Errorf("%s: a section without a check has a mode, or asks for one", text)
		}
	}
	for text, want := range map[string]string{
		"check: {mode: repot}":                 `check.mode: "repot" is not known here: want enforce, report or off; did you mean "report"?`,
		"check: {mode: true}":                  "check.mode: want",
		"check: {modes: {main: report}}":       "check.modes: want a list, found a group",
		"check: {modes: [{branches: [main]}]}": "check.modes[0].mode: is missing or empty: want enforce, report or off",
		"check: {modes: [{mode: report}]}":     "check.modes[0].branches: is missing or empty",
		"repositories: {core: {rich: report}}": `repositories.core.rich: "report": this section has no check: want off`,
		"rich: {mode: report}":                 `unknown key "rich.mode"`,
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	p, err := parse("check: {modes: [{branches: [mian, release-1.30, \"x*\"], mode: report}]}")
	if err != nil || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], `check.modes[0].branches[0]: "mian" fits none`) {
		t.Errorf("%v, %v", p, err)
	}
	var none *config.Policy
	if none.Mode("check", "main") != config.Enforce || none.AsksFor("check", "main") {
		t.Error("without a policy a check has another mode than to fail closed")
	}
}
