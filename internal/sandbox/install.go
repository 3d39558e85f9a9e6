package sandbox

import (
	"fmt"
	"strings"
)

// Install installs the App on an account and returns the installation's id.
func (s *Server) Install(owner string, o InstallOptions) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[strings.ToLower(owner)]
	if u == nil {
		return 0, fmt.Errorf("sandbox: no account %q", owner)
	}
	if s.instOf(u) != nil {
		return 0, fmt.Errorf("sandbox: the App is installed on %s already", owner)
	}
	perms := allPermissions()
	if o.Permissions != nil {
		perms = map[string]string{"metadata": "read"}
		for k, v := range o.Permissions {
			perms[k] = v
		}
	}
	now := s.now()
	i := &installation{id: s.id(), account: u, all: o.Repos == nil, repos: map[int64]bool{}, perms: perms,
		events: s.subscribed(), created: now, updated: now}
	for _, name := range o.Repos {
		r, err := s.find(u.login + "/" + name)
		if err != nil {
			return 0, err
		}
		i.repos[r.id] = true
	}
	s.insts[i.id] = i
	s.emitInstallation("created", i)
	return i.id, nil
}

func (s *Server) emitInstallation(action string, i *installation) {
	rows := []obj{}
	for _, r := range s.installedRepos(i) {
		rows = append(rows, hookShort(r))
	}
	p := obj{"installation": s.installationObj(i), "repositories": rows}
	if action == "created" {
		p["requester"] = nil
	}
	s.emitFor(i, "installation", action, i.account, actor{user: i.account}, p, 0)
}

func hookShort(r *repo) obj {
	return obj{"id": r.id, "node_id": nodeID("R", r.id), "name": r.name, "full_name": r.full(), "private": r.private}
}

func (s *Server) installedRepos(i *installation) []*repo {
	var out []*repo
	for _, r := range s.sortedRepos() {
		if i.covers(r) {
			out = append(out, r)
		}
	}
	return out
}

func (s *Server) inst(id int64) (*installation, error) {
	if i := s.insts[id]; i != nil {
		return i, nil
	}
	return nil, fmt.Errorf("sandbox: no installation %d: %w", id, errNotFound)
}

// Suspend suspends an installation: its tokens answer 403 and its webhooks stop.
func (s *Server) Suspend(id int64) error { return s.suspend(id, true) }

// Unsuspend ends a suspension.
func (s *Server) Unsuspend(id int64) error { return s.suspend(id, false) }

func (s *Server) suspend(id int64, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.inst(id)
	if err != nil {
		return err
	}
	now := s.now()
	i.updated, i.suspendedAt, i.suspendedBy = now, nil, nil
	action := "unsuspend"
	if on {
		i.suspendedAt, i.suspendedBy, action = &now, i.account, "suspend"
	}
	s.emitInstallation(action, i)
	return nil
}

// Uninstall removes an installation; its tokens become invalid.
func (s *Server) Uninstall(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.inst(id)
	if err != nil {
		return err
	}
	s.emitInstallation("deleted", i)
	delete(s.insts, id)
	for k, t := range s.tokens {
		if t.inst == i {
			delete(s.tokens, k)
		}
	}
	return nil
}

// InstallationRepos adds repositories to an installation of selected ones, or removes them.
func (s *Server) InstallationRepos(id int64, add, remove []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.inst(id)
	if err != nil {
		return err
	}
	change := func(names []string, on bool) ([]obj, error) {
		rows := []obj{}
		for _, n := range names {
			r, err := s.find(i.account.login + "/" + n)
			if err != nil {
				return nil, err
			}
			if on {
				i.repos[r.id] = true
			} else {
				delete(i.repos, r.id)
			}
			rows = append(rows, hookShort(r))
		}
		return rows, nil
	}
	added, err := change(add, true)
	if err != nil {
		return err
	}
	removed, err := change(remove, false)
	if err != nil {
		return err
	}
	for action, rows := range map[string][]obj{"added": added, "removed": removed} {
		if len(rows) > 0 {
			p := obj{"installation": s.installationObj(i), "repository_selection": "selected", "requester": nil,
				"repositories_added": []obj{}, "repositories_removed": []obj{}}
			p["repositories_"+action] = rows
			s.emitFor(i, "installation_repositories", action, i.account, actor{user: i.account}, p, 0)
		}
	}
	return nil
}

// SetPermissions changes what an installation may do, as when its owner accepts new permissions.
func (s *Server) SetPermissions(id int64, perms map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.inst(id)
	if err != nil {
		return err
	}
	i.perms, i.updated = map[string]string{"metadata": "read"}, s.now()
	for k, v := range perms {
		i.perms[k] = v
	}
	s.emitInstallation("new_permissions_accepted", i)
	return nil
}

// RenameRepo gives a repository a new name; the old one redirects from now on.
func (s *Server) RenameRepo(repo, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	old := r.name
	if err := s.move(r, r.owner, name); err != nil {
		return err
	}
	s.emit("repository", "renamed", r, actor{user: r.owner}, obj{"changes": obj{"repository": obj{"name": obj{"from": old}}}})
	return nil
}

// TransferRepo gives a repository another owner; the old name redirects from now on.
func (s *Server) TransferRepo(repo, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	u := s.users[strings.ToLower(owner)]
	if u == nil {
		return errNotFound
	}
	from := obj{"user": s.userObj(r.owner)}
	if r.owner.isOrg() {
		from = obj{"organization": s.orgSimple(r.owner)}
	}
	if err := s.move(r, u, r.name); err != nil {
		return err
	}
	s.emit("repository", "transferred", r, actor{user: u}, obj{"changes": obj{"owner": obj{"from": from}}})
	return nil
}

func (s *Server) move(r *repo, owner *user, name string) error {
	full := strings.ToLower(owner.login + "/" + name)
	if s.repos[full] != nil {
		return fmt.Errorf("sandbox: repository %s exists", full)
	}
	old := strings.ToLower(r.full())
	delete(s.repos, old)
	delete(s.renamed, full)
	s.renamed[old], s.repos[full] = r, r
	r.owner, r.name, r.updated = owner, name, s.now()
	return nil
}
