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

// reactionNames are REST's names by GraphQL's.
var reactionNames = map[string]string{"THUMBS_UP": "+1", "THUMBS_DOWN": "-1", "LAUGH": "laugh", "HOORAY": "hooray", "CONFUSED": "confused",
	"HEART": "heart", "ROCKET": "rocket", "EYES": "eyes"}

func (c *call) mutations() graph {
	return graph{"Mutation", obj{
		"addReaction": resolver(c.addReaction),
		"enablePullRequestAutoMerge": c.onPullNode(func(p *pull, in obj) error {
			method, _ := in["mergeMethod"].(string)
			return c.s.enableAutoMerge(c.actor, p, strings.ToLower(method))
		}),
		"disablePullRequestAutoMerge": c.onPullNode(func(p *pull, _ obj) error { return c.s.disableAutoMerge(c.actor, p) }),
		"markPullRequestReadyForReview": c.onPullNode(func(p *pull, _ obj) error {
			c.s.setDraft(c.actor, p, false)
			return nil
		}),
		"convertPullRequestToDraft": c.onPullNode(func(p *pull, _ obj) error {
			c.s.setDraft(c.actor, p, true)
			return nil
		}),
	}}
}

// mayWrite holds a mutation to the permissions that REST's endpoints ask of an installation, and a person to a role.
func (c *call) mayWrite(r *repo, need, role string) error {
	if r.archived {
		return errArchived
	}
	if t := c.cred.tok; c.cred.kind == "installation" && (!t.covers(r) || !satisfies(t.perms, need)) {
		return errForbidden
	}
	if c.cred.kind == "user" && !c.s.can(c.cred.user, r, role) {
		return errForbidden
	}
	return nil
}

func input(args obj) obj {
	in, _ := args["input"].(obj)
	return in
}

func (c *call) addReaction(args obj) (any, error) {
	in := input(args)
	x, err := c.subject(in["subjectId"])
	if err != nil {
		return nil, err
	}
	if err := c.mayWrite(x.repo, issueWrite, "read"); err != nil {
		return nil, err
	}
	content, _ := in["content"].(string)
	r, _, err := c.s.react(c.actor, x.reactions, reactionNames[content])
	if err != nil {
		return nil, err
	}
	about, err := c.node(in["subjectId"])
	return &graph{"AddReactionPayload", obj{"subject": about, "clientMutationId": in["clientMutationId"],
		"reaction": &graph{"Reaction", obj{"id": nodeID("REA", r.id), "databaseId": r.id, "content": content, "user": c.accountGraph(r.user),
			"createdAt": stamp(r.created)}}}}, err
}

// onPullNode is a mutation of a pull request.
func (c *call) onPullNode(change func(p *pull, in obj) error) resolver {
	return func(args obj) (any, error) {
		in := input(args)
		x, err := c.subject(in["pullRequestId"])
		if err != nil {
			return nil, err
		}
		if x.issue.pr == nil || x.comment != nil || x.line != nil {
			return nil, notResolved("a PullRequest with the global id of '%v'", in["pullRequestId"])
		}
		if err := c.mayWrite(x.repo, "pull_requests:write", "write"); err != nil {
			return nil, err
		}
		if err := change(x.issue.pr, in); err != nil {
			return nil, err
		}
		return &graph{"Payload", obj{"pullRequest": c.issueGraph(x.issue), "clientMutationId": in["clientMutationId"]}}, nil
	}
}

// setDraft turns a pull request into a draft, or makes it ready for review.
func (s *Server) setDraft(a actor, p *pull, draft bool) {
	if p.draft == draft {
		return
	}
	p.draft = draft
	kind, action := "ready_for_review", "ready_for_review"
	if draft {
		kind, action = "convert_to_draft", "converted_to_draft"
	}
	s.event(a, p.issue, kind)
	s.emitPull(action, p, a, nil)
	s.mergeWaiting(p.issue.repo, p.headSHA)
}

// enableAutoMerge: GitHub takes it only where a setting allows it and something still holds the merge back.
func (s *Server) enableAutoMerge(a actor, p *pull, method string) error {
	switch {
	case !p.issue.repo.autoMerge:
		return &graphError{"UNPROCESSABLE", "Pull request Auto merge is not allowed for this repository"}
	case p.issue.state != "open":
		return &graphError{"UNPROCESSABLE", "Pull request is closed"}
	}
	s.warm(p)
	if state := s.mergeState(p); state == "clean" || state == "unstable" {
		return &graphError{"UNPROCESSABLE", "Pull request Pull request is in " + state + " status"}
	}
	if method == "" {
		method = "merge"
	}
	p.autoMerge = &autoMerge{a, method, s.now()}
	s.event(a, p.issue, "auto_merge_enabled")
	s.emitPull("auto_merge_enabled", p, a, nil)
	return nil
}

func (s *Server) disableAutoMerge(a actor, p *pull) error {
	if p.autoMerge == nil {
		return &graphError{"UNPROCESSABLE", "Can't disable auto-merge for this pull request."}
	}
	p.autoMerge = nil
	s.event(a, p.issue, "auto_merge_disabled")
	s.emitPull("auto_merge_disabled", p, a, obj{"reason": ""})
	return nil
}

// mergeWaiting merges the pull requests at a commit that wait for no more than its required checks.
func (s *Server) mergeWaiting(r *repo, sha string) {
	for _, i := range r.order {
		p := i.pr
		if p == nil || p.autoMerge == nil || p.headSHA != sha || i.state != "open" {
			continue
		}
		s.warm(p)
		if state := s.mergeState(p); state == "clean" || state == "unstable" {
			_, _ = s.mergePull(p.autoMerge.by, p, p.autoMerge.method, "", "") // one that is refused goes on waiting, as on GitHub
		}
	}
}
