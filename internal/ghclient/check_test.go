package ghclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func (m *memory) verdict(s effect.State, title string) effect.CheckRun {
	return effect.CheckRun{Repo: rocket, Number: m.pr.Number, Commit: m.pr.HeadSHA, Name: "slipway/test",
		Verdict: effect.Verdict{State: s, Title: title, Detail: "d"}}
}

// reads is the request for the runs of a commit.
func reads(commit string) string { return "GET /commits/" + commit + "/check-runs 200" }

// patches is the request that changes the newest run.
func (m *memory) patches() string {
	return fmt.Sprintf("PATCH /check-runs/%d 200", m.newest(m.pr.HeadSHA).ID)
}

func (m *memory) newest(commit string) sandbox.CheckRun {
	var newest sandbox.CheckRun
	for _, run := range m.gh.CheckRuns("acme/rocket", commit) {
		if run.ID > newest.ID {
			newest = run
		}
	}
	return newest
}

func TestCheckRunIsRemembered(t *testing.T) {
	m := remembering(t)
	no, yes := m.verdict(effect.Block, "no"), m.verdict(effect.Pass, "yes")
	m.check("the first", no, true, reads(m.pr.HeadSHA)+", POST /check-runs 201")
	m.check("the same", no, false, "")
	m.check("another", yes, true, m.patches())
	m.check("the same as then", yes, false, "")
	fresh := yes
	fresh.Fresh = true
	m.check("asked for again", fresh, true, "POST /check-runs 201")
	m.check("the same after that", yes, false, "")
	m.check("back to work", m.verdict(effect.Wait, "hm"), true, "POST /check-runs 201") // a completed run can't
	m.check("done", yes, true, m.patches())
	present := no
	present.IfPresent = true
	m.check("if present", present, true, m.patches())

	head, err := m.gh.As("bob").PushToPR("acme/rocket", m.pr.Number, map[string]string{"x": "y"}, "More")
	m.ok(err)
	m.pr.HeadSHA = head
	absent := m.verdict(effect.Block, "no")
	absent.IfPresent = true
	if r, err := m.Apply(t.Context(), absent); err != nil || r.Changed {
		t.Errorf("a run where there was none: %+v, %v", r, err)
	}
	m.wantRequests("if present on a new head", reads(head))
	if r, err := m.Apply(t.Context(), absent); err != nil || r.Changed {
		t.Errorf("a run where there was none: %+v, %v", r, err)
	}
	m.wantRequests("that there is none is remembered", "")
	m.check("a new head", m.verdict(effect.Block, "no"), true, "POST /check-runs 201")
	m.check("the new head again", m.verdict(effect.Block, "no"), false, "")

	m.ok(m.db.Cache().Forget(t.Context(), "")) // a lost database
	_, err = m.BranchExists(t.Context(), rocket, "master")
	m.ok(err)
	m.requests()
	m.check("nothing remembered", m.verdict(effect.Block, "no"), false, reads(head))
	m.check("remembered by reading", m.verdict(effect.Block, "no"), false, "")
}

// TestCheckRunMarks: while nobody knows what GitHub shows, it is asked.
func TestCheckRunMarks(t *testing.T) {
	m := remembering(t)
	no, yes := m.verdict(effect.Block, "no"), m.verdict(effect.Pass, "yes")
	m.check("the first", no, true, reads(m.pr.HeadSHA)+", POST /check-runs 201")
	write := sandbox.Fault{Method: http.MethodPatch, Times: 1}

	lost := write
	lost.DropResponseAfterEffect = true
	m.gh.Fault(lost)
	if _, err := m.Apply(t.Context(), yes); err == nil {
		t.Error("no error although no answer came")
	}
	m.requests()
	m.check("after a write without an answer", yes, false, reads(m.pr.HeadSHA))
	m.check("once it is known", yes, false, "")

	refused := write
	refused.Status = 500
	m.gh.Fault(refused)
	if _, err := m.Apply(t.Context(), no); err == nil {
		t.Error("no error although the write was refused")
	}
	m.requests()
	m.check("after a write that was refused", no, true, strings.Replace(reads(m.pr.HeadSHA), " 200", " 304", 1)+", "+m.patches())

	gone := write
	gone.Status, gone.Body = 404, `{"message":"Not Found"}`
	m.gh.Fault(gone)
	patch := m.patches()
	m.check("a run that is gone", yes, true, strings.Replace(patch, " 200", " 404", 1)+", "+reads(m.pr.HeadSHA)+", "+patch)
}

// pushed is a new head that a webhook has told of.
func (m *memory) pushed(file string) (head string) {
	m.t.Helper()
	m.told(m.pr.HeadSHA, m.now, m.now)
	head, err := m.gh.As("bob").PushToPR("acme/rocket", m.pr.Number, map[string]string{file: "y"}, "More")
	m.ok(err)
	m.pr.HeadSHA, m.now = head, m.now.Add(time.Second)
	m.told(head, m.now, m.now)
	return head
}

// TestChecksOfANewHead: none of ours can be there that isn't remembered, so GitHub is
// asked only where a write was begun.
func TestChecksOfANewHead(t *testing.T) {
	m := remembering(t)
	no := func() effect.CheckRun { return m.verdict(effect.Block, "no") }
	m.check("a head that nobody told of", no(), true, reads(m.pr.HeadSHA)+", POST /check-runs 201")
	m.pushed("one")
	m.check("a new head", no(), true, "POST /check-runs 201")
	m.check("the same", no(), false, "")

	head := m.pushed("two")
	m.gh.Fault(sandbox.Fault{Method: http.MethodPost, Path: regexp.MustCompile("/check-runs$"), Times: 1, DropResponseAfterEffect: true})
	if _, err := m.Apply(t.Context(), no()); err == nil {
		t.Error("no error although no answer came")
	}
	m.requests()
	m.check("after a write without an answer", no(), false, reads(head))

	head = m.pushed("three")
	present := no()
	present.IfPresent = true
	if _, err := m.Apply(t.Context(), present); err != nil {
		t.Error(err)
	}
	m.wantRequests("where there may be nothing to change", reads(head))

	head = m.pushed("four")
	m.ok(m.db.Cache().Forget(t.Context(), github.CheckCacheKey(rocket, "", "")))
	m.check("a repository that may be another one", no(), true, reads(head)+", POST /check-runs 201")
}

// TestTwoWritersOfOneRun: whose write GitHub took last is anybody's guess, so
// neither is remembered, and who finds that out looks again.
func TestTwoWritersOfOneRun(t *testing.T) {
	m := remembering(t)
	no, yes := m.verdict(effect.Block, "no"), m.verdict(effect.Pass, "yes")
	m.check("the first", m.verdict(effect.Block, "first"), true, reads(m.pr.HeadSHA)+", POST /check-runs 201")
	// Both writes have left before either is let through.
	var both sync.WaitGroup
	both.Add(2)
	m.before = func(r *http.Request) {
		if r.Method == http.MethodPatch {
			both.Done()
			both.Wait()
		}
	}
	var writers sync.WaitGroup
	var looksAgain atomic.Bool
	for _, e := range []effect.CheckRun{no, yes} {
		writers.Go(func() {
			_, err := m.Apply(t.Context(), e)
			if later, is := errors.AsType[*reconcile.RetryAfterError](err); is {
				looksAgain.Store(true)
			} else if err != nil {
				t.Error(err, later)
			}
		})
	}
	writers.Wait()
	if !looksAgain.Load() {
		t.Error("neither looks again")
	}
	m.before = nil
	shown := m.newest(m.pr.HeadSHA).Conclusion
	m.requests()
	m.check("after both", no, shown != "failure", reads(m.pr.HeadSHA)+map[bool]string{true: ", " + m.patches()}[shown != "failure"])
}

// TestReaderBesideAWriter: a look that reads what another one has just written doesn't make
// that forgotten.
func TestReaderBesideAWriter(t *testing.T) {
	m := remembering(t)
	no := m.verdict(effect.Block, "no")
	m.check("the first", m.verdict(effect.Pass, "yes"), true, reads(m.pr.HeadSHA)+", POST /check-runs 201")
	read, remembered := make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	m.after = func(r *http.Request) {
		switch r.Method {
		case http.MethodPatch:
			reader.Go(func() {
				if r, err := m.Apply(t.Context(), no); err != nil || r.Changed {
					t.Errorf("the reader: %+v, %v", r, err)
				}
			})
			<-read
		case http.MethodGet:
			close(read)
			<-remembered
		}
	}
	_, err := m.Apply(t.Context(), no)
	m.ok(err)
	close(remembered)
	reader.Wait()
	m.after = nil
	m.requests()
	m.check("after both", no, false, "")
}

// TestOlderLookBesideAWriter: an older look that began to ask GitHub while a newer one wrote doesn't write over it.
func TestOlderLookBesideAWriter(t *testing.T) {
	m := remembering(t)
	m.check("the first", m.verdict(effect.Pass, "open"), true, reads(m.pr.HeadSHA)+", POST /check-runs 201")
	now := time.Now()
	older, newer := reconcile.WithReadNoOlderThan(t.Context(), now.Add(-2*time.Second)), reconcile.WithReadNoOlderThan(t.Context(), now.Add(-time.Second))
	read, remembered := make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	m.after = func(r *http.Request) {
		switch r.Method {
		case http.MethodPatch:
			reader.Go(func() {
				_, err := m.Apply(older, m.verdict(effect.Pass, "still open"))
				if _, is := errors.AsType[*reconcile.RetryAfterError](err); !is {
					t.Errorf("the older look: %v", err)
				}
			})
			<-read
		case http.MethodGet:
			close(read)
			<-remembered
		}
	}
	_, err := m.Apply(newer, m.verdict(effect.Block, "frozen"))
	m.ok(err)
	close(remembered)
	reader.Wait()
	if got := m.newest(m.pr.HeadSHA).Conclusion; got != "failure" {
		t.Errorf("the run says %s", got)
	}
}

func TestAnnotations(t *testing.T) {
	m := remembering(t)
	e := m.verdict(effect.Block, "120 faults")
	for i := range 120 {
		e.Annotations = append(e.Annotations, effect.Annotation{Path: ".github/slipway.yml", StartLine: i + 1, EndLine: i + 1,
			Level: effect.Failure, Message: fmt.Sprint("fault ", i)})
	}
	e.Annotations[0].Title = "a title"
	m.gh.Fault(sandbox.Fault{Times: 1, Method: http.MethodPatch, Skip: 1, Status: 502}) // for the third request
	if _, err := m.Apply(t.Context(), e); err == nil {
		t.Error("no error")
	}
	if got := m.newest(m.pr.HeadSHA).Annotations; got != 100 {
		t.Errorf("%d annotations were sent", got)
	}
	m.requests()
	m.check("the rest", e, true, reads(m.pr.HeadSHA)+", "+m.patches())
	if got := m.newest(m.pr.HeadSHA); got.Annotations != 120 || got.Title != "120 faults" || got.Conclusion != "failure" {
		t.Errorf("%+v", got)
	}
	m.check("again", e, false, "")
	m.ok(m.db.Cache().Forget(t.Context(), github.CheckCacheKey(rocket, "", "")))
	m.check("again, with nothing remembered", e, false, reads(m.pr.HeadSHA))
	first := m.newest(m.pr.HeadSHA).ID
	e.Annotations = e.Annotations[:60]
	if r, err := m.Apply(t.Context(), e); err != nil || !r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
	m.wantRequests("fewer, which takes a new run", "POST /check-runs 201, "+m.patches())
	if got := m.newest(m.pr.HeadSHA); got.Annotations != 60 || got.ID == first {
		t.Errorf("%+v", got)
	}
}

func TestExternalIDs(t *testing.T) {
	m := remembering(t)
	for want, e := range map[string]effect.CheckRun{
		"pr/1":                    {Number: 1},
		"group/" + m.pr.HeadSHA:   {},
		"something":               {ExternalID: "something", Number: 1},
		"something for the group": {ExternalID: "something for the group"},
	} {
		e.Repo, e.Commit, e.Name, e.Verdict = rocket, m.pr.HeadSHA, "slipway/"+want, effect.Verdict{State: effect.Pass, Title: "t"}
		if _, err := m.Apply(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if got := m.newest(m.pr.HeadSHA).ExternalID; got != want {
			t.Errorf("external id %q, want %q", got, want)
		}
	}
}

// TestOlderLook: what a look knows that began before the one that wrote last may be
// older, so it looks again and doesn't write.
func TestOlderLook(t *testing.T) {
	m := remembering(t)
	now := time.Now()
	older, newer := reconcile.WithReadNoOlderThan(t.Context(), now.Add(-2*time.Second)), reconcile.WithReadNoOlderThan(t.Context(), now.Add(-time.Second))
	_, err := m.Apply(newer, m.verdict(effect.Block, "frozen"))
	m.ok(err)
	_, err = m.Apply(older, m.verdict(effect.Pass, "open"))
	if _, is := errors.AsType[*reconcile.RetryAfterError](err); !is || m.newest(m.pr.HeadSHA).Conclusion != "failure" {
		t.Errorf("an older look: %v, the run says %s", err, m.newest(m.pr.HeadSHA).Conclusion)
	}
	_, err = m.Apply(older, m.verdict(effect.Block, "frozen"))
	m.ok(err) // it says the same
}

// TestTwoMakersOfOneRun: of two looks at a commit that has no run, one makes it.
func TestTwoMakersOfOneRun(t *testing.T) {
	m := remembering(t)
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			if _, err := m.Apply(t.Context(), m.verdict(effect.Block, "no")); err != nil {
				t.Error(err)
			}
		})
	}
	makers.Wait()
	if n := len(m.gh.CheckRuns("acme/rocket", m.pr.HeadSHA)); n != 1 {
		t.Errorf("%d runs", n)
	}
}
