package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/bench"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
	"github.com/istio-ecosystem/slipway/internal/sandbox/openapi"
)

// perform plays a release with this program as a process, without the race detector, held to GitHub's own
// description of its API.
func perform(t *testing.T, p bench.Play, k bench.Kill, wipe int) bench.Ending {
	t.Helper()
	clock := sharedClock(t)
	on := bench.Performance{Play: p, Binary: plain(t), Env: []string{"SLIPWAY_TEST_AS_PROGRAM=1"}, Dir: t.TempDir(), Kill: k, Wipe: wipe, Clock: clock}
	if v := openapi.Find(t); v != nil {
		seen := v.Collect()
		on.Options = func(o *sandbox.Options) { o.Middleware = seen.Wrap }
		defer func() {
			for _, p := range seen.Problems() {
				t.Errorf("not as GitHub describes its API: %s", p)
			}
		}()
	}
	end, err := on.Perform(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// TestWholeRelease plays whole releases: undisturbed, with the database deleted
// midway, with the program killed at each other kind of write of every act, and with a
// write that is never answered. All end in the same state on GitHub, and then nothing is
// left to write. With SLIPWAY_TEST_LONG set, as by `make test-long`, it is killed at each
// kind of write and at every single one, before and after it.
func TestWholeRelease(t *testing.T) {
	t.Parallel()
	const parts = 2
	long := os.Getenv("SLIPWAY_TEST_LONG") != ""
	before := func(part int) bench.Kill { return bench.Kill{Each: true, Of: parts, Part: part} }
	after := func(part int) bench.Kill { return bench.Kill{Each: true, Of: parts, Part: part, After: true} }
	for _, tc := range []struct {
		play        bench.Play
		kills, more []bench.Kill
		unanswered  int // writes that are never answered, each in a run of its own
	}{
		{bench.PatchPlay(), []bench.Kill{before(0), after(1)}, []bench.Kill{before(1), after(0)}, 1},
		{bench.MinorPlay(), []bench.Kill{after(1)}, []bench.Kill{before(0), before(1), after(0)}, 0},
	} {
		p := tc.play
		if long {
			tc.kills, tc.unanswered = append(tc.kills, tc.more...), 2
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			want := perform(t, p, bench.Never, 0)
			same := func(name string, k bench.Kill, wipe, kills int) {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					got := perform(t, p, k, wipe)
					if d := bench.Difference(got.State, want.State); d != "" {
						t.Error(d)
					}
					if got.Kills < kills {
						t.Errorf("it was killed %d times, want at least %d", got.Kills, kills)
					}
				})
			}
			same("the database deleted", bench.Never, len(p.Acts)/2, 0)
			for _, k := range tc.kills {
				same(fmt.Sprintf("killed at each write, part %d, after it %t", k.Part, k.After), k, 0, len(p.Acts)/parts)
			}
			for at := 0; long && at < want.Writes; at++ {
				for _, after := range []bool{false, true} {
					same(fmt.Sprintf("killed at write %d of all, after it %t", at, after), bench.Kill{At: at, After: after}, 0, 0)
				}
			}
			for i := range tc.unanswered {
				at := (i + 1) * want.Writes / 3
				same(fmt.Sprintf("no answer to write %d", at), bench.Kill{At: at, After: true, Lives: true}, 0, 1)
			}
		})
	}
}
