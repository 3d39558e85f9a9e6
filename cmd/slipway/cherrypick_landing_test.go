package main

import (
	"maps"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// landings are the ways in which pull requests come to master, or seem to.
var landings = map[string]func(*history){
	"squash": func(h *history) { h.byButton("squash") },
	"merge":  func(h *history) { h.byButton("merge") },
	"rebase": func(h *history) { h.byButton("rebase") },
	"queue":  (*history).byQueue, "fast-forward": (*history).fastForward, "git merge": (*history).byMerge,
	"octopus": (*history).octopus, "ends in a merge": (*history).endsInMerge, "merged the other way round": (*history).swapped,
	"copied": (*history).copied, "merged onto something older": (*history).older,
}

// ready are pull requests that are about to land.
func (h *history) ready(many int) (list []*landed) {
	for range many {
		list = append(list, h.opened())
	}
	for _, p := range list {
		h.around(p)
	}
	return list
}

func (h *history) byButton(method string) {
	p := h.ready(1)[0]
	_, err := h.gh.As("bob").Merge(demoRepo, p.n, method)
	h.do(err)
	h.lands(method, p)
}

func (h *history) byQueue() {
	method := []string{"squash", "rebase", "merge"}[h.rng.IntN(3)]
	list := h.ready(1 + h.rng.IntN(3))
	var numbers []int
	for _, p := range list {
		numbers = append(numbers, p.n)
	}
	h.do(h.gh.ProtectBranch(demoRepo, "master", &sandbox.Protection{Queue: method}))
	sha, err := h.gh.As("bob").EnqueueMergeGroup(demoRepo, "master", numbers...)
	h.do(err)
	h.do(h.gh.As("bob").FinishMergeGroup(demoRepo, sha))
	h.do(h.gh.ProtectBranch(demoRepo, "master", nil))
	h.lands("queue, "+method, list...)
}

// fastForward pushes pull requests to master as they are, one on the other, maybe with something on top.
func (h *history) fastForward() {
	list := h.ready(1 + h.rng.IntN(2))
	h.rebased(list...)
	h.pushed("fast-forward", list...)
}

// pushed pushes what is checked out to master, maybe with something on top.
func (h *history) pushed(how string, list ...*landed) {
	more := content{}
	if h.maybe(3) {
		how += ", with more on top"
		h.git("checkout", "-q", "--detach")
		more = h.local()
	}
	h.git("push", "-q", "origin", "HEAD:master")
	h.lands(how, list...)
	h.master = h.master.with(more)
}

// byMerge merges with git, maybe several pull requests in one push.
func (h *history) byMerge() {
	list := h.ready(1 + h.rng.IntN(2))
	h.git("fetch", "-q", "origin")
	h.git("checkout", "-q", "--detach", "origin/master")
	if h.maybe(2) {
		h.master = h.master.with(h.local())
	}
	how := "git merge"
	for _, p := range list {
		h.git("merge", "-q", "--no-ff", "--no-edit", "origin/"+p.head)
		if h.maybe(3) { // whoever merges may put more into it, which landed with it then
			how = "git merge, with more in it"
			maps.Copy(p.has, h.more())
			h.git("commit", "-q", "--amend", "--no-edit")
		}
	}
	h.pushed(how, list...)
}

func (h *history) octopus() {
	list := h.ready(2)
	h.moved()
	h.git("fetch", "-q", "origin")
	h.git("checkout", "-q", "--detach", "origin/master")
	h.git("merge", "-q", "--no-ff", "--no-edit", "origin/"+list[0].head, "origin/"+list[1].head)
	h.unsure(list...)
	h.pushed("octopus", list...)
}

func (h *history) unsure(list ...*landed) {
	for _, p := range list {
		p.unsure = true
	}
}

// endsInMerge fast-forwards master to a branch that has merged it.
func (h *history) endsInMerge() {
	list := h.ready(1)
	h.moved()
	h.do(h.gh.As("bob").UpdateBranch(demoRepo, list[0].n))
	h.git("fetch", "-q", "origin")
	h.git("checkout", "-q", "--detach", "origin/"+list[0].head)
	if h.maybe(2) {
		h.master = h.master.with(h.local())
	}
	h.unsure(list...)
	h.pushed("ends in a merge", list...)
}

// swapped merges master into a branch, and pushes that to master alone: master's own line is the branch's now.
func (h *history) swapped() {
	h.moved()
	list := h.ready(1)
	h.moved()
	h.git("fetch", "-q", "origin")
	h.git("checkout", "-q", "--detach", "origin/"+list[0].head)
	h.git("merge", "-q", "--no-ff", "--no-edit", "origin/master")
	h.unsure(list...)
	h.pushed("merged the other way round", list...)
}

// older merges a branch that has master in it onto what master was before that.
func (h *history) older() {
	list := h.ready(1)
	h.moved()
	h.do(h.gh.As("bob").UpdateBranch(demoRepo, list[0].n))
	h.git("fetch", "-q", "origin")
	h.git("checkout", "-q", "--detach", "origin/master~1")
	h.git("merge", "-q", "--no-ff", "--no-edit", "origin/"+list[0].head)
	h.unsure(list...)
	h.pushed("merged onto something older", list...)
}

// copied brings the commits of a pull request as others, so that GitHub doesn't know it for merged.
func (h *history) copied() {
	p := h.ready(1)[0]
	h.moved()
	h.git("fetch", "-q", "origin")
	h.git("checkout", "-q", "--detach", "origin/"+p.head)
	h.git("rebase", "-q", "origin/master")
	h.git("commit", "-q", "--amend", "--allow-empty", "-m", "By hand\n\nCloses #"+itoa(p.n))
	h.git("push", "-q", "origin", "HEAD:master")
	h.master = h.master.with(p.has)
	p.story = append(p.story, "closed via a commit")
}
