package git

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// What of .gitattributes files is followed: what is larger says nothing.
const (
	maxAttributes = 100 << 10 // bytes of a file
	maxAttrLine   = 2 << 10   // bytes of a line, as git itself has it
	maxRules      = 5000      // lines, of all files
)

// mergeRules are lines for info/attributes that say how paths are merged: what the
// .gitattributes files of a tree say of that, and nothing else they say. Every line is one
// of ours: a quoted pattern, and merge=union, -merge or !merge. So no driver of a
// repository's own is ever named, and nothing else that git does is touched.
func (r *Repository) mergeRules(ctx context.Context, tree string, paths []string) (string, error) {
	files, err := r.attributes(ctx, tree, paths, func(text string) bool { return strings.Contains(text, "merge") || strings.Contains(text, "binary") })
	if err != nil {
		return "", err
	}
	var rules []string
	// The last line counts, and a directory's own file is nearer than those above it.
	for _, name := range slices.SortedFunc(maps.Keys(files), func(a, b string) int {
		return cmp.Or(strings.Count(a, "/")-strings.Count(b, "/"), strings.Compare(a, b))
	}) {
		o, err := r.blob(ctx, files[name])
		if err != nil {
			return "", err
		}
		if len(o.body) <= maxAttributes {
			rules = append(rules, rulesOf(path.Dir(name), string(o.body))...)
		}
	}
	if len(rules) == 0 || len(rules) > maxRules {
		return "", nil
	}
	return strings.Join(rules, "\n") + "\n", nil
}

// blank is what git takes for space in these files.
const blank = " \t\r\n"

// rulesOf translates the file of a directory; "." is the root.
func rulesOf(dir, text string) (rules []string) {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		pattern, states := splitRule(line)
		if pattern == "" || strings.HasPrefix(pattern, "[attr]") || strings.HasPrefix(pattern, "!") || strings.HasSuffix(pattern, "/") {
			continue // a comment, a macro, and what git takes for no pattern of files
		}
		rule := ""
		for state := range strings.FieldsFuncSeq(states, func(r rune) bool { return strings.ContainsRune(blank, r) }) {
			switch {
			case state == "merge=union":
				rule = state
			case state == "-merge", state == "binary", state == "merge=binary": // three names of the same
				rule = "-merge"
			case state == "merge", state == "!merge", strings.HasPrefix(state, "merge="):
				rule = "!merge" // the usual way: a driver of one's own is none here
			}
		}
		if rule != "" {
			rules = append(rules, octal(below(dir, pattern))+" "+rule)
		}
	}
	return rules
}

// splitRule parts a line's pattern from what it says; "" for a line without one.
func splitRule(line string) (pattern, states string) {
	line = strings.TrimLeft(line, blank)
	if len(line) > maxAttrLine || line == "" || line[0] == '#' {
		return "", ""
	}
	if line[0] == '"' {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return "", ""
		}
		pattern, err = strconv.Unquote(quoted)
		if err != nil {
			return "", ""
		}
		return pattern, line[len(quoted):]
	}
	if at := strings.IndexAny(line, blank); at >= 0 {
		return line[:at], line[at:]
	}
	return "", ""
}

// below is a pattern of a directory's file as the root would have it.
func below(dir, pattern string) string {
	if dir == "." {
		return pattern
	}
	escaped := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
	if escaped[0] == '!' {
		escaped = `\` + escaped
	}
	if !strings.Contains(pattern, "/") {
		return escaped + "/**/" + pattern
	}
	return escaped + "/" + strings.TrimPrefix(pattern, "/")
}

// octal is a pattern in quotes, each byte that could mean something to the file by its number.
func octal(pattern string) string {
	var b strings.Builder
	for i := range len(pattern) {
		if c := pattern[i]; c > ' ' && c < 0x7f && c != '"' && c != '\\' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return `"` + b.String() + `"`
}
