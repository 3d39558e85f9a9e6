package git

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// span is lines of a file, both ends included, counted from 1.
type span struct{ from, to int }

func (s span) meets(o span) bool { return s.from <= o.to && o.from <= s.to }

var hunkHead = regexp.MustCompile(`(?m)^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@`)

// changedSpans reads a diff without context: which lines of the old file it
// changes. Where it only adds, these are the two lines around the place.
func changedSpans(diff string) []span {
	var all []span
	for _, m := range hunkHead.FindAllStringSubmatch(diff, -1) {
		from, _ := strconv.Atoi(m[1])
		n := 1
		if m[2] != "" {
			n, _ = strconv.Atoi(m[2])
		}
		if n == 0 {
			all = append(all, span{from, from + 1})
			continue
		}
		all = append(all, span{from, from + n - 1})
	}
	return all
}

// disputed are the lines of the old file, which has so many, that a change
// meets and that the target has otherwise. git takes neighbouring lines for a
// conflict too, hence the one more on each side. Lines of the target's change
// that are further away don't hinder, whoever made them.
func disputed(theirs, ours []span, lines int) []span {
	var all []span
	for _, o := range ours {
		for _, t := range theirs {
			wide := span{t.from - 1, t.to + 1}
			if !wide.meets(o) {
				continue
			}
			s := span{max(wide.from, o.from, 1), min(wide.to, o.to, lines)}
			if s.from > s.to {
				continue
			}
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
	old, err := r.objects.read(ctx, c.base.id)
	if err != nil {
		return nil, err
	}
	n := bytes.Count(old.body, []byte("\n"))
	if !bytes.HasSuffix(old.body, []byte("\n")) {
		n++
	}
	all := disputed(theirs, ours, n)
	return all[:min(len(all), maxSpans)], nil
}

func (r *Repository) blobDiff(ctx context.Context, a, b string) ([]span, error) {
	out, err := r.local(ctx, nil, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U0", "--end-of-options", a, b)
	if err != nil {
		return nil, err
	}
	return changedSpans(string(out)), nil
}

// lineArgs asks git log for the commits that touched spans of a path.
func lineArgs(spans []span, path string) []string {
	var args []string
	for _, s := range spans {
		args = append(args, fmt.Sprintf("-L%d,%d:%s", s.from, s.to, path))
	}
	return args
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
