package sandbox

import (
	"container/heap"
	"time"
)

// Which of two sides reach a commit. What both reach, all its ancestors are reached by both.
const (
	fromA = 1 << iota
	fromB
	both = fromA | fromB
)

// twoSides walks back from some commits on either side, the newest first, until all that is left is reached by both and is
// older than everything that is reached by one: what two branches of a long history differ in costs no walk through that history.
// It says by whom each commit that it met is reached.
func (g *gitRepo) twoSides(a, b []string) map[string]int {
	w := sides{g: g, reached: map[string]int{}, waiting: map[string]bool{}}
	for _, sha := range a {
		w.reach(sha, fromA)
	}
	for _, sha := range b {
		w.reach(sha, fromB)
	}
	oldest := time.Time{} // of what one side alone reaches
	for w.queue.Len() > 0 {
		if w.alone == 0 && (oldest.IsZero() || w.queue[0].c.Committer.When.Before(oldest)) {
			break
		}
		c := heap.Pop(&w.queue).(heapItem).c
		by := w.reached[c.SHA]
		w.left(c.SHA, by)
		if when := c.Committer.When; by != both && (oldest.IsZero() || when.Before(oldest)) {
			oldest = when
		}
		for _, p := range c.Parents {
			w.reach(p, by)
		}
	}
	return w.reached
}

type sides struct {
	g       *gitRepo
	queue   commitHeap
	reached map[string]int
	waiting map[string]bool // what is in the queue
	alone   int             // commits in the queue that one side alone reaches
	seq     int
}

// reach notes that a commit is reached, and has its parents be looked at again if that is news.
func (w *sides) reach(sha string, by int) {
	c, was := w.g.commit(sha), w.reached[sha]
	if c == nil || was|by == was {
		return
	}
	w.reached[sha] = was | by
	if w.waiting[sha] {
		w.alone--
	} else {
		w.seq++
		heap.Push(&w.queue, heapItem{c, w.seq})
		w.waiting[sha] = true
	}
	if w.reached[sha] != both {
		w.alone++
	}
}

// left notes that a commit has left the queue.
func (w *sides) left(sha string, by int) {
	delete(w.waiting, sha)
	if by != both {
		w.alone--
	}
}

// reaches says whether a commit is another one or among its ancestors.
func (g *gitRepo) reaches(tip, sha string) bool {
	return tip == sha || g.commit(sha) != nil && g.twoSides([]string{tip}, []string{sha})[sha] == both
}

// mergeBase is the best common ancestor, "" for unrelated histories; of several, the newest.
func (g *gitRepo) mergeBase(a, b string) string {
	if a == b {
		return a
	}
	reached := g.twoSides([]string{a}, []string{b})
	// What is below a common ancestor is a worse one.
	below := map[string]bool{}
	for sha, by := range reached {
		if by == both {
			for _, p := range g.commit(sha).Parents {
				below[p] = true
			}
		}
	}
	var best *gitCommit
	for sha, by := range reached {
		if by != both || below[sha] {
			continue
		}
		c := g.commit(sha)
		if best == nil || c.Committer.When.After(best.Committer.When) || c.Committer.When.Equal(best.Committer.When) && c.SHA < best.SHA {
			best = c
		}
	}
	if best == nil {
		return ""
	}
	return best.SHA
}

// between lists the commits of base..head, parents before children, as a pull request shows them.
func (g *gitRepo) between(base, head string) []*gitCommit { return g.outsideOf([]string{base}, head) }

// outsideOf lists the commits that head reaches and that none of some tips does, parents before children.
func (g *gitRepo) outsideOf(tips []string, head string) []*gitCommit {
	reached := g.twoSides([]string{head}, tips)
	var out []*gitCommit
	seen := map[string]bool{}
	var visit func(sha string)
	visit = func(sha string) {
		if seen[sha] || reached[sha] != fromA {
			return
		}
		seen[sha] = true
		c := g.commit(sha)
		for _, p := range c.Parents {
			visit(p)
		}
		out = append(out, c)
	}
	visit(head)
	return out
}
