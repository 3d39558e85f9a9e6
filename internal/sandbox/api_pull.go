package sandbox

import (
	"slices"
	"sort"
	"strings"
)

func (c *call) pathIssue() (*issue, error) {
	n, err := c.pathID("number")
	if err != nil {
		return nil, err
	}
	i := c.repo.issues[int(n)]
	switch {
	case i == nil:
		return nil, errNotFound
	case i.deleted:
		return nil, &Error{Status: 410, Message: "This issue was deleted"}
	case c.repo.noIssues && i.pr == nil:
		return nil, errNoIssues
	}
	return i, nil
}

func (c *call) pathPull() (*pull, error) {
	i, err := c.pathIssue()
	if err != nil || i.pr == nil {
		return nil, errNotFound
	}
	return i.pr, nil
}

// listPulls: open ones, newest first, unless asked otherwise.
func listPulls(c *call) (reply, error) {
	state, base, head := c.q.Get("state"), c.q.Get("base"), c.q.Get("head")
	if state == "" {
		state = "open"
	}
	var all []*pull
	for _, i := range c.repo.order {
		p := i.pr
		if p == nil || state != "all" && state != i.state || base != "" && base != p.base || !p.headIs(head) {
			continue
		}
		all = append(all, p)
	}
	by, dir := c.q.Get("sort"), c.q.Get("direction")
	if dir == "" && (by == "" || by == "created") {
		dir = "desc"
	}
	sort.SliceStable(all, func(x, y int) bool {
		a, b := all[x].issue, all[y].issue
		if dir == "desc" {
			a, b = b, a
		}
		if by == "updated" && !a.updated.Equal(b.updated) {
			return a.updated.Before(b.updated)
		}
		return a.number < b.number
	})
	return list(c, all, c.s.pullObj)
}

// headIs applies the head filter, user:branch; one without a user filters nothing, as on GitHub.
func (p *pull) headIs(want string) bool {
	owner, branch, full := strings.Cut(want, ":")
	return !full || p.head == branch && p.headOwner != nil && strings.EqualFold(p.headOwner.login, owner)
}

func getPull(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	c.s.warm(p)
	return reply{status: 200, body: c.s.fullPull(p), modified: p.issue.updated}, nil
}

func createPull(c *call) (reply, error) {
	base, err := c.need("base")
	if err != nil {
		return reply{}, err
	}
	head, err := c.need("head")
	if err != nil {
		return reply{}, err
	}
	title, err := c.need("title")
	if err != nil {
		return reply{}, err
	}
	body, err := c.text("body")
	if err != nil {
		return reply{}, err
	}
	draft, err := c.flag("draft", false)
	if err != nil {
		return reply{}, err
	}
	modify, err := c.flag("maintainer_can_modify", true)
	if err != nil {
		return reply{}, err
	}
	spec := pullSpec{base: base, head: head, headRepo: c.repo, title: title, body: body, draft: draft, modify: modify}
	if owner, branch, full := strings.Cut(head, ":"); full {
		spec.head, spec.headRepo = branch, c.s.headRepo(c.repo, owner)
	}
	if c.cred.kind == "user" && spec.headRepo == c.repo && !c.s.can(c.cred.user, c.repo, "write") {
		return reply{}, &Error{Status: 404, Message: "Not Found"}
	}
	p, err := c.s.openPull(c.actor, c.repo, spec)
	if err != nil {
		return reply{}, err
	}
	o := c.s.fullPull(p)
	return reply{status: 201, body: o, location: o["url"].(string)}, nil
}

// headRepo is the repository of an owner in r's network.
func (s *Server) headRepo(r *repo, owner string) *repo {
	if strings.EqualFold(r.owner.login, owner) {
		return r
	}
	for _, f := range s.repos {
		if (f.parent == r || r.parent == f) && strings.EqualFold(f.owner.login, owner) {
			return f
		}
	}
	return nil
}

func (c *call) mayEdit(author *user) error {
	if c.cred.kind == "installation" || c.cred.user == author || c.s.can(c.cred.user, c.repo, "write") {
		return nil
	}
	return &Error{Status: 403, Message: "Must have push access to repository"}
}

func patchPull(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	if err := c.mayEdit(p.issue.user); err != nil {
		return reply{}, err
	}
	title, err := c.text("title")
	if err != nil {
		return reply{}, err
	}
	body, err := c.text("body")
	if err != nil {
		return reply{}, err
	}
	base, rebase, err := c.str("base")
	if err != nil {
		return reply{}, err
	}
	state, err := c.stateField("PullRequest")
	if err != nil {
		return reply{}, err
	}
	if state == "open" && p.issue.state != "open" {
		if err := c.s.reopenable(p); err != nil {
			return reply{}, err
		}
	}
	if err := c.s.edit(c.actor, p.issue, title, body); err != nil {
		return reply{}, err
	}
	if rebase {
		if err := c.s.editBase(c.actor, p, base); err != nil {
			return reply{}, err
		}
	}
	if state != "" {
		c.s.setState(c.actor, p.issue, state, "")
	}
	c.s.warm(p)
	return ok(c.s.fullPull(p))
}

func (c *call) stateField(resource string) (string, error) {
	state, _, err := c.str("state")
	if err == nil && state != "" && state != "open" && state != "closed" {
		err = invalid(resource, "state", "invalid", "")
	}
	return state, err
}

func pullFiles(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	c.s.warm(p)
	g, base := p.issue.repo.git, p.tip()
	if p.merged {
		base = p.baseSHA
	}
	d, err := g.diff(g.mergeBase(base, p.headSHA), p.headSHA)
	if err != nil {
		return reply{}, err
	}
	return list(c, d[:min(len(d), 3000)], func(f fileDiff) obj { return c.s.diffEntry(c.repo, p.headSHA, f) })
}

func pullCommits(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	base := p.tip()
	if p.merged {
		base = p.baseSHA
	}
	all := p.issue.repo.git.between(base, p.headSHA)
	return list(c, all[:min(len(all), 250)], func(x *gitCommit) obj { return c.s.commitObj(c.repo, x) })
}

func putMerge(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	want, _, err := c.str("sha")
	if err != nil {
		return reply{}, err
	}
	method, _, err := c.str("merge_method")
	if err != nil {
		return reply{}, err
	}
	title, _, err := c.str("commit_title")
	if err != nil {
		return reply{}, err
	}
	message, _, err := c.str("commit_message")
	if err != nil {
		return reply{}, err
	}
	if want != "" && want != p.headSHA {
		return reply{}, &Error{Status: 409, Message: "Head branch was modified. Review and try the merge again."}
	}
	if err := c.mayMerge(p); err != nil {
		return reply{}, err
	}
	c.s.warm(p)
	sha, err := c.s.mergePull(c.actor, p, method, title, message)
	if err != nil {
		return reply{}, err
	}
	return ok(obj{"sha": sha, "merged": true, "message": "Pull Request successfully merged"})
}

func isMerged(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil || !p.merged {
		return reply{}, errNotFound
	}
	return noContent()
}

// updateBranch merges the base into a pull request's branch, as GitHub itself.
func (s *Server) updateBranch(a actor, p *pull) error {
	if p.headRepo == nil || p.merged {
		return unprocessable("The head branch can't be updated.")
	}
	g := p.issue.repo.git
	res, err := g.mergeTree(p.headSHA, p.tip())
	if err != nil {
		return err
	}
	if res.conflict {
		return unprocessable("merge conflict between base and head")
	}
	msg := "Merge branch '" + p.base + "' into " + p.head
	sha, err := s.signedBySite(g.writeCommit(res.tree, []string{p.headSHA, p.tip()}, s.sign(a.user), s.webFlow(), msg))
	if err != nil {
		return err
	}
	return s.writeRef(a, p.headRepo, "refs/heads/"+p.head, sha)
}

// pullsForCommit are the merged pull requests that brought a commit; of one that isn't on the default branch, those that are
// open, too. It knows the commits of this repository alone: the head of a pull request from a fork leads to none, as at
// https://github.com/pulumi/registry/pull/12160.
func pullsForCommit(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	g, landed := c.repo.git, false
	var tips []string
	for ref, tip := range c.repo.refs {
		if strings.HasPrefix(ref, "refs/heads/") {
			tips = append(tips, tip)
		}
		landed = landed || ref == "refs/heads/"+c.repo.defaultBranch && g.reaches(tip, sha)
	}
	ours := slices.ContainsFunc(tips, func(tip string) bool { return g.reaches(tip, sha) })
	var all []*pull
	for _, i := range c.repo.order {
		p := i.pr
		if p == nil || !p.merged && (landed || i.state != "open" || !ours) {
			continue
		}
		found := p.mergeSHA == sha
		for _, x := range g.between(p.baseSHA, p.headSHA) {
			found = found || x.SHA == sha && (ours || p.headRepo == c.repo)
		}
		if found {
			all = append(all, p)
		}
	}
	return list(c, all, c.s.pullObj)
}
