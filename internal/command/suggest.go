package command

import (
	"slices"
	"strings"
)

// foreign are first words of other bots' commands (Prow's above all, and those
// of bots that live beside it). One that looks like ours is still theirs.
var foreign = []string{
	"approve", "area", "assign", "auto-cc", "bug", "cc", "check", "check-cla", "cherry-pick", "cherrypick", "cla",
	"close", "committee", "deploy", "easycla", "gemini", "good-first-issue", "help", "help-wanted", "hold", "honk",
	"joke", "kind", "label", "lgtm", "lifecycle", "lint", "meow", "merge", "milestone", "needs-rebase", "ok-to-test",
	"override", "pony", "preview", "priority", "project", "re-run", "rebase", "recheck", "release-note",
	"release-note-action-required", "release-note-edit", "release-note-none", "release-notes-none", "remove-area",
	"remove-hold", "remove-kind", "remove-label", "remove-lgtm", "remove-lifecycle", "remove-priority", "remove-sig",
	"reopen", "rerun", "retest", "retest-required", "retitle", "review", "run", "run-all", "shrug", "sig", "skip",
	"stale", "test", "test-all", "transfer", "triage", "unassign", "uncc", "unhold", "unlabel", "unlgtm", "verify",
	"wg", "woof",
}

// nearest finds the command that a line which is none was meant to be. forUs is
// false when it was probably meant for nobody, or for another bot.
func (v vocabulary) nearest(said []string) (meant string, forUs bool) {
	first := strings.ToLower(said[0])
	ours := slices.Contains(v.first, first)
	if !ours {
		if slices.Contains(foreign, first) {
			return "", false
		}
		i := slices.IndexFunc(v.first, func(w string) bool { return len(w) >= 4 && distance(first, w, 1) == 1 })
		if i < 0 {
			return "", false
		}
		first = v.first[i]
	}
	best, far := "", 3
	exact := slices.Concat([]string{first}, lower(said[1:]))
	for _, c := range v.commands {
		if c.words[0] != first {
			continue
		}
		if d := nameDistance(exact, c.words); d < far {
			best, far = c.name, d
		}
	}
	// "/relase freeze" is a slip; "/releases are listed there" is prose.
	return best, ours || best != "" || len(said) == 1
}

// nameDistance compares the words that follow a shared first one; 3 is far.
func nameDistance(said, name []string) int {
	total := 0
	for i := 1; i < len(name); i++ {
		if i >= len(said) {
			return 3
		}
		total += distance(said[i], name[i], min(2, len(name[i])/2))
	}
	return min(total, 3)
}

func lower(words []string) []string {
	out := make([]string, min(len(words), 8))
	for i := range out {
		out[i] = strings.ToLower(words[i])
	}
	return out
}

// distance counts the slips between two words: a letter wrong, missing, too
// many, or two swapped. Above limit it is only "more than limit", as 3.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(a) > 64 || len(x)-len(y) > limit || len(y)-len(x) > limit {
		return 3
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	if d := rows[len(x)][len(y)]; d <= limit {
		return d
	}
	return 3
}
