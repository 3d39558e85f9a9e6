package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// content is what a branch holds, by names: each is a file, or a line of one file that all
// share. Every pull request has names of its own, so what belongs together is known
// without git. "" is what isn't there.
type content map[string]string

// sharedFile has a line for each name that ends in "#"; what is between them never changes,
// so git doesn't see two of them as one change.
const sharedFile = "history/shared.txt"

func (c content) with(changes content) content {
	c = maps.Clone(c)
	maps.Copy(c, changes)
	return c
}

// file is a file's text, sandbox.Deleted for one that isn't there.
func (c content) file(path string) string {
	if path != sharedFile {
		if c[path] == "" {
			return sandbox.Deleted
		}
		return c[path]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "of %s\n", c["head"])
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if strings.HasSuffix(name, "#") {
			fmt.Fprintf(&b, "a %s\nb %[1]s\nc %[1]s\n%[1]s %s\nd %[1]s\ne %[1]s\nf %[1]s\n", name, c[name])
		}
	}
	return b.String()
}

// files are the files that hold some names, as they are on a branch.
func (c content) files(names content) map[string]string {
	out := map[string]string{}
	for name := range names {
		if strings.HasSuffix(name, "#") {
			name = sharedFile
		}
		out[name] = c.file(name)
	}
	return out
}

// beyond is what a branch holds that an earlier state of it didn't.
func (c content) beyond(was content) content {
	out := content{}
	for name, text := range c {
		if was[name] != text {
			out[name] = text
		}
	}
	return out
}

// landed is a pull request of a random history.
type landed struct {
	n     int
	head  string
	has   content // what it changes
	story []string
	// brought is what its landing changed on master; nil: it isn't merged.
	brought content
	unsure  bool // it may be that nobody can tell
}

// history makes master's history at random, and knows what each landing changed.
type history struct {
	*world
	rng     *rand.Rand
	master  content
	release content
	dir     string // a clone
	pulls   []*landed
	direct  int
}

const (
	bobs     = "Bob <bob@example.com>"
	pullsMax = 12
)

// newHistory has a release branch that has gone its own way.
func newHistory(w *world, seed uint64) *history {
	h := &history{world: w, rng: rand.New(rand.NewPCG(seed, seed)), master: content{"head": "master"}}
	for i := range pullsMax {
		h.master[name(i, "line#")], h.master[name(i, "gone")] = "0", "to go\n"
	}
	h.release = h.master.with(content{"head": "release", "history/own": "of the release\n"})
	w.do2(w.gh.As("alice").Push(demoRepo, "master", h.master.files(h.master), "A history begins"))
	w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, h.release.files(h.release), "The release has its own"))
	h.dir = w.cloneAs("bob", bobs, demoRepo, "master")
	return h
}

func name(pull int, of string) string { return fmt.Sprintf("history/%02d-%s", pull, of) }

func (h *history) git(args ...string) { h.t.Helper(); h.gitAs(bobs, h.dir, args...) }

// maybe is true once in so many times.
func (h *history) maybe(in int) bool { return h.rng.IntN(in) == 0 }

// opened is a new pull request of one to four commits.
func (h *history) opened() *landed {
	i := len(h.pulls)
	p := &landed{head: fmt.Sprintf("change-%d", i), has: content{}}
	commits := []content{{name(i, "a"): "first\n"}}
	for _, more := range []content{
		{name(i, "a"): "second\n", name(i, "dir/b"): "b\n"}, {name(i, "line#"): "changed"}, {name(i, "gone"): ""},
		{name(i, "line#"): "changed again", name(i, "c"): "c\n"}, {name(i, "line#"): "0"},
	} {
		if h.maybe(2) {
			commits = append(commits, more)
		}
	}
	at := h.master
	for k, c := range commits {
		at = at.with(c)
		maps.Copy(p.has, c)
		if k == 0 {
			pr, err := h.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: p.head, Title: "Title of " + p.head, Files: at.files(c)})
			h.do(err)
			p.n = pr.Number
			continue
		}
		_, err := h.gh.As("bob").PushToPR(demoRepo, p.n, at.files(c), fmt.Sprintf("More %d", k))
		h.do(err)
		p.story = append(p.story, "commit")
	}
	h.pulls = append(h.pulls, p)
	if h.maybe(3) {
		h.onSite(p, i)
	}
	return p
}

// onSite adds a commit that GitHub made, as for whoever edits on its pages.
func (h *history) onSite(p *landed, i int) {
	p.story = append(p.story, "edited on the site")
	file := content{name(i, "site"): "on the site\n"}
	maps.Copy(p.has, file)
	_, err := h.gh.As("bob").EditOnSite(demoRepo, p.head, file.files(file), "Update it")
	h.do(err)
}

// around does to an open pull request what people do before it is merged.
func (h *history) around(p *landed) {
	for h.maybe(2) {
		switch h.rng.IntN(4) {
		case 0:
			p.story = append(p.story, "updated")
			h.moved()
			h.do(h.gh.As("bob").UpdateBranch(demoRepo, p.n))
		case 1:
			p.story = append(p.story, "an empty commit")
			h.git("fetch", "-q", "origin")
			h.git("checkout", "-q", "--detach", "origin/"+p.head)
			h.git("commit", "-q", "--allow-empty", "-m", "Run the tests again")
			h.git("push", "-q", "origin", "HEAD:"+p.head)
		case 2:
			h.moved()
		case 3: // somebody has brought a part of it already
			for file, text := range p.has {
				if strings.HasSuffix(file, "/b") || strings.HasSuffix(file, "-site") {
					p.story = append(p.story, "partly there")
					h.push(content{file: text})
				}
			}
		}
	}
}

// moved has somebody push a change of their own to master.
func (h *history) moved() {
	h.direct++
	h.push(content{fmt.Sprintf("history/direct-%d", h.direct): "direct\n"})
}

func (h *history) push(c content) {
	h.master = h.master.with(c)
	_, err := h.gh.As("alice").Push(demoRepo, "master", h.master.files(c), "Directly")
	h.do(err)
}

// lands notes what the landing of pull requests changed, one after the other.
func (h *history) lands(how string, pulls ...*landed) {
	for _, p := range pulls {
		after := h.master.with(p.has)
		p.brought = after.beyond(h.master)
		h.master = after
		p.story = append(p.story, how)
	}
	if h.maybe(5) { // GitHub's record doesn't show it yet
		for _, p := range pulls {
			p.story, p.unsure = append(p.story, "unrecorded"), true
		}
		h.do(h.gh.HideMoves(demoRepo, h.gh.Branch(demoRepo, "master")))
	}
}

// local commits a change of somebody's own in the clone, and returns it.
func (h *history) local() content {
	c := h.more()
	h.git("commit", "-q", "-m", "Directly, with a push")
	return c
}

// more is a change in the clone that is about to be committed.
func (h *history) more() content {
	h.direct++
	file := fmt.Sprintf("history/direct-%d", h.direct)
	h.do(os.MkdirAll(filepath.Join(h.dir, "history"), 0o755))
	h.do(os.WriteFile(filepath.Join(h.dir, file), []byte("direct\n"), 0o644))
	h.git("add", "--all")
	return content{file: "direct\n"}
}

// rebased has the branches of pull requests stand on master, one on the other, by hand.
func (h *history) rebased(pulls ...*landed) {
	h.git("fetch", "-q", "origin")
	onto := "origin/master"
	for _, p := range pulls {
		h.git("checkout", "-q", "-B", p.head, "origin/"+p.head)
		h.git("rebase", "-q", onto)
		if h.maybe(3) {
			p.story = append(p.story, "edited")
			h.git("commit", "-q", "--amend", "--allow-empty", "-m", "In other words")
		}
		h.git("push", "-q", "-f", "origin", "HEAD:"+p.head)
		onto = p.head
	}
}
