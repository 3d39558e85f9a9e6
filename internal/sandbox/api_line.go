package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// lineComment is a comment on a line of a pull request's diff. It is no comment of the issue: other endpoints list it, and
// another event tells of it.
type lineComment struct {
	id               int64
	pull             *pull
	review           *review
	user             *user
	path, commit     string
	line             int
	body             string
	created, updated time.Time
	reactions        []*reaction
}

// commentLine comments a line, which makes a review of its own without a text, as a single comment on GitHub's page does.
func (s *Server) commentLine(a actor, p *pull, path string, line int, body string) (*lineComment, error) {
	if strings.TrimSpace(body) == "" {
		return nil, invalid("PullRequestReviewComment", "body", "missing_field", "")
	}
	if err := checkBody("PullRequestReviewComment", body); err != nil {
		return nil, err
	}
	g := p.issue.repo.git
	if _, found := g.lookup(g.commit(p.headSHA).Tree, path); !found {
		return nil, invalid("PullRequestReviewComment", "pull_request_review_thread.path", "invalid", "")
	}
	now := s.now()
	v := &review{id: s.id(), user: a.user, state: "COMMENTED", commit: p.headSHA, submitted: now}
	x := &lineComment{id: s.id(), pull: p, review: v, user: a.user, path: path, commit: p.headSHA, line: line, body: body, created: now, updated: now}
	p.reviews, p.lines, p.issue.updated = append(p.reviews, v), append(p.lines, x), now
	s.emitReview("submitted", p, v, a)
	s.emit("pull_request_review_comment", "created", p.issue.repo, a, obj{"comment": s.lineObj(x), "pull_request": s.pullObj(p)})
	return x, nil
}

func (s *Server) lineObj(x *lineComment) obj {
	r, n := x.pull.issue.repo, x.pull.issue.number
	api, pull := fmt.Sprintf("%s/pulls/comments/%d", s.repoURL(r), x.id), fmt.Sprintf("%s/pulls/%d", s.repoURL(r), n)
	html := fmt.Sprintf("%s/pull/%d#discussion_r%d", s.repoHTML(r), n, x.id)
	return obj{"url": api, "id": x.id, "node_id": nodeID("PRRC", x.id), "pull_request_review_id": x.review.id, "diff_hunk": "@@ -0,0 +1 @@",
		"path": x.path, "position": x.line, "original_position": x.line, "line": x.line, "original_line": x.line, "start_line": nil,
		"original_start_line": nil, "side": "RIGHT", "start_side": nil, "subject_type": "line", "commit_id": x.pull.headSHA,
		"original_commit_id": x.commit, "user": s.someUser(x.user), "body": x.body, "created_at": stamp(x.created),
		"updated_at": stamp(x.updated), "html_url": html, "pull_request_url": pull, "reactions": rollup(api, x.reactions),
		"author_association": s.association(x.user, r),
		"_links":             obj{"self": obj{"href": api}, "html": obj{"href": html}, "pull_request": obj{"href": pull}}}
}

func listLines(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	return list(c, p.lines, c.s.lineObj)
}

func createLine(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	body, err := c.need("body")
	if err != nil {
		return reply{}, err
	}
	path, err := c.need("path")
	if err != nil {
		return reply{}, err
	}
	line, _, err := c.num("line")
	if err != nil {
		return reply{}, err
	}
	x, err := c.s.commentLine(c.actor, p, path, int(line), body)
	if err != nil {
		return reply{}, err
	}
	return created(c.s.lineObj(x))
}

// pathLine finds a comment on a line by its id; those of issues aren't among them.
func (c *call) pathLine() (*lineComment, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	for _, i := range c.repo.order {
		if i.pr == nil {
			continue
		}
		for _, x := range i.pr.lines {
			if x.id == id {
				return x, nil
			}
		}
	}
	return nil, errNotFound
}

func getLine(c *call) (reply, error) {
	x, err := c.pathLine()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.lineObj(x))
}

func createLineReaction(c *call) (reply, error) {
	x, err := c.pathLine()
	if err != nil {
		return reply{}, err
	}
	return c.reactTo(&x.reactions)
}

func createIssueReaction(c *call) (reply, error) {
	i, err := c.pathIssue()
	if err != nil {
		return reply{}, err
	}
	return c.reactTo(&i.reactions)
}
