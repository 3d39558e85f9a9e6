package git

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// walk is what is before a commit and not before others, and where they met. It
// reads commits by the process that is there anyway and remembers them: a
// question about a history that is known starts nothing.
type walk struct {
	own     []Commit // before the one alone, itself included; the newest first
	met     []string // where the sides met; none if they didn't
	from    map[string]reached
	commits map[string]Commit
	cut     map[string]bool // where a shallow clone ends
	queue   byDate
	oldest  int64 // of those in own
	beyond  int   // commits that were looked at only because clocks may be wrong
}

// maxBeyond bounds them: a date in a commit is anybody's word.
const maxBeyond = 1000

// reached says from where a commit is reached.
type reached uint8

const (
	ours   reached = 1 << iota // from the one
	theirs                     // from the others
	stale                      // behind where they met
	found                      // it is where they met
)

// walk goes back from a commit and others, the newest first, until all that is
// left to see is before both. The error is a *MissingError where a commit is not
// here although no shallow end is before it.
func (r *Repository) walk(ctx context.Context, tip string, others ...string) (*walk, error) {
	w := &walk{from: map[string]reached{}, commits: map[string]Commit{}}
	var err error
	if w.cut, err = r.cut(); err != nil {
		return nil, err
	}
	if err := w.reach(ctx, r, tip, ours); err != nil {
		return nil, err
	}
	for _, id := range others {
		if err := w.reach(ctx, r, id, theirs); err != nil {
			return nil, err
		}
	}
	popped := map[string]bool{}
	for w.open() {
		c := heap.Pop(&w.queue).(dated).Commit
		side := w.from[c.ID] &^ found
		if side == ours|theirs {
			if w.from[c.ID]&found == 0 {
				w.from[c.ID] |= found
				w.met = append(w.met, c.ID)
			}
			side |= stale
		}
		if side == ours && !popped[c.ID] {
			popped[c.ID], w.own, w.oldest = true, append(w.own, c), c.seconds()
		}
		for _, p := range w.parents(c) {
			if err := w.reach(ctx, r, p, side); err != nil {
				return nil, err
			}
		}
	}
	w.own = slices.DeleteFunc(w.own, func(c Commit) bool { return w.from[c.ID] != ours })
	w.met = slices.DeleteFunc(w.met, func(id string) bool { return w.from[id]&stale != 0 })
	return w, nil
}

// reach notes that a commit is reached, and queues it if that is news.
func (w *walk) reach(ctx context.Context, r *Repository, id string, side reached) error {
	if w.from[id]&side == side {
		return nil
	}
	c, ok := w.commits[id]
	if !ok {
		var err error
		if c, err = r.Commit(ctx, id); err != nil {
			return err
		}
		w.commits[id] = c
	}
	w.from[id] |= side
	heap.Push(&w.queue, dated{c, c.seconds(), len(w.commits)})
	return nil
}

// open says whether anything is left that may tell: what only one side reaches,
// or, where clocks were wrong, what is no older than a commit taken for own.
func (w *walk) open() bool {
	if len(w.queue) == 0 {
		return false
	}
	if slices.ContainsFunc(w.queue, func(d dated) bool { return w.from[d.ID]&stale == 0 }) {
		return true
	}
	w.beyond++
	return len(w.own) > 0 && w.queue[0].when >= w.oldest && w.beyond <= maxBeyond
}

// parents are a commit's, but none where a shallow clone ends.
func (w *walk) parents(c Commit) []string {
	if w.cut[c.ID] {
		return nil
	}
	return c.Parents
}

// dated is a commit in the queue.
type dated struct {
	Commit
	when int64
	nth  int
}

// byDate is a heap with the newest commit on top.
type byDate []dated

func (q byDate) Len() int { return len(q) }
func (q byDate) Less(i, j int) bool {
	return q[i].when > q[j].when || q[i].when == q[j].when && q[i].nth < q[j].nth
}
func (q byDate) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *byDate) Push(x any) { *q = append(*q, x.(dated)) }

// Pop implements heap.Interface.
func (q *byDate) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// cut are the commits at which a shallow clone ends.
func (r *Repository) cut() (map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join(r.desk, "shallow"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	cut := map[string]bool{}
	for _, id := range strings.Fields(string(text)) {
		if !isID(id) {
			return nil, fmt.Errorf("%w: the list of shallow ends has %.80q", errDamaged, id)
		}
		cut[id] = true
	}
	return cut, nil
}

// base is where the sides met; empty if nowhere. In a shallow clone that ends
// before they do the error is a *HistoryError.
func (w *walk) base(ctx context.Context, r *Repository, a, b string) (string, error) {
	switch {
	case len(w.met) == 1:
		return w.met[0], nil
	case len(w.met) > 1: // they crossed: git knows which it takes
		out, err := r.local(ctx, nil, "merge-base", a, b)
		return strings.TrimSpace(string(out)), err
	case len(w.cut) > 0:
		return "", &HistoryError{Shallow: true}
	}
	return "", nil
}

// mergeBase is where two commits meet; empty if nowhere. Where the history isn't
// here the error is a *HistoryError.
func (r *Repository) mergeBase(ctx context.Context, a, b string) (string, error) {
	w, err := r.walk(ctx, a, b)
	if isMissing(err) {
		return "", &HistoryError{Shallow: true}
	}
	if err != nil {
		return "", err
	}
	return w.base(ctx, r, a, b)
}

// ancestor says whether a commit is another or before it, as far as that can be
// seen here.
func (r *Repository) ancestor(ctx context.Context, id, of string) (bool, error) {
	w, err := r.walk(ctx, of, id)
	if err != nil {
		return false, ctx.Err()
	}
	return w.from[id]&ours != 0, nil
}

// firstParents are the first parents of a walk's commit that are its own, itself
// included, the newest first; at most so many. cut says that a shallow clone
// ends with the last of them.
func (w *walk) firstParents(tip string, most int) (list []Commit, cut bool) {
	for w.from[tip] == ours && len(list) < most {
		c := w.commits[tip]
		list = append(list, c)
		if len(w.parents(c)) == 0 {
			return list, len(c.Parents) > 0
		}
		tip = c.Parents[0]
	}
	return list, false
}
