package ghclient_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// rememberingIssues is a memory that knows the repository's id, and today's
// beginning by its clock.
func rememberingIssues(t *testing.T) (m *memory, repoID int64, today time.Time) {
	t.Helper()
	m = remembering(t)
	repoID, err := m.RepoID(t.Context(), rocket)
	m.ok(err)
	m.requests()
	return m, repoID, m.now.UTC().Truncate(24 * time.Hour)
}

func (m *memory) own(since time.Time) []github.Issue {
	m.t.Helper()
	list, err := m.OwnIssues(m.t.Context(), rocket, since)
	m.ok(err)
	return list
}

// freeze is an issue of ours; number 0 opens it.
func freeze(repoID int64, id string, number int, text string) effect.Issue {
	return effect.Issue{Repo: rocket, RepoID: repoID, Number: number, Mark: effect.Mark{Kind: "freeze", ID: id}, State: github.Open,
		Title: "Code freeze: " + id, Text: text, Record: json.RawMessage(`{"a":1}`), Labels: []string{"code-freeze"}}
}

func (m *memory) apply(e effect.Effect) {
	m.t.Helper()
	_, err := m.Apply(m.t.Context(), e)
	m.ok(err)
}

// wantAsGitHub checks that what is remembered is what GitHub would show. When
// something was changed last differs: GitHub doesn't say it of labels.
func (m *memory) wantAsGitHub(when string, since time.Time) {
	m.t.Helper()
	m.requests()
	remembered := m.own(since)
	if got := m.requests(); got != "" && !strings.HasPrefix(when, "doubted") {
		m.t.Errorf("%s: requests are %q", when, got)
	}
	m.ok(m.db.Cache().Forget(m.t.Context(), github.OwnIssuesCacheKey(rocket)))
	read := m.own(since)
	m.requests()
	same := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".UpdatedAt" || p.Last().String() == ".ClosedBy" }, cmp.Ignore())
	if diff := cmp.Diff(read, remembered, same); diff != "" {
		m.t.Errorf("%s: remembered otherwise than GitHub shows it: %s", when, diff)
	}
}

func TestOwnIssuesAreRemembered(t *testing.T) {
	m, id, today := rememberingIssues(t)
	_, err := m.gh.As("bob").OpenIssue("acme/rocket", "not ours", "")
	m.ok(err)
	if list := m.own(today); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	m.wantRequests("the first look", "GET /issues 200")
	m.own(today)
	m.own(time.Time{})
	m.own(today.Add(24 * time.Hour))
	m.wantRequests("the second look, and less", "")
	m.own(today.Add(-24 * time.Hour))
	m.wantRequests("more", "GET /issues 304")

	m.apply(freeze(id, "a", 0, "text"))
	m.wantRequests("opening", "GET /issues 200, POST /issues 201, PATCH /issues/3 200")
	m.wantAsGitHub("after opening", today)
	m.apply(freeze(id, "b", 0, "text"))
	m.apply(freeze(id, "a", 3, "another text"))
	m.wantAsGitHub("after an edit", today)
	closing := freeze(id, "a", 3, "thawed")
	closing.State = github.Closed
	m.apply(closing)
	m.wantAsGitHub("after closing", today)
	if list := m.own(today); len(list) != 2 || list[0].Number != 4 || list[1].State != github.Closed || list[1].ClosedAt.IsZero() || list[1].UpdatedAt.IsZero() {
		t.Errorf("%+v", list)
	}
	if list := m.own(time.Time{}); len(list) != 1 || list[0].Number != 4 {
		t.Errorf("open are %+v", list)
	}
	m.apply(effect.IssueState{Repo: rocket, Number: 3, State: github.Open, Labels: []string{"code-freeze", "urgent"}})
	m.wantAsGitHub("after opening again, with a label", today)
	m.apply(effect.IssueState{Repo: rocket, Number: 3, State: github.Closed, Labels: []string{"code-freeze"}})
	m.wantAsGitHub("after closing by state", time.Time{}) // of a list of open ones

	m.now = m.now.Add(11 * time.Minute)
	m.own(time.Time{})
	m.wantRequests("long after", "GET /issues 304")
}

// TestOwnIssuesOfOthersHands: what somebody else did is seen once its event has
// made us forget, and what the issue said before is still known.
func TestOwnIssuesOfOthersHands(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.apply(freeze(id, "a", 0, "text"))
	before := m.own(today)
	if len(before) != 1 || before[0].Intact != "" {
		t.Fatalf("%+v", before)
	}
	n := before[0].Number
	m.ok(m.gh.As("bob").EditBody("acme/rocket", n, "mine"))
	m.requests()
	if list := m.own(today); list[0].Body != before[0].Body {
		t.Errorf("nobody has told us, and yet: %q", list[0].Body)
	}
	m.wantRequests("before the event", "")
	m.ok(m.db.Cache().Forget(t.Context(), github.OwnIssuesCacheKey(rocket)))
	list := m.own(today)
	m.wantRequests("after the event", "GET /issues 200")
	if list[0].Body != "mine" || list[0].Intact != before[0].Body {
		t.Errorf("%+v", list[0])
	}
	if list := m.own(today); list[0].Intact != before[0].Body {
		t.Errorf("remembered without what it was: %+v", list[0])
	}

	// A decision made on the old body must not be carried out on the new one.
	e := freeze(id, "a", n, "another text")
	e.Was = before[0].Body
	m.requests()
	if _, err := m.Apply(t.Context(), e); err == nil || !strings.Contains(err.Error(), "was changed after") {
		t.Errorf("error is %v", err)
	}
	m.wantRequests("a decision on an old body", fmt.Sprintf("GET /issues/%d 200", n))
	m.own(today)
	m.wantRequests("deciding again", "GET /issues 304")
	e.Was = "mine"
	m.apply(e)
	e.Was = "something else again" // but it is what we want already
	if r, err := m.Apply(t.Context(), e); err != nil || r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestReadBehindOurWrite: a list that was read before our own write must not be
// remembered after it.
func TestReadBehindOurWrite(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.apply(freeze(id, "a", 0, "text"))
	m.own(today)
	reading, written := make(chan struct{}), make(chan struct{})
	var once sync.Once
	m.after = func(r *http.Request) { // GitHub has answered, the client doesn't know it yet
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/issues") {
			once.Do(func() { close(reading); <-written })
		}
	}
	var reader sync.WaitGroup
	reader.Go(func() {
		m.own(today.Add(-24 * time.Hour)) // more than is remembered, so it is read
	})
	<-reading
	m.apply(freeze(id, "a", 2, "another text"))
	close(written)
	reader.Wait()
	m.wantAsGitHub("after a read that overlapped", today)
}

func TestOurWritesAtOnce(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.own(today)
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() { m.apply(freeze(id, fmt.Sprint("branch-", i), 0, "text")) })
	}
	writers.Wait()
	list := m.own(today)
	if len(list) != 4 {
		t.Errorf("%d are remembered", len(list))
	}
	for _, i := range list {
		if len(i.Labels) != 1 {
			t.Errorf("%+v", i)
		}
	}
}

// TestWriteWithoutAnswer: nobody knows what GitHub shows then.
func TestWriteWithoutAnswer(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.apply(freeze(id, "a", 0, "text"))
	m.own(today)
	m.gh.Fault(sandbox.Fault{Method: http.MethodPatch, Times: 1, DropResponseAfterEffect: true})
	if _, err := m.Apply(t.Context(), freeze(id, "a", 2, "another text")); err == nil {
		t.Error("no error although no answer came")
	}
	m.requests()
	list := m.own(today)
	m.wantRequests("after a write without an answer", "GET /issues 200")
	if !strings.HasSuffix(list[0].Body, "another text") {
		t.Errorf("%+v", list[0])
	}
}

// TestDeathAfterAWrite: our own event is ignored, so the next try, which has
// nothing left to write, must notice that what is remembered lacks the write.
func TestDeathAfterAWrite(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.own(today)
	key := github.OwnIssuesCacheKey(rocket)
	stale, _, err := m.db.Cache().Get(t.Context(), key)
	m.ok(err)
	for _, e := range []effect.Effect{
		freeze(id, "a", 0, "text"), freeze(id, "a", 2, "another text"),
		effect.IssueState{Repo: rocket, Number: 2, State: github.Open, Labels: []string{"urgent"}},
	} {
		m.apply(e)
		m.ok(m.db.Cache().Put(t.Context(), key, stale, time.Hour)) // as if it had died before it remembered
		if r, err := m.Apply(t.Context(), e); err != nil || r.Changed {
			t.Errorf("%s: %+v, %v", e, r, err)
		}
		m.wantAsGitHub("doubted: "+e.String(), today)
		stale, _, err = m.db.Cache().Get(t.Context(), key)
		m.ok(err)
	}
}

// TestOwnIssuesOfManyPages: more than a page of them, so that old open ones are
// a list of their own.
func TestOwnIssuesOfManyPages(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.apply(freeze(id, "old and open", 0, "text"))
	for i := range 101 {
		e := freeze(id, fmt.Sprint("closed ", i), 0, "text")
		m.apply(e)
		m.apply(effect.IssueState{Repo: rocket, Number: i + 3, State: github.Closed})
	}
	forget := func() {
		m.ok(m.db.Cache().Forget(t.Context(), github.OwnIssuesCacheKey(rocket)))
		m.requests()
	}
	forget()
	if list := m.own(today); len(list) != 102 || list[101].Number != 2 || list[0].Number != 103 {
		t.Errorf("%d issues", len(list))
	}
	m.wantRequests("all of today", "GET /issues 200, GET /issues 200, GET /issues 304")
	forget()
	if list := m.own(today.Add(24 * time.Hour)); len(list) != 1 || list[0].Number != 2 {
		t.Errorf("%+v", list)
	}
	m.wantRequests("those closed since tomorrow", "GET /issues 304, GET /issues 304")
}

// TestReadInThisWork: an issue is not opened twice because of what was read
// before this work began, nor read twice in it.
func TestReadInThisWork(t *testing.T) {
	m, id, today := rememberingIssues(t)
	m.own(today)
	m.requests()
	m.now = m.now.Add(time.Second)
	work := reconcile.WithReadNoOlderThan(t.Context(), m.now)
	_, err := m.Apply(work, freeze(id, "a", 0, "text"))
	m.ok(err)
	m.wantRequests("read before this work", "GET /issues 200, POST /issues 201, PATCH /issues/2 200")

	m.now = m.now.Add(time.Second)
	work = reconcile.WithReadNoOlderThan(t.Context(), m.now)
	m.ok(m.db.Cache().Forget(t.Context(), github.OwnIssuesCacheKey(rocket)))
	_, err = m.OwnIssues(work, rocket, today)
	m.ok(err)
	m.requests()
	_, err = m.Apply(work, freeze(id, "b", 0, "text"))
	m.ok(err)
	m.wantRequests("read in this work", "POST /issues 201, PATCH /issues/3 200")
	if r, err := m.Apply(work, freeze(id, "b", 0, "text")); err != nil || r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestOneIssueIsOpened: two that want the same issue take turns.
func TestOneIssueIsOpened(t *testing.T) {
	m, id, today := rememberingIssues(t)
	var writers sync.WaitGroup
	for range 6 {
		writers.Go(func() { m.apply(freeze(id, "a", 0, "text")) })
	}
	writers.Wait()
	if list := m.own(today); len(list) != 1 {
		t.Errorf("%d were opened", len(list))
	}
}
