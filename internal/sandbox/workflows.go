package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// An App without the permission `workflows` may not write below .github/workflows, whatever the file is. A push is told so;
// the API answers no more than that something isn't accessible, and names the permission in a header:
// https://github.com/mkb79/Audible/pull/882

const workflowsDir = ".github/workflows/"

var errWorkflows = &Error{Status: 403, Message: errForbidden.Message,
	header: http.Header{"X-Accepted-Github-Permissions": {"contents=write; contents=write,workflows=write"}}}

// mayWorkflows says whether the sender may write workflows. People may.
func (c *call) mayWorkflows() bool {
	return c.cred.kind != "installation" || c.cred.tok.perms["workflows"] == "write"
}

// writesFiles refuses files that the sender may not write.
func (c *call) writesFiles(paths ...string) error {
	if !c.mayWorkflows() && slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, workflowsDir) }) {
		return errWorkflows
	}
	return nil
}

// bringsCommits refuses a ref that brings along commits which change workflows and which no other ref has.
func (c *call) bringsCommits(sha string) error {
	if c.mayWorkflows() || c.repo.workflowOf(sha) == "" {
		return nil
	}
	return errWorkflows
}

// workflowOf is a workflow that commits change which a commit has and no ref has yet; "" for none.
func (r *repo) workflowOf(sha string) (file string) {
	var tips []string
	for ref, tip := range r.refs {
		if strings.HasPrefix(ref, "refs/pull/") {
			continue // what is only proposed isn't in the repository yet
		}
		if tip == sha {
			return ""
		}
		tips = append(tips, tip)
	}
	for _, x := range r.git.outsideOf(tips, sha) {
		before := ""
		if len(x.Parents) > 0 {
			before = r.git.commit(x.Parents[0]).Tree
		}
		r.git.changedPaths(before, x.Tree, "", func(path, _ string) {
			if strings.HasPrefix(path, workflowsDir) {
				file = path
			}
		})
	}
	return file
}

// mayMerge refuses the merge of a pull request that changes workflows, in the words that a push is told, too.
func (c *call) mayMerge(p *pull) error {
	if c.mayWorkflows() {
		return nil
	}
	d, err := c.diffOutside(p.issue.repo.git.mergeBase(p.tip(), p.headSHA), p.headSHA)
	if err != nil {
		return err
	}
	for _, f := range d {
		if strings.HasPrefix(f.Path, workflowsDir) {
			return &Error{Status: 405, Message: fmt.Sprintf("refusing to allow a GitHub App to create or update workflow `%s` without `workflows` permission", f.Path)}
		}
	}
	return nil
}
