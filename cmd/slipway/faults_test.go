package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func (w *world) sweep() {
	w.t.Helper()
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.SweepKey()))
	w.settle()
}

func TestLostWebhooksAreAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.gh.FaultHooks(sandbox.HookFault{Lose: true})
	n := w.openPR("bob", demoBranch, "fix")
	if answer := w.says("alice", n, "/release freeze release-1.30"); answer != "" {
		t.Fatalf("a lost webhook was answered: %s", answer)
	}
	w.wantVerdict(n, "")
	w.gh.ClearHookFaults()
	w.sweep()
	w.wantVerdict(n, "failure")
	if len(w.freezes()) != 1 {
		t.Errorf("%d freezes", len(w.freezes()))
	}
	w.sweep() // what arrived isn't asked for again
	if n := len(w.gh.Deliveries()); n > 40 {
		t.Errorf("%d deliveries", n)
	}
	w.again()
}

// TestNULInABranch: what no database takes is passed over, on every database. A delivery that
// was refused would come again for three days.
func TestNULInABranch(t *testing.T) {
	w := newWorld(t)
	w.gh.SendRaw("push", fmt.Appendf(nil, `{"ref":"refs/heads/release-1.30\u0000","before":"%040d","after":"%040d","repository":{"id":%d,"full_name":%q,"default_branch":"master"}}`,
		1, 2, 4711, demoRepo))
	w.settle()
	all := w.gh.Deliveries()
	if last := all[len(all)-1]; last.Event != "push" || last.StatusCode != http.StatusOK {
		t.Errorf("%s was answered %d\n%s", last.Event, last.StatusCode, w.log)
	}
}

// TestLostWebhooksAreFoundInTime: nobody asks for a look, the clock alone goes on.
func TestLostWebhooksAreFoundInTime(t *testing.T) {
	w := newWorld(t)
	w.gh.FaultHooks(sandbox.HookFault{Lose: true})
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.ClearHookFaults()
	w.clock.advance(sweepEvery / 2)
	w.settle()
	w.wantVerdict(n, "")
	w.clock.advance(sweepEvery / 2)
	w.settle()
	w.wantVerdict(n, "success")
	w.again()
}

// TestDoorClosedForHours: each time that GitHub is asked to deliver again it fails again,
// hours on end. Once the door is open, the freeze comes, which stands in a description,
// where no resync reads it.
func TestDoorClosedForHours(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.FaultHooks(sandbox.HookFault{Closed: true})
	_, err := w.gh.As("alice").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "urgent", Title: "Urgent",
		Body: "/release freeze release-1.30", Files: map[string]string{"urgent.go": "package p\n"}})
	w.do(err)
	for range 30 {
		w.clock.advance(sweepEvery)
		w.settle()
	}
	w.wantVerdict(n, "success")
	w.gh.ClearHookFaults()
	for range 12 {
		w.clock.advance(sweepEvery)
		w.settle()
	}
	w.wantVerdict(n, "failure")
	if len(w.freezes()) != 1 {
		t.Errorf("%d freezes", len(w.freezes()))
	}
	w.again()
}

func TestDoubledAndReorderedWebhooks(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.HookFault{"doubled": {Double: true}, "reordered": {Swap: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.gh.FaultHooks(fault)
			pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "fix", Files: map[string]string{"a": "a"}})
			w.do(err)
			_, err = w.gh.As("bob").PushToPR(demoRepo, pr.Number, map[string]string{"a": "b"}, "More")
			w.do(err)
			_, err = w.gh.As("alice").Comment(demoRepo, pr.Number, "/release freeze release-1.30")
			w.do(err)
			w.gh.ClearHookFaults()
			w.openPR("bob", "release-1.29", "flush") // releases what is held back
			w.wantVerdict(pr.Number, "failure")
			if got := len(w.freezes()); got != 1 {
				t.Errorf("%d freezes", got)
			}
			w.again()
		})
	}
}

// TestAnswersThatNeverArrive lets GitHub do each write and cuts the connection
// before it says so: the next try must find what is there.
func TestAnswersThatNeverArrive(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	for _, path := range []string{`/check-runs`, `/issues$`, `/issues/\d+$`, `/comments$`} {
		w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool { return r.Method != http.MethodGet },
			Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
	}
	w.says("alice", n, "/release freeze release-1.30")
	w.wantVerdict(n, "failure")
	if w.gh.FaultHits() < 3 {
		t.Errorf("only %d faults were met", w.gh.FaultHits())
	}
	created := 0
	for _, i := range w.gh.Issues(demoRepo) {
		if strings.HasPrefix(i.Title, "Code freeze") {
			created++
		}
	}
	if created != 1 {
		t.Errorf("%d freeze issues were opened", created)
	}
	w.again()
}

func TestTroubleAtGitHub(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"server errors":   sandbox.ServerError(3),
		"secondary limit": sandbox.SecondaryLimit(2, time.Second, true),
		"no answers":      {Times: 3, Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.openPR("bob", demoBranch, "fix")
			w.gh.Fault(fault)
			w.says("alice", n, "/release freeze release-1.30")
			w.wantVerdict(n, "failure")
			w.again()
		})
	}
}

func TestHourlyLimitIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.ExhaustRate(installationOf(t, w), w.clock.Now().Add(time.Minute))
	w.says("alice", n, "/release freeze release-1.30")
	w.wantVerdict(n, "failure")
	if !strings.Contains(w.log.String(), `"result":"later"`) {
		t.Error("nothing was put off")
	}
}

func TestRotatedTokenIsReplaced(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	look := func() { // a list, because what was just read of a pull request isn't read again
		w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "freeze", Repo: demoRepoName(t), ID: "branch/" + demoBranch}))
		w.settle()
	}
	look()
	w.gh.RotateTokens()
	w.gh.ResetRequests()
	look()
	fresh, unchanged := 0, 0
	for _, r := range w.gh.Requests() {
		switch {
		case r.Method == http.MethodGet && r.Status == http.StatusOK:
			fresh++
		case r.Status == http.StatusNotModified:
			unchanged++
		}
	}
	if fresh != 0 || unchanged == 0 {
		t.Errorf("%d reads came anew and %d unchanged: %v", fresh, unchanged, w.gh.Requests())
	}
	w.says("alice", n, "/release freeze release-1.30")
	w.wantVerdict(n, "failure")
}

func TestSuspendedAndRemovedInstallations(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	installation := installationOf(t, w)
	w.do(w.gh.Suspend(installation))
	w.settle()
	// Deliveries stop with a suspension; work that was under way just ends.
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "freeze", Repo: demoRepoName(t), ID: "pr/1"}))
	w.settle()
	late := w.openPR("bob", demoBranch, "late")
	w.wantVerdict(late, "")
	w.do(w.gh.Unsuspend(installation))
	w.settle()
	w.wantVerdict(late, "success")

	w.do(w.gh.Uninstall(installation))
	w.settle()
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey(), reconcile.ResyncKey(demoRepoName(t))))
	w.settle()
	if _, err := w.gh.Install("istio", sandbox.InstallOptions{Permissions: ghclient.Permissions()}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	w.says("alice", n, "/release freeze release-1.30")
	w.wantVerdict(n, "failure")
}

// TestDeletedDatabase loses everything that Slipway remembers, in the middle of
// a freeze and with a command still unanswered.
func TestDeletedDatabase(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30")
	w.stop()
	if _, err := w.gh.As("alice").Comment(demoRepo, n, "/release thaw release-1.30"); err != nil {
		t.Fatal(err)
	}
	w.newDatabase()
	w.start()
	w.wantVerdict(n, "success")
	if got := len(w.freezes()); got != 0 {
		t.Errorf("%d freezes", got)
	}
	w.again()
}

func TestRenamedAndTransferred(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.says("alice", n, "/release freeze release-1.30")
	w.do(w.gh.RenameRepo(demoRepo, "mesh"))
	w.settle()
	if _, err := w.gh.As("alice").Comment("istio/mesh", n, "/release thaw release-1.30"); err != nil {
		t.Fatal(err)
	}
	w.settle()
	run, _ := w.gh.CheckRun("istio/mesh", w.gh.PR("istio/mesh", n).HeadSHA, "slipway/freeze")
	if run.Conclusion != "success" {
		t.Errorf("after the rename the check says %q\n%s", run.Conclusion, w.log)
	}
}
