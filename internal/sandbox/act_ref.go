package sandbox

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// writeRef moves, creates (old zeroSHA) or deletes (sha zeroSHA) a ref on disk and in memory, and lets the consequences
// follow. The caller has settled that it's allowed.
func (s *Server) writeRef(a actor, r *repo, ref, sha string) error {
	old := r.refs[ref]
	if old == sha {
		return nil
	}
	if sha == zeroSHA {
		if err := r.git.deleteRef(ref); err != nil {
			return err
		}
	} else if err := r.git.setRef(ref, sha); err != nil {
		return err
	}
	s.refMoved(a, r, ref, old, sha)
	return nil
}

// refMoved takes note of a ref that has moved on disk already, by us or by a push through git.
func (s *Server) refMoved(a actor, r *repo, ref, before, after string) {
	if before == "" {
		before = zeroSHA
	}
	if after == zeroSHA {
		delete(r.refs, ref)
	} else {
		r.refs[ref] = after
	}
	if strings.HasPrefix(ref, "refs/pull/") {
		return
	}
	r.pushed, r.updated = s.now(), s.now()
	forced := before != zeroSHA && after != zeroSHA && r.git.mergeBase(before, after) != before
	s.noteActivity(a, r, ref, before, after, forced)
	s.emitPush(r, a, ref, before, after, forced)
	if branch, isBranch := strings.CutPrefix(ref, "refs/heads/"); isBranch {
		s.requestSuite(a, r, branch, before, after)
		s.branchMoved(a, r, branch, before, after)
		if branch == r.defaultBranch && before != zeroSHA && after != zeroSHA {
			s.closeByKeyword(a, r, before, after)
		}
	}
}

// closing is how a message of a commit closes an issue or a pull request of its repository:
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
var closing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+#(\d+)\b`)
})

// closeByKeyword closes what the commits that came to the default branch say that they close. A pull request isn't merged by that.
func (s *Server) closeByKeyword(a actor, r *repo, before, after string) {
	for _, c := range r.git.between(before, after) {
		for _, m := range closing().FindAllStringSubmatch(c.Message, -1) {
			n, _ := strconv.Atoi(m[1])
			if i := r.issues[n]; i != nil && !i.deleted && i.state == "open" {
				s.setState(a, i, "closed", "")
			}
		}
	}
}

// requestSuite: each push makes a check suite for an App that may write checks, and asks the App to fill it.
func (s *Server) requestSuite(a actor, r *repo, branch, before, after string) {
	inst := s.instOf(r.owner)
	if after == zeroSHA || inst == nil || !inst.covers(r) || inst.perms["checks"] != "write" || !contains(inst.events, "check_suite") {
		return
	}
	u := s.suiteFor(r, after, true)
	u.branch, u.before = branch, before
	s.emitSuite("requested", r, u, a)
}

func (s *Server) emitSuite(action string, r *repo, u *checkSuite, a actor) {
	s.emit("check_suite", action, r, a, obj{"check_suite": s.suiteObj(r, u)})
}

// branchMoved carries a branch's move to the pull requests from and to it.
func (s *Server) branchMoved(a actor, r *repo, branch, before, after string) {
	for _, base := range s.network(r) {
		for _, i := range base.order {
			p := i.pr
			if p == nil || i.state != "open" {
				continue
			}
			if p.headRepo == r && p.head == branch {
				s.headMoved(a, p, before, after)
			}
			if base == r && p.base == branch && i.state == "open" {
				s.baseMoved(a, p, before, after)
			}
		}
	}
}

// network is the repositories that may hold pull requests from r.
func (s *Server) network(r *repo) []*repo {
	out := []*repo{r}
	if r.parent != nil {
		out = append(out, r.parent)
	}
	return out
}

func (s *Server) headMoved(a actor, p *pull, before, after string) {
	if after == zeroSHA {
		s.event(a, p.issue, "head_ref_deleted")
		s.setState(a, p.issue, "closed", "")
		return
	}
	p.headSHA, p.headAt = after, s.now()
	p.issue.updated = s.now()
	s.pullRefs(p)
	if p.issue.repo.git.mergeBase(before, after) != before {
		s.event(a, p.issue, "head_ref_force_pushed")
	}
	s.emitPull("synchronize", p, a, obj{"before": before, "after": after})
	if !s.pushes(a, p.issue.repo) {
		s.dropAutoMerge(a, p, "Head branch was pushed to by a user without write access")
	}
}

// pushes says whether somebody, or our App, may push to a repository.
func (s *Server) pushes(a actor, r *repo) bool {
	return a.user == nil || a.user.kind == "Bot" || s.can(a.user, r, "write")
}

// baseMoved closes a pull request whose base went, and notes one whose commits came in by a push.
func (s *Server) baseMoved(a actor, p *pull, before, after string) {
	if after == zeroSHA {
		s.setState(a, p.issue, "closed", "")
		return
	}
	r := p.issue.repo
	if r.git.mergeBase(after, p.headSHA) == p.headSHA && p.headSHA != p.baseSHA {
		p.baseSHA = before // it goes on to show what it was when it was merged
		s.markMerged(a, p, r.git.brings(after, p.headSHA))
	}
}

// pullRefs keeps refs/pull/N/head, which git clients fetch.
func (s *Server) pullRefs(p *pull) {
	ref := fmt.Sprintf("refs/pull/%d/head", p.issue.number)
	if p.issue.repo.git.setRef(ref, p.headSHA) == nil {
		p.issue.repo.refs[ref] = p.headSHA
	}
}

func (s *Server) markMerged(a actor, p *pull, sha string) {
	now := s.now()
	p.merged, p.mergedAt, p.mergedBy, p.mergeSHA = true, &now, a.user, sha
	p.issue.state, p.issue.closed, p.issue.closedBy = "closed", &now, a.user
	s.event(a, p.issue, "merged").commit = sha
	s.event(a, p.issue, "closed")
	s.emitPull("closed", p, a, nil)
}

// tip is where the base branch is now; a deleted one is where it was.
func (p *pull) tip() string {
	if sha, found := p.issue.repo.branch(p.base); found {
		return sha
	}
	return p.baseSHA
}

// sign is a person's signature on a commit made now.
func (s *Server) sign(u *user) signature {
	return signature{Name: u.login, Email: fmt.Sprintf("%d+%s@%s", u.id, u.login, noreply), When: s.now()}
}

// signedCommit makes a commit in the name of who asked for it. What an App commits by the API of github.com without saying
// whose it is, GitHub commits and signs itself:
// https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
func (s *Server) signedCommit(a actor, r *repo, tree string, parents []string, message string) (string, error) {
	if !a.app || s.opts.Profile != GitHubCom {
		return r.git.writeCommit(tree, parents, s.sign(a.user), s.sign(a.user), message)
	}
	return s.signedBySite(r.git.writeCommit(tree, parents, s.sign(a.user), s.webFlow(), message))
}

// commitFiles puts a commit with changes on a branch, which it creates when from is given and it doesn't exist.
func (s *Server) commitFiles(a actor, r *repo, branch, from string, changes map[string]change, message string) (string, error) {
	parent, found := r.branch(branch)
	if !found {
		parent = from
	}
	tree := ""
	var parents []string
	if parent != "" {
		c := r.git.commit(parent)
		if c == nil {
			return "", unprocessable("No commit found for SHA: %s", parent)
		}
		tree, parents = c.Tree, []string{parent}
	}
	newTree, err := r.git.applyChanges(tree, changes)
	if err != nil {
		return "", unprocessable("%s", err)
	}
	sha, err := s.signedCommit(a, r, newTree, parents, message)
	if err != nil {
		return "", err
	}
	return sha, s.writeRef(a, r, "refs/heads/"+branch, sha)
}

// validRef follows git check-ref-format.
func validRef(ref string) bool {
	if !strings.HasPrefix(ref, "refs/") || strings.Count(ref, "/") < 2 || strings.HasSuffix(ref, "/") ||
		strings.HasSuffix(ref, ".") || strings.ContainsAny(ref, " ~^:?*[\\\x7f") || strings.Contains(ref, "@{") {
		return false
	}
	for _, part := range strings.Split(ref, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") || strings.Contains(part, "..") {
			return false
		}
	}
	for _, c := range ref {
		if c < 32 {
			return false
		}
	}
	return true
}
