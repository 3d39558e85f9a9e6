package sandbox

import (
	"sort"
	"strings"
)

func getMe(c *call) (reply, error) {
	if c.cred.kind != "user" {
		if c.cred.kind == "installation" {
			return reply{}, errForbidden
		}
		return reply{}, errNoAuth
	}
	return ok(c.s.publicUser(c.cred.user))
}

func getUser(c *call) (reply, error) {
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || u.deleted {
		return reply{}, errNotFound
	}
	return ok(c.s.publicUser(u))
}

func getUserByID(c *call) (reply, error) {
	id, err := c.pathID("id")
	if err != nil {
		return reply{}, err
	}
	u := c.s.userByID[id]
	if u == nil || u.deleted {
		return reply{}, errNotFound
	}
	return ok(c.s.publicUser(u))
}

func getOrg(c *call) (reply, error) { return ok(c.s.orgFull(c.org)) }

// sees says whether the caller may know of a repository.
func (c *call) sees(r *repo) bool {
	switch {
	case !r.private:
		return true
	case c.cred.kind == "installation":
		return c.cred.tok.covers(r)
	case c.cred.kind == "user":
		return c.s.can(c.cred.user, r, "read")
	}
	return false
}

func (c *call) reposOf(u *user) (reply, error) {
	var all []*repo
	for _, r := range c.s.sortedRepos() {
		if r.owner == u && c.sees(r) {
			all = append(all, r)
		}
	}
	return list(c, all, c.s.minimalRepo)
}

func orgRepos(c *call) (reply, error) { return c.reposOf(c.org) }

func listTeams(c *call) (reply, error) { return list(c, c.org.teams, c.s.teamObj) }

// pathTeam finds a team by slug only: a team's name is no address.
func (c *call) pathTeam() (*team, error) {
	for _, t := range c.org.teams {
		if strings.EqualFold(t.slug, c.path["slug"]) {
			return t, nil
		}
	}
	return nil, errNotFound
}

func getTeam(c *call) (reply, error) {
	t, err := c.pathTeam()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.teamFull(t))
}

func (s *Server) sortedMembers(t *team) []*teamMember {
	var out []*teamMember
	for id := range t.org.members {
		if u := s.userByID[id]; u != nil && t.member(u) != nil {
			out = append(out, t.member(u))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].user.id < out[j].user.id })
	return out
}

func teamMembers(c *call) (reply, error) {
	t, err := c.pathTeam()
	if err != nil {
		return reply{}, err
	}
	var active []*user
	role := c.q.Get("role")
	for _, m := range c.s.sortedMembers(t) {
		if m.state == "active" && (role == "" || role == "all" || role == m.role) {
			active = append(active, m.user)
		}
	}
	return list(c, active, c.s.userObj)
}

func teamMembership(c *call) (reply, error) {
	t, err := c.pathTeam()
	if err != nil {
		return reply{}, err
	}
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || t.member(u) == nil {
		return reply{}, errNotFound
	}
	m := t.member(u)
	return ok(obj{"url": c.s.api("/organizations/%d/team/%d/memberships/%s", t.org.id, t.id, u.login), "role": m.role, "state": m.state})
}

func teamRepos(c *call) (reply, error) {
	t, err := c.pathTeam()
	if err != nil {
		return reply{}, err
	}
	var all []*repo
	for _, r := range c.s.sortedRepos() {
		if t.repos[r.id] != "" && c.sees(r) {
			all = append(all, r)
		}
	}
	return list(c, all, func(r *repo) obj {
		o := c.s.minimalRepo(r)
		o["permissions"], o["role_name"] = permissionsObj(t.repos[r.id]), t.repos[r.id]
		return o
	})
}

func (c *call) members() []*user {
	var out []*user
	for id := range c.org.members {
		if u := c.s.userByID[id]; u != nil && !u.deleted {
			out = append(out, u)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

func orgMembers(c *call) (reply, error) { return list(c, c.members(), c.s.userObj) }

func orgMember(c *call) (reply, error) {
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || c.org.members[u.id] == "" {
		return reply{}, &Error{Status: 404, Message: "User does not exist or is not a member of the organization"}
	}
	return noContent()
}

func orgMembership(c *call) (reply, error) {
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || c.org.members[u.id]+c.org.invited[u.id] == "" {
		return reply{}, errNotFound
	}
	state, role := "active", c.org.members[u.id]
	if role == "" {
		state, role = "pending", c.org.invited[u.id]
	}
	return ok(obj{"url": c.s.api("/orgs/%s/memberships/%s", c.org.login, u.login), "state": state, "role": role,
		"organization_url": c.s.api("/orgs/%s", c.org.login),
		"organization":     c.s.orgSimple(c.org), "user": c.s.userObj(u)})
}

func listCollaborators(c *call) (reply, error) {
	var all []*user
	for _, u := range c.s.userByID {
		if u.kind == "User" && !u.deleted && u != c.s.ghost && c.s.collaborates(u, c.repo) {
			all = append(all, u)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	return list(c, all, func(u *user) obj {
		o := c.s.userObj(u)
		role := c.s.role(u, c.repo)
		o["permissions"], o["role_name"] = permissionsObj(role), role
		return o
	})
}

func (s *Server) collaborates(u *user, r *repo) bool {
	if u.id == r.owner.id || r.collab[u.id] != "" || r.owner.members[u.id] == "admin" {
		return true
	}
	for _, t := range r.owner.teams {
		if t.repos[r.id] != "" && t.has(u) {
			return true
		}
	}
	return r.owner.members[u.id] != ""
}

func isCollaborator(c *call) (reply, error) {
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || !c.s.collaborates(u, c.repo) {
		return reply{}, errNotFound
	}
	return noContent()
}

// getPermission tells the legacy permission beside the role: there, maintain is write and triage is read, and a custom role its base.
func getPermission(c *call) (reply, error) {
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || u.kind != "User" { // an App's bot neither: its rights are its installation's
		return reply{}, &Error{Status: 404, Message: c.path["username"] + " is not a user"}
	}
	role := c.s.role(u, c.repo)
	legacy := role
	switch role {
	case "maintain":
		legacy = "write"
	case "triage":
		legacy = "read"
	}
	o := c.s.userObj(u)
	o["permissions"] = permissionsObj(role)
	if name := c.repo.custom[u.id]; name != "" && c.repo.collab[u.id] == role { // a custom role goes by its own name
		role = name
	}
	o["role_name"] = role
	return ok(obj{"permission": legacy, "role_name": role, "user": o})
}

func listRepoTeams(c *call) (reply, error) {
	var all []*team
	for _, t := range c.repo.owner.teams {
		if t.repos[c.repo.id] != "" {
			all = append(all, t)
		}
	}
	return list(c, all, func(t *team) obj {
		o := c.s.teamObj(t)
		o["permission"] = map[string]string{"read": "pull", "write": "push"}[t.repos[c.repo.id]]
		if o["permission"] == "" {
			o["permission"] = t.repos[c.repo.id]
		}
		return o
	})
}

func listAssignees(c *call) (reply, error) {
	var all []*user
	for _, u := range c.s.userByID {
		if u != c.s.ghost && c.s.assignable(u, c.repo) {
			all = append(all, u)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	return list(c, all, c.s.userObj)
}

func isAssignee(c *call) (reply, error) {
	u := c.s.users[strings.ToLower(c.path["username"])]
	if u == nil || !c.s.assignable(u, c.repo) {
		return reply{}, errNotFound
	}
	return noContent()
}
