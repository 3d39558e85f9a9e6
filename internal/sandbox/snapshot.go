package sandbox

import (
	"sort"
	"strings"
	"time"
)

// PR is a pull request as it is at one moment.
type PR struct {
	ID                 int64
	Number             int
	Repo               string
	Title, Body        string
	Author             string // ghost for a deleted account
	State              string // open or closed
	Draft, Merged      bool
	Base, Head         string
	BaseSHA, HeadSHA   string
	HeadRepo           string // "" when it was deleted
	MergeSHA, MergedBy string
	AutoMergeBy        string // who asked GitHub to merge it once it may, "" for nobody
	Labels             []string
	RequestedTeams     []string // slugs of those that are asked to review
	Created, Updated   time.Time
}

// Issue is an issue as it is at one moment; pull requests are issues too.
type Issue struct {
	ID                 int64
	Number             int
	Title, Body        string
	Author             string
	State, StateReason string
	Labels, Assignees  []string
	Milestone          string
	IsPR               bool
	ViaApp             bool
	Created, Updated   time.Time
}

// Comment is an issue comment as it is at one moment.
type Comment struct {
	ID               int64
	Issue            int
	Author           string
	Body             string
	ViaApp           bool
	Reactions        map[string]int
	Created, Updated time.Time
}

// CheckRun is a check run as it is at one moment.
type CheckRun struct {
	ID                            int64
	Name, SHA, Status, Conclusion string
	Title, Summary, Text          string
	ExternalID, DetailsURL        string
	Annotations                   int
	Created                       time.Time
	Ours                          bool // made by our App
}

func loginOf(u *user) string {
	if u == nil || u.deleted {
		return "ghost"
	}
	return u.login
}

func labelNames(i *issue) []string {
	var out []string
	for _, l := range i.labels {
		out = append(out, l.name)
	}
	return out
}

func val(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (s *Server) prSnapshot(p *pull) PR {
	i := p.issue
	out := PR{ID: p.id, Number: i.number, Repo: i.repo.full(), Title: i.title, Body: val(i.body), Author: loginOf(i.user),
		State: i.state, Draft: p.draft, Merged: p.merged, Base: p.base, Head: p.head, BaseSHA: p.baseSHA,
		HeadSHA: p.headSHA, MergeSHA: p.mergeSHA, Labels: labelNames(i), RequestedTeams: teamSlugs(p.reviewTeams), Created: i.created, Updated: i.updated}
	if p.headRepo != nil {
		out.HeadRepo = p.headRepo.full()
	}
	if p.autoMerge != nil {
		out.AutoMergeBy = loginOf(p.autoMerge.by.user)
	}
	if p.mergedBy != nil {
		out.MergedBy = loginOf(p.mergedBy)
	}
	return out
}

func issueSnapshot(i *issue) Issue {
	out := Issue{ID: i.id, Number: i.number, Title: i.title, Body: val(i.body), Author: loginOf(i.user), State: i.state,
		StateReason: i.reason, Labels: labelNames(i), IsPR: i.pr != nil, ViaApp: i.viaApp, Created: i.created, Updated: i.updated}
	for _, u := range i.assignees {
		out.Assignees = append(out.Assignees, loginOf(u))
	}
	if i.milestone != nil {
		out.Milestone = i.milestone.title
	}
	return out
}

func commentSnapshot(c *comment) Comment {
	out := Comment{ID: c.id, Issue: c.issue.number, Author: loginOf(c.user), Body: c.body, ViaApp: c.viaApp,
		Created: c.created, Updated: c.updated, Reactions: map[string]int{}}
	for _, r := range c.reactions {
		out.Reactions[r.content]++
	}
	return out
}

func checkSnapshot(c *checkRun) CheckRun {
	return CheckRun{ID: c.id, Name: c.name, SHA: c.sha, Status: c.status, Conclusion: c.conclusion, Title: val(c.title),
		Summary: val(c.summary), Text: val(c.txt), ExternalID: c.external, DetailsURL: c.details,
		Annotations: len(c.annotations), Created: c.created, Ours: c.ofApp}
}

func read[T any](s *Server, full string, f func(*repo) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		var none T
		return none
	}
	return f(r)
}

// PRs are all pull requests of a repository by number.
func (s *Server) PRs(full string) []PR {
	return read(s, full, func(r *repo) (out []PR) {
		for _, i := range r.order {
			if i.pr != nil {
				out = append(out, s.prSnapshot(i.pr))
			}
		}
		return out
	})
}

// PR is one pull request; the zero PR when there is none.
func (s *Server) PR(full string, n int) PR {
	return read(s, full, func(r *repo) (out PR) {
		if i := r.issues[n]; i != nil && i.pr != nil {
			out = s.prSnapshot(i.pr)
		}
		return out
	})
}

// Issues are all issues of a repository by number, pull requests left out.
func (s *Server) Issues(full string) []Issue {
	return read(s, full, func(r *repo) (out []Issue) {
		for _, i := range r.order {
			if i.pr == nil && !i.deleted {
				out = append(out, issueSnapshot(i))
			}
		}
		return out
	})
}

// Issue is one issue or pull request; the zero Issue when there is none.
func (s *Server) Issue(full string, n int) Issue {
	return read(s, full, func(r *repo) (out Issue) {
		if i := r.issues[n]; i != nil && !i.deleted {
			out = issueSnapshot(i)
		}
		return out
	})
}

// Comments are an issue's or pull request's comments in order.
func (s *Server) Comments(full string, n int) []Comment {
	return read(s, full, func(r *repo) (out []Comment) {
		if i := r.issues[n]; i != nil {
			for _, c := range i.comments {
				out = append(out, commentSnapshot(c))
			}
		}
		return out
	})
}

// CheckRuns are a commit's check runs, oldest first, superseded ones of the same name included.
func (s *Server) CheckRuns(full, sha string) []CheckRun {
	return read(s, full, func(r *repo) (out []CheckRun) {
		for _, c := range r.checksBySHA[sha] {
			out = append(out, checkSnapshot(c))
		}
		return out
	})
}

// CheckRun is a commit's newest check run of a name.
func (s *Server) CheckRun(full, sha, name string) (CheckRun, bool) {
	all := s.CheckRuns(full, sha)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Name == name {
			return all[i], true
		}
	}
	return CheckRun{}, false
}

// CheckRunCount is how many check runs a repository has in all: a bot that repeats itself shows here.
func (s *Server) CheckRunCount(full string) int {
	return read(s, full, func(r *repo) int { return len(r.checks) })
}

// Labels are the names of a repository's labels.
func (s *Server) Labels(full string) []string {
	return read(s, full, func(r *repo) (out []string) {
		for _, l := range r.labels {
			out = append(out, l.name)
		}
		return out
	})
}

// Milestone is a milestone as it is at one moment.
type Milestone struct {
	Title, State string
	Due          time.Time // zero for none
}

// Milestones are all milestones of a repository by number.
func (s *Server) Milestones(full string) []Milestone {
	return read(s, full, func(r *repo) (out []Milestone) {
		for _, m := range r.milestones {
			one := Milestone{Title: m.title, State: m.state}
			if m.due != nil {
				one.Due = *m.due
			}
			out = append(out, one)
		}
		return out
	})
}

// Tags are a repository's tags, sorted.
func (s *Server) Tags(full string) []string {
	return read(s, full, func(r *repo) (out []string) {
		for ref := range r.refs {
			if t, isTag := strings.CutPrefix(ref, "refs/tags/"); isTag {
				out = append(out, t)
			}
		}
		sort.Strings(out)
		return out
	})
}

// Branch is a branch's head, "" when there is none.
func (s *Server) Branch(full, name string) string {
	return read(s, full, func(r *repo) string { sha, _ := r.branch(name); return sha })
}

// Branches are the names of a repository's branches, sorted.
func (s *Server) Branches(full string) []string {
	return read(s, full, func(r *repo) (out []string) {
		for ref := range r.refs {
			if b, isBranch := strings.CutPrefix(ref, "refs/heads/"); isBranch {
				out = append(out, b)
			}
		}
		sort.Strings(out)
		return out
	})
}

// File is a file's content on a branch (or at a SHA); ok is false when there is none.
func (s *Server) File(full, ref, path string) (content string, ok bool) {
	type result struct {
		text string
		ok   bool
	}
	x := read(s, full, func(r *repo) (out result) {
		sha := s.resolve(r, ref)
		c := r.git.commit(sha)
		if c == nil {
			return out
		}
		if e, found := r.git.lookup(c.Tree, path); found && !e.isTree() {
			b, err := r.git.blob(e.SHA)
			return result{string(b), err == nil}
		}
		return out
	})
	return x.text, x.ok
}

// Commits are the messages of a branch's commits, newest first.
func (s *Server) Commits(full, ref string) []string {
	return read(s, full, func(r *repo) (out []string) {
		for _, c := range r.git.log(s.resolve(r, ref), nil) {
			out = append(out, c.Message)
		}
		return out
	})
}

// GitDir is where a repository's bare git directory lies.
func (s *Server) GitDir(full string) string {
	return read(s, full, func(r *repo) string { return r.git.dir })
}

// Repos are the full names of all repositories, sorted.
func (s *Server) Repos() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.sortedRepos() {
		out = append(out, r.full())
	}
	return out
}

// People are the logins of all persons, sorted.
func (s *Server) People() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, u := range s.users {
		if u.kind == "User" && u != s.ghost {
			out = append(out, u.login)
		}
	}
	sort.Strings(out)
	return out
}

func (s *Server) sortedRepos() []*repo {
	out := make([]*repo, 0, len(s.repos))
	for _, r := range s.repos {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].full() < out[j].full() })
	return out
}

func teamSlugs(teams []*team) []string {
	var slugs []string
	for _, t := range teams {
		slugs = append(slugs, t.slug)
	}
	return slugs
}
