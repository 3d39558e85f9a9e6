package main

import (
	"context"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/sandbox/openapi"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// TestMain lets tests start this very program as a process of its own: with
// the variable set, the test binary is slipway.
func TestMain(m *testing.M) {
	if os.Getenv("SLIPWAY_TEST_AS_PROGRAM") != "" {
		if err := surroundChild(); err != nil {
			panic(err)
		}
		main()
		return
	}
	status := m.Run()
	if scratch != "" {
		_ = os.RemoveAll(scratch)
	}
	os.Exit(status)
}

// demoPolicy is the organisation's policy in conversations, in its repository `.github`: a small one, to which they add what they are about.
const demoPolicy = `# Which branches Slipway governs, and who manages their releases.
branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
freeze:
  label: code-freeze
`

// world is the demo's organisation with Slipway running on it, held to GitHub's
// own description of its API.
type world struct {
	t       *testing.T
	gh      *sandbox.Server
	program *Program
	env     []string
	roots   *x509.CertPool // surroundings.roots
	log     *logBuffer
	rerun   bool // a check was asked for again, which makes a second run
	clock   *clock
	pushes  int
	named   map[string]int // milestones, by their titles
}

// logBuffer collects a program's log.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// inParallel are the tests that were told to run beside others.
var inParallel sync.Map

// parallel has a test run beside others: worlds share nothing. A test may have
// several worlds, and may be told so only once.
func parallel(t *testing.T) {
	if _, told := inParallel.LoadOrStore(t, true); !told {
		t.Parallel()
	}
}

// newWorld starts the stand-in and the program, and ends both with the test,
// which then fails if a request or an answer wasn't as GitHub describes them.
func newWorld(t *testing.T, change ...func(*sandbox.Options)) *world {
	t.Helper()
	parallel(t)
	dir := t.TempDir()
	clock := newClock(t)
	o := sandbox.Options{Profile: sandbox.GitHubCom, Dir: filepath.Join(dir, "github"), Now: clock.Now, Act: func() { clock.advance(time.Second) }}
	if v := openapi.Find(t); v != nil {
		seen := v.Collect()
		o.Middleware = seen.Wrap
		t.Cleanup(func() {
			for _, p := range seen.Problems() {
				t.Errorf("not as GitHub describes its API: %s", p)
			}
		})
	}
	for _, c := range change {
		c(&o)
	}
	gh, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gh.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		for _, call := range gh.CalledByApp() {
			if !slices.ContainsFunc(sandbox.Uses(), func(u sandbox.Use) bool { return u.Call == call }) {
				t.Errorf("%s isn't in the table of what Slipway uses (sandbox.Uses)", call)
			}
		}
	})
	if err := buildWorld(gh, demoPolicy); err != nil {
		t.Fatal(err)
	}
	storetest.Tables(t, filepath.Join(dir, "slipway.db"))
	w := &world{t: t, gh: gh, log: &logBuffer{}, clock: clock, env: append(demoSettings(gh, dir, "127.0.0.1:0"), clock.told.Variable())}
	w.start()
	t.Cleanup(w.stop)
	return w
}

func (w *world) start() {
	w.t.Helper()
	settings, err := config.Load("", w.env)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx := context.Background()
	if w.program, err = newProgram(ctx, settings, zerolog.New(w.log).Level(zerolog.InfoLevel), surroundings{now: w.clock.Now, roots: w.roots}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.program.Start(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.gh.SetHook("http://"+w.program.Addr()+"/api/github/hook", w.gh.App().WebhookSecret)
	w.settle()
}

func (w *world) stop() {
	if w.program == nil {
		return
	}
	if err := w.program.Stop(); err != nil {
		w.t.Error(err)
	}
	w.program = nil
	if strings.Contains(w.log.String(), "panic") {
		w.t.Errorf("something panicked: %s", w.log)
	}
	for _, secret := range []string{w.gh.App().WebhookSecret, "PRIVATE KEY", "ghs_"} {
		if strings.Contains(w.log.String(), secret) {
			w.t.Errorf("the log holds a secret: %q", secret)
		}
	}
}

// settleWithin bounds every wait of a test; only what hangs uses it up.
const settleWithin = 10 * time.Minute

// settle waits until every webhook was delivered and nothing is left to work,
// retries to come included: the clock goes on to when they are due. If a test has
// moved it far, what is looked for regularly is looked for.
func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	w.do(w.program.heal(ctx))
	for {
		w.do(w.gh.WaitDeliveries(ctx))
		before := w.gh.DeliveryCount()
		w.program.queue.Wake()
		if err := w.program.queue.WaitIdle(ctx); err != nil {
			w.t.Fatalf("not settled: %v\n%s", err, w.log)
		}
		d, err := w.program.queue.Depth(ctx)
		w.do(err)
		// What was worked last may itself have caused a webhook.
		w.do(w.gh.WaitDeliveries(ctx))
		switch {
		case w.gh.DeliveryCount() != before || d.Due+d.Running > 0:
		case d.Waiting > 0:
			w.clock.reach(d.Next)
		default:
			return
		}
	}
}

// until waits for something that takes a moment: the clock goes on by a second
// at a time.
func (w *world) until(what string, so func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	for !so() {
		if ctx.Err() != nil {
			w.t.Fatalf("it didn't come true that %s\n%s", what, w.log)
		}
		w.clock.advance(time.Second)
		w.settle()
	}
	w.settle()
}

// newDatabase makes the next start begin with an empty database.
func (w *world) newDatabase() {
	for i, v := range w.env {
		if strings.HasPrefix(v, "SLIPWAY_DATABASE_URL=") {
			w.env[i] = "SLIPWAY_DATABASE_URL=" + storetest.SQLite(w.t)
		}
	}
}

// do fails the test when what a person did was not possible.
func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) openPR(login, base, head string) int {
	w.t.Helper()
	pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{
		Base: base, Head: head, Title: "Change " + head, Files: map[string]string{head + ".go": "package main\n"},
	})
	w.do(err)
	w.settle()
	return pr.Number
}

// says comments and returns the bot's answer to it, "" for none. Two answers
// to one comment fail the test.
func (w *world) says(login string, n int, text string) string {
	w.t.Helper()
	before := map[int64]bool{}
	for _, c := range w.gh.Comments(demoRepo, n) {
		before[c.ID] = true
	}
	_, err := w.gh.As(login).Comment(demoRepo, n, text)
	w.do(err)
	w.settle()
	var answers []string
	for _, c := range w.gh.Comments(demoRepo, n) {
		if !before[c.ID] && c.Author == "slipway[bot]" && !strings.HasPrefix(c.Body, "<!-- slipway:picks") && !strings.HasPrefix(c.Body, "<!-- slipway:overrides ") {
			answers = append(answers, c.Body)
		}
	}
	if len(answers) > 1 {
		w.t.Fatalf("%d answers to %q: %q", len(answers), text, answers)
	}
	return strings.Join(answers, "")
}

// verdict is what the freeze check of a pull request says, "" for no check.
func (w *world) verdict(n int) (conclusion, title string) {
	w.t.Helper()
	run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, freeze.CheckName)
	return run.Conclusion, run.Title
}

func (w *world) wantVerdict(n int, conclusion string) {
	w.t.Helper()
	if got, title := w.verdict(n); got != conclusion {
		w.t.Errorf("#%d: the check says %q (%s), want %q\n%s", n, got, title, conclusion, w.log)
	}
}

// freezes lists the open freeze issues.
func (w *world) freezes() []sandbox.Issue {
	var open []sandbox.Issue
	for _, i := range w.gh.Issues(demoRepo) {
		if i.State == "open" && !i.IsPR && strings.HasPrefix(i.Title, "Code freeze: ") {
			open = append(open, i)
		}
	}
	return open
}

// writes counts the requests that changed something on GitHub.
func (w *world) writes() (n int) { return len(w.written()) }

// written names the requests that changed something on GitHub.
func (w *world) written() []string {
	var all []string
	for _, r := range w.gh.Requests() {
		fetched := strings.HasSuffix(r.Path, "/git-upload-pack")
		if r.Method != http.MethodGet && !strings.Contains(r.Path, "access_tokens") && !fetched {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}

// again works everything there is once more and fails if anything is written:
// what was decided stands on GitHub already.
func (w *world) again() {
	w.t.Helper()
	w.gh.ResetRequests()
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey()))
	w.settle()
	for _, pr := range w.gh.PRs(demoRepo) {
		runs := map[string]int{}
		for _, r := range w.gh.CheckRuns(demoRepo, pr.HeadSHA) {
			if runs[r.Name]++; runs[r.Name] > 1 && !w.rerun {
				w.t.Errorf("#%d has %d runs of %s on one commit", pr.Number, runs[r.Name], r.Name)
			}
		}
	}
	if n := w.writes(); n != 0 {
		w.t.Errorf("working everything again wrote %d times: %v\n%s", n, w.written(), w.log)
	}
}

func demoRepoName(t *testing.T) github.Repo {
	t.Helper()
	r, err := github.ParseRepo(demoRepo)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// installationOf is the id of the demo's installation, as its webhooks say.
func installationOf(t *testing.T, w *world) int64 {
	t.Helper()
	for _, d := range w.gh.Deliveries() {
		if d.Installation != 0 {
			return d.Installation
		}
	}
	t.Fatal("no delivery names an installation")
	return 0
}
