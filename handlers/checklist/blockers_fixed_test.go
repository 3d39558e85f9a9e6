package checklist

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// mended is a GitHub with closed blockers, #16 and #17, and with what fixed them.
type mended struct {
	labels
	fixes map[int]github.Fixes
	cut   bool
	held  string // the commit that the branches have
	turns []github.IssueTurn
	off   bool // #16 has lost its label
}

func (m mended) Labelled(context.Context, github.Repo, string, time.Time) ([]github.Labelled, error) {
	list := []github.Labelled{{Number: 16, Title: "Crash", State: github.Closed}, {Number: 17, Title: "Leak", State: github.Closed}}
	if m.off {
		list = list[1:]
	}
	return list, nil
}

func (m mended) Fixes(context.Context, github.Repo, []github.Edition) (map[int]github.Fixes, error) {
	return m.fixes, nil
}

func (m mended) Issue(_ context.Context, _ github.Repo, n int) (github.Issue, error) {
	return github.Issue{Number: n, Title: "Crash", State: github.Closed}, nil
}

func (m mended) Turns(context.Context, github.Repo, int) ([]github.IssueTurn, error) {
	return m.turns, nil
}

func (m mended) BranchHead(context.Context, github.Repo, release.Branch) (string, error) {
	if m.cut {
		return "tip", nil
	}
	return "", nil
}

func (m mended) Holds(_ context.Context, _ github.Repo, _ release.Branch, commit string) (bool, error) {
	return commit == m.held, nil
}

// CachedPullDetail: #30 is a pick of ours of #20, which was merged into master.
func (m mended) CachedPullDetail(_ context.Context, _ github.Repo, n int) (d github.PullDetail, err error) {
	d.Number, d.Merged, d.Base, d.MergeCommit, d.URL = n, true, "master", "m20", "https://x/pull/20"
	d.Author.Bot = n == 30
	return d, nil
}

var (
	alice = github.User{ID: 1, Login: "alice"}
	bob   = github.User{ID: 2, Login: "bob"}
)

func fixOn(n int, base release.Branch, commit string) github.Fix {
	return github.Fix{Repo: repo, Number: n, URL: "https://x/pull/1", Base: base, Merged: true, Commit: commit}
}

// TestFixes: a closed blocker holds the release back until its fix is on the release's branch, or before
// the cut where that will begin. A fix for another release is none, and no next step is asked in vain.
func TestFixes(t *testing.T) {
	const old = "release-1.30"
	of := func(list ...github.Fix) map[int]github.Fixes { return map[int]github.Fixes{16: {List: list}} }
	took := func(who github.User) func(*mended) {
		return func(m *mended) {
			m.off, m.turns = true, []github.IssueTurn{{ID: 5, Who: who, Off: true, Label: "release-blocker"}}
		}
	}
	for _, tc := range []struct {
		name   string
		cut    bool
		held   string
		fixes  map[int]github.Fixes
		change func(*mended)
		want   string // of #16; "" for no blocker at all
	}{
		{"before the cut", false, "", of(fixOn(20, "master", "m20")), nil, ""},
		{"before the cut, on another branch", false, "", of(fixOn(31, old, "o31")), nil, "which is only on `release-1.30`; no pick of it is asked for: comment `/cherry-pick master` there"},
		{"before the cut, by a pick of ours", false, "", of(fixOn(30, old, "o30")), nil, ""},
		{"not picked", true, "", of(fixOn(20, "master", "m20")), nil, "which isn't on `release-1.31` yet; no pick of it is asked for: comment `/cherry-pick release-1.31` there"},
		{"on the branch", true, "m20", of(fixOn(20, "master", "m20")), nil, ""},
		{"on the branch, and on another", true, "m20", of(fixOn(20, "master", "m20"), fixOn(31, old, "o31")), nil, ""},
		{"made on the branch, and on another", true, "", of(fixOn(21, "release-1.31", "r21"), fixOn(31, old, "o31")), nil, ""},
		{"on another branch alone", true, "", of(fixOn(31, old, "o31")), nil, "which is only on `release-1.30`; no pick of it is asked for: comment `/cherry-pick release-1.31` there"},
		{"by a pick of ours onto another branch", true, "m20", of(fixOn(30, old, "o30")), nil, ""},
		{"by a pick of ours onto another branch, not picked here", true, "", of(fixOn(30, old, "o30")), nil, "fixed by [#20](https://x/pull/20), which isn't on `release-1.31` yet"},
		{"more than are looked at", true, "m20", map[int]github.Fixes{16: {List: []github.Fix{fixOn(20, "master", "m20")}, More: true}}, nil, "it is closed, and more pull requests say that they fix it than are looked at"},
		{"taken off by a release manager", true, "", of(fixOn(20, "master", "m20")), took(alice), ""},
		{"taken off by somebody else", true, "", of(fixOn(20, "master", "m20")), took(bob), "`bob` took the label `release-blocker` off, and doesn't manage the release"},
	} {
		m := mended{fixes: tc.fixes, cut: tc.cut, held: tc.held}
		h := theTracker(t)(func(l *labels) { m.labels = *l })
		m.issues = []github.Issue{sealedIssue(t, h.Sealer, 7, Record{Asked: "a", Version: "1.31.0", Blockers: []Seen{{Number: 16}}})}
		if tc.change != nil {
			tc.change(&m)
		}
		h.GitHub, h.From.GitHub, h.From.Policies = m, m, m
		o := &h.From.Owned
		o.SourceBranch = func(*facts.Look) (release.Branch, error) { return "master", nil }
		o.PickState = func(*facts.Look, facts.PickOnto) (s facts.PickStanding, err error) { return s, nil }
		o.Pick = func(*facts.Look, github.PullDetail) (reconcile.Pick, error) { return reconcile.Pick{Source: 20}, nil }
		o.Manages = func(_ *facts.Look, r facts.Role) (reconcile.RoleDecision, error) {
			return reconcile.RoleDecision{Holds: r.Who.ID == alice.ID}, nil
		}
		b, err := h.Blockers(h.at(t, repo), parsed(t, "1.31.0"))
		var lines []string
		for _, one := range b.All {
			lines = append(lines, one.Line())
		}
		if got := strings.Join(lines, "\n"); err != nil || b.Unknown || (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) || len(lines) > 1 {
			t.Errorf("%s: %q, unknown %t %s, %v", tc.name, got, b.Unknown, b.Why, err)
		}
	}
}

// TestUnblockClosed: a release manager's word frees a closed blocker, and the answer says what is left out.
func TestUnblockClosed(t *testing.T) {
	s := looked(t, "2026-08-01")
	f := callFacts{tracked: s.tracked}
	f.Settings.Blockers.Label = "release-blocker"
	b := facts.BlockerList{Branch: "release-1.31", All: []facts.Blocker{{Repo: repo, Number: 16, Here: true, Fixes: []facts.MissingFix{{Fix: fixOn(20, "master", "m20"), Onto: "release-1.31"}}}}}
	one := facts.Freed{Number: 16, By: "alice", ByID: 1, Reason: "not needed"}
	out, err := unblock(f, one, b)
	if err != nil || !strings.Contains(out.Reply, "#16 holds back no version of this release any more. It is closed, and its fix isn't known to be on `release-1.31`.") {
		t.Errorf("%+v, %v", out, err)
	}
	b.Freed = []facts.Freed{one}
	if left := b.Blocking(parsed(t, "1.31.0")); len(left) > 0 {
		t.Errorf("it still holds it back: %+v", left)
	}
}

// eachOwn is a shelf whose repositories beside the home have a policy of their own.
type eachOwn struct {
	shelf
	own config.Loaded
}

func (a eachOwn) Policy(_ context.Context, of github.Repo) (config.Loaded, error) {
	p := a.own
	if of == repo {
		p = a.policy
	}
	p.Repo = of
	return p, nil
}

// TestBlockersHere: the home's policy says where blockers are, whatever that repository's own says.
func TestBlockersHere(t *testing.T) {
	read := func(text string) (p config.Loaded) {
		var err error
		if p.Policy, err = config.ParsePolicy("policy", []byte(text), config.Declare[Settings](Name)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	own := read("branches: [release-*]\nchecklist: {home: istio, blockers: {label: x}}\n")
	at := func(blockers string) config.Loaded {
		return read(strings.Replace(somePolicy, "blockers: {label: release-blocker}", "blockers: {label: release-blocker"+blockers+"}", 1))
	}
	for _, tc := range []struct {
		name, blockers string
		of, label      string
		want           bool
	}{
		{"the home", "", "istio", "", true},
		{"by their label", "", "istio", "Release-Blocker", true},
		{"by another label", "", "istio", "size/L", false},
		{"listed", ", repositories: [api]", "api", "", true},
		{"not listed", "", "api", "", false},
		{"of no release here, so nobody can tell", "", "website", "", true},
	} {
		s := eachOwn{shelf: shelf{policy: at(tc.blockers)}, own: own}
		h := &Handler{GitHub: s, From: agreeing(&facts.Sources{GitHub: s, Policies: s}), Now: time.Now}
		if got, err := BlockersHere(h.at(t, github.Repo{Owner: "istio", Name: tc.of}), tc.label); err != nil || got != tc.want {
			t.Errorf("%s: %t, %v", tc.name, got, err)
		}
	}
}
