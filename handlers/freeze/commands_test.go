package freeze

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestThawAll: a freeze is ended as a whole, or left as it is, and never cut down to the branches
// that it shares with another.
func TestThawAll(t *testing.T) {
	of := func(issue int, by int64, branches ...string) Freeze {
		return with(aFreeze(branches...), func(f *Freeze) {
			f.Issue, f.ByID, f.Asked = issue, by, fmt.Sprintf("comment/%d#0", issue)
		})
	}
	all := with(of(50, 3), func(f *Freeze) { f.All = true })
	window := with(of(51, 0, "release-1.*"), func(f *Freeze) { f.Window, f.Asked = "autumn", "window/autumn" })
	for _, tt := range []struct {
		name, args string
		have       []Freeze
		want       string
	}{
		{"one over two branches", "all", []Freeze{of(45, 3, "release-1.29", "release-1.30")}, "45 closed"},
		{"two, each alone", "all", []Freeze{of(45, 3, "release-1.29"), of(46, 4, "release-1.30")}, "45 closed, 46 closed"},
		{"one shares a branch with one's own", "all", []Freeze{of(45, 3, "release-1.29", "release-1.30"), of(46, alice.ID, "release-1.30")}, "46 closed"},
		{"the same, and it is named", "all #45", []Freeze{of(45, 3, "release-1.29", "release-1.30"), of(46, alice.ID, "release-1.30")}, "45 closed"},
		{"the branch that it has alone", "release-1.29", []Freeze{of(45, 3, "release-1.29", "release-1.30"), of(46, alice.ID, "release-1.30")}, "45"},
		{"two that share a branch, and a third alone", "all", []Freeze{of(45, 3, "release-1.30"), of(46, 4, "release-1.30"), of(47, 4, "release-1.29")}, "47 closed"},
		{"one of all beside one's own", "all", []Freeze{all, of(46, alice.ID, "release-1.30")}, "46 closed"},
		{"one of all alone", "all", []Freeze{all}, "50 closed"},
		{"a window with patterns", "all", []Freeze{window}, "51 closed"},
		{"with a branch that was deleted since", "all", []Freeze{of(45, 3, "release-1.28", "release-1.30")}, "45 closed"},
		{"one branch of that", "release-1.30", []Freeze{of(45, 3, "release-1.28", "release-1.30")}, "45"},
	} {
		s := newScene(t, tt.have...)
		s.policy, _ = policyOf(t, strings.NewReplacer("2026-10-31 23:00", "2026-07-31 23:00", "release-1.3*", "release-1.*").Replace(windowPolicy))
		if !slices.ContainsFunc(tt.have, func(f Freeze) bool { return f.Window != "" }) {
			s.policy, _ = policyOf(t, policyText)
		}
		out, err := runAs(s.handler(), call(thawName, tt.args, 902))
		if err != nil || wrote(out.Effects) != tt.want {
			t.Errorf("%s: %q, %v\n%s", tt.name, wrote(out.Effects), err, out.Reply)
		}
	}
}

// scene is a GitHub of a few values; the freezes stand in it as sealed issues.
type scene struct {
	facts.GitHub // what isn't overridden must not be asked
	policy       config.Loaded
	sealer       effect.Sealer
	issues       []github.Issue
	branches     []release.Branch
	pull         github.PullRequest
	files        github.Files
	since        time.Time // when the head was pushed
	pushedBy     int64     // and by whom
	unseen       bool      // the pull request never was
	same         []github.PullSnapshot
	set          *github.User // who set the labels that it has; nil while GitHub doesn't say
	reported     []github.RememberedRun
	members      []int // of a merge queue's group
	complete     bool
	groups       []github.MergeGroup
	merged       []github.PullRequest
	moves        []github.BranchMove
	tip          string
}

func newScene(t *testing.T, freezes ...Freeze) *scene {
	t.Helper()
	s := &scene{branches: []release.Branch{"master", "release-1.29", "release-1.30"}, pull: pull("release-1.30"), files: github.Files{Complete: true}, set: &bob}
	var settings Settings
	s.policy, settings = policyOf(t, policyText)
	var err error
	if s.sealer, err = effect.NewSealer([]byte("secret")); err != nil {
		t.Fatal(err)
	}
	for _, f := range freezes {
		want := state{Repo: repo, RepoID: 5, Policy: s.policy, Settings: settings}.issue(f)
		line, err := s.sealer.Seal(effect.Place{Repo: 5, Number: f.Issue}, want.Mark, want.Record)
		if err != nil {
			t.Fatal(err)
		}
		if f.Tampered {
			line = "by hand"
		}
		s.issues = append(s.issues, github.Issue{
			Number: f.Issue, Title: want.Title, Body: line + "\n\n" + want.Text, State: f.State, Labels: want.Labels, URL: f.URL, CreatedAt: f.Opened,
		})
	}
	return s
}

func (s *scene) handler() *Handler {
	h := &Handler{GitHub: s, Sealer: s.sealer, Now: func() time.Time { return noon.Add(time.Second) }}
	h.From = &facts.Sources{GitHub: s, Policies: s, Seen: s, Owned: facts.Owned{Held: h.Held, Manages: s.Manages,
		Dates: func(*facts.Look) (release.Calendar, error) {
			return release.Calendar{Unclear: "nobody wrote them down"}, nil
		}}}
	return h
}

// plan works a key as the program does.
func (s *scene) plan(t *testing.T, id string) reconcile.Plan {
	t.Helper()
	h := s.handler()
	set := gate.Set{From: h.From, Now: h.Now, Gates: []gate.One{gate.Of(h.Gate())}}
	p, err := set.Joined(Name, h.Capability()).Plan(t.Context(), key(repo, id))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *scene) Policy(context.Context, github.Repo) (config.Loaded, error) { return s.policy, nil }
func (s *scene) CachedPull(_ context.Context, _ github.Repo, n int) (github.PullRequest, error) {
	one := s.pull
	if n == 8 {
		one.Number = n
	}
	if n != one.Number {
		return github.PullRequest{}, reconcile.ErrGone
	}
	return one, nil
}
func (s *scene) OpenPullRequests(context.Context, github.Repo, release.Branch) ([]github.PullRequest, error) {
	other := s.pull
	other.Number, other.Author = 8, github.User{ID: 99, Login: "istio-testing"}
	return []github.PullRequest{s.pull, other}, nil
}
func (s *scene) MergedPullRequests(context.Context, github.Repo, release.Branch, time.Time) ([]github.PullRequest, error) {
	return s.merged, nil
}
func (s *scene) BotID(context.Context, github.Repo) (int64, error) { return 77, nil }
func (s *scene) BranchHead(context.Context, github.Repo, release.Branch) (string, error) {
	return s.tip, nil
}
func (s *scene) BranchMoves(context.Context, github.Repo, github.Repo, release.Branch, time.Time) ([]github.BranchMove, bool, error) {
	return s.moves, true, nil
}
func (s *scene) CachedPullDetail(context.Context, github.Repo, int) (github.PullDetail, error) {
	return github.PullDetail{MergedBy: github.User{ID: 8, Login: "root"}, MergeCommit: strings.Repeat("e", 40)}, nil
}
func (s *scene) Files(context.Context, github.Repo, int, string) (github.Files, error) {
	return s.files, nil
}
func (s *scene) Compare(context.Context, github.Repo, release.Branch, string) (github.Comparison, error) {
	return github.Comparison{Commits: []github.ComparedCommit{{ID: s.pull.Head}}, Total: 1}, nil
}
func (s *scene) HeadMoves(context.Context, github.Repo, github.Repo, release.Branch, string) (moves []github.HeadMove, whole bool, err error) {
	for _, m := range s.moves {
		moves = append(moves, github.HeadMove{Before: m.Before, After: m.After, By: m.By})
	}
	return moves, true, nil
}
func (s *scene) LabelledBy(context.Context, github.Repo, int, string) (github.Labelling, bool, error) {
	if s.set == nil {
		return github.Labelling{}, false, nil
	}
	return github.Labelling{Who: *s.set}, true, nil
}
func (s *scene) OwnIssues(context.Context, github.Repo, time.Time) ([]github.Issue, error) {
	return s.issues, nil
}
func (s *scene) Issue(context.Context, github.Repo, int) (github.Issue, error) {
	return github.Issue{}, reconcile.ErrGone
}
func (s *scene) RepoID(context.Context, github.Repo) (int64, error) { return 5, nil }
func (s *scene) Branches(_ context.Context, _ github.Repo, pattern string) ([]release.Branch, error) {
	return slices.DeleteFunc(slices.Clone(s.branches), func(b release.Branch) bool { return !matches([]string{pattern}, b) }), nil
}
func (s *scene) RecentRepos(context.Context, github.Repo) ([]github.Repo, error) { return nil, nil }

func (s *scene) QueueGroups(context.Context, github.Repo) ([]github.MergeGroup, error) {
	return s.groups, nil
}
func (s *scene) SealedIssue(_ context.Context, _ github.Repo, n int) (github.Issue, bool, error) {
	for _, i := range s.issues {
		if i.Number == n {
			return i, true, nil
		}
	}
	return github.Issue{}, false, nil
}
func (s *scene) ClosedByHand(context.Context, github.Repo, int) (bool, error) { return true, nil }
func (s *scene) GroupMembers(context.Context, github.Repo, string, string) ([]int, bool, error) {
	return s.members, s.complete, nil
}
func (s *scene) RememberedRules(context.Context, github.Repo, release.Branch) (github.MergeRules, error) {
	return github.MergeRules{}, nil
}

func (s *scene) RememberRules(context.Context, github.Repo, release.Branch) error { return nil }

func (s *scene) Remembered(context.Context, github.Repo, github.PullRequest, []string) (github.Remembered, error) {
	return github.Remembered{Runs: s.reported}, nil
}
func (s *scene) PullSnapshot(_ context.Context, _ github.Repo, n int) (github.PullSnapshot, bool, error) {
	one := s.pull
	if n == 8 { // the automation account's
		return github.PullSnapshot{PullRequest: one, Moves: pushedBy(one.Head, 99)}, true, nil
	}
	since := s.since
	if since.IsZero() {
		since = noon.Add(-time.Hour)
	}
	return github.PullSnapshot{PullRequest: one, HeadSince: since, Moves: pushedBy(one.Head, s.pushedBy)}, !s.unseen, nil
}

func pushedBy(head string, id int64) []github.HeadMove {
	return []github.HeadMove{{After: head, By: github.User{ID: id}}}
}

func (s *scene) OpenPullSnapshots(context.Context, github.Repo, string) ([]github.PullSnapshot, error) {
	return s.same, nil
}
func (s *scene) Manages(_ *facts.Look, r facts.Role) (reconcile.RoleDecision, error) {
	return reconcile.RoleDecision{Holds: r.Who.ID == alice.ID}, nil
}

func TestCommands(t *testing.T) {
	thawed := with(aFreeze("release-1.30"), func(f *Freeze) {
		f.State, f.End = github.Closed, &Thaw{By: "alice", ByID: 1, At: noon, Asked: "comment/902#0"}
	})
	bounded := with(aFreeze("release-1.30"), func(f *Freeze) { f.Until = noon.Add(2 * time.Hour) })
	two := aFreeze("release-1.29", "release-1.30")
	more := with(aFreeze("release-1.30"), func(f *Freeze) { f.Issue, f.Asked = 47, "comment/910#0" })
	carols := with(aFreeze("release-1.30"), func(f *Freeze) {
		f.Issue, f.URL, f.Asked, f.By, f.ByID, f.Reason = 48, "https://github.com/istio/istio/issues/48", "comment/911#0", "carol", 3, "the audit"
	})
	sams := with(carols, func(f *Freeze) {
		f.Issue, f.URL, f.Asked, f.By, f.ByID = 49, "https://github.com/istio/istio/issues/49", "comment/912#0", "sam", 4
	})
	planned := with(aFreeze("release-1.30"), func(f *Freeze) { f.SetAt, f.Since = f.Since, noon.Add(time.Hour) })
	exempt := with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon.Add(time.Hour))} })
	window := with(aFreeze("release-1.3*"), func(f *Freeze) { f.Window, f.Asked, f.By, f.ByID = "autumn", "window/autumn", "", 0 })
	for name, tc := range map[string]struct {
		line   string // after the slash
		id     int64
		have   []Freeze
		change func(*scene)
		result command.Result // "" for a misuse, whose phrase is the text
		wrote  string
	}{
		"freeze":                         {"release freeze release-1.30 waiting for the CVE fix", 901, nil, nil, command.Done, "0 open"},
		"freeze two":                     {"release freeze release-1.30 release-1.29 the audit", 901, nil, nil, command.Done, "0 open"},
		"freeze until local time":        {"release freeze release-1.30 until 2026-08-02 09:00 the CVE", 901, nil, nil, command.Done, "0 open"},
		"freeze for a day":               {"release freeze release-1.30 for 1d", 901, nil, nil, command.Done, "0 open"},
		"freeze all":                     {"release freeze all", 901, []Freeze{aFreeze("release-1.29")}, nil, command.Done, "0 open"},
		"freeze twice":                   {"release freeze release-1.30", 901, []Freeze{aFreeze("release-1.30")}, nil, command.NoOp, ""},
		"freeze for less":                {"release freeze release-1.30 for 1h", 901, []Freeze{bounded}, nil, command.NoOp, ""},
		"freeze for longer":              {"release freeze release-1.30 for 3h", 901, []Freeze{bounded}, nil, command.Done, "0 open"},
		"freeze again after a crash":     {"release freeze release-1.30", 900, []Freeze{aFreeze("release-1.30")}, nil, command.Done, "45"},
		"freeze again, thawed since":     {"release freeze release-1.30", 900, []Freeze{thawed}, nil, command.Done, ""},
		"freeze mends a record":          {"release freeze release-1.30", 901, []Freeze{altered("release-1.30")}, nil, command.Done, "46 open"},
		"freeze mends what nobody reads": {"release freeze release-1.30", 901, []Freeze{altered()}, nil, command.Done, "46 open"},
		"freeze mends another's":         {"release freeze release-1.30", 901, []Freeze{altered("release-1.29")}, nil, command.Done, "46 open"},
		"freeze an ungoverned branch":    {"release freeze master", 901, nil, nil, command.Invalid, ""},
		"freeze a missing branch":        {"release freeze release-1.99", 901, nil, nil, command.Invalid, ""},
		"freeze without a policy":        {"release freeze release-1.30", 901, nil, func(s *scene) { s.policy = config.Loaded{} }, command.Invalid, ""},
		"freeze under a broken policy":   {"release freeze release-1.30", 901, nil, func(s *scene) { s.policy = config.Loaded{Fault: errors.New("x"), URL: "u"} }, command.Invalid, ""},
		"preview":                        {"release freeze release-1.30 preview", 901, nil, nil, command.Told, ""},
		"preview, then until":            {"release freeze release-1.30 preview until 2026-09-01T00:00:00Z", 901, nil, nil, command.Told, ""},
		"preview with a reason":          {"release freeze release-1.30 preview please", 901, nil, nil, "", ""},
		"preview after a reason":         {"release freeze release-1.30 the CVE preview", 901, nil, nil, "", ""},
		"preview of nothing":             {"release freeze release-1.29 until 2026-09-01T00:00:00Z preview", 901, nil, nil, command.Told, ""},
		"freeze nothing":                 {"release freeze", 901, nil, nil, "", ""},
		"freeze an option":               {"release freeze --force", 901, nil, nil, "", ""},
		"freeze until an unknown time":   {"release freeze release-1.30 until the CVE is fixed", 901, nil, nil, "", ""},
		"freeze until the past":          {"release freeze release-1.30 until 2026-07-01T00:00:00Z", 901, nil, nil, "", ""},
		"freeze until a time in a gap":   {"release freeze release-1.30 until 2027-03-14 02:30", 901, nil, nil, "", ""},
		"freeze for nonsense":            {"release freeze release-1.30 for 3x", 901, nil, nil, "", ""},
		"freeze what another froze":      {"release freeze release-1.30 the release", 901, []Freeze{carols}, nil, command.Done, "0 open"},
		"freeze for another reason":      {"release freeze release-1.30 the release", 901, []Freeze{aFreeze("release-1.30")}, nil, command.NoOp, ""},
		"freeze what a window freezes": {"release freeze release-1.30 the release", 901, []Freeze{window}, func(s *scene) {
			s.policy, _ = policyOf(t, strings.ReplaceAll(windowPolicy, "2026-10-31 23:00", "2026-07-31 23:00"))
		}, command.Done, "0 open"},
		"freeze later":                    {"release freeze release-1.30 from 2026-08-02 09:00 for 24h the release", 901, nil, nil, command.Done, "0 open"},
		"freeze later, set already":       {"release freeze release-1.30 from 2026-08-02 09:00", 901, []Freeze{planned}, nil, command.NoOp, ""},
		"freeze sooner than is set":       {"release freeze release-1.30", 901, []Freeze{planned}, nil, command.Done, "0 open"},
		"preview of a freeze later":       {"release freeze release-1.30 from 2026-08-02 09:00 preview", 901, nil, nil, command.Told, ""},
		"thaw one's own":                  {"release thaw release-1.30", 902, []Freeze{aFreeze("release-1.30"), carols}, nil, command.Done, "45 closed"},
		"thaw another's":                  {"release thaw release-1.30", 902, []Freeze{carols}, nil, command.Done, "48 closed"},
		"thaw several others'":            {"release thaw release-1.30", 902, []Freeze{carols, sams}, nil, command.NoOp, ""},
		"thaw another's by its number":    {"release thaw release-1.30 #48", 902, []Freeze{aFreeze("release-1.30"), carols}, nil, command.Done, "48 closed"},
		"thaw two by their numbers":       {"release thaw release-1.30 #48, #45", 902, []Freeze{aFreeze("release-1.30"), carols}, nil, command.Done, "45 closed, 48 closed"},
		"thaw a number that is none":      {"release thaw release-1.30 #7", 902, []Freeze{carols}, nil, command.Invalid, ""},
		"thaw what holds now":             {"release thaw release-1.30", 902, []Freeze{carols, with(sams, func(f *Freeze) { f.SetAt, f.Since = f.Since, noon.Add(time.Hour) })}, nil, command.Done, "48 closed"},
		"thaw one's own beside that":      {"release thaw release-1.30", 902, []Freeze{carols, planned}, nil, command.Done, "45 closed"},
		"thaw a number of another":        {"release thaw release-1.30 #49", 902, []Freeze{carols, with(sams, func(f *Freeze) { f.Branches, f.Until = []string{"release-1.29"}, noon.Add(time.Hour) })}, nil, command.NoOp, ""},
		"thaw a number that is over":      {"release thaw release-1.30 #45", 903, []Freeze{thawed, carols}, nil, command.NoOp, ""},
		"thaw a number, and one too many": {"release thaw release-1.30 #48 #45", 903, []Freeze{thawed, carols}, nil, command.Done, "48 closed"},
		"thaw a number, nothing holds":    {"release thaw release-1.30 #45", 903, []Freeze{thawed}, nil, command.NoOp, ""},
		"thaw one's own after a crash":    {"release thaw release-1.30", 902, []Freeze{thawed, carols}, nil, command.Done, ""},
		"thaw before it begins":           {"release thaw release-1.30", 902, []Freeze{planned}, nil, command.Done, "45 closed"},
		"freeze a list":                   {"release freeze release-1.30, release-1.29 and the audit", 901, nil, nil, command.Done, "0 open"},
		"freeze a list with and":          {"release freeze release-1.30 and release-1.29", 901, nil, nil, command.Done, "0 open"},
		"freeze with an end at the end":   {"release freeze release-1.30 CVE fix (until 2026-08-26 17:00)", 901, nil, nil, command.Done, "0 open"},
		"freeze with a slip":              {"release freeze release-1.30 relaese-1.29", 901, nil, nil, "", ""},
		"freeze all but":                  {"release freeze all but release-1.29", 901, nil, nil, "", ""},
		"freeze, a branch in quotes":      {"release freeze release-1.30 it breaks \"release-1.29\" for \"2 weeks\"", 901, nil, nil, command.Done, "0 open"},
		"freeze until a day":              {"release freeze release-1.30 until 2026-08-26", 901, nil, nil, "", ""},
		"freeze with a day in its reason": {"release freeze release-1.30 2026-08-26", 901, nil, nil, "", ""},
		"exempt with a day in its reason": {"release exempt needed tomorrow", 903, []Freeze{aFreeze("release-1.30")}, nil, "", ""},
		"exempt with its end at the end":  {"release exempt fixes it, till 2026-08-02 09:00", 903, []Freeze{aFreeze("release-1.30")}, nil, command.Done, "45"},
		"exempt from later on":            {"release exempt from 2026-08-02 09:00 fixes it", 903, []Freeze{aFreeze("release-1.30")}, nil, "", ""},
		"thaw":                            {"release thaw release-1.30", 902, []Freeze{aFreeze("release-1.30")}, nil, command.Done, "45 closed"},
		"thaw one of two":                 {"release thaw release-1.30", 902, []Freeze{two}, nil, command.Done, "45"},
		"thaw both of two":                {"release thaw release-1.30 release-1.29", 902, []Freeze{two}, nil, command.Done, "45 closed"},
		"thaw two freezes":                {"release thaw release-1.30", 902, []Freeze{aFreeze("release-1.30"), more}, nil, command.Done, "45 closed, 47 closed"},
		"thaw all":                        {"release thaw all", 902, []Freeze{two}, nil, command.Done, "45 closed"},
		"thaw a window": {"release thaw release-1.30", 902, []Freeze{window}, func(s *scene) {
			s.policy, _ = policyOf(t, strings.ReplaceAll(windowPolicy, "2026-10-31 23:00", "2026-07-31 23:00"))
		}, command.Done, "45"},
		"thaw what is not frozen":         {"release thaw release-1.30", 902, []Freeze{aFreeze("release-1.29")}, nil, command.NoOp, ""},
		"thaw again after a crash":        {"release thaw release-1.30", 902, []Freeze{thawed}, nil, command.Done, ""},
		"thaw what another thawed":        {"release thaw release-1.30", 903, []Freeze{thawed}, nil, command.NoOp, ""},
		"thaw an altered record":          {"release thaw release-1.30", 902, []Freeze{altered("release-1.30")}, nil, command.Done, "46"},
		"thaw a deleted branch":           {"release thaw release-1.30", 902, []Freeze{aFreeze("release-1.30")}, func(s *scene) { s.branches = nil }, command.Done, "45 closed"},
		"thaw with other words":           {"release thaw release-1.30 please", 902, []Freeze{aFreeze("release-1.30")}, nil, "", ""},
		"thaw all when nothing is frozen": {"release thaw all", 902, nil, nil, "", ""},
		"exempt":                          {"release exempt fixes the blocker", 903, []Freeze{aFreeze("release-1.30")}, nil, command.Done, "45"},
		"exempt for an hour":              {"release exempt for 1h fixes @everyone | <b>", 903, []Freeze{aFreeze("release-1.30"), more}, nil, command.Done, "45, 47"},
		"exempt twice":                    {"release exempt fixes it", 901, []Freeze{exempt}, nil, command.Done, ""},
		"exempt without a reason":         {"release exempt for 24h", 903, []Freeze{aFreeze("release-1.30")}, nil, "", ""},
		"exempt for too long":             {"release exempt for 30d fixes it", 903, []Freeze{aFreeze("release-1.30")}, nil, "", ""},
		"exempt what isn't frozen":        {"release exempt fixes it", 903, nil, nil, command.NoOp, ""},
		"exempt what is excepted":         {"release exempt fixes it", 903, []Freeze{aFreeze("release-1.30")}, func(s *scene) { s.pull.Author.ID, s.pushedBy = 99, 99 }, command.NoOp, ""},
		"exempt what is closed":           {"release exempt fixes it", 903, []Freeze{aFreeze("release-1.30")}, func(s *scene) { s.pull.State = github.Closed }, command.NoOp, ""},
		"exempt an ungoverned branch":     {"release exempt fixes it", 903, []Freeze{aFreeze("release-1.30")}, func(s *scene) { s.pull.Base = "master" }, command.NoOp, ""},
		"exempt past an altered record":   {"release exempt fixes it", 903, []Freeze{altered("release-1.30")}, nil, command.Invalid, ""},
		"exempt a newer commit":           {"release exempt fixes it", 903, []Freeze{aFreeze("release-1.30")}, func(s *scene) { s.since = noon.Add(time.Second) }, command.Invalid, ""},
		"exempt when the issue is full": {"release exempt fixes it", 903, []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) {
			for range 35 {
				one := row("b", noon.Add(time.Hour))
				one.Reason = strings.Repeat("<", maxRowReason) // six bytes each in JSON
				f.Exemptions = append(f.Exemptions, one)
			}
		})}, nil, command.Invalid, ""},
		"exempt when full": {"release exempt fixes it", 903, []Freeze{with(aFreeze("release-1.30"), func(f *Freeze) {
			for range maxExemptions {
				f.Exemptions = append(f.Exemptions, row("b", noon.Add(time.Hour)))
			}
		})}, nil, command.Invalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, tc.have...)
			if tc.change != nil {
				tc.change(s)
			}
			name3, rest, _ := strings.Cut(tc.line, " ")
			name2, rest, _ := strings.Cut(rest, " ")
			c := call(name3+" "+name2, rest, tc.id)
			out, err := runAs(s.handler(), c)
			var misuse *command.Misuse
			if tc.result == "" && errors.As(err, &misuse) {
				golden.Check(t, "call "+name+".md", misuse.Phrase+"\n")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if out.Result != tc.result || wrote(out.Effects) != tc.wrote {
				t.Errorf("%s, wrote %q; want %s, %q", out.Result, wrote(out.Effects), tc.result, tc.wrote)
			}
			golden.Check(t, "call "+name+".md", out.Reply+"\n"+texts(out.Effects))
		})
	}
}

// runAs asks for the branches, as the engine does, and then runs the command.
func runAs(h *Handler, c command.Call) (command.Outcome, error) {
	for _, cmd := range h.Commands() {
		if cmd.Name == c.Name {
			branches, err := cmd.Branches(context.Background(), c)
			if err != nil {
				return command.Outcome{}, err
			}
			if len(branches) == 0 {
				return command.Outcome{}, errors.New("no branch, so nobody could have the role")
			}
			return cmd.Run(context.Background(), c)
		}
	}
	return command.Outcome{}, errors.New("no such command")
}

// TestWhoIsAsked: which branches' release managers a call needs.
func TestWhoIsAsked(t *testing.T) {
	h := newScene(t, aFreeze("release-1.29")).handler()
	for line, want := range map[string]string{
		"release-1.30":                       "release-1.30",
		"release-1.30 release-1.29 and more": "release-1.30 release-1.29",
		"master":                             "master", // nobody's, and the refusal says so
		"all":                                "release-1.29 release-1.30",
	} {
		got, err := h.meant(context.Background(), call(freezeName, line, 1))
		if err != nil || strings.Join(branchNames(got), " ") != want {
			t.Errorf("%s: %v, %v", line, got, err)
		}
	}
	if got, err := h.meant(context.Background(), call(thawName, "all", 1)); err != nil || strings.Join(branchNames(got), " ") != "release-1.29" {
		t.Errorf("to thaw all that is frozen: %v, %v", got, err)
	}
	onIssue := call(exemptName, "why", 1)
	onIssue.OnPR = false
	var misuse *command.Misuse
	if _, err := h.exemptBranches(context.Background(), onIssue); !errors.As(err, &misuse) {
		t.Errorf("on an issue: %v", err)
	}
}

// TestExemptionIsBound: what a row holds, and that a second exemption for other
// commits keeps the first.
func TestExemptionIsBound(t *testing.T) {
	s := newScene(t, with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row("b", noon.Add(time.Hour))} }))
	out, err := runAs(s.handler(), call(exemptName, "until 2026-08-01T20:00:00Z fixes it", 950))
	if err != nil || len(out.Effects) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	var r Record
	if err := json.Unmarshal(out.Effects[0].(effect.Issue).Record, &r); err != nil || len(r.Exemptions) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	want := Exemption{Number: 7, Branch: "release-1.30", Commit: head, By: "alice", ByID: 1, At: noon, Until: time.Date(2026, 8, 1, 20, 0, 0, 0, time.UTC), Reason: "fixes it", Asked: "comment/950#0"}
	if r.Exemptions[1] != want || r.Rev != 4 {
		t.Errorf("%+v, version %d", r.Exemptions[1], r.Rev)
	}
}

// TestRecordOnGitHub seals a freeze into an issue and reads it back, as it was
// and after everything that somebody with write access may do to it.
func TestRecordOnGitHub(t *testing.T) {
	s := newScene(t, aFreeze("release-1.30"))
	body := s.issues[0].Body
	line, text, _ := strings.Cut(body, "\n")
	raw, err := json.Marshal(aFreeze("release-1.30").Record)
	if err != nil {
		t.Fatal(err)
	}
	seal := func(number int, m effect.Mark, raw []byte) string {
		line, err := s.sealer.Seal(effect.Place{Repo: 5, Number: number}, m, raw)
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	mark := effect.Mark{Kind: markKind, ID: "comment/900#0"}
	unbound := seal(0, mark, raw)
	newer := aFreeze("release-1.30").Record
	newer.Rev, newer.Reason = 9, "newer"
	rawNewer, _ := json.Marshal(newer)
	after := seal(45, mark, rawNewer)
	const intact, edited, damaged, other = "intact", "edited", "damaged", "something else"
	for name, tc := range map[string]struct {
		body   string
		number int
		age    time.Duration // of the issue, at the time of the record
		kept   string        // what is remembered
		want   string
	}{
		"as written":                {body, 45, 0, "", intact},
		"as remembered":             {body, 45, 0, body, intact},
		"not yet bound":             {unbound, 45, 0, "", intact},
		"unbound, in an old issue":  {unbound, 45, -time.Hour, "", damaged},
		"unbound, in a newer issue": {unbound, 45, time.Hour, "", damaged},
		"text before it":            {"hello\n" + body, 45, 0, "", damaged},
		"text after it":             {body + "\nhello", 45, 0, "", intact},
		"text after it, remembered": {body + "\nhello", 45, 0, body, edited},
		"other branch":              {strings.ReplaceAll(line, "1.30", "1.29"), 45, 0, "", damaged},
		"other branch, remembered":  {strings.ReplaceAll(line, "1.30", "1.29"), 45, 0, body, edited},
		"seal taken out":            {mark.String(), 45, 0, "", damaged},
		"mark taken out":            {text, 45, 0, "", damaged},
		"copied elsewhere":          {line, 50, 0, "", damaged},
		"emptied":                   {"", 45, 0, "", damaged},
		"emptied, remembered":       {"", 45, 0, body, edited},
		"an older version put back": {body, 45, 0, after, edited},
		"newer than is remembered":  {after, 45, 0, body, intact},
		"another call's mark":       {seal(45, effect.Mark{Kind: markKind, ID: "comment/1#0"}, raw), 45, 0, "", damaged},
		"another kind, sealed":      {seal(45, effect.Mark{Kind: "release", ID: "1.30"}, raw), 45, 0, "", other},
		"another kind, forged":      {strings.Replace(line, "slipway:freeze", "slipway:release", 1), 45, 0, "", damaged},
		"what is remembered forged": {"", 45, 0, strings.ReplaceAll(line, "1.30", "1.29"), damaged},
	} {
		f, ok := read(s.sealer, 5, github.Issue{
			Number: tc.number, Title: s.issues[0].Title, Body: tc.body, Intact: tc.kept, State: github.Open, CreatedAt: noon.Add(tc.age),
		})
		if ok != (tc.want != other) || f.Tampered != (tc.want == damaged) || !f.Tampered && f.Edited != (tc.want == edited) {
			t.Errorf("%s: %+v, %t", name, f, ok)
		}
		if ok && (len(f.Branches) != 1 || f.Branches[0] != "release-1.30" || !f.holds("release-1.30", noon)) {
			t.Errorf("%s: the branch counts as open: %+v", name, f)
		}
		if strings.Contains(name, "older") && f.Reason != "newer" {
			t.Errorf("%s: the older one counts", name)
		}
	}
}

// TestTideIsNeverToldHalf: a title that is too short names some branches whole,
// and the issue says which it doesn't.
func TestTideIsNeverToldHalf(t *testing.T) {
	settings := Settings{Label: "code-freeze", MergeBlocker: true}
	var r Record
	for i := range 30 {
		r.Branches = append(r.Branches, fmt.Sprintf("release-1.%d", i))
	}
	title := r.title(settings)
	named := strings.Count(title, " branch:")
	if n := len([]rune(title)); n > maxTitle || named < 5 || named+len(r.untold(settings)) != 30 {
		t.Errorf("%d characters, %d branches, %d untold: %s", n, named, len(r.untold(settings)), title)
	}
	for _, word := range strings.Fields(title)[2:] {
		if b, is := strings.CutPrefix(word, "branch:"); is && !slices.Contains(r.Branches, b) {
			t.Errorf("Tide would be told of %s", b)
		}
	}
}

func TestTideIsTold(t *testing.T) {
	settings := Settings{Label: "code-freeze", MergeBlocker: true}
	for name, tc := range map[string]struct {
		record Record
		title  string
		labels int
	}{
		"names":      {Record{Branches: []string{"a", "b"}}, "Code freeze: a, b branch:a branch:b", 2},
		"one thawed": {Record{Branches: []string{"a", "b"}, Thaws: []Thaw{{Branch: "a"}}}, "Code freeze: a, b branch:b", 2},
		"window":     {Record{Window: "w", Branches: []string{"release-1.30"}}, "Code freeze: w branch:release-1.30", 2},
		"patterns":   {Record{Window: "w", Branches: []string{"release-*"}}, "Code freeze: w", 1}, // or all branches would stop
	} {
		if got := tc.record.title(settings); got != tc.title {
			t.Errorf("%s: %s", name, got)
		}
		if got := tc.record.labels(settings); len(got) != tc.labels {
			t.Errorf("%s: %v", name, got)
		}
		if tc.record.Window == "" {
			if got := titleBranches(tc.title); !slices.Equal(got, tc.record.Branches) {
				t.Errorf("%s: the title reads %v", name, got)
			}
		}
	}
}

// TestLostIssue: a freeze whose issue was deleted or moved away goes on in a new
// one, with all that it said.
func TestLostIssue(t *testing.T) {
	kept := with(aFreeze("release-1.30"), func(f *Freeze) { f.Exemptions = []Exemption{row(head, noon.Add(time.Hour))} })
	over := with(aFreeze("release-1.30"), func(f *Freeze) { f.End = &Thaw{By: "alice", At: noon} })
	for name, tc := range map[string]struct {
		have  []Freeze
		wrote string
		then  string
	}{
		"in force":   {[]Freeze{kept}, "0 open", "freezes all"},
		"over":       {[]Freeze{over}, "", ""},
		"unknown":    {nil, "", "freezes all"},
		"never read": {[]Freeze{with(altered("release-1.30"), func(f *Freeze) { f.Issue = 45 })}, "", "freezes all"},
	} {
		p := newScene(t, tc.have...).plan(t, "lost/45")
		if wrote(p.Effects) != tc.wrote || ids(p.Enqueue) != tc.then {
			t.Errorf("%s: %s; wrote %q, then %q", name, p.Reason, wrote(p.Effects), ids(p.Enqueue))
		}
		for _, e := range p.Effects {
			var r Record
			if err := json.Unmarshal(e.(effect.Issue).Record, &r); err != nil || r.Former != 45 || r.Rev != 4 || len(r.Exemptions) != 1 || r.Asked != kept.Asked {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
			golden.Check(t, "lost issue.md", texts(p.Effects))
		}
	}
}

// TestMovedHere: an intact freeze issue of another repository freezes nothing.
func TestMovedHere(t *testing.T) {
	s := newScene(t, aFreeze("release-1.30"))
	moved := s.issues[0]
	moved.Number = 3
	if f, ok := read(s.sealer, 6, moved); ok {
		t.Errorf("%+v", f)
	}
	copied := s.issues[0]
	copied.Number = 46
	if f, ok := read(s.sealer, 5, copied); !ok || !f.Tampered {
		t.Errorf("copied within its repository: %+v, %t", f, ok)
	}
}
