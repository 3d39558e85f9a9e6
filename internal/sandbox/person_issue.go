package sandbox

import "strings"

// Comment writes a comment on an issue or pull request and returns its id.
func (p *Person) Comment(repo string, n int, body string) (int64, error) {
	var id int64
	err := p.onIssue(repo, n, func(s *Server, a actor, i *issue) error {
		c, err := s.addComment(a, i, body)
		if err == nil {
			id = c.id
		}
		return err
	})
	return id, err
}

func (p *Person) onComment(full string, id int64, f func(s *Server, a actor, c *comment) error) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		c := r.comments[id]
		if c == nil {
			return errNotFound
		}
		return f(s, a, c)
	})
}

// EditComment changes a comment, one's own or somebody else's, as those with write access may.
func (p *Person) EditComment(repo string, id int64, body string) error {
	return p.onComment(repo, id, func(s *Server, a actor, c *comment) error { return s.editComment(a, c, body) })
}

// DeleteComment deletes a comment.
func (p *Person) DeleteComment(repo string, id int64) error {
	return p.onComment(repo, id, func(s *Server, a actor, c *comment) error { s.deleteComment(a, c); return nil })
}

// React puts a reaction on a comment: +1, -1, laugh, confused, heart, hooray, rocket or eyes.
func (p *Person) React(repo string, id int64, content string) error {
	return p.onComment(repo, id, func(s *Server, a actor, c *comment) error {
		_, _, err := s.react(a, &c.reactions, content)
		return err
	})
}

// OpenIssue opens an issue and returns its number. Labels that don't exist are created.
func (p *Person) OpenIssue(full, title, body string, labels ...string) (int, error) {
	n := 0
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		i, err := s.openIssue(a, r, title, &body)
		if err != nil {
			return err
		}
		n = i.number
		s.emitIssue("opened", i, a, nil)
		return s.addLabels(a, i, labels)
	})
	return n, err
}

// EditTitle changes the title of an issue or pull request.
func (p *Person) EditTitle(repo string, n int, title string) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error { return s.edit(a, i, &title, nil) })
}

// EditBody changes the text of an issue or pull request, one's own or somebody else's.
func (p *Person) EditBody(repo string, n int, body string) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error { return s.edit(a, i, nil, &body) })
}

// EditBase points a pull request at another base branch.
func (p *Person) EditBase(repo string, n int, base string) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error { return s.editBase(a, pr, base) })
}

// Close closes an issue or, unmerged, a pull request.
func (p *Person) Close(repo string, n int) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error { s.setState(a, i, "closed", ""); return nil })
}

// Reopen opens a closed issue or pull request again.
func (p *Person) Reopen(repo string, n int) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error {
		if i.pr != nil {
			if err := s.reopenable(i.pr); err != nil {
				return err
			}
		}
		s.setState(a, i, "open", "")
		return nil
	})
}

// DeleteIssue deletes an issue: its number answers 410 from now on.
func (p *Person) DeleteIssue(repo string, n int) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error {
		if i.pr != nil {
			return unprocessable("a pull request can't be deleted")
		}
		s.emitIssue("deleted", i, a, nil)
		i.deleted = true
		return nil
	})
}

// TransferIssue moves an issue to another repository of the same owner and returns its number
// there. Its old number leads there from now on.
func (p *Person) TransferIssue(full string, n int, to string) (int, error) {
	number := 0
	err := p.onIssue(full, n, func(s *Server, a actor, i *issue) error {
		r, err := s.find(to)
		if err != nil {
			return err
		}
		if i.pr != nil || r.owner != i.repo.owner {
			return unprocessable("only an issue can be transferred, to a repository of the same owner")
		}
		there := s.newIssue(a, r, i.title, i.body)
		there.user, there.created, number = i.user, i.created, there.number
		s.emitIssue("transferred", i, a, obj{"changes": obj{"new_issue": s.issueObj(there), "new_repository": s.hookRepo(r)}})
		s.emitIssue("opened", there, a, obj{"changes": obj{"old_issue": s.issueObj(i), "old_repository": s.hookRepo(i.repo)}})
		i.deleted, i.movedTo = true, there
		return nil
	})
	return number, err
}

// Lock locks an issue or pull request: only those with write access may comment.
func (p *Person) Lock(repo string, n int) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error {
		i.locked = true
		s.event(a, i, "locked")
		s.emitIssue("locked", i, a, nil)
		return nil
	})
}

// AddLabel puts labels on an issue or pull request.
func (p *Person) AddLabel(repo string, n int, labels ...string) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error { return s.addLabels(a, i, labels) })
}

// RemoveLabel takes a label off.
func (p *Person) RemoveLabel(repo string, n int, name string) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error {
		l := i.repo.label(name)
		if l == nil || !i.hasLabel(l) {
			return &Error{Status: 404, Message: "Label does not exist"}
		}
		s.removeLabel(a, i, l)
		return nil
	})
}

// Assign assigns persons.
func (p *Person) Assign(repo string, n int, logins ...string) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error { s.assign(a, i, logins); return nil })
}

// Unassign takes assignees off.
func (p *Person) Unassign(repo string, n int, logins ...string) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error { s.unassign(a, i, logins); return nil })
}

// SetDraft turns a pull request into a draft, or makes it ready for review.
func (p *Person) SetDraft(repo string, n int, draft bool) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error { s.setDraft(a, pr, draft); return nil })
}

// Review reviews a pull request: state is APPROVE, REQUEST_CHANGES or COMMENT. It returns the review's id.
func (p *Person) Review(repo string, n int, state, body string) (int64, error) {
	var id int64
	err := p.onPull(repo, n, func(s *Server, a actor, pr *pull) error {
		full, known := reviewStates[strings.ToUpper(state)]
		if !known {
			return unprocessable("%q is no review", state)
		}
		v, err := s.addReview(a, pr, full, body)
		if err == nil {
			id = v.id
		}
		return err
	})
	return id, err
}

// CommentLine comments a line of a file of a pull request and returns the comment's id.
func (p *Person) CommentLine(repo string, n int, path string, line int, body string) (int64, error) {
	var id int64
	err := p.onPull(repo, n, func(s *Server, a actor, pr *pull) error {
		x, err := s.commentLine(a, pr, path, line, body)
		if err == nil {
			id = x.id
		}
		return err
	})
	return id, err
}

// UpdateBranch merges the base of a pull request into its branch.
func (p *Person) UpdateBranch(repo string, n int) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error { return s.updateBranch(a, pr) })
}

// DismissReview takes a review's word away.
func (p *Person) DismissReview(repo string, n int, id int64) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error {
		for _, v := range pr.reviews {
			if v.id == id {
				return s.dismissReview(a, pr, v)
			}
		}
		return errNotFound
	})
}

var reviewStates = map[string]string{"APPROVE": "APPROVED", "APPROVED": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED",
	"CHANGES_REQUESTED": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", "COMMENTED": "COMMENTED"}

// RequestReview asks persons to review.
func (p *Person) RequestReview(repo string, n int, logins ...string) error {
	return p.onPull(repo, n, func(s *Server, a actor, pr *pull) error { return s.requestReview(a, pr, logins, nil) })
}

// Rerequest asks for a check run to be done again; the App hears check_run rerequested.
func (p *Person) Rerequest(full string, checkRun int64) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		c := r.checkByID[checkRun]
		if c == nil {
			return errNotFound
		}
		s.emitCheck("rerequested", r, c, a)
		return nil
	})
}

// RerequestSuite asks for all checks of a commit to be done again; the App hears check_suite rerequested.
func (p *Person) RerequestSuite(full, sha string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		u := r.suites[sha]
		if u == nil {
			return errNotFound
		}
		s.emitSuite("rerequested", r, u, a)
		return nil
	})
}

// SetStatus sets a commit status as some CI would: state is error, failure, pending or success.
func (p *Person) SetStatus(full, sha, context, state string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		_, err := s.setStatus(a, r, sha, context, state, "", "")
		return err
	})
}

// EnqueueMergeGroup puts pull requests into a merge queue: a real merge commit of them stands on a
// gh-readonly-queue branch, and merge_group checks_requested is sent for it. It returns that commit.
func (p *Person) EnqueueMergeGroup(full string, base string, numbers ...int) (string, error) {
	sha := ""
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		var err error
		sha, err = s.mergeGroup(a, r, base, numbers)
		return err
	})
	return sha, err
}

// FinishMergeGroup has the merge queue merge a group, by the commit that EnqueueMergeGroup returned.
func (p *Person) FinishMergeGroup(full, sha string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error { return s.finishGroup(a, r, sha) })
}

// CreateMilestone makes a milestone and returns its number.
func (p *Person) CreateMilestone(full, title string) (int, error) {
	n := 0
	err := p.with(full, func(s *Server, a actor, r *repo) error {
		m, err := s.newMilestone(a, r, title)
		if err == nil {
			n = m.number
		}
		return err
	})
	return n, err
}

// SetMilestone puts an issue or pull request in a milestone; 0 takes it out.
func (p *Person) SetMilestone(repo string, n, milestone int) error {
	return p.onIssue(repo, n, func(s *Server, a actor, i *issue) error {
		m := i.repo.milestone(milestone)
		if m == nil && milestone != 0 {
			return errNotFound
		}
		s.setMilestone(a, i, m)
		return nil
	})
}

// RenameMilestone gives a milestone another title.
func (p *Person) RenameMilestone(full string, number int, title string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		m := r.milestone(number)
		if m == nil {
			return errNotFound
		}
		was := m.title
		m.title, m.updated = title, s.now()
		s.emit("milestone", "edited", r, a, obj{"milestone": s.milestoneObj(r, m), "changes": obj{"title": obj{"from": was}}})
		return nil
	})
}

// RenameLabel gives a label another name, on everything that carries it.
func (p *Person) RenameLabel(full, name, to string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		l := r.label(name)
		if l == nil {
			return errNotFound
		}
		was := l.name
		l.name = to
		s.emit("label", "edited", r, a, obj{"label": s.labelObj(r, l), "changes": obj{"name": obj{"from": was}}})
		return nil
	})
}

// DeleteLabel deletes a label, on everything that carries it.
func (p *Person) DeleteLabel(full, name string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		l := r.label(name)
		if l == nil {
			return errNotFound
		}
		s.deleteLabel(a, r, l)
		return nil
	})
}

// DeleteMilestone deletes a milestone, with everything taken out of it.
func (p *Person) DeleteMilestone(full string, number int) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		m := r.milestone(number)
		if m == nil {
			return errNotFound
		}
		s.deleteMilestone(a, r, m)
		return nil
	})
}
