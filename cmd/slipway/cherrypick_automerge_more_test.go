package main

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestAutoMergeIsPeoples: what somebody asked GitHub for isn't undone, and what they switched off
// isn't switched on again.
func TestAutoMergeIsPeoples(t *testing.T) {
	t.Run("switched on", func(t *testing.T) {
		w := autoMergeWorld(t)
		w.policy(basePolicy)
		n := w.merged("leak", "squash")
		w.says("bob", n, "/cherry-pick release-1.30")
		pick := w.onePick(n, demoBranch).Number
		w.do(w.gh.As("carol").EnableAutoMerge(demoRepo, pick, "merge"))
		w.settle()
		w.policy(autoMergePolicy)
		w.resync()
		w.says("alice", pick, "/release freeze release-1.30 for the release")
		w.wantAuto(pick, "carol")
		w.wantStatus(n, "and GitHub merges it once its required checks are green, as `carol` has asked it to.")
		w.again()
	})
	for _, what := range []string{"nothing", "a webhook", "the database"} {
		t.Run("switched off, and lost is "+what, func(t *testing.T) {
			w := losing{autoMergeWorld(t), what}
			n, pick := w.autoPicked("leak")
			w.unheard(func() { w.do(w.gh.As("carol").DisableAutoMerge(demoRepo, pick)) })
			w.between()
			w.wantAuto(pick, "")
			w.wantStatus(n, "It isn't merged by itself, since `carol` has switched auto-merge off. **Next step:** switch it on there, or merge it by hand.")
			w.green(pick)
			w.says("bob", n, "/cherry-pick release-1.30")
			w.wantAuto(pick, "")
			w.again()
		})
	}
}

// TestAutoMergeOfAnotherBase: somebody who may write changes the base, which GitHub keeps auto-merge through. Its
// checks were judged for the old base, so it is taken back; there again, it goes on.
func TestAutoMergeOfAnotherBase(t *testing.T) {
	w := autoMergeWorld(t)
	n, pick := w.autoPicked("leak")
	w.do(w.gh.As("carol").EditBase(demoRepo, pick, "release-1.29"))
	w.settle()
	w.wantAuto(pick, "")
	w.wantStatus(n, "somebody has changed the base of #"+itoa(pick))
	w.again()
	w.do(w.gh.As("carol").EditBase(demoRepo, pick, demoBranch))
	w.settle()
	w.wantAuto(pick, slipwayBot)
	w.again()
}

// TestAutoMergePastReviews: whoever may pass by the rules is told that nothing holds the merge back. A review that is
// missing does.
func TestAutoMergePastReviews(t *testing.T) {
	w := autoMergeWorld(t)
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks}))
	_, err := w.gh.AddRuleset(demoRepo, sandbox.Ruleset{Refs: []string{"refs/heads/release-*"}, Reviewed: true})
	w.do(err)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch).Number
	if w.gh.PR(demoRepo, pick).Merged {
		t.Error("it was merged without a review")
	}
	w.wantStatus(n, "It isn't merged by itself: GitHub doesn't say that it needs no review any more. **Next step:** merge it by hand, or wait; Slipway looks again within the hour.")
	w.again()
	w.do(w.gh.RemoveRulesets(demoRepo))
	w.clock.advance(2 * resyncEvery)
	w.settle()
	w.wantStatus(n, "**picked**")
	w.again()
}

// TestAutoMergeBeforeItConflicts: the branch changes the same lines. GitHub is asked no more
// before the pick is made anew as a draft, and again once it applies.
func TestAutoMergeBeforeItConflicts(t *testing.T) {
	w := autoMergeWorld(t)
	w.policy(basePolicy + "cherrypick: {auto_merge: squash, rebuild_drafts: true}\n")
	n := w.sourcePR("bob", "leak", "Fix the push", map[string]string{adsFile: "package xds\n\n// Push sends three.\nfunc Push() { three() }\n"})
	w.merge("bob", n, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch).Number
	w.wantAuto(pick, slipwayBot)
	was, _ := w.gh.File(demoRepo, demoBranch, adsFile)
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, "Other"))
	w.wantAuto(pick, "")
	if pr := w.gh.PR(demoRepo, pick); !pr.Draft {
		t.Errorf("%+v", pr)
	}
	w.wantStatus(n, "holds the conflict markers")
	w.again()
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, map[string]string{adsFile: was}, "Not so"))
	w.wantAuto(pick, slipwayBot)
	if pr := w.gh.PR(demoRepo, pick); pr.Draft {
		t.Errorf("%+v", pr)
	}
	w.again()
	w.green(pick)
	w.wantStatus(n, "**picked**")
	w.again()
}

// TestAutoMergeAndQueue: with a merge queue GitHub puts the pick into the queue, and whoever takes it out is heard.
func TestAutoMergeAndQueue(t *testing.T) {
	w := autoMergeWorld(t)
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, nil))
	_, err := w.gh.AddRuleset(demoRepo, sandbox.Ruleset{Refs: []string{"refs/heads/release-*"}, AppChecks: ourChecks, Checks: []string{"ci"}, Queue: true})
	w.do(err)
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch).Number
	w.wantAuto(pick, slipwayBot)
	w.wantStatus(n, "and GitHub puts it into the merge queue once its required checks are green.")
	w.again()
	w.green(pick)
	w.wantStatus(n, "#"+itoa(pick)+" is **open**, and in the merge queue.")
	w.again()
	w.do(w.gh.As("carol").Dequeue(demoRepo, pick))
	w.settle()
	w.wantStatus(n, "It isn't merged by itself, since `carol` has taken it out of the merge queue. **Next step:** put it there again.")
	w.again()
}

// TestAutoMergeUnstable: all required checks are green and another one is red, and then GitHub takes no
// auto-merge. Slipway leaves it to people whether that one matters.
func TestAutoMergeUnstable(t *testing.T) {
	w := autoMergeWorld(t)
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks[:1]}))
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	w.do(w.gh.As("bob").SetStatus(demoRepo, pick.HeadSHA, "lint", "failure"))
	w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks}))
	w.clock.advance(2 * resyncEvery)
	w.settle()
	w.wantAuto(pick.Number, "")
	w.wantStatus(n, "Its required checks are green and others are not, and then GitHub takes no auto-merge. GitHub says: `Pull request Pull request is in unstable status`. **Next step:** merge it as it is;")
	w.again()
	w.do(w.gh.As("bob").SetStatus(demoRepo, pick.HeadSHA, "lint", "success"))
	w.clock.advance(2 * resyncEvery)
	w.settle()
	w.wantStatus(n, "**picked**")
	w.again()
}

// TestAutoMergeInWords: GitHub says that nothing holds the merge back, which is what it says to whoever may pass by
// the rules, too. What isn't seen to be green isn't merged.
func TestAutoMergeInWords(t *testing.T) {
	w := autoMergeWorld(t)
	w.gh.Fault(sandbox.Fault{Match: isMutation("enablePullRequestAutoMerge"), Times: 1, Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"data":{"enablePullRequestAutoMerge":null},"errors":[{"type":"UNPROCESSABLE","path":["enablePullRequestAutoMerge"],"message":"Pull request Pull request is in clean status"}]}`})
	n := w.merged("leak", "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch).Number
	w.wantStatus(n, "#"+itoa(pick)+" is **open**. It isn't merged by itself: ci isn't seen to be green. **Next step:** merge it by hand, or wait; Slipway looks again within the hour.")
	w.again()
	w.clock.advance(2 * resyncEvery)
	w.settle()
	w.wantAuto(pick, slipwayBot)
	w.again()
}

// TestAutoMergeDoubted: what the check of release branches holds back by now isn't merged by itself,
// though an override lets it through.
func TestAutoMergeDoubted(t *testing.T) {
	w := autoMergeWorld(t)
	n, pick := w.autoPicked("leak")
	w.do2ID(w.gh.As("alice").Review(demoRepo, pick, "REQUEST_CHANGES", "No."))
	w.wantAuto(pick, "")
	w.wantStatus(n, "It isn't merged by itself, since the check `slipway/release-branch` says: ")
	w.again()
	w.do2ID(w.gh.As("alice").Review(demoRepo, pick, "APPROVE", ""))
	w.wantAuto(pick, slipwayBot)
	w.again()
}

func (w *world) do2ID(_ int64, err error) {
	w.t.Helper()
	w.do(err)
	w.settle()
}

// TestAutoMergeAndDeaths: the program dies before or after each of the writes that are about merging a
// pick, with its database or without.
func TestAutoMergeAndDeaths(t *testing.T) {
	for name, f := range map[string]sandbox.Fault{
		"before GitHub is asked":      {Path: regexp.MustCompile("graphql$"), Drop: true},
		"once it was":                 {Path: regexp.MustCompile("graphql$"), DropResponseAfterEffect: true},
		"before it is told":           {Method: http.MethodPatch, Path: regexp.MustCompile("/issues/comments/"), Drop: true, Skip: 1},
		"before the merge":            {Method: http.MethodPut, Path: regexp.MustCompile("/merge$"), Drop: true},
		"once it is merged":           {Method: http.MethodPut, Path: regexp.MustCompile("/merge$"), DropResponseAfterEffect: true},
		"before the branch's end":     {Match: isMutation("updateRefs"), Drop: true},
		"once the branch was deleted": {Match: isMutation("updateRefs"), DropResponseAfterEffect: true},
	} {
		for what, database := range map[string]bool{"": true, ", and loses its database": false} {
			t.Run(name+what, func(t *testing.T) {
				w := autoMergeWorld(t)
				w.policy(basePolicy + "cherrypick: {auto_merge: squash, delete_branches: true}\n")
				if f.Method == http.MethodPut {
					w.do(w.gh.ProtectBranch(demoRepo, demoBranch, &sandbox.Protection{AppChecks: ourChecks}))
				}
				n := w.merged("leak", "squash")
				w.gh.Fault(f)
				w.says("bob", n, "/cherry-pick release-1.30")
				w.dies(database)
				pick := w.onePick(n, demoBranch)
				if !w.gh.PR(demoRepo, pick.Number).Merged {
					w.wantAuto(pick.Number, slipwayBot)
					w.gh.Fault(f)
					w.green(pick.Number)
					w.dies(database)
				}
				w.wantStatus(n, "**picked**: #"+itoa(pick.Number)+" is merged.")
				if w.gh.Branch(demoRepo, pick.Head) != "" {
					t.Errorf("its branch is there\n%s", w.log)
				}
				w.again()
			})
		}
	}
}

// isMutation matches a request of GraphQL by what it does.
func isMutation(name string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/graphql") {
			return false
		}
		text, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		return err == nil && strings.Contains(string(text), name)
	}
}

// dies ends the program, and starts another one.
func (w *world) dies(database bool) {
	w.t.Helper()
	w.stop()
	w.gh.ClearFaults()
	if !database {
		w.newDatabase()
	}
	w.start()
	w.resync()
}

// TestAutoMergeForgotten: nobody asks for a pick any more, and the comment that told of it is gone. GitHub doesn't
// merge it either.
func TestAutoMergeForgotten(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]func(w *world, act func()){
		"heard": func(_ *world, act func()) { act() }, "webhooks lost": (*world).lost,
	} {
		t.Run(name, func(t *testing.T) {
			w := autoMergeWorld(t)
			n, pick := w.autoPicked("leak")
			hears(w, func() {
				w.do(w.gh.As("bob").DeleteComment(demoRepo, w.statusID(n)))
				w.do(w.gh.As("bob").RemoveLabel(demoRepo, n, "cherrypick/release-1.30"))
			})
			w.settle()
			w.wantAuto(pick, "")
			w.again()
		})
	}
}
