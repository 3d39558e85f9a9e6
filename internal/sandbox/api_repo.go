package sandbox

import (
	"encoding/base64"
	"sort"
	"strings"
)

func getRepo(c *call) (reply, error) {
	o := c.s.fullRepo(c.repo)
	switch c.cred.kind {
	case "user":
		o["permissions"] = permissionsObj(c.s.role(c.cred.user, c.repo))
	case "installation":
		o["permissions"] = permissionsObj("none")
	}
	return reply{status: 200, body: o, modified: c.repo.updated}, nil
}

func (r *repo) refsUnder(prefix string) []string {
	var out []string
	for ref := range r.refs {
		if strings.HasPrefix(ref, prefix) {
			out = append(out, ref)
		}
	}
	sort.Strings(out)
	return out
}

func listBranches(c *call) (reply, error) {
	var names []string
	for _, ref := range c.repo.refsUnder("refs/heads/") {
		b := strings.TrimPrefix(ref, "refs/heads/")
		if p := c.q.Get("protected"); p == "" || (p == "true") == (c.repo.protected[b] != nil) {
			names = append(names, b)
		}
	}
	return list(c, names, func(b string) obj {
		sha, _ := c.repo.branch(b)
		return obj{"name": b, "commit": obj{"sha": sha, "url": c.s.repoURL(c.repo) + "/commits/" + sha},
			"protected": c.repo.protected[b] != nil}
	})
}

func (c *call) protection(b string) obj {
	p := c.repo.protected[b]
	level := "off"
	if p != nil {
		level = "non_admins"
	}
	contexts, checks := c.s.requiredChecks(p)
	return obj{"enabled": p != nil, "required_status_checks": obj{"enforcement_level": level, "contexts": contexts, "checks": checks}}
}

// requiredChecks are a branch's required checks, in the old form without the App that one may be bound to, and with it.
func (s *Server) requiredChecks(p *Protection) (contexts []string, checks []obj) {
	contexts, checks = []string{}, []obj{}
	if p == nil {
		return contexts, checks
	}
	for _, name := range p.Checks {
		contexts, checks = append(contexts, name), append(checks, obj{"context": name, "app_id": nil})
	}
	for _, name := range p.AppChecks {
		contexts, checks = append(contexts, name), append(checks, obj{"context": name, "app_id": s.app.ID})
	}
	return contexts, checks
}

func getBranch(c *call) (reply, error) {
	b := c.path["branch"]
	sha, found := c.repo.branch(b)
	if !found {
		return reply{}, &Error{Status: 404, Message: "Branch not found"}
	}
	api := c.s.repoURL(c.repo) + "/branches/" + escapePath(b)
	return ok(obj{"name": b, "commit": c.s.commitObj(c.repo, c.repo.git.commit(sha)),
		"_links":    obj{"self": api, "html": c.s.repoHTML(c.repo) + "/tree/" + escapePath(b)},
		"protected": c.repo.protected[b] != nil, "protection": c.protection(b), "protection_url": api + "/protection"})
}

func getProtection(c *call) (reply, error) {
	b := c.path["branch"]
	if _, found := c.repo.branch(b); !found {
		return reply{}, &Error{Status: 404, Message: "Branch not found"}
	}
	p := c.repo.protected[b]
	if p == nil {
		return reply{}, &Error{Status: 404, Message: "Branch not protected"}
	}
	api := c.s.repoURL(c.repo) + "/branches/" + escapePath(b) + "/protection"
	contexts, checks := c.s.requiredChecks(p)
	return ok(obj{"url": api, "required_status_checks": obj{"url": api + "/required_status_checks", "strict": false,
		"contexts": contexts, "contexts_url": api + "/required_status_checks/contexts", "checks": checks},
		"enforce_admins":          obj{"url": api + "/enforce_admins", "enabled": false},
		"required_linear_history": obj{"enabled": false}, "allow_force_pushes": obj{"enabled": false},
		"allow_deletions": obj{"enabled": false}})
}

// resolve finds the commit of a branch, tag, full ref or (abbreviated) SHA; "" when there is none.
func (s *Server) resolve(r *repo, ref string) string {
	if ref == "" || ref == "HEAD" {
		ref = r.defaultBranch
	}
	for _, full := range []string{"refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref, ref} {
		if sha, found := r.refs[full]; found {
			return s.peel(r, sha)
		}
	}
	if isSHA(ref) {
		return s.peel(r, ref)
	}
	return s.abbreviated(r, ref)
}

func (s *Server) abbreviated(r *repo, ref string) string {
	if len(ref) < 7 || len(ref) > 40 || strings.Trim(ref, "0123456789abcdef") != "" {
		return ""
	}
	found := ""
	for _, tip := range r.refs {
		for sha := range r.git.ancestors(tip) {
			switch {
			case !strings.HasPrefix(sha, ref) || sha == found:
			case found != "": // several begin so
				return ""
			default:
				found = sha
			}
		}
	}
	return found
}

// peel follows annotated tags to their commit.
func (s *Server) peel(r *repo, sha string) string {
	for range 10 {
		if r.git.commit(sha) != nil {
			return sha
		}
		kind, data, err := r.git.read(sha)
		if err != nil || kind != "tag" {
			return ""
		}
		target, _, _ := strings.Cut(strings.TrimPrefix(string(data), "object "), "\n")
		sha = target
	}
	return ""
}

// resolveRef is resolve for the path's ref.
func (c *call) resolveRef() (string, error) {
	if sha := c.s.resolve(c.repo, c.path["ref"]); sha != "" {
		return sha, nil
	}
	return "", unprocessable("No commit found for SHA: %s", c.path["ref"])
}

func getContents(c *call) (reply, error) {
	ref := c.q.Get("ref")
	sha := c.s.resolve(c.repo, ref)
	if sha == "" {
		if ref == "" {
			return reply{}, &Error{Status: 404, Message: "This repository is empty."}
		}
		return reply{}, &Error{Status: 404, Message: "No commit found for the ref " + ref}
	}
	if ref == "" {
		ref = c.repo.defaultBranch
	}
	commit := c.repo.git.commit(sha)
	path := strings.Trim(c.path["path"], "/")
	e, found := c.repo.git.lookup(commit.Tree, path)
	if !found {
		return reply{}, errNotFound
	}
	if e.isTree() {
		rows := []obj{}
		for _, x := range c.repo.git.tree(e.SHA) {
			rows = append(rows, c.contentEntry(join2(path, x.Name), x, ref))
		}
		return ok(rows)
	}
	data, err := c.repo.git.blob(e.SHA)
	if err != nil {
		return reply{}, err
	}
	if c.wantsRaw() {
		return rawFile(data)
	}
	o := c.contentEntry(path, e, ref)
	o["content"], o["encoding"] = wrap64(data), "base64"
	if len(data) > maxInline {
		o["content"], o["encoding"] = "", "none"
	}
	return reply{status: 200, body: o, modified: commit.Committer.When}, nil
}

func (c *call) wantsRaw() bool {
	accept := c.r.Header.Get("Accept")
	return strings.Contains(accept, "application/vnd.github.raw") || strings.Contains(accept, "application/vnd.github.v3.raw")
}

func rawFile(text []byte) (reply, error) {
	return reply{status: 200, raw: append([]byte{}, text...), ctype: "application/vnd.github.raw+json; charset=utf-8"}, nil
}

// maxInline is the size above which the contents API tells of a file, but doesn't give it; blobs come up to 100 MB:
// https://docs.github.com/en/rest/repos/contents#get-repository-content
const maxInline = 1 << 20

func join2(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// wrap64 is base64 in lines of 60, as GitHub sends it.
func wrap64(data []byte) string {
	s := base64.StdEncoding.EncodeToString(data)
	var b strings.Builder
	for len(s) > 60 {
		b.WriteString(s[:60] + "\n")
		s = s[60:]
	}
	b.WriteString(s)
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

func (c *call) contentEntry(path string, e treeEntry, ref string) obj {
	kind, git, html := "file", "blobs", "blob"
	size := 0
	if e.isTree() {
		kind, git, html = "dir", "trees", "tree"
	} else if b, err := c.repo.git.blob(e.SHA); err == nil {
		size = len(b)
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	self := c.s.repoURL(c.repo) + "/contents/" + escapePath(path) + "?ref=" + strings.ReplaceAll(escapePath(ref), "+", "%2B")
	gitURL := c.s.repoURL(c.repo) + "/git/" + git + "/" + e.SHA
	htmlURL := c.s.repoHTML(c.repo) + "/" + html + "/" + escapePath(ref) + "/" + escapePath(path)
	o := obj{"type": kind, "size": size, "name": name, "path": path, "sha": e.SHA, "url": self, "git_url": gitURL,
		"html_url": htmlURL, "download_url": nil, "_links": obj{"self": self, "git": gitURL, "html": htmlURL}}
	if kind == "file" {
		o["download_url"] = c.s.repoHTML(c.repo) + "/raw/" + escapePath(ref) + "/" + escapePath(path)
	}
	return o
}

func getReadme(c *call) (reply, error) {
	c.path["path"] = "README.md"
	return getContents(c)
}

// contentTarget settles branch, tree and old blob for a write to a path.
func (c *call) contentTarget() (branch string, old treeEntry, exists bool, err error) {
	branch, given, err := c.str("branch")
	if err != nil {
		return "", old, false, err
	}
	if !given {
		branch = c.repo.defaultBranch
	}
	sha, found := c.repo.branch(branch)
	if !found && given {
		return "", old, false, &Error{Status: 404, Message: "Branch " + branch + " not found"}
	}
	if found {
		old, exists = c.repo.git.lookup(c.repo.git.commit(sha).Tree, c.path["path"])
	}
	want, _, err := c.str("sha")
	switch {
	case err != nil:
		return "", old, false, err
	case exists && want == "":
		return "", old, false, unprocessable("Invalid request.\n\n\"sha\" wasn't supplied.")
	case exists && want != old.SHA:
		return "", old, false, &Error{Status: 409, Message: c.path["path"] + " does not match " + want}
	}
	return branch, old, exists, nil
}

func putContents(c *call) (reply, error) {
	message, err := c.need("message")
	if err != nil {
		return reply{}, err
	}
	content, err := c.need("content")
	if err != nil {
		return reply{}, err
	}
	data, derr := base64.StdEncoding.DecodeString(strings.ReplaceAll(content, "\n", ""))
	if derr != nil {
		return reply{}, unprocessable("content is not valid Base64")
	}
	branch, _, exists, err := c.contentTarget()
	if err != nil {
		return reply{}, err
	}
	return c.commitContent(branch, message, change{data: data}, exists)
}

func (c *call) commitContent(branch, message string, ch change, exists bool) (reply, error) {
	path := c.path["path"]
	if err := c.writesFiles(path); err != nil {
		return reply{}, err
	}
	if err := c.s.ruled(c.actor, c.repo, "refs/heads/"+branch, "", nil, 409); err != nil {
		return reply{}, err
	}
	sha, err := c.s.commitFiles(c.actor, c.repo, branch, "", map[string]change{path: ch}, message)
	if err != nil {
		return reply{}, err
	}
	commit := c.repo.git.commit(sha)
	o := obj{"content": nil, "commit": c.s.gitCommitObj(c.repo, commit)}
	if e, found := c.repo.git.lookup(commit.Tree, path); found {
		o["content"] = c.contentEntry(path, e, branch)
	}
	if exists {
		return ok(o)
	}
	return created(o)
}

func listTags(c *call) (reply, error) {
	all := c.repo.refsUnder("refs/tags/")
	sort.Sort(sort.Reverse(sort.StringSlice(all)))
	return list(c, all, func(ref string) obj {
		name, sha := strings.TrimPrefix(ref, "refs/tags/"), c.s.peel(c.repo, c.repo.refs[ref])
		api := c.s.repoURL(c.repo)
		return obj{"name": name, "commit": obj{"sha": sha, "url": api + "/commits/" + sha}, "node_id": "REF_" + ref,
			"zipball_url": api + "/zipball/" + escapePath(ref), "tarball_url": api + "/tarball/" + escapePath(ref)}
	})
}

// dispatch records a repository_dispatch; see Server.Dispatches.
