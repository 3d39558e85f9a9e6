package git

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// change is what became of one tree on the way to another, by path.
type change struct {
	files []filePatch
	at    map[string]int // the index in files, by path; of a rename both paths
}

// filePatch is the change of one path.
type filePatch struct {
	path, was string // was: before a rename, else empty
	old, new  entry  // zero where the path isn't
	binary    bool
	hunks     []patchHunk
}

// patchHunk is a place of a patch: its lines, without any around them.
type patchHunk struct {
	function string // what git writes behind the numbers: the line above that begins a function or a section; at most 80 bytes
	from     int    // how many lines of the old file are above it
	gone     int    // how many of the old file it takes away
	lines    []patchLine
}

// patchLine is an added or deleted line. What ends it counts: a carriage
// return, or that no line feed follows.
type patchLine struct {
	text string // with its + or -
	at   int    // the line of the new file at which it stands, or would stand
}

// lines are all lines of a file's patch in order.
func (f filePatch) lines() []patchLine {
	var all []patchLine
	for _, h := range f.hunks {
		all = append(all, h.lines...)
	}
	return all
}

// before is the name that a file had before, be it another or the same.
func (f filePatch) before() string {
	if f.was != "" {
		return f.was
	}
	return f.path
}

// counts are the added and deleted lines.
func (f filePatch) counts() (added, deleted int) {
	for _, h := range f.hunks {
		for _, l := range h.lines {
			if l.text[0] == '+' {
				added++
			} else {
				deleted++
			}
		}
	}
	return added, deleted
}

// weight is how much of a change a file is: its lines, one more for another
// name, and 1 for what has nothing of these.
func (f filePatch) weight() int {
	n := len(f.lines())
	if f.was != "" {
		n++
	}
	return max(1, n)
}

// file is the change of a path; ok is false if it isn't touched.
func (c change) file(path string) (filePatch, bool) {
	i, ok := c.at[path]
	if !ok {
		return filePatch{}, false
	}
	return c.files[i], true
}

// end is what the change leaves at a path, if it touches it.
func (c change) end(path string) (e entry, touched bool) {
	f, ok := c.file(path)
	if !ok || f.path != path { // it was renamed away
		return entry{}, ok
	}
	return f.new, true
}

// Exact similarity is found whatever the number; beyond it nobody compares.
const maxRenames = "-l800"

var patchFlags = []string{"diff-tree", "-r", "-M", maxRenames, "--raw", "--no-abbrev", "-p", "-U0", "--no-color", "--no-ext-diff", "--no-textconv",
	"--no-indent-heuristic", "--inter-hunk-context=0", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/"}

// change is the difference of two trees.
func (r *Repository) change(ctx context.Context, from, to string) (change, error) {
	if from == to {
		return change{}, nil
	}
	return remember(r.memory, r.made+" change "+from+to, change.size, func() (change, error) {
		if err := r.putEmpty(from, to); err != nil {
			return change{}, err
		}
		text := ""
		err := r.patches.ask(ctx, from+" "+to+"\n"+endOfPatch, func(out *bufio.Reader) (err error) {
			text, err = r.program.bounds.readPatch(out, from+" "+to+"\n", func() error { return r.takeLarge(ctx) })
			return err
		})
		if err != nil {
			return change{}, fmt.Errorf("compare %.12s with %.12s: %w", from, to, err)
		}
		return parseChange(text)
	})
}

// endOfPatch is a line that git diff-tree, since it names no trees, writes back
// as it is. No line of a patch begins so.
const endOfPatch = "end\n"

// size is about how many bytes a change takes.
func (c change) size() int {
	n := 0
	for _, f := range c.files {
		n += 300 + 2*len(f.path)
		for _, h := range f.hunks {
			n += 100 + len(h.function)
			for _, l := range h.lines {
				n += 24 + len(l.text)
			}
		}
	}
	return n
}

// reading is a run that reads objects. In a cache git fetches those which are
// missing, all of a diff's at once; somebody's repository has no remote.
func (r *Repository) reading(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	return r.program.run(ctx, call{dir: r.desk, objects: r.write, access: r.access, in: in, args: args})
}

// parseChange reads the output of git diff-tree --raw -p: an entry for each
// path, and then their patches in the same order. A line of a patch is known by
// the counts in its hunk's head, never by how it looks.
func parseChange(out string) (change, error) {
	c := change{at: map[string]int{}}
	lines := strings.Split(out, "\n")
	i := 0
	for ; i < len(lines) && strings.HasPrefix(lines[i], ":"); i++ {
		f, err := parseRaw(lines[i])
		if err != nil {
			return c, err
		}
		if f.was != "" {
			c.at[f.was] = len(c.files)
		}
		c.at[f.path] = len(c.files)
		c.files = append(c.files, f)
	}
	next, sections := -1, 0 // of the file whose patch this is; sections that it still has
	for i < len(lines) {
		line := lines[i]
		i++
		switch {
		case strings.HasPrefix(line, "diff --git "):
			if sections--; sections <= 0 {
				next++
				if next >= len(c.files) {
					return c, fmt.Errorf("%w: git diff-tree has more patches than paths", errDamaged)
				}
				sections = 1
				if f := c.files[next]; f.old.mode != "" && f.new.mode != "" && kindOf(f.old) != kindOf(f.new) {
					sections = 2 // a file that became a link is deleted and added
				}
			}
		case next >= 0 && strings.HasPrefix(line, "Binary files "):
			c.files[next].binary = true
		case next >= 0 && strings.HasPrefix(line, "@@ "):
			h, ok := parseHunk(line)
			if !ok {
				return c, fmt.Errorf("%w: git diff-tree answers %.80q", errDamaged, line)
			}
			i = c.files[next].takeHunk(h, line, lines, i)
		}
	}
	if next != len(c.files)-1 {
		return c, fmt.Errorf("%w: git diff-tree has %d patches for %d paths", errDamaged, next+1, len(c.files))
	}
	return c, nil
}

// kindOf is what an entry is, whatever its permissions.
func kindOf(e entry) string {
	if len(e.mode) < 3 {
		return ""
	}
	return e.mode[:3]
}

// parseRaw reads ":MODE MODE ID ID STATUS\tPATH[\tPATH]".
func parseRaw(line string) (filePatch, error) {
	head, names, ok := strings.Cut(line, "\t")
	f := strings.Fields(strings.TrimPrefix(head, ":"))
	if !ok || len(f) != 5 {
		return filePatch{}, fmt.Errorf("%w: git diff-tree answers %.80q", errDamaged, line)
	}
	side := func(mode, id string) entry {
		if strings.Trim(mode, "0") == "" {
			return entry{}
		}
		return entry{mode: mode, id: id}
	}
	p := filePatch{old: side(f[0], f[2]), new: side(f[1], f[3])}
	first, second, renamed := strings.Cut(names, "\t")
	var err error
	if p.path, err = unquote(first); err == nil && renamed {
		p.was = p.path
		p.path, err = unquote(second)
	}
	return p, err
}

// unquote reads a path as git writes it: in C's quotes if it holds anything
// that could be mistaken.
func unquote(s string) (string, error) {
	if !strings.HasPrefix(s, `"`) {
		return s, nil
	}
	path, err := strconv.Unquote(s)
	if err != nil {
		return "", fmt.Errorf("%w: git writes the path %.80q", errDamaged, s)
	}
	return path, nil
}

// takeHunk reads a hunk's lines, from lines[i] on, and returns where they end.
func (f *filePatch) takeHunk(h hunk, head string, lines []string, i int) int {
	p := patchHunk{from: h.old.from - 1, gone: h.oldLines}
	if h.oldLines == 0 {
		p.from = h.old.from
	}
	if _, behind, ok := strings.Cut(strings.TrimPrefix(head, "@@ "), " @@ "); ok {
		p.function = behind
	}
	old, new, at := h.oldLines, h.newLines, h.new.from
	if h.newLines == 0 {
		at = h.new.to
	}
	for ; i < len(lines) && (old > 0 || new > 0 || strings.HasPrefix(lines[i], `\`)); i++ {
		op := byte(' ')
		if lines[i] != "" {
			op = lines[i][0]
		}
		switch op {
		case '\\':
			if n := len(p.lines) - 1; n >= 0 {
				p.lines[n].text += "\n\\ No newline at end of file"
			}
		case '+':
			p.lines = append(p.lines, patchLine{text: lines[i], at: at})
			at, new = at+1, new-1
		case '-':
			p.lines = append(p.lines, patchLine{text: lines[i], at: at})
			old--
		default: // none is shown around a change
			old, new = old-1, new-1
		}
	}
	f.hunks = append(f.hunks, p)
	return i
}
