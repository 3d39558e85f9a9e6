package ghclient

import (
	"strings"
	"testing"
)

// TestMutationsThatGitHubRefuses holds the table to what GitHub has been seen to answer, each with where.
func TestMutationsThatGitHubRefuses(t *testing.T) {
	for _, tt := range []struct{ source, kind, said, cause, next string }{
		{"https://github.com/peter-evans/enable-pull-request-automerge/issues/822", "UNPROCESSABLE", "Pull request Pull request is in unstable status", "Its required checks are green and others are not", "merge it as it is"},
		{"the same", "UNPROCESSABLE", "Pull request Pull request is in dirty status", "It conflicts with its branch", "resolve the conflict"},
		{"https://github.com/AliceJump/ok-end-field/pull/211", "UNPROCESSABLE", "Auto merge is not allowed for this repository", "The repository doesn't allow auto-merge", "*Allow auto-merge*"},
		{"the same, before 2024", "UNPROCESSABLE", "Pull request Auto merge is not allowed for this repository", "The repository doesn't allow auto-merge", "*Allow auto-merge*"},
		{"https://github.com/product-os/flowzone/pull/1201", "UNPROCESSABLE", "Pull request Protected branch rules not configured for this branch", "The branch is not protected", "require the checks"},
		{"https://github.com/tokuhirom/mutsu/pull/5583", "UNPROCESSABLE", "Merge method squash merging is not allowed on this repository", "doesn't allow this way of merging", "`cherrypick.auto_merge`"},
		{"https://github.com/coder/coder/pull/16297", "UNPROCESSABLE", "Merge method merge commits are not allowed on this repository", "doesn't allow this way of merging", "`cherrypick.auto_merge`"},
		{"a draft", "UNPROCESSABLE", "Pull request Pull request is in draft status", "It is a draft", "ready for review"},
		{"a branch that few may push to", "FORBIDDEN", "Pull request User is not authorized for this protected branch", "GitHub doesn't let Slipway merge into that branch", "let the App push there"},
		{"https://github.com/einaregilsson/build-number/issues/23", "FORBIDDEN", "Resource not accessible by integration", "GitHub doesn't let Slipway do this; the App probably lacks a permission", "grant it"},
		{"a ruleset", "UNPROCESSABLE", "Repository rule violations found\n\nCannot delete this branch\n\n", "A rule of the repository forbids it", "bypass the ruleset"},
		{"https://github.com/peter-evans/enable-pull-request-automerge/issues/310", "UNPROCESSABLE", "Can't enable auto-merge for this pull request.", "GitHub doesn't take this", "settings mended"},
	} {
		r := refusedMutation(graphQLError{Type: tt.kind, Message: tt.said})
		if !strings.Contains(r.Cause(), tt.cause) || !strings.Contains(r.Mend(), tt.next) {
			t.Errorf("%s: %s; %s", tt.source, r.Cause(), r.Mend())
		}
	}
}
