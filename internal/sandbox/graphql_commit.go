package sandbox

import (
	"regexp"
	"strings"
	"sync"
)

// objectGraph is a git object by its id; null for one that isn't there. Of those that are no commits nothing is asked.
func (c *call) objectGraph(r *repo, oid any) *graph {
	sha, _ := oid.(string)
	x := r.git.commit(sha)
	if x == nil {
		return nil
	}
	return &graph{"Commit", obj{"id": "C_" + x.SHA, "oid": x.SHA, "message": x.Message,
		"authors": resolver(func(obj) (any, error) { return c.authorsGraph(x), nil })}}
}

var coAuthor = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?im)^co-authored-by:[ \t]*([^<>\n]*?)[ \t]*<([^<>\n]+)>[ \t]*$`)
})

// authorsGraph lists the authors of a commit: "based on the git author and the Co-authored-by message trailer. The git
// author will always be first." (https://docs.github.com/en/graphql/reference/objects#commit) A bot is no User.
func (c *call) authorsGraph(x *gitCommit) *graph {
	var nodes []*graph
	seen := map[string]bool{}
	add := func(name, email string) {
		if seen[strings.ToLower(email)] {
			return
		}
		seen[strings.ToLower(email)] = true
		var who *graph
		if u := c.s.addressee(email); u != nil && u.kind == "User" {
			who = c.accountGraph(u)
		}
		nodes = append(nodes, &graph{"GitActor", obj{"name": name, "email": email, "user": who}})
	}
	add(x.Author.Name, x.Author.Email)
	for _, m := range coAuthor().FindAllStringSubmatch(x.Message, -1) {
		add(m[1], m[2])
	}
	return &graph{"GitActorConnection", obj{"totalCount": len(nodes), "nodes": nodes}}
}
