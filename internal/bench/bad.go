package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// How many slow connections and lost deliveries there are, at small and at full scale.
var badDays = []struct{ slow, lost int }{{28, 50}, {280, 500}}

// badDays measures how long a manager waits on a bad day of the network's, of GitHub's or
// of the machine's: connections that send next to nothing, a door that was closed, a
// policy that GitHub doesn't find, a git directory that was emptied.
func (r *run) badDays(ctx context.Context) ([]row, error) {
	gh, p, _, err := r.started(ctx, "SQLite", 1)
	if err != nil {
		return nil, err
	}
	defer gh.Close()
	defer p.Kill()
	issue, err := openPR(gh, branch(0), "talk")
	if err != nil {
		return nil, err
	}
	var rows []row
	took := func(what, goal string, act func() (time.Duration, error)) {
		err = errors.Join(err, gh.WaitDeliveries(ctx), idle(ctx, p, 10*time.Minute))
		if err != nil {
			return
		}
		var d time.Duration
		if d, err = act(); err != nil {
			err = fmt.Errorf("%s: %w", what, err)
		}
		rows = append(rows, row{what, goal, fmt.Sprintf("%.2f s", d.Seconds())})
	}
	for _, day := range badDays {
		took(fmt.Sprintf("a manager's command is answered, beside %d connections that claim 1 MiB and send a byte", day.slow), "2 s more", func() (time.Duration, error) {
			closeAll, err := slowly(p.addr, day.slow)
			defer closeAll()
			if err != nil {
				return 0, err
			}
			return r.answered(ctx, gh, issue)
		})
		took(fmt.Sprintf("the door was closed for %d deliveries: from the start of serve until the manager's among them is answered", day.lost), "", func() (time.Duration, error) {
			if err := p.Kill(); err != nil {
				return 0, err
			}
			for i := range day.lost {
				who, text := stranger, "/release help"
				if i == day.lost/2 {
					who, text = manager, "/release freeze "+branch(0)+" preview"
				}
				if _, err := gh.As(who).Comment(repo, issue, text); err != nil {
					return 0, err
				}
			}
			before := answersTo(gh, issue, "/release freeze")
			if err := gh.WaitDeliveries(ctx); err != nil {
				return 0, err
			}
			if _, err := p.Start(ctx); err != nil {
				return 0, err
			}
			began := time.Now()
			return r.sinceAnswered(ctx, gh, issue, before, began)
		})
	}
	took("GitHub doesn't find the policy six times: from then until a manager's command is answered", "", func() (time.Duration, error) {
		return r.policyUnfound(ctx, gh, p, issue)
	})
	took("the git directory was emptied: a pull request's check", "", func() (time.Duration, error) { return r.emptied(ctx, gh, p) })
	return rows, err
}

func (r *run) policyUnfound(ctx context.Context, gh *sandbox.Server, p *Replica, issue int) (time.Duration, error) {
	if err := errors.Join(p.Kill(), WipeSQLite(r.dir+"/slipway.db")); err != nil { // what it remembers
		return 0, err
	}
	gh.Fault(sandbox.Fault{Method: http.MethodGet, Path: regexp.MustCompile(`/contents/\.github`), Times: 6, Status: http.StatusNotFound, Body: `{"message":"Not Found"}`})
	if _, err := p.Start(ctx); err != nil {
		return 0, err
	}
	return r.answered(ctx, gh, issue)
}

func (r *run) emptied(ctx context.Context, gh *sandbox.Server, p *Replica) (time.Duration, error) {
	dirs, err := os.ReadDir(r.dir)
	for _, d := range dirs {
		if strings.HasSuffix(d.Name(), "-git") {
			err = errors.Join(err, os.RemoveAll(r.dir+"/"+d.Name()))
		}
	}
	if err != nil {
		return 0, err
	}
	began := time.Now()
	n, err := openPR(gh, branch(0), "emptied")
	if err == nil {
		err = r.judged(ctx, gh, p, n)
	}
	return time.Since(began), err
}

// slowly opens connections that announce a delivery of 1 MiB each and send one byte of it.
func slowly(addr string, n int) (closeAll func(), err error) {
	var all []net.Conn
	closeAll = func() {
		for _, c := range all {
			_ = c.Close()
		}
	}
	for range n {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return closeAll, err
		}
		all = append(all, c)
		if _, err := fmt.Fprintf(c, "POST /api/github/hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", 1<<20); err != nil {
			return closeAll, err
		}
	}
	return closeAll, nil
}
