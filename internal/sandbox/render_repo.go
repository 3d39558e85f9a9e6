package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// repoLinks are a repository's many addresses: name in the document to what follows its API address.
var repoLinks = map[string]string{"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}",
	"blobs_url": "/git/blobs{/sha}", "branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}",
	"comments_url": "/comments{/number}", "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
	"contents_url": "/contents/{+path}", "contributors_url": "/contributors", "deployments_url": "/deployments",
	"downloads_url": "/downloads", "events_url": "/events", "forks_url": "/forks", "git_commits_url": "/git/commits{/sha}",
	"git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}", "hooks_url": "/hooks",
	"issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}",
	"languages_url": "/languages", "merges_url": "/merges", "milestones_url": "/milestones{/number}",
	"notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}",
	"releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
	"trees_url": "/git/trees{/sha}"}

// repoURL is a repository's API address.
func (s *Server) repoURL(r *repo) string {
	return s.url + "/api/v3/repos/" + url.PathEscape(r.owner.login) + "/" + url.PathEscape(r.name)
}

func (s *Server) repoHTML(r *repo) string {
	return s.url + "/" + url.PathEscape(r.owner.login) + "/" + url.PathEscape(r.name)
}

// repoObj renders a repository as it stands within other documents.
func (s *Server) repoObj(r *repo) obj {
	api, html := s.repoURL(r), s.repoHTML(r)
	host := strings.TrimPrefix(s.url, "http://")
	open := 0
	for _, i := range r.order {
		if i.state == "open" && !i.deleted {
			open++
		}
	}
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	if r.internal {
		visibility = "internal"
	}
	o := obj{"id": r.id, "node_id": nodeID("R", r.id), "name": r.name, "full_name": r.full(), "owner": s.userObj(r.owner),
		"private": r.private, "html_url": html, "description": orNil(r.desc), "fork": r.fork, "url": api,
		"git_url": "git://" + host + "/" + r.full() + ".git", "ssh_url": "git@" + host + ":" + r.full() + ".git",
		"clone_url": html + ".git", "svn_url": html, "mirror_url": nil, "homepage": nil, "language": "Go",
		"license": nil, "forks": r.forks, "forks_count": r.forks, "stargazers_count": 0, "watchers": 0,
		"watchers_count": 0, "size": 108, "default_branch": r.defaultBranch, "open_issues": open,
		"open_issues_count": open, "is_template": false, "topics": []string{}, "has_issues": !r.noIssues, "has_projects": true,
		"has_wiki": true, "has_pages": false, "has_downloads": true, "has_discussions": false, "archived": r.archived,
		"disabled": false, "visibility": visibility, "pushed_at": stamp(r.pushed), "created_at": stamp(r.created),
		"updated_at": stamp(r.updated), "allow_forking": true, "web_commit_signoff_required": false}
	for k, v := range repoLinks {
		o[k] = api + v
	}
	return o
}

// repoRaw is repoObj already encoded, and kept until something in it changes: every pull request holds two of them, and
// lists of pull requests would cost ten times as much.
func (s *Server) repoRaw(r *repo) json.RawMessage {
	open := 0
	for _, i := range r.order {
		if i.state == "open" && !i.deleted {
			open++
		}
	}
	key := repoKey{r.owner, r.name, r.desc, r.defaultBranch, r.private, r.archived, r.noIssues, r.internal, r.updated, r.pushed, r.forks, open}
	if r.raw == nil || r.rawKey != key {
		r.raw, r.rawKey = encode(s.repoObj(r)), key
	}
	return r.raw
}

// repoKey is what a repository's document depends on.
type repoKey struct {
	owner              *user
	name, desc, branch string
	private, archived  bool
	noIssues, internal bool
	updated, pushed    time.Time
	forks, open        int
}

// minimalRepo is how lists show a repository.
func (s *Server) minimalRepo(r *repo) obj { return s.repoObj(r) }

// fullRepo is the answer to GET /repos/{owner}/{repo}.
func (s *Server) fullRepo(r *repo) obj {
	o := s.repoObj(r)
	for k, v := range (obj{"subscribers_count": 0, "network_count": r.forks, "temp_clone_token": "",
		"allow_squash_merge": !contains(r.noMethods, "squash"), "allow_merge_commit": !contains(r.noMethods, "merge"),
		"allow_rebase_merge": !contains(r.noMethods, "rebase"), "allow_auto_merge": r.autoMerge,
		"delete_branch_on_merge": false, "allow_update_branch": false, "use_squash_pr_title_as_default": false,
		"squash_merge_commit_message": "COMMIT_MESSAGES", "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
		"merge_commit_message": "PR_TITLE", "merge_commit_title": "MERGE_MESSAGE"}) {
		o[k] = v
	}
	if r.owner.isOrg() {
		o["organization"] = s.userObj(r.owner)
	}
	if r.parent != nil {
		o["parent"], o["source"] = s.repoObj(r.parent), s.repoObj(r.parent)
	}
	return o
}

func permissionsObj(role string) obj {
	n := rank(role)
	return obj{"pull": n >= 1, "triage": n >= 2, "push": n >= 3, "maintain": n >= 4, "admin": n >= 5}
}

// shortRepo is the form within check runs' pull requests.
func (s *Server) shortRepo(r *repo) obj {
	return obj{"id": r.id, "url": s.repoURL(r), "name": r.name}
}

func (s *Server) gitUser(g signature) obj {
	return obj{"name": g.Name, "email": g.Email, "date": stamp(g.When)}
}

func unverified() obj {
	return obj{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

// verification says of a commit whether GitHub knows its signature: by a person's key (signing.go), or the
// stand-in's own, on what was made on its pages, are the only ones there are.
func (s *Server) verification(c *gitCommit) obj {
	if c.Signature != "" {
		reason := s.byKey(c)
		return obj{"verified": reason == "valid", "reason": reason, "signature": c.Signature, "payload": c.Payload, "verified_at": stamp(c.Committer.When)}
	}
	if !s.signed[c.SHA] {
		return unverified()
	}
	return obj{"verified": true, "reason": "valid", "signature": "-----BEGIN PGP SIGNATURE-----\n", "payload": "tree " + c.Tree + "\n", "verified_at": stamp(c.Committer.When)}
}

// flow is GitHub's own account, by which its pages commit.
var flow = &user{id: 19864447, login: "web-flow", name: "GitHub Web Flow", kind: "User"}

func (s *Server) committer(c *gitCommit) any {
	if s.signed[c.SHA] {
		return s.userObj(flow)
	}
	return s.commitUser(c.Committer)
}

// commitUser finds whose address a commit carries; null when it is nobody's.
func (s *Server) commitUser(g signature) any {
	if u := s.addressee(g.Email); u != nil || strings.HasSuffix(g.Email, "@"+noreply) {
		return s.simpleUser(u)
	}
	return nil
}

// addressee is whose an address is, nil for nobody's.
func (s *Server) addressee(email string) *user {
	for _, one := range s.signers {
		if strings.EqualFold(one.address, email) {
			return one.user
		}
	}
	if u := s.addresses[strings.ToLower(email)]; u != nil {
		return u
	}
	local, domain, _ := strings.Cut(email, "@")
	// An own GitHub gives addresses of its own host out:
	// https://docs.github.com/en/enterprise-server/account-and-profile/reference/email-addresses-reference
	if own, err := url.Parse(s.URL()); domain != noreply && (err != nil || domain != "users.noreply."+own.Hostname()) {
		return nil
	}
	_, login, _ := strings.Cut(local, "+")
	return s.users[strings.ToLower(login)]
}

const noreply = "users.noreply.github.com"

// commitObj renders a commit as the commits API shows it.
func (s *Server) commitObj(r *repo, c *gitCommit) obj {
	api := s.repoURL(r)
	parents := []obj{}
	for _, p := range c.Parents {
		parents = append(parents, obj{"sha": p, "url": api + "/commits/" + p, "html_url": s.repoHTML(r) + "/commit/" + p})
	}
	return obj{"sha": c.SHA, "node_id": "C_" + c.SHA, "url": api + "/commits/" + c.SHA,
		"html_url":     s.repoHTML(r) + "/commit/" + c.SHA,
		"comments_url": api + "/commits/" + c.SHA + "/comments",
		"commit": obj{"url": api + "/git/commits/" + c.SHA, "author": s.gitUser(c.Author),
			"committer": s.gitUser(c.Committer), "message": c.Message, "comment_count": 0,
			"tree": obj{"sha": c.Tree, "url": api + "/git/trees/" + c.Tree}, "verification": s.verification(c)},
		"author": s.commitUser(c.Author), "committer": s.committer(c), "parents": parents}
}

// gitCommitObj renders a commit as the git database API shows it.
func (s *Server) gitCommitObj(r *repo, c *gitCommit) obj {
	api := s.repoURL(r)
	parents := []obj{}
	for _, p := range c.Parents {
		parents = append(parents, obj{"sha": p, "url": api + "/git/commits/" + p, "html_url": s.repoHTML(r) + "/commit/" + p})
	}
	return obj{"sha": c.SHA, "node_id": "C_" + c.SHA, "url": api + "/git/commits/" + c.SHA,
		"html_url": s.repoHTML(r) + "/commit/" + c.SHA, "author": s.gitUser(c.Author), "committer": s.gitUser(c.Committer),
		"message": c.Message, "tree": obj{"sha": c.Tree, "url": api + "/git/trees/" + c.Tree}, "parents": parents,
		"verification": s.verification(c)}
}

func (s *Server) diffEntry(r *repo, head string, d fileDiff) obj {
	path := escapePath(d.Path)
	o := obj{"sha": d.SHA, "filename": d.Path, "status": d.Status, "additions": d.Added, "deletions": d.Removed,
		"changes": d.Added + d.Removed, "blob_url": fmt.Sprintf("%s/blob/%s/%s", s.repoHTML(r), head, path),
		"raw_url":      fmt.Sprintf("%s/raw/%s/%s", s.repoHTML(r), head, path),
		"contents_url": fmt.Sprintf("%s/contents/%s?ref=%s", s.repoURL(r), path, head)}
	if d.Patch != "" {
		o["patch"] = d.Patch
	}
	if d.Old != "" {
		o["previous_filename"] = d.Old
	}
	return o
}

func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i, x := range parts {
		parts[i] = url.PathEscape(x)
	}
	return strings.Join(parts, "/")
}

func (s *Server) refObj(r *repo, ref, sha string) obj {
	kind := "commit"
	if k, _, err := r.git.read(sha); err == nil {
		kind = k
	}
	return obj{"ref": ref, "node_id": "REF_" + ref, "url": s.repoURL(r) + "/git/" + escapePath(ref),
		"object": obj{"sha": sha, "type": kind, "url": s.repoURL(r) + "/git/" + kind + "s/" + sha}}
}
