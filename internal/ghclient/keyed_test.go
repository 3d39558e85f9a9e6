package ghclient

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestKeyedLock(t *testing.T) {
	var l keyedLock
	unlock, err := l.lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.lock(t.Context(), "b") // another key waits for nobody
	if err != nil {
		t.Fatal(err)
	}
	other()
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := l.lock(gone, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up got %v", err)
	}
	unlock()
	inside, n := 0, 0
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			unlock, err := l.lock(context.Background(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if inside++; inside != 1 {
				t.Error("two at once")
			}
			n++
			inside--
		})
	}
	all.Wait()
	if n != 50 || len(l.held) != 0 {
		t.Errorf("%d came in, %d keys are left", n, len(l.held))
	}
}
