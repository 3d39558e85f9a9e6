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
		"repositories: {proxy: {freeze: on}}":          `repositories.proxy.freeze: "on" is not known here: want off`,
		"repositories: {istio/proxy: {freeze: off}}":   "give the name alone",
		"repositories: [proxy]":                        "repositories: want a group of keys, found a list",
		"repositories: {proxy: off}":                   "repositories.proxy: want a group of keys, found a text",
		"repositories: {proxy: {branches: off}}":       `unknown section "branches"`,
		"repositories: {proxy: {freeze: {label: it}}}": "repositories.proxy.freeze: want",
	} {
		if _, err := parse("branches: [\"release-*\"]\n" + text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
