package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// conflictMark is how long the marks of a conflict are: longer than any that a text
// would hold by chance.
const conflictMark = 60

// MergeText lays what changed from base to theirs onto ours, line by line. Where
// both changed the same lines ours stays, and kept counts these places; but what
// theirs only adds beside lines that ours changed is added, so nothing new is lost.
func (p *Program) MergeText(ctx context.Context, base, ours, theirs string) (merged string, kept int, err error) {
	merged, conflicts, err := p.mergeFile(ctx, ours, base, theirs, "--diff3", fmt.Sprintf("--marker-size=%d", conflictMark))
	if err == nil && conflicts > 0 {
		merged, kept = settleConflicts(merged, base != "")
	}
	return merged, kept, err
}

// mergeFile is git-merge-file; conflicts says how many the merged text holds.
func (p *Program) mergeFile(ctx context.Context, ours, base, theirs string, flags ...string) (merged string, conflicts int, err error) {
	dir, err := os.MkdirTemp("", "slipway-merge-")
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	args := append([]string{"merge-file", "-p", "-q"}, flags...)
	for _, one := range []struct{ name, text string }{{"ours", ours}, {"base", base}, {"theirs", theirs}} {
		name := filepath.Join(dir, one.name)
		if err := os.WriteFile(name, []byte(one.text), 0o600); err != nil {
			return "", 0, err
		}
		args = append(args, name)
	}
	out, err := p.run(ctx, call{args: args})
	if conflicts := codeOf(err); conflicts > 0 && conflicts < 128 {
		return string(out), conflicts, nil
	}
	if err != nil {
		return "", 0, fmt.Errorf("merge texts: %w", err)
	}
	return string(out), 0, nil
}

// settleConflicts resolves each conflict that git shows with what was there before.
// If nothing was, nobody knows what is new, and ours stays.
func settleConflicts(text string, known bool) (merged string, kept int) {
	var b strings.Builder
	var side [3][]string // ours, base, theirs
	in := -1
	for line := range strings.Lines(text) {
		switch mark := conflictSide(line); {
		case in < 0 && mark == 0, in >= 0 && mark == in+1 && mark < 3:
			in = mark
		case in == 2 && mark == 3:
			lines, lost := settleOne(side[0], side[1], side[2])
			if lost || !known {
				lines = side[0]
				kept++
			}
			b.WriteString(strings.Join(lines, ""))
			side, in = [3][]string{}, -1
		case in >= 0:
			side[in] = append(side[in], line)
		default:
			b.WriteString(line)
		}
	}
	return b.String(), kept
}

// conflictSide says which side a mark begins, 3 for the end; -1 for no mark.
func conflictSide(line string) int {
	for i, r := range []string{"<", "|", "=", ">"} {
		if rest, ok := strings.CutPrefix(line, strings.Repeat(r, conflictMark)); ok && (strings.HasPrefix(rest, " ") || strings.TrimRight(rest, "\r\n") == "") {
			return i
		}
	}
	return -1
}

// settleOne keeps ours, with what theirs adds to the base: before it, where it begins
// with that, else behind. lost says that theirs changes lines of the base, which ours
// has changed in its own way.
func settleOne(ours, base, theirs []string) (lines []string, lost bool) {
	var before, behind []string
	at := 0
	for _, line := range theirs {
		switch {
		case at < len(base) && line == base[at]:
			at++
		case at == 0 && len(base) > 0:
			before = append(before, line)
		default:
			behind = append(behind, line)
		}
	}
	if at < len(base) {
		return ours, true
	}
	return slices.Concat(before, ours, behind), false
}
