package main

import (
	"bufio"
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// limitMemory has the garbage collector keep the process below what its control group may
// have: a container is killed at its limit, whatever is garbage by then. GOMEMLIMIT goes
// first. It returns the limit in bytes, 0 if nothing was set.
func limitMemory() int64 {
	if os.Getenv("GOMEMLIMIT") != "" {
		return 0
	}
	limit := memoryLimit(os.DirFS("/"))
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// memoryLimit is nine tenths of what the process's control group may have, 0 if that isn't
// limited. The rest is for what isn't Go's. The smallest limit of the group and
// those around it holds.
func memoryLimit(root fs.FS) int64 {
	own, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(math.MaxInt64)
	lines := bufio.NewScanner(bytes.NewReader(own))
	for lines.Scan() { // HIERARCHY:CONTROLLERS:PATH
		f := strings.SplitN(lines.Text(), ":", 3)
		if len(f) != 3 {
			continue
		}
		base, file := "sys/fs/cgroup", "memory.max"
		if controllers := strings.Split(f[1], ","); f[1] != "" {
			if !slices.Contains(controllers, "memory") {
				continue
			}
			base, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		// In a container the path may be the host's, and only the mount's root be there.
		for dir := path.Clean("/" + f[2]); ; dir = path.Dir(dir) {
			if text, err := fs.ReadFile(root, path.Join(base, dir, file)); err == nil {
				if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 { // else "max"
					least = min(least, n)
				}
			}
			if dir == "/" {
				break
			}
		}
	}
	if least > 1<<50 { // version 1 says so that there is none
		return 0
	}
	return least / 10 * 9
}
