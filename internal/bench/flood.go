package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// enough is what the process with its children may take of memory, whatever strangers send.
const enough = "500 MB"

// flood opens what costs most: pull requests from a fork that are small on the wire and
// have tens of millions of lines, and comments that are nothing but Markdown.
func (r *run) flood(ctx context.Context) ([]row, error) {
	gh, p, _, err := r.started(ctx, "SQLite", 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	many := map[string]string{}
	for i := range 25 {
		many[fmt.Sprintf("many/%d", i)] = strings.Repeat("a\n", 1_900_000)
	}
	open := func(head string, files map[string]string) func() error {
		return func() error {
			pr, err := gh.As(stranger).OpenPR(repo, sandbox.PROptions{Base: branch(0), Head: head, Title: head, Files: files, Fork: true})
			if err != nil {
				return err
			}
			return r.judged(ctx, gh, p, pr.Number)
		}
	}
	said := strings.Repeat("- * ", 4000) + strings.Repeat("\n", 16_000) + "/release help"
	var rows []row
	for _, step := range []struct {
		what string
		act  func() error
	}{
		{"a pull request of one file of 95 MB of short lines", open("one", map[string]string{"one": strings.Repeat("a\n", 95<<19)})},
		{"a pull request of 25 files of 3.8 MB of short lines", open("many", many)},
		{"ten comments that took a Markdown parser gigabytes", func() error {
			for range 10 {
				if _, err := gh.As(stranger).Comment(repo, 1, said); err != nil {
					return err
				}
			}
			return errors.Join(gh.WaitDeliveries(ctx), idle(ctx, p, time.Minute))
		}},
	} {
		peak := p.peak()
		began := time.Now()
		err := step.act()
		most := peak()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
		rows = append(rows, row{step.what + ": memory of serve and its children, at most", enough, fmt.Sprintf("%d MB", most/1e6)},
			row{step.what + ": all judged and answered", "", fmt.Sprintf("%.1f s", time.Since(began).Seconds())})
	}
	return rows, nil
}

// judged waits for the gate's check of a pull request.
func (r *run) judged(ctx context.Context, gh *sandbox.Server, p *Replica, number int) error {
	const within = 10 * time.Minute
	err := eventually(ctx, gh, within, func() string {
		if run, _ := gh.CheckRun(repo, gh.PR(repo, number).HeadSHA, "slipway/release-branch"); run.Conclusion == "" {
			return fmt.Sprintf("#%d has no check", number)
		}
		return ""
	})
	return errors.Join(err, gh.WaitDeliveries(ctx), idle(ctx, p, within))
}

// peak watches the memory of the process and of what it started. What it returns ends
// that, and says how much it was at most.
func (p *Replica) peak() func() int64 {
	p.mu.Lock()
	pid := p.proc.cmd.Process.Pid
	p.mu.Unlock()
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var top int64
		for {
			top = max(top, residentTree(pid))
			select {
			case <-stop:
				most <- top
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 { close(stop); return <-most }
}

// residentTree is the memory of a process and its descendants that is no file's, in bytes.
// What ends meanwhile counts nothing.
func residentTree(pid int) int64 {
	dir := fmt.Sprintf("/proc/%d", pid)
	var bytes int64
	status, _ := os.ReadFile(filepath.Join(dir, "status"))
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			bytes = kb << 10
		}
	}
	lists, _ := filepath.Glob(filepath.Join(dir, "task/*/children"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(text)) {
			if n, err := strconv.Atoi(child); err == nil {
				bytes += residentTree(n)
			}
		}
	}
	return bytes
}
