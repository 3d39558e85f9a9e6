package sandbox

import (
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ancestors is every commit reachable from any of some, themselves included.
func (g *gitRepo) ancestors(tips ...string) map[string]bool {
	seen := map[string]bool{}
	stack := slices.Clone(tips)
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[c] {
			continue
		}
		seen[c] = true
		if p := g.commit(c); p != nil {
			stack = append(stack, p.Parents...)
		}
	}
	return seen
}

// brings is the commit on a branch's own line that brought another one: that one, if it is on the line, or the merge that has
// it. GitHub calls it the merge of a pull request that came by a push.
func (g *gitRepo) brings(tip, sha string) string {
	for {
		c := g.commit(tip)
		if c == nil || tip == sha || len(c.Parents) == 0 || g.mergeBase(c.Parents[0], sha) != sha {
			return tip
		}
		tip = c.Parents[0]
	}
}

// commitHeap orders by committer date, newest first, ties by order of discovery, as git log does.
type commitHeap []heapItem

type heapItem struct {
	c   *gitCommit
	seq int
}

func (h commitHeap) Len() int { return len(h) }
func (h commitHeap) Less(i, j int) bool {
	if !h[i].c.Committer.When.Equal(h[j].c.Committer.When) {
		return h[i].c.Committer.When.After(h[j].c.Committer.When)
	}
	return h[i].seq < h[j].seq
}
func (h commitHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for container/heap.
func (h *commitHeap) Push(x any) { *h = append(*h, x.(heapItem)) }

// Pop is for container/heap.
func (h *commitHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// log lists commits reachable from sha and not in without, newest first.
func (g *gitRepo) log(sha string, without map[string]bool) []*gitCommit {
	var out []*gitCommit
	seen := map[string]bool{}
	h := &commitHeap{}
	add := func(sha string) {
		if seen[sha] || without[sha] {
			return
		}
		seen[sha] = true
		if c := g.commit(sha); c != nil {
			heap.Push(h, heapItem{c, len(seen)})
		}
	}
	add(sha)
	for h.Len() > 0 {
		c := heap.Pop(h).(heapItem).c
		out = append(out, c)
		for _, p := range c.Parents {
			add(p)
		}
	}
	return out
}

// mergeResult is what merging two commits gives.
type mergeResult struct {
	tree     string
	conflict bool
}

var errConflict = errors.New("merge conflict")

// mergeTree merges two commits without a work tree; the result is kept, since it never changes.
func (g *gitRepo) mergeTree(base, head string) (mergeResult, error) {
	key := base + " " + head
	g.mu.Lock()
	r, ok := g.merges[key]
	g.mu.Unlock()
	if ok {
		return r, nil
	}
	if c := g.commit(head); c != nil && g.mergeBase(base, head) == base {
		return mergeResult{tree: c.Tree}, nil // there is nothing to merge
	}
	out, err := g.git("merge-tree", "--write-tree", "--no-messages", "--allow-unrelated-histories", base, head)
	var exit *exec.ExitError
	switch {
	case err == nil:
		r = mergeResult{tree: strings.TrimSpace(string(out))}
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		r = mergeResult{conflict: true}
	default:
		return r, err
	}
	g.mu.Lock()
	g.merges[key] = r
	g.mu.Unlock()
	return r, nil
}

// fileDiff is one file of a comparison.
type fileDiff struct {
	Path, Old, SHA, Status string
	Patch                  string
	Added, Removed         int
}

// diff compares two trees or commits; the result is kept.
func (g *gitRepo) diff(a, b string) ([]fileDiff, error) {
	if a == "" {
		a = emptyTree
		if _, err := g.write("tree", nil); err != nil {
			return nil, err
		}
	}
	key := a + " " + b
	g.mu.Lock()
	d, ok := g.diffs[key]
	g.mu.Unlock()
	if ok {
		return d, nil
	}
	out, err := g.git("diff-tree", "-r", "-M", "--no-abbrev", "--no-color", "--raw", "-p", "-z", a, b)
	if err != nil {
		return nil, err
	}
	// The list of files ends with an empty one, if patches follow.
	raw, patch, _ := bytes.Cut(out, []byte("\x00\x00"))
	d = parseDiff(raw, patch)
	g.mu.Lock()
	g.diffs[key] = d
	g.mu.Unlock()
	return d, nil
}

func parseDiff(raw, patch []byte) []fileDiff {
	var out []fileDiff
	f := strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00")
	for i := 0; i+1 < len(f); {
		meta := strings.Fields(strings.TrimPrefix(f[i], ":"))
		if len(meta) < 5 {
			break
		}
		d := fileDiff{SHA: meta[3], Path: f[i+1]}
		i += 2
		switch meta[4][0] {
		case 'A':
			d.Status = "added"
		case 'D':
			d.Status, d.SHA = "removed", meta[2]
		case 'R', 'C':
			d.Status, d.Old, d.Path = "renamed", d.Path, f[i]
			i++
		case 'T':
			d.Status = "changed"
		default:
			d.Status = "modified"
		}
		out = append(out, d)
	}
	// Content lines start with a space, plus, minus or backslash: a header at a line's start is a header.
	parts := bytes.Split(append([]byte("\n"), patch...), []byte("\ndiff --git "))
	for i, p := range parts[1:] {
		if i < len(out) {
			out[i].setPatch(string(p))
		}
	}
	return out
}

// A file whose diff is larger is listed without it:
// https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits
const (
	maxDiff      = 500 << 10
	maxDiffLines = 20_000
)

func (d *fileDiff) setPatch(p string) {
	_, hunks, ok := strings.Cut(p, "\n@@")
	if !ok {
		return
	}
	hunks = "@@" + strings.TrimSuffix(hunks, "\n")
	if len(hunks) <= maxDiff && strings.Count(hunks, "\n") <= maxDiffLines {
		d.Patch = hunks
	}
	for line := range strings.SplitSeq(hunks, "\n") {
		switch {
		case strings.HasPrefix(line, "+"):
			d.Added++
		case strings.HasPrefix(line, "-"):
			d.Removed++
		}
	}
}

// setRef points a ref at an object, in git's own way: a lock file, then a rename.
func (g *gitRepo) setRef(ref, sha string) error {
	path := filepath.Join(g.dir, filepath.FromSlash(ref))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("ref %s: %w", ref, err)
	}
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("lock ref %s: %w", ref, err)
	}
	_, err = f.WriteString(sha + "\n")
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(path + ".lock")
		return err
	}
	return os.Rename(path+".lock", path)
}

// deleteRef removes a ref and the directories that it leaves empty, so that `a` can be created after `a/b` went.
func (g *gitRepo) deleteRef(ref string) error {
	path := filepath.Join(g.dir, filepath.FromSlash(ref))
	if err := os.Remove(path); err != nil {
		return err
	}
	stop := filepath.Join(g.dir, "refs")
	for d := filepath.Dir(path); filepath.Dir(d) != stop && len(d) > len(stop); d = filepath.Dir(d) {
		if os.Remove(d) != nil {
			break
		}
	}
	return nil
}
