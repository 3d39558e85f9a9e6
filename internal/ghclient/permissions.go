package ghclient

// Permissions is what the App must be granted, by GitHub's names: the reads
// and effects of this package need no more and no less. app.yml is held to it
// by a test, and so is the demo's installation.
func Permissions() map[string]string {
	return map[string]string{
		"checks":        "write", // CheckRun
		"contents":      "read",  // PolicyFile, BranchExists
		"issues":        "write", // Issue, Comment on issues
		"pull_requests": "write", // PullRequest, OpenPullRequests, Comment on pull requests
		"members":       "read",  // Member
		"metadata":      "read",  // every App has it
	}
}
