package sandbox

import (
	"fmt"
)

// react adds a reaction, once per person and kind; fresh is false when it was there.
func (s *Server) react(a actor, list *[]*reaction, content string) (*reaction, bool, error) {
	if !contains(reactionKinds, content) {
		return nil, false, unprocessable("Invalid request.\n\nFor 'properties/content', %s is not a possible value.", fmt.Sprintf("%q", content))
	}
	for _, r := range *list {
		if r.user == a.user && r.content == content {
			return r, false, nil
		}
	}
	r := &reaction{id: s.id(), user: a.user, content: content, created: s.now()}
	*list = append(*list, r)
	return r, true, nil
}

func (c *call) reactTo(list *[]*reaction) (reply, error) {
	content, err := c.need("content")
	if err != nil {
		return reply{}, err
	}
	r, fresh, err := c.s.react(c.actor, list, content)
	if err != nil {
		return reply{}, err
	}
	if fresh {
		return created(c.s.reactionObj(r))
	}
	return ok(c.s.reactionObj(r))
}

func (c *call) listReactions(all []*reaction) (reply, error) {
	var out []*reaction
	for _, r := range all {
		if w := c.q.Get("content"); w == "" || w == r.content {
			out = append(out, r)
		}
	}
	return list(c, out, c.s.reactionObj)
}

func listCommentReactions(c *call) (reply, error) {
	x, err := c.pathComment()
	if err != nil {
		return reply{}, err
	}
	return c.listReactions(x.reactions)
}

func createCommentReaction(c *call) (reply, error) {
	x, err := c.pathComment()
	if err != nil {
		return reply{}, err
	}
	return c.reactTo(&x.reactions)
}
