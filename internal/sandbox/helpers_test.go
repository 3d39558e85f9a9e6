package sandbox_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/sandbox/openapi"
)

const repo = "istio/istio"

// world is a small Istio with the App installed, its webhooks collected, and every request and answer validated.
type world struct {
	t    *testing.T
	s    *sandbox.Server
	inst int64
	gh   *github.Client // as the installation
	app  *github.Client // as the App

	mu    sync.Mutex
	hooks []event
}

type event struct {
	name, guid string
	header     http.Header
	body       []byte
}

func newWorld(t *testing.T, opts sandbox.Options) *world {
	t.Helper()
	w := &world{t: t}
	opts.Dir = t.TempDir()
	if v := openapi.Find(t); v != nil {
		col := v.Collect()
		opts.Middleware = col.Wrap
		t.Cleanup(func() {
			for _, p := range col.Problems() {
				t.Error(p)
			}
		})
	}
	var err error
	w.s, err = sandbox.New(opts)
	must(t, err)
	t.Cleanup(func() { w.s.Close() })
	must(t, w.s.CreateOrg("istio", "alice", "bob"))
	must(t, w.s.CreateRepo("istio", "istio", sandbox.RepoOptions{Files: map[string]string{
		"README.md": "# Istio\n", "pkg/a.go": "package pkg\n", "pkg/b.go": "package pkg\n\nvar B = 1\n"}}))
	must(t, w.s.CreateBranch(repo, "release-1.30", "master"))
	must(t, w.s.CreateTeam("istio", "Release Managers", "alice"))
	must(t, w.s.AddCollaborator(repo, "alice", "write"))
	_, err = w.s.CreateUser("mallory")
	must(t, err)
	w.inst, err = w.s.Install("istio", sandbox.InstallOptions{})
	must(t, err)
	hook := httptest.NewServer(http.HandlerFunc(w.hook))
	t.Cleanup(hook.Close)
	w.s.SetHook(hook.URL, "")
	w.gh, w.app = w.installation(w.inst), w.asApp()
	return w
}

func (w *world) hook(rw http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks = append(w.hooks, event{r.Header.Get("X-GitHub-Event"), r.Header.Get("X-GitHub-Delivery"), r.Header, b})
}

func (w *world) events() []event {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	must(w.t, w.s.WaitDeliveries(ctx))
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]event(nil), w.hooks...)
}

func (w *world) installation(id int64) *github.Client {
	tr, err := ghinstallation.New(http.DefaultTransport, w.s.App().ID, id, []byte(w.s.App().PrivateKeyPEM))
	must(w.t, err)
	tr.BaseURL = w.s.URL() + "/api/v3"
	return w.client(&http.Client{Transport: tr})
}

func (w *world) asApp() *github.Client {
	tr, err := ghinstallation.NewAppsTransport(http.DefaultTransport, w.s.App().ID, []byte(w.s.App().PrivateKeyPEM))
	must(w.t, err)
	return w.client(&http.Client{Transport: tr})
}

func (w *world) as(login string) *github.Client {
	return w.client(nil).WithAuthToken(w.s.As(login).Token())
}

func (w *world) client(hc *http.Client) *github.Client {
	c, err := github.NewClient(hc).WithEnterpriseURLs(w.s.API(), w.s.URL()+"/api/uploads/")
	must(w.t, err)
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func status(err error) int {
	if e, is := err.(*github.ErrorResponse); is {
		return e.Response.StatusCode
	}
	return 0
}
