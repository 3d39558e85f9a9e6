package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file holds the conversations about picks that GitHub merges by itself.

const autoMergePolicy = basePolicy + "cherrypick: {auto_merge: squash}\n"

// ourChecks are those that the policy asks for on each pull request.
var ourChecks = []string{"slipway/freeze", "slipway/release-branch"}

// autoMergeWorld is one in which picks are merged by GitHub: a branch that requires our checks and
// the test "ci", and a repository that allows auto-merge.
func autoMergeWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.policy(autoMergePolicy)
	w.do(w.gh.AllowAutoMerge(demoRepo, true))
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks, Checks: []string{"ci"}}))
	w.settle()
	return w
}

func (w *world) green(pick int) {
	w.t.Helper()
	w.do(w.gh.As("bob").SetStatus(demoRepo, w.gh.PR(demoRepo, pick).HeadSHA, "ci", "success"))
	w.settle()
}

// wantAuto is who has asked GitHub to merge a pull request, "" for nobody.
func (w *world) wantAuto(n int, by string) {
	w.t.Helper()
	if got := w.gh.PR(demoRepo, n).AutoMergeBy; got != by {
		w.t.Errorf("#%d: GitHub was asked to merge it by %q, want %q\n%s\n%s", n, got, by, w.status(w.sourceOf(n)), w.log)
	}
}

// sourceOf is the source of a pick, by its branch's name.
func (w *world) sourceOf(n int) int {
	w.t.Helper()
	for _, pr := range w.gh.PRs(demoRepo) {
		if strings.HasPrefix(w.gh.PR(demoRepo, n).Head, "cherry-pick-"+itoa(pr.Number)+"-to-") {
			return pr.Number
		}
	}
	w.t.Fatalf("#%d is no pick", n)
	return 0
}

const slipwayBot = "slipway[bot]"

// autoPicked is a source and its pick, which GitHub is to merge.
func (w *world) autoPicked(name string) (source, pick int) {
	w.t.Helper()
	source = w.merged(name, "squash")
	w.says("bob", source, "/cherry-pick release-1.30")
	pick = w.onePick(source, demoBranch).Number
	w.wantAuto(pick, slipwayBot)
	w.wantStatus(source, "#"+itoa(pick)+" is **open**, and GitHub merges it once its required checks are green.")
	return source, pick
}

func TestPickIsMergedByGitHub(t *testing.T) {
	w := autoMergeWorld(t)
	n, pick := w.autoPicked("leak")
	w.again()
	w.green(pick)
	w.wantStatus(n, "**picked**: #"+itoa(pick)+" is merged.")
	if pr := w.gh.PR(demoRepo, pick); pr.MergedBy != slipwayBot {
		t.Errorf("merged by %q", pr.MergedBy)
	}
	w.again()
}

// TestPickOfCommitIsMergedByGitHub: a commit without a pull request is picked the same way.
func TestPickOfCommitIsMergedByGitHub(t *testing.T) {
	w := autoMergeWorld(t)
	commit, err := w.gh.As("alice").Push(demoRepo, "master", map[string]string{"direct.go": "package main\n"}, "Fix it directly")
	w.do(err)
	n, err := w.gh.As("bob").OpenIssue(demoRepo, "It leaks", "")
	w.do(err)
	w.settle()
	w.says("bob", n, "/cherry-pick "+commit+" release-1.30")
	for _, pr := range w.gh.PRs(demoRepo) {
		if pr.Author != slipwayBot {
			continue
		}
		run, _ := w.gh.CheckRun(demoRepo, pr.HeadSHA, "slipway/release-branch")
		if faithful := strings.HasPrefix(run.Title, "Faithful cherry-pick of "); faithful != (pr.AutoMergeBy == slipwayBot) {
			t.Errorf("the check says %q, and GitHub was asked by %q\n%s", run.Title, pr.AutoMergeBy, w.log)
		}
	}
	w.again()
}

// TestPickIsMergedAtOnce: nothing holds the pick back any more when GitHub is to be asked. Then it
// takes no auto-merge, and Slipway merges what it has judged.
func TestPickIsMergedAtOnce(t *testing.T) {
	w := autoMergeWorld(t)
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks}))
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "**picked**: #"+itoa(w.onePick(n, demoBranch).Number)+" is merged.")
	w.again()
}

// TestPickIsNotMergedByItself: each reason has its words and its next step, and once it is gone the pick goes on.
func TestPickIsNotMergedByItself(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(w *world)
		says   []string
		mend   func(w *world, pick int)
	}{
		"one of ours isn't required": {
			func(w *world) {
				w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks[:1], Checks: []string{"ci"}}))
			},
			[]string{"`slipway/release-branch` isn't a required check on `release-1.30`, so GitHub would merge without it. **Next step:** have an administrator require it"},
			func(w *world, _ int) {
				w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks, Checks: []string{"ci"}}))
			},
		},
		"another App's word counts": {
			func(w *world) {
				w.do(w.gh.ProtectBranch(demoRepo, demoBranch, nil))
				_, err := w.gh.AddRuleset(demoRepo, sandbox.Ruleset{Refs: []string{"refs/heads/release-*"}, OtherChecks: ourChecks})
				w.do(err)
			},
			[]string{"`slipway/freeze` isn't a required check on `release-1.30`"},
			func(w *world, _ int) {
				w.do(w.gh.RemoveRulesets(demoRepo))
				_, err := w.gh.AddRuleset(demoRepo, sandbox.Ruleset{Refs: []string{"refs/heads/release-*"}, AppChecks: ourChecks, Checks: []string{"ci"}})
				w.do(err)
			},
		},
		"no auto-merge in the repository": {
			func(w *world) { w.do(w.gh.AllowAutoMerge(demoRepo, false)) },
			[]string{"The repository doesn't allow auto-merge. GitHub says: `Pull request Auto merge is not allowed for this repository`. **Next step:** have an administrator tick *Allow auto-merge*"},
			func(w *world, _ int) { w.do(w.gh.AllowAutoMerge(demoRepo, true)) },
		},
		"another way of merging": {
			func(w *world) { w.do(w.gh.ForbidMethods(demoRepo, "squash")) },
			[]string{"The repository doesn't allow this way of merging. GitHub says: `Merge method squash merging is not allowed on this repository`. **Next step:** have `cherrypick.auto_merge` name one"},
			func(w *world, _ int) { w.do(w.gh.ForbidMethods(demoRepo)) },
		},
		"a freeze": {
			func(w *world) {
				w.says("alice", w.openPR("bob", demoBranch, "fix"), "/release freeze release-1.30 for the release")
			},
			[]string{"It isn't merged by itself, since `release-1.30` is frozen", "**Next step:** none; once merges are possible again, this goes on by itself"},
			func(w *world, pick int) { w.says("alice", pick, "/release thaw release-1.30") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := autoMergeWorld(t)
			tc.before(w)
			n := w.merged("leak", "merge")
			w.says("bob", n, "/cherry-pick release-1.30")
			pick := w.onePick(n, demoBranch).Number
			w.wantAuto(pick, "")
			w.wantStatus(n, append(tc.says, "#"+itoa(pick)+" is **open**.")...)
			w.again()
			tc.mend(w, pick)
			w.clock.advance(2 * resyncEvery)
			w.settle()
			w.wantAuto(pick, slipwayBot)
			w.again()
		})
	}
}

// TestAutoMergeIsTakenBack: what is no longer as it was judged isn't merged by itself.
func TestAutoMergeIsTakenBack(t *testing.T) {
	for name, tc := range map[string]struct {
		act  func(w *world, source, pick int)
		says string
	}{
		"a push": {func(w *world, _, pick int) {
			_, err := w.gh.As("bob").PushToPR(demoRepo, pick, map[string]string{"more.go": "package main\n"}, "More")
			w.do(err)
		}, "It isn't merged by itself, since somebody has pushed to it."},
		"a draft":   {func(w *world, _, pick int) { w.do(w.gh.As("bob").SetDraft(demoRepo, pick, true)) }, "**Next step:** mark it as ready for review."},
		"a freeze":  {func(w *world, _, pick int) { w.says("alice", pick, "/release freeze release-1.30 for the release") }, "since `release-1.30` is frozen"},
		"cancelled": {func(w *world, source, _ int) { w.says("bob", source, "/cherry-pick cancel release-1.30") }, "is **open**."},
		"switched off in the policy": {func(w *world, _, _ int) {
			w.policy(basePolicy)
			w.resync()
		}, "is **open**."},
		"no longer required": {func(w *world, _, _ int) {
			w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{Checks: []string{"ci"}}))
			w.clock.advance(resyncEvery)
		}, "`slipway/freeze` isn't a required check"},
		"the text edited": {func(w *world, _, pick int) { w.do(w.gh.As("bob").EditBody(demoRepo, pick, "Mine.")) }, "somebody has edited what Slipway wrote"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lost := range []bool{false, true} {
				w := autoMergeWorld(t)
				n, pick := w.autoPicked("leak")
				if act := func() { tc.act(w, n, pick) }; lost && name != "a freeze" && name != "cancelled" {
					w.lost(act)
				} else {
					act()
				}
				w.settle()
				w.wantAuto(pick, "")
				w.wantStatus(n, tc.says)
				w.again()
				w.green(pick)
				if w.gh.PR(demoRepo, pick).Merged {
					t.Errorf("it was merged\n%s", w.log)
				}
			}
		})
	}
}
