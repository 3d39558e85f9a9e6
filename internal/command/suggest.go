package command

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/spell"
)

// foreign are first words of other bots' commands (Prow's above all, and those
// of bots that live beside it). One that looks like ours is still theirs.
var foreign = []string{
	"approve", "area", "assign", "auto-cc", "bug", "cc", "check", "check-cla", "cla",
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
		i := slices.IndexFunc(v.first, func(w string) bool { return len(w) >= 4 && spell.Distance(first, w, 1) == 1 })
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
		total += spell.Distance(said[i], name[i], min(2, len(name[i])/2))
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
