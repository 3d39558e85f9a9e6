package main

import (
	"crypto/sha1"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestPicksOfRandomHistories: in whatever ways pull requests came to master, the tree of a
// pick is the target's with exactly what its source's landing changed, or Slipway says
// that nobody can tell; and the gate calls nothing else a faithful pick of it. What is
// right is known from how the history was made, without git. SLIPWAY_TEST_SEED repeats a seed.
func TestPicksOfRandomHistories(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, rand.Uint64()}
	if text := os.Getenv("SLIPWAY_TEST_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = []uint64{seed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Logf("SLIPWAY_TEST_SEED=%d", seed)
			h := newHistory(newWorld(t), seed)
			ways := slices.Sorted(maps.Keys(landings))
			for len(h.pulls) < pullsMax-2 { // a landing has at most three
				landings[ways[h.rng.IntN(len(ways))]](h)
				if h.maybe(2) {
					h.moved()
				}
			}
			h.settle()
			h.askedFor()
			for _, p := range h.pulls {
				h.judge(p)
			}
			h.byHandOf()
		})
	}
}

// askedFor has somebody ask for a pick of every pull request.
func (h *history) askedFor() {
	for _, p := range h.pulls {
		_, err := h.gh.As("bob").Comment(demoRepo, p.n, "/cherry-pick "+demoBranch)
		h.do(err)
	}
	h.settle()
}

// judge compares what came of the pick of a pull request with what is right.
func (h *history) judge(p *landed) {
	h.t.Helper()
	picks := h.picks(p.n, demoBranch)
	switch {
	case p.brought == nil:
		if len(picks) > 0 {
			h.fault(p, "it isn't merged, and was picked")
		}
	case len(picks) == 0 && !strings.Contains(h.status(p.n), "can't be told with certainty"):
		h.fault(p, "no pick, and nothing is said of it")
	case len(picks) == 0 && !p.unsure:
		h.fault(p, "it is refused")
	case len(picks) == 1:
		if d := h.wrong(picks[0].Head, p.brought); d != "" {
			h.fault(p, "the pick is wrong: "+d)
		}
		if title := h.gate(picks[0].Number).Title; !strings.HasPrefix(title, "Faithful cherry-pick of ") {
			h.fault(p, "the gate says "+title)
		}
	}
}

func (h *history) fault(p *landed, what string) {
	h.t.Helper()
	h.t.Errorf("#%d (%s): %s\nit brought %v\n%s", p.n, strings.Join(p.story, ", "), what, p.brought, h.status(p.n))
}

// wrong says where a branch isn't the release branch with some changes, "" if it is.
func (h *history) wrong(branch string, changes content) string {
	want, got := h.tree(demoBranch), h.tree(branch)
	for path, text := range h.release.with(changes).files(changes) {
		if delete(want, path); text != sandbox.Deleted {
			want[path] = fmt.Sprintf("%x", sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(text), text)))
		}
	}
	var said []string
	for path := range maps.Keys(content(want).with(got)) {
		if want[path] != got[path] {
			said = append(said, path)
		}
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

// tree is the files of a branch, by their blobs.
func (h *history) tree(ref string) map[string]string {
	h.t.Helper()
	out, err := exec.Command("git", "-C", h.gh.GitDir(demoRepo), "ls-tree", "-r", ref).Output()
	h.do(err)
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		entry, path, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = strings.Fields(entry)[2]
	}
	return files
}

// handMade is a pick that somebody made by hand, right or wrong.
type handMade struct {
	of      *landed
	changes content
}

// byHandOf has people make picks by hand, which the gate has to tell apart.
func (h *history) byHandOf() {
	made := map[int]handMade{}
	for k, p := range h.pulls {
		if p.brought == nil || !h.maybe(2) {
			continue
		}
		changes := maps.Clone(p.brought)
		switch names := slices.Sorted(maps.Keys(changes)); h.rng.IntN(3) {
		case 0:
			delete(changes, names[h.rng.IntN(len(names))])
		case 1:
			maps.Copy(changes, h.pulls[(k+1)%len(h.pulls)].brought)
		}
		if len(changes) == 0 {
			continue
		}
		pr, err := h.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "by-hand-" + p.head, Title: "By hand",
			Body: "Cherry-pick of #" + itoa(p.n), Files: h.release.with(changes).files(changes)})
		h.do(err)
		made[pr.Number] = handMade{p, changes}
	}
	h.settle()
	for n, pick := range made {
		h.judgeByHand(n, pick)
	}
}

func (h *history) judgeByHand(n int, pick handMade) {
	h.t.Helper()
	title := h.gate(n).Title
	named, faithful := strings.CutPrefix(title, "Faithful cherry-pick of ")
	if !faithful {
		if !pick.of.unsure && maps.Equal(pick.of.brought, pick.changes) {
			h.fault(pick.of, fmt.Sprintf("#%d is the same by hand, and the gate says %s", n, title))
		}
		return
	}
	union := content{}
	for of := range strings.SplitSeq(named, ", ") {
		k := slices.IndexFunc(h.pulls, func(p *landed) bool { return "#"+itoa(p.n) == of })
		if k < 0 {
			return // a commit, of which only git knows what it changed
		}
		maps.Copy(union, h.pulls[k].brought)
	}
	if !maps.Equal(union, pick.changes) {
		h.t.Errorf("#%d changes %v, and the gate says %s, which is %v", n, pick.changes, title, union)
	}
}
