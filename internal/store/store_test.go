package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

var istio = github.Repo{Owner: "istio", Name: "istio"}

func open(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func update(t *testing.T, s *store.Store, fn func(context.Context, store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestReopenKeepsWhatWasCommitted(t *testing.T) {
	storetest.EachEmpty(t, func(t *testing.T, url string) {
		s := open(t, url)
		update(t, s, func(ctx context.Context, tx store.Tx) error {
			_, err := tx.AddDelivery(ctx, reconcile.Delivery{GUID: "g1", Kind: "push", Repo: istio, Received: time.Now()})
			return err
		})
		s.Close()
		s = open(t, url) // migrates nothing and loses nothing
		ok, err := s.Delivered(t.Context(), "g1")
		if err != nil || !ok {
			t.Errorf("after reopening: delivered %t, %v", ok, err)
		}
		if ok, err := s.Delivered(t.Context(), "g2"); err != nil || ok {
			t.Errorf("a delivery that never came: %t, %v", ok, err)
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		boom := errors.New("boom")
		err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			if _, err := tx.AddDelivery(ctx, reconcile.Delivery{GUID: "g1"}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("error is %v, want %v", err, boom)
		}
		if ok, err := s.Delivered(t.Context(), "g1"); err != nil || ok {
			t.Errorf("what was rolled back is there: %t, %v", ok, err)
		}
	})
}

func TestBadUpdateFailsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		// The first update holds the writer until all the others wait, so that
		// on SQLite they are one group with a bad one, one that panics and one
		// that is given up in its middle.
		hold, held := make(chan struct{}), make(chan struct{})
		first := make(chan error, 1)
		go func() {
			first <- s.Update(context.Background(), func(context.Context, store.Tx) error {
				close(held)
				<-hold
				return nil
			})
		}()
		<-held
		const n = 40
		type answer struct {
			i   int
			err error
		}
		answers := make(chan answer, n)
		for i := range n {
			go func() {
				err := s.Update(context.Background(), func(ctx context.Context, tx store.Tx) error {
					if _, err := tx.AddDelivery(ctx, reconcile.Delivery{GUID: fmt.Sprint(i)}); err != nil {
						return err
					}
					if i == 7 {
						return errors.New("bad")
					}
					return nil
				})
				answers <- answer{i, err}
			}()
		}
		close(hold)
		if err := <-first; err != nil {
			t.Error(err)
		}
		for range n {
			a := <-answers
			if (a.err != nil) != (a.i == 7) {
				t.Errorf("update %d: %v", a.i, a.err)
			}
			ok, err := s.Delivered(t.Context(), fmt.Sprint(a.i))
			if err != nil || ok != (a.i != 7) {
				t.Errorf("update %d: there %t, %v", a.i, ok, err)
			}
		}
	})
}

func TestGivenUpUpdateWritesNothing(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.AddDelivery(ctx, reconcile.Delivery{GUID: "late"})
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if ok, err := s.Delivered(t.Context(), "late"); err != nil || ok {
		t.Errorf("it is there: %t, %v", ok, err)
	}
}

func TestUpdateAfterClose(t *testing.T) {
	s, err := store.Open(t.Context(), storetest.SQLite(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	err = s.Update(t.Context(), func(context.Context, store.Tx) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("error is %v", err)
	}
}

func TestSQLiteIsDurable(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	for name, want := range map[string]string{
		"journal_mode": "wal",
		"synchronous":  "2", // FULL
		"foreign_keys": "1",
		"busy_timeout": "10000",
	} {
		if got, err := s.Pragma(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	if n := s.SQLite().Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d connections may be open, want 1", n)
	}
}

func TestSecondOpenOfAFileIsRefused(t *testing.T) {
	url := storetest.SQLite(t)
	s := open(t, url)
	// flock locks open files, not processes: a second Open here is refused as
	// one in another process is (the queue's crash test has real processes).
	_, err := store.Open(t.Context(), url, store.Options{})
	if err == nil || !strings.Contains(err.Error(), "another process uses this file") {
		t.Fatalf("error is %v", err)
	}
	s.Close()
	open(t, url)
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for url, want := range map[string]string{
		"mysql://root@localhost/x":        "scheme",
		"":                                "scheme",
		"sqlite:///":                      "path is missing",
		"sqlite://data/file.db":           "three slashes",
		"sqlite://" + dir:                 "",
		"postgres://u:secret@host:port/x": "cannot be read",
		"postgres://u:secret@127.0.0.1:1/x?password=secret": "127.0.0.1",
	} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want one with %q", url, err, want)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestPathsWithOddCharacters(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "a b%25c", "x#1%3Fmode=memory.db")
	url = strings.ReplaceAll(url, "#", "%23")
	s := open(t, url)
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if got, err := s.Pragma(t.Context(), "journal_mode"); err != nil || got != "wal" {
		t.Errorf("journal_mode %q, %v", got, err) // "memory" if the path had become options
	}
}
