package sandbox

import (
	"regexp"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

func listLabels(c *call) (reply, error) {
	return list(c, c.repo.labels, func(l *label) obj { return c.s.labelObj(c.repo, l) })
}

var hexColor = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^#?[0-9a-fA-F]{6}$`) })

func (c *call) labelFields(old *label) (name, color, desc string, err error) {
	if old != nil {
		name, color, desc = old.name, old.color, old.desc
	}
	for field, into := range map[string]*string{"name": &name, "new_name": &name, "color": &color, "description": &desc} {
		v, given, err := c.str(field)
		if err != nil {
			return "", "", "", err
		}
		if given {
			*into = v
		}
	}
	switch l := c.repo.label(name); {
	case strings.TrimSpace(name) == "":
		err = invalid("Label", "name", "missing_field", "")
	case utf8.RuneCountInString(name) > 50:
		err = invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)")
	case l != nil && l != old:
		err = invalid("Label", "name", "already_exists", "")
	case color != "" && !hexColor().MatchString(color):
		err = invalid("Label", "color", "invalid", "")
	case utf8.RuneCountInString(desc) > 100:
		err = invalid("Label", "description", "custom", "description is too long (maximum is 100 characters)")
	}
	return name, color, desc, err
}

func createLabelAPI(c *call) (reply, error) {
	name, color, desc, err := c.labelFields(nil)
	if err != nil {
		return reply{}, err
	}
	return created(c.s.labelObj(c.repo, c.s.createLabel(c.actor, c.repo, name, color, desc)))
}

func (c *call) pathLabel() (*label, error) {
	if l := c.repo.label(c.path["name"]); l != nil {
		return l, nil
	}
	return nil, errNotFound
}

func getLabel(c *call) (reply, error) {
	l, err := c.pathLabel()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.labelObj(c.repo, l))
}

func patchLabel(c *call) (reply, error) {
	l, err := c.pathLabel()
	if err != nil {
		return reply{}, err
	}
	name, color, desc, err := c.labelFields(l)
	if err != nil {
		return reply{}, err
	}
	changes := obj{}
	for field, v := range map[string][2]string{"name": {l.name, name}, "color": {l.color, color}, "description": {l.desc, desc}} {
		if v[0] != v[1] {
			changes[field] = obj{"from": v[0]}
		}
	}
	l.name, l.color, l.desc = name, strings.TrimPrefix(color, "#"), desc
	c.s.emit("label", "edited", c.repo, c.actor, obj{"label": c.s.labelObj(c.repo, l), "changes": changes})
	return ok(c.s.labelObj(c.repo, l))
}

func deleteLabel(c *call) (reply, error) {
	l, err := c.pathLabel()
	if err != nil {
		return reply{}, err
	}
	c.s.deleteLabel(c.actor, c.repo, l)
	return noContent()
}

func (c *call) issueLabels(i *issue) (reply, error) { return ok(c.s.labelObjs(c.repo, i.labels)) }

func listIssueLabels(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	return list(c, i.labels, func(l *label) obj { return c.s.labelObj(c.repo, l) })
}

// bodyLabels takes {"labels": [...]} or the bare array.
func (c *call) bodyLabels() ([]string, error) {
	names, given, err := c.strs("labels")
	if err == nil && !given {
		names, _, err = c.strs("")
	}
	return names, err
}

func addIssueLabels(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	names, err := c.bodyLabels()
	if err != nil {
		return reply{}, err
	}
	if err := c.s.addLabels(c.actor, i, names); err != nil {
		return reply{}, err
	}
	return c.issueLabels(i)
}

func removeIssueLabel(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	l := c.repo.label(c.path["name"])
	if l == nil || !i.hasLabel(l) {
		return reply{}, &Error{Status: 404, Message: "Label does not exist"}
	}
	c.s.removeLabel(c.actor, i, l)
	return c.issueLabels(i)
}

func addAssignees(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	logins, _, err := c.strs("assignees")
	if err != nil {
		return reply{}, err
	}
	c.s.assign(c.actor, i, logins)
	return created(c.s.issueObj(i))
}

func removeAssignees(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	logins, _, err := c.strs("assignees")
	if err != nil {
		return reply{}, err
	}
	c.s.unassign(c.actor, i, logins)
	return ok(c.s.issueObj(i))
}

func (r *repo) milestone(n int) *milestone {
	for _, m := range r.milestones {
		if m.number == n {
			return m
		}
	}
	return nil
}

func (s *Server) newMilestone(a actor, r *repo, title string) (*milestone, error) {
	if strings.TrimSpace(title) == "" {
		return nil, invalid("Milestone", "title", "missing_field", "")
	}
	n := 1
	for _, m := range r.milestones {
		if strings.EqualFold(m.title, title) {
			return nil, invalid("Milestone", "title", "already_exists", "")
		}
		n = max(n, m.number+1)
	}
	now := s.now()
	m := &milestone{id: s.id(), number: n, title: title, creator: a.user, state: "open", created: now, updated: now}
	r.milestones = append(r.milestones, m)
	s.emit("milestone", "created", r, a, obj{"milestone": s.milestoneObj(r, m)})
	return m, nil
}

func listMilestones(c *call) (reply, error) {
	state := c.q.Get("state")
	if state == "" {
		state = "open"
	}
	var all []*milestone
	for _, m := range c.repo.milestones {
		if state == "all" || m.state == state {
			all = append(all, m)
		}
	}
	if c.q.Get("direction") == "desc" {
		sort.SliceStable(all, func(i, j int) bool { return all[i].number > all[j].number })
	}
	return list(c, all, c.milestoneObj)
}

func (c *call) milestoneObj(m *milestone) obj { return c.s.milestoneObj(c.repo, m).(obj) }

func createMilestone(c *call) (reply, error) {
	title, err := c.need("title")
	if err != nil {
		return reply{}, err
	}
	due, err := c.when("due_on")
	if err != nil {
		return reply{}, err
	}
	desc, _, err := c.str("description")
	if err != nil {
		return reply{}, err
	}
	m, err := c.s.newMilestone(c.actor, c.repo, title)
	if err != nil {
		return reply{}, err
	}
	m.due, m.desc = due, desc
	return created(c.milestoneObj(m))
}

func (c *call) pathMilestone() (*milestone, error) {
	n, err := c.pathID("number")
	if err != nil {
		return nil, err
	}
	if m := c.repo.milestone(int(n)); m != nil {
		return m, nil
	}
	return nil, errNotFound
}

func getMilestone(c *call) (reply, error) {
	m, err := c.pathMilestone()
	if err != nil {
		return reply{}, err
	}
	return ok(c.milestoneObj(m))
}

func patchMilestone(c *call) (reply, error) {
	m, err := c.pathMilestone()
	if err != nil {
		return reply{}, err
	}
	changes := obj{}
	for field, into := range map[string]*string{"title": &m.title, "description": &m.desc} {
		v, given, err := c.str(field)
		if err != nil {
			return reply{}, err
		}
		if given && v != *into {
			changes[field] = obj{"from": *into}
			*into = v
		}
	}
	if due, err := c.when("due_on"); err != nil {
		return reply{}, err
	} else if due != nil {
		m.due = due
	}
	state, err := c.stateField("Milestone")
	if err != nil {
		return reply{}, err
	}
	now, action := c.s.now(), "edited"
	m.updated = now
	switch {
	case state == "closed" && m.state == "open":
		m.state, m.closed, action = state, &now, "closed"
	case state == "open" && m.state == "closed":
		m.state, m.closed, action = state, nil, "opened"
	}
	extra := obj{"milestone": c.milestoneObj(m)}
	if action == "edited" {
		extra["changes"] = changes
	}
	c.s.emit("milestone", action, c.repo, c.actor, extra)
	return ok(c.milestoneObj(m))
}

func deleteMilestone(c *call) (reply, error) {
	m, err := c.pathMilestone()
	if err != nil {
		return reply{}, err
	}
	c.s.deleteMilestone(c.actor, c.repo, m)
	return noContent()
}
