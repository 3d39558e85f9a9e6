package releasebranch

import (
	"context"
	"errors"
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
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// house is a GitHub in which #20 picks #7 exactly, as the facts say that the tests
// begin with.
type house struct {
	facts.GitHub
	f        known
	broken   map[string]error // what fails, by the name of what is read
	noBranch release.Branch   // one that isn't there
	moving   bool             // the head has changed since the list was read
	asked    []provenance.Question
}

func (h *house) fails(what string) error { return h.broken[what] }

func (h *house) BranchHead(_ context.Context, _ github.Repo, branch release.Branch) (string, error) {
	if h.noBranch == branch {
		return "", nil
	}
	return before, nil
}

func (h *house) detail(n int) github.PullDetail {
	if n == h.f.PR.Number {
		return h.f.PR
	}
	return *h.f.Named[0].PR
}

func (h *house) CachedPull(_ context.Context, _ github.Repo, n int) (github.PullRequest, error) {
	pr := h.detail(n).PullRequest
	if h.moving {
		pr.Head = before
	}
	return pr, nil
}

func (h *house) CachedPullDetail(_ context.Context, _ github.Repo, n int) (github.PullDetail, error) {
	return h.detail(n), h.fails("pull")
}

func (h *house) Remembered(context.Context, github.Repo, github.PullRequest, []string) (github.Remembered, error) {
	return github.Remembered{}, nil
}

func (h *house) PullSnapshot(context.Context, github.Repo, int) (s github.PullSnapshot, ok bool, err error) {
	return s, false, nil
}

func (h *house) OpenPullSnapshots(context.Context, github.Repo, string) ([]github.PullSnapshot, error) {
	return nil, nil
}

func (h *house) Policy(context.Context, github.Repo) (config.Loaded, error) { return h.f.Policy, nil }

func (h *house) SealedRev(context.Context, github.Repo, int, effect.Mark) (int, error) { return 0, nil }

func (h *house) BotID(context.Context, github.Repo) (int64, error) { return robot.ID, nil }

func (h *house) Section(context.Context, github.Repo, int, effect.Mark, effect.Mark) (string, error) {
	return "", h.fails("section")
}

func (h *house) Compare(context.Context, github.Repo, release.Branch, string) (github.Comparison, error) {
	return h.f.Commits, h.fails("comparison")
}

func (h *house) MergeBase(context.Context, github.Repo, release.Branch, string) (string, error) {
	return before, nil
}

func (h *house) DefaultBranch(context.Context, github.Repo) (release.Branch, error) {
	return "master", nil
}

func (h *house) Issue(_ context.Context, _ github.Repo, n int) (github.Issue, error) {
	if n == 5 {
		return github.Issue{Number: 5, Title: "It leaks", Labels: []string{"release-blocker"}}, nil
	}
	return github.Issue{Number: n, IsPullRequest: true}, h.fails("issue")
}

func (h *house) CommitOf(_ context.Context, _ github.Repo, id string) (github.Commit, error) {
	return github.Commit{ID: id, Parents: []string{before}}, nil
}

func (h *house) Merged(context.Context, github.Repo, github.PullDetail) (github.Landing, error) {
	return github.Landing{Commits: []string{theSource}}, nil
}

func (h *house) PullOf(context.Context, github.Repo, release.Branch, string) (github.PullDetail, bool, error) {
	return *h.f.Named[0].PR, true, nil
}

func (h *house) Reviews(_ context.Context, _ github.Repo, n int) ([]github.Review, error) {
	if n == h.f.PR.Number {
		return h.f.Reviews, nil
	}
	return h.f.Origins[theSource].Reviews, nil
}

func (h *house) PullCommits(context.Context, github.Repo, int) ([]github.ComparedCommit, error) {
	return nil, nil
}

func (h *house) PullHistory(context.Context, github.Repo, int) (github.PullHistory, error) {
	return h.f.Past, nil
}

func (h *house) CodeOwners(context.Context, github.Repo, release.Branch) (github.File, error) {
	return github.File{Found: true, Text: codeOwnersText}, h.fails("owners")
}

func (h *house) UnknownOwners(context.Context, github.Repo, release.Branch) ([]string, error) {
	return h.f.Owners.Unknown, h.fails("unknown owners")
}

func (h *house) TeamMembers(_ context.Context, _ github.Repo, slug string) (github.Team, error) {
	return h.f.Teams[slug], h.fails("team")
}

func (h *house) Foresee(context.Context, effect.Change, string) (effect.Picked, error) {
	return effect.Picked{}, h.fails("git")
}

func (h *house) Prove(_ context.Context, _ github.Repo, _ int64, q provenance.Question) (provenance.Finding, error) {
	h.asked = append(h.asked, q)
	return h.f.Found, h.fails("git")
}

// judged is what the gate says of #20, through the kit.
func (h *house) judged(t *testing.T) (reconcile.Plan, effect.CheckRun, error) {
	t.Helper()
	sealer, err := effect.NewSealer([]byte("a secret of this test"))
	if err != nil {
		t.Fatal(err)
	}
	handler := &Handler{GitHub: h, Sealer: sealer}
	from := &facts.Sources{GitHub: h, Git: h, Policies: h, Seen: h, Events: h, Owned: facts.Owned{
		SourceBranch: SourceBranch, LeaveOut: func(*facts.Look) ([]string, error) { return nil, nil },
		Held:     func(*facts.Look, release.Branch) (string, error) { return h.f.Held, h.fails("held") },
		Dates:    func(*facts.Look) (release.Calendar, error) { return h.f.Calendar, nil },
		Starters: func(*facts.Look, release.Branch) ([]string, error) { return h.f.Starters, h.fails("starters") },
	}}
	set := gate.Set{From: from, Now: func() time.Time { return now }, Gates: []gate.One{gate.Of(handler.Gate())}}
	plan, err := set.Capability().Plan(t.Context(), gate.PullKey(repo, h.f.PR.Number))
	for _, e := range plan.Effects {
		if run, is := e.(effect.CheckRun); is {
			return plan, run, err
		}
	}
	return plan, effect.CheckRun{}, err
}

func houseOf(t *testing.T, section string, changes ...change) *house {
	t.Helper()
	f := factsOf(t, section, changes...)
	f.PR.Body = "Picks #7, fixes #5."
	f.Named[0].PR.MergeCommit = theSource
	return &house{f: f, broken: map[string]error{}}
}

// TestRead: what is read comes to the verdict that those facts have, and whoever rests
// on another pull request or an issue rests on it by name.
func TestRead(t *testing.T) {
	h := houseOf(t, "  rules: {open: [issue, blocker]}\n")
	plan, run, err := h.judged(t)
	if err != nil || run.Verdict.State != effect.Pass || run.Verdict.Title != "Faithful cherry-pick of #7" {
		t.Fatalf("%v: %+v", err, run)
	}
	for _, part := range []string{"It is about #5.", "Yes: #5, which it fixes, has the label `release-blocker`.", "Rests on the approval of `nan`"} {
		if !strings.Contains(run.Verdict.Detail, part) {
			t.Errorf("lacks %q:\n%s", part, run.Verdict.Detail)
		}
	}
	for _, id := range []string{"issue/5", "issue/7", "detail/7", "reviews/7"} {
		if !slices.ContainsFunc(plan.Dependencies, func(r reconcile.Dependency) bool { return r.Fact == repo.String()+" "+id }) {
			t.Errorf("doesn't rest on %s: %v", id, plan.Dependencies)
		}
	}
	if slices.ContainsFunc(plan.Dependencies, func(r reconcile.Dependency) bool { return strings.HasSuffix(r.Fact, "/20") }) {
		t.Errorf("its own events wake it anyway: %v", plan.Dependencies)
	}
	want := provenance.Claim{Commit: theSource, By: provenance.ByReference, Number: 7, Title: "Fix a leak"}
	if len(h.asked) != 1 || h.asked[0].Source != "master" || h.asked[0].Base != "release-1.30" || h.asked[0].Head != theHead || !slices.Contains(h.asked[0].Claims, want) {
		t.Errorf("git was asked %+v", h.asked)
	}
}

// TestReadFails: what can't be read is named and holds it back, unless there is a
// better time to try again, or nothing to judge.
func TestReadFails(t *testing.T) {
	for what, phrase := range map[string]string{
		"comparison": "It couldn't be compared with its base.",
		"issue":      "What it names couldn't be looked up.",
		"git":        "Git couldn't compare it with `master`.",
		"owners":     "The code owners couldn't be read.",
		"team":       "The members of `release-managers` couldn't be read.",
	} {
		h := houseOf(t, "")
		h.broken[what] = errors.New("502 of its own")
		plan, run, err := h.judged(t)
		if err != nil || run.Verdict.Title != "Not all can be found out" || !strings.Contains(run.Verdict.Detail, phrase) {
			t.Errorf("%s: %v: %+v", what, err, run)
		}
		if !plan.RequeueAt.Equal(now.Add(5*time.Minute)) || !strings.Contains(plan.Reason, "502 of its own") || strings.Contains(run.Verdict.Detail, "502") {
			t.Errorf("%s: looks again at %s, why: %s", what, plan.RequeueAt, plan.Reason)
		}
		for _, pass := range []error{&reconcile.RetryAfterError{At: now, Err: errors.New("limited")}, fmt.Errorf("it: %w", reconcile.ErrGone), context.Canceled} {
			if what == "issue" && errors.Is(pass, reconcile.ErrGone) {
				continue // a number that isn't there is a fact
			}
			h.broken[what] = pass
			if _, run, err := h.judged(t); !errors.Is(err, pass) || run.Name != "" {
				t.Errorf("%s, %v: %v, %+v", what, pass, err, run)
			}
		}
	}
	for _, what := range []string{"pull", "section", "held", "starters"} {
		h := houseOf(t, handMadeRefused, byHand)
		h.broken[what] = errors.New("502")
		if _, run, err := h.judged(t); err == nil || run.Name != "" {
			t.Errorf("%s: %v, %+v", what, err, run)
		}
	}
}

const handMadeRefused = "  hand_made: {refuse_frozen: true}\n"

// byHand makes it a change by hand that names another pull request all the same.
func byHand(f *known) {
	named := f.Named
	unrelated(120, "pilot/a.go")(f)
	f.Named = named
}

// TestWhoRestsOnAFreeze: an edge of a freeze wakes those whose verdict, or whose asking,
// depends on it, and no others.
func TestWhoRestsOnAFreeze(t *testing.T) {
	asks := func(f *known) { f.Reviews, f.Past, f.PR.Teams = nil, github.PullHistory{}, nil }
	for name, tc := range map[string]struct {
		section string
		changes []change
		want    bool
	}{
		"a faithful pick that may pass":    {"", nil, false},
		"made by hand":                     {"", []change{byHand}, true}, // its experts have to be asked
		"made by hand, and refused":        {handMadeRefused, []change{byHand}, true},
		"a pick in a branch that refuses":  {handMadeRefused, nil, false},
		"made by hand, and all were asked": {"", []change{byHand, asks, func(f *known) { f.PR.Teams = []string{"wg-networking", "wg-security", "release-managers"} }}, false},
	} {
		plan, _, err := houseOf(t, tc.section, tc.changes...).judged(t)
		rests := slices.ContainsFunc(plan.Dependencies, func(r reconcile.Dependency) bool { return r.Fact == facts.Held.ID(repo, "release-1.30") })
		if err != nil || rests != tc.want {
			t.Errorf("%s: rests on the freeze: %v, %v", name, rests, err)
		}
	}
}

// TestReadNoFurther: what settles the verdict ends the reading.
func TestReadNoFurther(t *testing.T) {
	for name, large := range map[string]change{
		"files":   func(f *known) { f.PR.Files = maxFiles },
		"commits": func(f *known) { f.Commits.Total = maxCommits },
	} {
		h := houseOf(t, "", large)
		if _, run, err := h.judged(t); err != nil || run.Verdict.Title != "Too large to be looked at" || len(h.asked) != 0 {
			t.Errorf("%s: %v, %+v", name, err, run)
		}
	}
	h := houseOf(t, "")
	h.moving = true
	if _, _, err := h.judged(t); !errors.Is(err, gate.ErrMoved) {
		t.Errorf("a head that moves: %v", err)
	}
	h = houseOf(t, "", func(f *known) { f.Calendar.Unclear, f.Calendar.Cause = "the tracking issues can't be read", "502" })
	plan, run, err := h.judged(t)
	if err != nil || run.Verdict.Title != "Not all can be found out" || !strings.HasSuffix(plan.Reason, ": 502") {
		t.Errorf("unclear dates: %v, %+v, %s", err, run, plan.Reason)
	}
}

// Generations implements reconcile.Facts: nothing has happened.
func (h *house) Generations(context.Context, ...string) (map[string]int64, error) { return nil, nil }

func (h *house) HeadMoves(context.Context, github.Repo, github.Repo, release.Branch, string) ([]github.HeadMove, bool, error) {
	return nil, true, h.fails("activity")
}

// TestReadWithoutItsSource: that the source branch isn't there people have to mend, and
// the policy's key is named; where nobody can tell, git's word stands.
func TestReadWithoutItsSource(t *testing.T) {
	h := houseOf(t, "  source_branch: trunk\n")
	h.broken["git"], h.noBranch = errors.New("no such ref"), "trunk"
	_, run, err := h.judged(t)
	for _, want := range []string{"there is no branch `trunk`, which the policy names under `releasebranch.source_branch`. The default branch is master.", "**Next step:** set `releasebranch.source_branch` in the policy"} {
		if err != nil || !strings.Contains(run.Verdict.Detail, want) {
			t.Errorf("%v: it lacks %q: %s", err, want, run.Verdict.Detail)
		}
	}
}
