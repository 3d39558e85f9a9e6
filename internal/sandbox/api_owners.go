package sandbox

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// maxOwners is the size from which on GitHub reads no CODEOWNERS. This and what is wrong with a line, as far as its page says so:
// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
const maxOwners = 3 << 20

// ownersErrors is GitHub's own judgement of the CODEOWNERS file of a ref: of each line that it leaves out, and of each owner
// that it doesn't know.
func ownersErrors(c *call) (reply, error) {
	commit := c.repo.git.commit(c.s.resolve(c.repo, c.q.Get("ref")))
	if commit == nil {
		return reply{}, errNotFound
	}
	for _, path := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		e, found := c.repo.git.lookup(commit.Tree, path)
		if !found || e.isTree() {
			continue
		}
		text, err := c.repo.git.blob(e.SHA)
		if err != nil {
			return reply{}, err
		}
		if len(text) > maxOwners {
			break
		}
		rows := []obj{}
		for n, line := range strings.Split(string(text), "\n") {
			rows = append(rows, c.ownersLine(path, n+1, strings.TrimSuffix(line, "\r"))...)
		}
		return ok(obj{"errors": rows})
	}
	return reply{}, errNotFound
}

var ownerWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(@[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)?|[^@\s#]+@[^@\s#]+)$`)
})

// ownersComment begins a word: of a # in an owner GitHub's page says nothing, so here it is none.
var ownersComment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^|\s)#.*`) })

// ownersLine judges one line: a pattern that gitignore has and CODEOWNERS hasn't, what is no owner, and an owner who may
// not write.
func (c *call) ownersLine(path string, n int, line string) (rows []obj) {
	text := ownersComment().ReplaceAllString(line, "")
	words := strings.Fields(strings.ReplaceAll(text, `\ `, `\.`)) // a space of the path
	if strings.HasPrefix(line, `\#`) {
		words = strings.Fields(line)
	}
	fault := func(word, kind, more string, suggestion any) {
		column := strings.Index(line, word) + 1
		rows = append(rows, obj{"line": n, "column": column, "source": line, "kind": kind, "path": path, "suggestion": suggestion,
			"message": fmt.Sprintf("%s on line %d%s\n\n  %s\n  %s^", kind, n, more, line, strings.Repeat(" ", column-1))})
	}
	if len(words) == 0 {
		return nil
	}
	switch p := words[0]; {
	case strings.HasPrefix(p, "!"), strings.HasPrefix(p, `\#`), strings.ContainsAny(p, "[]"):
		fault(p, "Invalid pattern", ":", nil)
		return rows
	case strings.Contains(p, "***"):
		hint := "Did you mean " + strings.ReplaceAll(p, "***", "**") + "?"
		fault(p, "Invalid pattern", ": "+hint, hint)
		return rows
	}
	for _, w := range words[1:] {
		switch {
		case !ownerWord().MatchString(w):
			fault(w, "Invalid owner", ":", nil)
		case strings.HasPrefix(w, "@") && !c.mayOwn(w[1:]):
			fault(w, "Unknown owner", ": make sure "+w+" exists and has write access to the repository", nil)
		}
	}
	return rows
}

// mayOwn says whether a person, or a team with its organisation, exists and may write.
func (c *call) mayOwn(name string) bool {
	if org, slug, isTeam := strings.Cut(name, "/"); isTeam {
		t, err := c.s.team(org, slug)
		return err == nil && strings.EqualFold(t.slug, slug) && rank(t.repos[c.repo.id]) >= rank("write")
	}
	u := c.s.users[strings.ToLower(name)]
	return u != nil && !u.deleted && c.s.can(u, c.repo, "write")
}
