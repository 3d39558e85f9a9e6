package ghclient_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestRefusalsThatPass: by the same words a read is refused for good.
func TestRefusalsThatPass(t *testing.T) {
	listed := func(words string) string { return `[{"resource":"Label","code":"custom","message":"` + words + `"}]` }
	plain := func(words string) string { return `"` + words + `"` }
	for _, form := range []func(words string) string{listed, plain} {
		refusalsThatPass(t, form)
	}
}

func refusalsThatPass(t *testing.T, errorsOf func(words string) string) {
	for words, passes := range map[string]bool{
		"No commit found for SHA: 1234": true, "Reference update failed": true, "Object does not exist": true,
		"not all refs are readable": true, "was submitted too quickly": true, "name is too long": false,
		"Tree SHA does not exist": true, "Parent SHA does not exist or is not a commit object": true,
	} {
		t.Run(words, func(t *testing.T) {
			gh, c, _ := newClient(t)
			gh.Fault(sandbox.Fault{Method: http.MethodPost, Status: 422, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/labels") },
				Body: `{"message":"Validation Failed","errors":` + errorsOf(words) + `}`})
			gh.Fault(sandbox.Refusal(0, http.MethodGet, `/pulls/1$`, words))
			_, err := c.Apply(t.Context(), effect.NewLabel{Repo: rocket, Name: "x"})
			passing, is := errors.AsType[*reconcile.PassingError](err)
			if _, refused := errors.AsType[*reconcile.RefusedError](err); is != passes || refused == passes {
				t.Errorf("a write: %v", err)
			}
			if is && !strings.Contains(passing.Refusal.Said, words) {
				t.Errorf("the reason is %q", passing.Refusal.Said)
			}
			_, err = c.CachedPull(t.Context(), rocket, 1)
			if _, refused := errors.AsType[*reconcile.RefusedError](err); !refused {
				t.Errorf("a read: %v", err)
			}
		})
	}
}

// TestRefusedToken: whatever is read for it isn't there only if GitHub says so.
func TestRefusedToken(t *testing.T) {
	gh, c, _ := newClient(t)
	gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/access_tokens$"), Status: 403,
		Body: "{\"message\":\"The `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\"}"})
	_, found, err := c.Revision(t.Context(), rocket, "v1")
	if told, is := errors.AsType[*reconcile.RefusedError](err); !is || found || !strings.Contains(told.Said, "has an IP allow list enabled") {
		t.Errorf("%t, %v", found, err)
	}
	gh.ClearFaults()
	for _, ref := range []string{"v1", strings.Repeat("a", 40)} {
		if _, found, err := c.Revision(t.Context(), rocket, ref); found || err != nil {
			t.Errorf("%s: %t, %v", ref, found, err)
		}
	}
}

// TestLimitsOutliveTokens: who got a new token knows the limit still.
func TestLimitsOutliveTokens(t *testing.T) {
	gh, c, _ := newClient(t)
	read := func() error {
		_, err := c.BranchExists(t.Context(), rocket, "master")
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	gh.RotateTokens()
	gh.Fault(sandbox.Fault{Times: 1, Skip: 1, Status: 403, Method: http.MethodGet, Body: `{"message":"You have exceeded a secondary rate limit."}`})
	for range 2 {
		if _, waits := errors.AsType[*reconcile.RetryAfterError](read()); !waits {
			t.Error("a limit that a new token met is not waited for")
		}
	}
}

// TestRefusedWordOfTheApp: who can't prove who it is learns that it is the clock, if it is.
func TestRefusedWordOfTheApp(t *testing.T) {
	for ahead, want := range map[time.Duration]string{2 * time.Minute: " ahead of GitHub's)", 50 * time.Second: "", -4 * time.Minute: ""} {
		memory := &forgetful{}
		_, c, _ := newClientWith(t, func(o *ghclient.Options) {
			o.Cache, o.Seen, o.Now = memory, memory, func() time.Time { return time.Now().Add(ahead) }
		})
		_, err := c.Repos(t.Context())
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s ahead: %v", ahead, err)
		}
		if got := c.ClockAhead().Round(10 * time.Second); got != ahead {
			t.Errorf("%s ahead: it is taken for %s", ahead, got)
		}
	}
}

// TestNobodyIsNotLookedUp: GitHub has no account 0.
func TestNobodyIsNotLookedUp(t *testing.T) {
	gh, c, _ := newClient(t)
	ghost := github.User{Login: "ghost"}
	if member, exists, err := c.Member(context.Background(), rocket, "none", ghost); member || exists || err != nil {
		t.Errorf("%t, %t, %v", member, exists, err)
	}
	if may, err := c.Permission(context.Background(), rocket, ghost); may != github.NoPermission || err != nil {
		t.Errorf("%v, %v", may, err)
	}
	if n := count(gh, http.MethodGet, "/user/0"); n != 0 {
		t.Errorf("account 0 was asked for %d times", n)
	}
}
