package ghclient

// Optional is what the App can do more with, by GitHub's names, if it is granted. app.yml has it
// as a comment, since few want it.
func Optional() map[string]string {
	return map[string]string{
		"workflows": "write", // pushes of picks that change .github/workflows (WorkflowAccess)
	}
}

// Permissions is what the App must be granted, by GitHub's names: the reads
// and effects of this package need no more and no less. app.yml is held to it
// by a test, and so is the demo's installation.
func Permissions() map[string]string {
	return map[string]string{
		"checks":        "write", // CheckRun
		"contents":      "write", // pushes of picks (GitAccess), the effects AutoMerge, which merges, and NoBranch; the effects Files and Dispatch (that of a workflow needs "actions: write" besides, which only few grant); CommitOf, Merged, PolicyFile, ReferredFile, FileBeside, BesideBefore, FileAt, PolicyHistory, Revision, Tags, FilesBelow, FilesAt, BlobText, BranchExists, BranchHead, Tip, FileAtCommit, Branches, GroupMembers, FirstParents, CommitChanges
		"issues":        "write", // Issue, Comment on issues, Written; labels, milestones and assignees
		"pull_requests": "write", // PullRequest and its lists, AutoMerge, Ready, the effect of that name, the read Files, Marked, Labellings, Section, Comment and Unlabel on pull requests
		"members":       "read",  // Member, Team
		"merge_queues":  "read",  // GitHub tells of merge groups only those who may read queues
		"statuses":      "read",  // StatusChecks
		"metadata":      "read",  // every App has it; Writes, MergeRules
	}
}
