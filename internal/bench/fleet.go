package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Replica is one `slipway serve`. It keeps its address and its database over
// restarts. It may be killed from any goroutine, also while it starts.
type Replica struct {
	binary []string // the program and what comes before "serve"
	env    []string
	addr   string
	log    string
	clock  *Clock // that it shares; nil: the machine's

	mu   sync.Mutex
	proc *running // nil while none runs
}

// running is a process.
type running struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended, with err
	err  error
}

// NewReplica prepares a serve process; nothing is started yet. env is the
// stand-in's Environ; binary is the program to run.
func NewReplica(binary, env []string, dir, name, database string) (*Replica, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	settings := append([]string{
		"SLIPWAY_SERVER_LISTEN=" + addr,
		"SLIPWAY_DATABASE_URL=" + database,
		"SLIPWAY_GIT_DIR=" + filepath.Join(dir, name+"-git"),
		"SLIPWAY_LOG_LEVEL=info", "SLIPWAY_LOG_FORMAT=json", // so that it says when it is ready
		"GORACE=atexit_sleep_ms=0", // a race detector, if there is one, need not wait for the last of its goroutines
	}, env...)
	return &Replica{binary: binary, env: append(os.Environ(), settings...), addr: addr, log: filepath.Join(dir, name+".log")}, nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Set changes the environment of the next start; of a variable that is there
// already, the later value counts.
func (p *Replica) Set(variables ...string) { p.env = append(p.env, variables...) }

// Share has the next start go by a clock. The program must have been built as a
// test: then it also tells when it is idle.
func (p *Replica) Share(c *Clock) {
	p.clock = c
	p.Set(c.Variable())
}

// Rest waits until the process has nothing left to do. What waits for a moment to
// come does not wait long: the clock goes on to it. Without a shared clock the
// process is asked for its metrics time and again.
func (p *Replica) Rest(ctx context.Context) error {
	if p.clock == nil {
		return idle(ctx, p, restWithin)
	}
	for {
		raw, err := p.get(ctx, "/idle")
		if err != nil {
			return err
		}
		if len(raw) == 0 {
			return nil
		}
		next, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return err
		}
		p.clock.Advance(max(0, time.UnixMilli(next).Sub(p.clock.Now())))
	}
}

// URL is where the process takes webhooks.
func (p *Replica) URL() string { return "http://" + p.addr + "/api/github/hook" }

// readyWithin is how long a process may take until it counts as broken.
const readyWithin = 5 * time.Minute

// Start runs the process and waits until it is ready. It returns how long that took.
func (p *Replica) Start(ctx context.Context) (time.Duration, error) {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	out := &announced{log: log, ready: make(chan struct{})}
	cmd := exec.Command(p.binary[0], append(p.binary[1:], "serve")...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = p.env, out, out, time.Second
	began := time.Now()
	proc, err := p.run(cmd, log)
	if err != nil {
		return 0, errors.Join(err, log.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	select {
	case <-out.ready:
		return time.Since(began), nil
	case <-proc.done:
		return 0, fmt.Errorf("serve ended before it was ready: %w\n%s", proc.err, p.tail())
	case <-ctx.Done():
		return 0, fmt.Errorf("serve isn't ready: %w\n%s", ctx.Err(), p.tail())
	}
}

// announced writes what a process says to its log, and tells when it says that it
// is ready.
type announced struct {
	log   *os.File
	line  []byte // the last one, as far as it has come
	ready chan struct{}
	said  bool
}

var readyLine = []byte(`"message":"ready"`)

// Write takes what the process says next. Nobody calls it twice at once.
func (a *announced) Write(b []byte) (int, error) {
	if !a.said {
		a.line = append(a.line, b...)
		if a.said = bytes.Contains(a.line, readyLine); a.said {
			a.line = nil
			close(a.ready)
		} else if end := bytes.LastIndexByte(a.line, '\n'); end >= 0 {
			a.line = a.line[end+1:]
		}
	}
	return a.log.Write(b)
}

func (p *Replica) run(cmd *exec.Cmd, log io.Closer) (*running, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	proc := &running{cmd: cmd, done: make(chan struct{})}
	go func() {
		proc.err = errors.Join(cmd.Wait(), log.Close())
		close(proc.done)
	}()
	p.proc = proc
	return proc, nil
}

// get reads a page of the process.
func (p *Replica) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, raw)
	}
	return raw, err
}

// Kill ends the process as a power cut would: with what it has started, which would
// go on writing beside the next process otherwise.
func (p *Replica) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proc == nil {
		return nil
	}
	_ = p.proc.cmd.Process.Signal(syscall.SIGSTOP) // it starts nothing more
	started := descendants(p.proc.cmd.Process.Pid)
	err := p.proc.cmd.Process.Kill()
	for _, child := range started {
		_ = syscall.Kill(-child.Pid, syscall.SIGKILL) // it may lead a group, whose members start more
		_ = child.Kill()                              // it may be over
		_ = child.Release()
	}
	<-p.proc.done
	p.proc = nil
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// descendants are the processes that a process has started, and those that they have.
func descendants(pid int) (all []*os.Process) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	children := map[int][]int{}
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it is over
		}
		// The name may have spaces and brackets: what follows the last bracket is state and parent.
		var state string
		var parent int
		if _, err := fmt.Sscan(string(raw[bytes.LastIndexByte(raw, ')')+1:]), &state, &parent); err != nil {
			continue
		}
		if child, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	for next := children[pid]; len(next) > 0; {
		if child, err := os.FindProcess(next[0]); err == nil {
			all = append(all, child)
		}
		next = append(next[1:], children[next[0]]...)
	}
	return all
}

// RSS is the resident memory of the process, in bytes.
func (p *Replica) RSS() (int64, error) {
	p.mu.Lock()
	pid := p.proc.cmd.Process.Pid
	p.mu.Unlock()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}

// Metric reads one sample from /metrics, summed over its labels.
func (p *Replica) Metric(ctx context.Context, name string) (float64, error) {
	raw, err := p.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, name) {
			fields := strings.Fields(line)
			v, err := strconv.ParseFloat(fields[len(fields)-1], 64)
			if err != nil {
				return 0, err
			}
			sum += v
		}
	}
	return sum, nil
}

// tail is the end of the process's log.
func (p *Replica) tail() string {
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-2000):])
}
