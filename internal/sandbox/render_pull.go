package sandbox

import (
	"fmt"
	"slices"
)

// pullObj renders a pull request as lists show it: without mergeable and the counts.
func (s *Server) pullObj(p *pull) obj {
	i, r := p.issue, p.issue.repo
	api := fmt.Sprintf("%s/pulls/%d", s.repoURL(r), i.number)
	issueAPI := fmt.Sprintf("%s/issues/%d", s.repoURL(r), i.number)
	html := fmt.Sprintf("%s/pull/%d", s.repoHTML(r), i.number)
	statuses := s.repoURL(r) + "/statuses/" + p.headSHA
	var assignee any
	if len(i.assignees) > 0 {
		assignee = s.simpleUser(i.assignees[0])
	}
	teams := []obj{}
	for _, t := range p.reviewTeams {
		teams = append(teams, s.teamObj(t))
	}
	link := func(u string) obj { return obj{"href": u} }
	return obj{"url": api, "id": p.id, "node_id": nodeID("PR", p.id), "html_url": html, "diff_url": html + ".diff",
		"patch_url": html + ".patch", "issue_url": issueAPI, "commits_url": api + "/commits",
		"review_comments_url": api + "/comments", "review_comment_url": s.repoURL(r) + "/pulls/comments{/number}",
		"comments_url": issueAPI + "/comments", "statuses_url": statuses, "number": i.number, "state": i.state,
		"locked": i.locked, "title": i.title, "user": s.someUser(i.user), "body": strOrNil(i.body),
		"labels": s.pullLabels(r, i.labels), "milestone": s.milestoneObj(r, i.milestone), "created_at": stamp(i.created),
		"updated_at": stamp(i.updated), "closed_at": stampOrNil(i.closed), "merged_at": stampOrNil(p.mergedAt),
		"merge_commit_sha": orNil(p.mergeSHA), "assignee": assignee, "assignees": s.users3(i.assignees),
		"requested_reviewers": s.users3(p.reviewers), "requested_teams": teams, "head": s.headObj(p), "base": s.baseObj(p),
		"_links": obj{"self": link(api), "html": link(html), "issue": link(issueAPI), "comments": link(issueAPI + "/comments"),
			"review_comments": link(api + "/comments"), "review_comment": link(s.repoURL(r) + "/pulls/comments{/number}"),
			"commits": link(api + "/commits"), "statuses": link(statuses)},
		"author_association": s.association(i.user, r), "auto_merge": s.autoMergeObj(p), "active_lock_reason": orNil(i.lockReason),
		"draft": p.draft}
}

func (s *Server) autoMergeObj(p *pull) any {
	m := p.autoMerge
	if m == nil {
		return nil
	}
	return obj{"enabled_by": s.userObj(m.by.user), "merge_method": m.method, "commit_title": "", "commit_message": ""}
}

// pullLabels are the labels of a pull request, whose description the OpenAPI document never has null.
func (s *Server) pullLabels(r *repo, ls []*label) []obj {
	out := s.labelObjs(r, ls)
	for i, l := range ls {
		out[i]["description"] = l.desc
	}
	return out
}

// headObj has a null repo when the fork was deleted, and a null user when its owner was.
func (s *Server) headObj(p *pull) obj {
	o := obj{"label": p.head, "ref": p.head, "sha": p.headSHA, "user": s.simpleUser(p.headOwner), "repo": nil}
	if p.headOwner != nil {
		o["label"] = p.headOwner.login + ":" + p.head
	}
	if p.headRepo != nil && !p.headRepo.deleted {
		o["repo"] = s.repoRaw(p.headRepo)
	}
	return o
}

func (s *Server) baseObj(p *pull) obj {
	r := p.issue.repo
	return obj{"label": r.owner.login + ":" + p.base, "ref": p.base, "sha": p.baseSHA, "user": s.userObj(r.owner),
		"repo": s.repoRaw(r)}
}

// fullPull is one pull request with its counts. The caller has settled mergeability (see mergeability).
func (s *Server) fullPull(p *pull) obj {
	o := s.pullObj(p)
	n := s.countsOf(p)
	o["merged"], o["merged_by"] = p.merged, s.simpleUser(p.mergedBy)
	o["mergeable"], o["rebaseable"], o["mergeable_state"] = nil, nil, "unknown"
	if !p.merged && p.mergeKey == p.key() {
		o["mergeable"], o["rebaseable"], o["mergeable_state"] = p.mergeable, p.mergeable, s.mergeState(p)
	}
	o["comments"], o["review_comments"] = p.issue.liveComments(), len(p.lines)
	o["maintainer_can_modify"] = p.maintainerEdit
	o["commits"], o["additions"], o["deletions"], o["changed_files"] = n.commits, n.added, n.removed, n.files
	return o
}

// key names the pair of commits whose merge is in question.
func (p *pull) key() string { return p.tip() + " " + p.headSHA }

func (s *Server) mergeState(p *pull) string {
	switch {
	case !p.mergeable:
		return "dirty"
	case p.draft:
		return "draft"
	case p.issue.repo.protected[p.base] != nil && !s.requiredPass(p):
		return "blocked"
	case len(s.violations(actor{}, p.issue.repo, "refs/heads/"+p.base, "", p)) > 0:
		return "blocked"
	}
	for _, c := range s.latestRuns(p.issue.repo, p.headSHA) {
		if c.status == "completed" && (c.conclusion == "failure" || c.conclusion == "action_required") {
			return "unstable"
		}
	}
	seen := map[string]bool{}
	for _, t := range slices.Backward(p.issue.repo.statuses[p.headSHA]) {
		if !seen[t.ctx] && t.state != "success" {
			return "unstable"
		}
		seen[t.ctx] = true
	}
	return "clean"
}

func (s *Server) reviewObj(p *pull, v *review) obj {
	api := fmt.Sprintf("%s/pulls/%d", s.repoURL(p.issue.repo), p.issue.number)
	html := fmt.Sprintf("%s/pull/%d#pullrequestreview-%d", s.repoHTML(p.issue.repo), p.issue.number, v.id)
	o := obj{"id": v.id, "node_id": nodeID("PRR", v.id), "user": s.simpleUser(v.user), "body": v.body, "state": v.state,
		"html_url": html, "pull_request_url": api, "author_association": s.association(v.user, p.issue.repo),
		"_links": obj{"html": obj{"href": html}, "pull_request": obj{"href": api}}, "commit_id": v.commit}
	if v.state != "PENDING" {
		o["submitted_at"] = stamp(v.submitted)
	}
	return o
}

// pullMinimal is how check runs name a pull request.
func (s *Server) pullMinimal(p *pull) obj {
	r := p.issue.repo
	head := r
	if p.headRepo != nil {
		head = p.headRepo
	}
	return obj{"id": p.id, "number": p.issue.number, "url": fmt.Sprintf("%s/pulls/%d", s.repoURL(r), p.issue.number),
		"head": obj{"ref": p.head, "sha": p.headSHA, "repo": s.shortRepo(head)},
		"base": obj{"ref": p.base, "sha": p.baseSHA, "repo": s.shortRepo(r)}}
}

// pullsOf are the open pull requests of a commit, those from forks left out, as GitHub leaves them out.
func (s *Server) pullsOf(r *repo, sha string) []obj {
	out := []obj{}
	for _, i := range r.order {
		if i.pr != nil && i.state == "open" && i.pr.headSHA == sha && i.pr.headRepo == r {
			out = append(out, s.pullMinimal(i.pr))
		}
	}
	return out
}
