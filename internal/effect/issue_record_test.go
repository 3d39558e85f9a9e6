package effect

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestReadIssue: of what an issue shows and what we wrote last the newer one counts
// that can be believed, and what is something else is known as that.
func TestReadIssue(t *testing.T) {
	type record struct {
		Rev int `json:"rev"`
	}
	s, err := NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	opened := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	at := Place{Repo: 9, Number: 7}
	seal := func(at Place, kind, id string, rev int) string {
		text, err := s.Seal(at, Mark{Kind: kind, ID: id}, json.RawMessage(fmt.Sprintf(`{"rev":%d,"repo":%d,"number":%d,"asked":"a","opened":%q}`, rev, at.Repo, at.Number, opened.Format(time.RFC3339))))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	one := func(rev int) string { return seal(at, "kind", "a", rev) }
	unbound := func(rev int) string { return seal(Place{Repo: 9}, "kind", "a", rev) }
	const torn = "<!-- slipway:kind a {} seal:0 -->"
	for _, tc := range []struct {
		name          string
		body, intact  string
		age           time.Duration // of the issue, when the record was made
		anywhere      bool
		rev           int // 0: none
		edited, other bool
	}{
		{name: "as we wrote it", body: one(3), rev: 3},
		{name: "with words around it", body: one(3) + "\nx", intact: one(3), rev: 3, edited: true},
		{name: "newer than what is remembered", body: one(3), intact: one(2), rev: 3},
		{name: "an older one put back", body: one(2), intact: one(3), rev: 3, edited: true},
		{name: "torn, and remembered", body: torn, intact: one(3), rev: 3, edited: true},
		{name: "torn", body: torn, edited: true},
		{name: "not at the beginning", body: "x\n\n" + one(3), edited: true},
		{name: "not at the beginning, where people write", body: "x\n\n" + one(3), anywhere: true, rev: 3},
		{name: "another kind", body: seal(at, "other", "a", 3), edited: true, other: true},
		{name: "another kind in its place", body: seal(at, "other", "a", 3), intact: one(3), rev: 3, edited: true, other: true},
		{name: "torn, and it was another kind", body: torn, intact: seal(at, "other", "a", 3), edited: true, other: true},
		{name: "under another's mark", body: seal(at, "kind", "b", 3), edited: true},
		{name: "moved here", body: seal(Place{Repo: 8, Number: 7}, "kind", "a", 3), edited: true, other: true},
		{name: "copied from another issue", body: seal(Place{Repo: 9, Number: 6}, "kind", "a", 3), edited: true},
		{name: "without a number yet", body: unbound(1), age: newborn - time.Second, rev: 1},
		{name: "of a clock that goes wrong", body: unbound(1), age: time.Second - newborn, rev: 1},
		{name: "without a number in an older issue", body: unbound(1), age: -newborn, edited: true},
		{name: "without a number in a younger one", body: unbound(1), age: newborn, edited: true},
		{name: "with its number, however old", body: one(1), age: time.Hour, rev: 1},
	} {
		i := github.Issue{Number: 7, Body: tc.body, Intact: tc.intact, CreatedAt: opened.Add(tc.age)}
		got := ReadIssue[record](s, "kind", 9, i, tc.anywhere)
		if got.Record.Rev != tc.rev || (got.JSON != nil) != (tc.rev != 0) || got.Edited != tc.edited || got.Other != tc.other {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}
