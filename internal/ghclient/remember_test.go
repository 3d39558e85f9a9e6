package ghclient_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/store"
	"github.com/istio-ecosystem/slipway/internal/store/storetest"
)

// remembered are reads of what is remembered, each with its key, what an earlier
// Slipway left there, and how the read shows it.
func remembered(m *memory) map[string]struct{ key, stored, shows string } {
	return map[string]struct{ key, stored, shows string }{
		"id":         {"repo/acme/rocket/", `{"ID":77,"Default":"trunk"}`, "77 <nil>"},
		"default":    {"repo/acme/rocket/", `{"ID":77,"Default":"trunk"}`, "trunk <nil>"},
		"policy":     {"policy/acme/rocket/", `{"Repo":{"Owner":"acme","Name":"rocket"},"Path":"p","Text":"kept","Size":4,"URL":"u","Found":true}`, "kept true <nil>"},
		"referred":   {"policy/acme/rocket/extends/other/p", `{"Text":"kept","Found":true}`, "kept true <nil>"},
		"history":    {"policy/acme/rocket/history/2/.github/slipway.yml", `[{"Text":"b","Found":true},{"Text":"a","Found":true}]`, "2 <nil>"},
		"codeowners": {"codeowners/acme/rocket/master", `{"Path":"CODEOWNERS","Text":"* @bob","Found":true}`, "* @bob true <nil>"},
		"section":    {"comment/acme/rocket/1/c", "<!-- slipway:c x -->\n<!-- slipway:s a -->\nsaid", "<!-- slipway:s a -->\nsaid <nil>"},
		"rev":        {"sealed/acme/rocket/1/s a", "12", "12 <nil>"},
		"base":       {"mergebase/acme/rocket/master/abc", "def", "def <nil>"},
		"no base":    {"mergebase/acme/rocket/master/abc", "", " <nil>"},
		"merged":     {"merged/acme/rocket/1/abc", `{"Commits":["abc","def"]}`, "[abc def]  <nil>"},
		"file":       {"file/acme/rocket/abc/p", `{"Text":"kept","Found":true}`, "kept true <nil>"},
		"no file":    {"file/acme/rocket/abc/p", `{"Path":"p","Found":false}`, " false <nil>"},
		"marked":     {"marked/acme/rocket/1/abc/master", `{"Sides":["a"],"Complete":true}`, "[a] <nil>"},
		"run":        {"check/acme/rocket/abc/slipway/x", `{"id":5,"url":"u","hash":"h","completed":true,"title":"Frozen","holds":true}`, "Frozen true <nil>"},
		"conflict":   {"conflict/acme/rocket/1/abc", "conflicts", "true <nil>"},
	}
}

func (m *memory) show(what string) string {
	ctx, at := m.t.Context(), github.PullRequest{Number: 1, Head: "abc", Base: "master"}
	mark := func(kind, id string) effect.Mark { return effect.Mark{Kind: kind, ID: id} }
	file := func(f github.File, err error) string { return fmt.Sprint(f.Text, " ", f.Found, " ", err) }
	switch what {
	case "id":
		return fmt.Sprintln(m.RepoID(ctx, rocket))
	case "default":
		return fmt.Sprintln(m.DefaultBranch(ctx, rocket))
	case "policy":
		return file(m.PolicyFile(ctx, rocket))
	case "referred":
		return file(m.ReferredFile(ctx, rocket, github.Repo{Owner: "Acme", Name: "Other"}, "p"))
	case "history":
		all, err := m.PolicyHistory(ctx, rocket, github.PolicyPath, 2)
		return fmt.Sprintln(len(all), err)
	case "codeowners":
		return file(m.CodeOwners(ctx, rocket, "master"))
	case "section":
		return fmt.Sprintln(m.Section(ctx, rocket, 1, mark("c", "x"), mark("s", "a")))
	case "rev":
		return fmt.Sprintln(m.SealedRev(ctx, rocket, 1, mark("s", "a")))
	case "base", "no base":
		return fmt.Sprintln(m.MergeBase(ctx, rocket, "master", "abc"))
	case "merged":
		l, err := m.Merged(ctx, rocket, github.PullDetail{PullRequest: at, MergeCommit: "abc"})
		return fmt.Sprintln(l.Commits, l.Unclear, err)
	case "file", "no file":
		f, _, err := m.FileAtCommit(ctx, rocket, "abc", "p", true)
		return file(f, err)
	case "marked":
		marked, err := m.Marked(ctx, rocket, at)
		return fmt.Sprintln(marked.Sides, err)
	case "run":
		r, err := m.Remembered(ctx, rocket, at, []string{"slipway/x"})
		if len(r.Runs) != 1 {
			return fmt.Sprintln(r, err)
		}
		return fmt.Sprintln(r.Runs[0].Title, r.Runs[0].Holds, err)
	case "conflict":
		r, err := m.Remembered(ctx, rocket, at, nil)
		return fmt.Sprintln(r.Conflicts, err)
	}
	panic(what)
}

// TestStoredFormsAreRead: a Slipway that is upgraded goes on with what it knew.
func TestStoredFormsAreRead(t *testing.T) {
	m := remembering(t)
	for what, one := range remembered(m) {
		m.ok(m.db.Cache().Put(t.Context(), one.key, []byte(one.stored), time.Hour))
		if got := strings.TrimSpace(m.show(what)); got != strings.TrimSpace(one.shows) {
			t.Errorf("%s: %q, want %q", what, got, one.shows)
		}
		m.wantRequests(what, "")
	}
}

// TestUnreadableIsReadAnew: nothing that stands in the cache stops a read.
func TestUnreadableIsReadAnew(t *testing.T) {
	m := remembering(t)
	for what, key := range map[string]string{"id": "repo/acme/rocket/", "policy": "policy/acme/rocket/", "codeowners": "codeowners/acme/rocket/master"} {
		for _, stored := range []string{"{", `{"ID":0}`} {
			if what != "id" && stored != "{" {
				continue
			}
			m.ok(m.db.Cache().Put(t.Context(), key, []byte(stored), time.Hour))
			first := m.show(what)
			if m.requests() == "" {
				t.Errorf("%s: %s is believed", what, stored)
			}
			if again := m.show(what); again != first || !strings.HasSuffix(strings.TrimSpace(again), "<nil>") {
				t.Errorf("%s: %q, then %q", what, first, again)
			}
			m.wantRequests(what+" again", "")
		}
	}
}

// TestReadAcrossAnEvent: what was read before an event is not kept after it, and
// what an error left undone isn't either.
func TestReadAcrossAnEvent(t *testing.T) {
	m := remembering(t)
	for what, asks := range map[string]string{"codeowners": "/contents/", "policy": "/contents/", "id": "/repos/acme/rocket"} {
		events := 1
		m.before = func(r *http.Request) {
			if events > 0 && strings.Contains(r.URL.Path, asks) {
				events--
				m.ok(m.db.Cache().Forget(t.Context(), "something/"))
			}
		}
		m.show(what)
		m.requests()
		m.show(what)
		if m.requests() == "" {
			t.Errorf("%s: a read that an event overtook is kept", what)
		}
		m.show(what)
		m.wantRequests(what+" after a read without an event", "")
	}
}

// ages notes how long values are kept.
type ages struct {
	ghclient.Cache
	of map[string]time.Duration
}

func (a ages) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	a.of[key] = ttl
	return a.Cache.Put(ctx, key, value, ttl)
}

func (a ages) PutIf(ctx context.Context, key string, value []byte, ttl time.Duration, epoch int64) error {
	a.of[key] = ttl
	return a.Cache.PutIf(ctx, key, value, ttl, epoch)
}

// TestAges: shortly after an event what GitHub may not show yet is believed no
// longer than that may take.
func TestAges(t *testing.T) {
	db, err := store.Open(t.Context(), storetest.SQLite(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	m := &memory{t: t, db: db, now: time.Now()}
	kept := ages{db.Cache(), map[string]time.Duration{}}
	m.gh, m.Client, m.pr = newClientWith(t, func(o *ghclient.Options) {
		o.Transport, o.Cache, o.Seen, o.Now = m, kept, db, func() time.Time { return m.now }
	})
	keys := remembered(m)
	for _, tt := range []struct {
		what        string
		usual, soon time.Duration
	}{
		{"id", 24 * time.Hour, 24 * time.Hour},
		{"policy", time.Hour, time.Minute},
		{"referred", 5 * time.Minute, time.Minute},
		{"history", time.Hour, time.Minute},
		{"codeowners", time.Hour, time.Hour},
		{"no file", 90 * 24 * time.Hour, 90 * 24 * time.Hour},
	} {
		// No more than a minute: GitHub refuses an App whose clock is further ahead.
		for _, since := range []time.Duration{59 * time.Second, time.Minute} {
			m.ok(db.Cache().Forget(t.Context(), keys[tt.what].key))
			m.now = time.Now().Add(since)
			m.show(tt.what)
			want := tt.usual
			if since < time.Minute {
				want = tt.soon
			}
			if got := kept.of[keys[tt.what].key]; got != want {
				t.Errorf("%s, %v after an event: kept for %v, want %v", tt.what, since, got, want)
			}
		}
	}
	if _, err := m.PolicyHistory(t.Context(), rocket, "another", 2); err != nil || kept.of["policy/acme/rocket/history/2/another"] != 5*time.Minute {
		t.Errorf("the history of another file: %v, %v", kept.of, err)
	}
}
