package cherrypick

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// This file holds the commands that finish a pick by hand.

// byHand are the exact commands that finish a pick. Every name in them was
// checked to be a branch or is a commit's id, and is quoted for a shell.
func byHand(s Snapshot, draft bool) string {
	var b strings.Builder
	head, target := quote(string(s.head())), quote(s.Subject.name)
	pick := "git cherry-pick -x"
	if s.Settings.SignOff {
		pick += " --signoff"
	}
	if draft {
		what := "finish"
		if followed(*s.Pick.Picked).whole() {
			what = "change"
		}
		fmt.Fprintf(&b, "\nTo %s it by hand:\n\n```sh\n# origin is %s itself, not a fork\ngit fetch origin %s\ngit switch --detach FETCH_HEAD\n%s"+
			"git add --all\ngit commit --allow-empty --signoff -m \"Resolve the conflicts\"\n", what, s.Key.Repo, head, resolving(s))
		for _, id := range s.Pick.Picked.Rest {
			fmt.Fprintf(&b, "git fetch origin %s\n%s %s\n", id, pick, id)
		}
		fmt.Fprintf(&b, "git push origin HEAD:%s\n```\n\nThen mark the draft as ready for review.\n", head)
		return b.String()
	}
	fmt.Fprintf(&b, "\nTo pick it by hand:\n\n```sh\n# origin is %s itself, not a fork\ngit fetch origin %s\ngit switch --create %s FETCH_HEAD\n", s.Key.Repo, target, head)
	for _, id := range s.Pick.Commits {
		mainline := ""
		if s.Pick.Mainline {
			mainline = " --mainline 1"
		}
		fmt.Fprintf(&b, "git fetch origin %s\n%s%s %s\n", id, pick, mainline, id)
	}
	fmt.Fprintf(&b, "git push origin %s\n```\n", head)
	return b.String()
}

// quote keeps a name one word of a shell.
func quote(name string) string { return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'" }

// marked reports a conflict that may have left markers in a file.
func marked(c effect.Conflict) bool {
	if c.Reused.Whole() {
		return false
	}
	switch c.Kind {
	case "content", "add/add", "rename", "line ends":
		return true
	case "moved":
		return c.Target.ID != "" && c.Source.ID != ""
	}
	return false
}

// resolving are the commands between those that get a draft and those that push it. As
// they stand they take the source's side of what has no markers; the branch's stands
// beside them as comments.
func resolving(s Snapshot) string {
	var b strings.Builder
	p := s.Pick.Picked
	r := resolution{target: s.Subject.name, source: s.Subject.source(), draft: p.Commit, like: p.Like.PR}
	if at := len(s.Pick.Commits) - len(p.Rest) - 1; at >= 0 {
		r.commit = s.Pick.Commits[at]
	}
	markers, fetched := false, false
	for i, c := range p.Conflicts {
		markers = markers || marked(c)
		if i >= maxListed {
			continue
		}
		if !fetched && strings.Contains(r.side(c, c.Source, c.Target, r.commit), r.commit) {
			fmt.Fprintf(&b, "git fetch origin %s\n", r.commit)
			fetched = true
		}
		b.WriteString(r.path(c))
	}
	if len(p.Conflicts) > maxListed {
		fmt.Fprintf(&b, "# and %d files more, alike\n", len(p.Conflicts)-maxListed)
	}
	if markers {
		b.WriteString("# resolve the conflicts: no line with <<<<<<<, ======= or >>>>>>> may stay\n")
	}
	return b.String()
}

// resolution is what the commands for each path name.
type resolution struct {
	target, source, commit, draft string
	like                          int // the pull request whose resolution the draft has
}

// path are the commands for one path in conflict.
func (r resolution) path(c effect.Conflict) string {
	if !sayable(c.Path) || !sayable(c.Was) {
		return "# one path has a name that can't be typed: see the table above\n"
	}
	name := quote(c.Path)
	switch {
	case c.Reused.Whole():
		return fmt.Sprintf("# %s is resolved as in #%d: look at it\n", name, r.like)
	case c.Source.ID == "" && c.Target.ID == "": // the draft doesn't have it either
		return ""
	case c.Kind == "moved" && !marked(c):
		back := fmt.Sprintf("mkdir -p -- %s\ngit mv -- %s %s\n", quote(path.Dir(c.Was)), name, quote(c.Was))
		return fmt.Sprintf("# %s, in the renamed directory: nothing to do\n%s", name, otherwise("where it was put", back))
	case marked(c) && c.Source.ID != "" && c.Target.ID != "":
		return fmt.Sprintf("# %s has conflict markers\n", name)
	}
	was := name
	if c.Was != "" {
		was = quote(c.Was)
	}
	take := r.side(c, c.Source, c.Target, r.commit)
	if take == "" {
		return fmt.Sprintf("# %s as %s has it: nothing to do\n%s", was, r.source, otherwise("as "+r.target+" has it", r.side(c, c.Target, c.Source, r.draft+"~1")))
	}
	return fmt.Sprintf("# %s as %s has it:\n%s%s", was, r.source, take, otherwise("as "+r.target+" has it", r.side(c, c.Target, c.Source, r.draft+"~1")))
}

// side are the commands that take one side of a path; "" where the draft has that.
func (r resolution) side(c effect.Conflict, one, other effect.Side, commit string) string {
	git, name := "git", quote(c.Path)
	if strings.ContainsAny(c.Path, "*?[\\") || strings.HasPrefix(c.Path, ":") {
		git = "git --literal-pathspecs"
	}
	made := c.Was != "" && c.Kind != "moved" // git made way for what the other side has
	switch {
	case one.ID == "":
		return fmt.Sprintf("%s rm -q -- %s\n", git, name)
	case made:
		return fmt.Sprintf("%s rm -r -q --ignore-unmatch -- %s\n%s mv -- %s %s\n", git, quote(c.Was), git, name, quote(c.Was))
	case other.ID == "":
		return ""
	case one.Here:
		return fmt.Sprintf("%s checkout %s -- %s\n", git, commit, name)
	}
	return fmt.Sprintf("git update-index --add --cacheinfo %s,%s,%s\n%s checkout -- %s\n", one.Mode, one.ID, name, git, name)
}

// otherwise are commands as comments.
func otherwise(what, commands string) string {
	if commands == "" {
		return "# or " + what + ": nothing to do\n"
	}
	return "# or " + what + ":\n#   " + strings.ReplaceAll(strings.TrimSuffix(commands, "\n"), "\n", "\n#   ") + "\n"
}

// sayable reports a name that a line of a shell can hold, and that reads as what it is.
func sayable(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}
