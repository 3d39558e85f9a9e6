package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/queue"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// childVariable makes the test binary a process that works one database.
const childVariable = "SLIPWAY_QUEUE_TEST_CHILD"

// aheadVariable is how far its clock is ahead, if it isn't the true one.
const aheadVariable = "SLIPWAY_QUEUE_TEST_AHEAD"

// heartbeat of the crash tests: a replica is dead after half a second.
const heartbeat = 100 * time.Millisecond

// deaths is how many processes may end at a key in these tests.
const deaths = 3

func TestMain(m *testing.M) {
	if url := os.Getenv(childVariable); url != "" {
		if err := child(url); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child works keys, or tells that they are deadly: it says so and then waits for a line before it ends a run.
// At the end of its input it stops.
func child(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	opts := deadly()
	if ahead, err := time.ParseDuration(os.Getenv(aheadVariable)); err == nil {
		opts.Now = func() time.Time { return time.Now().Add(ahead) }
	}
	q, err := queue.New(s, opts)
	if err != nil {
		return err
	}
	lines := make(chan string)
	w := workerFunc(func(_ context.Context, k reconcile.Key, a queue.Attempt) (queue.Finish, error) {
		if a.Deaths > 0 {
			fmt.Println("telling", k)
		} else {
			fmt.Println("running", k)
		}
		<-lines
		return queue.Finish{Reason: "child"}, nil
	})
	fmt.Println("started") // before a run can say that it is there
	if err := q.Start(ctx, w); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		lines <- in.Text()
	}
	return q.Stop(ctx)
}

// orphanage is a running child.
type orphanage struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startChild(t *testing.T, url string, env ...string) *orphanage {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childVariable+"="+url), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &orphanage{t: t, cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			c.kill()
		}
	})
	return c
}

// says waits for a line of the child.
func (c *orphanage) says(want string) {
	c.t.Helper()
	defer givesUp(func() { _ = c.cmd.Process.Kill() })() // it says nothing
	if !c.out.Scan() || c.out.Text() != want {
		c.t.Fatalf("the child said %q, want %q (%v)", c.out.Text(), want, c.out.Err())
	}
}

func (c *orphanage) signal(sig syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		c.t.Fatal(err)
	}
}

// kill is kill -9.
func (c *orphanage) kill() {
	c.t.Helper()
	c.signal(syscall.SIGKILL)
	_ = c.cmd.Wait() // it was killed
}

func TestWorkOfAKilledProcessIsDoneAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := startChild(t, url)
		c.says("started")
		file := strings.HasPrefix(url, "sqlite")
		if file {
			if _, err := store.Open(t.Context(), url, store.Options{}); err == nil || !strings.Contains(err.Error(), "another process uses this file") {
				t.Errorf("a second process opened the file: %v", err)
			}
			// Only the child can take work in; its own queue lets us in once it is dead.
			c.kill()
			r := newRig(t, url, queue.Options{})
			r.enqueue(pr(1))
			r.store.Close()
			c = startChild(t, url)
			c.says("started")
		} else {
			r := newRig(t, url, queue.Options{})
			r.enqueue(pr(1))
			r.store.Close()
		}
		c.says("running " + pr(1).String())
		c.kill()

		r := newRig(t, url, queue.Options{Heartbeat: heartbeat})
		r.enqueue(pr(1)) // refused by the twin that seems to run, yet not lost
		began := time.Now()
		r.start()
		run := r.want(pr(1))
		if run.attempt.N != 2 {
			t.Errorf("attempt %+v: the death does not count", run.attempt)
		}
		t.Logf("rescued after %s", time.Since(began).Round(time.Millisecond))
		run.ok()
		r.idle()
		if d, err := r.Depth(t.Context()); err != nil || d != (queue.Depth{}) {
			t.Errorf("depth %+v, %v", d, err)
		}
	})
}

// TestKeyThatEndsTheProcess: after as many deaths as there are attempts it isn't worked for an
// hour, whatever events come. That is told, and then it gets one more try.
func TestKeyThatEndsTheProcess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		begin := func(t *testing.T, after time.Duration) *rig {
			now := time.Now().Add(after)
			r := newRig(t, url, queue.Options{Heartbeat: heartbeat, MaxAttempts: deaths, Now: func() time.Time { return now }})
			r.enqueue(pr(1)) // no event helps
			return r
		}
		begin(t, 0).store.Close()
		kills(t, url, "running "+pr(1).String(), deaths)
		for _, tc := range []struct {
			after  time.Duration
			deaths int
		}{{0, deaths}, {time.Minute, 0}, {2 * time.Hour, 0}} {
			t.Run(tc.after.String(), func(t *testing.T) {
				r := begin(t, tc.after)
				r.start()
				r.enqueue(pr(2)) // which isn't held up
				want := []reconcile.Key{pr(2)}
				if tc.after != time.Minute {
					want = append(want, pr(1))
				}
				for range want {
					run := r.next()
					if run.key == pr(1) && run.attempt.Deaths != tc.deaths || !slices.Contains(want, run.key) {
						t.Errorf("%s, %+v, want %d deaths", run.key, run.attempt, tc.deaths)
					}
					run.ok()
				}
				r.idle()
			})
		}
	})
}

func TestProcessThatOnlySeemedDeadCompletesNothing(t *testing.T) {
	url := storetest.Postgres(t)
	r := newRig(t, url, queue.Options{Heartbeat: heartbeat})
	c := startChild(t, url)
	c.says("started")
	r.enqueue(pr(1))
	c.says("running " + pr(1).String())
	c.signal(syscall.SIGSTOP)
	r.start()
	run := r.want(pr(1)) // rescued
	r.enqueue(pr(1))     // during our run
	c.signal(syscall.SIGCONT)
	fmt.Fprintln(c.in, "end your run")
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the child: %v", err)
	}
	if got := r.history(pr(1)); got != "" {
		t.Errorf("the child recorded its run: %s", got)
	}
	if d, err := r.Depth(t.Context()); err != nil || d.Running != 1 {
		t.Errorf("the child ended our run: %+v, %v", d, err)
	}
	run.ok()
	r.want(pr(1)).ok()
	r.idle()
	if got := r.history(pr(1)); got != "done done" {
		t.Errorf("runs: %s", got)
	}
}
