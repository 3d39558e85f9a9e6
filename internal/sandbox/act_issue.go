package sandbox

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The functions of the act_*.go files change the state and emit the webhooks that GitHub would emit. API handlers and
// Person both go through them; all run with the lock held.

const maxBody = 65536

func checkBody(resource, body string) error {
	if utf8.RuneCountInString(body) > maxBody {
		return invalid(resource, "body", "unprocessable", "body is too long (maximum is 65536 characters)")
	}
	return nil
}

func checkTitle(resource, title string) error {
	switch {
	case strings.TrimSpace(title) == "":
		return invalid(resource, "title", "missing_field", "")
	case utf8.RuneCountInString(title) > 256:
		return invalid(resource, "title", "custom", "title is too long (maximum is 256 characters)")
	}
	return nil
}

// newIssue makes what issues and pull requests share.
func (s *Server) newIssue(a actor, r *repo, title string, body *string) *issue {
	r.next++
	return s.newNumbered(a, r, r.next, title, body)
}

func (s *Server) newNumbered(a actor, r *repo, number int, title string, body *string) *issue {
	now := s.now()
	i := &issue{id: s.id(), number: number, repo: r, title: title, body: body, user: a.user, state: "open", created: now,
		updated: now, viaApp: a.app}
	r.issues[i.number] = i
	at, _ := slices.BinarySearchFunc(r.order, number, func(i *issue, n int) int { return i.number - n })
	r.order = slices.Insert(r.order, at, i)
	return i
}

func (s *Server) openIssue(a actor, r *repo, title string, body *string) (*issue, error) {
	if err := checkTitle("Issue", title); err != nil {
		return nil, err
	}
	if body != nil {
		if err := checkBody("Issue", *body); err != nil {
			return nil, err
		}
	}
	return s.newIssue(a, r, title, body), nil
}

// event notes what happened to an issue, for its events and timeline.
func (s *Server) event(a actor, i *issue, kind string) *issueEvent {
	e := &issueEvent{id: s.id(), issue: i, actor: a.user, kind: kind, viaApp: a.app, created: s.now()}
	i.events = append(i.events, e)
	i.repo.events = append(i.repo.events, e)
	i.updated = e.created
	return e
}

func (s *Server) setState(a actor, i *issue, state, reason string) {
	if i.state == state {
		if state == "closed" && reason != "" {
			i.reason = reason
		}
		return
	}
	now := s.now()
	i.state = state
	if state == "closed" {
		if reason == "" {
			reason = "completed"
		}
		i.closed, i.closedBy, i.reason = &now, a.user, reason
	} else {
		i.closed, i.closedBy, i.reason = nil, nil, "reopened"
	}
	if i.pr != nil {
		i.reason = ""
	}
	kind := map[string]string{"closed": "closed", "open": "reopened"}[state]
	s.event(a, i, kind)
	s.emitIssue(kind, i, a, nil)
	if state == "closed" {
		s.dropAutoMerge(a, i.pr, "Pull request was closed")
	}
}

// edit changes title and body; nil leaves one as it is.
func (s *Server) edit(a actor, i *issue, title, body *string) error {
	res := "Issue"
	if i.pr != nil {
		res = "PullRequest"
	}
	changes := obj{}
	if title != nil {
		if err := checkTitle(res, *title); err != nil {
			return err
		}
	}
	if body != nil {
		if err := checkBody(res, *body); err != nil {
			return err
		}
	}
	if title != nil && *title != i.title {
		changes["title"] = obj{"from": i.title}
		s.event(a, i, "renamed").rename = [2]string{i.title, *title}
		i.title = *title
	}
	if body != nil && (i.body == nil || *body != *i.body) {
		old := ""
		if i.body != nil {
			old = *i.body
		}
		changes["body"] = obj{"from": old}
		b, now := *body, s.now()
		if len(i.texts) == 0 { // GitHub's list begins with what it was edited from
			i.texts = []textEdit{{old, i.created, i.user}}
		}
		i.texts = append(i.texts, textEdit{b, now, a.user})
		i.body, i.edited, i.editor = &b, &now, a.user
	}
	if len(changes) > 0 {
		i.updated = s.now()
		s.emitIssue("edited", i, a, obj{"changes": changes})
	}
	return nil
}

func (r *repo) label(name string) *label {
	for _, l := range r.labels {
		if strings.EqualFold(l.name, name) {
			return l
		}
	}
	return nil
}

// as is the label as it is called now. Events keep it: a rename doesn't reach them, so that an event may name a label that
// nothing has any more. The issue that a label is on has the new name.
func (l *label) as() *label {
	now := *l
	return &now
}

func (i *issue) hasLabel(l *label) bool {
	for _, x := range i.labels {
		if x == l {
			return true
		}
	}
	return false
}

func (s *Server) createLabel(a actor, r *repo, name, color, desc string) *label {
	if color == "" {
		color = "ededed"
	}
	l := &label{id: s.id(), name: name, color: strings.TrimPrefix(color, "#"), desc: desc}
	r.labels = append(r.labels, l)
	s.emit("label", "created", r, a, obj{"label": s.labelObj(r, l)})
	return l
}

// addLabels puts labels on an issue; those that the repository doesn't have come into being.
func (s *Server) addLabels(a actor, i *issue, names []string) error {
	for _, n := range names {
		if strings.TrimSpace(n) == "" || utf8.RuneCountInString(n) > 50 {
			return invalid("Label", "name", "invalid", "")
		}
	}
	for _, n := range names {
		l := i.repo.label(n)
		if l == nil {
			l = s.createLabel(a, i.repo, n, "", "")
		}
		if i.hasLabel(l) {
			continue
		}
		i.labels = append(i.labels, l)
		s.event(a, i, "labeled").label = l.as()
		s.emitIssue("labeled", i, a, obj{"label": s.labelObj(i.repo, l)})
	}
	return nil
}

func (s *Server) removeLabel(a actor, i *issue, l *label) {
	if s.takeLabel(a, i, l) {
		s.emitIssue("unlabeled", i, a, obj{"label": s.labelObj(i.repo, l)})
	}
}

func (s *Server) takeLabel(a actor, i *issue, l *label) bool {
	k := slices.Index(i.labels, l)
	if k < 0 {
		return false
	}
	i.labels = slices.Delete(slices.Clone(i.labels), k, k+1)
	s.event(a, i, "unlabeled").label = l.as()
	return true
}

// deleteLabel takes a label off everything that carries it, of which GitHub then
// doesn't say which label it was.
func (s *Server) deleteLabel(a actor, r *repo, l *label) {
	for _, i := range r.order {
		if s.takeLabel(a, i, l) {
			s.emitIssue("unlabeled", i, a, nil)
		}
	}
	r.labels = slices.DeleteFunc(slices.Clone(r.labels), func(x *label) bool { return x == l })
	s.emit("label", "deleted", r, a, obj{"label": s.labelObj(r, l)})
}

// deleteMilestone takes everything out of a milestone, of which no event tells.
func (s *Server) deleteMilestone(a actor, r *repo, m *milestone) {
	for _, i := range r.order {
		if i.milestone == m {
			i.milestone = nil
		}
	}
	r.milestones = slices.DeleteFunc(slices.Clone(r.milestones), func(x *milestone) bool { return x == m })
	s.emit("milestone", "deleted", r, a, obj{"milestone": s.milestoneObj(r, m)})
}

// setLabels makes names the whole set.
func (s *Server) setLabels(a actor, i *issue, names []string) error {
	for _, l := range append([]*label{}, i.labels...) {
		keep := false
		for _, n := range names {
			keep = keep || strings.EqualFold(n, l.name)
		}
		if !keep {
			s.removeLabel(a, i, l)
		}
	}
	return s.addLabels(a, i, names)
}

func hasUser(list []*user, u *user) bool {
	for _, x := range list {
		if x == u {
			return true
		}
	}
	return false
}

func without(list []*user, u *user) []*user {
	var out []*user
	for _, x := range list {
		if x != u {
			out = append(out, x)
		}
	}
	return out
}

// assign adds those who may be assigned; others are passed over, as GitHub does.
func (s *Server) assign(a actor, i *issue, logins []string) {
	for _, login := range logins {
		u := s.users[strings.ToLower(login)]
		if u == nil || hasUser(i.assignees, u) || !s.assignable(u, i.repo) || len(i.assignees) >= 10 {
			continue
		}
		i.assignees = append(i.assignees, u)
		s.event(a, i, "assigned").assignee = u
		s.emitIssue("assigned", i, a, obj{"assignee": s.userObj(u)})
	}
}

func (s *Server) unassign(a actor, i *issue, logins []string) {
	for _, login := range logins {
		if u := s.users[strings.ToLower(login)]; u != nil && hasUser(i.assignees, u) {
			i.assignees = without(i.assignees, u)
			s.event(a, i, "unassigned").assignee = u
			s.emitIssue("unassigned", i, a, obj{"assignee": s.userObj(u)})
		}
	}
}

// assignable: whoever has a part in the repository beyond reading what is public.
func (s *Server) assignable(u *user, r *repo) bool {
	return u.kind == "User" && !u.deleted && (r.owner.members[u.id] != "" || r.collab[u.id] != "" || rank(s.role(u, r)) > 1)
}

func (s *Server) setMilestone(a actor, i *issue, m *milestone) {
	if i.milestone == m {
		return
	}
	if old := i.milestone; old != nil {
		i.milestone = nil
		s.event(a, i, "demilestoned").milestone = old.title
		s.emitIssue("demilestoned", i, a, obj{"milestone": s.milestoneObj(i.repo, old)})
	}
	if m != nil {
		i.milestone = m
		s.event(a, i, "milestoned").milestone = m.title
		s.emitIssue("milestoned", i, a, obj{"milestone": s.milestoneObj(i.repo, m)})
	}
}

func (s *Server) addComment(a actor, i *issue, body string) (*comment, error) {
	if strings.TrimSpace(body) == "" {
		return nil, invalid("IssueComment", "data", "unprocessable", "Body cannot be blank")
	}
	if err := checkBody("IssueComment", body); err != nil {
		return nil, err
	}
	if i.locked && !s.can(a.user, i.repo, "write") {
		return nil, &Error{Status: 403, Message: "Unable to create comment because issue is locked."}
	}
	now := s.now()
	c := &comment{id: s.id(), issue: i, user: a.user, body: body, created: now, updated: now, viaApp: a.app}
	i.comments = append(i.comments, c)
	i.repo.comments[c.id] = c
	i.updated = now
	s.emitComment("created", c, a, nil)
	return c, nil
}

func (s *Server) editComment(a actor, c *comment, body string) error {
	if strings.TrimSpace(body) == "" {
		return invalid("IssueComment", "data", "unprocessable", "Body cannot be blank")
	}
	if err := checkBody("IssueComment", body); err != nil {
		return err
	}
	old := c.body
	c.body, c.updated = body, s.now()
	c.issue.updated = c.updated
	if old != body {
		now := c.updated
		c.edited, c.editor = &now, a.user
		s.emitComment("edited", c, a, obj{"changes": obj{"body": obj{"from": old}}})
	}
	return nil
}

func (s *Server) deleteComment(a actor, c *comment) {
	var keep []*comment
	for _, x := range c.issue.comments {
		if x != c {
			keep = append(keep, x)
		}
	}
	c.issue.comments = keep
	delete(c.issue.repo.comments, c.id)
	c.issue.updated = s.now()
	s.emitComment("deleted", c, a, nil)
}
