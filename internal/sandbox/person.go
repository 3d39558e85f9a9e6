package sandbox

import (
	"fmt"
	"sort"
	"strings"
)

// Person acts on the site as somebody. What a person does changes the state, makes real commits where fitting, and emits
// the webhooks that GitHub would emit. Rights are checked as on GitHub where it says so; else the site trusts its people.
type Person struct {
	s     *Server
	login string
}

// As returns a person by login, for actions; one that doesn't exist makes each action fail.
func (s *Server) As(login string) *Person { return &Person{s, login} }

// Login is the person's login.
func (p *Person) Login() string { return p.login }

// Token is the person's credential for the API and for git.
func (p *Person) Token() string { return "user:" + p.login }

// PROptions say what pull request to open.
type PROptions struct {
	Base  string            // default: the repository's default branch
	Head  string            // branch name; default patch-N
	Files map[string]string // changes of the commit that is made on Head; none if Head exists already
	Title string            // default: "Change " and the files
	Body  string
	Draft bool
	Fork  bool // from the person's own fork

	// Of a pull request that has really been elsewhere.
	Number  int    // 0: the next
	Like    string // a commit that the repository has: the head is one of its files and author, on the base
	Message string // of that head
}

func (p *Person) with(full string, f func(*Server, actor, *repo) error) error {
	if p.s.opts.Act != nil {
		p.s.opts.Act()
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	u := p.s.users[strings.ToLower(p.login)]
	if u == nil || u.deleted {
		return fmt.Errorf("sandbox: no account %q", p.login)
	}
	r, err := p.s.find(full)
	if err != nil {
		return err
	}
	return f(p.s, actor{user: u, app: u.kind == "Bot"}, r)
}

func (p *Person) onIssue(full string, n int, f func(s *Server, a actor, i *issue) error) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		i := r.issues[n]
		if i == nil || i.deleted {
			return fmt.Errorf("sandbox: no issue %s#%d: %w", full, n, errNotFound)
		}
		return f(s, a, i)
	})
}

func (p *Person) onPull(full string, n int, f func(s *Server, a actor, pr *pull) error) error {
	return p.onIssue(full, n, func(s *Server, a actor, i *issue) error {
		if i.pr == nil {
			return fmt.Errorf("sandbox: %s#%d is no pull request: %w", full, n, errNotFound)
		}
		return f(s, a, i.pr)
	})
}

// OpenPR opens a pull request, from a new branch of the repository or of the person's fork.
func (p *Person) OpenPR(full string, o PROptions) (PR, error) {
	var out PR
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		if o.Base == "" {
			o.Base = r.defaultBranch
		}
		if o.Head == "" {
			o.Head = fmt.Sprintf("patch-%d", r.next+1)
		}
		if o.Title == "" {
			o.Title = "Change " + strings.Join(paths(o.Files), ", ")
		}
		head := r
		if o.Fork {
			var err error
			if head, err = s.forkOf(a.user, r); err != nil {
				return err
			}
		}
		if len(o.Files) > 0 {
			from, found := r.branch(o.Base)
			if !found {
				return invalid("PullRequest", "base", "invalid", "")
			}
			if _, err := s.commitFiles(a, head, o.Head, from, filesToChanges(o.Files), o.Title); err != nil {
				return err
			}
		}
		if o.Like != "" {
			if err := s.like(a, r, o); err != nil {
				return err
			}
		}
		var body *string
		if o.Body != "" {
			body = &o.Body
		}
		pr, err := s.openPull(a, r, pullSpec{base: o.Base, head: o.Head, headRepo: head, title: o.Title, body: body,
			draft: o.Draft, modify: o.Fork, number: o.Number})
		if err == nil {
			out = s.prSnapshot(pr)
		}
		return err
	})
	return out, err
}

func paths(files map[string]string) []string {
	var out []string
	for p := range files {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// forkOf returns a person's fork of a repository, made now if need be.
func (s *Server) forkOf(u *user, r *repo) (*repo, error) {
	for _, f := range s.repos {
		if f.parent == r && f.owner == u {
			return f, nil
		}
	}
	f, err := s.newRepo(u, r.name, r.defaultBranch, r)
	if err != nil {
		return nil, err
	}
	r.forks++
	for ref, sha := range r.refs {
		if strings.HasPrefix(ref, "refs/pull/") {
			continue
		}
		if err := f.git.setRef(ref, sha); err != nil {
			return nil, err
		}
		f.refs[ref] = sha
	}
	return f, nil
}

// Fork makes the person's fork of a repository and returns its full name.
func (p *Person) Fork(full string) (string, error) {
	name := ""
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		f, err := s.forkOf(a.user, r)
		if err == nil {
			name = f.full()
		}
		return err
	})
	return name, err
}

// Push commits changes to a branch, which it creates from the default branch if it doesn't exist, and returns the commit.
func (p *Person) Push(full, branch string, files map[string]string, message string) (string, error) {
	sha := ""
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		from, _ := r.branch(r.defaultBranch)
		var err error
		sha, err = s.commitFiles(a, r, branch, from, filesToChanges(files), message)
		return err
	})
	return sha, err
}

// ForcePush puts a new commit with changes on a branch in place of its newest one.
func (p *Person) ForcePush(full, branch string, files map[string]string, message string) (string, error) {
	sha := ""
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		old, found := r.branch(branch)
		c := r.git.commit(old)
		if !found || len(c.Parents) == 0 {
			return unprocessable("nothing to replace on %s", branch)
		}
		tree, err := r.git.applyChanges(c.Tree, filesToChanges(files))
		if err != nil {
			return err
		}
		if sha, err = r.git.writeCommit(tree, c.Parents, s.sign(a.user), s.sign(a.user), message); err != nil {
			return err
		}
		return s.writeRef(a, r, "refs/heads/"+branch, sha)
	})
	return sha, err
}

// PushToPR commits changes to a pull request's head, wherever that is.
func (p *Person) PushToPR(full string, n int, files map[string]string, message string) (string, error) {
	sha := ""
	err := p.onPull(full, n, func(s *Server, a actor, pr *pull) error {
		if pr.headRepo == nil {
			return unprocessable("the head repository was deleted")
		}
		var err error
		sha, err = s.commitFiles(a, pr.headRepo, pr.head, "", filesToChanges(files), message)
		return err
	})
	return sha, err
}

// EditOnSite commits changes to a branch on GitHub's pages, which commits and signs what people write there.
func (p *Person) EditOnSite(full, branch string, files map[string]string, message string) (string, error) {
	sha := ""
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		tip, found := r.branch(branch)
		if !found {
			return errNotFound
		}
		tree, err := r.git.applyChanges(r.git.commit(tip).Tree, filesToChanges(files))
		if err != nil {
			return err
		}
		if sha, err = s.signedBySite(r.git.writeCommit(tree, []string{tip}, s.sign(a.user), s.webFlow(), message)); err != nil {
			return err
		}
		return s.writeRef(a, r, "refs/heads/"+branch, sha)
	})
	return sha, err
}

// CreateBranch makes a branch at another one's head, as a push: with webhooks.
func (p *Person) CreateBranch(full, name, from string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		sha, found := r.branch(from)
		if !found {
			return fmt.Errorf("sandbox: no branch %q: %w", from, errNotFound)
		}
		if _, exists := r.branch(name); exists {
			return unprocessable("Reference already exists")
		}
		return s.writeRef(a, r, "refs/heads/"+name, sha)
	})
}

// FastForward pushes what one branch holds to another one.
func (p *Person) FastForward(full, branch, to string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		old, found := r.branch(branch)
		sha, there := r.branch(to)
		if !found || !there || r.git.mergeBase(old, sha) != old {
			return unprocessable("Update is not a fast forward")
		}
		return s.writeRef(a, r, "refs/heads/"+branch, sha)
	})
}

// DeleteBranch deletes a branch; pull requests from it or to it close.
func (p *Person) DeleteBranch(full, name string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		if _, exists := r.branch(name); !exists {
			return unprocessable("Reference does not exist")
		}
		return s.writeRef(a, r, "refs/heads/"+name, zeroSHA)
	})
}

// SetDefaultBranch makes a branch the default one, which an administrator may.
func (p *Person) SetDefaultBranch(full, branch string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		if _, found := r.branch(branch); !found {
			return errNotFound
		}
		was := r.defaultBranch
		r.defaultBranch, r.updated = branch, s.now()
		s.emit("repository", "edited", r, a, obj{"changes": obj{"default_branch": obj{"from": was}}})
		return nil
	})
}

// Tag makes a lightweight tag at a branch's head.
func (p *Person) Tag(full, tag, branch string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		sha, found := r.branch(branch)
		if !found {
			return fmt.Errorf("sandbox: no branch %q: %w", branch, errNotFound)
		}
		return s.writeRef(a, r, "refs/tags/"+tag, sha)
	})
}

// Release publishes a release of a tag.
func (p *Person) Release(full, tag string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		x := &release{id: s.id(), tag: tag, target: r.defaultBranch, author: a.user, created: s.now(), repo: r}
		r.releases = append(r.releases, x)
		s.emit("release", "created", r, a, obj{"release": s.releaseObj(x)})
		return (&call{s: s, repo: r, actor: a}).publish(x)
	})
}

// Merge merges a pull request; method is merge (when empty), squash or rebase. It returns the new head of the base.
func (p *Person) Merge(full string, n int, method string) (string, error) {
	sha := ""
	err := p.onPull(full, n, func(s *Server, a actor, pr *pull) error {
		var err error
		sha, err = s.mergePull(a, pr, method, "", "")
		return err
	})
	return sha, err
}
