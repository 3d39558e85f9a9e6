package build

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
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// world is a GitHub that counts what it is asked.
type world struct {
	facts.GitHub
	t        *testing.T
	policy   string
	pr       github.PullRequest
	same     []github.PullRequest
	files    github.Files
	texts    map[string]string // by "ref path"
	history  []string
	whole    bool
	asked    []string
	heads    map[string]string
	tags     []string
	from     map[string][]github.PullDetail
	reviews  []github.Review
	past     github.PullHistory
	body     string // of the pull request
	sealer   effect.Sealer
	managers []int64
	checks   []github.StatusCheck
	queue    error // of asking who is in a merge queue's group
	releases
	pushed int64       // who pushed its head, as payloads told
	mover  github.User // and as GitHub's list has it
	gone   bool        // it was merged since it was last seen
}

var builder = github.Repo{Owner: "istio", Name: "release-builder"}

const (
	head        = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	buildPath   = "release/trigger-build"
	publishPath = "release/trigger-publish"
)

func newWorld(t *testing.T) *world {
	return &world{
		t: t, policy: "branches: [release-*]\nrelease:\n  triggers: {repository: release-builder, second_manager: ours}\n",
		pr: github.PullRequest{Number: 7, HeadRepo: builder, Base: "release-1.31", Head: head, State: github.Open, Title: "[release-1.31] Trigger build 1.31.0-beta.1"},
		texts: map[string]string{
			"release-1.31 " + buildPath: "1.31.0-beta.0\n", "release-1.31 " + publishPath: "1.31.0-alpha.0\n", head + " " + buildPath: "1.31.0-beta.1\n",
		},
		files: github.Files{Paths: []string{buildPath}, Complete: true}, whole: true, releases: releases{home: home},
		history: []string{"1.31.0-beta.0\n", "1.31.0-alpha.0\n"}, checks: []github.StatusCheck{{Name: "build", State: github.CheckSucceeded}},
	}
}

func (w *world) now() time.Time { return time.Unix(0, 0) }

func (w *world) ask(what string, args ...any) { w.asked = append(w.asked, fmt.Sprintf(what, args...)) }

func (w *world) Policy(_ context.Context, _ github.Repo) (config.Loaded, error) {
	p, err := config.ParsePolicy("policy", []byte(w.policy), config.Declare[config.Versions](config.VersionsName), config.Declare[Settings](Name))
	return config.Loaded{Policy: p, Fault: err}, nil
}

func (w *world) CachedPull(context.Context, github.Repo, int) (github.PullRequest, error) {
	w.ask("pull")
	return w.pr, nil
}

func (w *world) OpenPullRequests(_ context.Context, _ github.Repo, base release.Branch) ([]github.PullRequest, error) {
	w.ask("open %s", base)
	return append([]github.PullRequest{w.pr}, w.same...), nil
}

func (w *world) Changes(context.Context, github.Repo, int, string) (github.Changes, error) {
	w.ask("files")
	c := github.Changes{Complete: w.files.Complete}
	for _, p := range w.files.Paths {
		c.Files = append(c.Files, github.ChangedFile{Path: p})
	}
	return c, nil
}

func (w *world) CachedPullDetail(context.Context, github.Repo, int) (github.PullDetail, error) {
	w.ask("detail")
	return github.PullDetail{PullRequest: w.pr, Body: w.body}, nil
}

func (w *world) RememberedRules(context.Context, github.Repo, release.Branch) (github.MergeRules, error) {
	return github.MergeRules{}, nil
}

func (w *world) RememberRules(context.Context, github.Repo, release.Branch) error { return nil }

func (w *world) Remembered(context.Context, github.Repo, github.PullRequest, []string) (github.Remembered, error) {
	return github.Remembered{}, nil
}

func (w *world) Generations(context.Context, ...string) (map[string]int64, error) { return nil, nil }

func (w *world) PullSnapshot(context.Context, github.Repo, int) (s github.PullSnapshot, ok bool, err error) {
	return github.PullSnapshot{PullRequest: w.pr, Moves: []github.HeadMove{{After: head, By: github.User{ID: w.pushed}}}}, w.pushed != 0, nil
}

func (w *world) Compare(context.Context, github.Repo, release.Branch, string) (github.Comparison, error) {
	return github.Comparison{Commits: []github.ComparedCommit{{ID: head}}, Total: 1}, nil
}

func (w *world) HeadMoves(context.Context, github.Repo, github.Repo, release.Branch, string) ([]github.HeadMove, bool, error) {
	return []github.HeadMove{{After: head, By: w.mover}}, w.mover.ID != 0, nil
}

func (w *world) FileAt(_ context.Context, _ github.Repo, ref, path string) (github.File, error) {
	w.ask("file %.12s %s", ref, path)
	text, found := w.texts[ref+" "+path]
	return github.File{Text: text, Found: found}, nil
}

func (w *world) FileHistory(_ context.Context, _ github.Repo, branch release.Branch, path string, _ int) ([]github.FileText, bool, error) {
	w.ask("history %s %s", branch, path)
	var texts []github.FileText
	for i, text := range w.history {
		texts = append(texts, github.FileText{Commit: fmt.Sprintf("c%d", i), Text: text})
	}
	return texts, w.whole, nil
}

func (w *world) OpenPullSnapshots(context.Context, github.Repo, string) ([]github.PullSnapshot, error) {
	seen := []github.PullSnapshot{{PullRequest: w.pr}}
	for _, pr := range w.same {
		seen = append(seen, github.PullSnapshot{PullRequest: pr})
	}
	return seen, nil
}

func (w *world) DefaultBranch(context.Context, github.Repo) (release.Branch, error) {
	return "master", nil
}

func (w *world) BranchHead(_ context.Context, _ github.Repo, b release.Branch) (string, error) {
	return w.heads[string(b)], nil
}

func (w *world) BotID(context.Context, github.Repo) (int64, error) { return 3, nil }

func (w *world) RepoID(context.Context, github.Repo) (int64, error) { return 9, nil }

func (w *world) RecentRepos(_ context.Context, r github.Repo) ([]github.Repo, error) { return nil, nil }
func (w *world) VersionTags(context.Context, github.Repo, []string) ([]string, error) {
	return w.tags, nil
}

func (w *world) PullsFrom(_ context.Context, _ github.Repo, head release.Branch) ([]github.PullDetail, error) {
	return w.from[string(head)], nil
}

func (w *world) Reviews(context.Context, github.Repo, int) ([]github.Review, error) {
	return w.reviews, nil
}

func (w *world) PullHistory(context.Context, github.Repo, int) (github.PullHistory, error) {
	return w.past, nil
}

func (*world) Called(_ context.Context, named, _ github.Repo) (github.Repo, error) {
	return named, nil
}

func (*world) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

func (w *world) handler() *Handler {
	return &Handler{GitHub: w, From: w.sources(), Sealer: w.sealer, Now: w.now}
}

func (w *world) sources() *facts.Sources {
	return &facts.Sources{GitHub: w, Policies: w, Seen: w, Events: w, Owned: facts.Owned{
		Trapped:  func(*facts.Look) (bool, error) { return len(w.set) > 0, nil },
		Traps:    func(*facts.Look, release.Branch) ([]release.StepTrap, error) { return w.set, nil },
		Blockers: func(*facts.Look, release.Version) (facts.BlockerList, error) { return w.blockers, nil },
		BlockersHere: func(l *facts.Look, label string) (bool, error) {
			return label != "size/L" && w.home != github.Repo{} && (l.Repo == w.home || l.Repo == w.listed), nil
		},
		Home:       func(*facts.Look) (github.Repo, error) { return w.home, nil },
		PartOf:     func(*facts.Look, github.Repo) (bool, error) { return true, nil },
		TrapPlaces: func(*facts.Look) (map[github.Repo][]release.Branch, error) { return w.places, nil },
		UnderWay:   func(*facts.Look) ([]release.Tracking, error) { return nil, nil },
		Manages: func(_ *facts.Look, r facts.Role) (reconcile.RoleDecision, error) {
			return reconcile.RoleDecision{Teams: []string{"release-managers-1-31"}, Holds: slices.Contains(w.managers, r.Who.ID)}, nil
		},
	}}
}

// plan is what comes of a key, of the check's or beside it.
func (w *world) plan(repo github.Repo, id string) (reconcile.Plan, error) {
	h := w.handler()
	set := gate.Set{Now: w.now, Gates: []gate.One{gate.Of(h.Check())}, From: h.From}
	return set.Joined(Name, h.Capability()).Plan(w.t.Context(), key(repo, id))
}

func (w *world) look(id string) (check effect.CheckRun, why string, then []string) {
	w.t.Helper()
	p, err := w.plan(builder, id)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(w.asked)
	for _, k := range p.Enqueue {
		then = append(then, k.ID)
	}
	for _, e := range p.Effects {
		check = e.(effect.CheckRun)
	}
	return check, p.Reason, then
}

func TestCheck(t *testing.T) {
	set := func(key, text string) func(*world) { return func(w *world) { w.texts[key] = text } }
	publish := func(text string) func(*world) {
		return func(w *world) {
			w.files.Paths = []string{publishPath}
			w.pr.Title = "publish"
			w.texts[head+" "+publishPath] = text
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*world)
		state  effect.State
		title  string
	}{
		{"next", func(*world) {}, effect.Pass, "Builds 1.31.0-beta.1, after 1.31.0-beta.0"},
		{"untouched", func(w *world) { w.files.Paths = []string{"README.md"} }, effect.Pass, "Starts nothing"},
		{"malformed", set(head+" "+buildPath, "1.31-beta.1\n"), effect.Block, `"1.31-beta.1" is not a version; did you mean 1.31.0-beta.1?`},
		{"on no branch of the policy's", func(w *world) {
			w.policy, w.pr.Base = w.policy+"versions: {branch: \"release-{major}.{minor}\"}\n", "feature"
		}, effect.Block, "1.31.0-beta.1 doesn't belong to feature"},
		{"on the default branch", func(w *world) {
			w.policy, w.pr.Base = w.policy+"versions: {branch: \"release-{major}.{minor}\"}\n", "master"
		}, effect.Pass, "Builds 1.31.0-beta.1, the first version here: look before you merge"},
		{"other files", func(w *world) { w.files.Paths = []string{buildPath, "Makefile"} }, effect.Block, "Other files change too, and whatever is merged with them starts the build"},
		{"deleted", func(w *world) { delete(w.texts, head+" "+buildPath) }, effect.Block, "The file is deleted, which starts a job that finds no version"},
		{"both", func(w *world) {
			w.files.Paths = []string{buildPath, publishPath}
			w.texts[head+" "+publishPath] = "1.31.0-beta.0"
		}, effect.Block,
			"Both trigger files change, so a build and its publish would start at once"},
		{"comment", func(w *world) {
			w.texts[head+" "+buildPath], w.pr.Title = "# again\n1.31.0-beta.0\n", "again"
		}, effect.Pass, "Builds 1.31.0-beta.0 again: look before you merge"},
		{"publish", publish("1.31.0-beta.0\n"), effect.Pass, "Publishes 1.31.0-beta.0, after 1.31.0-alpha.0"},
		{"publish while it is built", func(w *world) {
			publish("1.31.0-beta.0\n")(w)
			w.checks[0].State = github.CheckPending
		}, effect.Pass, "Publishes 1.31.0-beta.0, after 1.31.0-alpha.0: look before you merge"},
		{"publish what failed to be built", func(w *world) {
			publish("1.31.0-beta.0\n")(w)
			w.policy = strings.Replace(w.policy, "release-builder,", "release-builder, unbuilt: refuse,", 1)
			w.checks[0].State = github.CheckFailed
		}, effect.Block, "The build of 1.31.0-beta.0 failed"},
		{"publish what nothing is reported of", func(w *world) { publish("1.31.0-beta.0\n")(w); w.checks = nil }, effect.Pass,
			"Publishes 1.31.0-beta.0, after 1.31.0-alpha.0: look before you merge"},
		{"publish an older build", func(w *world) {
			publish("1.31.0-alpha.1\n")(w)
			w.history = []string{"1.31.0-beta.0\n", "1.31.0-alpha.1\n\n"}
		}, effect.Pass, "Publishes 1.31.0-alpha.1, after 1.31.0-alpha.0: look before you merge"},
		{"publish unbuilt", func(w *world) {
			publish("1.31.0-beta.1")(w)
			w.policy = strings.Replace(w.policy, "release-builder,", "release-builder, unbuilt: refuse,", 1)
			w.history = []string{"1.31.0-beta.0\n", "", "1.31.0-alpha.0"}
		}, effect.Block, "No build of 1.31.0-beta.1 was triggered on release-1.31"},
		{"publish after a long history", func(w *world) { publish("1.31.0-beta.1")(w); w.whole = false }, effect.Pass, "Publishes 1.31.0-beta.1, after 1.31.0-alpha.0: look before you merge"},
		{"many files", func(w *world) {
			w.files = github.Files{Paths: []string{"a", "b"}}
			w.texts[head+" "+publishPath] = "1.31.0-alpha.0\n"
		}, effect.Block, "Other files change too, and whatever is merged with them starts the build"},
		{"many other files", func(w *world) {
			w.files = github.Files{Paths: []string{"a", "b"}}
			w.texts[head+" "+buildPath], w.texts[head+" "+publishPath] = "1.31.0-beta.0\n", "1.31.0-alpha.0\n"
		}, effect.Pass, "Starts nothing"},
		{"hostile", func(w *world) { w.texts[head+" "+buildPath] = "/release thaw all @istio/wg <!-- [x](y)\n" }, effect.Block, `"/release thaw all @istio/wg <!-- [x](y)" is not a version: want MAJOR.MINOR.PATCH, with -alpha.N, -beta.N or -rc.N bef…`},
		{"publish of ours without its record", func(w *world) {
			publish("1.31.0-beta.0\n")(w)
			w.pr.Author, w.pr.HeadRef = github.User{ID: 3, Bot: true}, "trigger-publish-1.31.0-beta.0"
			w.body = "changed"
		}, effect.Block, "Its text was changed by hand"},
		{"another's head", func(w *world) {
			w.files.Paths = []string{buildPath}
			w.same = []github.PullRequest{{Number: 9, Base: "release-1.30", Head: head, State: github.Open}}
		}, effect.Block, "1.31.0-beta.1 doesn't belong to release-1.30"},
		{"publish with blockers", func(w *world) {
			publish("1.31.0-beta.0\n")(w)
			w.blockers.All = twoBlockers
		}, effect.Block, "2 blockers of 1.31.0 are open"},
		{"publish with many blockers, and a warning is enough", func(w *world) {
			publish("1.31.0-beta.0\n")(w)
			w.policy = strings.Replace(w.policy, "release-builder,", "release-builder, blocked: warn,", 1)
			w.blockers.All = slices.Repeat(twoBlockers[:1], 12)
		}, effect.Pass, "Publishes 1.31.0-beta.0, after 1.31.0-alpha.0: look before you merge"},
		{"publish with unknown blockers", func(w *world) { publish("1.31.0-beta.0\n")(w); w.blockers.Unknown = true }, effect.Block,
			"Whether a blocker of 1.31.0 is open is unknown, because they couldn't be counted"},
		{"build with blockers", func(w *world) { w.blockers.All = twoBlockers[:1] }, effect.Pass, "Builds 1.31.0-beta.1, after 1.31.0-beta.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			tc.change(w)
			check, _, _ := w.look("pr/7")
			if check.Verdict.State != tc.state || check.Verdict.Title != tc.title {
				t.Errorf("%s: %q\nwant %s: %q", check.Verdict.State, check.Verdict.Title, tc.state, tc.title)
			}
			golden.Check(t, tc.name+".md", fmt.Sprintf("%s: %s\n\n%s\n", check.Verdict.State, check.Verdict.Title, check.Verdict.Detail))
		})
	}
}

func TestTraps(t *testing.T) {
	const traps = "branches: [release-*]\nrelease:\n  traps: [{repository: release-builder, branch: release-*, title: '(?i)update build-tools image', say: \"Close it, @team. <b>\"}]\n"
	for _, tc := range []struct {
		name, policy, title string
		base                release.Branch
		state               effect.State
		comments            int
		ifPresent           bool
	}{
		{"a trap", traps, "Automator: Update build-tools image@release-1.31", "release-1.31", effect.Block, 1, false},
		{"another branch", traps, "Automator: update build-tools image", "master", effect.Pass, 0, true},
		{"another title", traps, "Fix", "release-1.31", effect.Pass, 0, true},
		{"beside triggers", traps + "  triggers: {repository: release-builder}\n", "Fix", "release-1.31", effect.Pass, 0, false},
		{"a trap beside triggers", traps + "  triggers: {repository: release-builder}\n", "update build-tools image", "release-1.31", effect.Block, 1, false},
	} {
		w := newWorld(t)
		w.policy, w.pr.Title, w.pr.Base = tc.policy, tc.title, tc.base
		w.files.Paths = []string{"x"}
		p, err := w.plan(builder, "pr/7")
		if err != nil {
			t.Fatal(err)
		}
		check := p.Effects[0].(effect.CheckRun)
		if check.Verdict.State != tc.state || check.IfPresent != tc.ifPresent || len(p.Effects) != 2 || p.Effects[1].(effect.Comment).IfPresent != (tc.comments == 0) {
			t.Errorf("%s: %+v", tc.name, p)
		}
		if tc.name == "a trap" {
			golden.Check(t, "trap.md", check.Verdict.Detail+"\n\n"+p.Effects[1].(effect.Comment).Body+"\n")
		}
	}
}

// TestLeavesEarly: what doesn't matter costs no request.
func TestLeavesEarly(t *testing.T) {
	for _, tc := range []struct{ name, policy, id, want string }{
		{"no policy for triggers", "branches: [release-*]\n", "pr/7", "pull"},
		{"another repository", "branches: [release-*]\nrelease: {triggers: {repository: istio}}\n", "pr/7", "pull"},
		{"a report elsewhere", "branches: [release-*]\nrelease: {triggers: {repository: istio}}\n", "reported", ""},
		{"a broken policy", "branches: [\n", "reported", ""},
		{"a build", "", "pr/7", "file aaaaaaaaaaaa release/trigger-build,file release-1.31 release/trigger-build,file release-1.31 release/trigger-publish,files,pull"},
	} {
		w := newWorld(t)
		if tc.policy != "" {
			w.policy = tc.policy
		}
		w.look(tc.id)
		if got := strings.Join(w.asked, ","); got != tc.want {
			t.Errorf("%s: asks %s\nwant %s", tc.name, got, tc.want)
		}
	}
	w := newWorld(t)
	w.files.Paths, w.texts[head+" "+publishPath] = []string{publishPath}, "1.31-beta\n"
	if w.look("pr/7"); strings.Contains(strings.Join(w.asked, ","), "history") {
		t.Errorf("a publish that nobody can read: %s", w.asked)
	}
	w = newWorld(t)
	w.files.Paths = []string{"README.md"}
	if w.look("pr/7"); strings.Join(w.asked, ",") != "files,pull" {
		t.Errorf("an ordinary pull request: %s", w.asked)
	}
}

func TestSpread(t *testing.T) {
	w := newWorld(t)
	w.same = []github.PullRequest{{Number: 8, Base: "release-1.31", Head: "b", State: github.Open}}
	for id, want := range map[string]string{"all": "pr/7 pr/8", "prs": "all", "branch/release-1.31": "pr/7 pr/8", "commit/" + head: "rerun/7"} {
		if _, _, then := w.look(id); strings.Join(then, " ") != want {
			t.Errorf("%s: %s, want %s", id, then, want)
		}
	}
	w.pr.State = github.Closed
	w.same = nil
	if check, why, _ := w.look("pr/7"); check.Name != "" || why != "#7 is closed" {
		t.Errorf("%+v, %s", check, why)
	}
}

func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	h := &Handler{}
	gates := gate.Set{Gates: []gate.One{gate.Of(h.Check())}}
	for _, tc := range []struct {
		name string
		e    github.Event
		want string
	}{
		{"opened", github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, "pr/7"},
		{"its title edited", github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, "pr/7"},
		{"assigned", github.Event{Kind: "pull_request", Action: "assigned", PullRequest: pr}, ""},
		{"a label", github.Event{Kind: "pull_request", Action: "labeled", Label: "size/L", PullRequest: pr}, "pr/7 labelled/size%2FL"},
		{"closed with a label", github.Event{Kind: "pull_request", Action: "closed", PullRequest: &github.PullRequest{Number: 7, Labels: []string{"x"}}}, "pr/7 labelled/x"},
		{"closed without any", github.Event{Kind: "pull_request", Action: "closed", PullRequest: pr}, "pr/7"},
		{"a push", github.Event{Kind: "push", Push: &github.Push{Branch: "release-1.31"}}, "reported"},
		{"a new branch", github.Event{Kind: "push", Push: &github.Push{Branch: "x", Created: true}}, ""},
		{"a tag", github.Event{Kind: "push", Push: &github.Push{}}, "tagged"},
		{"the policy", github.Event{Kind: "push", Push: &github.Push{Branch: "master", TouchesPolicy: true}}, "all reported"},
		{"run again", github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7"}, "rerun/7"},
		{"another's run again", github.Event{Kind: "check_run", Action: "rerequested", CheckName: "slipway/freeze", ExternalID: "pr/7"}, ""},
		{"all run again", github.Event{Kind: "check_suite", Action: "rerequested", Commit: head}, "commit/" + head},
		{"a review", github.Event{Kind: "pull_request_review", Action: "submitted", PullRequest: pr}, "pr/7"},
		{"a blocker", github.Event{Kind: "issues", Action: "labeled", Issue: &github.Issue{Number: 3}}, "blockers"},
		{"a pull request as an issue", github.Event{Kind: "issues", Action: "labeled", Issue: &github.Issue{Number: 3, IsPullRequest: true}}, ""},
		{"an issue's text", github.Event{Kind: "issues", Action: "edited", Issue: &github.Issue{Number: 3}}, ""},
		{"a tracking issue", github.Event{Kind: "issues", Action: "opened", Issue: ours("")}, "steps blockers"},
		{"a tracking issue, opened again", github.Event{Kind: "issues", Action: "reopened", Issue: ours("")}, "steps versions/9 blockers"},
		{"a step that is settled", github.Event{Kind: "issues", Action: "edited", Issue: ours("<!-- 2 -->\n- [x] a"), OldBody: text("<!-- 1 -->\n- [x] a")}, "steps"},
		{"a tick that nobody has judged", github.Event{Kind: "issues", Action: "edited", Issue: ours("<!-- 1 -->\r\n- [x] a"), OldBody: text("<!-- 1 -->\n- [ ] a")}, ""},
		{"a queue", github.Event{Kind: "merge_group", Action: "checks_requested", Group: &queued}, "group/" + queued.ID()},
		{"a status", github.Event{Kind: "status", Commit: head, Branches: []release.Branch{"release-1.31"}}, "reported"},
		{"a status of a fork's commit", github.Event{Kind: "status", Commit: head}, ""},
		{"a run", github.Event{Kind: "check_run", Action: "completed", CheckName: "build", Branches: []release.Branch{"master"}}, "reported"},
		{"our own run", github.Event{Kind: "check_run", Action: "completed", CheckName: "build", Branches: []release.Branch{"master"}, Own: true}, ""},
		{"a run of a fork's commit", github.Event{Kind: "check_run", Action: "completed", CheckName: "build"}, ""},
		{"ours run again, on a branch", github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7", Branches: []release.Branch{"x"}}, "rerun/7"},
		{"a release", github.Event{Kind: "release", Action: "published"}, "tagged"},
		{"a new tag", github.Event{Kind: "push", Push: &github.Push{Created: true}}, "tagged"},
	} {
		tc.e.Repo = builder
		var got []string
		for _, k := range slices.Concat(gates.Capability().Keys(tc.e), gates.Joined(Name, h.Capability()).Keys(tc.e)) {
			got = append(got, k.ID)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestWhatWakesAPublish: it rests on its build, on its branch, and on no push elsewhere.
func TestWhatWakesAPublish(t *testing.T) {
	w := newWorld(t)
	w.files.Paths, w.texts[head+" "+publishPath] = []string{publishPath}, "1.31.0-beta.0\n"
	p, err := w.plan(builder, "pr/7")
	if err != nil {
		t.Fatal(err)
	}
	var rests []string
	for _, r := range p.Dependencies {
		rests = append(rests, r.Fact)
	}
	want := []string{"istio/release-builder triggers/release-1.31", "istio/release-builder statuses/c0"}
	if !slices.Equal(rests, want) {
		t.Errorf("rests on %q, want %q", rests, want)
	}
	needs := gate.Of(w.handler().Check()).Needs
	for i, e := range []github.Event{
		{Kind: "push", Push: &github.Push{Branch: "release-1.31"}},
		{Kind: "status", Commit: "c0", Branches: []release.Branch{"release-1.31"}},
		{Kind: "check_run", Action: "completed", Commit: "c0", Branches: []release.Branch{"release-1.31"}},
	} {
		e.Repo = builder
		if got := facts.Stale(e, needs...); !slices.Contains(got, want[min(i, 1)]) {
			t.Errorf("%s makes %q stale", e.Kind, got)
		}
	}
	for _, e := range []github.Event{
		{Kind: "status", Commit: "c0"},
		{Kind: "check_run", Action: "completed", Commit: "c0", Branches: []release.Branch{"release-1.31"}, Own: true},
		{Kind: "check_run", Action: "rerequested", Commit: "c0", Branches: []release.Branch{"release-1.31"}},
		{Kind: "push", Push: &github.Push{}},
	} {
		e.Repo = builder
		if got := facts.Stale(e, needs...); slices.Contains(got, want[0]) || slices.Contains(got, want[1]) {
			t.Errorf("%+v makes %q stale", e, got)
		}
	}
}
