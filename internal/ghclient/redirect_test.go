package ghclient_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestRedirectGetsNoToken: a redirect to another host, another port or without TLS isn't
// followed, by reads, writes, questions and requests for tokens; one within the API is.
func TestRedirectGetsNoToken(t *testing.T) {
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(other.Close)
	for _, to := range []string{other.URL, strings.Replace(other.URL, "127.0.0.1", "localhost", 1), "https://github.invalid"} {
		for _, status := range []int{301, 302, 307, 308} {
			gh, c, pr := newClient(t)
			calls := map[string]func() error{
				"read":     func() error { _, err := c.FreshPullDetail(t.Context(), rocket, pr.Number); return err },
				"question": func() error { _, err := c.Written(t.Context(), rocket, "IC_1"); return err },
				"write": func() error {
					_, err := c.Apply(t.Context(), effect.Comment{Repo: rocket, Number: pr.Number, Mark: effect.Mark{Kind: "x", ID: "1"}, Body: "hello"})
					return err
				},
				"a token for git": func() error { _, _, err := c.GitAccess(t.Context(), rocket, 1, false); return err },
			}
			for name, call := range calls {
				gh.ClearFaults()
				gh.Fault(sandbox.Fault{Status: status, Header: http.Header{"Location": {to + "/elsewhere"}}, Body: "{}"})
				err := call()
				var refused *reconcile.RefusedError
				if !errors.As(err, &refused) {
					t.Errorf("%s, %d to %s: %v", name, status, to, err)
				}
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("another host was asked %d times", n)
	}
}

// TestGitGoesByTheNewName: git isn't led from a repository's old name, so it is told the new one.
func TestGitGoesByTheNewName(t *testing.T) {
	gh, c, _ := newClient(t)
	if err := gh.RenameRepo("acme/rocket", "racket"); err != nil {
		t.Fatal(err)
	}
	id, err := c.RepoID(t.Context(), rocket)
	if err != nil {
		t.Fatal(err)
	}
	address, _, err := c.GitAccess(t.Context(), rocket, id, false)
	if want := "/acme/racket.git"; err != nil || address != want {
		t.Errorf("%s, %v; want %s", address, err, want)
	}
}
