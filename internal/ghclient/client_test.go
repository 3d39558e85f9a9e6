package ghclient_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/palantir/go-githubapp/githubapp"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/sandbox/openapi"
)

var rocket = github.Repo{Owner: "acme", Name: "rocket"}

// forgetful is a cache for one test.
type forgetful struct{ sync.Map }

func (f *forgetful) Get(_ context.Context, key string) ([]byte, bool, error) {
	v, ok := f.Load(key)
	if !ok {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

func (f *forgetful) Epoch(context.Context) (int64, error) { return 0, nil }

func (f *forgetful) PutIf(_ context.Context, key string, v []byte, _ time.Duration, _ int64) error {
	f.Store(key, v)
	return nil
}

func (f *forgetful) Put(_ context.Context, key string, value []byte, _ time.Duration) error {
	f.Store(key, value)
	return nil
}

func (f *forgetful) Swap(_ context.Context, key string, old, value []byte, _ time.Duration) (bool, error) {
	now, there := f.Load(key)
	if there != (old != nil) || there && string(now.([]byte)) != string(old) {
		return false, nil
	}
	f.Store(key, value)
	return true, nil
}

func (f *forgetful) Supersede(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return f.Swap(ctx, key, old, value, ttl)
}

func (f *forgetful) Remember(context.Context, []github.PullSnapshot) error { return nil }

func (f *forgetful) PullSnapshot(context.Context, github.Repo, int) (github.PullSnapshot, bool, error) {
	return github.PullSnapshot{}, false, nil
}

func (f *forgetful) Forget(_ context.Context, prefix string) error {
	f.Range(func(k, _ any) bool {
		if strings.HasPrefix(k.(string), prefix) {
			f.Delete(k)
		}
		return true
	})
	return nil
}

// newClient starts a stand-in with one repository and one pull request, and a
// client of the App that is installed there.
func newClient(t *testing.T) (*sandbox.Server, *ghclient.Client, sandbox.PR) {
	t.Helper()
	memory := &forgetful{}
	return newClientWith(t, func(o *ghclient.Options) { o.Cache, o.Seen = memory, memory })
}

func newClientWith(t *testing.T, change func(*ghclient.Options), changeGitHub ...func(*sandbox.Options)) (*sandbox.Server, *ghclient.Client, sandbox.PR) {
	t.Helper()
	// CharactersOnly stands until texts of checks are cut by bytes.
	so := sandbox.Options{Profile: sandbox.GitHubCom, CharactersOnly: true, Dir: t.TempDir()}
	if v := openapi.Find(t); v != nil {
		seen := v.Collect()
		so.Middleware = seen.Wrap
		t.Cleanup(func() {
			for _, p := range seen.Problems() {
				t.Errorf("not as GitHub describes its API: %s", p)
			}
		})
	}
	for _, change := range changeGitHub {
		change(&so)
	}
	gh, err := sandbox.New(so)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gh.Close() })
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = gh.CreateUser("bob")
	try(err)
	try(gh.CreateOrg("acme", "bob"))
	try(gh.CreateRepo("acme", "rocket", sandbox.RepoOptions{Files: map[string]string{"a": "a"}}))
	try(gh.AddCollaborator("acme/rocket", "bob", "write"))
	_, err = gh.Install("acme", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	try(err)
	pr, err := gh.As("bob").OpenPR("acme/rocket", sandbox.PROptions{Base: "master", Head: "x", Files: map[string]string{"x": "x"}})
	try(err)
	sealer, err := effect.NewSealer([]byte("secret"))
	try(err)
	var cfg githubapp.Config
	cfg.V3APIURL, cfg.V4APIURL = gh.API(), gh.URL()+"/api/graphql"
	cfg.App.IntegrationID, cfg.App.PrivateKey = gh.App().ID, gh.App().PrivateKeyPEM
	o := ghclient.Options{GitHub: cfg, Sealer: sealer}
	change(&o)
	c, err := ghclient.New(o)
	try(err)
	return gh, c, pr
}

func count(gh *sandbox.Server, method, path string) int {
	n := 0
	for _, r := range gh.Requests() {
		if r.Method == method && strings.HasSuffix(r.Path, path) {
			n++
		}
	}
	return n
}

func TestOverlappingReadsAreOne(t *testing.T) {
	gh, c, _ := newClient(t)
	ctx := context.Background()
	if _, err := c.BranchExists(ctx, rocket, "master"); err != nil { // the token
		t.Fatal(err)
	}
	const readers = 16
	began := time.Now()
	// The first read is held until all others have had every chance to join it.
	joined := make(chan struct{})
	gh.Fault(sandbox.Fault{Times: 1, Match: func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/pulls/1") {
			<-joined
			return true
		}
		return false
	}})
	var wg, begun sync.WaitGroup
	begun.Add(readers)
	for range readers {
		wg.Go(func() {
			begun.Done()
			pr, err := c.CachedPull(reconcile.WithReadNoOlderThan(ctx, began), rocket, 1)
			if err != nil || pr.Number != 1 {
				t.Errorf("%+v, %v", pr, err)
			}
		})
	}
	begun.Wait()
	close(joined)
	wg.Wait()
	if n := count(gh, http.MethodGet, "/pulls/1"); n >= readers {
		t.Errorf("%d requests for %d overlapping reads", n, readers)
	}
}

func TestCheckRunConverges(t *testing.T) {
	gh, c, pr := newClient(t)
	ctx := context.Background()
	e := effect.CheckRun{Repo: rocket, Number: pr.Number, Commit: pr.HeadSHA, Name: "slipway/test"}
	for i, tc := range []struct {
		verdict effect.Verdict
		changed bool
		runs    int
		shows   string
	}{
		{effect.Verdict{State: effect.Wait, Title: "wait", Detail: "d"}, true, 1, "in_progress "},
		{effect.Verdict{State: effect.Block, Title: "no", Detail: "d"}, true, 1, "completed failure"},
		{effect.Verdict{State: effect.Block, Title: "no", Detail: "d"}, false, 1, "completed failure"},
		{effect.Verdict{State: effect.Block, Title: "no", Detail: "other"}, true, 1, "completed failure"},
		{effect.Verdict{State: effect.Pass, Title: strings.Repeat("ä", 400), Detail: strings.Repeat("ä", 70_000)}, true, 1, "completed success"},
		{effect.Verdict{State: effect.Pass, Title: strings.Repeat("ä", 400), Detail: strings.Repeat("ä", 70_000)}, false, 1, "completed success"},
		{effect.Verdict{State: effect.Neutral, Title: "n", Detail: "d"}, true, 1, "completed neutral"},
		{effect.Verdict{State: "nonsense", Title: "n", Detail: "d"}, true, 1, "completed failure"},
		{effect.Verdict{State: effect.Wait, Title: "again", Detail: "d"}, true, 2, "in_progress "}, // a completed run can't wait
	} {
		e.Verdict = tc.verdict
		r, err := c.Apply(ctx, e)
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		runs := gh.CheckRuns("acme/rocket", pr.HeadSHA)
		last := runs[0]
		for _, run := range runs {
			if run.ID > last.ID {
				last = run
			}
		}
		if r.Changed != tc.changed || len(runs) != tc.runs || last.Status+" "+last.Conclusion != tc.shows {
			t.Errorf("%d: changed %t, %d runs, the last is %s %s", i, r.Changed, len(runs), last.Status, last.Conclusion)
		}
		if last.ExternalID != "pr/1" {
			t.Errorf("%d: external id %q", i, last.ExternalID)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	var later *reconcile.RetryAfterError
	for name, tc := range map[string]struct {
		fault sandbox.Fault
		check func(error) bool
	}{
		"secondary limit": {sandbox.SecondaryLimit(1, 7*time.Second, false), func(err error) bool {
			return errors.As(err, &later) && time.Until(later.At) > 5*time.Second && time.Until(later.At) < 9*time.Second
		}},
		"too many requests": {sandbox.Fault{Times: 1, Status: 429, Header: http.Header{"Retry-After": {"30"}}}, func(err error) bool {
			return errors.As(err, &later) && time.Until(later.At) > 20*time.Second
		}},
		"gone":    {sandbox.Fault{Times: 1, Status: 451}, func(err error) bool { return errors.Is(err, reconcile.ErrGone) }},
		"missing": {sandbox.Fault{Times: 1, Status: 404}, func(err error) bool { return errors.Is(err, reconcile.ErrGone) }},
		"server error": {sandbox.ServerError(1), func(err error) bool {
			return err != nil && !errors.Is(err, reconcile.ErrGone) && !errors.As(err, &later)
		}},
		"html": {sandbox.Fault{Times: 1, Status: 200, Body: "<html>"}, func(err error) bool { return err != nil && !errors.Is(err, reconcile.ErrGone) }},
	} {
		t.Run(name, func(t *testing.T) {
			gh, c, _ := newClient(t)
			if _, err := c.BranchExists(context.Background(), rocket, "master"); err != nil {
				t.Fatal(err)
			}
			tc.fault.Path = regexp.MustCompile(`/pulls/1$`)
			gh.Fault(tc.fault)
			_, err := c.CachedPull(context.Background(), rocket, 1)
			if !tc.check(err) {
				t.Errorf("err = %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "ghs_") {
				t.Errorf("a token in %v", err)
			}
		})
	}
}

func TestUndeliveredNamesEachOnce(t *testing.T) {
	gh, c, _ := newClient(t)
	gh.SetHook("http://127.0.0.1:1/", "secret") // nobody listens
	began := time.Now().Add(-time.Minute)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if _, err := gh.As("bob").Comment("acme/rocket", 1, "hello"); err != nil {
		t.Fatal(err)
	}
	if err := gh.WaitDeliveries(ctx); err != nil {
		t.Fatal(err)
	}
	ids, err := c.Undelivered(ctx, began)
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	if err := c.Redeliver(ctx, ids[0].Attempt); err != nil { // fails again, as a newer attempt
		t.Fatal(err)
	}
	if err := gh.WaitDeliveries(ctx); err != nil {
		t.Fatal(err)
	}
	again, err := c.Undelivered(ctx, began)
	if err != nil || len(again) != 1 || again[0].GUID != ids[0].GUID || again[0].Attempt == ids[0].Attempt {
		t.Errorf("%v, %v", again, err)
	}
	if none, err := c.Undelivered(ctx, time.Now().Add(time.Hour)); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
}
