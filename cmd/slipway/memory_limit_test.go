package main

import (
	"testing"
	"testing/fstest"
)

// TestMemoryLimit: nine tenths of the smallest limit around the process, of either version
// of control groups.
func TestMemoryLimit(t *testing.T) {
	const inOne = "12:pids:/a\n5:memory:/a/b\n1:name=systemd:/a\n"
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no control groups", nil, 0},
		{"no limit", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n"}, 0},
		{"a container", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870910\n"}, 483183819},
		{"a group", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/memory.max": "max\n"}, 900},
		{"a smaller one around it", map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "1000\n", "sys/fs/cgroup/a/memory.max": "500\n"}, 450},
		{"the host's path", map[string]string{"proc/self/cgroup": "0::/kubepods/pod1\n", "sys/fs/cgroup/memory.max": "1000\n"}, 900},
		{"version 1", map[string]string{"proc/self/cgroup": inOne, "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "1000\n"}, 900},
		{"version 1, the host's path", map[string]string{"proc/self/cgroup": inOne, "sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n"}, 900},
		{"version 1, no limit", map[string]string{"proc/self/cgroup": inOne, "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		{"of other controllers", map[string]string{"proc/self/cgroup": "12:pids:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1000\n"}, 0},
		{"what nobody writes", map[string]string{"proc/self/cgroup": "\n::\n0::/../..\n", "sys/fs/cgroup/memory.max": "-5 x\n"}, 0},
	} {
		root := fstest.MapFS{}
		for name, text := range tc.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := memoryLimit(root); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}

// TestMemoryLimitOfTheOperator: who sets GOMEMLIMIT goes first.
func TestMemoryLimitOfTheOperator(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "1GiB")
	if got := limitMemory(); got != 0 {
		t.Errorf("set to %d", got)
	}
}
