package config_test

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
)

// TestVersionsFaults: the mistakes of a newcomer, each told with what to write.
func TestVersionsFaults(t *testing.T) {
	for text, want := range map[string]string{
		`versions: {scheme: pep404}`:                                                                        `did you mean "pep440"?`,
		`versions: {scheme: "{major}.{minor}"}`:                                                             "lacks {patch}; write [.{patch}]",
		`versions: {scheme: "v{major}.{minor}.{patch}"}`:                                                    "belongs into the tag",
		`versions: {tag: chart-v}`:                                                                          `did you mean "chart-v{version}"?`,
		`versions: {tag: "v{major}.{minor}.{patch}"}`:                                                       `did you mean "v{version}"?`,
		`versions: {tag: "refs/tags/v{version}"}`:                                                           `did you mean "v{version}"?`,
		`versions: {tag: "a..{version}"}`:                                                                   `is no tag's name: it contains ".."`,
		`versions: {branch: "release-*"}`:                                                                   `did you mean "release-{major}.{minor}"?`,
		`versions: {branch: "release-{version}"}`:                                                           `did you mean "release-{major}.{minor}"?`,
		`versions: {branch: "release-{minor}"}`:                                                             "needs {major} and behind it {minor}",
		`versions: {branch: "stable-{major}.{minor}"}`:                                                      "is never the name of a governed branch",
		`versions: {scheme: calendar, tag: "release-{version}", branch: "release-{major}.{minor}"}`:         "would both be called release-2026.11",
		"versions: {branch: \"release-{major}.{minor}\"}\nchecklist: {branch: \"release-{major}-{minor}\"}": `is another branch than versions.branch, "release-{major}.{minor}"`,
		"versions: {branch: release-x}\nmilestone: {title: \"{major}.{minor}\"}":                            "no governed branch has any by versions.branch",
	} {
		_, err := config.ParsePolicy("p", []byte("branches: [\"release-*\"]\n"+text+"\n"), handlers.Sections()...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "; line ") {
			t.Errorf("%s\n%v\nwant one fault with %q", text, err, want)
		}
	}
}

// TestVersionsBranch: the sections' own branches are that of versions, and teams are found by its numbers.
func TestVersionsBranch(t *testing.T) {
	p, err := config.ParsePolicy("p", []byte("branches: [\"*.x\"]\nrelease_managers: [\"rm-{major}-{minor}\"]\nversions: {scheme: pep440, branch: \"{major}.{minor}.x\"}\n"), handlers.Sections()...)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.ManagerTeams("5.2.x"), " "); got != "rm-5-2" || p.ManagerTeams("release-5.2") != nil {
		t.Errorf("the managers of 5.2.x are %q", got)
	}
}
