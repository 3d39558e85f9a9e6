package sandbox

import (
	"slices"
	"strings"
)

func listReviews(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	var all []*review
	for _, v := range p.reviews {
		if v.state != "PENDING" || v.user == c.actor.user {
			all = append(all, v)
		}
	}
	return list(c, all, func(v *review) obj { return c.s.reviewObj(p, v) })
}

func createReview(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	event, _, err := c.str("event")
	if err != nil {
		return reply{}, err
	}
	body, _, err := c.str("body")
	if err != nil {
		return reply{}, err
	}
	state, known := reviewStates[event]
	if event == "" {
		state, known = "PENDING", true
	}
	if !known {
		return reply{}, unprocessable("Invalid request.\n\nFor 'properties/event', %q is not a possible value.", event)
	}
	v, err := c.s.addReview(c.actor, p, state, body)
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.reviewObj(p, v))
}

func (s *Server) dismissReview(a actor, p *pull, v *review) error {
	if v.state != "APPROVED" && v.state != "CHANGES_REQUESTED" {
		return unprocessable("Can not dismiss a review that is not approved or requesting changes")
	}
	e := s.event(a, p.issue, "review_dismissed")
	e.review, e.was = v, strings.ToLower(v.state)
	v.state = "DISMISSED"
	s.emitReview("dismissed", p, v, a)
	return nil
}

func getReviewers(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	teams := []obj{}
	for _, t := range p.reviewTeams {
		teams = append(teams, c.s.teamObj(t))
	}
	return ok(obj{"users": c.s.users3(p.reviewers), "teams": teams})
}

// requestReview asks persons and teams; somebody without a part in the repository is refused.
func (s *Server) requestReview(a actor, p *pull, logins, teams []string) error {
	r := p.issue.repo
	var users []*user
	for _, login := range logins {
		u := s.users[strings.ToLower(login)]
		switch {
		case u == nil || !s.assignable(u, r):
			return unprocessable("Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the %s repository.", r.full())
		case u == p.issue.user:
			return unprocessable("Review cannot be requested from pull request author.")
		}
		users = append(users, u)
	}
	for _, slug := range teams {
		t, err := s.team(r.owner.login, slug)
		if err != nil {
			return unprocessable("Could not resolve to a node with the global id of '%s'.", slug)
		}
		if !slices.Contains(p.reviewTeams, t) {
			p.reviewTeams = append(p.reviewTeams, t)
			s.event(a, p.issue, "review_requested").reviewTeam = t
			s.emitPull("review_requested", p, a, obj{"requested_team": s.teamObj(t)})
		}
	}
	for _, u := range users {
		if !hasUser(p.reviewers, u) {
			p.reviewers = append(p.reviewers, u)
			s.event(a, p.issue, "review_requested").reviewer = u
			s.emitPull("review_requested", p, a, obj{"requested_reviewer": s.userObj(u)})
		}
	}
	return nil
}

func (c *call) reviewerFields() (users, teams []string, err error) {
	if users, _, err = c.strs("reviewers"); err == nil {
		teams, _, err = c.strs("team_reviewers")
	}
	return users, teams, err
}

func requestReviewers(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	users, teams, err := c.reviewerFields()
	if err != nil {
		return reply{}, err
	}
	if err := c.s.requestReview(c.actor, p, users, teams); err != nil {
		return reply{}, err
	}
	return created(c.s.pullObj(p))
}

func removeReviewers(c *call) (reply, error) {
	p, err := c.pathPull()
	if err != nil {
		return reply{}, err
	}
	users, teams, err := c.reviewerFields()
	if err != nil {
		return reply{}, err
	}
	for _, login := range users {
		if u := c.s.users[strings.ToLower(login)]; u != nil && hasUser(p.reviewers, u) {
			p.reviewers = without(p.reviewers, u)
			c.s.event(c.actor, p.issue, "review_request_removed").reviewer = u
			c.s.emitPull("review_request_removed", p, c.actor, obj{"requested_reviewer": c.s.userObj(u)})
		}
	}
	var keep []*team
	for _, t := range p.reviewTeams {
		if !contains(teams, t.slug) {
			keep = append(keep, t)
		}
	}
	p.reviewTeams = keep
	return ok(c.s.pullObj(p))
}
