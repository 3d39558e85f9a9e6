package releasenotes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// house is a GitHub with the pull request that is judged, #7, and #3, which it may
// pick. It counts what it is asked.
type house struct {
	facts.GitHub
	pull, source github.PullDetail
	changes      map[int][]github.ChangedFile
	issue        github.Issue // #4
	by           github.User  // who set labels; zero while nobody can tell
	pushed       int64
	role         reconcile.RoleDecision // of everybody
	policy       config.Loaded
	asked        []string
}

func (h *house) ask(what string, args ...any) { h.asked = append(h.asked, fmt.Sprintf(what, args...)) }

func (h *house) Policy(context.Context, github.Repo) (config.Loaded, error) { return h.policy, nil }

func (h *house) PullSnapshot(context.Context, github.Repo, int) (github.PullSnapshot, bool, error) {
	move := github.HeadMove{After: h.pull.Head, By: github.User{ID: h.pushed}}
	return github.PullSnapshot{PullRequest: h.pull.PullRequest, Moves: []github.HeadMove{move}}, true, nil
}

func (h *house) Compare(context.Context, github.Repo, release.Branch, string) (github.Comparison, error) {
	return github.Comparison{Commits: []github.ComparedCommit{{ID: h.pull.Head}}, Total: 1}, nil
}

func (h *house) HeadMoves(context.Context, github.Repo, github.Repo, release.Branch, string) ([]github.HeadMove, bool, error) {
	return nil, true, nil // GitHub knows no more than payloads told
}

func (h *house) OpenPullSnapshots(context.Context, github.Repo, string) ([]github.PullSnapshot, error) {
	return nil, nil
}

func (h *house) Generations(context.Context, ...string) (map[string]int64, error) { return nil, nil }

func (h *house) CachedPull(context.Context, github.Repo, int) (github.PullRequest, error) {
	return h.pull.PullRequest, nil
}

func (h *house) Remembered(context.Context, github.Repo, github.PullRequest, []string) (github.Remembered, error) {
	return github.Remembered{}, nil
}

func (h *house) BotID(context.Context, github.Repo) (int64, error) { return 3, nil }

func (h *house) CachedPullDetail(_ context.Context, _ github.Repo, n int) (github.PullDetail, error) {
	h.ask("detail %d", n)
	switch n {
	case 7:
		return h.pull, nil
	case 3:
		return h.source, nil
	}
	return github.PullDetail{}, reconcile.ErrGone
}

func (h *house) Changes(_ context.Context, _ github.Repo, n int, _ string) (github.Changes, error) {
	h.ask("changes %d", n)
	return github.Changes{Files: h.changes[n], Complete: true}, nil
}

func (h *house) LabelledBy(_ context.Context, _ github.Repo, n int, label string) (github.Labelling, bool, error) {
	h.ask("who set %s on %d", label, n)
	return github.Labelling{ID: h.by.ID, Who: h.by}, h.by.ID != 0, nil
}

func (h *house) Permission(_ context.Context, _ github.Repo, who github.User) (github.Permission, error) {
	h.ask("writes %s", who.Login)
	if who.Login == "carol" {
		return github.Write, nil
	}
	return github.Triage, nil
}

func (h *house) DefaultBranch(context.Context, github.Repo) (release.Branch, error) {
	return "master", nil
}

func (h *house) PullOf(_ context.Context, _ github.Repo, _ release.Branch, commit string) (pr github.PullDetail, found bool, err error) {
	h.ask("who merged %.4s", commit)
	return h.source, true, nil
}

func (h *house) Issue(_ context.Context, _ github.Repo, n int) (github.Issue, error) {
	h.ask("issue %d", n)
	switch n {
	case 3, 7:
		return github.Issue{Number: n, IsPullRequest: true}, nil
	case 4:
		return h.issue, nil
	}
	return github.Issue{}, reconcile.ErrGone
}

// tree is its files.
type tree struct {
	GitHub
	of *house
}

func (tree) BotID(context.Context, github.Repo) (int64, error) { return 3, nil }

func (t tree) FilesAt(_ context.Context, _ github.Repo, ref string, paths []string) (blobs []github.Blob, err error) {
	t.of.ask("files of %.12s: %s", ref, strings.Join(paths, " "))
	for _, p := range paths {
		blobs = append(blobs, github.Blob{Path: p, ID: p})
	}
	return blobs, nil
}

// BlobText is a good note, or a wrong one, by its name.
func (tree) BlobText(_ context.Context, _ github.Repo, id string) (string, error) {
	text := noteText("**Fixed** it.")
	if strings.Contains(id, "wrong") {
		text = "kind: ["
	}
	if strings.Contains(id, "cve") {
		text = strings.Replace(text, "bug-fix", "security-fix", 1)
	}
	return text, nil
}

func houseOf(t *testing.T) *house {
	p, _ := loaded(t)
	pr := base(t).PR
	return &house{policy: p, pull: github.PullDetail{PullRequest: pr}, by: github.User{ID: 2, Login: "carol"},
		changes: map[int][]github.ChangedFile{7: {{Path: "a.go"}}, 3: {{Path: "a.go"}, {Path: "releasenotes/notes/a.yaml"}}},
		source: github.PullDetail{PullRequest: github.PullRequest{Number: 3, Merged: true, State: github.Closed, Base: "master", Head: strings.Repeat("b", 40),
			Labels: []string{"release-notes-none"}}}}
}

func (h *house) judged(t *testing.T) (effect.CheckRun, reconcile.Plan) {
	t.Helper()
	handler := &Handler{GitHub: tree{of: h}}
	set := gate.Set{Now: func() time.Time { return time.Unix(0, 0) }, Gates: []gate.One{gate.Of(handler.Gate())},
		From: &facts.Sources{GitHub: h, Policies: h, Seen: h, Events: h, Owned: facts.Owned{
			SourceBranch: func(l *facts.Look) (release.Branch, error) { return facts.DefaultBranch.Of(l, facts.Whole{}) },
			Manages:      func(*facts.Look, facts.Role) (reconcile.RoleDecision, error) { return h.role, nil },
			Pick:         func(*facts.Look, github.PullDetail) (reconcile.Pick, error) { return reconcile.Pick{}, nil },
			StandsFor: func(*facts.Look, int) (facts.Stands, error) {
				return facts.Stands{Faithful: true, Sources: [][]github.PullDetail{{h.source}}}, nil
			},
		}}}
	plan, err := set.Capability().Plan(t.Context(), gate.PullKey(repo, 7))
	if err != nil || len(plan.Effects) != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	return plan.Effects[0].(effect.CheckRun), plan
}

// TestRead: what is read comes to the verdict, the cheapest first and no more than it
// takes.
func TestRead(t *testing.T) {
	label := func(h *house) { h.pull.Labels = []string{"Release-Notes-None"} }
	pick := func(h *house) { h.pull.Title = "Cherry-pick of #3" }
	note := func(path string) func(*house) {
		return func(h *house) { h.changes[7] = append(h.changes[7], github.ChangedFile{Path: path}) }
	}
	const aaa = "files of aaaaaaaaaaaa: "
	for name, tt := range map[string]struct {
		change func(*house)
		title  string
		asked  string
	}{
		"nothing":              {func(*house) {}, "no release note", "changes 7, detail 7"},
		"an account":           {func(h *house) { h.pull.Author.ID, h.pushed = 5, 5 }, "an automation account's change needs no release note", ""},
		"another pushed":       {func(h *house) { h.pull.Author.ID, h.pushed = 5, 6 }, "no release note", "changes 7, detail 7"},
		"a note":               {note("releasenotes/notes/a.yaml"), "it brings a release note", "changes 7, " + aaa + "releasenotes/notes/a.yaml"},
		"a wrong note":         {note("releasenotes/notes/wrong.yaml"), "a release note has an error", "changes 7, " + aaa + "releasenotes/notes/wrong.yaml, detail 7"},
		"tests alone":          {func(h *house) { h.changes[7][0].Path = "a_test.go" }, "none of its files needs a release note", "changes 7"},
		"a label":              {label, "waived by the label release-notes-none", "changes 7, who set release-notes-none on 7, writes carol"},
		"a label of a visitor": {func(h *house) { label(h); h.by.Login = "eve" }, "no release note", "changes 7, who set release-notes-none on 7, writes eve, detail 7"},
		"a label of nobody":    {func(h *house) { label(h); h.by.ID = 0 }, "no release note", "changes 7, who set release-notes-none on 7, detail 7"},
		"a box":                {func(h *house) { h.pull.Body = "No user-facing change"; h.pull.Author.Login = "carol" }, "waived by its description", "changes 7, detail 7, writes carol"},
		"a box of a visitor":   {func(h *house) { h.pull.Body = "No user-facing change" }, "no release note", "changes 7, detail 7, writes bob"},
		"a security note gone": {func(h *house) {
			label(h)
			h.changes[7] = append(h.changes[7], github.ChangedFile{Path: "releasenotes/notes/cve.yaml", Gone: true})
		}, "a change of the kind security needs a release note",
			"changes 7, who set release-notes-none on 7, writes carol, files of heads/releas: releasenotes/notes/cve.yaml, detail 7"},
		"a pick": {pick, "it has the note of #3",
			"changes 7, detail 7, issue 3, detail 3, changes 3, who set release-notes-none on 3, writes carol, files of bbbbbbbbbbbb: releasenotes/notes/a.yaml"},
		"a pick by its commit": {func(h *house) { h.pull.Body = "(cherry picked from commit " + strings.Repeat("c", 40) + ")" }, "it has the note of #3",
			"changes 7, detail 7, who merged cccc, issue 3, detail 3, changes 3, who set release-notes-none on 3, writes carol, files of bbbbbbbbbbbb: releasenotes/notes/a.yaml"},
		"a pick of what wasn't merged": {func(h *house) { pick(h); h.source.Merged = false }, "no release note for #3", "changes 7, detail 7, issue 3, detail 3"},
		"a pick of nothing":            {func(h *house) { h.pull.Title = "Cherry-pick of #99" }, "no release note for #99", "changes 7, detail 7, issue 99"},
		"a pick that was told of": {func(h *house) {
			h.pull.Title, h.issue = "Cherry-pick of #4", github.Issue{Number: 4, Title: "[Release-1.30] it failed", Body: "The pick of #3 failed."}
		}, "it has the note of #3", "changes 7, detail 7, issue 4, detail 3, changes 3, who set release-notes-none on 3, writes carol, files of bbbbbbbbbbbb: releasenotes/notes/a.yaml"},
		"a pick of an issue": {func(h *house) {
			h.pull.Title, h.issue = "Cherry-pick of #4", github.Issue{Number: 4, Title: "It leaks", Body: "See #3."}
		}, "no release note for #4", "changes 7, detail 7, issue 4"},
		"a pick of itself": {func(h *house) { h.pull.Title = "Cherry-pick of #7" }, "no release note", "changes 7, detail 7"},
		"our notes": {func(h *house) {
			h.policy = withRelease(t)
			h.pull.HeadRef, h.pull.Author = "release-notes-1.30.1", github.User{ID: 3, Bot: true}
			h.changes[7] = []github.ChangedFile{{Path: "notes/1.30.1/a.md"}}
		}, "it brings the notes of a release", "changes 7"},
		"our notes and more": {func(h *house) {
			h.policy = withRelease(t)
			h.pull.HeadRef, h.pull.Author = "release-notes-1.30.1", github.User{ID: 3, Bot: true}
			h.changes[7] = []github.ChangedFile{{Path: "notes/1.30.1/a.md"}, {Path: "a.go"}}
		}, "no release note", "changes 7, detail 7"},
	} {
		h := houseOf(t)
		tt.change(h)
		run, _ := h.judged(t)
		if got := strings.Join(h.asked, ", "); run.Verdict.Title != tt.title || got != tt.asked {
			t.Errorf("%s: %q, want %q\nasks  %s\nwants %s", name, run.Verdict.Title, tt.title, got, tt.asked)
		}
	}
}

func withRelease(t *testing.T) config.Loaded {
	p, err := config.ParsePolicy("policy", []byte(policyText+"  release: {path: 'notes/{version}'}\n"), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p}
}

// TestRestsOnItsSources: what is read of a source or an issue wakes the pull request.
func TestRestsOnItsSources(t *testing.T) {
	h := houseOf(t)
	h.pull.Title, h.issue = "Cherry-pick of #4", github.Issue{Number: 4, Title: "[release-1.30] it failed", Body: "The pick of #3 failed."}
	_, plan := h.judged(t)
	for _, want := range []string{"issue/4", "detail/3"} {
		if !slices.ContainsFunc(plan.Dependencies, func(r reconcile.Dependency) bool { return r.Fact == repo.String()+" "+want }) {
			t.Errorf("doesn't rest on %s: %v", want, plan.Dependencies)
		}
	}
}

// TestUnclearIsLookedAtAgain: what nobody can tell yet doesn't count, and is looked at again.
func TestUnclearIsLookedAtAgain(t *testing.T) {
	managed := func(h *house) {
		p, err := config.ParsePolicy("policy", []byte(strings.Replace(policyText, "writers\n  description: 'No user-facing change'", "release_managers", 1)), config.Declare[Settings](Name))
		if err != nil {
			t.Fatal(err)
		}
		h.policy, h.pull.Labels = config.Loaded{Policy: p}, []string{"release-notes-none"}
	}
	for name, tt := range map[string]struct {
		change func(*house)
		again  bool
	}{
		"who set the label":           {func(h *house) { h.pull.Labels, h.by.ID = []string{"release-notes-none"}, 0 }, true},
		"who set that of its source":  {func(h *house) { h.pull.Title, h.by.ID = "Cherry-pick of #3", 0 }, true},
		"whether that one may":        {func(h *house) { managed(h); h.role.Unclear = "The policy has faults" }, true},
		"who is in a team":            {func(h *house) { managed(h); h.role.Missing = []string{"release-managers-1-30"} }, true},
		"that one is known to not":    {managed, false},
		"nothing that could be asked": {func(*house) {}, false},
	} {
		h := houseOf(t)
		h.pull.UpdatedAt = time.Unix(0, 0) // just now
		tt.change(h)
		_, plan := h.judged(t)
		want := time.Time{}
		if tt.again {
			want = time.Unix(60, 0)
		}
		if !plan.RequeueAt.Equal(want) {
			t.Errorf("%s: looks again at %s, want %s", name, plan.RequeueAt, want)
		}
	}
}
