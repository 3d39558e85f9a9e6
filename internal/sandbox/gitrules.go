package sandbox

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// preReceive refuses what GitHub refuses of a push, in GitHub's words: what a ruleset forbids and, of an App, commits that
// touch workflows without the permission to, and pushes to a protected branch. git runs it before anything of the push counts.
const preReceive = `#!/bin/sh
depth() { printf '%s' "$1" | tr -dc / | wc -c; }
forbidden() { # by a rule on a move of a ref
	printf '%s' "$SANDBOX_RULES" | while read -r rule pattern words; do
		[ "$rule" = "$1" ] && [ "$(depth "$2")" = "$(depth "$pattern")" ] || continue
		case "$2" in $pattern) printf -- '- %s\n' "$words" ;; esac
	done
}
while read -r old new ref; do
	move=update
	case "$new" in *[!0]*) ;; *) move=delete ;; esac
	case "$old" in *[!0]*) ;; *) move=create ;; esac
	words=$(forbidden $move "$ref")
	if [ $move = update ] && [ -n "$SANDBOX_RULES" ] && ! git merge-base --is-ancestor "$old" "$new"; then
		words="$words$(forbidden force "$ref")"
	fi
	if [ $move != delete ] && [ -n "$(forbidden unsigned "$ref")" ]; then
		for c in $(git rev-list "$new" --not --all); do
			case " $SANDBOX_SIGNED " in
			*" $c "*) ;;
			*)
				by=$(git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile="$SANDBOX_SIGNERS" log -1 --format='%G? %GS' "$c" 2>/dev/null)
				[ "$by" != "G $(git log -1 --format=%ce "$c")" ] || continue
				words="$words$(forbidden unsigned "$ref")"
				break
				;;
			esac
		done
	fi
	if [ -n "$words" ]; then
		printf 'error: GH013: Repository rule violations found for %s.\n\n%s\n' "$ref" "$words" >&2
		exit 1
	fi
	[ $move != delete ] || continue
	for p in $SANDBOX_PROTECTED; do
		if [ "$p" = "$ref" ]; then
			echo "error: GH006: Protected branch update failed for $ref." >&2
			exit 1
		fi
	done
	[ -n "$SANDBOX_NO_WORKFLOWS" ] || continue
	for c in $(git rev-list "$new" --not --all); do
		file=$(git diff-tree --no-commit-id --name-only -r -m --root "$c" -- .github/workflows | head -n 1)
		if [ -n "$file" ]; then
			printf 'refusing to allow a GitHub App to create or update workflow \140%s\140 without \140workflows\140 permission\n' "$file" >&2
			exit 1
		fi
	done
done
`

// writeHooks puts the hook where pushes find it.
func writeHooks(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "hooks"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "hooks", "pre-receive"), []byte(preReceive), 0o755)
}

// pushRules is the environment that tells the hook what somebody may not push. Where that is nothing, there is no hook.
func (s *Server) pushRules(a actor, r *repo) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.pushLines(a, r)
	hooks, err := filepath.Abs(filepath.Join(s.opts.Dir, "hooks"))
	if err != nil || lines == "" && (!a.app || a.workflows && len(r.protected) == 0) {
		hooks = os.DevNull
	}
	env := []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.hooksPath", "GIT_CONFIG_VALUE_0=" + hooks, "SANDBOX_RULES=" + lines}
	if strings.Contains(lines, unverifieds) {
		env = append(env, "SANDBOX_SIGNERS="+s.signersFile(), "SANDBOX_SIGNED="+strings.Join(slices.Collect(maps.Keys(s.signed)), " "))
	}
	if !a.app {
		return env
	}
	var refs []string
	for b := range r.protected {
		refs = append(refs, "refs/heads/"+b)
	}
	sort.Strings(refs)
	env = append(env, "SANDBOX_PROTECTED="+strings.Join(refs, " "))
	if !a.workflows {
		env = append(env, "SANDBOX_NO_WORKFLOWS=1")
	}
	return env
}
