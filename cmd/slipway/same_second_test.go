package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// inOneSecond makes a world, and a function that does things within one second of GitHub's clock.
func inOneSecond(t *testing.T) (*world, func(func())) {
	var still atomic.Bool
	w := newWorld(t, func(o *sandbox.Options) {
		act := o.Act
		o.Act = func() {
			if !still.Load() {
				act()
			}
		}
	})
	return w, func(f func()) {
		w.clock.reach(w.clock.Now().Truncate(time.Second).Add(time.Second))
		still.Store(true)
		f()
		still.Store(false)
	}
}

// lostIn does something of which no delivery comes, nor can be asked for; what Slipway
// then finds by looking is worked.
func (w *world) lostIn(database bool, act func()) {
	w.t.Helper()
	w.gh.FaultHooks(sandbox.HookFault{Drop: true})
	act()
	w.settle()
	w.gh.ClearHookFaults()
	if database {
		w.stop()
		w.newDatabase()
		w.start()
	}
	w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey()))
	w.settle()
}

// TestEditWithinTheSecond: mallory may write, and so edit alice's comment. REST shows an
// edit within the second as none; the edit history tells.
func TestEditWithinTheSecond(t *testing.T) {
	t.Parallel()
	const command = "/release freeze release-1.30"
	graphQL := regexp.MustCompile("^/api/graphql$")
	for name, tc := range map[string]struct {
		fault  sandbox.Fault
		edit   bool
		frozen bool
		says   string
	}{
		"edited":     {fault: sandbox.Fault{Skip: 1000}, edit: true, says: "the comment was edited since"},
		"not edited": {fault: sandbox.Fault{Skip: 1000}, frozen: true, says: "**Done.**"},
		"GitHub doesn't tell": {fault: sandbox.Fault{Status: http.StatusOK, Body: `{"data":{"node":null},"errors":[{"type":"FORBIDDEN","message":"No"}]}`},
			says: "it is unknown whether the comment was edited since"},
		"GitHub has trouble for a while": {fault: sandbox.ServerError(2), frozen: true, says: "**Done.**"},
	} {
		for _, database := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", the database lost"}[database], func(t *testing.T) {
				w, within := inOneSecond(t)
				n := w.openPR("bob", demoBranch, "fix")
				tc.fault.Path = graphQL
				w.gh.Fault(tc.fault)
				w.lostIn(database, func() {
					within(func() {
						text := command
						if tc.edit {
							text = "Hello"
						}
						id, err := w.gh.As("alice").Comment(demoRepo, n, text)
						w.do(err)
						if tc.edit {
							w.do(w.gh.As("bob").EditComment(demoRepo, id, command))
						}
					})
				})
				if got := len(w.freezes()) == 1; got != tc.frozen {
					t.Errorf("frozen: %t", got)
				}
				said := w.gh.Comments(demoRepo, n)
				if last := said[len(said)-1]; last.Author != "slipway[bot]" || !strings.Contains(last.Body, tc.says) {
					t.Errorf("it says %q", last.Body)
				}
				w.gh.ClearFaults()
				w.again()
			})
		}
	}
	t.Run("the signed delivery decides", func(t *testing.T) {
		w, within := inOneSecond(t)
		n := w.openPR("bob", demoBranch, "fix")
		within(func() {
			id, err := w.gh.As("alice").Comment(demoRepo, n, command)
			w.do(err)
			w.do(w.gh.As("bob").EditComment(demoRepo, id, "Hello"))
		})
		w.settle()
		if len(w.freezes()) != 1 {
			t.Error("alice was not obeyed")
		}
		w.again()
	})
}

// TestPushWithinTheSecond: nobody knows whether alice saw a commit that was pushed within
// the second of her comment.
func TestPushWithinTheSecond(t *testing.T) {
	t.Parallel()
	push := func(w *world, n int) {
		_, err := w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{"evil.go": "package evil\n"}, "More")
		w.do(err)
	}
	t.Run("exempt", func(t *testing.T) {
		for name, first := range map[string]bool{"pushed first": true, "pushed last": false} {
			t.Run(name, func(t *testing.T) {
				w, within := inOneSecond(t)
				n := w.openPR("bob", demoBranch, "fix")
				w.says("alice", n, "/release freeze release-1.30")
				within(func() {
					if first {
						push(w, n)
					}
					_, err := w.gh.As("alice").Comment(demoRepo, n, "/release exempt it is urgent")
					w.do(err)
					if !first {
						push(w, n)
					}
				})
				w.settle()
				w.wantVerdict(n, "failure")
				w.says("alice", n, "/release exempt it is urgent")
				w.wantVerdict(n, "success")
				w.again()
			})
		}
	})
	t.Run("exempt by a review of another commit", func(t *testing.T) {
		w, within := inOneSecond(t)
		n := w.openPR("bob", demoBranch, "fix")
		w.says("alice", n, "/release freeze release-1.30")
		within(func() {
			_, err := w.gh.As("alice").Review(demoRepo, n, "COMMENT", "/release exempt it is urgent")
			w.do(err)
			push(w, n)
		})
		w.settle()
		w.wantVerdict(n, "failure")
		within(func() {
			push(w, n)
			_, err := w.gh.As("alice").Review(demoRepo, n, "COMMENT", "/release exempt it is urgent")
			w.do(err)
		})
		w.settle()
		w.wantVerdict(n, "success") // the signed review names the commit
		w.again()
	})
	t.Run("override", func(t *testing.T) {
		w, within := inOneSecond(t)
		w.policy(gatePolicy)
		n := w.openPR("bob", demoBranch, "fix")
		within(func() {
			push(w, n)
			_, err := w.gh.As("alice").Comment(demoRepo, n, "/release override release-branch it is urgent")
			w.do(err)
		})
		w.settle()
		if got := w.gate(n).Conclusion; got == "success" {
			t.Error("a commit that nobody saw was let through")
		}
		w.says("alice", n, "/release override release-branch it is urgent")
		if got := w.gate(n); got.Conclusion != "success" {
			t.Errorf("%+v", got)
		}
		w.again()
	})
}
