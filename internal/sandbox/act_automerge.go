package sandbox

import (
	"strings"
	"time"
)

// autoMerge is that a pull request is to be merged as soon as it may be.
type autoMerge struct {
	by     actor
	method string
	at     time.Time
}

// methodNames are GitHub's words for the ways of merging.
var methodNames = map[string]string{"merge": "merge commits are", "squash": "squash merging is", "rebase": "rebase merging is"}

func unprocessed(message string) error { return &graphError{"UNPROCESSABLE", message} }

// enableAutoMerge: GitHub takes it only where a setting allows it and something still holds the merge back. A branch with a
// merge queue has what may be merged put into the queue.
func (s *Server) enableAutoMerge(a actor, p *pull, method string) error {
	r := p.issue.repo
	if method == "" {
		method = "merge"
	}
	s.warm(p)
	state := s.mergeState(p)
	switch ready := state == "clean" || state == "unstable"; {
	case p.issue.state != "open":
		return unprocessed("Pull request is closed")
	case !r.autoMerge:
		return unprocessed("Pull request Auto merge is not allowed for this repository")
	case s.queued(r, p.base):
		if ready {
			s.event(a, p.issue, "added_to_merge_queue")
			s.emitPull("enqueued", p, a, nil)
			return nil
		}
	case contains(r.noMethods, method):
		return unprocessed("Merge method " + methodNames[method] + " not allowed on this repository")
	case !s.ruledBranch(r, p.base):
		return unprocessed("Pull request Protected branch rules not configured for this branch")
	case ready || state == "dirty":
		return unprocessed("Pull request Pull request is in " + state + " status")
	}
	p.autoMerge = &autoMerge{a, method, s.now()}
	kind := map[string]string{"squash": "auto_squash_enabled", "rebase": "auto_rebase_enabled"}[method]
	if kind == "" {
		kind = "auto_merge_enabled"
	}
	s.event(a, p.issue, kind)
	s.emitPull("auto_merge_enabled", p, a, nil)
	return nil
}

// queued says whether a branch has a merge queue.
func (s *Server) queued(r *repo, base string) bool {
	if p := r.protected[base]; p != nil && p.Queue != "" {
		return true
	}
	for _, x := range r.rulesets {
		if x.Queue && x.names("refs/heads/"+base) {
			return true
		}
	}
	return false
}

// ruledBranch says whether there is any rule for merges into a branch.
func (s *Server) ruledBranch(r *repo, base string) bool {
	for _, x := range r.rulesets {
		if x.names("refs/heads/" + base) {
			return true
		}
	}
	return r.protected[base] != nil
}

func (s *Server) disableAutoMerge(a actor, p *pull) error {
	if p.autoMerge == nil {
		return unprocessed("Can't disable auto-merge for this pull request.")
	}
	s.dropAutoMerge(a, p, "")
	return nil
}

// dropAutoMerge is that somebody, or GitHub itself after what somebody did, asks for it no more.
func (s *Server) dropAutoMerge(a actor, p *pull, reason string) {
	if p == nil || p.autoMerge == nil {
		return
	}
	p.autoMerge = nil
	s.event(a, p.issue, "auto_merge_disabled")
	s.emitPull("auto_merge_disabled", p, a, obj{"reason": reason})
}

// mergeWaiting merges the pull requests at a commit that wait for no more than its required checks.
func (s *Server) mergeWaiting(r *repo, sha string) {
	for _, i := range r.order {
		p := i.pr
		if p == nil || p.autoMerge == nil || p.headSHA != sha || i.state != "open" {
			continue
		}
		s.warm(p)
		state := s.mergeState(p)
		switch ready := state == "clean" || state == "unstable"; {
		case ready && s.queued(r, p.base):
			a := p.autoMerge.by
			p.autoMerge = nil
			s.event(a, i, "added_to_merge_queue")
			s.emitPull("enqueued", p, a, nil)
		case ready:
			_, _ = s.mergePull(p.autoMerge.by, p, p.autoMerge.method, "", "") // one that is refused goes on waiting, as on GitHub
		}
	}
}

// updateRefs moves and deletes refs, each only from where it is said to be; a mistake in one of them moves none.
func (c *call) updateRefs(args obj) (any, error) {
	in := input(args)
	var r *repo
	for _, one := range c.s.repos {
		if in["repositoryId"] == nodeID("R", one.id) && !one.deleted && c.sees(one) {
			r = one
		}
	}
	if r == nil {
		return nil, notResolved("a node with the global id of '%v'", in["repositoryId"])
	}
	if err := c.mayWrite(r, "contents:write", "write"); err != nil {
		return nil, err
	}
	updates, _ := in["refUpdates"].([]any)
	for _, do := range []func(ref, after string) error{
		func(ref, after string) error { return c.movable(r, ref, after) },
		func(ref, after string) error { return c.s.writeRef(c.actor, r, ref, after) },
	} {
		for _, one := range updates {
			u, _ := one.(obj)
			ref, _ := u["name"].(string)
			before, _ := u["beforeOid"].(string)
			after, _ := u["afterOid"].(string)
			if now := r.refs[ref]; before != "" && before != now && !(before == zeroSHA && now == "") && now != after {
				return nil, unprocessed("Reference cannot be updated: " + ref + " is not at " + before)
			}
			if err := do(ref, after); err != nil {
				return nil, err
			}
		}
	}
	return &graph{"UpdateRefsPayload", obj{"clientMutationId": in["clientMutationId"]}}, nil
}

func (c *call) movable(r *repo, ref, after string) error {
	switch {
	case after == zeroSHA && r.protected[strings.TrimPrefix(ref, "refs/heads/")] != nil:
		return unprocessable("Cannot delete a protected branch")
	case after == zeroSHA && ref == "refs/heads/"+r.defaultBranch:
		return unprocessable("Cannot delete the default branch")
	}
	return c.s.ruled(c.actor, r, ref, after, nil, 422)
}

// EnableAutoMerge has GitHub merge a pull request once it may: method is merge, squash or rebase.
func (p *Person) EnableAutoMerge(repo string, n int, method string) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error { return s.enableAutoMerge(a, pr, method) })
}

// DisableAutoMerge takes that back.
func (p *Person) DisableAutoMerge(repo string, n int) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error { return s.disableAutoMerge(a, pr) })
}

// RestoreBranch is GitHub's button on a pull request that is closed, and whose branch was deleted.
func (p *Person) RestoreBranch(repo string, n int) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error {
		s.event(a, pr.issue, "head_ref_restored")
		return s.writeRef(a, pr.headRepo, "refs/heads/"+pr.head, pr.headSHA)
	})
}

// Dequeue takes a pull request out of its merge queue.
func (p *Person) Dequeue(repo string, n int) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error {
		s.event(a, pr.issue, "removed_from_merge_queue")
		s.emitPull("dequeued", pr, a, obj{"reason": "MANUAL"})
		return nil
	})
}

// ForbidMethods has a repository take no merges of some ways: merge, squash, rebase. None named allows all.
func (s *Server) ForbidMethods(full string, methods ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err == nil {
		r.noMethods = methods
	}
	return err
}
