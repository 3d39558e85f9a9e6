package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// everyKind makes a pull request on master that conflicts with release-1.30 in every way
// that leaves no markers, and picks it; the pick and a clone of it.
func (w *world) everyKind() (n int, pick sandbox.PR, dir string) {
	w.t.Helper()
	const bob = "Bob <bob@example.com>"
	dir = w.cloneAs("bob", bob, demoRepo, "master")
	w.shell(dir, `
mkdir old sub
printf '1\n2\n3\n4\n5\n' > old/a; printf '1\n2\n3\n4\n5\nb\n' > old/b
printf '1\n2\n3\n4\n5\n' > lost; printf '1\n2\n3\n4\n5\n6\n' > "it's; \$(touch hacked) *"; printf '\0001' > blob; printf '1\n2\n' > link
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n' > large.bin
printf 'q\nw\ne\nr\nt\ny\n' > name; printf 'q\nw\ne\nr\nt\nz\n' > gone; printf '\0001a\nb\nc\nd\ne\nf\n' > bin.old
git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,sub
git add --all; git commit -q -m Base
git push -q origin HEAD:master
git fetch -q origin release-1.30; git switch -q --detach FETCH_HEAD
git cherry-pick master >/dev/null
git rm -q lost; printf '1\n2\n3\n4\n5\nours\n' > "it's; \$(touch hacked) *"; printf '\0002' > blob; printf '1\n2\nours\n' > link
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:2\nsize 1\n' > large.bin; printf 'ours\n' > way; mkdir road; printf 'ours\n' > road/a
git mv old new; git mv name ours; git mv gone here; git mv bin.old bin.new; printf '\0001a\nb\nc\nd\ne\nf\nours\n' > bin.new; printf 'same\n' > run
git update-index --cacheinfo 160000,2222222222222222222222222222222222222222,sub
git add --all; git commit -q -m Ours; git push -q origin HEAD:release-1.30
git switch -q -c kinds master
printf '1\n2\n3\n4\n5\ntheirs\n' > lost; git rm -q "it's; \$(touch hacked) *"; printf '\0003' > blob; rm link; ln -s old/a link
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:3\nsize 1\n' > large.bin; mkdir way; printf 'theirs\n' > way/a; printf 'theirs\n' > road
printf 'new\n' > old/n; git mv name theirs; git rm -q gone; printf '\0001a\nb\nc\nd\ne\nf\ntheirs\n' > bin.old; printf 'same\n' > run; chmod +x run
git update-index --cacheinfo 160000,3333333333333333333333333333333333333333,sub
git add --all; git commit -q -m Theirs; git push -q origin HEAD:kinds
`)
	pr, err := w.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: "kinds", Title: "All of it"})
	w.do(err)
	w.settle()
	w.merge("bob", pr.Number, "squash")
	w.says("bob", pr.Number, "/cherry-pick release-1.30")
	return pr.Number, w.onePick(pr.Number, demoBranch), w.cloneAs("bob", bob, demoRepo, "master")
}

// shell has a person type lines.
func (w *world) shell(dir, lines string) string {
	w.t.Helper()
	cmd := exec.Command("sh", "-e", "-c", lines)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Bob", "GIT_AUTHOR_EMAIL=bob@example.com", "GIT_COMMITTER_NAME=Bob", "GIT_COMMITTER_EMAIL=bob@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", out, err, lines)
	}
	return string(out)
}

// commandsOf are what a draft says to type.
func commandsOf(body string) string {
	_, rest, _ := strings.Cut(body, "```sh\n")
	lines, _, _ := strings.Cut(rest, "```\n")
	return lines
}

// otherSide are the commands that a draft has as comments, in the place of those which take
// the source's side.
func otherSide(lines string) string {
	var out strings.Builder
	for line := range strings.Lines(lines) {
		said, comment := strings.CutPrefix(line, "#   ")
		takes := regexp.MustCompile(`^git (rm|mv|checkout|update-index|--literal-pathspecs) `).MatchString(line)
		if comment || !takes {
			out.WriteString(said)
		}
	}
	return out.String()
}

// TestDraftByItsCommands: whoever types what the draft says has a finished pick, with the
// source's side of what leaves no markers; with the comments' commands, the branch's.
func TestDraftByItsCommands(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines func(string) string
		want  string
	}{
		"the source's side": {func(s string) string { return s }, `100644 bin.new theirs
100644 blob 3
100644 large.bin 3
120000 link old/a
100644 lost theirs
100644 new/n new
100644 road theirs
100755 run same
160000 sub 3333333333333333333333333333333333333333
100644 theirs y
100644 way/a theirs
`},
		"the branch's side": {otherSide, `100644 bin.new ours
100644 blob 2
100644 here z
100644 it's; $(touch hacked) * ours
100644 large.bin 2
100644 link ours
100644 old/n new
100644 ours y
100644 road/a ours
100644 run same
160000 sub 2222222222222222222222222222222222222222
100644 way ours
`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, pick, dir := w.everyKind()
			w.wantGate(pick.Number, "failure", "The conflict is not resolved")
			lines := tc.lines(commandsOf(pick.Body))
			w.shell(dir, lines)
			w.settle()
			if _, err := os.Stat(dir + "/hacked"); err == nil {
				t.Error("a file's name was run")
			}
			w.wantGate(pick.Number, "failure", "Waits for a release manager's approval", "| Conflict markers | ✅ | None remain. |")
			got := w.shell(dir, `
for f in bin.new blob here "it's; \$(touch hacked) *" large.bin link lost new/n old/n ours road road/a run sub theirs way way/a; do
  entry=$(git --literal-pathspecs ls-tree HEAD -- "$f")
  case "$entry" in
  ""|*" tree "*) ;;
  160000*) echo "160000 $f $(git rev-parse "HEAD:$f")" ;;
  *large.bin) echo "100644 $f $(git show "HEAD:$f" | sed -n 's/^oid sha256://p')" ;;
  *) echo "${entry%% *} $f $(git show "HEAD:$f" | tr -d '\000' | sed 's/^\x01a$//' | tail -n 1 | tr -d '\000')" ;;
  esac
done`)
			if got != tc.want {
				t.Errorf("%s\nwant\n%s\nby\n%s", got, tc.want, lines)
			}
		})
	}
}
