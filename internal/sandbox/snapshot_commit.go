package sandbox

import (
	"fmt"
	"strings"
)

// Commit is a commit as people see it.
type Commit struct {
	SHA, Tree         string
	Parents           []string
	Author, Committer string // addresses
	Message           string
	Verified          bool
}

// CommitAt is the commit that a branch or an id leads to; zero for none.
func (s *Server) CommitAt(full, ref string) Commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return Commit{}
	}
	x := r.git.commit(s.resolve(r, ref))
	if x == nil {
		return Commit{}
	}
	return Commit{SHA: x.SHA, Tree: x.Tree, Parents: x.Parents, Author: x.Author.Email, Committer: x.Committer.Email, Message: x.Message,
		Verified: s.verification(x)["verified"] == true}
}

// Refs are the full names of a repository's refs that begin so.
func (s *Server) Refs(full, prefix string) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return nil
	}
	for name := range r.refs {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

// CreateRef makes a ref of any name at a branch's head, without webhooks: it's how the world is.
func (s *Server) CreateRef(full, ref, from string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return err
	}
	sha, found := r.branch(from)
	if !found || !validRef(ref) {
		return fmt.Errorf("sandbox: no ref %q from %q", ref, from)
	}
	r.refs[ref] = sha
	return r.git.setRef(ref, sha)
}
