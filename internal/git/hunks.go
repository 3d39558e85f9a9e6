package git

import (
	"context"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// span is lines of a file, both ends included, counted from 1.
type span struct{ from, to int }

func (s span) meets(o span) bool { return s.from <= o.to && o.from <= s.to }

// hunk is a place in a diff without context: lines of the old file that became
// lines of the new one. Without lines on a side, its span is the two lines
// around the place there.
type hunk struct {
	old, new           span
	oldLines, newLines int
}

var hunkHead = lazy.Regexp(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// parseHunk reads a line of a diff; ok is false if no hunk begins there.
func parseHunk(line string) (h hunk, ok bool) {
	m := hunkHead().FindStringSubmatch(line)
	if m == nil {
		return h, false
	}
	side := func(from, count string) (span, int) {
		first, _ := strconv.Atoi(from)
		n := 1
		if count != "" {
			n, _ = strconv.Atoi(count)
		}
		if n == 0 {
			return span{first, first + 1}, 0
		}
		return span{first, first + n - 1}, n
	}
	h.old, h.oldLines = side(m[1], m[2])
	h.new, h.newLines = side(m[3], m[4])
	return h, true
}

func parseHunks(diff string) []hunk {
	var all []hunk
	for line := range strings.Lines(diff) {
		if h, ok := parseHunk(line); ok {
			all = append(all, h)
		}
	}
	return all
}

// touches says whether a hunk changed lines of a span of the new file. Where it
// only took lines away, the span has to hold both sides of the gap.
func (h hunk) touches(s span) bool {
	if h.newLines == 0 {
		return s.from <= h.new.from && h.new.to <= s.to
	}
	return s.meets(h.new)
}

// before maps a span of the new file to the old one. Lines that a hunk changed
// line by line are mapped so, else to all that it replaced. ok is false where
// the lines were new, or what they replaced is so much more that it says
// nothing about them.
func (s span) before(hunks []hunk) (old span, ok bool) {
	add := func(o span) {
		if !ok {
			old, ok = o, true
			return
		}
		old = span{min(old.from, o.from), max(old.to, o.to)}
	}
	offset, next := 0, s.from // of the lines not yet mapped
	for _, h := range hunks {
		first, last := h.new.from, h.new.to // of the hunk's own lines
		if h.newLines == 0 {
			first, last = h.new.to, h.new.from
		}
		if first > s.to {
			break
		}
		if next < first {
			add(span{next + offset, min(first-1, s.to) + offset})
		}
		if in := (span{max(s.from, first), min(s.to, last)}); in.from <= in.to {
			switch {
			case h.oldLines == h.newLines:
				add(span{in.from - h.new.from + h.old.from, in.to - h.new.from + h.old.from})
			case h.oldLines > 0 && h.oldLines <= 3*(in.to-in.from+1)+10:
				add(h.old)
			}
		}
		next = max(next, last+1)
		offset += h.oldLines - h.newLines
	}
	if next <= s.to {
		add(span{next + offset, s.to + offset})
	}
	return old, ok
}

// disputed are the lines of the old file that a change
// meets and that the target has otherwise. git takes neighbouring lines for a
// conflict too, hence the one more on each side. Lines of the target's change
// that are further away don't hinder, whoever made them.
func disputed(theirs, ours []hunk) []span {
	var all []span
	for _, o := range ours {
		for _, t := range theirs {
			wide := span{t.old.from - 1, t.old.to + 1}
			if !wide.meets(o.old) {
				continue
			}
			s := span{max(wide.from, o.old.from), min(wide.to, o.old.to)}
			if n := len(all); n > 0 && all[n-1].to >= s.from-1 && all[n-1].from <= s.from {
				all[n-1].to = max(all[n-1].to, s.to)
				continue
			}
			all = append(all, s)
		}
	}
	return all
}

// maxSpans bounds what one search is asked for.
const maxSpans = 50

// disputedLines finds, for a content conflict, the lines of the file as it was
// before the picked change. None means that it can't be said by lines.
func (r *Repository) disputedLines(ctx context.Context, c Conflict) ([]span, error) {
	if c.Kind != Content || c.base.id == "" {
		return nil, nil
	}
	theirs, err := r.blobDiff(ctx, c.base.id, c.theirs.id)
	if err != nil {
		return nil, err
	}
	ours, err := r.blobDiff(ctx, c.base.id, c.ours.id)
	if err != nil {
		return nil, err
	}
	all := disputed(theirs, ours)
	return all[:min(len(all), maxSpans)], nil
}

func (r *Repository) blobDiff(ctx context.Context, a, b string) ([]hunk, error) {
	out, err := r.local(ctx, nil, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U0", "--end-of-options", a, b)
	if err != nil {
		return nil, err
	}
	return parseHunks(string(out)), nil
}

// pathsBefore are the conflicted paths as a tree before the change has them; more
// says that there are too many.
func (r *Repository) pathsBefore(ctx context.Context, tree string, conflicts []Conflict) (paths []string, more bool, err error) {
	if more = len(conflicts) > maxPaths; more {
		conflicts = conflicts[:maxPaths]
	}
	for _, c := range conflicts {
		path, err := r.pathBefore(ctx, tree, c)
		if err != nil {
			return nil, more, err
		}
		paths = append(paths, path)
	}
	return paths, more, nil
}

// pathBefore is what a conflicted path was called in a tree: the target may
// have renamed the file meanwhile.
func (r *Repository) pathBefore(ctx context.Context, tree string, c Conflict) (string, error) {
	if c.base.id == "" {
		return c.Path, nil
	}
	out, err := r.local(ctx, nil, "ls-tree", "-r", "-z", "--full-tree", tree)
	if err != nil {
		return "", err
	}
	found := ""
	for line := range strings.SplitSeq(string(out), "\x00") {
		head, path, _ := strings.Cut(line, "\t")
		if f := strings.Fields(head); len(f) == 3 && f[2] == c.base.id {
			if path == c.Path {
				return path, nil
			}
			if found == "" {
				found = path
			}
		}
	}
	if found == "" {
		found = c.Path
	}
	return found, nil
}
