package sandbox

import "strings"

// What organisations and repositories can be beside the plain case.

// Invite asks a person to join an organisation. Until they accept (AddMember), they are no member of it.
func (s *Server) Invite(org, login string) error {
	if _, err := s.CreateUser(login); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, u := s.users[strings.ToLower(org)], s.users[strings.ToLower(login)]
	if !o.isOrg() {
		return errNotFound
	}
	o.invited[u.id] = "member"
	return nil
}

// NestTeam puts a team below another one of its organisation: its members are members there, and have what that one may.
func (s *Server) NestTeam(org, child, parent string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	below, err := s.team(org, child)
	if err != nil {
		return err
	}
	above, err := s.team(org, parent)
	if err != nil {
		return err
	}
	for t := above; t != nil; t = t.parent {
		if t == below {
			return unprocessable("A team can't be below itself")
		}
	}
	below.parent = above
	return nil
}

// Archive makes a repository read-only, or writable again.
func (s *Server) Archive(full string, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return err
	}
	r.archived, r.updated = on, s.now()
	s.emit("repository", map[bool]string{true: "archived", false: "unarchived"}[on], r, actor{user: r.owner}, nil)
	return nil
}

// SetVisibility makes a repository "public", "internal" or "private". GitHub tells of it
// where it becomes private or public; of its becoming internal nothing is told, and the
// repository's own answers call it private as well.
func (s *Server) SetVisibility(full, visibility string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return err
	}
	r.private, r.internal, r.updated = visibility != "public", visibility == "internal", s.now()
	if action := map[string]string{"private": "privatized", "public": "publicized"}[visibility]; action != "" {
		s.emit("repository", action, r, actor{user: r.owner}, nil)
	}
	return nil
}

// SwitchIssues has a repository with issues or without; pull requests stay as they are.
func (s *Server) SwitchIssues(full string, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err == nil {
		r.noIssues, r.updated = !on, s.now()
	}
	return err
}

// AllowAutoMerge has a repository take requests to merge a pull request as soon as that is possible.
func (s *Server) AllowAutoMerge(full string, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err == nil {
		r.autoMerge = on
	}
	return err
}

// GiveRole gives a person a custom role on a repository: one of the organisation's own, with a name of its own, on top of
// a base: read, triage, write or maintain.
func (s *Server) GiveRole(repo, login, name, base string) error {
	if err := s.AddCollaborator(repo, login, base); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	if r.custom == nil {
		r.custom = map[int64]string{}
	}
	r.custom[s.users[strings.ToLower(login)].id] = name
	return nil
}
