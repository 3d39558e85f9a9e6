package git

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// History is what was merged on a source branch since another branch left it:
// the branch's first parents, since only those were merged as they are. It is
// read once and then answers about many changes, one after the other.
type History struct {
	r      *Repository
	source release.Branch
	tip    string // of the source branch
	other  string // a commit of the other branch
	since  string // where the branches parted; empty: they never met

	merged   []merge // newest first
	byID     map[string]int
	byNumber map[int][]int    // by the pull request that a commit says it is; newest first
	byTitle  map[string][]int // by provenance.Title; newest first

	raw *rawIndex // when first needed
}

// merge is a commit of the source branch.
type merge struct {
	id, parent string
	when       int64 // of the committer, in seconds
	title      string
	number     int // of its pull request
	undoes     []int
	message    string
}

// maxHistory bounds how many commits of a source branch are read: some years.
const maxHistory = 20_000

// History reads what the source branch has, up to a commit of it, since it and
// another commit parted. In a clone that doesn't reach so far the error is a
// *HistoryError.
func (r *Repository) History(ctx context.Context, source release.Branch, tip, other string) (*History, error) {
	h := &History{r: r, source: source, tip: tip, other: other, byID: map[string]int{}, byNumber: map[int][]int{}, byTitle: map[string][]int{}}
	w, err := r.walk(ctx, tip, other)
	if isMissing(err) {
		return nil, &HistoryError{Shallow: true}
	}
	if err != nil {
		return nil, err
	}
	if h.since, err = w.base(ctx, r, tip, other); err != nil {
		return nil, err
	}
	list, cut := w.firstParents(tip, maxHistory)
	if cut {
		return nil, &HistoryError{Shallow: true}
	}
	for _, c := range list {
		h.take(c)
	}
	for i := range h.merged {
		h.merged[i].undoes = h.undone(i)
	}
	return h, nil
}

func (h *History) take(c Commit) {
	message := c.text()
	text, number := provenance.Squash(message)
	m := merge{id: c.ID, number: number, title: text.Title, message: message, when: c.seconds()}
	if len(c.Parents) > 0 {
		m.parent = c.Parents[0]
	}
	i := len(h.merged)
	h.merged = append(h.merged, m)
	h.byID[m.id] = i
	if number > 0 {
		h.byNumber[number] = append(h.byNumber[number], i)
	}
	if t := provenance.Title(m.title); t != "" {
		h.byTitle[t] = append(h.byTitle[t], i)
	}
}

// undone are the earlier commits that a commit says it reverts. A reapplied
// commit reverts the revert, as git itself writes it.
func (h *History) undone(i int) []int {
	m := h.merged[i]
	var all []int
	add := func(j int) {
		if j > i && !slices.Contains(all, j) { // an earlier one
			all = append(all, j)
		}
	}
	text, _ := provenance.Squash(m.message)
	text.Messages = []string{m.message}
	u := provenance.Undoes(text)
	for _, id := range u.Commits {
		if j, ok := h.find(id); ok {
			add(j)
		}
	}
	for _, n := range u.Numbers {
		for _, j := range h.byNumber[n] {
			add(j)
		}
	}
	if u.Title != "" && len(all) == 0 {
		for _, j := range h.byTitle[u.Title] {
			if j > i {
				add(j)
				break
			}
		}
	}
	return all
}

// find is a commit by its id or the beginning of it.
func (h *History) find(id string) (int, bool) {
	if i, ok := h.byID[id]; ok || len(id) < 7 {
		return i, ok
	}
	found := -1
	for i, m := range h.merged {
		if strings.HasPrefix(m.id, id) {
			if found >= 0 {
				return 0, false
			}
			found = i
		}
	}
	return found, found >= 0
}

// always is a moment after everything.
const always = int64(1) << 62

// revertedBy is the commit by which a commit was undone on the source branch,
// as that was at a moment; ok is false if it stands. A revert that was reverted
// itself undoes nothing.
func (h *History) revertedBy(i int, asOf int64) (by int, ok bool) {
	undone := map[int]int{}
	for j := range i {
		m := h.merged[j]
		if _, dead := undone[j]; dead || m.when > asOf {
			continue
		}
		for _, k := range m.undoes {
			if _, ok := undone[k]; !ok {
				undone[k] = j
			}
		}
	}
	by, ok = undone[i]
	return by, ok
}

// rawIndex finds commits of the source branch by the paths that they touch.
type rawIndex struct {
	byPaths map[string][]int // by all paths together; newest first
	byPath  map[string][]int // by each of them
	byAdded map[string][]int // by a file's path and new content, where it was new
}

// index reads which paths each commit touches.
func (h *History) index(ctx context.Context) (*rawIndex, error) {
	if h.raw != nil {
		return h.raw, nil
	}
	x := &rawIndex{byPaths: map[string][]int{}, byPath: map[string][]int{}, byAdded: map[string][]int{}}
	for at, m := range h.merged {
		touched, err := h.r.sides(ctx, m.parent, m.id)
		if err != nil {
			return nil, err
		}
		paths := slices.Sorted(maps.Keys(touched))
		for _, path := range paths {
			x.byPath[path] = append(x.byPath[path], at)
			if s := touched[path]; s.old.id == "" {
				key := s.new.id + " " + path
				x.byAdded[key] = append(x.byAdded[key], at)
			}
		}
		if key := pathsKey(paths); key != "" {
			x.byPaths[key] = append(x.byPaths[key], at)
		}
	}
	h.raw = x
	return x, nil
}

// pathsKey names a set of paths.
func pathsKey(paths []string) string {
	paths = slices.Clone(paths)
	slices.Sort(paths)
	return strings.Join(paths, "\x00")
}

// date is a commit's moment for people.
func (m merge) date() string { return time.Unix(m.when, 0).UTC().Format(time.DateOnly) }
