package sandbox

import "strings"

// reactionNames are REST's names by GraphQL's.
var reactionNames = map[string]string{"THUMBS_UP": "+1", "THUMBS_DOWN": "-1", "LAUGH": "laugh", "HOORAY": "hooray", "CONFUSED": "confused",
	"HEART": "heart", "ROCKET": "rocket", "EYES": "eyes"}

func (c *call) mutations() graph {
	return graph{"Mutation", obj{
		"addReaction": resolver(c.addReaction),
		"updateRefs":  resolver(c.updateRefs),
		"enablePullRequestAutoMerge": c.onPullNode(func(p *pull, in obj) error {
			method, _ := in["mergeMethod"].(string)
			if want, _ := in["expectedHeadOid"].(string); want != "" && want != p.headSHA {
				return &graphError{"UNPROCESSABLE", "Head branch was modified. Review and try the merge again."}
			}
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
