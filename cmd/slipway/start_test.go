package main

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// What a start may allocate before main, of the program's own packages and of
// its libraries. It stands for time, which depends on the machine: 8,000
// allocations were 3.4 ms where 31,500 were 7.8. What a new library costs that
// is worth it belongs into the bound.
const (
	ownStart     = 700
	libraryStart = 8_000
)

// TestStartIsCheap counts what package variables are made of. The test binary
// is slipway, with what only tests need beside it, which isn't counted.
func TestStartIsCheap(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	program := map[string]bool{"main": true}
	for _, name := range strings.Fields(string(out)) {
		program[name] = true
	}
	const module = "github.com/istio-ecosystem/slipway/"
	own, library, clock := 0, 0, 0.0
	var dearest []string
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	trace := runProgram(ctx, t, []string{"GODEBUG=inittrace=1"}, 0, "version")
	for lines := bufio.NewScanner(strings.NewReader(trace)); lines.Scan(); {
		var name string
		var at, took float64
		var bytes, allocs int
		_, err := fmt.Sscanf(lines.Text(), "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &name, &at, &took, &bytes, &allocs)
		if err != nil || !program[name] {
			continue
		}
		clock += took
		if strings.HasPrefix(name, module) || name == "main" {
			own += allocs
		} else {
			library += allocs
		}
		if allocs >= 50 {
			dearest = append(dearest, fmt.Sprintf("%s %d", name, allocs))
		}
	}
	t.Logf("%d allocations of ours, %d of libraries, %.1f ms", own, library, clock)
	if own == 0 || own > ownStart || library == 0 || library > libraryStart {
		t.Errorf("a start allocates %d times in our packages, at most %d, and %d times in libraries, at most %d; the dearest:\n%s",
			own, ownStart, library, libraryStart, strings.Join(dearest, "\n"))
	}
}
