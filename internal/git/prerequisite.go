package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Prerequisite is a commit of the source's branch that the target lacks and
// that touched what a pick conflicts about.
type Prerequisite struct {
	Commit  string
	Subject string
	Paths   []string // the conflicted paths that it touched, sorted
	when    time.Time
}

// Search bounds a search for prerequisites. Zero means 20 commits, 10 seconds.
type Search struct {
	Most   int
	Within time.Duration
}

// maxPaths is how many conflicted paths are searched. A pick that conflicts in
// more is not saved by a list of commits.
const maxPaths = 30

// HistoryError says that prerequisites can't be found because a clone doesn't
// reach back far enough. The caller may fetch what is missing and ask again.
type HistoryError struct {
	Shallow bool     // the commits end before the two branches meet
	Missing []string // ids of versions of files that a partial clone left out
}

// Error says what is missing.
func (e *HistoryError) Error() string {
	if e.Shallow {
		return "the history isn't here: the clone is shallow, or has no trees, before the branches meet"
	}
	return fmt.Sprintf("the history isn't all here: the clone is partial and lacks %d versions of files", len(e.Missing))
}

// Prerequisites finds what a conflicted pick probably waits for: the commits
// between the target and the source's parent that last touched the lines in
// conflict (or the whole file, where a conflict is not about lines), newest
// first. Those whose change is on the target already are left out: by their
// patch, by a "(cherry picked from commit" line, or because picking them there
// changes nothing. more says that the bounds of the search cut it off.
//
// It reads history, which a pick doesn't, so it is for conflicts alone. Without
// that history the error is a *HistoryError.
func (r *Repository) Prerequisites(ctx context.Context, p Pick, s Search) (found []Prerequisite, more bool, err error) {
	if p.Outcome != Clash || len(p.Steps) == 0 {
		return nil, false, nil
	}
	last := p.Steps[len(p.Steps)-1]
	if last.parent == "" {
		return nil, false, nil // nothing is before a root commit
	}
	if s.Most <= 0 {
		s.Most = 20
	}
	if s.Within <= 0 {
		s.Within = 10 * time.Second
	}
	inTime, cancel := context.WithTimeout(ctx, s.Within)
	defer cancel()
	h := &hunt{r: r, p: p, onto: p.Onto, parent: last.parent, tree: last.base, seen: map[string]*Prerequisite{}}
	more, err = h.candidates(inTime)
	if err == nil {
		var cut bool
		found, cut, err = h.lacking(inTime, s.Most)
		more = more || cut
	}
	if err != nil && ctx.Err() == nil && inTime.Err() != nil {
		return found, true, nil
	}
	return found, more, err
}

// hunt is one search.
type hunt struct {
	r            *Repository
	p            Pick
	onto, parent string // commits
	tree         string // the parent's
	paths        []string
	seen         map[string]*Prerequisite
}

// candidates collects the commits that touched what is in conflict.
func (h *hunt) candidates(ctx context.Context) (more bool, err error) {
	before, more, err := h.r.pathsBefore(ctx, h.tree, h.p.Conflicts)
	if err != nil {
		return more, err
	}
	h.paths = before
	if err := h.r.reaches(ctx, h.onto, h.parent, before); err != nil {
		return more, err
	}
	for i, c := range h.p.Conflicts[:len(before)] {
		spans, err := h.r.disputedLines(ctx, c)
		if err != nil {
			return more, err
		}
		if err := h.collect(ctx, c.Path, before[i], spans); err != nil {
			return more, err
		}
	}
	return more, nil
}

// maxFound bounds how many commits one path is followed through.
const maxFound = 500

// collect follows a path back from the source's parent, and takes the commits
// that touched its spans there, or all if there are none. Of a merge commit it
// takes the difference from its first parent, as Pick does: what it names can
// be picked as it stands. (git log -L would be the tool, but it follows every
// side of a merge, and aborts on some histories.)
func (h *hunt) collect(ctx context.Context, path, before string, spans []span) error {
	args := []string{"log", "--no-color", "--format=%x01%H%x00%ct%x00%s", "-" + strconv.Itoa(maxFound), "--first-parent", "-m"}
	rest := []string{h.parent, "^" + h.onto, "--", before}
	follow := "--no-renames"
	if len(spans) > 0 {
		args = append(args, "-p", "-U0", "--no-ext-diff", "--no-textconv")
		follow = "--follow"
	}
	out, err := h.r.local(ctx, nil, slices.Concat(args, []string{follow}, rest)...)
	if codeOf(err) > 0 && h.r.partial() { // to find a rename it reads other files, which aren't here
		out, err = h.r.local(ctx, nil, slices.Concat(args, []string{"--no-renames"}, rest)...)
	}
	if err != nil {
		return err
	}
	for entry := range strings.SplitSeq(string(out), "\n\x01") {
		head, diff, _ := strings.Cut(strings.TrimPrefix(entry, "\x01"), "\n")
		f := strings.SplitN(head, "\x00", 3)
		if len(f) != 3 || !isID(f[0]) {
			continue
		}
		if len(spans) == 0 {
			h.take(f, path)
			continue
		}
		var touched bool
		if spans, touched = back(spans, parseHunks(diff)); touched {
			h.take(f, path)
		}
		if len(spans) == 0 { // all the lines were new here
			return nil
		}
	}
	return nil
}

// back maps spans to before a diff, and says whether it touched any.
func back(spans []span, hunks []hunk) (old []span, touched bool) {
	for _, s := range spans {
		touched = touched || slices.ContainsFunc(hunks, func(h hunk) bool { return h.touches(s) })
		if o, ok := s.before(hunks); ok {
			old = append(old, o)
		}
	}
	return old, touched
}

// take notes that a commit (its id, seconds, subject) touched a path.
func (h *hunt) take(f []string, path string) {
	c := h.seen[f[0]]
	if c == nil {
		seconds, _ := strconv.ParseInt(f[1], 10, 64)
		c = &Prerequisite{Commit: f[0], Subject: strings.ToValidUTF8(f[2], "?"), when: time.Unix(seconds, 0)}
		h.seen[f[0]] = c
	}
	if !slices.Contains(c.Paths, path) {
		c.Paths = append(c.Paths, path)
	}
}

// lacking keeps what the target doesn't have, newest first, and at most so many.
func (h *hunt) lacking(ctx context.Context, most int) (found []Prerequisite, more bool, err error) {
	if len(h.seen) == 0 {
		return nil, false, nil
	}
	for _, s := range h.p.Steps {
		delete(h.seen, s.Source.ID) // picked together with it
	}
	var ids []string
	for id := range h.seen {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if d := h.seen[b].when.Compare(h.seen[a].when); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	there, err := h.there(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	for _, id := range ids {
		if there[id] {
			continue
		}
		if len(found) == most {
			return found, true, nil
		}
		// A partial clone may lack what this needs; then it stays a candidate.
		p, err := h.r.Pick(ctx, h.onto, "", Source{Commit: id})
		if ctx.Err() != nil {
			return found, false, err
		}
		if err == nil && p.Outcome == Empty {
			continue
		}
		slices.Sort(h.seen[id].Paths)
		found = append(found, *h.seen[id])
	}
	return found, false, nil
}

// How far the target's own commits are looked at for earlier picks.
const maxOwn, maxPatches = 5000, 300

// there finds which commits the target has under another id.
func (h *hunt) there(ctx context.Context, ids []string) (map[string]bool, error) {
	there := map[string]bool{}
	messages, err := h.r.local(ctx, nil, "log", "--no-color", "--format=%B", "--grep", pickedFrom, "--fixed-strings",
		"-"+strconv.Itoa(maxOwn), h.onto, "^"+h.parent)
	if err != nil {
		return nil, err
	}
	for _, picked := range pickedIDs(string(messages)) {
		for _, id := range ids {
			there[id] = there[id] || strings.HasPrefix(id, picked)
		}
	}
	own, err := h.r.local(ctx, nil, slices.Concat([]string{"rev-list", "--no-merges", "-" + strconv.Itoa(maxPatches), h.onto, "^" + h.parent, "--"}, h.paths)...)
	if err != nil || len(own) == 0 {
		return there, err
	}
	onTarget, err := h.r.patchIDs(ctx, own, h.paths)
	if err != nil {
		return nil, err
	}
	mine, err := h.r.patchIDs(ctx, []byte(strings.Join(ids, "\n")+"\n"), h.paths)
	if err != nil {
		return nil, err
	}
	for patch, id := range mine {
		if _, ok := onTarget[patch]; ok {
			there[id] = true
		}
	}
	return there, nil
}

// patchIDs maps what commits change in some paths, wherever it stands there, to
// the commits.
func (r *Repository) patchIDs(ctx context.Context, ids []byte, paths []string) (map[string]string, error) {
	patches, err := r.local(ctx, ids, slices.Concat([]string{"diff-tree", "--stdin", "-r", "-p", "--no-color", "--no-ext-diff", "--no-textconv", "--root",
		"--no-renames", "--"}, paths)...)
	if err != nil {
		return nil, err
	}
	if len(patches) == 0 {
		return nil, nil
	}
	out, err := r.local(ctx, patches, "patch-id", "--stable")
	if err != nil {
		return nil, err
	}
	byPatch := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			byPatch[f[0]] = f[1]
		}
	}
	return byPatch, nil
}

// reaches is nil when the history between two commits is here, as far as it
// touches some paths; else a *HistoryError.
func (r *Repository) reaches(ctx context.Context, onto, parent string, paths []string) error {
	// Without a common past at all, all of it is the source's own.
	if _, err := r.mergeBase(ctx, onto, parent); err != nil || !r.partial() {
		return err
	}
	missing, err := r.missing(ctx, onto, parent, paths)
	if err == nil && len(missing) > 0 {
		err = &HistoryError{Missing: missing}
	}
	return err
}

// missing lists the versions of files, on both sides since they met, that a
// partial clone doesn't have.
func (r *Repository) missing(ctx context.Context, onto, parent string, paths []string) ([]string, error) {
	seen := map[string]bool{}
	var missing []string
	for _, side := range [][]string{{parent, "^" + onto}, {onto, "^" + parent}} {
		out, err := r.local(ctx, nil, slices.Concat([]string{"log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "--first-parent",
			"-" + strconv.Itoa(maxFound)}, side, []string{"--"}, paths)...)
		if codeOf(err) > 0 { // it can't even read the trees
			return nil, &HistoryError{Shallow: true}
		}
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(out)) { // :MODE MODE ID ID STATUS PATH
			f := strings.Fields(line)
			if len(f) < 5 || !strings.HasPrefix(line, ":") || strings.Contains(f[0]+f[1], "160000") {
				continue
			}
			for _, id := range f[2:4] {
				if seen[id] || strings.Trim(id, "0") == "" {
					continue
				}
				seen[id] = true
				if _, err := r.objects.stat(ctx, id); isMissing(err) {
					missing = append(missing, id)
				} else if err != nil {
					return nil, err
				}
			}
		}
	}
	return missing, nil
}

// partial says that objects may be missing without anything being wrong.
func (r *Repository) partial() bool {
	for _, dir := range r.stores {
		if found, err := filepath.Glob(filepath.Join(escapeGlob(dir), "pack", "*.promisor")); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

var globEscapes = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

func escapeGlob(dir string) string {
	if os.PathSeparator == '\\' {
		return dir // where a backslash can't escape
	}
	return globEscapes.Replace(dir)
}
