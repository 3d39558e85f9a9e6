package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

func TestCacheSwap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := open(t, url).Cache()
		for i, step := range []struct {
			old, value string // "" is none
			ttl        time.Duration
			done       bool
			then       string
		}{
			{"x", "a", time.Hour, false, ""},
			{"", "a", time.Hour, true, "a"},
			{"", "b", time.Hour, false, "a"},
			{"b", "c", time.Hour, false, "a"},
			{"a", "\x00\xff", time.Hour, true, "\x00\xff"},
			{"\x00\xff", "d", -time.Second, true, ""},
			{"d", "e", time.Hour, false, ""}, // it has expired
			{"", "f", time.Hour, true, "f"},
		} {
			var old []byte
			if step.old != "" {
				old = []byte(step.old)
			}
			done, err := c.Swap(t.Context(), "k", old, []byte(step.value), step.ttl)
			if err != nil || done != step.done {
				t.Errorf("%d: done %t, %v", i, done, err)
			}
			if v, _, err := c.Get(t.Context(), "k"); err != nil || string(v) != step.then {
				t.Errorf("%d: %q is there, %v", i, v, err)
			}
		}
	})
}

func TestCacheSwapHasOneWinner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := open(t, url).Cache()
		for _, old := range [][]byte{nil, []byte("mark")} {
			const n = 16
			won := make(chan bool)
			for i := range n {
				go func() {
					done, err := c.Swap(context.Background(), "k", old, fmt.Append(nil, i), time.Hour)
					if err != nil {
						t.Error(err)
					}
					won <- done
				}()
			}
			winners := 0
			for range n {
				if <-won {
					winners++
				}
			}
			if winners != 1 {
				t.Errorf("%d winners over %q", winners, old)
			}
			if err := c.Put(t.Context(), "k", []byte("mark"), time.Hour); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestCacheSupersede: what a read under way found, before we changed the thing
// ourselves, must not come over it.
func TestCacheSupersede(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := open(t, url).Cache()
		if err := c.Put(t.Context(), "k", []byte("old"), time.Hour); err != nil {
			t.Fatal(err)
		}
		epoch, err := c.Epoch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if done, err := c.Supersede(t.Context(), "k", []byte("old"), []byte("new"), time.Hour); !done || err != nil {
			t.Fatal(done, err)
		}
		if err := c.PutIf(t.Context(), "k", []byte("old"), time.Hour, epoch); err != nil {
			t.Fatal(err)
		}
		if v, _, err := c.Get(t.Context(), "k"); string(v) != "new" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		if done, err := c.Supersede(t.Context(), "k", []byte("old"), []byte("other"), time.Hour); done || err != nil {
			t.Errorf("done over something else: %t, %v", done, err)
		}
	})
}
