package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

func TestDeliveryOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		for _, want := range []bool{true, false} {
			update(t, s, func(ctx context.Context, tx store.Tx) error {
				fresh, err := tx.AddDelivery(ctx, reconcile.Delivery{GUID: "g\x00", Kind: "a\xff", Repo: istio})
				if fresh != want {
					t.Errorf("fresh is %t, want %t", fresh, want)
				}
				return err
			})
		}
	})
}

func TestAskComesBackAsItWasSigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		ask := reconcile.PendingCommand{Text: "/release freeze\x00 \U0001F600 release-1.30\r\n", Call: command.Call{
			Repo: istio, Number: 5, ID: 77, OnPR: true, Author: github.User{ID: 3, Login: "ann"}, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		}}
		update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddAsk(ctx, ask) })
		edited := ask
		edited.Text = "edited"
		update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddAsk(ctx, edited) })
		got, ok, err := s.PendingCommand(t.Context(), ask.Key())
		if err != nil || !ok {
			t.Fatalf("%t, %v", ok, err)
		}
		if diff := cmp.Diff(ask, got); diff != "" {
			t.Error(diff)
		}
		if _, ok, err := s.PendingCommand(t.Context(), reconcile.Key{Handler: "command", Repo: istio, ID: "comment/1"}); ok || err != nil {
			t.Errorf("an ask that is not there: %t, %v", ok, err)
		}
	})
}

// TestSignedAskTakesTheReadOnesPlace: until it is done.
func TestSignedAskTakesTheReadOnesPlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		signed := reconcile.PendingCommand{Text: "signed", Call: command.Call{Repo: istio, Number: 5, ID: 77}}
		read := reconcile.PendingCommand{Text: "read", Call: signed.Call, Unsigned: true, Node: "IC_77"}
		keep := func(a, want reconcile.PendingCommand) {
			t.Helper()
			update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddAsk(ctx, a) })
			if got, _, err := s.PendingCommand(t.Context(), a.Key()); err != nil || !cmp.Equal(want, got) {
				t.Errorf("%v, %s", err, cmp.Diff(want, got))
			}
		}
		keep(read, read)
		keep(signed, signed)
		keep(read, signed)
		signed.Call.ID, read.Call.ID = 78, 78
		keep(read, read)
		update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AskDone(ctx, read.Key().String(), "done", 1) })
		keep(signed, read)
	})
}

func TestLedger(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := open(t, url).Ledger()
		start := func(key string, want reconcile.LedgerState) {
			t.Helper()
			if got, err := l.Start(t.Context(), key); err != nil || got != want {
				t.Errorf("start %s: %s, %v; want %s", key, got, err, want)
			}
		}
		start("announce 1.30.0", reconcile.LedgerNew)
		start("announce 1.30.0", reconcile.LedgerStarted)
		start("announce 1.30.1", reconcile.LedgerNew)
		for _, key := range []string{"announce 1.30.0", "never started"} {
			if err := l.Finish(t.Context(), key, reconcile.Receipt{Effect: "e", Changed: true}); err != nil {
				t.Error(err)
			}
			start(key, reconcile.LedgerFinished)
		}
		start("announce 1.30.1", reconcile.LedgerStarted)
	})
}

func TestLedgerHasOneFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := open(t, url).Ledger()
		got := make(chan reconcile.LedgerState)
		const n = 20
		for range n {
			go func() {
				state, err := l.Start(context.Background(), "once")
				if err != nil {
					t.Error(err)
				}
				got <- state
			}()
		}
		count := map[reconcile.LedgerState]int{}
		for range n {
			count[<-got]++
		}
		if count[reconcile.LedgerNew] != 1 || count[reconcile.LedgerStarted] != n-1 {
			t.Errorf("states: %v", count)
		}
	})
}

func TestCache(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := open(t, url).Cache()
		put := func(key, value string, ttl time.Duration) {
			t.Helper()
			if err := c.Put(t.Context(), key, []byte(value), ttl); err != nil {
				t.Error(err)
			}
		}
		there := func(keys ...string) string {
			t.Helper()
			var got []string
			for _, k := range keys {
				_, ok, err := c.Get(t.Context(), k)
				if err != nil {
					t.Error(err)
				}
				if ok {
					got = append(got, k)
				}
			}
			return strings.Join(got, " ")
		}
		all := []string{"policy/istio/a", "policy/istio/B", "policy/istio/é", "policy/istio0", "policy/ISTIO/a", "policy/istio", "teams"}
		for _, k := range all {
			put(k, "v", time.Hour)
		}
		put("teams", "\x00\xff2", time.Hour)
		if v, ok, err := c.Get(t.Context(), "teams"); err != nil || !ok || string(v) != "\x00\xff2" {
			t.Errorf("got %q, %t, %v", v, ok, err)
		}
		put("empty", "", time.Hour)
		put("old", "v", -time.Second)
		if got := there("old", "empty", "nothing"); got != "empty" {
			t.Errorf("there: %s", got)
		}
		if err := c.Forget(t.Context(), "policy/istio/"); err != nil {
			t.Error(err)
		}
		if got, want := there(all...), "policy/istio0 policy/ISTIO/a policy/istio teams"; got != want {
			t.Errorf("after forgetting a prefix: %s, want %s", got, want)
		}
		if err := c.Forget(t.Context(), ""); err != nil {
			t.Error(err)
		}
		if got := there(all...); got != "" {
			t.Errorf("after forgetting everything: %s", got)
		}
	})
}

// TestCacheKeepsNothingReadBeforeAForget: a read under way while an event says
// that something changed must not be remembered.
func TestCacheKeepsNothingReadBeforeAForget(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := open(t, url).Cache()
		read := func() int64 {
			t.Helper()
			epoch, err := c.Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return epoch
		}
		putIf := func(key string, epoch int64, kept bool) {
			t.Helper()
			if err := c.PutIf(t.Context(), key, []byte(key), time.Hour, epoch); err != nil {
				t.Fatal(err)
			}
			if _, ok, err := c.Get(t.Context(), key); ok != kept || err != nil {
				t.Errorf("%s: kept %t, want %t (%v)", key, ok, kept, err)
			}
		}
		before := read()
		putIf("first", before, true)
		if err := c.Forget(t.Context(), "other/"); err != nil {
			t.Fatal(err)
		}
		putIf("read before", before, false)
		after := read()
		if took := time.Since(time.UnixMicro(after)); took < 0 || took > time.Hour {
			t.Errorf("the epoch is %s ago", took)
		}
		putIf("read after", after, true)
		if err := c.Forget(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if read() < after {
			t.Error("forgetting everything forgot the epoch")
		}
		putIf("read between", after, false)
	})
}

func TestAudit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
		add := func(handler, id string, outcome store.Outcome) store.Run {
			r := store.Run{At: at, Key: reconcile.Key{Handler: handler, Repo: istio, ID: id}, Outcome: outcome, Why: "because\x00", Attempt: 2, Took: 1500 * time.Microsecond,
				Receipts: []reconcile.Receipt{{Effect: "check", Changed: true, URL: "u"}}}
			update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddRun(ctx, r) })
			return r
		}
		add("freeze", "pr/1", store.Done)
		add("freeze", "pr/2", store.Failed)
		last := add("notes", "branch/a b", store.Done)
		ids := func(f store.AuditFilter, limit int) string {
			t.Helper()
			rows, err := s.Audit(t.Context(), f, limit)
			if err != nil {
				t.Error(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, r.Key.ID)
			}
			return strings.Join(got, ",")
		}
		for _, c := range []struct {
			f     store.AuditFilter
			limit int
			want  string
		}{
			{store.AuditFilter{}, 10, "branch/a b,pr/2,pr/1"},
			{store.AuditFilter{}, 2, "branch/a b,pr/2"},
			{store.AuditFilter{Handler: "freeze"}, 10, "pr/2,pr/1"},
			{store.AuditFilter{Outcome: store.Failed}, 10, "pr/2"},
			{store.AuditFilter{Key: last.Key}, 10, "branch/a b"},
			{store.AuditFilter{Repo: github.Repo{Owner: "ISTIO", Name: "istio"}, Handler: "notes"}, 10, "branch/a b"},
			{store.AuditFilter{Repo: github.Repo{Owner: "istio", Name: "api"}}, 10, ""},
		} {
			if got := ids(c.f, c.limit); got != c.want {
				t.Errorf("%+v: %s, want %s", c.f, got, c.want)
			}
		}
		rows, err := s.Audit(t.Context(), store.AuditFilter{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		last.ID, last.Why = rows[0].ID, "because\uFFFD"
		if diff := cmp.Diff(last, rows[0]); diff != "" {
			t.Error(diff)
		}
		if got := ids(store.AuditFilter{Before: rows[0].ID}, 10); got != "pr/2,pr/1" {
			t.Errorf("the next page: %s", got)
		}
	})
}

func TestPrune(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		const n = 2500 // more than two batches
		update(t, s, func(ctx context.Context, tx store.Tx) error {
			for i := range n {
				if err := tx.AddRun(ctx, store.Run{At: time.Now(), Key: reconcile.Key{Handler: "h", Repo: istio, ID: fmt.Sprint(i)}}); err != nil {
					return err
				}
			}
			_, err := tx.AddDelivery(ctx, reconcile.Delivery{GUID: "g"})
			return err
		})
		for i := range 5 {
			if err := s.Cache().Put(t.Context(), fmt.Sprint(i), nil, time.Duration(i+1)*time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		count := func() (audit int, delivered bool, cached string) {
			t.Helper()
			rows, err := s.Audit(t.Context(), store.AuditFilter{}, n)
			if err != nil {
				t.Fatal(err)
			}
			if delivered, err = s.Delivered(t.Context(), "g"); err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				if _, ok, err := s.Cache().Get(t.Context(), fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				} else if ok {
					cached += fmt.Sprint(i)
				}
			}
			return len(rows), delivered, cached
		}
		if err := s.Prune(t.Context(), store.Retention{AuditRows: 10, CacheRows: 2}); err != nil {
			t.Fatal(err)
		}
		if a, d, c := count(); a != 10 || !d || c != "34" {
			t.Errorf("bounded: %d audit rows, delivered %t, cache %s", a, d, c)
		}
		if err := s.Prune(t.Context(), store.Retention{Deliveries: time.Nanosecond, Audit: time.Nanosecond}); err != nil {
			t.Fatal(err)
		}
		if a, d, _ := count(); a != 0 || d {
			t.Errorf("by age: %d audit rows, delivered %t", a, d)
		}
	})
}
