package laws

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/palantir/go-githubapp/githubapp"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/webhook"
)

// entry is one line below a key of app.yml.
type entry struct {
	text      string // "checks: write" or "push"
	line      int
	commented bool // a comment stands right above it
}

var topKey = regexp.MustCompile(`^([a-z_]+):`)

// manifest reads app.yml by its lines, because its comments are part of the law.
func manifest(t *testing.T) map[string][]entry {
	t.Helper()
	sections := map[string][]entry{}
	key, commented := "", false
	for i, line := range strings.Split(read(t, "app.yml"), "\n") {
		text := strings.TrimSpace(line)
		switch {
		case text == "":
		case strings.HasPrefix(text, "#"):
			commented = true
			continue
		case topKey.MatchString(line):
			key = topKey.FindStringSubmatch(line)[1]
		default:
			e := entry{text: strings.TrimPrefix(text, "- "), line: i + 1, commented: commented}
			sections[key] = append(sections[key], e)
		}
		commented = false
	}
	return sections
}

func TestManifestEvents(t *testing.T) {
	// Every App gets these two without asking, and GitHub refuses those that ask.
	free := []string{"installation", "installation_repositories"}
	want := slices.DeleteFunc(webhook.Events(registry(t)), func(e string) bool { return slices.Contains(free, e) })
	var got []string
	for _, e := range manifest(t)["default_events"] {
		got = append(got, e.text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("app.yml asks for the events\n%q, the code handles\n%q", got, want)
	}
}

func TestManifestPermissions(t *testing.T) {
	got := map[string]string{}
	for _, e := range manifest(t)["default_permissions"] {
		name, level, _ := strings.Cut(e.text, ": ")
		got[name] = level
	}
	if want := ghclient.Permissions(); !maps.Equal(got, want) {
		t.Errorf("app.yml asks for %v, the code needs %v", got, want)
	}
}

func TestManifestOptional(t *testing.T) {
	text := read(t, "app.yml")
	for name, level := range ghclient.Optional() {
		if !strings.Contains(text, "\n  # "+name+": "+level+"\n") {
			t.Errorf("app.yml has no comment that offers %s: %s", name, level)
		}
		if ghclient.Permissions()[name] != "" {
			t.Errorf("%s is optional, and needed", name)
		}
	}
}

func TestManifestSaysWhy(t *testing.T) {
	m := manifest(t)
	for _, key := range []string{"default_events", "default_permissions"} {
		if len(m[key]) == 0 {
			t.Errorf("app.yml has no %s", key)
		}
		for _, e := range m[key] {
			if !e.commented {
				t.Errorf("app.yml:%d: %q needs a comment above it that names the feature", e.line, e.text)
			}
		}
	}
	if !strings.Contains(read(t, "app.yml"), githubapp.DefaultWebhookRoute+"\n") {
		t.Errorf("app.yml's hook doesn't lead to %s", githubapp.DefaultWebhookRoute)
	}
}
