package sandbox

import (
	"fmt"
	"slices"
)

// group is what a merge queue tests: a commit for each pull request, each on top of the one before.
type group struct {
	base, ref, start, tip string
	pulls                 []*pull
	commits               []string // what each pull request comes to
}

// mergeGroup builds the commits that a merge queue would test, by the branch's own way of merging, and announces them.
func (s *Server) mergeGroup(a actor, r *repo, base string, numbers []int) (string, error) {
	tip, found := r.branch(base)
	if !found || len(numbers) == 0 {
		return "", errNotFound
	}
	method := ""
	if p := r.protected[base]; p != nil {
		method = p.Queue
	}
	q := &group{base: base, start: tip}
	for _, n := range numbers {
		i := r.issues[n]
		if i == nil || i.pr == nil {
			return "", errNotFound
		}
		res, err := r.git.mergeTree(tip, i.pr.headSHA)
		if err != nil {
			return "", err
		}
		if res.conflict {
			return "", errConflict
		}
		if tip, err = s.mergedOn(a, i.pr, method, tip, res.tree, "", ""); err != nil {
			return "", err
		}
		q.pulls, q.commits = append(q.pulls, i.pr), append(q.commits, tip)
	}
	q.tip, q.ref = tip, fmt.Sprintf("refs/heads/gh-readonly-queue/%s/pr-%d-%s", base, numbers[len(numbers)-1], q.start)
	if err := s.writeRef(a, r, q.ref, tip); err != nil {
		return "", err
	}
	r.groups = append(r.groups, q)
	s.emitGroup("checks_requested", r, q, a, nil)
	return tip, nil
}

func (s *Server) emitGroup(action string, r *repo, q *group, a actor, reason any) {
	o := obj{"merge_group": obj{"head_sha": q.tip, "head_ref": q.ref, "base_sha": q.start, "base_ref": "refs/heads/" + q.base,
		"head_commit": simpleCommit(r.git.commit(q.tip))}}
	if reason != nil {
		o["reason"] = reason
	}
	s.emit("merge_group", action, r, a, o)
}

// finishGroup merges a tested group: its commit becomes the branch's, and its pull requests are merged by it.
func (s *Server) finishGroup(a actor, r *repo, sha string) error {
	k := slices.IndexFunc(r.groups, func(q *group) bool { return q.tip == sha })
	if k < 0 {
		return errNotFound
	}
	q := r.groups[k]
	if now, _ := r.branch(q.base); now != q.start {
		return &Error{Status: 409, Message: "The base has moved; the group has to be built anew."}
	}
	r.groups = slices.Delete(r.groups, k, k+1)
	for n, p := range q.pulls { // marked first, so that the push finds nothing left to mark
		s.markMergedQuietly(a, p, q.commits[n])
	}
	if err := s.writeRef(a, r, "refs/heads/"+q.base, q.tip); err != nil {
		return err
	}
	r.latestIs("merge_queue_merge")
	for _, p := range q.pulls {
		s.emitPull("closed", p, a, nil)
	}
	s.emitGroup("destroyed", r, q, a, "merged")
	return s.writeRef(a, r, q.ref, zeroSHA)
}
