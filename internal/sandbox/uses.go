package sandbox

// Use is an endpoint of GitHub's that Slipway calls.
type Use struct {
	Call string // method and pattern, as in the table of routes
	Page string // GitHub's page about it, which says what permission it takes
	Need string // that permission, and others that do instead parted by |; "" for none
}

// Uses are the endpoints that Slipway calls. No conversation calls another one, and the tests hold each to what GitHub says of it
// in the versions that it has to work with.
func Uses() []Use {
	need := map[string]string{}
	for _, r := range routes() {
		need[r.method+" "+r.pattern] = r.need
	}
	var all []Use
	for _, u := range uses {
		all = append(all, Use{Call: u[0], Page: "https://docs.github.com/rest/" + u[1], Need: need[u[0]]})
	}
	return all
}

// uses has each call with its page below https://docs.github.com/rest/, in the order of the table of routes.
var uses = [][2]string{
	{"GET /app", "apps/apps#get-the-authenticated-app"},
	{"GET /app/installations", "apps/apps#list-installations-for-the-authenticated-app"},
	{"POST /app/installations/{id}/access_tokens", "apps/apps#create-an-installation-access-token-for-an-app"},
	{"GET /app/hook/deliveries", "apps/webhooks#list-deliveries-for-an-app-webhook"},
	{"POST /app/hook/deliveries/{id}/attempts", "apps/webhooks#redeliver-a-delivery-for-an-app-webhook"},
	{"GET /repos/{owner}/{repo}/installation", "apps/apps#get-a-repository-installation-for-the-authenticated-app"},
	{"GET /orgs/{org}/installation", "apps/apps#get-an-organization-installation-for-the-authenticated-app"},
	{"GET /installation/repositories", "apps/installations#list-repositories-accessible-to-the-app-installation"},
	{"GET /users/{username}", "users/users#get-a-user"},
	{"GET /user/{id}", "users/users#get-a-user-using-their-id"},
	{"GET /orgs/{org}/teams", "teams/teams#list-teams"},
	{"GET /orgs/{org}/teams/{slug}", "teams/teams#get-a-team-by-name"},
	{"GET /orgs/{org}/teams/{slug}/members", "teams/members#list-team-members"},
	{"GET /orgs/{org}/teams/{slug}/memberships/{username}", "teams/members#get-team-membership-for-a-user"},
	{"GET /repos/{owner}/{repo}", "repos/repos#get-a-repository"},
	{"GET /repos/{owner}/{repo}/activity", "repos/repos#list-repository-activities"},
	{"GET /repos/{owner}/{repo}/contents/{path+}", "repos/contents#get-repository-content"},
	{"GET /repos/{owner}/{repo}/rules/branches/{branch+}", "repos/rules#get-rules-for-a-branch"},
	{"GET /repos/{owner}/{repo}/branches/{branch+}", "branches/branches#get-a-branch"},
	{"GET /repos/{owner}/{repo}/codeowners/errors", "repos/repos#list-codeowners-errors"},
	{"GET /repos/{owner}/{repo}/collaborators/{username}/permission", "collaborators/collaborators#get-repository-permissions-for-a-user"},
	{"POST /repos/{owner}/{repo}/dispatches", "repos/repos#create-a-repository-dispatch-event"},
	{"POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", "actions/workflows#create-a-workflow-dispatch-event"},
	{"GET /repos/{owner}/{repo}/releases", "releases/releases#list-releases"},
	{"GET /repos/{owner}/{repo}/git/ref/{ref+}", "git/refs#get-a-reference"},
	{"GET /repos/{owner}/{repo}/git/matching-refs/{ref+}", "git/refs#list-matching-references"},
	{"POST /repos/{owner}/{repo}/git/refs", "git/refs#create-a-reference"},
	{"PATCH /repos/{owner}/{repo}/git/refs/{ref+}", "git/refs#update-a-reference"},
	{"DELETE /repos/{owner}/{repo}/git/refs/{ref+}", "git/refs#delete-a-reference"},
	{"GET /repos/{owner}/{repo}/git/commits/{sha}", "git/commits#get-a-commit-object"},
	{"POST /repos/{owner}/{repo}/git/commits", "git/commits#create-a-commit"},
	{"GET /repos/{owner}/{repo}/git/trees/{sha+}", "git/trees#get-a-tree"},
	{"POST /repos/{owner}/{repo}/git/trees", "git/trees#create-a-tree"},
	{"GET /repos/{owner}/{repo}/git/blobs/{sha}", "git/blobs#get-a-blob"},
	{"GET /repos/{owner}/{repo}/commits/{ref+}", "commits/commits#get-a-commit"},
	{"GET /repos/{owner}/{repo}/commits", "commits/commits#list-commits"},
	{"GET /repos/{owner}/{repo}/commits/{ref+}/check-runs", "checks/runs#list-check-runs-for-a-git-reference"},
	{"GET /repos/{owner}/{repo}/commits/{ref+}/status", "commits/statuses#get-the-combined-status-for-a-specific-reference"},
	{"GET /repos/{owner}/{repo}/commits/{ref+}/pulls", "commits/commits#list-pull-requests-associated-with-a-commit"},
	{"GET /repos/{owner}/{repo}/commits/{ref+}", "commits/commits#get-a-commit"},
	{"GET /repos/{owner}/{repo}/compare/{basehead+}", "commits/commits#compare-two-commits"},
	{"GET /repos/{owner}/{repo}/pulls", "pulls/pulls#list-pull-requests"},
	{"POST /repos/{owner}/{repo}/pulls", "pulls/pulls#create-a-pull-request"},
	{"GET /repos/{owner}/{repo}/pulls/{number}", "pulls/pulls#get-a-pull-request"},
	{"PATCH /repos/{owner}/{repo}/pulls/{number}", "pulls/pulls#update-a-pull-request"},
	{"PUT /repos/{owner}/{repo}/pulls/{number}/merge", "pulls/pulls#merge-a-pull-request"},
	{"GET /repos/{owner}/{repo}/pulls/{number}/files", "pulls/pulls#list-pull-requests-files"},
	{"GET /repos/{owner}/{repo}/pulls/{number}/commits", "pulls/pulls#list-commits-on-a-pull-request"},
	{"GET /repos/{owner}/{repo}/pulls/{number}/reviews", "pulls/reviews#list-reviews-for-a-pull-request"},
	{"POST /repos/{owner}/{repo}/pulls/{number}/requested_reviewers", "reference/pulls#request-reviewers-for-a-pull-request"},
	{"GET /repos/{owner}/{repo}/issues", "issues/issues#list-repository-issues"},
	{"POST /repos/{owner}/{repo}/issues", "issues/issues#create-an-issue"},
	{"GET /repos/{owner}/{repo}/issues/comments", "issues/comments#list-issue-comments-for-a-repository"},
	{"PATCH /repos/{owner}/{repo}/issues/comments/{id}", "issues/comments#update-an-issue-comment"},
	{"DELETE /repos/{owner}/{repo}/issues/comments/{id}", "issues/comments#delete-an-issue-comment"},
	{"GET /repos/{owner}/{repo}/issues/{number}", "issues/issues#get-an-issue"},
	{"PATCH /repos/{owner}/{repo}/issues/{number}", "issues/issues#update-an-issue"},
	{"GET /repos/{owner}/{repo}/issues/{number}/comments", "issues/comments#list-issue-comments"},
	{"POST /repos/{owner}/{repo}/issues/{number}/comments", "issues/comments#create-an-issue-comment"},
	{"GET /repos/{owner}/{repo}/issues/{number}/labels", "issues/labels#list-labels-for-an-issue"},
	{"POST /repos/{owner}/{repo}/issues/{number}/labels", "issues/labels#add-labels-to-an-issue"},
	{"DELETE /repos/{owner}/{repo}/issues/{number}/labels/{name}", "issues/labels#remove-a-label-from-an-issue"},
	{"POST /repos/{owner}/{repo}/issues/{number}/assignees", "issues/assignees#add-assignees-to-an-issue"},
	{"GET /repos/{owner}/{repo}/issues/{number}/events", "issues/events#list-issue-events"},
	{"GET /repos/{owner}/{repo}/labels", "issues/labels#list-labels-for-a-repository"},
	{"POST /repos/{owner}/{repo}/labels", "issues/labels#create-a-label"},
	{"GET /repos/{owner}/{repo}/labels/{name}", "issues/labels#get-a-label"},
	{"GET /repos/{owner}/{repo}/milestones", "issues/milestones#list-milestones"},
	{"POST /repos/{owner}/{repo}/milestones", "issues/milestones#create-a-milestone"},
	{"PATCH /repos/{owner}/{repo}/milestones/{number}", "issues/milestones#update-a-milestone"},
	{"POST /repos/{owner}/{repo}/check-runs", "reference/checks#create-a-check-run"},
	{"PATCH /repos/{owner}/{repo}/check-runs/{id}", "checks/runs#update-a-check-run"},
}
