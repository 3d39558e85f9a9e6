package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

type pullSpec struct {
	base, head string
	headRepo   *repo
	title      string
	body       *string
	draft      bool
	modify     bool
	number     int // 0: the next
}

func (s *Server) openPull(a actor, r *repo, spec pullSpec) (*pull, error) {
	if err := checkTitle("PullRequest", spec.title); err != nil {
		return nil, err
	}
	if spec.body != nil {
		if err := checkBody("PullRequest", *spec.body); err != nil {
			return nil, err
		}
	}
	base, found := r.branch(spec.base)
	if !found {
		return nil, invalid("PullRequest", "base", "invalid", "")
	}
	if spec.headRepo == nil {
		return nil, invalid("PullRequest", "head", "invalid", "")
	}
	head, found := spec.headRepo.branch(spec.head)
	if !found {
		return nil, invalid("PullRequest", "head", "invalid", "")
	}
	label := spec.headRepo.owner.login + ":" + spec.head
	for _, i := range r.order {
		if i.pr != nil && i.state == "open" && i.pr.headRepo == spec.headRepo && i.pr.head == spec.head && i.pr.base == spec.base {
			return nil, invalid("PullRequest", "", "custom", "A pull request already exists for "+label+".")
		}
	}
	mb := r.git.mergeBase(base, head)
	if mb == head {
		return nil, invalid("PullRequest", "", "custom", fmt.Sprintf("No commits between %s and %s", spec.base, spec.head))
	}
	if mb == "" {
		return nil, invalid("PullRequest", "", "custom", fmt.Sprintf("The %s branch has no history in common with %s", spec.base, label))
	}
	i := (*issue)(nil)
	if spec.number == 0 {
		i = s.newIssue(a, r, spec.title, spec.body)
	} else if r.issues[spec.number] == nil {
		i = s.newNumbered(a, r, spec.number, spec.title, spec.body)
	} else {
		return nil, invalid("PullRequest", "number", "custom", "It has been given.")
	}
	i.pr = &pull{id: s.id(), issue: i, base: spec.base, head: spec.head, baseSHA: base, headSHA: head, headAt: s.now(),
		headRepo: spec.headRepo, headOwner: spec.headRepo.owner, draft: spec.draft, maintainerEdit: spec.modify && spec.headRepo != r}
	s.pullRefs(i.pr)
	s.emitPull("opened", i.pr, a, nil)
	return i.pr, nil
}

// editBase points a pull request at another branch.
func (s *Server) editBase(a actor, p *pull, base string) error {
	sha, found := p.issue.repo.branch(base)
	if !found {
		return invalid("PullRequest", "base", "invalid", "")
	}
	if base == p.base {
		return nil
	}
	if p.issue.state != "open" {
		return invalid("PullRequest", "base", "custom", "Cannot change the base branch of a closed pull request.")
	}
	if p.issue.repo.git.mergeBase(sha, p.headSHA) == p.headSHA {
		return invalid("PullRequest", "", "custom", fmt.Sprintf("There are no new commits between base branch '%s' and head branch '%s'", base, p.head))
	}
	from := obj{"ref": obj{"from": p.base}, "sha": obj{"from": p.baseSHA}}
	p.base, p.baseSHA, p.issue.updated = base, sha, s.now()
	s.event(a, p.issue, "base_ref_changed")
	s.emitPull("edited", p, a, obj{"changes": obj{"base": from}})
	if !s.pushes(a, p.issue.repo) { // whoever may write keeps it
		s.dropAutoMerge(a, p, "Base branch was modified")
	}
	return nil
}

// reopenable says why a pull request can't be opened again.
func (s *Server) reopenable(p *pull) error {
	if p.merged {
		return invalid("PullRequest", "state", "invalid", "")
	}
	if p.headRepo == nil || p.headRepo.deleted {
		return invalid("PullRequest", "state", "invalid", "state cannot be changed. The repository that submitted this pull request has been deleted.")
	}
	sha, found := p.headRepo.branch(p.head)
	if !found {
		return invalid("PullRequest", "state", "invalid", fmt.Sprintf("state cannot be changed. The %s branch has been deleted.", p.head))
	}
	if _, found := p.issue.repo.branch(p.base); !found {
		return invalid("PullRequest", "state", "invalid", fmt.Sprintf("state cannot be changed. The %s branch has been deleted.", p.base))
	}
	p.headSHA = sha
	return nil
}

// counts are the numbers that a full pull request carries.
type counts struct{ commits, added, removed, files int }

func (s *Server) countsOf(p *pull) counts {
	g := p.issue.repo.git
	base := p.baseSHA
	if !p.merged {
		base = p.tip()
	}
	mb := g.mergeBase(base, p.headSHA)
	var n counts
	n.commits = len(g.between(base, p.headSHA))
	d, err := g.diff(mb, p.headSHA)
	if err != nil {
		return n
	}
	n.files = len(d)
	for _, f := range d {
		n.added += f.Added
		n.removed += f.Removed
	}
	return n
}

// warm computes outside the lock what a full pull request needs from git, mergeability included.
func (s *Server) warm(p *pull) {
	g, base, head, merged := p.issue.repo.git, p.tip(), p.headSHA, p.merged
	var res mergeResult
	var err error
	s.outside(func() {
		b := base
		if merged {
			b = p.baseSHA
		}
		g.diff(g.mergeBase(b, head), head)
		if !merged {
			res, err = g.mergeTree(base, head)
		}
	})
	if merged || err != nil {
		return
	}
	if s.opts.SlowMergeable && p.mergeKey != base+" "+head && !p.asked {
		p.asked = true // this reader is told null; the next one gets the value
		return
	}
	p.asked = false
	p.mergeKey, p.mergeable = base+" "+head, !res.conflict
}

// mergePull merges for real. The caller holds the lock; git works on immutable objects meanwhile.
func (s *Server) mergePull(a actor, p *pull, method, title, message string) (string, error) {
	i, r := p.issue, p.issue.repo
	switch {
	case p.merged || i.state != "open":
		return "", &Error{Status: 405, Message: "Pull Request is not mergeable"}
	case p.draft:
		return "", &Error{Status: 405, Message: "Pull Request is still a draft"}
	case contains(r.noMethods, cmp.Or(method, "merge")):
		return "", &Error{Status: 405, Message: map[string]string{"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[cmp.Or(method, "merge")] +
			" are not allowed on this repository."}
	case r.protected[p.base] != nil && !s.requiredPass(p):
		return "", &Error{Status: 405, Message: "Required status check is expected."}
	}
	if err := s.ruled(a, r, "refs/heads/"+p.base, "", p, 405); err != nil {
		return "", err
	}
	base, head := p.tip(), p.headSHA
	res, err := r.git.mergeTree(base, head)
	if err != nil {
		return "", err
	}
	if res.conflict {
		return "", &Error{Status: 405, Message: "Pull Request has merge conflicts"}
	}
	sha, err := s.mergedOn(a, p, method, base, res.tree, title, message)
	if err != nil {
		return "", err
	}
	// Marked first, so that the push finds nothing left to mark.
	s.markMergedQuietly(a, p, sha)
	if err := s.writeRef(a, r, "refs/heads/"+p.base, sha); err != nil {
		return "", err
	}
	r.latestIs("pr_merge")
	s.emitPull("closed", p, a, nil)
	return sha, nil
}

// mergedOn makes the commits that a pull request comes to on a base, and returns the last; tree is what merging them gives.
func (s *Server) mergedOn(a actor, p *pull, method, base, tree, title, message string) (string, error) {
	switch method {
	case "", "merge":
		return s.mergeCommit(a, p, base, tree, title, message)
	case "squash":
		return s.squashCommit(a, p, base, tree, title, message)
	case "rebase":
		return s.rebaseCommits(a, p, base)
	}
	return "", unprocessable("Invalid request.\n\nFor 'properties/merge_method', %q is not in [\"merge\", \"squash\", \"rebase\"].", method)
}

func (s *Server) markMergedQuietly(a actor, p *pull, sha string) {
	now := s.now()
	p.merged, p.mergedAt, p.mergedBy, p.mergeSHA, p.baseSHA = true, &now, a.user, sha, p.tip()
	p.issue.state, p.issue.closed, p.issue.closedBy = "closed", &now, a.user
	s.event(a, p.issue, "merged").commit = sha
	s.event(a, p.issue, "closed")
}

// signedBySite notes that GitHub itself made a commit, which it signs.
func (s *Server) signedBySite(sha string, err error) (string, error) {
	if err == nil {
		s.signed[sha] = true
	}
	return sha, err
}

// webFlow is who commits what the site merges.
func (s *Server) webFlow() signature {
	return signature{Name: "GitHub", Email: "noreply@github.com", When: s.now()}
}

func (s *Server) mergeCommit(a actor, p *pull, base, tree, title, message string) (string, error) {
	if title == "" {
		owner := ""
		if p.headOwner != nil {
			owner = p.headOwner.login
		}
		title = fmt.Sprintf("Merge pull request #%d from %s/%s", p.issue.number, owner, p.head)
		if message == "" {
			message = p.issue.title
		}
	}
	return s.signedBySite(p.issue.repo.git.writeCommit(tree, []string{base, p.headSHA}, s.sign(a.user), s.webFlow(), join(title, message)))
}

func join(title, message string) string {
	if message == "" {
		return title
	}
	return title + "\n\n" + message
}

func (s *Server) squashCommit(a actor, p *pull, base, tree, title, message string) (string, error) {
	g := p.issue.repo.git
	list := g.between(base, p.headSHA)
	author := s.sign(a.user)
	if p.issue.user != nil && !p.issue.user.deleted {
		author = s.sign(p.issue.user)
	}
	if title == "" {
		title = p.issue.title
		if len(list) == 1 {
			title, _, _ = strings.Cut(list[0].Message, "\n")
		}
		title += fmt.Sprintf(" (#%d)", p.issue.number)
	}
	if message == "" && len(list) > 1 {
		for _, c := range list {
			message += "* " + c.Message + "\n\n"
		}
	} else if message == "" && len(list) == 1 {
		_, rest, _ := strings.Cut(list[0].Message, "\n")
		message = strings.TrimSpace(rest)
	}
	return s.signedBySite(g.writeCommit(tree, []string{base}, author, s.webFlow(), join(title, strings.TrimSpace(message))))
}

// rebaseCommits replays each commit on the base: a merge against a synthetic commit whose parent is the commit's own. Merges,
// and what changes nothing there, are left out, as by GitHub.
func (s *Server) rebaseCommits(a actor, p *pull, base string) (string, error) {
	g := p.issue.repo.git
	tip := base
	for _, c := range g.between(base, p.headSHA) {
		if len(c.Parents) != 1 {
			continue
		}
		fake, err := g.writeCommit(g.commit(tip).Tree, c.Parents, c.Author, c.Committer, "rebase")
		if err != nil {
			return "", err
		}
		res, err := g.mergeTree(fake, c.SHA)
		if err != nil {
			return "", err
		}
		if res.conflict {
			return "", &Error{Status: 405, Message: "This branch can't be rebased due to conflicts"}
		}
		if res.tree == g.commit(tip).Tree {
			continue
		}
		committer := s.sign(a.user)
		if tip, err = g.writeCommit(res.tree, []string{tip}, c.Author, committer, c.Message); err != nil {
			return "", err
		}
	}
	return tip, nil
}

func (s *Server) addReview(a actor, p *pull, state, body string) (*review, error) {
	switch {
	case state != "COMMENTED" && state != "PENDING" && p.issue.user == a.user:
		what := map[string]string{"APPROVED": "approve", "CHANGES_REQUESTED": "request changes on"}[state]
		return nil, &Error{Status: 422, Message: "Unprocessable Entity: Can not " + what + " your own pull request"}
	case state != "APPROVED" && state != "PENDING" && strings.TrimSpace(body) == "":
		return nil, &Error{Status: 422, Message: "Unprocessable Entity: Body is required"}
	}
	if err := checkBody("PullRequestReview", body); err != nil {
		return nil, err
	}
	v := &review{id: s.id(), user: a.user, body: body, state: state, commit: p.headSHA, submitted: s.now()}
	p.reviews = append(p.reviews, v)
	p.reviewers = without(p.reviewers, a.user)
	// GitHub takes a team's request as answered once one of its members reviews.
	p.reviewTeams = slices.DeleteFunc(p.reviewTeams, func(t *team) bool { return t.has(a.user) })
	p.issue.updated = s.now()
	if state != "PENDING" {
		s.emitReview("submitted", p, v, a)
	}
	return v, nil
}

func (s *Server) emitReview(action string, p *pull, v *review, a actor) {
	o := s.reviewObj(p, v)
	o["state"] = strings.ToLower(v.state)
	if v.body == "" {
		o["body"] = nil
	}
	s.emit("pull_request_review", action, p.issue.repo, a, obj{"review": o, "pull_request": s.pullObj(p)})
}

// requiredPass says whether every required check of a protected branch is green.
func (s *Server) requiredPass(p *pull) bool {
	required := p.issue.repo.protected[p.base]
	for _, name := range required.Checks {
		if !s.passes(p.issue.repo, p.headSHA, name, false) {
			return false
		}
	}
	for _, name := range required.AppChecks {
		if !s.passes(p.issue.repo, p.headSHA, name, true) {
			return false
		}
	}
	return true
}

// passes says whether a check is green. One that is bound to our App counts as its check run alone.
func (s *Server) passes(r *repo, sha, name string, bound bool) bool {
	for _, c := range s.latestRuns(r, sha) {
		if c.name == name && (c.ofApp || !bound) {
			return c.status == "completed" && (c.conclusion == "success" || c.conclusion == "neutral" || c.conclusion == "skipped")
		}
	}
	for k := len(r.statuses[sha]) - 1; k >= 0 && !bound; k-- {
		if t := r.statuses[sha][k]; t.ctx == name {
			return t.state == "success"
		}
	}
	return false
}
