package ghclient_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// sharing is a shared issue on the stand-in, and what was done to it.
type sharing struct {
	t  *testing.T
	gh *sandbox.Server
	c  *ghclient.Client
	n  int
	id int64
}

func newSharing(t *testing.T) *sharing {
	t.Helper()
	gh, c, _ := newClient(t)
	s := &sharing{t: t, gh: gh, c: c}
	id, err := c.RepoID(t.Context(), rocket)
	if err != nil {
		t.Fatal(err)
	}
	s.id = id
	e := s.effect(1, 1)
	e.Number = 0
	if _, err := c.Apply(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for _, i := range gh.Issues("acme/rocket") {
		if !i.IsPR {
			s.n = i.Number
		}
	}
	return s
}

// effect is a decision on a version of the record that makes another.
func (s *sharing) effect(on, makes int) effect.SharedIssue {
	record := func(text string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"rev":%d,"text":%q}`, makes, text))
	}
	return effect.SharedIssue{
		Repo: rocket, RepoID: s.id, Number: s.n, Mark: effect.Mark{Kind: "release", ID: "x"}, Rev: on, Record: record(strings.Repeat("long ", 60)), Short: record("short"),
		State: github.Open, Title: "Rocket", Begin: "words of the beginning\n" + effect.BlockPlace("status") + "\n" + effect.ItemPlace("a") + "\n",
		Parts: effect.Parts{Blocks: []effect.TextBlock{{Name: "status", Text: fmt.Sprintf("status %d", makes), Short: "short"}},
			Items: []effect.Item{{ID: "a", Text: "A " + strings.Repeat("reason ", 40), Short: "A"}}},
	}
}

func (s *sharing) body() string { return s.gh.Issue("acme/rocket", s.n).Body }

func (s *sharing) save(body string) {
	s.t.Helper()
	if err := s.gh.As("bob").EditBody("acme/rocket", s.n, body); err != nil {
		s.t.Fatal(err)
	}
}

// TestSharedIssueRecords: only a newer record is a reason to decide again, and not
// for ever.
func TestSharedIssueRecords(t *testing.T) {
	s := newSharing(t)
	first := s.body()
	if _, err := s.c.Apply(t.Context(), s.effect(1, 2)); err != nil {
		t.Fatal(err)
	}
	second := s.body()
	s.save(first) // an older one, put back
	if _, err := s.c.Apply(t.Context(), s.effect(2, 3)); err != nil {
		t.Errorf("on an older record: %v", err)
	}
	if !strings.Contains(s.body(), `"rev":3`) || strings.Count(s.body(), "seal:") != 1 {
		t.Errorf("it is %s", s.body())
	}
	var later *reconcile.RetryAfterError
	for i := range 11 {
		if _, err := s.c.Apply(t.Context(), s.effect(2, 3+i%2)); (i%2 == 0) != (err == nil) || err != nil && !errors.As(err, &later) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	tries := 0
	for later = nil; ; tries++ {
		_, err := s.c.Apply(t.Context(), s.effect(1, 2))
		if err == nil || tries > 20 {
			t.Fatalf("try %d: %v", tries, err)
		}
		if !errors.As(err, &later) {
			break
		}
	}
	if tries != 10 {
		t.Errorf("it waits %d times", tries)
	}
	// The same version in other words was made by somebody else at the same time.
	e := s.effect(3, 4)
	e.Seen = json.RawMessage(`{"rev":3,"text":"mine"}`)
	if _, err := s.c.Apply(t.Context(), e); err == nil {
		t.Error("another record of the same version is written over")
	}
	if s.save(second); !strings.Contains(second, `"rev":2`) {
		t.Errorf("it was %s", second)
	}
}

// TestSharedIssueRestored: a text in which nothing of ours is left is what it was.
func TestSharedIssueRestored(t *testing.T) {
	for _, tc := range []struct{ name, intact, now, want string }{
		{"remembered", "mine\n" + effect.ItemPlace("a") + "\n", "", "mine"},
		{"remembered, with new words", "mine\n" + effect.ItemPlace("a") + "\n", "oops", "\n\noops"},
		{"not remembered", "", "", "words of the beginning"},
	} {
		s := newSharing(t)
		s.save(tc.now)
		e := s.effect(1, 2)
		e.Intact = tc.intact
		if _, err := s.c.Apply(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if body := s.body(); !strings.Contains(body, tc.want) || !strings.Contains(body, "status 2") || !strings.Contains(body, "slipway-step:a") {
			t.Errorf("%s: it is %s", tc.name, body)
		}
	}
}

// TestSharedIssueWithoutRoom: what is ours gives way first, and if that isn't enough
// the answer says what to do.
func TestSharedIssueWithoutRoom(t *testing.T) {
	s := newSharing(t)
	fixed := len([]rune(s.body()))
	full := func(n int) { s.save(s.body() + strings.Repeat("🎉", n-len([]rune(s.body())))) }
	full(65536)
	e := s.effect(1, 2)
	e.Parts.Blocks[0].Text = strings.Repeat("status ", 20) + "2"
	if _, err := s.c.Apply(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if body := s.body(); !strings.Contains(body, "\nshort\n") || len([]rune(body)) > 65536 {
		t.Errorf("%d characters: %.900s", len([]rune(body)), body)
	}
	e = s.effect(2, 3)
	e.Parts.Items[0].Text += strings.Repeat("more ", 100)
	full(65536)
	if _, err := s.c.Apply(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if body := s.body(); !strings.Contains(body, "- [ ] A <!--") {
		t.Errorf("%d characters: %.900s", len([]rune(body)), body)
	}
	e = s.effect(3, 4)
	e.Record = json.RawMessage(fmt.Sprintf(`{"rev":4,"text":%q}`, strings.Repeat("longer ", 90)))
	full(65536)
	if _, err := s.c.Apply(t.Context(), e); err != nil || !strings.Contains(s.body(), `"text":"short"`) {
		t.Fatalf("%v: %.900s", err, s.body())
	}
	e = s.effect(4, 5)
	e.Short = nil
	e.Record = json.RawMessage(fmt.Sprintf(`{"rev":5,"text":%q}`, strings.Repeat("x", fixed+1000)))
	full(65536)
	_, err := s.c.Apply(t.Context(), e)
	var cannot *reconcile.RefusedError
	if !errors.As(err, &cannot) || !strings.Contains(cannot.Reason, "Shorten what people wrote there by at least") {
		t.Errorf("%v", err)
	}
}

// TestStateIsDecidedOrLeft: what writes into an issue of ours without a look at its state
// leaves a closing alone that came after it was read; a decision on it is written.
func TestStateIsDecidedOrLeft(t *testing.T) {
	s := newSharing(t)
	if err := s.gh.As("bob").Close("acme/rocket", s.n); err != nil {
		t.Fatal(err)
	}
	for _, state := range []github.State{"", github.Open} {
		e := s.effect(1, 2)
		e.State = state
		if _, err := s.c.Apply(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if got, want := github.State(s.gh.Issue("acme/rocket", s.n).State), cmp.Or(state, github.Closed); got != want {
			t.Errorf("written as %q, it is %s, want %s", state, got, want)
		}
	}
}
