package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
)

// release plays a whole release, and kills the program at each single write of it,
// in a run of its own: once before the write and once after it.
func (r *run) release(ctx context.Context, p Play) ([]row, error) {
	perform := func(name string, k Kill, wipe int) (Ending, error) {
		return Performance{Play: p, Binary: r.Binary, Dir: filepath.Join(r.dir, name), Kill: k, Wipe: wipe}.Perform(ctx)
	}
	want, err := perform("undisturbed", Never, 0)
	if err != nil {
		return nil, err
	}
	wiped, err := perform("wiped", Never, len(p.Acts)/2)
	if err == nil && wiped.State != want.State {
		err = fmt.Errorf("%s, with the database deleted: %s", p.Name, Difference(wiped.State, want.State))
	}
	if err != nil {
		return nil, err
	}
	kills, err := r.each(p, want, perform)
	if err != nil {
		return nil, err
	}
	const goal = "the state of the undisturbed run"
	return []row{
		{fmt.Sprintf("%s of %d acts, the database deleted midway", p.Name, len(p.Acts)), goal, "the same state"},
		{fmt.Sprintf("%s, killed at each of its %d writes in turn, before it and after it: %d runs", p.Name, want.Writes, kills), goal, "the same state"},
	}, nil
}

// each kills at every write in turn, and returns how many runs were killed. A run
// may do with a write less than the undisturbed one did.
func (r *run) each(p Play, want Ending, perform func(string, Kill, int) (Ending, error)) (kills int, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	turn := make(chan struct{}, runtime.NumCPU())
	for at := range want.Writes {
		for _, after := range []bool{false, true} {
			turn <- struct{}{} // a place among those that run at once
			wg.Go(func() {
				defer func() { <-turn }()
				name := fmt.Sprintf("%d-%t", at, after)
				got, e := perform(name, Kill{At: at, After: after}, 0)
				if e == nil && got.State != want.State {
					e = errors.New(Difference(got.State, want.State))
				}
				mu.Lock()
				defer mu.Unlock()
				kills += got.Kills
				if e != nil {
					err = errors.Join(err, fmt.Errorf("%s, killed at write %d, after it %t: %w", p.Name, at, after, e))
				}
			})
		}
		if at%10 == 9 {
			fmt.Fprintf(r.Progress, "  %s: killed at %d of %d writes\n", p.Name, at+1, want.Writes)
		}
	}
	wg.Wait()
	return kills, err
}
