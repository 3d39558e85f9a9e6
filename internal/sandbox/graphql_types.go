package sandbox

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The types of the GraphQL API, as far as they are read: https://docs.github.com/en/graphql/reference

func (c *call) queries() graph {
	return graph{"Query", obj{
		"viewer": c.accountGraph(c.actor.user),
		"node":   resolver(func(a obj) (any, error) { return c.node(a["id"]) }),
		"nodes": resolver(func(a obj) (any, error) {
			var all []*graph
			ids, _ := a["ids"].([]any)
			for _, id := range ids {
				g, err := c.node(id)
				if err != nil {
					return nil, err
				}
				all = append(all, g)
			}
			return all, nil
		}),
		"repository": resolver(func(a obj) (any, error) {
			owner, _ := a["owner"].(string)
			name, _ := a["name"].(string)
			r := c.s.repos[strings.ToLower(owner+"/"+name)]
			if r == nil || r.deleted || !c.sees(r) {
				return nil, notResolved("a Repository with the name '%s/%s'.", owner, name)
			}
			return c.repoGraph(r), nil
		}),
	}}
}

func (c *call) repoGraph(r *repo) *graph {
	numbered := func(kind string, fits func(*issue) bool) resolver {
		return func(a obj) (any, error) {
			n, _ := a["number"].(json.Number)
			if f, is := a["number"].(float64); is {
				n = json.Number(itoa(int64(f)))
			}
			number, _ := n.Int64()
			if i := r.issues[int(number)]; i != nil && !i.deleted && fits(i) {
				return c.issueGraph(i), nil
			}
			return nil, notResolved("%s with the number of %s.", kind, n)
		}
	}
	return &graph{"Repository", obj{"id": nodeID("R", r.id), "databaseId": r.id, "nameWithOwner": r.full(), "name": r.name,
		"isArchived": r.archived, "autoMergeAllowed": r.autoMerge,
		"object":             resolver(func(a obj) (any, error) { return c.objectGraph(r, a["oid"]), nil }),
		"issue":              numbered("an Issue", func(i *issue) bool { return i.pr == nil }),
		"pullRequest":        numbered("a PullRequest", func(i *issue) bool { return i.pr != nil }),
		"issueOrPullRequest": numbered("an issue or pull request", func(*issue) bool { return true })}}
}

func (c *call) accountGraph(u *user) *graph {
	if u == nil || u.deleted {
		return nil // a ghost is null
	}
	kind := u.kind
	return &graph{kind, obj{"id": nodeID("U", u.id), "databaseId": u.id, "login": strings.TrimSuffix(u.login, "[bot]"), "url": c.s.url + "/" + u.login}}
}

// edits is when a text was last edited, and by whom: null for one that stands as it was written.
func (c *call) edits(o obj, at *time.Time, by *user) {
	o["lastEditedAt"], o["editor"] = stampOrNil(at), c.accountGraph(by)
}

func (c *call) issueGraph(i *issue) *graph {
	o := obj{"id": nodeID("I", i.id), "databaseId": i.id, "number": i.number, "title": i.title, "body": val(i.body),
		"state": strings.ToUpper(i.state), "author": c.accountGraph(i.user), "createdAt": stamp(i.created), "updatedAt": stamp(i.updated),
		"closedAt": stampOrNil(i.closed), "locked": i.locked, "comments": resolver(func(obj) (any, error) { return c.commentsGraph(i), nil })}
	c.edits(o, i.edited, i.editor)
	o["userContentEdits"] = resolver(func(a obj) (any, error) { return c.textsGraph(i, a), nil })
	if i.pr == nil {
		o["closedByPullRequestsReferences"] = resolver(func(a obj) (any, error) { return c.closersGraph(i, a), nil })
		return &graph{"Issue", o}
	}
	p := i.pr
	o["url"] = c.s.repoHTML(i.repo) + "/pull/" + itoa(int64(i.number))
	o["repository"] = resolver(func(obj) (any, error) { return c.repoGraph(i.repo), nil })
	o["mergeCommit"] = (*graph)(nil)
	if p.merged {
		o["mergeCommit"] = &graph{"Commit", obj{"oid": p.mergeSHA}}
	}
	o["id"], o["databaseId"], o["isDraft"], o["merged"] = nodeID("PR", p.id), p.id, p.draft, p.merged
	o["headRefOid"], o["headRefName"], o["baseRefName"] = p.headSHA, p.head, p.base
	if p.merged {
		o["state"] = "MERGED"
	}
	var auto *graph
	if m := p.autoMerge; m != nil {
		auto = &graph{"AutoMergeRequest", obj{"enabledAt": stamp(m.at), "mergeMethod": strings.ToUpper(m.method), "enabledBy": c.accountGraph(m.by.user)}}
	}
	o["autoMergeRequest"], o["reviewDecision"] = auto, nil
	for _, x := range c.s.repos[i.repo.full()].rulesets {
		if x.Reviewed {
			o["reviewDecision"] = "REVIEW_REQUIRED"
		}
	}
	return &graph{"PullRequest", o}
}

// textsGraph lists the texts that an issue has had, the newest first, as GitHub does.
func (c *call) textsGraph(i *issue, a obj) *graph {
	most := len(i.texts)
	if n, is := a["first"].(json.Number); is {
		first, _ := n.Int64()
		most = min(most, int(first))
	}
	if n, is := a["first"].(float64); is {
		most = min(most, int(n))
	}
	var nodes []*graph
	for n := len(i.texts) - 1; n >= 0 && len(nodes) < most; n-- {
		x := i.texts[n]
		nodes = append(nodes, &graph{"UserContentEdit", obj{"editedAt": stamp(x.at), "editor": c.accountGraph(x.by), "diff": x.text}})
	}
	return &graph{"UserContentEditConnection", obj{"totalCount": len(i.texts), "nodes": nodes}}
}

// closersGraph lists the pull requests of the owner that say in their description that they close an issue: the open ones,
// and the others only if they are asked for. GitHub takes it so only where they are against a default branch.
func (c *call) closersGraph(i *issue, a obj) *graph {
	all, _ := a["includeClosedPrs"].(bool)
	names := regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+(?:([\w.-]+/[\w.-]+))?#` + itoa(int64(i.number)) + `\b`)
	var nodes []*graph
	for _, r := range c.s.repos {
		if r.deleted || r.owner != i.repo.owner || !c.sees(r) {
			continue
		}
		for _, x := range r.order {
			if x.pr == nil || x.deleted || x.pr.base != r.defaultBranch || !all && x.state != "open" {
				continue
			}
			for _, m := range names.FindAllStringSubmatch(val(x.body), -1) {
				if m[1] == "" && r == i.repo || strings.EqualFold(m[1], i.repo.full()) {
					nodes = append(nodes, c.issueGraph(x))
					break
				}
			}
		}
	}
	slices.SortFunc(nodes, func(a, b *graph) int {
		return cmp.Compare(a.fields["databaseId"].(int64), b.fields["databaseId"].(int64))
	})
	return &graph{"PullRequestConnection", obj{"totalCount": len(nodes), "nodes": nodes}}
}

func (c *call) commentsGraph(i *issue) *graph {
	var nodes []*graph
	for _, x := range i.comments {
		nodes = append(nodes, c.commentGraph(x))
	}
	return &graph{"IssueCommentConnection", obj{"totalCount": len(nodes), "nodes": nodes}}
}

func (c *call) commentGraph(x *comment) *graph {
	o := obj{"id": nodeID("IC", x.id), "databaseId": x.id, "body": x.body, "author": c.accountGraph(x.user), "createdAt": stamp(x.created),
		"updatedAt": stamp(x.updated)}
	c.edits(o, x.edited, x.editor)
	return &graph{"IssueComment", o}
}

// subject is something that has a node id.
type subject struct {
	repo      *repo
	issue     *issue // of it, or itself
	comment   *comment
	line      *lineComment
	reactions *[]*reaction
}

// subject finds what a node id names, if the sender may see it.
func (c *call) subject(id any) (*subject, error) {
	text, _ := id.(string)
	for _, r := range c.s.repos {
		if r.deleted || !c.sees(r) {
			continue
		}
		for _, i := range r.order {
			if x := i.subject(text); x != nil && !i.deleted {
				x.repo, x.issue = r, i
				return x, nil
			}
		}
	}
	return nil, notResolved("a node with the global id of '%s'", text)
}

func (i *issue) subject(id string) *subject {
	if i.pr == nil && id == nodeID("I", i.id) || i.pr != nil && id == nodeID("PR", i.pr.id) {
		return &subject{reactions: &i.reactions}
	}
	for _, x := range i.comments {
		if id == nodeID("IC", x.id) {
			return &subject{comment: x, reactions: &x.reactions}
		}
	}
	if i.pr != nil {
		for _, x := range i.pr.lines {
			if id == nodeID("PRRC", x.id) {
				return &subject{line: x, reactions: &x.reactions}
			}
		}
	}
	return nil
}

func (c *call) node(id any) (*graph, error) {
	x, err := c.subject(id)
	switch {
	case err != nil:
		return nil, err
	case x.comment != nil:
		return c.commentGraph(x.comment), nil
	case x.line != nil:
		return &graph{"PullRequestReviewComment", obj{"id": nodeID("PRRC", x.line.id), "databaseId": x.line.id, "body": x.line.body, "path": x.line.path}}, nil
	}
	return c.issueGraph(x.issue), nil
}
