package config_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// files is a GitHub that has files only, by "owner/name:path".
type files map[string]string

func (fs files) PolicyFile(_ context.Context, repo github.Repo) (github.File, error) {
	return fs.file(repo, config.PolicyPath), nil
}

func (fs files) file(repo github.Repo, path string) github.File {
	name := repo.String() + ":" + path
	text, ok := fs[name]
	return github.File{Repo: repo, Path: path, Text: text, URL: "https://github.com/" + name, Found: ok}
}

// following is one that follows references too.
type following struct{ files }

func (f following) ReferredFile(_ context.Context, _, to github.Repo, path string) (github.File, error) {
	return f.file(to, path), nil
}

func TestReferencesAreFollowedOnce(t *testing.T) {
	gh := files{
		"istio/istio:.github/slipway.yml":     "extends: istio/community:policy.yml\n",
		"istio/community:policy.yml":          "branches: [main]\n",
		"istio/nowhere:.github/slipway.yml":   "extends: other/secret\n",
		"istio/twice:.github/slipway.yml":     "extends: istio/istio\n",
		"istio/malformed:.github/slipway.yml": "extends: istio\n",
		"istio/leads:.github/slipway.yml":     "extends: istio/broken\n",
		"istio/broken:.github/slipway.yml":    "branches: []\n",
		"istio/odd:.github/slipway.yml":       "extends: istio/community:passwords.yml\n",
		"istio/community:passwords.yml":       "database: {hunter2: [}\n",
	}
	for name, tt := range map[string]struct{ fault, url string }{
		"istio":     {"", "istio/community:policy.yml"},
		"nowhere":   {"line 1, column 10: extends: other/secret:.github/slipway.yml can't be read: want a file there", "istio/nowhere:.github/slipway.yml"},
		"twice":     {"line 1, column 10: extends: leads on to another policy", "istio/istio:.github/slipway.yml"},
		"malformed": {`line 1, column 10: extends: "istio" is not a reference`, "istio/malformed:.github/slipway.yml"},
		"odd":       {"line 1, column 1: istio/community:passwords.yml is no policy: want a file with at least branches", "istio/community:passwords.yml"},
		"leads":     {"line 1, column 1: branches: is missing or empty", "istio/broken:.github/slipway.yml"},
	} {
		l, err := config.NewPolicies(following{gh}, time.Now).Policy(t.Context(), github.Repo{Owner: "istio", Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if l.URL != "https://github.com/"+tt.url {
			t.Errorf("%s: the policy stands at %s, want %s", name, l.URL, tt.url)
		}
		if tt.fault == "" && (l.Fault != nil || !l.Governs("main") || l.Governs("other")) || tt.fault != "" && (l.Fault == nil || !strings.HasPrefix(l.Fault.Error(), tt.fault)) {
			t.Errorf("%s: %v, want %s", name, l.Fault, tt.fault)
		}
	}
	// A source that can't follow leaves the gates closed.
	if l, err := config.NewPolicies(gh, time.Now).Policy(t.Context(), github.Repo{Owner: "istio", Name: "istio"}); err != nil || l.Fault == nil || !l.Governs("other") {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestKindOf(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want config.Kind
		why  string
	}{
		"policy":        {"branches: [a]\n", config.PolicyKind, ""},
		"section":       {"freeze: {}\n", config.PolicyKind, ""},
		"reference":     {"extends: a/b\n", config.PolicyKind, ""},
		"settings":      {"server: {}\nfoo: 1\n", config.SettingsKind, ""},
		"typo":          {"brunches: [a]\n", config.PolicyKind, ""},
		"settings typo": {"databse: {}\n", config.SettingsKind, ""},
		"broken":        {"server:\n  listen: [\nbar: {\n", config.SettingsKind, ""},
		"both":          {"branches: [a]\nserver: {}\n", "", "has keys of both, such as branches and server"},
		"neither":       {"name: CI\non: push\n", "", "has no key of either; a policy has branches, extends, fails_by_design, freeze, proposals, release_managers, repositories, timezone, and settings have calendars, database, git, github, log, pacing, seal, server, signing, webhook, workers"},
		"nothing":       {"# hello\n", "", "has no keys"},
		"a list":        {"- a\n", "", "has no keys"},
		"binary":        {"\x00\xff", "", "has no keys"},
	} {
		kind, why := config.KindOf([]byte(tt.text), config.Declare[freezeSection]("freeze"))
		if kind != tt.want || why != tt.why {
			t.Errorf("%s: %q, %s", name, kind, why)
		}
	}
}
