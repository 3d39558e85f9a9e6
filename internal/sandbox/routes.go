package sandbox

// Needs that many routes share. A GitHub App may write to issues and to pull requests through the issues endpoints with
// either of two permissions.
const (
	issueRead  = "issues:read|pull_requests:read"
	issueWrite = "issues:write|pull_requests:write"
)

// routes is the whole REST API, one line per endpoint: method, path, the permission that an installation needs, the role
// that a person needs, and who answers. Within a method, the first match wins.
func routes() []route {
	var all []route
	for _, part := range [][]route{appRoutes(), accountRoutes(), repoRoutes(), gitRoutes(), pullRoutes(), issueRoutes(),
		checkRoutes()} {
		all = append(all, part...)
	}
	return all
}

const repoPath = "/repos/{owner}/{repo}"

func at(method, path, need, role string, h handlerFunc) route {
	return route{method: method, pattern: path, need: need, role: role, handle: h}
}

func appRoutes() []route {
	return []route{
		at("GET", "/app", "jwt", "", getApp),
		at("GET", "/app/installations", "jwt", "", listInstallations),
		at("POST", "/app/installations/{id}/access_tokens", "jwt", "", createToken),
		at("GET", "/app/hook/deliveries", "jwt", "", listDeliveries),
		at("GET", "/app/hook/deliveries/{id}", "jwt", "", getDelivery),
		at("POST", "/app/hook/deliveries/{id}/attempts", "jwt", "", redeliver),
		at("GET", repoPath+"/installation", "jwt+repo", "", repoInstallation),
		at("GET", "/orgs/{org}/installation", "jwt", "", orgInstallation),
		at("GET", "/installation/repositories", "token", "", installationRepositories),
		at("GET", "/rate_limit", "", "", getRateLimit),
		at("GET", "/meta", "", "", getMeta),
	}
}

func accountRoutes() []route {
	return []route{
		at("GET", "/user", "", "", getMe),
		at("GET", "/users/{username}", "", "", getUser),
		at("GET", "/user/{id}", "", "", getUserByID),
		at("GET", "/orgs/{org}", "", "", getOrg),
		at("GET", "/orgs/{org}/repos", "metadata:read", "", orgRepos),
		at("GET", "/orgs/{org}/teams", "members:read", "", listTeams),
		at("GET", "/orgs/{org}/teams/{slug}", "members:read", "", getTeam),
		at("GET", "/orgs/{org}/teams/{slug}/members", "members:read", "", teamMembers),
		at("GET", "/orgs/{org}/teams/{slug}/memberships/{username}", "members:read", "", teamMembership),
		at("GET", "/orgs/{org}/teams/{slug}/repos", "members:read", "", teamRepos),
		at("GET", "/orgs/{org}/members", "members:read", "", orgMembers),
		at("GET", "/orgs/{org}/members/{username}", "members:read", "", orgMember),
		at("GET", "/orgs/{org}/memberships/{username}", "members:read", "", orgMembership),
		at("GET", "/search/issues", "", "", searchIssues),
	}
}

func repoRoutes() []route {
	p := repoPath
	return []route{
		at("GET", p, "metadata:read", "read", getRepo),
		at("GET", p+"/branches", "contents:read", "read", listBranches),
		at("GET", p+"/branches/{branch+}/protection", "administration:read", "admin", getProtection),
		at("GET", p+"/rules/branches/{branch+}", "metadata:read", "read", branchRules),
		at("GET", p+"/branches/{branch+}", "contents:read", "read", getBranch),
		at("GET", p+"/contents", "contents:read", "read", getContents),
		at("GET", p+"/contents/", "contents:read", "read", getContents),
		at("GET", p+"/contents/{path+}", "contents:read", "read", getContents),
		at("PUT", p+"/contents/{path+}", "contents:write", "write", putContents),
		at("GET", p+"/activity", "contents:read", "read", listActivity),
		at("GET", p+"/codeowners/errors", "contents:read", "read", ownersErrors),
		at("GET", p+"/readme", "contents:read", "read", getReadme),
		at("GET", p+"/tags", "contents:read", "read", listTags),
		at("GET", p+"/collaborators", "metadata:read", "write", listCollaborators),
		at("GET", p+"/collaborators/{username}", "metadata:read", "write", isCollaborator),
		at("GET", p+"/collaborators/{username}/permission", "metadata:read", "read", getPermission),
		at("GET", p+"/teams", "administration:read", "read", listRepoTeams),
		at("GET", p+"/assignees", "metadata:read|issues:read|pull_requests:read", "read", listAssignees),
		at("GET", p+"/assignees/{username}", "metadata:read|issues:read|pull_requests:read", "read", isAssignee),
		at("POST", p+"/dispatches", "contents:write", "write", dispatch),
		at("POST", p+"/actions/workflows/{workflow}/dispatches", "actions:write", "write", dispatchWorkflow),
		at("GET", p+"/releases", "contents:read", "read", listReleases),
		at("POST", p+"/releases", "contents:write", "write", createRelease),
		at("GET", p+"/releases/latest", "contents:read", "read", latestRelease),
		at("GET", p+"/releases/tags/{tag+}", "contents:read", "read", releaseByTag),
		at("GET", p+"/releases/{id}", "contents:read", "read", getRelease),
		at("PATCH", p+"/releases/{id}", "contents:write", "write", editRelease),
		at("DELETE", p+"/releases/{id}", "contents:write", "write", deleteRelease),
	}
}

func gitRoutes() []route {
	p := repoPath
	return []route{
		at("GET", p+"/git/ref/{ref+}", "contents:read", "read", getRef),
		at("GET", p+"/git/matching-refs/{ref+}", "contents:read", "read", matchingRefs),
		at("POST", p+"/git/refs", "contents:write", "write", createRef),
		at("PATCH", p+"/git/refs/{ref+}", "contents:write", "write", updateRef),
		at("DELETE", p+"/git/refs/{ref+}", "contents:write", "write", deleteRef),
		at("GET", p+"/git/commits/{sha}", "contents:read", "read", getGitCommit),
		at("POST", p+"/git/commits", "contents:write", "write", createGitCommit),
		at("GET", p+"/git/trees/{sha+}", "contents:read", "read", getTree),
		at("POST", p+"/git/trees", "contents:write", "write", createTree),
		at("GET", p+"/git/blobs/{sha}", "contents:read", "read", getBlob),
		at("POST", p+"/git/blobs", "contents:write", "write", createBlob),
		at("POST", p+"/git/tags", "contents:write", "write", createTag),
		at("GET", p+"/commits", "contents:read", "read", listCommits),
		at("GET", p+"/commits/{ref+}/check-runs", "checks:read", "read", listRunsForRef),
		at("GET", p+"/commits/{ref+}/check-suites", "checks:read", "read", listSuitesForRef),
		at("GET", p+"/commits/{ref+}/statuses", "statuses:read", "read", listStatuses),
		at("GET", p+"/commits/{ref+}/status", "statuses:read", "read", combinedStatus),
		at("GET", p+"/commits/{ref+}/pulls", "pull_requests:read|contents:read", "read", pullsForCommit),
		at("GET", p+"/commits/{ref+}/branches-where-head", "contents:read", "read", branchesWhereHead),
		at("GET", p+"/commits/{ref+}", "contents:read", "read", getCommit),
		at("GET", p+"/compare/{basehead+}", "contents:read", "read", compare),
		at("POST", p+"/statuses/{sha}", "statuses:write", "write", createStatus),
	}
}

func pullRoutes() []route {
	p, n := repoPath+"/pulls", repoPath+"/pulls/{number}"
	return []route{
		at("GET", p, "pull_requests:read", "read", listPulls),
		at("POST", p, "pull_requests:write", "read", createPull),
		at("GET", n, "pull_requests:read", "read", getPull),
		at("PATCH", n, "pull_requests:write", "read", patchPull),
		at("GET", n+"/files", "pull_requests:read", "read", pullFiles),
		at("GET", n+"/commits", "pull_requests:read", "read", pullCommits),
		at("GET", p+"/comments/{id}", "pull_requests:read", "read", getLine),
		at("POST", p+"/comments/{id}/reactions", "pull_requests:write", "read", createLineReaction),
		at("GET", n+"/comments", "pull_requests:read", "read", listLines),
		at("POST", n+"/comments", "pull_requests:write", "read", createLine),
		at("GET", n+"/reviews", "pull_requests:read", "read", listReviews),
		at("POST", n+"/reviews", "pull_requests:write", "read", createReview),
		at("GET", n+"/requested_reviewers", "pull_requests:read", "read", getReviewers),
		at("POST", n+"/requested_reviewers", "pull_requests:write", "write", requestReviewers),
		at("DELETE", n+"/requested_reviewers", "pull_requests:write", "write", removeReviewers),
		at("GET", n+"/merge", "contents:read", "read", isMerged),
		at("PUT", n+"/merge", "contents:write", "write", putMerge),
	}
}

func issueRoutes() []route {
	p, n, r := repoPath+"/issues", repoPath+"/issues/{number}", repoPath
	return []route{
		at("GET", p, issueRead, "read", listIssues),
		at("POST", p, "issues:write", "read", createIssue),
		at("GET", p+"/comments", issueRead, "read", listRepoComments),
		at("GET", p+"/comments/{id}", issueRead, "read", getComment),
		at("PATCH", p+"/comments/{id}", issueWrite, "read", patchComment),
		at("DELETE", p+"/comments/{id}", issueWrite, "read", removeComment),
		at("GET", p+"/comments/{id}/reactions", issueRead, "read", listCommentReactions),
		at("POST", p+"/comments/{id}/reactions", issueWrite, "read", createCommentReaction),
		at("GET", p+"/events", issueRead, "read", listRepoEvents),
		at("GET", n, issueRead, "read", getIssue),
		at("PATCH", n, issueWrite, "read", patchIssue),
		at("GET", n+"/comments", issueRead, "read", listComments),
		at("POST", n+"/comments", issueWrite, "read", createComment),
		at("GET", n+"/labels", issueRead, "read", listIssueLabels),
		at("POST", n+"/labels", issueWrite, "triage", addIssueLabels),
		at("DELETE", n+"/labels/{name}", issueWrite, "triage", removeIssueLabel),
		at("POST", n+"/assignees", issueWrite, "triage", addAssignees),
		at("DELETE", n+"/assignees", issueWrite, "triage", removeAssignees),
		at("POST", n+"/reactions", issueWrite, "read", createIssueReaction),
		at("GET", n+"/events", issueRead, "read", listEvents),
		at("GET", n+"/timeline", issueRead, "read", listTimeline),
		at("GET", r+"/labels", issueRead, "read", listLabels),
		at("POST", r+"/labels", issueWrite, "write", createLabelAPI),
		at("GET", r+"/labels/{name}", issueRead, "read", getLabel),
		at("PATCH", r+"/labels/{name}", issueWrite, "write", patchLabel),
		at("DELETE", r+"/labels/{name}", issueWrite, "write", deleteLabel),
		at("GET", r+"/milestones", issueRead, "read", listMilestones),
		at("POST", r+"/milestones", issueWrite, "write", createMilestone),
		at("GET", r+"/milestones/{number}", issueRead, "read", getMilestone),
		at("PATCH", r+"/milestones/{number}", issueWrite, "write", patchMilestone),
		at("DELETE", r+"/milestones/{number}", issueWrite, "write", deleteMilestone),
	}
}

func checkRoutes() []route {
	p := repoPath + "/check-runs"
	return []route{
		at("POST", p, "checks:write", "app", createRun),
		at("GET", p+"/{id}", "checks:read", "read", getRun),
		at("PATCH", p+"/{id}", "checks:write", "app", patchRun),
	}
}
