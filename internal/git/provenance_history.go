package git

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
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

	raw     *rawIndex         // when first needed
	changes map[string]change // by commit, of those that were looked at
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
	args := []string{"log", "-z", "--first-parent", "--no-color", "--no-show-signature", "--encoding=UTF-8", "--format=tformat:%H%x00%P%x00%ct%x00%B",
		"-" + strconv.Itoa(maxHistory), tip, "^" + other, "--"}
	h := &History{r: r, source: source, tip: tip, other: other, byID: map[string]int{}, byNumber: map[int][]int{}, byTitle: map[string][]int{},
		changes: map[string]change{}}
	parted := make(chan error, 1)
	go func() { // beside the log, since both walk far
		var err error
		h.since, err = r.mergeBase(ctx, tip, other)
		parted <- err
	}()
	out, err := r.local(ctx, nil, args...)
	if gone := <-parted; gone != nil {
		return nil, gone // it says why the log failed too
	}
	if err != nil {
		return nil, err
	}
	f := strings.Split(string(out), "\x00")
	for ; len(f) >= 4; f = f[4:] {
		if !isID(f[0]) {
			return nil, fmt.Errorf("%w: git log answers %.80q", errDamaged, f[0])
		}
		h.take(f)
	}
	for i := range h.merged {
		h.merged[i].undoes = h.undone(i)
	}
	return h, h.whole(ctx)
}

// whole makes sure that the first parents end where they do and not just where a
// shallow clone is cut off.
func (h *History) whole(ctx context.Context) error {
	if len(h.merged) == 0 || h.merged[len(h.merged)-1].parent != "" {
		return nil
	}
	c, err := h.r.Commit(ctx, h.merged[len(h.merged)-1].id)
	if err == nil && len(c.Parents) > 0 {
		return &HistoryError{Shallow: true}
	}
	return err
}

// mergeBase is where two commits meet; empty if nowhere.
func (r *Repository) mergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.local(ctx, nil, "merge-base", a, b)
	if codeOf(err) == 1 {
		if isFile(filepath.Join(r.desk, "shallow")) {
			return "", &HistoryError{Shallow: true}
		}
		return "", nil
	}
	var e *Error
	if errors.As(err, &e) { // a commit is missing
		return "", &HistoryError{Shallow: true}
	}
	return strings.TrimSpace(string(out)), err
}

func (h *History) take(f []string) {
	text, number := provenance.Squash(f[3])
	m := merge{id: f[0], number: number, title: text.Title, message: f[3]}
	m.parent, _, _ = strings.Cut(f[1], " ")
	m.when, _ = strconv.ParseInt(f[2], 10, 64)
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

var (
	revertsCommit = lazy.Regexp(`(?i)\bthis reverts commit ([0-9a-f]{7,64})\b`)
	revertsNumber = lazy.Regexp(`(?im)^\W*reverts\s+(?:[\w.-]+/[\w.-]+)?#(\d{1,9})\b`)
	revertsTitle  = lazy.Regexp(`^(?:\[[^\]]*\]\s*)?(?:Revert|Reapply) "(.*)"(?:\s*\(#\d+\))*$`)
)

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
	for _, f := range revertsCommit().FindAllStringSubmatch(m.message, -1) {
		if j, ok := h.find(f[1]); ok {
			add(j)
		}
	}
	for _, f := range revertsNumber().FindAllStringSubmatch(m.message, -1) {
		n, _ := strconv.Atoi(f[1])
		for _, j := range h.byNumber[n] {
			add(j)
		}
	}
	if f := revertsTitle().FindStringSubmatch(m.title); f != nil && len(all) == 0 && strings.Contains(m.title, "Revert ") {
		title, _ := provenance.Squash(f[1])
		for _, j := range h.byTitle[provenance.Title(title.Title)] {
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
	blobs   map[int][]string // of each commit: what its diff reads; of a cache alone
}

// index reads which paths each commit touches.
func (h *History) index(ctx context.Context) (*rawIndex, error) {
	if h.raw != nil {
		return h.raw, nil
	}
	args := []string{"log", "-z", "--first-parent", "-m", "--raw", "--no-abbrev", "--no-renames", "--no-color", "--no-show-signature", "--format=tformat:%H",
		"-" + strconv.Itoa(maxHistory), h.tip, "^" + h.other, "--"}
	out, err := h.r.local(ctx, nil, args...)
	if err != nil {
		return nil, err
	}
	x := &rawIndex{byPaths: map[string][]int{}, byPath: map[string][]int{}, byAdded: map[string][]int{}, blobs: map[int][]string{}}
	var paths []string
	at := -1
	flush := func() {
		if at >= 0 && len(paths) > 0 {
			key := pathsKey(paths)
			x.byPaths[key] = append(x.byPaths[key], at)
			for _, path := range paths {
				x.byPath[path] = append(x.byPath[path], at)
			}
		}
		paths = nil
	}
	f := strings.Split(string(out), "\x00")
	for i := 0; i < len(f); i++ {
		token := strings.TrimLeft(f[i], "\n")
		if !strings.HasPrefix(token, ":") {
			if id, ok := h.byID[token]; ok {
				flush()
				at = id
			}
			continue
		}
		i++
		if i >= len(f) {
			break
		}
		paths = append(paths, f[i])
		r := strings.Fields(token) // :MODE MODE ID ID STATUS
		if len(r) != 5 || at < 0 {
			continue
		}
		if r[4] == "A" {
			key := r[3] + " " + f[i]
			x.byAdded[key] = append(x.byAdded[key], at)
		}
		x.note(h.r, at, r)
	}
	flush()
	h.raw = x
	return x, nil
}

// note keeps which files a commit's diff will read, where they have to be fetched.
func (x *rawIndex) note(r *Repository, at int, raw []string) {
	if r.access == nil || strings.Contains(raw[0]+raw[1], "160000") {
		return
	}
	for _, id := range raw[2:4] {
		if strings.Trim(id, "0") != "" {
			x.blobs[at] = append(x.blobs[at], id)
		}
	}
}

// pathsKey names a set of paths.
func pathsKey(paths []string) string {
	paths = slices.Clone(paths)
	slices.Sort(paths)
	return strings.Join(paths, "\x00")
}

// date is a commit's moment for people.
func (m merge) date() string { return time.Unix(m.when, 0).UTC().Format(time.DateOnly) }
