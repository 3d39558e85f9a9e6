package build

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// asked is the facts of a call on the tracking issue of 1.31.
func asked(t *testing.T, name, v string) askFacts {
	t.Helper()
	f := askFacts{
		Call: command.Call{Name: name, Args: []string{v}, Repo: github.Repo{Owner: "istio", Name: "istio"}, Number: 7, Source: command.InComment, ID: 5,
			Author: github.User{ID: 1, Login: "alice"}, At: time.Unix(0, 0)},
		Tracking: release.Tracking{Version: version(t, "1.31.0"), Branch: "release-1.31", Number: 7, URL: "https://github.com/istio/istio/issues/7"},
		Version:  version(t, v), Purpose: Build, Builder: builder, RepoID: 9, Base: "release-1.31", BaseHead: head,
		Was: map[Purpose]string{Build: "1.31.0-beta.0\n", Publish: "1.31.0-alpha.0\n"},
	}
	f.Settings.SetDefaults()
	if name == publishName {
		f.Purpose, f.Built = Publish, WasBuilt
	}
	return f
}

func TestPropose(t *testing.T) {
	open := func(f *askFacts) {
		f.Open = []github.PullDetail{{PullRequest: github.PullRequest{Number: 9, URL: "https://x/9", HeadRef: "trigger-build-1.31.0-beta.1"}}}
	}
	for _, tc := range []struct {
		name, command, version string
		change                 func(*askFacts)
		result                 command.Result
	}{
		{"build", buildName, "1.31.0-beta.1", func(*askFacts) {}, command.Done},
		{"build from master", buildName, "1.31.0-alpha.0", func(f *askFacts) { f.Base = "master"; f.Was[Build] = "1.30.0-alpha.2\n"; f.Was[Publish] = "" }, command.Done},
		{"first on a new branch", buildName, "1.31.0-beta.0", func(f *askFacts) { f.Was[Build] = "1.32.0-alpha.0\n" }, command.Done},
		{"again in a second try", buildName, "1.31.0-beta.1", func(f *askFacts) { f.Did = true; f.Was[Build] = "1.31.0-beta.1\n" }, command.Done},
		{"build what was built", buildName, "1.31.0-beta.0", func(f *askFacts) { f.Built = WasBuilt }, command.Invalid},
		{"build what is tagged", buildName, "1.31.0-beta.1", func(f *askFacts) { f.Tagged = true }, command.Invalid},
		{"build with a gap", buildName, "1.31.0-rc.1", func(*askFacts) {}, command.Invalid},
		{"build backwards", buildName, "1.31.0-alpha.3", func(*askFacts) {}, command.Invalid},
		{"build without a branch", buildName, "1.31.0-beta.1", func(f *askFacts) { f.BaseHead = "" }, command.Invalid},
		{"build of a closed release", buildName, "1.31.0-beta.1", func(f *askFacts) { f.Tracking.Closed = true }, command.Invalid},
		{"build twice", buildName, "1.31.0-beta.1", open, command.NoOp},
		{"rebuild", rebuildName, "1.31.0-beta.0", func(f *askFacts) { f.Built, f.Tagged = WasBuilt, true }, command.Done},
		{"rebuild an older one", rebuildName, "1.31.0-alpha.0", func(*askFacts) {}, command.Invalid},
		{"build an older one once more", buildName, "1.31.0-alpha.0", func(f *askFacts) { f.Built = WasBuilt }, command.Invalid},
		{"rebuild an older one that was built", rebuildName, "1.31.0-alpha.0", func(f *askFacts) { f.Built = WasBuilt }, command.Invalid},
		{"a patch release after no release", buildName, "1.31.1", func(*askFacts) {}, command.Invalid},
		{"a patch release without a branch", buildName, "1.31.1", func(f *askFacts) { f.BaseHead = "" }, command.Invalid},
		{"publish", publishName, "1.31.0-beta.0", func(*askFacts) {}, command.Done},
		{"publish while it is built", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = Unfinished }, command.Done},
		{"publish while it is published", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Running = true }, command.Invalid},
		{"publish while it is built, strictly", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = Unfinished; f.Settings.Triggers.Unbuilt = Refusal }, command.Invalid},
		{"publish what failed to be built, strictly", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = BuildFailed; f.Settings.Triggers.Unbuilt = Refusal }, command.Invalid},
		{"build what failed to be built", buildName, "1.31.0-beta.0", func(f *askFacts) { f.Built = BuildFailed }, command.Invalid},
		{"publish unbuilt", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = NotBuilt }, command.Done},
		{"publish unbuilt strictly", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built, f.Settings.Triggers.Unbuilt = NotBuilt, Refusal }, command.Invalid},
		{"publish with blockers", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Blockers.All = twoBlockers }, command.Invalid},
		{"publish with unknown blockers", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Blockers.Unknown = true }, command.Invalid},
		{"publish with blockers that only warn", publishName, "1.31.0-beta.0", func(f *askFacts) {
			f.Settings.Triggers.Blocked, f.Blockers.All = Warning, twoBlockers[:1]
		}, command.Done},
		{"build that waits for a manager", buildName, "1.31.0-beta.1", func(f *askFacts) {
			f.Approvers = facts.Approval{Who: "a member of `release-managers-1-31`", Other: true}
		}, command.Done},
		{"publish what is tagged", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Tagged = true }, command.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := asked(t, tc.command, tc.version)
			tc.change(&f)
			out, err := propose(f)
			if err != nil || out.Result != tc.result {
				t.Fatalf("%+v, %v", out, err)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%s: %s\n", out.Result, out.Reply)
			for _, e := range out.Effects {
				fmt.Fprintf(&b, "\n-> %s\n", e)
				switch e := e.(type) {
				case effect.Files:
					fmt.Fprintf(&b, "%q from %s\n", e.Files, effect.Short(e.From))
				case effect.PullRequest:
					fmt.Fprintf(&b, "%s\n\n%s", e.Record, e.Text)
				}
			}
			golden.Check(t, "ask-"+tc.name+".md", b.String())
		})
	}
}

// TestProposalIsSealed: what a pull request says of who asked for it is believed
// only as it was sealed for its repository and its branch.
func TestProposalIsSealed(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	h := &Handler{Sealer: sealer}
	out, err := propose(asked(t, publishName, "1.31.0-beta.0"))
	if err != nil {
		t.Fatal(err)
	}
	e := out.Effects[1].(effect.PullRequest)
	if !e.Numbered {
		t.Error("its number isn't sealed in")
	}
	e.At.Number = 7
	line, err := sealer.Seal(e.At, e.Mark, e.Record)
	if err != nil {
		t.Fatal(err)
	}
	good := github.PullDetail{PullRequest: github.PullRequest{RepoID: 9, Number: 7, HeadRef: e.Head}, Body: line + "\n" + e.Text}
	if p, standing := h.proposal(good); standing != effect.Bound || p.ByID != 1 || p.Branch != "release-1.31" {
		t.Errorf("%+v, %v", p, standing)
	}
	for name, change := range map[string]func(*github.PullDetail){
		"another asker":        func(p *github.PullDetail) { p.Body = strings.Replace(p.Body, `"by_id":1`, `"by_id":2`, 1) },
		"another branch":       func(p *github.PullDetail) { p.HeadRef = "trigger-publish-1.31.0" },
		"another repository":   func(p *github.PullDetail) { p.RepoID = 10 },
		"another pull request": func(p *github.PullDetail) { p.Number = 8 },
		"no record":            func(p *github.PullDetail) { p.Body = e.Text },
	} {
		bad := good
		change(&bad)
		if p, standing := h.proposal(bad); standing != effect.Tampered {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestSecondManager: two release managers have to be behind a publish, whoever typed it:
// by asking for it, pushing or approving it as it is now.
func TestSecondManager(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	const waits, passes = "Waits for a second release manager", "Publishes 1.31.0-beta.0, after 1.31.0-alpha.0"
	alice, bob, dave, erin := github.User{ID: 1, Login: "alice"}, github.User{ID: 2, Login: "bob"}, github.User{ID: 4, Login: "dave"}, github.User{ID: 5, Login: "erin"}
	approval := func(who github.User) []github.Review {
		return []github.Review{{Author: who, State: github.Approved, Commit: head}}
	}
	ours := func(number int, age time.Duration) func(*world) {
		return func(w *world) {
			out, err := propose(asked(t, publishName, "1.31.0-beta.0"))
			if err != nil {
				t.Fatal(err)
			}
			e := out.Effects[1].(effect.PullRequest)
			e.At.Number = number
			line, err := sealer.Seal(e.At, e.Mark, e.Record)
			if err != nil {
				t.Fatal(err)
			}
			w.pr.RepoID, w.pr.Author, w.pr.HeadRef, w.pr.CreatedAt = 9, github.User{ID: 3, Bot: true}, e.Head, time.Unix(0, 0).Add(-age)
			w.pr.HeadRepo, w.body = builder, line
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*world)
		by     []github.Review
		want   string
	}{
		{"by hand, by nobody", func(*world) {}, nil, waits},
		{"by hand, by its author", func(*world) {}, approval(alice), waits},
		{"by hand, by no manager", func(*world) {}, approval(bob), waits},
		{"by hand, by another manager", func(*world) {}, approval(dave), passes},
		{"by hand, by who pushed it", func(w *world) { w.mover = dave }, approval(dave), waits},
		{"by hand, of another's push, by a third", func(w *world) { w.mover = dave }, approval(erin), passes},
		{"by hand, and nobody knows who pushed it", func(w *world) { w.mover = github.User{} }, approval(dave), waits},
		{"by hand, and nobody knows who pushed it, by two", func(w *world) { w.mover = github.User{} }, append(approval(dave), approval(erin)...), passes},
		{"a stranger's, by nobody", func(w *world) { w.pr.Author, w.mover = bob, bob }, nil, waits},
		{"a stranger's, by one manager", func(w *world) { w.pr.Author, w.mover = bob, bob }, approval(dave), waits},
		{"a stranger's, by two", func(w *world) { w.pr.Author, w.mover = bob, bob }, append(approval(dave), approval(alice)...), passes},
		{"a manager's push that a stranger opened, by that manager", func(w *world) { w.pr.Author, w.pushed = bob, 2 }, approval(alice), waits},
		{"by hand, by another manager who took it back", func(*world) {}, append(approval(dave), github.Review{Author: dave, State: github.ChangesRequested, Commit: head}), waits},
		{"by hand, by a bot", func(*world) {}, approval(github.User{ID: 4, Login: "dave", Bot: true}), waits},
		{"by hand, of an older commit", func(*world) {}, []github.Review{{Author: dave, State: github.Approved, Commit: "b"}}, waits},
		{"by hand, by another manager before it got its base", func(w *world) { w.past.BaseSince = w.now() }, []github.Review{{Author: dave, State: github.Approved, Commit: head, At: time.Unix(-1, 0)}}, waits},
		{"by hand, where only ours are held", func(w *world) { w.policy = strings.Replace(w.policy, "every", "ours", 1) }, nil, passes},
		{"ours, by who asked", ours(7, time.Hour), approval(alice), waits},
		{"ours, by another manager", ours(7, time.Hour), approval(dave), passes},
		{"ours, as a stranger changed it", func(w *world) {
			ours(7, time.Hour)(w)
			w.mover, w.texts[head+" "+publishPath] = bob, "1.31.0-alpha.1\n"
		}, approval(dave), waits},
		{"ours, with another's record", ours(8, time.Hour), approval(dave), "Its text was changed by hand"},
		{"ours, not numbered yet", ours(0, time.Minute), approval(dave), waits},
		{"ours, from a fork", func(w *world) { ours(7, time.Hour)(w); w.pr.HeadRepo.Owner = "eve" }, approval(dave), "Its text was changed by hand"},
		{"ours, never numbered", ours(0, time.Hour), approval(dave), "Its text was changed by hand"},
	} {
		w := newWorld(t)
		w.policy = strings.Replace(w.policy, "ours", "every", 1)
		w.files.Paths, w.pr.Title, w.pr.Author = []string{publishPath}, "publish", alice
		w.texts[head+" "+publishPath] = "1.31.0-beta.0\n"
		w.reviews, w.mover = tc.by, alice
		tc.change(w)
		w.sealer, w.managers = sealer, []int64{1, 4, 5}
		check, _, _ := w.look("pr/7")
		if check.Verdict.Title != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, check.Verdict.Title, tc.want)
		}
		if group, _, _ := w.look("group/" + queued.ID()); (group.Verdict.State == effect.Pass) != (tc.want == passes) {
			t.Errorf("%s, in a group: %s", tc.name, group.Verdict.Detail)
		}
		switch tc.name {
		case "by hand, by nobody":
			golden.Check(t, "second-by-hand.md", check.Verdict.Detail+"\n")
		case "a stranger's, by nobody":
			golden.Check(t, "second-by-a-stranger.md", check.Verdict.Detail+"\n")
		case "by hand, and nobody knows who pushed it":
			golden.Check(t, "second-and-nobody-knows-who-pushed-it.md", check.Verdict.Detail+"\n")
		}
	}
}

// twoBlockers are two that are open.
var twoBlockers = []facts.Blocker{
	{Repo: github.Repo{Owner: "istio", Name: "istio"}, Number: 3, Title: "Crash", URL: "https://x/3", Open: true, Here: true},
	{Repo: github.Repo{Owner: "istio", Name: "istio"}, Number: 4, Title: "Leak", URL: "https://x/4", Open: true, Here: true},
}
