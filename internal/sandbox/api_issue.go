package sandbox

import (
	"encoding/json"
	"sort"
	"strconv"
	"strings"
	"time"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// listIssues holds pull requests too, as GitHub's does.
func listIssues(c *call) (reply, error) {
	if c.repo.noIssues {
		return reply{}, errNoIssues
	}
	var all []*issue
	since, _ := time.Parse(time.RFC3339, c.q.Get("since"))
	for _, i := range c.repo.order {
		if !i.deleted && c.issueMatches(i) && !i.updated.Before(since.Truncate(time.Second)) {
			all = append(all, i)
		}
	}
	by, asc := c.q.Get("sort"), c.q.Get("direction") == "asc"
	sort.SliceStable(all, func(x, y int) bool {
		a, b := all[x], all[y]
		if !asc {
			a, b = b, a
		}
		switch {
		case by == "updated" && !a.updated.Equal(b.updated):
			return a.updated.Before(b.updated)
		case by == "comments" && len(a.comments) != len(b.comments):
			return len(a.comments) < len(b.comments)
		}
		return a.number < b.number
	})
	return list(c, all, c.s.issueObj)
}

func (c *call) issueMatches(i *issue) bool {
	state := c.q.Get("state")
	if state == "" {
		state = "open"
	}
	if state != "all" && state != i.state {
		return false
	}
	for _, name := range strings.Split(c.q.Get("labels"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			if l := i.repo.label(name); l == nil || !i.hasLabel(l) {
				return false
			}
		}
	}
	if w := c.q.Get("creator"); w != "" && (i.user == nil || !strings.EqualFold(i.user.login, w)) {
		return false
	}
	switch w := c.q.Get("assignee"); {
	case w == "none" && len(i.assignees) > 0, w == "*" && len(i.assignees) == 0:
		return false
	case w != "" && w != "none" && w != "*" && !hasUser(i.assignees, c.s.users[strings.ToLower(w)]):
		return false
	}
	switch w := c.q.Get("milestone"); {
	case w == "none" && i.milestone != nil, w == "*" && i.milestone == nil:
		return false
	case w != "" && w != "none" && w != "*" && (i.milestone == nil || strconv.Itoa(i.milestone.number) != w):
		return false
	}
	return true
}

func getIssue(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	return reply{status: 200, body: c.s.issueObj(i), modified: i.updated}, nil
}

// may says whether the caller has a role, or is the App.
func (c *call) may(role string) bool {
	return c.cred.kind == "installation" || c.s.can(c.cred.user, c.repo, role)
}

func createIssue(c *call) (reply, error) {
	if c.repo.noIssues {
		return reply{}, errNoIssues
	}
	title, err := c.issueTitle()
	if err != nil {
		return reply{}, err
	}
	if title == nil {
		return reply{}, unprocessable("Invalid request.\n\n\"title\" wasn't supplied.")
	}
	body, err := c.text("body")
	if err != nil {
		return reply{}, err
	}
	e, err := c.issueExtras()
	if err != nil {
		return reply{}, err
	}
	i, err := c.s.openIssue(c.actor, c.repo, *title, body)
	if err != nil {
		return reply{}, err
	}
	c.s.emitIssue("opened", i, c.actor, nil)
	if err := c.applyExtras(i, e); err != nil {
		return reply{}, err
	}
	o := c.s.issueObj(i)
	return reply{status: 201, body: o, location: o["url"].(string)}, nil
}

// issueTitle takes the title, which may be a number too.
func (c *call) issueTitle() (*string, error) {
	if n, isNum := c.body["title"].(json.Number); isNum {
		s := n.String()
		return &s, nil
	}
	return c.text("title")
}

// extras are the fields of an issue that need push access.
type extras struct {
	labels, assignees       []string
	setLabels, setAssignees bool
	milestone               *milestone
	setMilestone            bool
}

func (c *call) issueExtras() (e extras, err error) {
	if e.labels, e.setLabels, err = c.strs("labels"); err != nil {
		return e, err
	}
	if e.assignees, e.setAssignees, err = c.strs("assignees"); err != nil {
		return e, err
	}
	if one, given, err := c.str("assignee"); err != nil {
		return e, err
	} else if given && !e.setAssignees {
		e.assignees, e.setAssignees = []string{one}, true
	}
	v, given := c.body["milestone"]
	if !given {
		return e, nil
	}
	e.setMilestone = true
	if v == nil {
		return e, nil
	}
	n, _, err := c.num("milestone")
	if err != nil {
		return e, err
	}
	if e.milestone = c.repo.milestone(int(n)); e.milestone == nil {
		return e, invalid("Issue", "milestone", "invalid", "")
	}
	return e, nil
}

// applyExtras sets them; without push access they are dropped silently.
func (c *call) applyExtras(i *issue, e extras) error {
	if !c.may("triage") {
		return nil
	}
	if e.setLabels {
		if err := c.s.setLabels(c.actor, i, e.labels); err != nil {
			return err
		}
	}
	if e.setAssignees {
		for _, u := range i.assignees {
			if !contains(e.assignees, u.login) {
				c.s.unassign(c.actor, i, []string{u.login})
			}
		}
		c.s.assign(c.actor, i, e.assignees)
	}
	if e.setMilestone {
		c.s.setMilestone(c.actor, i, e.milestone)
	}
	return nil
}

func patchIssue(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	if err := c.mayEdit(i.user); err != nil && !c.may("triage") {
		return reply{}, err
	}
	title, err := c.issueTitle()
	if err != nil {
		return reply{}, err
	}
	body, err := c.text("body")
	if err != nil {
		return reply{}, err
	}
	state, err := c.stateField("Issue")
	if err != nil {
		return reply{}, err
	}
	reason, _, err := c.str("state_reason")
	if err != nil {
		return reply{}, err
	}
	if reason != "" && !contains([]string{"completed", "not_planned", "duplicate", "reopened"}, reason) {
		return reply{}, invalid("Issue", "state_reason", "invalid", "")
	}
	e, err := c.issueExtras()
	if err != nil {
		return reply{}, err
	}
	if i.pr != nil && state == "open" && i.state == "closed" {
		if err := c.s.reopenable(i.pr); err != nil {
			return reply{}, err
		}
	}
	if err := c.s.edit(c.actor, i, title, body); err != nil {
		return reply{}, err
	}
	if err := c.applyExtras(i, e); err != nil {
		return reply{}, err
	}
	if state != "" {
		c.s.setState(c.actor, i, state, reason)
	}
	return ok(c.s.issueObj(i))
}

// listComments is by rising id, always.
func listComments(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	since, _ := time.Parse(time.RFC3339, c.q.Get("since"))
	var all []*comment
	for _, x := range i.comments {
		if !x.updated.Before(since) {
			all = append(all, x)
		}
	}
	return list(c, all, c.s.commentObj)
}

func createComment(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	body, err := c.need("body")
	if err != nil {
		return reply{}, err
	}
	x, err := c.s.addComment(c.actor, i, body)
	if err != nil {
		return reply{}, err
	}
	o := c.s.commentObj(x)
	return reply{status: 201, body: o, location: o["url"].(string)}, nil
}

func listRepoComments(c *call) (reply, error) {
	since, _ := time.Parse(time.RFC3339, c.q.Get("since"))
	var all []*comment
	for _, x := range c.repo.comments {
		if !x.updated.Before(since) {
			all = append(all, x)
		}
	}
	by, desc := c.q.Get("sort"), c.q.Get("direction") == "desc"
	sort.Slice(all, func(k, l int) bool {
		a, b := all[k], all[l]
		if desc && by != "" {
			a, b = b, a
		}
		if by == "updated" && !a.updated.Equal(b.updated) {
			return a.updated.Before(b.updated)
		}
		return a.id < b.id
	})
	return list(c, all, c.s.commentObj)
}

func (c *call) pathComment() (*comment, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	if x := c.repo.comments[id]; x != nil {
		return x, nil
	}
	return nil, errNotFound
}

func getComment(c *call) (reply, error) {
	x, err := c.pathComment()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.commentObj(x))
}

func patchComment(c *call) (reply, error) {
	x, err := c.pathComment()
	if err != nil {
		return reply{}, err
	}
	if err := c.mayEdit(x.user); err != nil {
		return reply{}, err
	}
	body, err := c.need("body")
	if err != nil {
		return reply{}, err
	}
	if err := c.s.editComment(c.actor, x, body); err != nil {
		return reply{}, err
	}
	return ok(c.s.commentObj(x))
}

func removeComment(c *call) (reply, error) {
	x, err := c.pathComment()
	if err != nil {
		return reply{}, err
	}
	if err := c.mayEdit(x.user); err != nil {
		return reply{}, err
	}
	c.s.deleteComment(c.actor, x)
	return noContent()
}
