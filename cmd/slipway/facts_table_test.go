package main

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const (
	onFreeze    = "slipway/freeze"
	onMilestone = "slipway/milestone"
	onBranch    = "slipway/release-branch"
	onNotes     = "slipway/release-notes"
	onRelease   = "slipway/release"

	byExperts  = "Waits for the experts of wg-networking"
	byManagers = "Waits for a release manager's approval"
	approved   = "No cherry-pick, approved"
	faithful   = "Faithful cherry-pick of #"
	noBlocker  = "Not a release blocker"
	waived     = "waived by its description"
	neverSo    = "a change of the kind deprecation"
)

// otherHome is a world whose policy names a home that doesn't list its repository.
func otherHome(t *testing.T, visibility string) *world {
	w := newWorld(t)
	const none = "checklist:\n  home: plans\n  repositories: [api]\n  templates: [{kind: minor, schedule: [{name: code-freeze, at: release-7d}, {name: release, at: release}]}]\n"
	w.do(w.gh.CreateRepo("istio", "plans", sandbox.RepoOptions{Files: map[string]string{".github/slipway.yml": basePolicy + none}}))
	w.do(w.gh.SetVisibility("istio/plans", visibility))
	w.ownPolicy(basePolicy + none + "freeze:\n  windows: [{name: code freeze, branches: [\"release-*\"], start: code-freeze, end: release, reason: Blockers only}]\n")
	return w
}

// factWorlds are all events of all facts. What has a policy of its own, or disturbs the
// others, has a world of its own.
func factWorlds() map[string]factWorld {
	return map[string]factWorld{
		"pull requests": {func(t *testing.T) *world {
			w := gateWorld(t, "")
			for _, more := range []string{"release-1.28", "release-1.27", "side"} {
				w.do(w.gh.CreateBranch(demoRepo, more, demoBranch))
			}
			return w
		}, []factEvent{
			{"push", "policy", freed, map[string]turn{onMilestone: {"name the milestone", "release-1.28 is not governed"}}},
			{"pull_request.milestoned", "milestone", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				return &happening{n, func() { w.do(w.gh.As("bob").SetMilestone(demoRepo, n, w.milestone("1.30"))) }}
			}, map[string]turn{onMilestone: {"It doesn't name", "It names"}}},
			{"pull_request.demilestoned", "milestone", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				w.do(w.gh.As("bob").SetMilestone(demoRepo, n, w.milestone("1.30")))
				w.settle()
				return &happening{n, func() { w.do(w.gh.As("bob").SetMilestone(demoRepo, n, 0)) }}
			}, map[string]turn{onMilestone: {"It names", "It doesn't name"}}},
			{"milestone.edited", "detail", ownMilestone("release-1.29", "1.29", func(w *world, m int) error {
				return w.gh.As("alice").RenameMilestone(demoRepo, m, "Kiwi")
			}), map[string]turn{onMilestone: {"It names", "It doesn't name"}}},
			{"milestone.deleted", "detail", ownMilestone("release-1.27", "1.27", func(w *world, m int) error {
				return w.gh.As("alice").DeleteMilestone(demoRepo, m)
			}), map[string]turn{onMilestone: {"It names", "It doesn't name"}}},
			{"pull_request.edited", "pull, detail", func(w *world, name string) *happening {
				n := w.openPR("bob", "side", name) // which nobody governs
				return &happening{n, func() { w.do(w.gh.As("bob").EditBase(demoRepo, n, demoBranch)) }}
			}, map[string]turn{onMilestone: {"", "It doesn't name"}}},
			{"pull_request.edited", "past", func(w *world, name string) *happening {
				n := w.openPR("bob", "release-1.29", name)
				w.review("erin", n, "APPROVE") // of another change than the one that it will be
				return &happening{n, func() { w.do(w.gh.As("bob").EditBase(demoRepo, n, demoBranch)) }}
			}, map[string]turn{onBranch: {approved, byExperts}}},
			{"pull_request.synchronize", "pull, detail", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				w.review("erin", n, "APPROVE")
				return &happening{n, func() {
					w.do2(w.gh.As("bob").PushToPR(demoRepo, n, map[string]string{name + ".go": "package more\n"}, "More"))
				}}
			}, map[string]turn{onBranch: {approved, byExperts}}},
			{"pull_request.closed", "pull", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "release-1.29", Head: name})
				w.do(err)
				w.review("erin", pr.Number, "APPROVE")
				return &happening{pr.Number, func() { w.do(w.gh.As("bob").Close(demoRepo, n)) }} // which has the same head
			}, map[string]turn{onBranch: {byExperts, approved}}},
			{"pull_request.closed", "detail", func(w *world, name string) *happening {
				source := w.sourcePR("bob", name, "Fix "+name, changeOf(name))
				w.review("erin", source, "APPROVE")
				return &happening{w.manualPick(name, "Picks #"+itoa(source)), func() {
					w.do2(w.gh.As("bob").Merge(demoRepo, source, "squash"))
				}}
			}, map[string]turn{onBranch: {byExperts, faithful}}},
			{"pull_request.reopened", "pull, detail", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				w.do(w.gh.As("bob").Close(demoRepo, n))
				w.do(w.gh.As("bob").SetMilestone(demoRepo, n, w.milestone("1.30")))
				w.settle()
				return &happening{n, func() { w.do(w.gh.As("bob").Reopen(demoRepo, n)) }}
			}, map[string]turn{onMilestone: {"It doesn't name", "It names"}}},
			{"pull_request.ready_for_review", "detail", func(w *world, name string) *happening {
				pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: name, Title: name, Files: code(name), Draft: true})
				w.do(err)
				w.settle()
				return &happening{pr.Number, func() { w.do(w.gh.As("bob").SetDraft(demoRepo, pr.Number, false)) }}
			}, map[string]turn{askedTeams: {"", "wg-networking"}}},
			{"pull_request_review", "reviews", func(w *world, name string) *happening {
				source := w.source(name, changeOf(name), "")
				return &happening{w.manualPick(name, "Picks #"+itoa(source)), func() {
					w.do3(w.gh.As("erin").Review(demoRepo, source, "APPROVE", "Fine")) // after its merge
				}}
			}, map[string]turn{onBranch: {byExperts, faithful}}},
			{"pull_request_review", "past", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				w.review("erin", n, "APPROVE")
				no := w.review("alice", n, "REQUEST_CHANGES")
				return &happening{n, func() { w.do(w.gh.As("alice").DismissReview(demoRepo, n, no)) }} // who may
			}, map[string]turn{onBranch: {"Changes were requested by alice", approved}}},
			{"issue_comment.edited", "override", overridden(func(w *world, c sandbox.Comment) error {
				return w.gh.As("bob").EditComment(demoRepo, c.ID, strings.ReplaceAll(c.Body, "alice", "bob"))
			}), map[string]turn{onBranch: {"Overridden by alice", byExperts}}},
			{"issue_comment.deleted", "override", overridden(func(w *world, c sandbox.Comment) error {
				return w.gh.As("bob").DeleteComment(demoRepo, c.ID)
			}), map[string]turn{onBranch: {"Overridden by alice", byExperts}}},
			{"issue_comment.created", "comments", moreThanAsked("", func(w *world, n int, _ int64, text string) error {
				_, err := w.gh.As("alice").Comment(demoRepo, n, text)
				return err
			}), map[string]turn{onBranch: {byExperts, faithful}}},
			{"issue_comment.edited", "comments", moreThanAsked("alice", func(w *world, _ int, id int64, text string) error {
				return w.gh.As("bob").EditComment(demoRepo, id, text+"!")
			}), map[string]turn{onBranch: {faithful, byExperts}}},
			{"issue_comment.deleted", "comments", moreThanAsked("alice", func(w *world, _ int, id int64, _ string) error {
				return w.gh.As("alice").DeleteComment(demoRepo, id)
			}), map[string]turn{onBranch: {faithful, byExperts}}},
			{"push", "history", func(w *world, name string) *happening {
				source := w.source(name, changeOf(name), "erin")
				return &happening{w.manualPick(name, "Picks #"+itoa(source)), func() {
					w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"pilot/" + name + ".go": "package pilot\n"}, "Revert \"Fix "+name+"\"\n\nReverts #"+itoa(source)))
				}}
			}, map[string]turn{onBranch: {faithful, byExperts}}},
			{"push", "codeowners", func(w *world, name string) *happening {
				w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CODEOWNERS": gateOwners}, "Owners"))
				n := w.change("bob", sandbox.PROptions{Head: name, Title: name, Files: map[string]string{"late/" + name + ".go": "package late\n"}})
				w.review("erin", n, "APPROVE")
				return &happening{n, func() {
					w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CODEOWNERS": gateOwners + "/late/ @istio/wg-security\n"}, "Others"))
				}}
			}, map[string]turn{onBranch: {approved, "Waits for the experts of wg-security"}}},
			{"push", "tip", func(w *world, name string) *happening { // a draft with a conflict is made anew once its branch has what it lacked
				first := map[string]string{name + ".go": "package one\n"}
				w.do2(w.gh.As("alice").Push(demoRepo, "master", first, "First"))
				source := w.source(name, map[string]string{name + ".go": "package two\n"}, "erin")
				w.says("bob", source, "/cherry-pick release-1.27")
				return &happening{w.onePick(source, "release-1.27").Number, func() { w.do2(w.gh.As("alice").Push(demoRepo, "release-1.27", first, "First here, too")) }}
			}, map[string]turn{onBranch: {"The conflict is not resolved", faithful}}},
			{"pull_request.opened", "issue", func(w *world, name string) *happening { // the last: it says its number beforehand
				source := w.number() + 2
				return &happening{w.manualPick(name, "Picks #"+itoa(source)), func() {
					pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: name, Title: "Fix " + name, Files: changeOf(name)})
					w.do(err)
					if pr.Number != source {
						w.t.Fatalf("the source has the number %d, want %d", pr.Number, source)
					}
					w.do3(w.gh.As("erin").Review(demoRepo, source, "APPROVE", "Fine"))
					w.do2(w.gh.As("bob").Merge(demoRepo, source, "squash"))
				}}
			}, map[string]turn{onBranch: {byExperts, faithful}}},
		}},

		"labels and issues": {func(t *testing.T) *world {
			w := newWorld(t)
			w.policy(basePolicy + "releasebranch:\n  undated: frozen\n  blocker_labels: [kind/bad, kind/named, kind/gone, urgent, called, dropped]\n  rules: {frozen: [blocker]}\n" +
				"releasenotes:\n  path: releasenotes/notes\n  description: '(?m)^- \\[x\\] No user-facing change'\n" +
				"  never_waived: [{name: deprecation, labels: [kind/bad, kind/named, kind/gone], title: '(?i)deprecat'}]\n")
			return w
		}, []factEvent{
			{"pull_request.labeled", "labels, detail", boxed("", func(w *world, n int) error {
				return w.gh.As("alice").AddLabel(demoRepo, n, "kind/bad")
			}), map[string]turn{onNotes: {waived, neverSo}, onBranch: {noBlocker, byManagers}}},
			{"pull_request.labeled", "detail", func(w *world, name string) *happening {
				source := w.merged(name, "squash")
				n := w.change("carol", sandbox.PROptions{Head: "pick-" + name, Title: "Cherry-pick of #" + itoa(source), Files: code(name)})
				return &happening{n, func() { w.do(w.gh.As("alice").AddLabel(demoRepo, source, "release-notes-none")) }}
			}, map[string]turn{onNotes: {"no release note for #", "which it picks, needed no note"}}},
			{"pull_request.unlabeled", "labels, detail", boxed("kind/bad", func(w *world, n int) error {
				return w.gh.As("alice").RemoveLabel(demoRepo, n, "kind/bad")
			}), map[string]turn{onNotes: {neverSo, waived}, onBranch: {byManagers, noBlocker}}},
			{"label.edited", "labels, detail", boxed("kind/named", func(w *world, _ int) error {
				return w.gh.As("alice").RenameLabel(demoRepo, "kind/named", "kind/fine")
			}), map[string]turn{onNotes: {neverSo, waived}, onBranch: {byManagers, noBlocker}}},
			{"label.deleted", "labels, detail", boxed("kind/gone", func(w *world, _ int) error {
				return w.withoutUnlabeled(func() error { return w.gh.As("alice").DeleteLabel(demoRepo, "kind/gone") })
			}), map[string]turn{onNotes: {neverSo, waived}, onBranch: {byManagers, noBlocker}}},
			{"pull_request.edited", "title", boxed("", func(w *world, n int) error {
				return w.gh.As("bob").EditTitle(demoRepo, n, "Deprecate it")
			}), map[string]turn{onNotes: {waived, neverSo}}},
			{"pull_request.edited", "detail", boxed("", func(w *world, n int) error {
				return w.gh.As("bob").EditBody(demoRepo, n, "- [ ] No user-facing change")
			}), map[string]turn{onNotes: {waived, "no release note"}}},
			{"issues.labeled", "issue", named("It is broken", "", func(w *world, i int) error {
				return w.gh.As("alice").AddLabel(demoRepo, i, "urgent")
			}), map[string]turn{onBranch: {noBlocker, byManagers}}},
			{"issues.unlabeled", "issue", named("It is broken", "urgent", func(w *world, i int) error {
				return w.gh.As("alice").RemoveLabel(demoRepo, i, "urgent")
			}), map[string]turn{onBranch: {byManagers, noBlocker}}},
			{"label.edited", "issue", named("It is broken", "called", func(w *world, _ int) error {
				return w.gh.As("alice").RenameLabel(demoRepo, "called", "fine")
			}), map[string]turn{onBranch: {byManagers, noBlocker}}},
			{"label.deleted", "issue", named("It is broken", "dropped", func(w *world, _ int) error {
				return w.withoutUnlabeled(func() error { return w.gh.As("alice").DeleteLabel(demoRepo, "dropped") })
			}), map[string]turn{onBranch: {byManagers, noBlocker}}},
			{"issues.edited", "issue", named("["+demoBranch+"] A pick failed", "urgent", func(w *world, i int) error {
				return w.gh.As("dave").EditTitle(demoRepo, i, "It is broken")
			}), map[string]turn{onBranch: {noBlocker, byManagers}}},
			{"issues.transferred", "issue", named("It is broken", "urgent", func(w *world, i int) error {
				_, err := w.gh.As("alice").TransferIssue(demoRepo, i, "istio/api")
				return err
			}), map[string]turn{onBranch: {byManagers, noBlocker}}},
			{"issues.deleted", "issue", named("It is broken", "urgent", func(w *world, i int) error {
				return w.gh.As("alice").DeleteIssue(demoRepo, i)
			}), map[string]turn{onBranch: {byManagers, noBlocker}}},
		}},

		"what is there": {func(t *testing.T) *world { return gateWorld(t, "  rules: {open: [issue]}\n") }, []factEvent{
			{"repository.edited", "default branch", func(w *world, name string) *happening {
				if w.gh.Branch(demoRepo, "main") == "" {
					w.do(w.gh.CreateBranch(demoRepo, "main", "master"))
				}
				w.do(w.gh.As("alice").SetDefaultBranch(demoRepo, "master"))
				issue, err := w.gh.As("dave").OpenIssue(demoRepo, "It is broken", "")
				w.do(err)
				source := w.source(name, changeOf(name), "erin")
				return &happening{w.manualPick(name, "Picks #"+itoa(source)+", fixes #"+itoa(issue)), func() {
					w.do(w.gh.As("alice").SetDefaultBranch(demoRepo, "main"))
				}}
			}, map[string]turn{onBranch: {faithful, byManagers}}},
			{"issues.opened", "issue", func(w *world, name string) *happening {
				issue := w.number() + 2
				return &happening{w.manualPick(name, "Fixes #"+itoa(issue)), func() {
					if got, err := w.gh.As("dave").OpenIssue(demoRepo, "It is broken", ""); err != nil || got != issue {
						w.t.Fatalf("the issue has the number %d, want %d: %v", got, issue, err)
					}
				}}
			}, map[string]turn{onBranch: {"Names no issue", byManagers}}},
			{"pull_request.opened", "pull, detail", func(w *world, name string) *happening {
				h := &happening{}
				h.act = func() { h.pr = w.openPR("bob", demoBranch, name) }
				return h
			}, map[string]turn{onBranch: {"", "Names no issue"}}},
		}},

		"the policy of another branch": {func(t *testing.T) *world { return gateWorld(t, "  rules: {open: [issue]}\n") }, []factEvent{
			{"repository.edited", "policy", func(w *world, name string) *happening { // the other default branch governs nothing
				w.do(w.gh.As("alice").SetDefaultBranch(demoRepo, "master"))
				if w.gh.Branch(demoRepo, "bare") == "" {
					w.do(w.gh.CreateBranch(demoRepo, "bare", "master"))
					w.do2(w.gh.As("alice").Push(demoRepo, "bare", map[string]string{".github/slipway.yml": "branches: [nothing]\n"}, "Govern nothing"))
				}
				w.settle()
				return &happening{w.openPR("bob", demoBranch, name), func() { w.do(w.gh.As("alice").SetDefaultBranch(demoRepo, "bare")) }}
			}, map[string]turn{onBranch: {"Names no issue", demoBranch + " is not governed"}}},
		}},

		// A home that is private may not even say that it disagrees; so nobody knows its dates.
		"a home made private": {func(t *testing.T) *world { return otherHome(t, "public") }, []factEvent{
			{"repository.privatized", "visibility", func(w *world, name string) *happening {
				w.do(w.gh.SetVisibility("istio/plans", "public"))
				w.settle()
				return &happening{w.openPR("bob", demoBranch, name), func() { w.do(w.gh.SetVisibility("istio/plans", "private")) }}
			}, map[string]turn{onFreeze: {"is not frozen", "it can't be told whether"}}},
		}},

		"a home made public": {func(t *testing.T) *world { return otherHome(t, "private") }, []factEvent{
			{"repository.publicized", "visibility", func(w *world, name string) *happening {
				w.do(w.gh.SetVisibility("istio/plans", "private"))
				w.settle()
				return &happening{w.openPR("bob", demoBranch, name), func() { w.do(w.gh.SetVisibility("istio/plans", "public")) }}
			}, map[string]turn{onFreeze: {"it can't be told whether", "is not frozen"}}},
		}},

		"our issues": {func(t *testing.T) *world { return newWorld(t) }, []factEvent{
			{"issues", "our issues", func(w *world, name string) *happening {
				n := w.openPR("bob", demoBranch, name)
				w.says("alice", n, "/release freeze release-1.30")
				issue := w.freezeIssue().Number
				return &happening{n, func() { w.do(w.gh.As("alice").Close(demoRepo, issue)) }} // who may
			}, map[string]turn{onFreeze: {"is frozen", "is not frozen"}}},
		}},

		"builds": {func(t *testing.T) *world {
			w := newWorld(t)
			withBuilder(w)
			w.policy(demoPolicy + "release:\n  triggers: {repository: release-builder, unbuilt: refuse}\n")
			return w
		}, []factEvent{
			{"push", "triggers", func(w *world, name string) *happening {
				w.starts("1.30.0-alpha.1")
				return &happening{w.triggers("bob", name, map[string]string{"release/trigger-build": "1.30.0\n"}), func() { w.starts("1.30.0-rc.0") }}
			}, map[string]turn{onRelease: {"after 1.30.0-alpha.1", "after 1.30.0-rc.0"}}},
			{"status", "statuses", published(func(*world, string) {}, func(w *world, commit string) {
				w.do(w.gh.As("alice").SetStatus(builderRepo, commit, "postsubmit", "success"))
			}), map[string]turn{onRelease: {"isn't over", "Waits for a second"}}},
			{"check_run.created", "statuses", published(func(w *world, commit string) {
				w.do(w.gh.As("alice").SetStatus(builderRepo, commit, "postsubmit", "success"))
			}, func(w *world, commit string) {
				w.do3(w.gh.ForeignCheck(builderRepo, commit, "more", "in_progress", ""))
			}), map[string]turn{onRelease: {"Waits for a second", "isn't over"}}},
			{"check_run.completed", "statuses", published(func(w *world, commit string) {
				w.do3(w.gh.ForeignCheck(builderRepo, commit, "more", "in_progress", ""))
			}, func(w *world, commit string) {
				run, _ := w.gh.CheckRun(builderRepo, commit, "more")
				w.do(w.gh.FinishForeignCheck(builderRepo, run.ID, "success"))
			}), map[string]turn{onRelease: {"isn't over", "Waits for a second"}}},
		}},
	}
}

// pullsPolicy governs the pull requests of the first of them.
const pullsPolicy = gatePolicy + "  hand_made: {experts_over: 0}\nmilestone: {title: \"{major}.{minor}\"}\ncherrypick: {rebuild_drafts: true}\n"

// freed is a branch that the repository's own policy stops governing. The organisation's
// would have everything looked at anew, whoever rests on it.
func freed(w *world, name string) *happening {
	w.ownPolicy(pullsPolicy)
	return &happening{w.openPR("bob", "release-1.28", name), func() {
		w.ownPolicy(strings.Replace(pullsPolicy, `["release-*"]`, "[release-1.30, release-1.29, release-1.27]", 1))
	}}
}

// ownMilestone is what becomes of the milestone of a pull request against a branch.
func ownMilestone(base, title string, act func(*world, int) error) func(*world, string) *happening {
	return func(w *world, name string) *happening {
		n := w.openPR("bob", base, name)
		m, err := w.gh.As("alice").CreateMilestone(demoRepo, title)
		w.do(err)
		w.do(w.gh.As("bob").SetMilestone(demoRepo, n, m))
		w.settle()
		return &happening{n, func() { w.do(act(w, m)) }}
	}
}

// milestone is that with a title, which is made when it is first asked for.
func (w *world) milestone(title string) int {
	w.t.Helper()
	if w.named[title] == 0 {
		n, err := w.gh.As("alice").CreateMilestone(demoRepo, title)
		w.do(err)
		w.named = map[string]int{title: n}
	}
	return w.named[title]
}

// overridden is what somebody who may write does to our comment about an override.
func overridden(act func(*world, sandbox.Comment) error) func(*world, string) *happening {
	return func(w *world, name string) *happening {
		n := w.openPR("bob", demoBranch, name)
		w.says("alice", n, "/release override release-branch fine")
		return &happening{n, func() { w.do(act(w, w.overrides(n))) }}
	}
}

// moreThanAsked is a pick of ours that holds another change, too, which a comment names:
// somebody's, unless that is "".
func moreThanAsked(login string, act func(w *world, n int, comment int64, text string) error) func(*world, string) *happening {
	return func(w *world, name string) *happening {
		w.rerun = true // where it differs is marked in the files, and a run can't lose that
		more, source := w.source(name+"-more", changeOf(name+"-more"), "erin"), w.source(name, changeOf(name), "erin")
		w.says("bob", source, "/cherry-pick "+demoBranch)
		pick := w.onePick(source, demoBranch).Number
		w.do2(w.gh.As("bob").PushToPR(demoRepo, pick, changeOf(name+"-more"), "And more"))
		text, id := "Cherry-pick of #"+itoa(more), int64(0)
		if login != "" {
			var err error
			id, err = w.gh.As(login).Comment(demoRepo, pick, text)
			w.do(err)
			w.settle()
		}
		return &happening{pick, func() { w.do(act(w, pick, id, text)) }}
	}
}

// boxed is a pull request whose description waives its note, with a label unless that is "".
func boxed(label string, act func(*world, int) error) func(*world, string) *happening {
	return func(w *world, name string) *happening {
		n := w.change("bob", sandbox.PROptions{Head: name, Title: name, Body: "- [x] No user-facing change", Files: code(name)})
		if label != "" {
			w.do(w.gh.As("alice").AddLabel(demoRepo, n, label))
			w.settle()
		}
		return &happening{n, func() { w.do(act(w, n)) }}
	}
}

// named is an issue that a pull request names, with a label unless that is "".
func named(title, label string, act func(*world, int) error) func(*world, string) *happening {
	return func(w *world, name string) *happening {
		issue, err := w.gh.As("dave").OpenIssue(demoRepo, title, "By "+name)
		w.do(err)
		if label != "" {
			w.do(w.gh.As("alice").AddLabel(demoRepo, issue, label))
		}
		n := w.change("bob", sandbox.PROptions{Head: name, Title: name, Body: "Fixes #" + itoa(issue), Files: code(name)})
		return &happening{n, func() { w.do(act(w, issue)) }}
	}
}

// withoutUnlabeled loses what GitHub also sends of each that loses a label which is
// deleted, so that the label's own event stands alone.
func (w *world) withoutUnlabeled(act func() error) error {
	w.gh.FaultHooks(sandbox.HookFault{Match: func(_, action string) bool { return action == "unlabeled" }, Times: 1, Drop: true})
	return act()
}

// published is a publish of a build, by what is reported on the build's commit.
func published(before, act func(w *world, commit string)) func(*world, string) *happening {
	return func(w *world, name string) *happening {
		w.pushes++
		version := "1.30.0-beta." + itoa(w.pushes)
		commit := w.starts(version)
		before(w, commit)
		return &happening{w.triggers("bob", name, map[string]string{"release/trigger-publish": version + "\n"}), func() { act(w, commit) }}
	}
}

// starts has a version built, and returns the commit that does.
func (w *world) starts(version string) string {
	w.t.Helper()
	commit, err := w.gh.As("alice").Push(builderRepo, demoBranch, map[string]string{"release/trigger-build": version + "\n"}, "Build "+version)
	w.do(err)
	w.settle()
	return commit
}

// number is the newest number of a pull request or an issue.
func (w *world) number() (n int) {
	for _, i := range w.gh.Issues(demoRepo) {
		n = max(n, i.Number)
	}
	for _, pr := range w.gh.PRs(demoRepo) {
		n = max(n, pr.Number)
	}
	return n
}

// do3 is do for what also returns an id.
func (w *world) do3(_ int64, err error) {
	w.t.Helper()
	w.do(err)
}

// manualPick opens a pull request of carol's with the very change of another.
func (w *world) manualPick(name, body string) int {
	w.t.Helper()
	pr, err := w.gh.As("carol").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "pick-" + name, Title: "Pick " + name, Body: body, Files: changeOf(name)})
	w.do(err)
	w.settle()
	return pr.Number
}

func changeOf(name string) map[string]string {
	return map[string]string{"pilot/" + name + ".go": "package pilot\n\n// Fix mends " + name + ".\nfunc Fix() {}\n"}
}
