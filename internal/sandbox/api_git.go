package sandbox

import (
	"strings"
	"time"
)

func getRef(c *call) (reply, error) {
	ref := "refs/" + c.path["ref"]
	sha, found := c.repo.refs[ref]
	if !found {
		return reply{}, errNotFound
	}
	return ok(c.s.refObj(c.repo, ref, sha))
}

func matchingRefs(c *call) (reply, error) {
	all := c.repo.refsUnder("refs/" + c.path["ref"])
	return list(c, all, func(ref string) obj { return c.s.refObj(c.repo, ref, c.repo.refs[ref]) })
}

// refTarget takes the SHA that a ref is to have; branches hold commits only.
func (c *call) refTarget(ref string) (string, error) {
	sha, err := c.need("sha")
	if err != nil {
		return "", err
	}
	kind, _, rerr := c.repo.git.read(sha)
	switch {
	case rerr != nil:
		return "", unprocessable("Object does not exist")
	case strings.HasPrefix(ref, "refs/heads/") && kind != "commit":
		return "", unprocessable("Reference cannot be updated: object is not a commit")
	}
	return sha, nil
}

func createRef(c *call) (reply, error) {
	ref, err := c.need("ref")
	if err != nil {
		return reply{}, err
	}
	sha, err := c.refTarget(ref)
	if err != nil {
		return reply{}, err
	}
	switch {
	case !validRef(ref):
		return reply{}, unprocessable("%s is not a valid ref name.", ref)
	case strings.HasPrefix(ref, "refs/pull/"):
		return reply{}, unprocessable("Reference update failed")
	case c.repo.refs[ref] != "":
		return reply{}, unprocessable("Reference already exists")
	}
	for other := range c.repo.refs {
		if strings.HasPrefix(other, ref+"/") || strings.HasPrefix(ref, other+"/") {
			return reply{}, unprocessable("Reference update failed")
		}
	}
	if err := c.moveRef(ref, sha); err != nil {
		return reply{}, err
	}
	o := c.s.refObj(c.repo, ref, sha)
	return reply{status: 201, body: o, location: o["url"].(string)}, nil
}

// moveRef makes, moves or deletes a ref, if the rules and the sender's permissions let it.
func (c *call) moveRef(ref, sha string) error {
	if err := c.s.ruled(c.actor, c.repo, ref, sha, nil, 422); err != nil {
		return err
	}
	if sha != zeroSHA {
		if err := c.bringsCommits(sha); err != nil {
			return err
		}
	}
	return c.s.writeRef(c.actor, c.repo, ref, sha)
}

func updateRef(c *call) (reply, error) {
	ref := "refs/" + c.path["ref"]
	old, found := c.repo.refs[ref]
	if !found || strings.HasPrefix(ref, "refs/pull/") {
		return reply{}, unprocessable("Reference does not exist")
	}
	sha, err := c.refTarget(ref)
	if err != nil {
		return reply{}, err
	}
	force, err := c.flag("force", false)
	if err != nil {
		return reply{}, err
	}
	if !force && c.repo.git.mergeBase(old, sha) != old {
		return reply{}, unprocessable("Update is not a fast forward")
	}
	if err := c.moveRef(ref, sha); err != nil {
		return reply{}, err
	}
	return ok(c.s.refObj(c.repo, ref, sha))
}

func deleteRef(c *call) (reply, error) {
	ref := "refs/" + c.path["ref"]
	switch {
	case c.repo.refs[ref] == "":
		return reply{}, unprocessable("Reference does not exist")
	case ref == "refs/heads/"+c.repo.defaultBranch:
		return reply{}, unprocessable("Cannot delete the default branch")
	case c.repo.protected[strings.TrimPrefix(ref, "refs/heads/")] != nil:
		return reply{}, unprocessable("Cannot delete a protected branch")
	}
	if err := c.moveRef(ref, zeroSHA); err != nil {
		return reply{}, err
	}
	return noContent()
}

// listCommits is newest first, with sha, path, author, since and until.
func listCommits(c *call) (reply, error) {
	sha := c.s.resolve(c.repo, c.q.Get("sha"))
	if sha == "" {
		if len(c.repo.refs) == 0 {
			return reply{}, &Error{Status: 409, Message: "Git Repository is empty."}
		}
		return reply{}, errNotFound
	}
	since, _ := time.Parse(time.RFC3339, c.q.Get("since"))
	until, uerr := time.Parse(time.RFC3339, c.q.Get("until"))
	path, author := c.q.Get("path"), c.q.Get("author")
	var all []*gitCommit
	for _, x := range c.repo.git.log(sha, nil) {
		when := x.Committer.When
		if when.Before(since) || uerr == nil && when.After(until) || path != "" && !c.touches(x, path) {
			continue
		}
		if u, _ := c.s.commitUser(x.Author).(obj); author != "" && x.Author.Email != author && u["login"] != author {
			continue
		}
		all = append(all, x)
	}
	return list(c, all, func(x *gitCommit) obj { return c.s.commitObj(c.repo, x) })
}

// touches says whether a commit changed a path against every parent.
func (c *call) touches(x *gitCommit, path string) bool {
	g := c.repo.git
	e, _ := g.lookup(x.Tree, path)
	if len(x.Parents) == 0 {
		return e.SHA != ""
	}
	for _, p := range x.Parents {
		if o, _ := g.lookup(g.commit(p).Tree, path); o.SHA == e.SHA {
			return false
		}
	}
	return true
}

func getCommit(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	if strings.Contains(c.r.Header.Get("Accept"), "vnd.github.sha") || strings.Contains(c.r.Header.Get("Accept"), ".sha") {
		return reply{status: 200, raw: []byte(sha), ctype: "application/vnd.github.sha; charset=utf-8"}, nil
	}
	x := c.repo.git.commit(sha)
	parent := ""
	if len(x.Parents) > 0 {
		parent = x.Parents[0]
	}
	d, err := c.diffOutside(parent, sha)
	if err != nil {
		return reply{}, err
	}
	o := c.s.commitObj(c.repo, x)
	added, removed := 0, 0
	for _, f := range d {
		added, removed = added+f.Added, removed+f.Removed
	}
	// Files come 300 at a time, on pages of their own.
	n := intParam(c.q, "page", 1, 10)
	from, to := min((n-1)*300, len(d)), min(n*300, len(d))
	o["stats"], o["files"] = obj{"additions": added, "deletions": removed, "total": added + removed}, c.diffEntries(d[from:to], sha)
	rep := reply{status: 200, body: o, modified: x.Committer.When}
	if len(d) > 300 {
		rep.link = c.links(n, (len(d)+299)/300)
	}
	return rep, nil
}

func (c *call) diffOutside(a, b string) (d []fileDiff, err error) {
	g := c.repo.git
	c.s.outside(func() { d, err = g.diff(a, b) })
	return d, err
}

func (c *call) diffEntries(d []fileDiff, head string) []obj {
	rows := []obj{}
	for _, f := range d {
		rows = append(rows, c.s.diffEntry(c.repo, head, f))
	}
	return rows
}

// compare takes base...head, where each side may be OWNER:ref.
func compare(c *call) (reply, error) {
	base, head, found := strings.Cut(c.path["basehead"], "...")
	if !found {
		return reply{}, errNotFound
	}
	b, h := c.side(base), c.side(head)
	if b == "" || h == "" {
		return reply{}, errNotFound
	}
	g := c.repo.git
	mb := g.mergeBase(b, h)
	if mb == "" {
		return reply{}, &Error{Status: 404, Message: "No common ancestor between " + base + " and " + head + "."}
	}
	ahead, behind := g.between(b, h), g.between(h, b)
	status := "diverged"
	switch {
	case len(ahead) == 0 && len(behind) == 0:
		status = "identical"
	case len(behind) == 0:
		status = "ahead"
	case len(ahead) == 0:
		status = "behind"
	}
	d, err := c.diffOutside(mb, h)
	if err != nil {
		return reply{}, err
	}
	rows, link := page(c, ahead)
	if c.q.Get("page") == "" && c.q.Get("per_page") == "" {
		rows, link = ahead[:min(len(ahead), 250)], ""
	}
	commits := []obj{}
	for _, x := range rows {
		commits = append(commits, c.s.commitObj(c.repo, x))
	}
	api, html := c.s.repoURL(c.repo), c.s.repoHTML(c.repo)+"/compare/"+escapePath(c.path["basehead"])
	return reply{status: 200, link: link, body: obj{"url": api + "/compare/" + escapePath(c.path["basehead"]), "html_url": html,
		"permalink_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch",
		"base_commit":       c.s.commitObj(c.repo, g.commit(b)),
		"merge_base_commit": c.s.commitObj(c.repo, g.commit(mb)), "status": status, "ahead_by": len(ahead),
		"behind_by": len(behind), "total_commits": len(ahead), "commits": commits,
		"files": c.diffEntries(d[:min(len(d), 300)], h)}}, nil
}

func (c *call) side(ref string) string {
	if owner, branch, full := strings.Cut(ref, ":"); full {
		if r := c.s.headRepo(c.repo, owner); r != nil {
			return c.s.resolve(r, branch)
		}
		return ""
	}
	return c.s.resolve(c.repo, ref)
}

func branchesWhereHead(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	rows := []obj{}
	for _, ref := range c.repo.refsUnder("refs/heads/") {
		if b := strings.TrimPrefix(ref, "refs/heads/"); c.repo.refs[ref] == sha {
			rows = append(rows, obj{"name": b, "commit": obj{"sha": sha, "url": c.s.repoURL(c.repo) + "/commits/" + sha},
				"protected": c.repo.protected[b] != nil})
		}
	}
	return ok(rows)
}
