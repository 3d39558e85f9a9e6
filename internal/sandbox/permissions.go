package sandbox

import (
	"net/http"
	"strings"
)

// Roles in rising order; the index is the rank.
var roles = []string{"none", "read", "triage", "write", "maintain", "admin"}

func rank(role string) int {
	switch role {
	case "pull":
		role = "read"
	case "push":
		role = "write"
	}
	for i, r := range roles {
		if r == role {
			return i
		}
	}
	return 0
}

// role is the best permission that a person has on a repository, by any way.
func (s *Server) role(u *user, r *repo) string {
	best := 0
	raise := func(role string) { best = max(best, rank(role)) }
	if !r.private {
		raise("read")
	}
	if u == nil {
		return roles[best]
	}
	if u.id == r.owner.id {
		raise("admin")
	}
	switch r.owner.members[u.id] {
	case "admin":
		raise("admin")
	case "member":
		raise("read") // the organisation's base permission
	}
	raise(r.collab[u.id])
	for _, t := range r.owner.teams {
		if t.has(u) {
			raise(t.repos[r.id])
		}
	}
	return roles[best]
}

func (s *Server) can(u *user, r *repo, role string) bool { return rank(s.role(u, r)) >= rank(role) }

// association is GitHub's author_association.
func (s *Server) association(u *user, r *repo) string {
	switch {
	case u == nil || u.deleted:
		return "NONE"
	case u.id == r.owner.id:
		return "OWNER"
	case r.owner.members[u.id] != "":
		return "MEMBER"
	case r.collab[u.id] != "":
		return "COLLABORATOR"
	}
	for _, i := range r.order {
		if i.user == u && i.pr != nil && i.pr.merged {
			return "CONTRIBUTOR"
		}
	}
	return "NONE"
}

// permLevel ranks a permission's value.
func permLevel(v string) int {
	switch v {
	case "read":
		return 1
	case "write":
		return 2
	case "admin":
		return 3
	}
	return 0
}

// satisfies says whether perms fulfil one alternative of need, as in "issues:write|pull_requests:write".
func satisfies(perms map[string]string, need string) bool {
	for _, alt := range strings.Split(need, "|") {
		name, level, _ := strings.Cut(alt, ":")
		if permLevel(perms[name]) >= permLevel(level) {
			return true
		}
	}
	return false
}

// accepted is the value of X-Accepted-GitHub-Permissions: alternatives parted by semicolons.
func accepted(need string) string {
	return strings.ReplaceAll(strings.ReplaceAll(need, "|", "; "), ":", "=")
}

func (t *token) covers(r *repo) bool {
	return t.inst.covers(r) && (t.repos == nil || t.repos[r.id])
}

func (i *installation) covers(r *repo) bool {
	return r.owner == i.account && (i.all || i.repos[r.id])
}

// authorize decides about a call on its route's target. A private repository that the sender may not see does not exist.
func (c *call) authorize() error {
	switch c.route.need {
	case "":
		return nil
	case "jwt":
		if c.cred.kind != "jwt" {
			return &Error{Status: 401, Message: "A JSON web token could not be decoded"}
		}
		return nil
	case "token":
		if c.cred.kind != "installation" {
			return &Error{Status: 403, Message: "You must authenticate with an installation access token in order to list repositories for an installation."}
		}
		return nil
	case "jwt+repo":
		if c.cred.kind != "jwt" {
			return &Error{Status: 401, Message: "A JSON web token could not be decoded"}
		}
		return nil
	}
	if c.repo != nil {
		return c.authorizeRepo()
	}
	if c.org != nil {
		return c.authorizeOrg()
	}
	return nil
}

// authorizeRepo decides about a repository. One that is archived takes no writes, whoever may make them.
func (c *call) authorizeRepo() error {
	if err := c.mayTouch(); err != nil {
		return err
	}
	if c.repo.archived && c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return errArchived
	}
	return nil
}

func (c *call) mayTouch() error {
	read := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	switch c.cred.kind {
	case "installation":
		t := c.cred.tok
		switch {
		case !t.covers(c.repo) && c.repo.private:
			return errNotFound
		case !t.covers(c.repo) && !read:
			return errForbidden
		case t.covers(c.repo) && !satisfies(t.perms, c.route.need):
			return errForbidden
		}
		return nil
	case "user":
		switch {
		case !c.s.can(c.cred.user, c.repo, "read"):
			return errNotFound
		case c.route.role == "app":
			return &Error{Status: 403, Message: "You must authenticate via a GitHub App."}
		case !c.s.can(c.cred.user, c.repo, c.route.role):
			// GitHub hides what one may not write behind 404, except where it says that rights are missing.
			if c.route.role == "admin" {
				return errAdmin
			}
			return &Error{Status: 403, Message: "Must have push access to repository"}
		}
		return nil
	case "jwt":
		return &Error{Status: 401, Message: "This endpoint requires an installation access token"}
	}
	if c.repo.private {
		return errNotFound
	}
	if !read {
		return errNoAuth
	}
	return nil
}

func (c *call) authorizeOrg() error {
	switch c.cred.kind {
	case "installation":
		if c.cred.tok.inst.account != c.org || !satisfies(c.cred.tok.perms, c.route.need) {
			return errForbidden
		}
		return nil
	case "user":
		if c.org.members[c.cred.user.id] == "" {
			return errNotFound
		}
		if c.route.role == "admin" && c.org.members[c.cred.user.id] != "admin" {
			return &Error{Status: 403, Message: "You must be an admin of the organization"}
		}
		return nil
	}
	return errNoAuth
}
