package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/bench"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// self is this program as a process: the test binary, told to be slipway.
func self(t *testing.T) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{exe}
}

// plain is this program as a process without the race detector, which would make
// whole plays three times as long and has seen all their parts in conversations. It
// is built at most once.
func plain(t *testing.T) []string {
	t.Helper()
	if !raced {
		return self(t)
	}
	exe, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return []string{exe}
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "slipway-plain-") // TestMain removes it
	if err != nil {
		return "", err
	}
	scratch = dir
	exe := filepath.Join(dir, "slipway.test")
	out, err := exec.Command("go", "test", "-race=false", "-c", "-o", exe, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build without the race detector: %w\n%s", err, out)
	}
	return exe, nil
})

// scratch is a directory to remove at the end; "" for none.
var scratch string

// runProgram runs slipway and returns all it printed.
func runProgram(ctx context.Context, t *testing.T, env []string, status int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, self(t)[0], args...)
	cmd.Env = append(append(os.Environ(), "SLIPWAY_TEST_AS_PROGRAM=1", "GORACE=atexit_sleep_ms=0"), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("slipway %v ended with %d, want %d:\n%s", args, got, status, out)
	}
	return string(out)
}

func TestBadSettingsStopTheStart(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	out := runProgram(ctx, t, nil, 1, "serve")
	for _, want := range []string{"github.app.integration_id", "SLIPWAY_GITHUB_APP_WEBHOOK_SECRET", "github.app.private_key"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q isn't named in %s", want, out)
		}
	}
	if strings.Count(out, "\n") != 1 {
		t.Errorf("not one line: %s", out)
	}
	file := filepath.Join(t.TempDir(), "s.yml")
	if err := os.WriteFile(file, []byte("servr: {listen: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := runProgram(ctx, t, nil, 1, "serve", "--config", file); !strings.Contains(out, `did you mean "server"?`) || strings.Count(out, "\n") != 1 {
		t.Errorf("said %s", out)
	}
	if out := runProgram(ctx, t, nil, 0, "version"); !strings.HasPrefix(out, "slipway ") {
		t.Errorf("version says %s", out)
	}
}

// TestKillAndRestart is the benchmark's crash run with few rounds: nothing
// about it is time, all of it is truth.
func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		postgres  bool
		processes int
		wipe      bool
	}{
		"SQLite":                    {false, 1, false},
		"SQLite deleted":            {false, 1, true},
		"PostgreSQL, two processes": {true, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rounds = 2
			dir := t.TempDir()
			file := filepath.Join(dir, "slipway.db")
			url := "sqlite://" + file
			if tc.postgres {
				url = storetest.Postgres(t)
			}
			gh, err := bench.NewWorld(dir, rounds*4)
			if err != nil {
				t.Fatal(err)
			}
			defer gh.Close()
			c := bench.Crash{Rounds: rounds, Seed: uint64(os.Getpid()), Say: t.Logf}
			for i := range tc.processes {
				env := append(gh.Environ(), "SLIPWAY_TEST_AS_PROGRAM=1")
				p, err := bench.NewReplica(self(t), env, dir, "serve-"+string(rune('a'+i)), url)
				if err != nil {
					t.Fatal(err)
				}
				c.Replicas = append(c.Replicas, p)
			}
			if tc.wipe {
				c.Wipe = func() error { return bench.WipeSQLite(file) }
			}
			if err := c.Run(context.Background(), gh); err != nil {
				t.Fatalf("seed %d: %v", c.Seed, err)
			}
		})
	}
}
