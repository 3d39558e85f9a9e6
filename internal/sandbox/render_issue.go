package sandbox

import (
	"fmt"
	"net/url"
)

func (s *Server) labelObj(r *repo, l *label) obj {
	return obj{"id": l.id, "node_id": nodeID("LA", l.id), "url": s.repoURL(r) + "/labels/" + url.PathEscape(l.name),
		"name": l.name, "color": l.color, "default": false, "description": orNil(l.desc)}
}

func (s *Server) labelObjs(r *repo, ls []*label) []obj {
	out := []obj{}
	for _, l := range ls {
		out = append(out, s.labelObj(r, l))
	}
	return out
}

func (s *Server) milestoneObj(r *repo, m *milestone) any {
	if m == nil {
		return nil
	}
	open, closed := 0, 0
	for _, i := range r.order {
		if i.milestone == m {
			if i.state == "open" {
				open++
			} else {
				closed++
			}
		}
	}
	api := fmt.Sprintf("%s/milestones/%d", s.repoURL(r), m.number)
	return obj{"url": api, "html_url": fmt.Sprintf("%s/milestone/%d", s.repoHTML(r), m.number), "labels_url": api + "/labels",
		"id": m.id, "node_id": nodeID("MI", m.id), "number": m.number, "state": m.state, "title": m.title,
		"description": orNil(m.desc), "creator": s.simpleUser(m.creator), "open_issues": open, "closed_issues": closed,
		"created_at": stamp(m.created), "updated_at": stamp(m.updated), "closed_at": stampOrNil(m.closed),
		"due_on": stampOrNil(m.due)}
}

var reactionKinds = []string{"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"}

func rollup(url string, rs []*reaction) obj {
	o := obj{"url": url + "/reactions", "total_count": len(rs)}
	for _, k := range reactionKinds {
		o[k] = 0
	}
	for _, r := range rs {
		o[r.content] = o[r.content].(int) + 1
	}
	return o
}

func (s *Server) reactionObj(r *reaction) obj {
	return obj{"id": r.id, "node_id": nodeID("REA", r.id), "user": s.simpleUser(r.user), "content": r.content,
		"created_at": stamp(r.created)}
}

func (i *issue) liveComments() int { return len(i.comments) }

// issueObj renders an issue, or a pull request as the issues API shows it.
func (s *Server) issueObj(i *issue) obj {
	r := i.repo
	api, kind := fmt.Sprintf("%s/issues/%d", s.repoURL(r), i.number), "issues"
	if i.pr != nil {
		kind = "pull"
	}
	html := fmt.Sprintf("%s/%s/%d", s.repoHTML(r), kind, i.number)
	var assignee any
	if len(i.assignees) > 0 {
		assignee = s.simpleUser(i.assignees[0])
	}
	o := obj{"url": api, "repository_url": s.repoURL(r), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "html_url": html, "id": i.id, "node_id": nodeID("I", i.id), "number": i.number,
		"title": i.title, "user": s.simpleUser(i.user), "labels": s.labelObjs(r, i.labels), "state": i.state,
		"locked": i.locked, "assignee": assignee, "assignees": s.users3(i.assignees),
		"milestone": s.milestoneObj(r, i.milestone), "comments": i.liveComments(), "created_at": stamp(i.created),
		"updated_at": stamp(i.updated), "closed_at": stampOrNil(i.closed),
		"author_association": s.association(i.user, r), "active_lock_reason": orNil(i.lockReason), "body": strOrNil(i.body),
		"closed_by": s.simpleUser(i.closedBy), "reactions": rollup(api, i.reactions), "timeline_url": api + "/timeline",
		"performed_via_github_app": s.viaApp(i.viaApp), "state_reason": orNil(i.reason)}
	if i.pr != nil {
		o["draft"] = i.pr.draft
		o["pull_request"] = obj{"url": fmt.Sprintf("%s/pulls/%d", s.repoURL(r), i.number), "html_url": html,
			"diff_url": html + ".diff", "patch_url": html + ".patch", "merged_at": stampOrNil(i.pr.mergedAt)}
	}
	return o
}

func (s *Server) commentObj(c *comment) obj {
	r := c.issue.repo
	api, kind := fmt.Sprintf("%s/issues/comments/%d", s.repoURL(r), c.id), "issues"
	if c.issue.pr != nil {
		kind = "pull"
	}
	return obj{"url": api, "html_url": fmt.Sprintf("%s/%s/%d#issuecomment-%d", s.repoHTML(r), kind, c.issue.number, c.id),
		"issue_url": fmt.Sprintf("%s/issues/%d", s.repoURL(r), c.issue.number), "id": c.id, "node_id": nodeID("IC", c.id),
		"user": s.simpleUser(c.user), "created_at": stamp(c.created), "updated_at": stamp(c.updated),
		"author_association": s.association(c.user, r), "body": c.body, "reactions": rollup(api, c.reactions),
		"performed_via_github_app": s.viaApp(c.viaApp)}
}

func (s *Server) eventObj(e *issueEvent, withIssue bool) obj {
	r := e.issue.repo
	o := obj{"id": e.id, "node_id": nodeID("E", e.id), "url": fmt.Sprintf("%s/issues/events/%d", s.repoURL(r), e.id),
		"actor": s.simpleUser(e.actor), "event": e.kind, "commit_id": orNil(e.commit), "commit_url": nil,
		"created_at": stamp(e.created), "performed_via_github_app": s.viaApp(e.viaApp)}
	if e.commit != "" {
		o["commit_url"] = s.repoURL(r) + "/commits/" + e.commit
	}
	switch e.kind {
	case "labeled", "unlabeled":
		o["label"] = obj{"name": e.label.name, "color": e.label.color}
	case "assigned", "unassigned":
		o["assignee"], o["assigner"] = s.someUser(e.assignee), s.someUser(e.actor)
	case "milestoned", "demilestoned":
		o["milestone"] = obj{"title": e.milestone}
	case "renamed":
		o["rename"] = obj{"from": e.rename[0], "to": e.rename[1]}
	case "review_requested", "review_request_removed":
		o["review_requester"] = s.someUser(e.actor)
		if e.reviewTeam != nil {
			o["requested_team"] = s.teamObj(e.reviewTeam)
		} else {
			o["requested_reviewer"] = s.someUser(e.reviewer)
		}
	case "review_dismissed":
		o["dismissed_review"] = obj{"state": e.was, "review_id": e.review.id, "dismissal_message": nil}
	case "closed":
		o["state_reason"] = orNil(e.issue.reason)
	}
	if withIssue {
		o["issue"] = s.issueObj(e.issue)
	}
	return o
}
