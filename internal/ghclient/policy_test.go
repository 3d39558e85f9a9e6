package ghclient_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// Package config asks the client for what only some sources of policies have.
var _ config.Referrer = (*ghclient.Client)(nil)

// putLog is a cache that says for how long it was told to keep what.
type putLog struct {
	*forgetful
	ttl time.Duration
}

func (p *putLog) PutIf(ctx context.Context, key string, v []byte, ttl time.Duration, epoch int64) error {
	p.ttl = ttl
	return p.forgetful.PutIf(ctx, key, v, ttl, epoch)
}

func TestReferredFile(t *testing.T) {
	cache := &putLog{forgetful: &forgetful{}}
	gh, c, _ := newClientWith(t, func(o *ghclient.Options) { o.Cache, o.Seen = cache, cache })
	policy := map[string]string{"p.yml": "branches: [x]\n", ".github/slipway.yml": "branches: [y]\n"}
	create := func(owner, name string, private bool) {
		t.Helper()
		if err := gh.CreateRepo(owner, name, sandbox.RepoOptions{Files: policy, Private: private}); err != nil {
			t.Fatal(err)
		}
	}
	create("acme", "open", false)
	create("acme", "secret", true)
	create("acme", "hidden", true)
	create("acme", ".github", true)
	for _, err := range []error{gh.CreateOrg("other", "bob"), gh.CreateOrg("away", "bob")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	create("other", "open", false)
	create("away", "open", false)
	if _, err := gh.Install("other", sandbox.InstallOptions{Permissions: ghclient.Permissions()}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		from, to, path string
		found          bool
	}{
		"public to public":                {"acme/rocket", "acme/open", "p.yml", true},
		"any spelling of the owner":       {"Acme/rocket", "acme/open", "p.yml", true},
		"public to private":               {"acme/rocket", "acme/secret", "p.yml", false},
		"public to private, usual place":  {"acme/rocket", "acme/secret", ".github/slipway.yml", false},
		"private to public":               {"acme/secret", "acme/open", "p.yml", true},
		"private to private":              {"acme/secret", "acme/hidden", "p.yml", true},
		"public to the owner's policy":    {"acme/rocket", "acme/.github", ".github/slipway.yml", true},
		"another file beside it":          {"acme/rocket", "acme/.github", "p.yml", false},
		"no such file":                    {"acme/rocket", "acme/open", "q.yml", false},
		"no such repository":              {"acme/rocket", "acme/nowhere", "p.yml", false},
		"a folder":                        {"acme/rocket", "acme/open", ".github", false},
		"another owner with the App":      {"acme/rocket", "other/open", "p.yml", false},
		"another owner without it":        {"acme/rocket", "away/open", "p.yml", false},
		"another owner's own policy":      {"acme/rocket", "other/.github", ".github/slipway.yml", false},
		"private to another owner":        {"acme/secret", "other/open", "p.yml", false},
		"on behalf of who is gone":        {"acme/gone", "acme/secret", "p.yml", false},
		"the owner's to a private of its": {"acme/.github", "acme/secret", "p.yml", true},
	} {
		from, err := github.ParseRepo(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := github.ParseRepo(tt.to)
		if err != nil {
			t.Fatal(err)
		}
		gh.ResetRequests()
		f, err := c.ReferredFile(t.Context(), from, to, tt.path)
		if err != nil || f.Found != tt.found || f.Found != (f.Text != "") || f.Repo != to || f.Path != tt.path {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		if from.Owner != to.Owner && !tt.found && len(gh.Requests()) > 0 {
			t.Errorf("%s: it was asked for at all", name)
		}
	}
	if cache.ttl != 5*time.Minute {
		t.Errorf("a file is believed for %s", cache.ttl)
	}
	// What was read once costs nothing, until the policy that refers is forgotten.
	rocket, open := github.Repo{Owner: "acme", Name: "rocket"}, github.Repo{Owner: "acme", Name: "open"}
	for _, want := range []string{"0 requests", "2 requests"} {
		gh.ResetRequests()
		if _, err := c.ReferredFile(t.Context(), rocket, open, "p.yml"); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%d requests", len(gh.Requests())); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if err := cache.Forget(t.Context(), github.PolicyCacheKey(rocket)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileBeside: a file beside the policy is read where that stands, with the same owner alone.
func TestFileBeside(t *testing.T) {
	gh, c, _ := newClient(t)
	if err := gh.CreateRepo("acme", ".github", sandbox.RepoOptions{Files: map[string]string{"a.ics": "BEGIN"}, Private: true}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		owner, repo, path string
		found             bool
	}{
		"there":         {"acme", ".github", "a.ics", true},
		"another file":  {"acme", ".github", "b.ics", false},
		"no repository": {"acme", "nowhere", "a.ics", false},
		"another owner": {"other", ".github", "a.ics", false},
	} {
		f, err := c.FileBeside(t.Context(), rocket, github.Repo{Owner: tt.owner, Name: tt.repo}, tt.path)
		if err != nil || f.Found != tt.found || f.Found != (f.Text == "BEGIN") {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		before, err := c.BesideBefore(t.Context(), rocket, github.Repo{Owner: tt.owner, Name: tt.repo}, tt.path, 5)
		if err != nil || (len(before) == 1 && before[0].Text == "BEGIN" && !before[0].At.IsZero()) != tt.found {
			t.Errorf("%s before: %+v, %v", name, before, err)
		}
	}
}

func TestBranchHead(t *testing.T) {
	_, c, pr := newClient(t)
	for branch, want := range map[release.Branch]string{"x": pr.HeadSHA, "y": ""} {
		if got, err := c.BranchHead(t.Context(), rocket, branch); err != nil || got != want {
			t.Errorf("%s is at %q, want %q; %v", branch, got, want, err)
		}
	}
}

func TestRecentRepos(t *testing.T) {
	gh, c, _ := newClient(t)
	for name, private := range map[string]bool{"a": false, "b": true} {
		if err := gh.CreateRepo("acme", name, sandbox.RepoOptions{Files: map[string]string{"a": "a"}, Private: private}); err != nil {
			t.Fatal(err)
		}
	}
	for of, want := range map[github.Repo]int{rocket: 2, {Owner: "acme", Name: "b"}: 3} {
		got, err := c.RecentRepos(t.Context(), of)
		if err != nil || len(got) != want || slices.Contains(got, github.Repo{Owner: "acme", Name: "b"}) != (want == 3) {
			t.Errorf("beside %s are %v, %v", of, got, err)
		}
	}
}
