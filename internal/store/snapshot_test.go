package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// day is GitHub's clock in these tests, and ours.
var day = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func second(n int) time.Time { return day.Add(time.Duration(n) * time.Second) }

const pusher = 3

// seen is what a payload (event > 0) or a read says of pull request 1.
func seen(head string, updated, event, read int) github.PullSnapshot {
	v := github.PullSnapshot{Repo: istio, PullRequest: github.PullRequest{RepoID: 7, Number: 1, State: github.Open, Head: head, UpdatedAt: second(updated)}}
	if event > 0 {
		v.EventAt, v.HeadSince, v.HeadBy = second(event), second(updated), pusher
	}
	if read > 0 {
		v.ReadAt = second(read)
	}
	return v
}

func TestPullSnapshotNewestWins(t *testing.T) {
	for name, tt := range map[string]struct {
		first, then github.PullSnapshot
		head        string
		since       int
		fresh       bool
	}{
		"a newer payload":                             {seen("a", 10, 100, 0), seen("b", 11, 101, 0), "b", 11, false},
		"an older payload":                            {seen("b", 11, 100, 0), seen("a", 10, 101, 0), "b", 11, false},
		"a payload of the same second":                {seen("a", 10, 100, 0), seen("b", 10, 101, 0), "b", 10, false},
		"a read after the event":                      {seen("a", 10, 100, 0), seen("b", 11, 0, 101), "b", 0, true},
		"a read that shows the same":                  {seen("a", 10, 100, 0), seen("a", 10, 0, 101), "a", 10, true},
		"a read in the instant of the event":          {seen("a", 10, 100, 0), seen("a", 10, 0, 100), "a", 10, false},
		"a read that began before the event":          {seen("b", 10, 100, 0), seen("a", 10, 0, 99), "b", 10, false},
		"a read that lags behind the event":           {seen("b", 11, 100, 0), seen("a", 10, 0, 101), "b", 11, false},
		"an event after a read":                       {seen("a", 10, 0, 100), seen("b", 11, 101, 0), "b", 11, false},
		"an old event after a read":                   {seen("b", 11, 0, 100), seen("a", 10, 101, 0), "b", 0, false},
		"an event that is stored after a later read":  {seen("b", 11, 0, 100), seen("a", 10, 99, 0), "b", 0, false},
		"an event after a read by a clock ahead":      {seen("b", 11, 0, 100000), seen("c", 12, 101, 0), "c", 12, false},
		"the earlier of two reads in the same second": {seen("b", 10, 0, 101), seen("a", 10, 0, 100), "b", 0, true},
		"the earlier read with a newer answer":        {seen("a", 10, 0, 101), seen("b", 11, 0, 100), "b", 0, true},
		"a push that is told of after a read":         {seen("a", 11, 0, 100), seen("a", 10, 101, 0), "a", 10, false},
		"the same head later":                         {seen("a", 10, 100, 0), seen("a", 20, 101, 0), "a", 10, false},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				s := open(t, url)
				if _, ok, err := s.PullSnapshot(t.Context(), istio, 1); ok || err != nil {
					t.Errorf("before any: %t, %v", ok, err)
				}
				for _, v := range []github.PullSnapshot{tt.first, tt.then} {
					update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, v) })
				}
				got, ok, err := s.PullSnapshot(t.Context(), github.Repo{Owner: "Istio", Name: "ISTIO"}, 1)
				if err != nil || !ok {
					t.Fatal(ok, err)
				}
				since, by := time.Time{}, int64(0)
				if tt.since != 0 {
					since, by = second(tt.since), pusher
				}
				if got.HeadBy != by || got.HeadSeen.IsZero() {
					t.Errorf("pushed by %d, first seen at %s", got.HeadBy, got.HeadSeen)
				}
				if got.Head != tt.head || !got.HeadSince.Equal(since) || got.ReadSince(day) != tt.fresh {
					t.Errorf("head %s since %s, as good as read: %t\n%+v", got.Head, got.HeadSince, got.ReadSince(day), got)
				}
			})
		})
	}
}

// TestPullSnapshotOfNothing: what shows nothing takes nothing's place; a payload that does
// still is an event, after which no earlier read is believed.
func TestPullSnapshotOfNothing(t *testing.T) {
	nothing := func(event, read int) github.PullSnapshot {
		v := seen("b", 20, event, read)
		v.PullRequest = github.PullRequest{RepoID: 8, Number: 1}
		return v
	}
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		add := func(v github.PullSnapshot) (github.PullSnapshot, bool) {
			update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, v) })
			got, ok, err := s.PullSnapshot(t.Context(), istio, 1)
			if err != nil {
				t.Fatal(err)
			}
			return got, ok
		}
		for _, v := range []github.PullSnapshot{nothing(99, 0), nothing(0, 99)} {
			if got, ok := add(v); ok {
				t.Errorf("of nothing: %+v", got)
			}
		}
		add(seen("a", 10, 0, 100))
		if got, _ := add(nothing(0, 101)); got.State != github.Open || got.Head != "a" || !got.ReadSince(second(99)) || got.ReadSince(second(100)) {
			t.Errorf("a read of nothing: %+v", got)
		}
		if got, _ := add(nothing(102, 0)); got.State != github.Open || got.Head != "a" || got.ReadSince(day) || !got.EventAt.Equal(second(102)) {
			t.Errorf("a payload of nothing: %+v", got)
		}
	})
}

// TestNewHead: a head is new where a payload shows it in the place of another one that
// was known before.
func TestNewHead(t *testing.T) {
	otherRepo := seen("b", 11, 101, 0)
	otherRepo.RepoID = 8
	for name, tt := range map[string]struct {
		first, then github.PullSnapshot
		want        bool
	}{
		"after another payload":              {seen("a", 10, 100, 0), seen("b", 11, 101, 0), true},
		"after a read":                       {seen("a", 10, 0, 100), seen("b", 11, 101, 0), true},
		"nothing was known, as after a loss": {seen("b", 11, 101, 0), seen("b", 12, 102, 0), false},
		"a read had shown it":                {seen("b", 11, 0, 100), seen("b", 11, 101, 0), false},
		"the head that was":                  {seen("a", 12, 0, 100), seen("b", 11, 101, 0), false},
		"perhaps the head that was":          {seen("a", 11, 0, 100), seen("b", 11, 101, 0), false},
		"nobody was told of it":              {seen("a", 10, 100, 0), seen("b", 11, 0, 101), false},
		"in another repository of that name": {seen("a", 10, 100, 0), otherRepo, false},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, url string) {
				s := open(t, url)
				for _, v := range []github.PullSnapshot{tt.first, tt.then} {
					update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, v) })
				}
				if _, got, err := s.Cache().Get(t.Context(), github.NewHeadCacheKey(istio, "b")); err != nil || got != tt.want {
					t.Errorf("new: %t, %v", got, err)
				}
			})
		})
	}
}

func TestPullSnapshotComesBackWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		v := seen("a", 10, 0, 100)
		v.Title, v.Author, v.State, v.Draft = "nul \x00 and \U0001F600", github.User{ID: 3, Login: "ann", Bot: true}, github.Open, true
		v.Base, v.HeadRef, v.HeadRepo = "release-1.30", "fix/a b", github.Repo{Owner: "ann", Name: "istio"}
		v.Labels, v.URL, v.CreatedAt, v.Merged, v.MergedAt = []string{"a", "B"}, "u", second(1), true, second(9)
		if err := s.Remember(t.Context(), []github.PullSnapshot{v}); err != nil {
			t.Fatal(err)
		}
		got, ok, err := s.PullSnapshot(t.Context(), istio, 1)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		v.HeadSeen = v.ReadAt
		if diff := cmp.Diff(v, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestPullSnapshotOfAnotherRepository: a repository was deleted, and another one,
// whose pull requests are older, was given its name.
func TestPullSnapshotOfAnotherRepository(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		other := seen("b", 5, 101, 0)
		other.RepoID = 8
		for _, v := range []github.PullSnapshot{seen("a", 10, 0, 100), other} {
			update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, v) })
		}
		got, _, err := s.PullSnapshot(t.Context(), istio, 1)
		if err != nil || got.Head != "b" || got.RepoID != 8 || got.ReadSince(day) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestMoves: payloads tell of the moves of a head in any order and more than once, and
// reads of none. They stay known when the repository gets another name.
func TestMoves(t *testing.T) {
	ann, bot := github.User{ID: 3, Login: "ann"}, github.User{ID: 9, Login: "robot[bot]", Bot: true}
	move := func(before, after string, by github.User, updated int) github.PullSnapshot {
		v := seen(after, updated, 100+updated, 0)
		v.HeadBy, v.Moves = by.ID, []github.HeadMove{{Before: before, After: after, By: by}}
		return v
	}
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		renamed := move("a", "b", ann, 11)
		renamed.Repo = github.Repo{Owner: "istio", Name: "renamed"}
		for _, v := range []github.PullSnapshot{move("b", "c", bot, 12), move("", "a", ann, 10), move("b", "c", bot, 12), renamed, seen("d", 13, 0, 200)} {
			update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, v) })
		}
		got, _, err := s.PullSnapshot(t.Context(), istio, 1)
		want := []github.HeadMove{{After: "a", By: ann}, {Before: "a", After: "b", By: ann}, {Before: "b", After: "c", By: bot}}
		if diff := cmp.Diff(want, got.Moves); err != nil || diff != "" {
			t.Error(err, diff)
		}
		old := seen("a", 20, 300, 0) // as of a database from before
		old.Number = 2
		update(t, s, func(ctx context.Context, tx store.Tx) error { return tx.AddPullSnapshot(ctx, old) })
		got, _, err = s.PullSnapshot(t.Context(), istio, 2)
		if diff := cmp.Diff([]github.HeadMove{{Before: "unknown", After: "a", By: github.User{ID: pusher}}}, got.Moves); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestRememberMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		const n = 450 // more than two transactions
		var all []github.PullSnapshot
		for i := range n {
			v := seen(fmt.Sprint("head ", i), 10, 0, 100)
			v.Number = i + 1
			all = append(all, v)
		}
		if err := s.Remember(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{1, 200, 201, n} {
			if got, ok, err := s.PullSnapshot(t.Context(), istio, i); err != nil || !ok || got.Head != fmt.Sprint("head ", i-1) {
				t.Errorf("%d: %+v, %t, %v", i, got, ok, err)
			}
		}
	})
}

func TestOpenPullSnapshots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := open(t, url)
		at := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
		see := func(repo github.Repo, number int, state github.State, age time.Duration) github.PullSnapshot {
			return github.PullSnapshot{Repo: repo, ReadAt: at, PullRequest: github.PullRequest{Number: number, State: state, Base: "release-1.30", UpdatedAt: at.Add(-age)}}
		}
		err := s.Remember(t.Context(), []github.PullSnapshot{
			see(istio, 1, github.Open, time.Hour), see(istio, 2, github.Open, time.Minute), see(istio, 3, github.Closed, 0),
			see(istio, 4, github.Open, time.Hour), see(github.Repo{Owner: "istio", Name: "api"}, 5, github.Open, 0),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Remember(t.Context(), []github.PullSnapshot{see(istio, 4, github.Closed, 0)}); err != nil {
			t.Fatal(err)
		}
		list, err := s.OpenPullSnapshots(t.Context(), github.Repo{Owner: "Istio", Name: "Istio"}, "")
		if err != nil || len(list) != 2 || list[0].Number != 2 || list[1].Number != 1 || list[0].Base != "release-1.30" || !list[0].ReadAt.Equal(at) {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
