package bench

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// Kill says at which of its writes a process is killed during a play.
type Kill struct {
	// At is the write, counted from 0; Each in its place means each one, the first
	// time that an act leads to such a one.
	At   int
	Each bool
	// Of several runs that share what Each means, this is the Part-th; 0 for one run.
	// The queue puts off what has seen its process die too often.
	Of, Part int
	After    bool // when the write is done and not yet answered; else before it is done
	Lives    bool // it isn't killed: only the connection is cut
}

// Never kills nothing.
var Never = Kill{At: -1}

var numberForm = regexp.MustCompile(`\d+`)

// now reports whether to kill at a write: the n-th, of this kind, which was met
// before in this act or not.
func (k Kill) now(n int, kind string, met bool) bool {
	if !k.Each {
		return n == k.At
	}
	h := fnv.New32a()
	h.Write([]byte(kind))
	return !met && int(h.Sum32()%uint32(max(k.Of, 1))) == k.Part
}

// Performance is a play on one stage: the program as a process, against a
// stand-in of its own.
type Performance struct {
	Play   Play
	Binary []string
	Env    []string // beside the stand-in's
	Dir    string   // an empty one
	Kill   Kill
	// Options changes the stand-in; nil for nothing.
	Options func(*sandbox.Options)
	// Wipe is the act before which the database is deleted; 0 for none.
	Wipe int
	// Clock is the program's, if it was built as a test, and the stand-in's: each act
	// takes a second of it. Nil is the machine's.
	Clock *Clock
}

// Ending is what a play came to.
type Ending struct {
	State  string // all that stands on GitHub, comparable between runs
	Writes int    // of the program, while the play ran
	Kills  int
}

// restWithin bounds how long the program may take to come to rest after an act,
// all its starts after kills included.
const restWithin = 10 * time.Minute

// performWithin bounds a whole play.
const performWithin = 30 * time.Minute

// Perform plays to the end, starts the program once more, and fails if that writes
// anything: what was decided stands on GitHub already.
func (p Performance) Perform(ctx context.Context) (end Ending, err error) {
	ctx, cancel := context.WithTimeout(ctx, performWithin)
	defer cancel()
	for {
		today := p.now().UTC()
		dir := filepath.Join(p.Dir, fmt.Sprintf("%d", today.UnixNano()))
		if end, err = p.once(ctx, dir, today); err != nil || p.now().UTC().Format(time.DateOnly) == today.Format(time.DateOnly) {
			return end, err
		}
		// Midnight was in between. The days that are left can't be compared.
	}
}

func (p Performance) now() time.Time {
	if p.Clock == nil {
		return time.Now()
	}
	return p.Clock.Now()
}

func (p Performance) once(ctx context.Context, dir string, today time.Time) (end Ending, err error) {
	gh, err := NewPlayWorld(dir, func(o *sandbox.Options) {
		if p.Clock != nil {
			o.Now, o.Act = p.Clock.Now, func() { p.Clock.Advance(time.Second) }
		}
		if p.Options != nil {
			p.Options(o)
		}
	})
	if err != nil {
		return end, err
	}
	defer func() { err = errors.Join(err, gh.Close()) }()
	file := filepath.Join(dir, "slipway.db")
	replica, err := NewReplica(p.Binary, append(gh.Environ(), p.Env...), dir, "serve", "sqlite://"+file)
	if err != nil {
		return end, err
	}
	if p.Clock != nil {
		replica.Share(p.Clock)
	}
	v := newVictim(ctx, gh, replica)
	defer v.end()
	gh.SetHook(replica.URL(), gh.App().WebhookSecret)
	if err := v.again(nil); err != nil {
		return end, err
	}
	gh.Fault(v.fault(p.Kill))
	err = p.Play.Run(ctx, gh, today, v.rest, func(act int) error {
		v.turn(act)
		if act == 0 || act != p.Wipe {
			return nil
		}
		return v.again(func() error { return WipeSQLite(file) })
	})
	if err == nil {
		end = Ending{State: playState(gh, today), Writes: v.count(), Kills: gh.FaultHits()}
		gh.ClearFaults()
		err = v.writesNothing(func() string { return playState(gh, today) })
	}
	if err != nil {
		err = fmt.Errorf("%w\nthe log ends:\n%s", err, replica.tail())
	}
	return end, err
}

// victim is a process that is killed at its writes and started again each time.
type victim struct {
	ctx context.Context
	gh  *sandbox.Server
	p   *Replica

	mu     sync.Mutex
	alive  sync.Cond // told when it runs again, or never will
	killed int       // how often it was killed
	dead   bool
	up     int             // how many kills it has been started again after
	writes int             // that it has sent
	act    int             // of the play
	met    map[string]bool // what was written, by the act: killed at once
	err    error
	wake   chan struct{}
	over   chan struct{}
}

func newVictim(ctx context.Context, gh *sandbox.Server, p *Replica) *victim {
	v := &victim{ctx: ctx, gh: gh, p: p, wake: make(chan struct{}, 1), over: make(chan struct{}), met: map[string]bool{}}
	v.alive.L = &v.mu
	go v.revive()
	return v
}

// isWrite tells the requests that change something from reads, tokens, and the
// request to have a lost webhook again.
func isWrite(method, path string) bool {
	return method != http.MethodGet && !strings.Contains(path, "access_tokens") && !strings.Contains(path, "/app/hook/") &&
		!strings.HasSuffix(path, "/git-upload-pack")
}

// fault counts the writes and kills the process at some of them.
func (v *victim) fault(k Kill) sandbox.Fault {
	met := v.kill
	if k.Lives {
		met = nil
	}
	return sandbox.Fault{
		Match: func(r *http.Request) bool {
			if !isWrite(r.Method, r.URL.Path) {
				return false
			}
			v.mu.Lock()
			defer v.mu.Unlock()
			v.writes++
			kind := fmt.Sprintf("%d %s %s", v.act, r.Method, numberForm.ReplaceAllString(r.URL.Path, "N"))
			met := v.met[kind]
			v.met[kind] = true
			return k.now(v.writes-1, kind, met)
		},
		Drop: !k.After, DropResponseAfterEffect: k.After, Met: met,
	}
}

func (v *victim) turn(act int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.act = act
}

func (v *victim) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.writes
}

// kill ends the process; revive starts it again. Of two writes that are under way
// at once, the second may find it dead already.
func (v *victim) kill() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.dead {
		return
	}
	v.dead = true
	v.killed++
	v.err = errors.Join(v.err, v.p.Kill())
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// revive starts the process after each kill, once all webhooks of the moment are
// lost, as they would be in an outage.
func (v *victim) revive() {
	defer close(v.over)
	for range v.wake {
		err := errors.Join(v.gh.WaitDeliveries(v.ctx), v.p.Kill())
		v.mu.Lock()
		after := v.killed
		v.dead = false
		v.mu.Unlock()
		if err == nil {
			_, err = v.p.Start(v.ctx)
		}
		v.mu.Lock()
		if v.killed == after { // else it was killed at its first write, and starts once more
			v.up, v.err = after, errors.Join(v.err, err)
		}
		v.alive.Broadcast()
		v.mu.Unlock()
	}
}

// runs waits until the process runs, and says how often it was killed.
func (v *victim) runs() (killed int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.killed != v.up && v.err == nil {
		v.alive.Wait()
	}
	return v.killed, v.err
}

// rest waits until the process runs, has got every webhook, and has nothing left
// to do. The last of its work may cause a webhook, or kill it: then again.
func (v *victim) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, restWithin)
	defer cancel()
	for {
		killed, err := v.runs()
		if err != nil {
			return err
		}
		if err := v.gh.WaitDeliveries(ctx); err != nil {
			return err
		}
		before := v.gh.DeliveryCount()
		rested := v.p.Rest(ctx)
		if err := v.gh.WaitDeliveries(ctx); err != nil {
			return err
		}
		switch now, err := v.runs(); {
		case err != nil:
			return err
		case now != killed: // and so it may not have answered
		case rested != nil:
			return rested
		case v.gh.DeliveryCount() == before:
			return nil
		}
	}
}

// again kills the process, does something in between, and starts it.
func (v *victim) again(between func() error) error {
	err := v.p.Kill()
	if err == nil && between != nil {
		err = between()
	}
	if err == nil {
		_, err = v.p.Start(v.ctx)
	}
	if err == nil {
		err = v.rest(v.ctx)
	}
	return err
}

// writesNothing fails if the process, started again, writes anything.
func (v *victim) writesNothing(state func() string) error {
	v.gh.ResetRequests()
	was := state()
	if err := v.again(nil); err != nil {
		return err
	}
	var written []string
	for _, r := range v.gh.Requests() {
		if isWrite(r.Method, r.Path) {
			written = append(written, r.Method+" "+r.Path)
		}
	}
	if len(written) > 0 {
		return fmt.Errorf("started again at the end, it wrote %v:\n%s", written, Difference(state(), was))
	}
	return nil
}

// end stops the process for good.
func (v *victim) end() {
	close(v.wake)
	<-v.over
	_ = v.p.Kill() // there is nobody left whom it could trouble
}
