package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file holds the ways in which somebody might approve what they made themselves.

const (
	leakFile = "pilot/leak.go" // erin's and frank's area
	leakText = "package pilot\n\n// Leak is mended.\nfunc Leak() { mended() }\n"
	evilFile = "pilot/evil.go"
	evilText = "package pilot\n\n// Evil was looked at by nobody else.\nfunc Evil() { evil() }\n"
)

// losing tells a story with nothing lost, and with webhooks or the database lost in between:
// `make test` with the one of them or the other, by the story's name, and `make test-long` with each.
type losing struct {
	*world
	what string
}

func eachLoss(t *testing.T, section string, story func(w losing)) {
	t.Parallel()
	what := []string{"nothing", "a webhook", "the database"}
	if os.Getenv("SLIPWAY_TEST_LONG") == "" {
		spared := 1 + len(t.Name())%2
		what = slices.Delete(what, spared, spared+1)
	}
	for _, what := range what {
		t.Run(what+" is lost", func(t *testing.T) {
			w := gateWorld(t, section)
			w.do(w.gh.AddTeamMember("istio", "wg-networking", "frank", "active"))
			w.settle()
			story(losing{w, what})
		})
	}
}

// unheard does something whose webhooks may be lost.
func (w losing) unheard(act func()) {
	w.t.Helper()
	if w.what == "a webhook" {
		w.gh.FaultHooks(sandbox.HookFault{Drop: true})
		defer w.gh.ClearHookFaults()
	}
	act()
	w.settle()
}

// between is when the database may be lost.
func (w losing) between() {
	w.t.Helper()
	if w.what == "the database" {
		w.stop()
		w.newDatabase()
		w.start()
	}
	w.resync()
}

// resync has everything looked at anew, as each hour.
func (w *world) resync() {
	w.t.Helper()
	w.do(w.program.queue.Enqueue(w.t.Context(), reconcile.ResyncAllKey()))
	w.settle()
}

// unlinked is an author whom GitHub links to no account.
const unlinked = "E. Rin <erin@home.example>"

// gitAs runs git in somebody's name, by an address that may be anybody's.
func (w *world) gitAs(author, dir string, args ...string) {
	w.t.Helper()
	name, address, _ := strings.Cut(strings.TrimSuffix(author, ">"), " <")
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME="+name, "GIT_AUTHOR_EMAIL="+address, "GIT_COMMITTER_NAME="+name, "GIT_COMMITTER_EMAIL="+address)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

// pushUnlinked pushes a commit to a branch as somebody, by an author whom GitHub links
// to no account.
func (w *world) pushUnlinked(login, branch, file, text string) {
	w.t.Helper()
	w.pushNamed(login, unlinked, demoRepo, branch, file, text)
	w.settle()
}

// pushNamed pushes a commit to a branch as somebody, by an author whom they choose.
func (w *world) pushNamed(login, author, repo, branch, file, text string) {
	w.t.Helper()
	dir := w.cloneAs(login, author, repo, branch)
	w.do(os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
	w.do(os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
	w.gitAs(author, dir, "add", "--all")
	w.gitAs(author, dir, "commit", "-q", "-m", "One thing more")
	w.gitAs(author, dir, "push", "-q", "origin", "HEAD:"+branch)
}

// cloneAs has somebody clone a branch, and returns where.
func (w *world) cloneAs(login, author, repo, branch string) string {
	w.t.Helper()
	u, err := url.Parse(w.gh.URL() + "/" + repo + ".git")
	w.do(err)
	u.User = url.UserPassword("x", w.gh.As(login).Token())
	dir := filepath.Join(w.t.TempDir(), "clone")
	w.gitAs(author, "", "clone", "-q", "-b", branch, u.String(), dir)
	return dir
}

// byHand opens a pull request against a release branch that is no pick.
func (w *world) byHand(login, base, head string) int {
	w.t.Helper()
	pr, err := w.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{Base: base, Head: head, Title: "By hand", Files: map[string]string{leakFile: leakText}})
	w.do(err)
	w.settle()
	return pr.Number
}

const expertsAlways = "  hand_made: {experts_over: 0}\n"

const (
	waitsForErin = "Waits for the experts of wg-networking"
	byHandPasses = "No cherry-pick, approved"
)

// moveBase has somebody else change a branch.
func (w *world) moveBase(branch, file string) {
	w.t.Helper()
	w.do2(w.gh.As("alice").Push(demoRepo, branch, map[string]string{file: "package b\n"}, "Another change"))
	w.settle()
}

// TestApprovesHerOwnPush: erin, an expert, pushes a commit to bob's pull request whose
// author GitHub links to no account, approves it, and merges the branch into it on GitHub.
func TestApprovesHerOwnPush(t *testing.T) {
	eachLoss(t, expertsAlways, func(w losing) {
		n := w.byHand("bob", demoBranch, "fix")
		w.unheard(func() { w.pushUnlinked("erin", "fix", evilFile, evilText) })
		w.unheard(func() { w.review("erin", n, "APPROVE") })
		w.between()
		w.wantGate(n, "failure", waitsForErin, "`erin` pushed to it")
		w.moveBase(demoBranch, "pilot/b.go")
		w.do(w.gh.As("erin").UpdateBranch(demoRepo, n))
		w.settle()
		w.between()
		w.wantGate(n, "failure", waitsForErin, "`erin` pushed to it")
		w.again()
		w.review("frank", n, "APPROVE")
		w.wantGate(n, "success", byHandPasses, "Approved by `frank`")
		w.again()
	})
}

// TestApprovesWhatWasRewritten: bob puts erin's commit into one of his own.
func TestApprovesWhatWasRewritten(t *testing.T) {
	eachLoss(t, expertsAlways, func(w losing) {
		n := w.byHand("bob", demoBranch, "fix")
		w.unheard(func() { w.pushUnlinked("erin", "fix", evilFile, evilText) })
		w.do2(w.gh.As("bob").ForcePush(demoRepo, "fix", map[string]string{evilFile: evilText + "\n"}, "All of it"))
		w.settle()
		w.between()
		w.review("erin", n, "APPROVE")
		w.wantGate(n, "failure", waitsForErin, "`erin` pushed to it")
		w.between()
		w.wantGate(n, "failure", waitsForErin, "`erin` pushed to it")
		w.again()
	})
}

// TestApprovesWhatOthersOpened: erin pushes a branch, and has bob open a pull request
// from it.
func TestApprovesWhatOthersOpened(t *testing.T) {
	eachLoss(t, expertsAlways, func(w losing) {
		w.do(w.gh.As("bob").CreateBranch(demoRepo, "fix", demoBranch))
		w.pushUnlinked("erin", "fix", evilFile, evilText)
		n := 0
		w.unheard(func() { n = w.openPR("bob", demoBranch, "fix") })
		w.between()
		w.review("erin", n, "APPROVE")
		w.wantGate(n, "failure", waitsForErin, "`erin` pushed to it")
		w.review("frank", n, "APPROVE")
		w.wantGate(n, "success", byHandPasses, "Approved by `frank`")
		w.again()
	})
}

// TestApprovesThroughAnotherBranch: erin pushes a branch, bob makes another one from it, and
// opens the pull request from that. Nobody knows who made what GitHub links to no account.
func TestApprovesThroughAnotherBranch(t *testing.T) {
	eachLoss(t, expertsAlways, func(w losing) {
		w.do(w.gh.As("bob").CreateBranch(demoRepo, "erins", demoBranch))
		w.pushUnlinked("erin", "erins", evilFile, evilText)
		w.do(w.gh.As("bob").CreateBranch(demoRepo, "fix", "erins"))
		n := 0
		w.unheard(func() { n = w.openPR("bob", demoBranch, "fix") })
		w.between()
		w.review("erin", n, "APPROVE")
		w.wantGate(n, "failure", waitsForErin, "1 of 2 approvals are there", "to no account, and it was there before `fix` was")
		w.review("frank", n, "APPROVE")
		w.wantGate(n, "success", byHandPasses, "Approved by `erin`")
		w.again()
	})
}

// TestUpdateIsNobodysPush: erin has approved, and merges the branch into it on GitHub.
// Where git alone doesn't know it, GitHub's list of moves does.
func TestUpdateIsNobodysPush(t *testing.T) {
	eachLoss(t, expertsAlways, func(w losing) {
		for _, branch := range []string{demoBranch, "release-1.31"} {
			if branch != demoBranch { // freshly cut
				w.do(w.gh.As("alice").CreateBranch(demoRepo, branch, "master"))
				w.settle()
			}
			n := w.byHand("bob", branch, "fix-"+branch)
			w.review("erin", n, "APPROVE")
			w.wantGate(n, "success", byHandPasses)
			w.moveBase(branch, "pilot/b.go")
			w.unheard(func() { w.do(w.gh.As("erin").UpdateBranch(demoRepo, n)) })
			w.between()
			w.wantGate(n, "success", byHandPasses, "Approved by `erin`")
			w.moveBase(branch, "pilot/c.go")
			w.unheard(func() { w.do(w.gh.As("erin").UpdateBranch(demoRepo, n)) })
			w.between()
			w.wantGate(n, "success", byHandPasses, "Approved by `erin`")
			w.again()
		}
	})
}

// TestNobodyKnowsWhoPushed: a fork that GitHub doesn't show, and a database that was
// lost. Whoever approves may have pushed, so one more has to.
func TestNobodyKnowsWhoPushed(t *testing.T) {
	eachLoss(t, expertsAlways, func(w losing) {
		pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "fix", Fork: true, Files: map[string]string{leakFile: leakText}})
		w.do(err)
		w.settle()
		n := pr.Number
		w.gh.Fault(sandbox.Fault{Method: http.MethodGet, Path: regexp.MustCompile("^/api/v3/repos/bob/istio/activity|^/repos/bob/istio/activity"), Status: http.StatusNotFound})
		w.unheard(func() { w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{evilFile: evilText}, "More")) })
		w.between()
		w.review("erin", n, "APPROVE")
		if w.what == "nothing" { // the signed payloads tell of all that was pushed
			w.wantGate(n, "success", byHandPasses)
			return
		}
		w.wantGate(n, "failure", waitsForErin, "1 of 2 approvals are there", "GitHub doesn't show who pushed to `fix` of `bob/istio`")
		w.review("frank", n, "APPROVE")
		w.wantGate(n, "success", byHandPasses, "Approved by `erin`", "`frank`")
		w.again()
	})
}

// TestUpdateOfWhatIsOld: the branch is cut long after the change began, and holds nothing
// of its own yet: where the two met is far back.
func TestUpdateOfWhatIsOld(t *testing.T) {
	w := gateWorld(t, expertsAlways)
	w.do(w.gh.As("bob").CreateBranch(demoRepo, "fix", "master"))
	w.do2(w.gh.As("bob").Push(demoRepo, "fix", map[string]string{leakFile: leakText}, "By hand"))
	w.clock.advance(200 * 24 * time.Hour)
	w.settle()
	w.moveBase("master", "pilot/b.go")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.settle()
	w.stop() // so that git has seen nothing of it
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "release-1.31", Head: "fix"})
	w.do(err)
	w.do(w.gh.As("erin").UpdateBranch(demoRepo, pr.Number))
	w.start()
	w.review("erin", pr.Number, "APPROVE")
	w.wantGate(pr.Number, "success", byHandPasses, "Approved by `erin`")
	w.again()
}

// sourcePick asks for a pick onto the release branch and returns its number: clean, and ready.
func (w *world) sourcePick(login string, source int) int {
	w.t.Helper()
	w.says(login, source, "/cherry-pick "+demoBranch)
	pick := w.onePick(source, demoBranch)
	if pick.Draft || pick.State != "open" {
		w.t.Fatalf("no clean pick: %+v\n%s", pick, w.log)
	}
	return pick.Number
}

// TestSourceSelfApproval: erin pushes a commit of an unlinked author to what is to be the
// source of a pick, and approves that; also once more as the pick.
func TestSourceSelfApproval(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		control := w.source("control", map[string]string{"pilot/control.go": leakText}, "erin")
		w.wantGate(w.sourcePick("carol", control), "success", "Faithful cherry-pick of #"+itoa(control))

		n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{leakFile: leakText})
		w.unheard(func() { w.pushUnlinked("erin", "leak", evilFile, evilText) })
		w.review("erin", n, "APPROVE")
		w.merge("bob", n, "squash")
		w.do(w.gh.As("bob").DeleteBranch(demoRepo, "leak"))
		w.settle()
		w.between()
		pick := w.sourcePick("carol", n)
		w.wantGate(pick, "failure", waitsForErin, "The approval of #"+itoa(n)+" by `erin` doesn't count: `erin` pushed to it")
		w.unheard(func() { w.review("erin", pick, "APPROVE") })
		w.between()
		w.wantGate(pick, "failure", waitsForErin, "`erin` pushed to #"+itoa(n)+", from which this is picked")
		w.again()
		w.unheard(func() { w.review("frank", n, "APPROVE") }) // of what is merged
		w.between()
		w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n), "Rests on the approval of `frank`")
		w.again()
	})
}

// TestSourceApprovedElsewhere: erin approves a pull request while it is against a branch
// that has evil.go already, so that she isn't shown it. Then its base becomes master.
func TestSourceApprovedElsewhere(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		w.do2(w.gh.As("bob").Push(demoRepo, "feature", map[string]string{evilFile: evilText}, "Evil"))
		pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "feature", Head: "leak", Title: "Fix a leak", Files: map[string]string{leakFile: leakText}})
		w.do(err)
		w.settle()
		w.review("erin", pr.Number, "APPROVE")
		w.unheard(func() { w.do(w.gh.As("bob").EditBase(demoRepo, pr.Number, "master")) })
		w.merge("bob", pr.Number, "squash")
		w.between()
		pick := w.sourcePick("carol", pr.Number)
		w.wantGate(pick, "failure", waitsForErin, "`erin` approved it while it was against another branch")
		w.between()
		w.wantGate(pick, "failure", waitsForErin)
		w.again()
	})
}

// TestSourceObjection: an objection to the source, which nobody has lifted, holds its pick
// back, as one to the pick itself does.
func TestSourceObjection(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{leakFile: leakText})
		var id int64
		w.unheard(func() { id = w.review("frank", n, "REQUEST_CHANGES") })
		w.review("erin", n, "APPROVE")
		w.merge("bob", n, "squash")
		w.between()
		pick := w.sourcePick("carol", n)
		w.wantGate(pick, "failure", "Changes of #"+itoa(n)+" were requested by frank")
		w.unheard(func() { w.do(w.gh.As("bob").DismissReview(demoRepo, n, id)) }) // who may push, and no more
		w.between()
		w.wantGate(pick, "failure", "Changes of #"+itoa(n)+" were requested by frank", "`bob` dismissed that")
		w.unheard(func() { w.review("frank", pick, "APPROVE") })
		w.between()
		w.wantGate(pick, "success", "Faithful cherry-pick of #"+itoa(n))
		w.again()
	})
}

// TestSourceMergedByHand: bob merges his approved source with git, puts more into the merge's
// commit, and pushes that. GitHub calls it merged; nobody has approved what it holds.
func TestSourceMergedByHand(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{leakFile: leakText})
		w.review("erin", n, "APPROVE")
		dir := w.cloneAs("bob", unlinked, demoRepo, "master")
		w.gitAs(unlinked, dir, "merge", "-q", "--no-ff", "--no-commit", "origin/leak")
		w.do(os.WriteFile(filepath.Join(dir, "evil.go"), []byte(evilText), 0o644))
		w.gitAs(unlinked, dir, "add", "--all")
		w.gitAs(unlinked, dir, "commit", "-q", "-m", "Merge pull request #"+itoa(n)+" from leak")
		w.unheard(func() { w.gitAs(unlinked, dir, "push", "-q", "origin", "HEAD:master") })
		w.settle()
		w.between()
		pick := w.sourcePick("carol", n)
		w.wantGate(pick, "failure", waitsForErin)
		w.again()
	})
}

// TestSourceApprovedByWhoAsked: erin asks for a pick, so she can't approve it. She can't do
// so by approving its source afterwards, either.
func TestSourceApprovedByWhoAsked(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		control := w.source("control", map[string]string{"pilot/control.go": leakText}, "erin")
		w.wantGate(w.sourcePick("erin", control), "success", "Faithful cherry-pick of #"+itoa(control)) // she had said so before

		n := w.source("leak", map[string]string{leakFile: leakText}, "")
		pick := w.sourcePick("erin", n)
		w.review("erin", pick, "APPROVE")
		w.wantGate(pick, "failure", waitsForErin, "`erin` asked for this cherry-pick")
		w.unheard(func() { w.review("erin", n, "APPROVE") })
		w.between()
		w.wantGate(pick, "failure", waitsForErin, "approved #"+itoa(n)+" only once that was merged")
		w.again()
	})
}

// TestExemptionOutlivesAnUpdate: an exemption and an override hold when GitHub itself
// merges the branch into what they are for, and nothing else comes.
func TestExemptionOutlivesAnUpdate(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		n := w.byHand("bob", demoBranch, "fix")
		w.says("alice", n, "/release override release-branch fine")
		w.says("alice", n, "/release freeze release-1.30")
		w.says("alice", n, "/release exempt the fix")
		w.moveBase(demoBranch, "pilot/b.go")
		w.unheard(func() { w.do(w.gh.As("bob").UpdateBranch(demoRepo, n)) })
		w.between()
		w.wantVerdict(n, "success")
		w.wantGate(n, "success", "Overridden by alice")
		w.moveBase(demoBranch, "pilot/c.go")
		w.unheard(func() { w.do(w.gh.As("bob").UpdateBranch(demoRepo, n)) })
		w.between()
		w.wantVerdict(n, "success")
		w.wantGate(n, "success", "Overridden by alice")
		w.again()
		w.says("alice", n, "/release override revoke release-branch")
		w.wantGate(n, "failure", "Waits for a release manager's approval")
		w.says("alice", n, "/release override release-branch fine")
		w.unheard(func() { w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{evilFile: evilText}, "More")) })
		w.between()
		w.wantVerdict(n, "failure")
		w.wantGate(n, "failure", "Waits for a release manager's approval")
		w.moveBase(demoBranch, "pilot/d.go")
		w.unheard(func() { w.do(w.gh.As("bob").UpdateBranch(demoRepo, n)) })
		w.between()
		w.wantVerdict(n, "failure")
		w.wantGate(n, "failure", "Waits for a release manager's approval")
		w.again()
	})
}

// TestUpdateResolvesNothing: a conflict that leaves no markers isn't resolved by merging
// the branch into the draft on GitHub.
func TestUpdateResolvesNothing(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		n := w.sourcePR("bob", "leak", "Fix a leak", map[string]string{"pilot/gone.go": "package pilot\n\nfunc Gone() {}\n"})
		w.merge("bob", n, "squash")
		m := w.sourcePR("bob", "more", "Fix another", map[string]string{"pilot/gone.go": "package pilot\n\nfunc Gone() { all() }\n"})
		w.merge("bob", m, "squash") // of a file that the branch lacks
		w.says("bob", m, "/cherry-pick release-1.30")
		pick := w.onePick(m, demoBranch)
		w.wantGate(pick.Number, "failure", "The conflict is not resolved")
		w.moveBase(demoBranch, "pilot/b.go")
		w.unheard(func() { w.do(w.gh.As("bob").UpdateBranch(demoRepo, pick.Number)) })
		w.between()
		w.wantGate(pick.Number, "failure", "The conflict is not resolved")
		w.again()
	})
}

// accountOf is the id of an account.
func (w *world) accountOf(login string) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, strings.TrimSuffix(w.gh.API(), "/")+"/users/"+login, nil)
	w.do(err)
	r.Header.Set("Authorization", "Bearer "+w.gh.As(login).Token())
	resp, err := http.DefaultClient.Do(r)
	w.do(err)
	defer resp.Body.Close()
	var user struct{ ID int }
	w.do(json.NewDecoder(resp.Body).Decode(&user))
	return user.ID
}

// TestExceptionOutlivesAnUpdate: what an automation account has pushed stays its own when
// somebody has GitHub merge the branch into it.
func TestExceptionOutlivesAnUpdate(t *testing.T) {
	w := gateWorld(t, "")
	robot, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "bump", Files: map[string]string{"go.sum": "x\n"}})
	w.do(err)
	w.settle()
	account := "[{id: " + itoa(w.accountOf("bob")) + "}]"
	w.policy(gatePolicy + "  automation: [{name: bumps, accounts: " + account + "}]\nfreeze:\n  exceptions: {accounts: " + account + "}\n" +
		"releasenotes:\n  path: releasenotes/notes\n  exempt: {accounts: " + account + "}\n")
	n := robot.Number
	w.says("alice", n, "/release freeze release-1.30")
	for _, login := range []string{"carol", "carol"} {
		w.wantVerdict(n, "success")
		w.wantGate(n, "failure", "Waits for a release manager's approval", "| Automation | ✅ |")
		if run, _ := w.gh.CheckRun(demoRepo, w.gh.PR(demoRepo, n).HeadSHA, "slipway/release-notes"); run.Conclusion != "success" {
			t.Errorf("%s: %s", run.Title, run.Summary)
		}
		w.moveBase(demoBranch, "pilot/"+itoa(w.writes())+".go")
		w.do(w.gh.As(login).UpdateBranch(demoRepo, n))
		w.settle()
		w.again()
	}
	w.wantVerdict(n, "success")
	w.do2(w.gh.As("carol").PushToPR(demoRepo, n, map[string]string{"go.sum": "y\n"}, "More"))
	w.moveBase(demoBranch, "pilot/later.go")
	w.do(w.gh.As("bob").UpdateBranch(demoRepo, n))
	w.settle()
	w.wantVerdict(n, "failure")
	w.wantGate(n, "failure", "Waits for a release manager's approval", "`carol` pushed its newest commit")
	w.again()
}

// TestSecondManagerOfAnException: by policy a release manager can't let her own pull request through
// alone, be it opened or only pushed to by her.
func TestSecondManagerOfAnException(t *testing.T) {
	eachLoss(t, "  second_manager: true\nfreeze:\n  second_manager: true\n  exceptions: {labels: [freeze-exempt]}\n", func(w losing) {
		w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "frank", "active"))
		n := w.byHand("bob", demoBranch, "fix")
		w.unheard(func() { w.do2(w.gh.As("alice").PushToPR(demoRepo, n, map[string]string{evilFile: evilText}, "More")) })
		w.between()
		w.says("frank", n, "/release freeze release-1.30")
		if answer := w.says("alice", n, "/release exempt it is mine"); !strings.Contains(answer, "wants a second release manager") || !strings.Contains(answer, "another of the members of `release-managers-1-30`") {
			t.Errorf("answer: %s", answer)
		}
		w.wantVerdict(n, "failure")
		w.do(w.gh.As("alice").AddLabel(demoRepo, n, "freeze-exempt"))
		w.settle()
		w.between()
		w.wantVerdict(n, "failure")
		w.do(w.gh.As("alice").RemoveLabel(demoRepo, n, "freeze-exempt"))
		w.settle()
		if answer := w.says("alice", n, "/release override release-branch it is mine"); !strings.Contains(answer, "have another member of `release-managers-1-30`") {
			t.Errorf("answer: %s", answer)
		}
		w.wantGate(n, "failure", "Waits for a release manager's approval")
		w.says("frank", n, "/release exempt agreed with alice")
		w.wantVerdict(n, "success")
		w.says("frank", n, "/release override release-branch agreed with alice")
		w.wantGate(n, "success", "Overridden by frank")
		w.again()
	})
}
