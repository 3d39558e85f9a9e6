package checklist

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// labels is a shelf with issues that have the blockers' label.
type labels struct {
	shelf
	list     []github.Labelled
	unread   error // the list
	noPolicy error
	atHome   *config.Policy // of the home, if it is another one
}

func (l labels) Policy(_ context.Context, of github.Repo) (config.Loaded, error) {
	if of == repo && l.atHome != nil {
		return config.Loaded{Policy: l.atHome}, l.noPolicy
	}
	return l.policy, l.noPolicy
}

func (labels) Fixes(context.Context, github.Repo, []github.Edition) (map[int]github.Fixes, error) {
	return nil, nil
}

func (l labels) Labelled(_ context.Context, of github.Repo, label string, since time.Time) ([]github.Labelled, error) {
	if of != repo || label != "release-blocker" || !since.IsZero() {
		return nil, errors.New("asked for another list")
	}
	return l.list, l.unread
}

// at is a look at a repository.
func (h *Handler) at(t *testing.T, of github.Repo) *facts.Look {
	return h.look(t.Context(), of)
}

// tracked is a home with the tracking issues of 1.31.0 and of 1.30.4, and a handler
// that reads it as some change leaves it.
func theTracker(t *testing.T) func(func(*labels)) *Handler {
	t.Helper()
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	policy, _ := loaded(t)
	minor := Record{Asked: "a", Version: "1.31.0", Cut: day(t, "2026-07-22"), Release: day(t, "2026-08-26")}
	patch := Record{Asked: "b", Version: "1.30.4", Release: day(t, "2026-08-11")}
	return func(change func(*labels)) *Handler {
		l := labels{shelf: shelf{policy: policy, issues: []github.Issue{sealedIssue(t, sealer, 7, minor), sealedIssue(t, sealer, 6, patch)}}}
		l.list = []github.Labelled{
			{Number: 15, Title: "Crash @team [x](y)", URL: "https://x/15", State: github.Open}, {Number: 7, Title: "Istio 1.31", URL: "https://x/7", State: github.Open},
			{Number: 16, Title: "Mended", State: github.Closed}, {Number: 6, Title: "Istio 1.30.4", URL: "https://x/6", State: github.Open},
		}
		change(&l)
		return &Handler{GitHub: l, From: agreeing(&facts.Sources{GitHub: l, Policies: l}), Sealer: sealer, Now: func() time.Time { return time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC) }}
	}
}

var (
	apiRepo = github.Repo{Owner: "istio", Name: "api"}
	aLimit  = &reconcile.RetryAfterError{At: time.Unix(1, 0), Err: errors.New("limit")}
)

func without(t *testing.T, text string) func(*labels) {
	return func(l *labels) {
		p, err := config.ParsePolicy("policy", []byte(strings.Replace(somePolicy, text, "", 1)), config.Declare[Settings](Name))
		if err != nil {
			t.Fatal(err)
		}
		l.policy.Policy = p
	}
}

// writes gives the home a policy that says how versions are written.
func writes(t *testing.T, versions string) func(*labels) {
	return func(l *labels) {
		p, err := config.ParsePolicy("policy", []byte(somePolicy+"versions: "+versions+"\n"), config.Declare[config.Versions](config.VersionsName), config.Declare[Settings](Name))
		if err != nil {
			t.Fatal(err)
		}
		l.atHome = p
	}
}

// TestTracking: which release an issue is about.
func TestTracking(t *testing.T) {
	theTracker := theTracker(t)
	for _, tc := range []struct {
		name   string
		of     github.Repo
		number int
		change func(*labels)
		want   string // "" for none
		fails  bool
	}{
		{"one", repo, 7, func(*labels) {}, "1.31.0", false},
		{"another", repo, 6, func(*labels) {}, "1.30.4", false},
		{"another issue", repo, 15, func(*labels) {}, "", false},
		{"another repository's", apiRepo, 7, func(*labels) {}, "", false},
		{"without a policy", repo, 7, func(l *labels) { l.noPolicy = errors.New("no") }, "", true},
		{"unread", repo, 7, func(l *labels) { l.issues, l.fails = nil, errors.New("no") }, "", true},
	} {
		h := theTracker(tc.change)
		one, err := h.Tracking(h.at(t, tc.of), tc.number)
		found := one != (release.Tracking{})
		if found != (tc.want != "") || (err != nil) != tc.fails || found && (one.Version != parsed(t, tc.want) || one.Number != tc.number) {
			t.Errorf("%s: %+v, %t, %v", tc.name, one, found, err)
		}
	}
}

// TestTrackingHome: where the tracking issues of an owner stand.
func TestTrackingHome(t *testing.T) {
	theTracker := theTracker(t)
	for _, tc := range []struct {
		name   string
		change func(*labels)
		want   github.Repo
		fails  bool
	}{
		{"named", func(*labels) {}, repo, false},
		{"without a checklist", func(l *labels) {
			l.policy.Policy, _ = config.ParsePolicy("policy", []byte("branches: [\"release-*\"]\n"), config.Declare[Settings](Name))
		}, github.Repo{}, false},
		{"without a policy", func(l *labels) { l.noPolicy = errors.New("no") }, github.Repo{}, true},
	} {
		where, err := Home(theTracker(tc.change).at(t, apiRepo))
		if where != tc.want || (err != nil) != tc.fails {
			t.Errorf("%s: %s, %v", tc.name, where, err)
		}
	}
}

// TestTrackingBlockers: what holds a release back. Its own tracking issue doesn't, and
// what can't be counted is unknown, not none.
func TestTrackingBlockers(t *testing.T) {
	theTracker := theTracker(t)
	crash := "[#15](https://x/15) " + effect.Inert("Crash @team [x](y)", 100)
	own, other := "[#7](https://x/7) Istio 1.31", "[#6](https://x/6) Istio 1.30.4"
	for _, tc := range []struct {
		name, version string
		change        func(*labels)
		want          []string
		unknown       bool
		fails         bool
	}{
		{"of a minor release", "1.31.0", func(*labels) {}, []string{crash, other}, false, false},
		{"of a version on the way there", "1.31.0-beta.0", func(*labels) {}, []string{crash, other}, false, false},
		{"of a patch release", "1.30.4", func(*labels) {}, []string{crash, own}, false, false},
		{"of one that nobody started", "1.29.9", func(*labels) {}, []string{crash, own, other}, false, false},
		{"by another policy with other tags", "1.31.0-beta.0", writes(t, `{tag: "v{version}"}`), []string{crash, other}, false, false},
		{"by another policy with other versions", "1.31.0-beta.0", writes(t, "{scheme: pep440}"), nil, true, false},
		{"by another policy that reads it", "1.30.4", writes(t, "{scheme: pep440}"), []string{crash, own}, false, false},
		{"none", "1.31.0", func(l *labels) { l.list = nil }, nil, false, false},
		{"without a label", "1.31.0", without(t, "  blockers: {label: release-blocker}\n"), nil, false, false},
		{"without a policy", "1.31.0", func(l *labels) { l.noPolicy = errors.New("no") }, nil, false, true},
		{"uncounted", "1.31.0", func(l *labels) { l.unread, l.list = errors.New("403"), nil }, nil, true, false},
		{"uncounted by a limit", "1.31.0", func(l *labels) { l.unread = aLimit }, nil, false, true},
		{"unknown trackers", "1.31.0", func(l *labels) { l.fails = errors.New("403") }, nil, true, false},
		{"unknown trackers by a limit", "1.31.0", func(l *labels) { l.fails = aLimit }, nil, false, true},
	} {
		h := theTracker(tc.change)
		b, err := h.Blockers(h.at(t, apiRepo), parsed(t, tc.version))
		var lines []string
		for _, one := range b.All {
			lines = append(lines, one.Line())
		}
		if strings.Join(lines, "\n") != strings.Join(tc.want, "\n") || b.Unknown != tc.unknown || (err != nil) != tc.fails {
			t.Errorf("%s: %q, unknown %t, %v", tc.name, lines, b.Unknown, err)
		}
		if differ := strings.Contains(b.Why, "istio/api and istio/istio say different things under versions: by that of istio/istio, "); differ != strings.HasSuffix(tc.name, "other versions") {
			t.Errorf("%s: unknown, because %q", tc.name, b.Why)
		}
	}
}
