package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What has really been elsewhere: commits that exist already, under the numbers that they had. See RepoOptions.Objects.

// PutRef points a ref at a commit that the repository has, without webhooks: it's how the world is.
func (s *Server) PutRef(full, ref, sha string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return err
	}
	if !validRef(ref) || r.git.commit(sha) == nil {
		return fmt.Errorf("sandbox: no ref %q at %q", ref, sha)
	}
	r.refs[ref] = sha
	return r.git.setRef(ref, sha)
}

// Past is a pull request that was merged before anybody looked, or a push.
type Past struct {
	Number      int // 0: a push
	Title, Body string
	Author      string // a login
	Base        string
	Commit      string // what it was merged as: a squash, whose first parent the base was at
	Merged      time.Time
	ApprovedBy  []string // logins; the author isn't one of them, even if he is named
}

// AddPast adds a pull request of the past and moves its base, without webhooks.
func (s *Server) AddPast(full string, p Past) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return err
	}
	before, _ := r.branch(p.Base)
	author, c := s.users[strings.ToLower(p.Author)], r.git.commit(p.Commit)
	if author == nil || c == nil || len(c.Parents) == 0 || c.Parents[0] != before || r.issues[p.Number] != nil {
		return fmt.Errorf("sandbox: #%d can't have been: its author, its commit, its base or its number", p.Number)
	}
	r.refs["refs/heads/"+p.Base] = c.SHA
	if err := r.git.setRef("refs/heads/"+p.Base, c.SHA); err != nil {
		return err
	}
	moved := func(ref, before, after string) {
		s.noteActivity(actor{user: author}, r, "refs/heads/"+ref, before, after, false)
		r.activities[len(r.activities)-1].at = p.Merged.UTC()
	}
	if p.Number == 0 {
		moved(p.Base, before, c.SHA)
		return nil
	}
	head, err := r.git.writeCommit(c.Tree, c.Parents[:1], c.Author, c.Author, p.Title)
	if err != nil {
		return err
	}
	moved(fmt.Sprintf("pull-%d", p.Number), zeroSHA, head)
	moved(p.Base, before, c.SHA)
	r.latestIs("pr_merge")
	i := s.newNumbered(actor{user: author}, r, p.Number, p.Title, &p.Body)
	at := p.Merged.UTC()
	i.created, i.updated, i.closed, i.closedBy, i.state = at, at, &at, author, "closed"
	i.pr = &pull{id: s.id(), issue: i, base: p.Base, head: fmt.Sprintf("pull-%d", p.Number), baseSHA: before, headSHA: head, headAt: at,
		headRepo: r, headOwner: r.owner, merged: true, mergedAt: &at, mergedBy: author, mergeSHA: c.SHA}
	for _, login := range p.ApprovedBy {
		if by := s.users[strings.ToLower(login)]; by != nil && by != author {
			i.pr.reviews = append(i.pr.reviews, &review{id: s.id(), user: by, state: "APPROVED", commit: head, submitted: at})
		}
	}
	return nil
}

// CreateAccount makes a person of a number that is known elsewhere. One that exists already is left as it is.
func (s *Server) CreateAccount(login string, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.userByID[id] != nil || s.users[strings.ToLower(login)] != nil {
		return nil
	}
	u := s.addUser(login, "User")
	delete(s.userByID, u.id)
	u.id, s.userByID[id] = id, u
	return nil
}

// TellPush tells what AddPast moved a branch by, as one push.
func (p *Person) TellPush(full, branch, before string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		tip, found := r.branch(branch)
		if !found {
			return errNotFound
		}
		s.emitPush(r, a, "refs/heads/"+branch, before, tip, false)
		return nil
	})
}

// AddAddress makes a mail address that of a person, as commits have it.
func (s *Server) AddAddress(login, address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[strings.ToLower(login)]
	if u == nil {
		return errNotFound
	}
	s.addresses[strings.ToLower(address)] = u
	return nil
}

// PushCommit pushes a commit that the repository has already to a ref, with webhooks. With zeros for the id it deletes the ref.
func (p *Person) PushCommit(full, ref, sha string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		if sha != zeroSHA && (!validRef(ref) || r.git.commit(sha) == nil) {
			return unprocessable("no ref %q at %q", ref, sha)
		}
		return s.writeRef(a, r, ref, sha)
	})
}

// like makes the head of a pull request of what it was merged as later: a commit of the same files and author on the base.
func (s *Server) like(a actor, r *repo, o PROptions) error {
	base, found := r.branch(o.Base)
	c := r.git.commit(o.Like)
	if !found || c == nil {
		return invalid("PullRequest", "head", "invalid", "")
	}
	by := c.Author
	by.When = s.now()
	sha, err := r.git.writeCommit(c.Tree, []string{base}, c.Author, by, o.Message)
	if err != nil {
		return err
	}
	return s.writeRef(a, r, "refs/heads/"+o.Head, sha)
}

// MergeAs merges a pull request as a commit that is known beforehand, and stands on the base as it is now: as it really was
// merged, whatever is required here.
func (p *Person) MergeAs(full string, n int, sha string) error {
	return p.onPull(full, n, func(s *Server, a actor, pr *pull) error {
		r := pr.issue.repo
		c := r.git.commit(sha)
		if pr.merged || pr.issue.state != "open" || c == nil || !slices.Contains(c.Parents, pr.tip()) {
			return unprocessable("#%d can't be merged as %s onto %s at %s", n, sha, pr.base, pr.tip())
		}
		s.markMergedQuietly(a, pr, sha)
		if err := s.writeRef(a, r, "refs/heads/"+pr.base, sha); err != nil {
			return err
		}
		r.latestIs("pr_merge")
		s.emitPull("closed", pr, a, nil)
		return nil
	})
}
