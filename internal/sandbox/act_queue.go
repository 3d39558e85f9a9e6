package sandbox

import "fmt"

// mergeGroup builds the commit that a merge queue would test, and announces it.
func (s *Server) mergeGroup(a actor, r *repo, base string, numbers []int) (string, error) {
	tip, found := r.branch(base)
	if !found || len(numbers) == 0 {
		return "", errNotFound
	}
	start := tip
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
		msg := fmt.Sprintf("Merge pull request #%d from %s\n\n%s", n, i.pr.head, i.title)
		if tip, err = r.git.writeCommit(res.tree, []string{tip, i.pr.headSHA}, s.sign(a.user), s.webFlow(), msg); err != nil {
			return "", err
		}
	}
	ref := fmt.Sprintf("refs/heads/gh-readonly-queue/%s/pr-%d-%s", base, numbers[len(numbers)-1], start)
	if err := s.writeRef(a, r, ref, tip); err != nil {
		return "", err
	}
	c := r.git.commit(tip)
	s.emit("merge_group", "checks_requested", r, a, obj{"merge_group": obj{"head_sha": tip, "head_ref": ref,
		"base_sha": start, "base_ref": "refs/heads/" + base, "head_commit": simpleCommit(c)}})
	return tip, nil
}
