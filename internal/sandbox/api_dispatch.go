package sandbox

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Dispatch is a repository_dispatch or a workflow_dispatch that a repository got.
type Dispatch struct {
	Workflow string // the file's name; "" for a repository_dispatch
	Event    string // the type of a repository_dispatch
	Ref      string
	Inputs   map[string]any // or the payload of a repository_dispatch
	By       string
}

// Dispatches are those that a repository got, in their order. The stand-in runs no
// workflow: what one would report is for the test to say, by ForeignCheck.
func (s *Server) Dispatches(full string) []Dispatch {
	return read(s, full, func(r *repo) []Dispatch { return slices.Clone(r.dispatches) })
}

func dispatch(c *call) (reply, error) {
	event, err := c.need("event_type")
	if err != nil {
		return reply{}, err
	}
	payload, _ := c.body["client_payload"].(obj)
	switch {
	case len(event) > 100:
		return reply{}, unprocessable("Invalid request.\n\nOnly 100 characters are allowed; %d were supplied.", len(event))
	case len(payload) > 10:
		return reply{}, unprocessable("Invalid request.\n\nNo more than 10 properties are allowed; %d were supplied.", len(payload))
	}
	c.repo.dispatches = append(c.repo.dispatches, Dispatch{Event: event, Ref: c.repo.defaultBranch, Inputs: payload, By: c.actor.user.login})
	return noContent()
}

// dispatchWorkflow starts a workflow, which has to be there on the default branch
// to be known at all, and has to say on the ref that it can be started so.
func dispatchWorkflow(c *call) (reply, error) {
	ref, err := c.need("ref")
	if err != nil {
		return reply{}, err
	}
	inputs, _ := c.body["inputs"].(obj)
	if len(inputs) > 25 {
		return reply{}, unprocessable("Invalid request.\n\nNo more than 25 properties are allowed; %d were supplied.", len(inputs))
	}
	file := c.path["workflow"]
	if _, known := c.s.textOf(c.repo, c.repo.defaultBranch, ".github/workflows/"+file); !known {
		return reply{}, errNotFound
	}
	name := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/tags/")
	text, found := c.s.textOf(c.repo, name, ".github/workflows/"+file)
	switch {
	case c.repo.refs["refs/heads/"+name] == "" && c.repo.refs["refs/tags/"+name] == "":
		return reply{}, unprocessable("No ref found for: %s", ref)
	case !found || !strings.Contains(text, "workflow_dispatch"):
		return reply{}, unprocessable("Workflow does not have 'workflow_dispatch' trigger")
	}
	var unexpected []string
	for name := range inputs {
		if !strings.Contains(text, "\n      "+name+":") {
			unexpected = append(unexpected, fmt.Sprintf("%q", name))
		}
	}
	if sort.Strings(unexpected); len(unexpected) > 0 {
		return reply{}, unprocessable("Unexpected inputs provided: [%s]", strings.Join(unexpected, ", "))
	}
	c.repo.dispatches = append(c.repo.dispatches, Dispatch{Workflow: file, Ref: name, Inputs: inputs, By: c.actor.user.login})
	return noContent()
}

// textOf is a file at a branch or a tag.
func (s *Server) textOf(r *repo, ref, path string) (string, bool) {
	commit := r.git.commit(s.resolve(r, ref))
	if commit == nil {
		return "", false
	}
	e, found := r.git.lookup(commit.Tree, path)
	if !found || e.isTree() {
		return "", false
	}
	data, err := r.git.blob(e.SHA)
	return string(data), err == nil
}
