package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Deleted, as a file's content, removes the file.
const Deleted = "\x00deleted"

// RepoOptions say how a new repository is to be.
type RepoOptions struct {
	Files         map[string]string // path to content of the first commit
	DefaultBranch string            // default master
	Description   string
	Private       bool
	Empty         bool   // no commit at all
	Objects       string // a directory of objects of git, which it has, too, none of them copied; then it is empty, see PutRef
	FirstNumber   int    // of its own issues and pull requests; 0 is 1
}

// Protection is a branch's protection.
type Protection struct {
	Checks    []string // required status checks, whoever makes them
	AppChecks []string // required checks that are bound to our App: another's of that name doesn't count
	Queue     string   // how its merge queue merges: merge (when empty), squash or rebase
}

// InstallOptions say what an installation may do and where.
type InstallOptions struct {
	Repos       []string          // names within the owner; nil means all
	Permissions map[string]string // nil means all that the stand-in knows
}

func allPermissions() map[string]string {
	return map[string]string{"actions": "write", "administration": "write", "checks": "write", "contents": "write",
		"issues": "write", "members": "read", "merge_queues": "read", "metadata": "read", "pull_requests": "write",
		"statuses": "write", "workflows": "write"}
}

// addUser makes an account. The caller holds the lock, or is New.
func (s *Server) addUser(login, kind string) *user {
	s.lastID++
	u := &user{id: s.lastID, login: login, kind: kind, created: s.now(), members: map[int64]string{}, invited: map[int64]string{}}
	s.users[strings.ToLower(login)], s.userByID[u.id] = u, u
	return u
}

// CreateUser makes a person. One that exists already is left as it is.
func (s *Server) CreateUser(login string) (*Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[strings.ToLower(login)]; u != nil {
		if u.kind != "User" {
			return nil, fmt.Errorf("sandbox: %s is no person", login)
		}
		return &Person{s, u.login}, nil
	}
	if login == "" || strings.ContainsAny(login, "/ \n") {
		return nil, fmt.Errorf("sandbox: %q is no login", login)
	}
	s.addUser(login, "User")
	return &Person{s, login}, nil
}

// CreateOrg makes an organisation whose members are persons that get created where they don't exist.
func (s *Server) CreateOrg(login string, members ...string) error {
	for _, m := range members {
		if _, err := s.CreateUser(m); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.users[strings.ToLower(login)]
	if o == nil {
		o = s.addUser(login, "Organization")
	}
	if !o.isOrg() {
		return fmt.Errorf("sandbox: %s is no organisation", login)
	}
	for _, m := range members {
		o.members[s.users[strings.ToLower(m)].id] = "member"
	}
	return nil
}

// AddMember puts a person in an organisation; role is member or admin.
func (s *Server) AddMember(org, login, role string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, u := s.users[strings.ToLower(org)], s.users[strings.ToLower(login)]
	if !o.isOrg() || u == nil {
		return errNotFound
	}
	o.members[u.id] = role
	delete(o.invited, u.id)
	return nil
}

// RemoveMember takes a person out of an organisation and its teams.
func (s *Server) RemoveMember(org, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, u := s.users[strings.ToLower(org)], s.users[strings.ToLower(login)]
	if !o.isOrg() || u == nil {
		return errNotFound
	}
	delete(o.members, u.id)
	delete(o.invited, u.id)
	for _, t := range o.teams {
		delete(t.members, u.id)
	}
	return nil
}

// CreateRepo makes a repository with one commit, by its owner (an organisation's, by the ghost of its first day).
func (s *Server) CreateRepo(owner, name string, o RepoOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[strings.ToLower(owner)]
	if u == nil {
		return fmt.Errorf("sandbox: no account %q", owner)
	}
	if o.DefaultBranch == "" {
		o.DefaultBranch = "master"
	}
	r, err := s.newRepo(u, name, o.DefaultBranch, nil)
	if err != nil {
		return err
	}
	r.private, r.desc = o.Private, o.Description
	r.next = max(0, o.FirstNumber-1)
	if o.Objects != "" {
		return r.git.borrow(o.Objects)
	}
	if o.Empty {
		return nil
	}
	files := o.Files
	if len(files) == 0 {
		files = map[string]string{"README.md": "# " + name + "\n"}
	}
	_, err = s.commitFiles(actor{user: u}, r, o.DefaultBranch, "", filesToChanges(files), "Initial commit")
	return err
}

// newRepo makes an empty repository; parent is set for a fork.
func (s *Server) newRepo(owner *user, name, branch string, parent *repo) (*repo, error) {
	full := strings.ToLower(owner.login + "/" + name)
	if s.repos[full] != nil {
		return nil, fmt.Errorf("sandbox: repository %s exists", full)
	}
	if name == "" || strings.ContainsAny(name, "/ \\\n") {
		return nil, fmt.Errorf("sandbox: %q is no repository name", name)
	}
	now := s.now()
	r := &repo{id: s.id(), owner: owner, name: name, defaultBranch: branch, created: now, updated: now, pushed: now,
		refs: map[string]string{}, collab: map[int64]string{}, protected: map[string]*Protection{}, issues: map[int]*issue{},
		comments: map[int64]*comment{}, checkByID: map[int64]*checkRun{}, checksBySHA: map[string][]*checkRun{},
		suites: map[string]*checkSuite{}, suiteByID: map[int64]*checkSuite{}, statuses: map[string][]*status{}}
	shared := ""
	if parent != nil {
		r.fork, r.parent, r.desc, r.private = true, parent, parent.desc, parent.private
		shared = parent.git.dir
	}
	dir, err := filepath.Abs(filepath.Join(s.opts.Dir, strconv.FormatInt(r.id, 10)+".git"))
	if err != nil {
		return nil, err
	}
	if r.git, err = initBare(dir, branch, shared); err != nil {
		return nil, err
	}
	for _, l := range []string{"bug:d73a4a", "enhancement:a2eeef"} {
		n, color, _ := strings.Cut(l, ":")
		r.labels = append(r.labels, &label{id: s.id(), name: n, color: color})
	}
	s.repos[full], s.repoByID[r.id] = r, r
	delete(s.renamed, full) // a new repository takes an old name for good
	return r, nil
}

// find resolves owner/name. The caller holds the lock.
func (s *Server) find(full string) (*repo, error) {
	if r := s.repos[strings.ToLower(full)]; r != nil && !r.deleted {
		return r, nil
	}
	if r := s.renamed[strings.ToLower(full)]; r != nil && !r.deleted {
		return r, nil
	}
	return nil, fmt.Errorf("sandbox: no repository %q: %w", full, errNotFound)
}

// CreateBranch makes a branch at another branch's head, without webhooks: it's how the world is.
func (s *Server) CreateBranch(repo, name, from string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	sha, found := r.branch(from)
	if !found {
		return fmt.Errorf("sandbox: no branch %q in %s", from, repo)
	}
	if !validRef("refs/heads/" + name) {
		return fmt.Errorf("sandbox: %q is no branch name", name)
	}
	if err := r.git.setRef("refs/heads/"+name, sha); err != nil {
		return err
	}
	r.refs["refs/heads/"+name] = sha
	return nil
}

// CreateTeam makes a team of an organisation; members that don't exist are created, and all join the organisation.
func (s *Server) CreateTeam(org, name string, members ...string) error {
	for _, m := range members {
		if _, err := s.CreateUser(m); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.users[strings.ToLower(org)]
	if !o.isOrg() {
		return fmt.Errorf("sandbox: %s is no organisation", org)
	}
	t := &team{id: s.id(), org: o, name: name, slug: slug(name), privacy: "closed", members: map[int64]*teamMember{},
		repos: map[int64]string{}, created: s.now()}
	o.teams = append(o.teams, t)
	for _, m := range members {
		u := s.users[strings.ToLower(m)]
		if o.members[u.id] == "" {
			o.members[u.id] = "member"
		}
		t.members[u.id] = &teamMember{user: u, role: "member", state: "active"}
	}
	s.emitOrg("team", "created", o, actor{user: o}, obj{"team": s.teamObj(t)})
	return nil
}

func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			b.WriteRune(c)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

func (s *Server) team(org, slugOrName string) (*team, error) {
	o := s.users[strings.ToLower(org)]
	if o.isOrg() {
		for _, t := range o.teams {
			if strings.EqualFold(t.slug, slugOrName) || t.name == slugOrName {
				return t, nil
			}
		}
	}
	return nil, fmt.Errorf("sandbox: no team %s/%s: %w", org, slugOrName, errNotFound)
}

// AddTeamMember puts a person in a team; state is active (when empty) or pending, which is an invitation not yet accepted.
func (s *Server) AddTeamMember(org, teamSlug, login, state string) error {
	if _, err := s.CreateUser(login); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.team(org, teamSlug)
	if err != nil {
		return err
	}
	if state == "" {
		state = "active"
	}
	u := s.users[strings.ToLower(login)]
	t.members[u.id] = &teamMember{user: u, role: "member", state: state}
	if state == "active" {
		if t.org.members[u.id] == "" {
			t.org.members[u.id] = "member"
		}
		s.emitMembership("added", t, u)
	} else if t.org.members[u.id] == "" {
		t.org.invited[u.id] = "member"
	}
	return nil
}

// RemoveTeamMember takes a person out of a team.
func (s *Server) RemoveTeamMember(org, teamSlug, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.team(org, teamSlug)
	if err != nil {
		return err
	}
	u := s.users[strings.ToLower(login)]
	if u == nil || t.members[u.id] == nil {
		return errNotFound
	}
	delete(t.members, u.id)
	s.emitMembership("removed", t, u)
	return nil
}

func (s *Server) emitMembership(action string, t *team, u *user) {
	s.emitOrg("membership", action, t.org, actor{user: t.org}, obj{"scope": "team", "member": s.userObj(u), "team": s.teamObj(t)})
}

// AddTeamRepo gives a team a permission on a repository of its organisation.
func (s *Server) AddTeamRepo(org, teamSlug, repo, permission string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.team(org, teamSlug)
	if err != nil {
		return err
	}
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	t.repos[r.id] = permission
	row := s.hookRepo(r)
	row["permissions"] = permissionsObj(permission)
	s.emit("team", "added_to_repository", r, actor{user: t.org}, obj{"team": s.teamObj(t), "repository": row})
	return nil
}

// AddCollaborator gives a person a role on a repository: read, triage, write, maintain or admin; "" takes it away.
func (s *Server) AddCollaborator(repo, login, permission string) error {
	if _, err := s.CreateUser(login); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	if permission != "" && rank(permission) == 0 {
		return fmt.Errorf("sandbox: no permission %q", permission)
	}
	r.collab[s.users[strings.ToLower(login)].id] = permission
	return nil
}

// ProtectBranch protects a branch; nil takes the protection away.
func (s *Server) ProtectBranch(repo, branch string, p *Protection) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	if p == nil {
		delete(r.protected, branch)
	} else {
		cp := *p
		r.protected[branch] = &cp
	}
	return nil
}

// DeleteRepo deletes a repository. Pull requests from it stay, with a null head repository.
func (s *Server) DeleteRepo(repo string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	s.emit("repository", "deleted", r, actor{user: r.owner}, nil)
	r.deleted = true
	delete(s.repos, strings.ToLower(r.full()))
	delete(s.repoByID, r.id)
	for _, other := range s.repos {
		for _, i := range other.order {
			if i.pr != nil && i.pr.headRepo == r {
				i.pr.headRepo = nil
			}
		}
	}
	if r.parent != nil {
		return os.Remove(filepath.Join(r.git.dir, "objects")) // only the link: the network's objects stay
	}
	return nil
}

// DeleteUser makes a ghost of a person: what they wrote stays, by nobody.
func (s *Server) DeleteUser(login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[strings.ToLower(login)]
	if u == nil {
		return errNotFound
	}
	u.deleted = true
	delete(s.users, strings.ToLower(login))
	return nil
}
