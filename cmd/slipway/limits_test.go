package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// takes returns how long something took by the clock of the test.
func (w *world) takes(what func()) time.Duration {
	began := w.clock.Now()
	what()
	return w.clock.Now().Sub(began)
}

// TestSilentLimit is a secondary limit as github.com has it: nothing says how long to
// wait, and the hour's limit, of which much is left, ends long after.
func TestSilentLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusForbidden, http.StatusTooManyRequests} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w := newWorld(t)
			n := w.openPR("bob", demoBranch, "fix")
			w.gh.Fault(sandbox.SilentLimit(3, status))
			took := w.takes(func() { w.says("alice", n, "/release freeze release-1.30") })
			w.wantVerdict(n, "failure")
			if least := (1 + 2 + 4) * time.Minute; took < least || took > least+2*time.Minute {
				t.Errorf("it took %s", took)
			}
			w.again()
		})
	}
}

// TestSilentLimitAndARestart: who is started anew while a limit holds asks nothing before its end.
func TestSilentLimitAndARestart(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	f := sandbox.SilentLimit(1, http.StatusForbidden)
	f.Match = func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/repos/") }
	w.gh.Fault(f)
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release freeze release-1.30")
	w.do(err)
	w.idle()
	until := w.clock.Now().Add(59 * time.Second)
	w.stop()
	w.gh.ResetRequests()
	w.start()
	for _, r := range w.gh.Requests() {
		if r.Installation != 0 && r.Time.Before(until) {
			t.Errorf("%s %s at %s, while the limit held until %s", r.Method, r.Path, r.Time, until)
		}
	}
	w.wantVerdict(n, "failure")
	w.again()
}

// TestSilentLimitWhileAllIsLost: neither the webhook nor the database is needed.
func TestSilentLimitWhileAllIsLost(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.FaultHooks(sandbox.HookFault{Lose: true})
	w.says("alice", n, "/release freeze release-1.30")
	w.gh.ClearHookFaults()
	w.stop()
	w.newDatabase()
	w.gh.Fault(sandbox.SilentLimit(2, http.StatusForbidden))
	took := w.takes(func() {
		w.start()
		w.sweep()
	})
	w.wantVerdict(n, "failure")
	if took > 10*time.Minute {
		t.Errorf("it took %s", took)
	}
	w.again()
}

// idle works what is due now: the clock stands.
func (w *world) idle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	w.do(w.gh.WaitDeliveries(ctx))
	w.do(w.program.queue.WaitIdle(ctx))
}

// TestContentLimit lets nobody write for a while; looking goes on.
func TestContentLimit(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.Fault(sandbox.ContentLimit(1, http.StatusForbidden))
	_, err := w.gh.As("alice").Comment(demoRepo, n, "/release freeze release-1.30")
	w.do(err)
	w.idle()
	w.gh.ResetRequests()
	if _, err := w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"more.go": "package main\n"}, "More"); err != nil {
		t.Fatal(err)
	}
	w.idle()
	reads := 0
	for _, r := range w.gh.Requests() {
		if r.Method == http.MethodGet {
			reads++
		}
	}
	if reads == 0 || w.writes() != 0 {
		t.Errorf("%d reads and %d writes while the limit held\n%s", reads, w.writes(), w.log)
	}
	if took := w.takes(w.settle); took > 3*time.Minute {
		t.Errorf("it took %s more", took)
	}
	w.wantVerdict(n, "failure")
	w.again()
}

// TestForksNewCommit: a check on it is refused until GitHub knows it.
func TestForksNewCommit(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(w *world){
		"all is well": func(*world) {},
		"the webhook is lost": func(w *world) {
			w.gh.ClearHookFaults()
			w.sweep()
		},
		"the database is lost": func(w *world) {
			w.stop()
			w.gh.ClearHookFaults()
			w.newDatabase()
			w.start()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *sandbox.Options) { o.LateCommits = 10 * time.Second })
			if name != "all is well" {
				w.gh.FaultHooks(sandbox.HookFault{Lose: true})
			}
			took := w.takes(func() {
				pr, err := w.gh.As("mallory").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "theirs", Fork: true, Files: map[string]string{"x": "x"}})
				w.do(err)
				if name == "all is well" {
					w.settle()
				}
				trouble(w)
				w.wantVerdict(pr.Number, "success")
			})
			if took > time.Minute {
				t.Errorf("it took %s", took)
			}
			w.again()
		})
	}
}

// TestPassingRefusals: what is asked for comes to be, as soon as GitHub lets it.
func TestPassingRefusals(t *testing.T) {
	t.Parallel()
	team := regexp.MustCompile(`/teams/`) // of who may: a page is no word about that
	faults := map[string]sandbox.Fault{
		"a page, 422":      sandbox.Disguised(3, http.StatusUnprocessableEntity),
		"an error, as 200": {Times: 3, Path: team, Status: http.StatusOK, Body: `{"message":"Server Error"}`},
	}
	page := sandbox.Disguised(3, http.StatusNotFound)
	page.Path = team
	faults["a page, 404"] = page
	for _, words := range []string{"Reference update failed", "Object does not exist", "not all refs are readable", "was submitted too quickly"} {
		faults[words] = sandbox.Refusal(3, http.MethodPost, `/(issues|comments)$`, words)
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			n := w.openPR("bob", demoBranch, "fix")
			w.gh.Fault(fault)
			answer := ""
			took := w.takes(func() { answer = w.says("alice", n, "/release freeze release-1.30") })
			w.wantVerdict(n, "failure")
			if len(w.freezes()) != 1 || answer == "" || strings.Contains(answer, "refuses") || w.gh.FaultHits() != 3 || took > time.Minute {
				t.Errorf("%d freezes after %s: %s", len(w.freezes()), took, answer)
			}
			w.again()
		})
	}
}

// TestRefusalThatDoesNotPass is told in the end, in GitHub's words.
func TestRefusalThatDoesNotPass(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "fix")
	w.gh.Fault(sandbox.Refusal(0, http.MethodPost, `/issues$`, "Reference update failed"))
	answer := ""
	took := w.takes(func() { answer = w.says("alice", n, "/release freeze release-1.30") })
	if !strings.Contains(answer, "Reference update failed") || !strings.Contains(answer, "**Next step:**") || took > 3*time.Minute {
		t.Errorf("after %s: %q\n%s", took, answer, w.log)
	}
}

// TestClockThatIsOff: it is told at the start, also where GitHub refuses the App for it.
func TestClockThatIsOff(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]struct{ log, refused string }{
		2 * time.Minute:   {"ahead of GitHub's; set it right", "claim ('iat')"},
		-2 * time.Minute:  {"behind GitHub's; set it right", ""},
		20 * time.Second:  {"", ""},
		-20 * time.Second: {"", ""},
	} {
		t.Run(ahead.String(), func(t *testing.T) {
			w := newWorld(t, func(o *sandbox.Options) {
				now := o.Now
				o.Now = func() time.Time { return now().Add(-ahead) }
			})
			log := w.log.String()
			if told := strings.Contains(log, want.log); want.log != "" && !told || want.log == "" && strings.Contains(log, "machine's clock") {
				t.Errorf("the log: %s", log)
			}
			if want.refused != "" && !strings.Contains(log, want.refused) || want.refused == "" && strings.Contains(log, "claim") {
				t.Errorf("the log: %s", log)
			}
			resp, err := http.Get("http://" + w.program.Addr() + "/metrics")
			w.do(err)
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			w.do(err)
			if right := strings.Contains(string(text), "slipway_clock_ahead_seconds 0\n"); right != (want.log == "") {
				t.Errorf("by the metric the clock is right: %t", right)
			}
		})
	}
}
