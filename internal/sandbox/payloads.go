package sandbox

import (
	"fmt"
	"strings"
)

// AllEvents are the webhook events that the stand-in can emit.
var AllEvents = []string{"check_run", "check_suite", "create", "delete", "issue_comment", "issues", "label", "member",
	"membership", "merge_group", "milestone", "organization", "pull_request", "pull_request_review", "pull_request_review_comment", "push", "release",
	"repository", "status", "team", "team_add"}

func (s *Server) subscribed() []string {
	if s.opts.Events == nil {
		return append([]string{}, AllEvents...)
	}
	return append([]string{}, s.opts.Events...)
}

// emit sends a webhook about a repository, if an installation sees it and the App subscribes to it. The caller holds
// the lock, and extra holds no pointers into the state.
func (s *Server) emit(event, action string, r *repo, a actor, extra obj) {
	inst := s.instOf(r.owner)
	if inst == nil || !inst.covers(r) {
		return
	}
	p := obj{"repository": s.hookRepo(r)}
	if event == "push" { // the one payload whose repository has Unix times and an owner with name and email
		p["repository"] = s.pushRepo(r)
	}
	for k, v := range extra {
		p[k] = v
	}
	s.emitFor(inst, event, action, r.owner, a, p, r.id)
}

// emitOrg sends a webhook about an organisation.
func (s *Server) emitOrg(event, action string, org *user, a actor, extra obj) {
	if inst := s.instOf(org); inst != nil {
		s.emitFor(inst, event, action, org, a, extra, 0)
	}
}

func (s *Server) emitFor(inst *installation, event, action string, owner *user, a actor, p obj, repoID int64) {
	lifecycle := event == "installation" || event == "installation_repositories"
	if !lifecycle && (inst.suspendedAt != nil || !contains(inst.events, event)) {
		return
	}
	if action != "" {
		p["action"] = action
	}
	p["sender"] = s.someUser(a.user)
	if owner.isOrg() && !lifecycle {
		p["organization"] = s.orgSimple(owner)
	}
	if !lifecycle {
		p["installation"] = obj{"id": inst.id, "node_id": nodeID("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u", inst.id)}
	}
	s.hooks.enqueue(event, action, inst.id, repoID, p)
}

func contains(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

func (s *Server) instOf(owner *user) *installation {
	for _, i := range s.insts {
		if i.account == owner {
			return i
		}
	}
	return nil
}

func (s *Server) hookRepo(r *repo) obj {
	o := s.repoObj(r)
	if r.owner.isOrg() {
		o["custom_properties"] = obj{}
	}
	return o
}

func (s *Server) pushRepo(r *repo) obj {
	o := s.hookRepo(r)
	owner := s.userObj(r.owner)
	owner["name"], owner["email"] = r.owner.login, nil
	if !r.owner.isOrg() {
		owner["email"] = fmt.Sprintf("%d+%s@%s", r.owner.id, r.owner.login, noreply)
	}
	o["owner"], o["created_at"], o["pushed_at"] = owner, r.created.Unix(), r.pushed.Unix()
	o["stargazers"], o["master_branch"] = 0, r.defaultBranch
	o["url"] = s.repoHTML(r)
	if r.owner.isOrg() {
		o["organization"] = r.owner.login
	}
	return o
}

const zeroSHA = "0000000000000000000000000000000000000000"

// emitPush sends push, and create or delete where a ref came or went.
func (s *Server) emitPush(r *repo, a actor, ref, before, after string, forced bool) {
	if !strings.HasPrefix(ref, "refs/heads/") && !strings.HasPrefix(ref, "refs/tags/") {
		return // https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
	}
	html := s.repoHTML(r)
	commits, head := []obj{}, any(nil)
	if after != zeroSHA {
		var list []*gitCommit
		if before != zeroSHA {
			list = r.git.between(before, after)
		} else if strings.HasPrefix(ref, "refs/heads/") {
			list = r.fresh(ref, after)
		}
		if len(list) > 20 {
			list = list[len(list)-20:]
		}
		for _, c := range list {
			commits = append(commits, s.pushCommit(r, c))
		}
		if c := r.git.commit(after); c != nil {
			head = s.pushCommit(r, c)
		}
	}
	pusher := obj{"name": a.user.login, "email": fmt.Sprintf("%d+%s@%s", a.user.id, a.user.login, noreply)}
	short := func(sha string) string { return sha[:12] }
	s.emit("push", "", r, a, obj{"ref": ref, "before": before, "after": after, "created": before == zeroSHA,
		"deleted": after == zeroSHA, "forced": forced, "base_ref": nil, "commits": commits, "head_commit": head,
		"compare": html + "/compare/" + short(before) + "..." + short(after), "pusher": pusher})
	kind, name := "branch", strings.TrimPrefix(ref, "refs/heads/")
	if t, isTag := strings.CutPrefix(ref, "refs/tags/"); isTag {
		kind, name = "tag", t
	}
	switch {
	case before == zeroSHA:
		s.emit("create", "", r, a, obj{"ref": name, "ref_type": kind, "master_branch": r.defaultBranch,
			"description": orNil(r.desc), "pusher_type": "user"})
	case after == zeroSHA:
		s.emit("delete", "", r, a, obj{"ref": name, "ref_type": kind, "pusher_type": "user"})
	}
}

// fresh are the commits that a new branch brings along: those on no other branch, as GitHub lists them in its push.
func (r *repo) fresh(ref, sha string) []*gitCommit {
	var others []string
	for other, tip := range r.refs {
		if other != ref && strings.HasPrefix(other, "refs/heads/") {
			others = append(others, tip)
		}
	}
	return r.git.outsideOf(others, sha)
}

func (s *Server) pushCommit(r *repo, c *gitCommit) obj {
	added, removed, modified := []string{}, []string{}, []string{}
	parent := ""
	if len(c.Parents) > 0 {
		parent = r.git.commit(c.Parents[0]).Tree
	}
	r.git.changedPaths(parent, c.Tree, "", func(path, how string) {
		switch how {
		case "A":
			added = append(added, path)
		case "D":
			removed = append(removed, path)
		default:
			modified = append(modified, path)
		}
	})
	who := func(g signature) obj {
		o := obj{"name": g.Name, "email": g.Email}
		if u, found := s.commitUser(g).(obj); found {
			o["username"] = u["login"]
		}
		return o
	}
	return obj{"id": c.SHA, "tree_id": c.Tree, "distinct": true, "message": c.Message, "timestamp": stamp(c.Committer.When),
		"url": s.repoHTML(r) + "/commit/" + c.SHA, "author": who(c.Author), "committer": who(c.Committer),
		"added": added, "removed": removed, "modified": modified}
}

// emitPull sends a pull_request webhook.
func (s *Server) emitPull(action string, p *pull, a actor, extra obj) {
	o := obj{"number": p.issue.number, "pull_request": s.fullPull(p)}
	for k, v := range extra {
		o[k] = v
	}
	s.emit("pull_request", action, p.issue.repo, a, o)
}

// emitIssue sends issues, or pull_request when the issue is one.
func (s *Server) emitIssue(action string, i *issue, a actor, extra obj) {
	if i.pr != nil {
		s.emitPull(action, i.pr, a, extra)
		return
	}
	o := obj{"issue": s.issueObj(i)}
	for k, v := range extra {
		o[k] = v
	}
	s.emit("issues", action, i.repo, a, o)
}

func (s *Server) emitComment(action string, c *comment, a actor, extra obj) {
	o := obj{"issue": s.issueObj(c.issue), "comment": s.commentObj(c)}
	for k, v := range extra {
		o[k] = v
	}
	s.emit("issue_comment", action, c.issue.repo, a, o)
}

func (s *Server) emitCheck(action string, r *repo, c *checkRun, a actor) {
	o := s.checkRunObj(r, c)
	o["check_suite"] = s.suiteObj(r, c.suite)
	if !c.ofApp && action != "rerequested" {
		// Only the App that made a check run hears of it, except for created and completed, which all subscribers hear.
		if action != "created" && action != "completed" {
			return
		}
	}
	s.emit("check_run", action, r, a, obj{"check_run": o})
}
