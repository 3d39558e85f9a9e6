package sandbox_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/sandbox/openapi"
)

var braces = regexp.MustCompile(`\{[^}]*\}`)

// edition is the part of a page's address that names an Enterprise Server; in one place that of github.com has it, too.
var edition = regexp.MustCompile(`enterprise-server@[0-9.]+/`)

// plain is a call without the names of its parameters, which differ.
func plain(method, path string) string {
	return strings.ToUpper(method) + " " + braces.ReplaceAllString(path, "{}")
}

// described reads a document of an npm package; what each is of is told by the path in it.
func described[T any](t *testing.T, name string) map[string]T {
	t.Helper()
	path := openapi.Cached(name)
	if path == "" { // there was no npm registry to fetch it from; where nothing may be skipped, that is a failure
		if os.Getenv("SLIPWAY_TEST_STRICT") == "1" {
			t.Fatalf("%s is not installed (make test-tools)", name)
		}
		t.Skipf("%s is not installed (make test-tools)", name)
	}
	text, err := os.ReadFile(path)
	must(t, err)
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	must(t, json.Unmarshal(text, &doc))
	all := map[string]T{}
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			var one T
			if json.Unmarshal(raw, &one) == nil { // a path's parameters stand beside its methods
				all[plain(method, path)] = one
			}
		}
	}
	return all
}

// TestUsesAreDescribed: GitHub has each endpoint that Slipway uses, in each version that it has to work with, and its page
// is the one that the table links to.
func TestUsesAreDescribed(t *testing.T) {
	for _, version := range []string{"api.github.com", "ghes-3.17", "ghes-3.19"} {
		t.Run(version, func(t *testing.T) {
			doc := described[struct {
				ExternalDocs struct{ URL string }
			}](t, "@octokit/openapi/generated/"+version+".json")
			for _, u := range sandbox.Uses() {
				method, path, _ := strings.Cut(u.Call, " ")
				op, known := doc[plain(method, path)]
				if page := edition.ReplaceAllString(op.ExternalDocs.URL, ""); !known || page != u.Page {
					t.Errorf("%s: GitHub's page is %q, the table has %s", u.Call, page, u.Page)
				}
			}
		})
	}
}

// otherwise is what npm's list has of calls whose page says more, or something else.
var otherwise = map[string]string{
	"GET /users/{username}":                               "metadata:read",    // needed by no page: anybody may
	"GET /repos/{owner}/{repo}/contents/{path+}":          "single_file:read", // instead of contents:read, for the one file
	"GET /repos/{owner}/{repo}/commits/{ref+}/check-runs": "contents:read",    // the page says checks:read
}

// TestUsesTakeTheirPermissions: the stand-in asks for what GitHub asks for, as far as npm's list knows it; it names one
// permission of several.
func TestUsesTakeTheirPermissions(t *testing.T) {
	known := described[struct{ Permission, Access string }](t, "@octokit/app-permissions/generated/api.github.com.json")
	checked := 0
	for _, u := range sandbox.Uses() {
		method, path, _ := strings.Cut(u.Call, " ")
		want, knows := known[plain(method, path)]
		if !knows {
			continue
		}
		checked++
		take := want.Permission + ":" + want.Access
		if !slices.Contains(strings.Split(u.Need, "|"), take) && otherwise[u.Call] != take {
			t.Errorf("%s takes %s, the stand-in asks for %q", u.Call, take, u.Need)
		}
	}
	if checked < 20 {
		t.Errorf("npm's list knows only %d of them", checked)
	}
}
