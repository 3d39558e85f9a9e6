package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// This file holds what may say that a pick of ours holds more than was asked for: nothing
// that Slipway wrote, and nobody who may not ask for picks.

// askersPolicy lets alice and erin ask for picks. bob may push, and so resolve one.
const askersPolicy = "cherrypick:\n  requesters: {writers: false, teams: [pickers]}\n"

// lacking is a draft of a pick that lists a commit as missing, which bob has resolved with
// that commit's change in it, by a commit with a message.
func (w losing) lacking(message string) (needed, source, pick int) {
	w.t.Helper()
	w.do(w.gh.CreateTeam("istio", "pickers", "alice", "erin"))
	w.policy(gatePolicy + askersPolicy)
	needed = w.source("needed", map[string]string{adsFile: "package xds\n\n// Push sends two.\nfunc Push() { two() }\n"}, "erin")
	source = w.source("leak", map[string]string{adsFile: bothText}, "erin")
	w.says("alice", source, "/cherry-pick release-1.30")
	draft := w.onePick(source, demoBranch)
	if !strings.Contains(draft.Body, "(#"+itoa(needed)+"): nobody has asked for a pick of it") {
		w.t.Fatalf("the draft doesn't list what it lacks: %s", draft.Body)
	}
	w.unheard(func() {
		w.do2(w.gh.As("bob").PushToPR(demoRepo, draft.Number, map[string]string{adsFile: bothText}, message))
	})
	w.between()
	return needed, source, draft.Number
}

const bothText = "package xds\n\n// Push sends three.\nfunc Push() { three() }\n\n// Ack takes an answer.\nfunc Ack() {\n\tone()\n\ttwo()\n\tthree()\n}\n"

// comments has somebody comment, and the webhook lost where it is to be.
func (w losing) comments(login string, n int, text string) (id int64) {
	w.t.Helper()
	w.unheard(func() {
		var err error
		id, err = w.gh.As(login).Comment(demoRepo, n, text)
		w.do(err)
	})
	w.between()
	return id
}

// wantOnly holds the gate to take a pick for one of what was asked for, and no more: what it
// holds beyond that waits for experts.
func (w losing) wantOnly(pick, needed, source int, parts ...string) {
	w.t.Helper()
	w.wantGate(pick, "failure", waitsForErin, append(parts, "### How it differs from #"+itoa(source)+"\n")...)
	if text := w.gate(pick).Summary; strings.Contains(text, "#"+itoa(needed)+" is a source") {
		w.t.Errorf("#%d is a source:\n%s", needed, text)
	}
}

// TestLackingIsNoSource: the commits that a draft lists as missing never become its sources by
// that. Somebody who may ask for picks says so in a comment, and no longer.
func TestLackingIsNoSource(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		w.rerun = true // where it differs is marked in the files, and a run can't lose that
		needed, source, pick := w.lacking("Resolve the conflicts")
		both := "Faithful cherry-pick of #" + itoa(needed) + ", #" + itoa(source)
		w.wantOnly(pick, needed, source)
		w.again()

		w.comments("mallory", pick, "Cherry-pick of #"+itoa(needed))
		w.wantOnly(pick, needed, source, "- #"+itoa(needed)+", which is named by `mallory` in [a comment](", "doesn't count: `mallory` may not ask for picks onto `release-1.30`.",
			"**Next step:** a member of `pickers` has to comment `Cherry-pick of #"+itoa(needed)+"` here.")
		w.comments("bob", pick, "Cherry-pick of #"+itoa(needed)) // who may push
		w.wantOnly(pick, needed, source, "`bob` may not ask for picks")
		w.comments("alice", pick, "Why does it hold #"+itoa(needed)+"?\n\n> Cherry-pick of #"+itoa(needed)+"\n\n`Cherry-pick of #"+itoa(needed)+"`")
		w.wantOnly(pick, needed, source)
		w.again()

		id := w.comments("alice", pick, "It is a cherry-pick of #"+itoa(needed)+", too.")
		w.wantGate(pick, "success", both, "#"+itoa(needed)+" is a source", "it is named by `alice` in [a comment](", "Slipway made this cherry-pick")
		if text := w.gate(pick).Summary; strings.Contains(text, "may not ask") {
			t.Errorf("what counts by alice is said not to count by others: %s", text)
		}
		w.again()

		// Whoever may write can edit it; it isn't alice's word alone any more.
		w.unheard(func() { w.do(w.gh.As("bob").EditComment(demoRepo, id, "A cherry-pick of #"+itoa(needed)+".")) })
		w.between()
		w.wantOnly(pick, needed, source, "that comment was edited, perhaps by somebody else. **Next step:** comment `Cherry-pick of #"+itoa(needed)+"` here instead.")
		id = w.comments("alice", pick, "Cherry-pick of #"+itoa(needed))
		w.wantGate(pick, "success", both)
		w.unheard(func() { w.do(w.gh.As("alice").DeleteComment(demoRepo, id)) })
		w.between()
		w.wantOnly(pick, needed, source)

		// A right that is lost is lost at the next look.
		w.comments("alice", pick, "Cherry-pick of #"+itoa(needed))
		w.wantGate(pick, "success", both)
		w.policy(gatePolicy + strings.Replace(askersPolicy, "pickers", "release-managers-1-29", 1))
		w.between()
		w.wantOnly(pick, needed, source, "`alice` may not ask for picks", "a member of `release-managers-1-29` has to comment")
		w.again()
	})
}

// TestMessageNamesSource: a commit's message counts by who pushed it, whatever it says of its
// author.
func TestMessageNamesSource(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		needed, source, pick := w.lacking("Resolve the conflicts")
		head, named := headName(source, demoBranch), "Cherry-pick of #"+itoa(needed)
		pushes := func(login, author, text, message string) {
			w.t.Helper()
			w.unheard(func() { w.pushSaying(login, author, head, adsFile, text, message) })
			w.between()
		}
		pushes("bob", "Alice <alice@users.noreply.github.com>", bothText+"\n// One.\n", "One\n\n"+named)
		w.wantOnly(pick, needed, source, "named in the message of `", "`, which `bob` pushed, doesn't count: `bob` may not ask for picks onto `release-1.30`.")
		w.again()
		pushes("alice", unlinked, bothText, "Not that") // on top of it: bob's stays bob's
		w.wantOnly(pick, needed, source, "which `bob` pushed, doesn't count")
		pushes("alice", unlinked, bothText+"\n// Two.\n", "Two\n\n"+named)
		commit := w.gh.PR(demoRepo, pick).HeadSHA
		w.wantGate(pick, "failure", waitsForErin, "#"+itoa(needed)+" is a source", "it is named in the message of `"+commit[:7]+"`, which `alice` pushed", "### How it differs from #"+itoa(needed)+", #"+itoa(source))
		w.again()

		// Who rewrites what is below may have made it up.
		w.unheard(func() {
			w.do2(w.gh.As("bob").ForcePush(demoRepo, head, map[string]string{adsFile: bothText}, "All of it\n\n"+named))
		})
		w.between()
		w.wantOnly(pick, needed, source, "which `bob` pushed, doesn't count")
		w.again()
	})
}

// TestRestoredBranchIsNoWord: alice, who may ask, restores a branch that was deleted. What bob
// has pushed to it is no word of hers, also where only GitHub's record of the new branch is left.
func TestRestoredBranchIsNoWord(t *testing.T) {
	eachLoss(t, "", func(w losing) {
		w.do(w.gh.CreateTeam("istio", "pickers", "alice"))
		w.policy(gatePolicy + askersPolicy)
		more, source := w.source("more", changeOf("more"), "erin"), w.source("leak", changeOf("leak"), "erin")
		w.says("alice", source, "/cherry-pick release-1.30")
		pick := w.onePick(source, demoBranch)
		w.do2(w.gh.As("bob").PushToPR(demoRepo, pick.Number, changeOf("more"), "And more\n\nCherry-pick of #"+itoa(more)))
		w.wantOnly(pick.Number, more, source, "which `bob` pushed, doesn't count")
		w.do(w.gh.As("bob").CreateBranch(demoRepo, "kept", pick.Head))
		w.do(w.gh.As("bob").DeleteBranch(demoRepo, pick.Head))
		w.settle()
		w.unheard(func() {
			w.do(w.gh.As("alice").CreateBranch(demoRepo, pick.Head, "kept"))
			w.do(w.gh.As("alice").Reopen(demoRepo, pick.Number))
		})
		w.between()
		w.wantOnly(pick.Number, more, source)
		if text := w.gate(pick.Number).Summary; !strings.Contains(text, "which `bob` pushed, doesn't count") && !strings.Contains(text, "nobody knows who pushed that commit") {
			t.Errorf("it isn't said why it doesn't count: %s", text)
		}
		w.again()
	})
}

// pushSaying pushes a commit to a branch as somebody, by an author and with a message that
// they choose.
func (w *world) pushSaying(login, author, branch, file, text, message string) {
	w.t.Helper()
	dir := w.cloneAs(login, author, demoRepo, branch)
	w.do(os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
	w.gitAs(author, dir, "commit", "-q", "--all", "-m", message)
	w.gitAs(author, dir, "push", "-q", "origin", "HEAD:"+branch)
	w.settle()
}
