package sandbox_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestDispatchWorkflow: a workflow has to be known, to be startable on the ref, and
// to take the inputs that it is given.
func TestDispatchWorkflow(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	_, err := w.s.As("alice").Push(repo, "master", map[string]string{
		".github/workflows/build.yml": "on:\n  workflow_dispatch:\n    inputs:\n      version:\n        type: string\n",
		".github/workflows/test.yml":  "on: push\n",
	}, "Workflows")
	must(t, err)
	ctx, client := context.Background(), w.installation(w.inst)
	for _, tc := range []struct {
		name, file, ref string
		inputs          map[string]any
		want            int
	}{
		{"known", "build.yml", "master", map[string]any{"version": "1.31.0"}, 0},
		{"with its full ref", "build.yml", "refs/heads/master", nil, 0},
		{"unknown", "none.yml", "master", nil, 404},
		{"not startable", "test.yml", "master", nil, 422},
		{"not on the branch", "build.yml", "release-1.30", nil, 422},
		{"without a branch", "build.yml", "release-9.9", nil, 422},
		{"with an input that it doesn't have", "build.yml", "master", map[string]any{"verison": "1.31.0"}, 422},
	} {
		_, err := client.Actions.CreateWorkflowDispatchEventByFileName(ctx, "istio", "istio", tc.file, gh.CreateWorkflowDispatchEventRequest{Ref: tc.ref, Inputs: tc.inputs})
		if got := status(err); got != tc.want {
			t.Errorf("%s: %d, want %d (%v)", tc.name, got, tc.want, err)
		}
	}
	bot := w.s.Dispatches(repo)[0].By
	want := []sandbox.Dispatch{
		{Workflow: "build.yml", Ref: "master", Inputs: map[string]any{"version": "1.31.0"}, By: bot},
		{Workflow: "build.yml", Ref: "master", By: bot},
	}
	if diff := cmp.Diff(want, w.s.Dispatches(repo)); diff != "" {
		t.Error(diff)
	}
}

// TestDraft: a draft is only for those who may push, has files, and no tag yet.
func TestDraft(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	ctx, alice := context.Background(), w.s.As("alice")
	must(t, alice.Draft(repo, "1.31.0", "master", "istio-1.31.0-osx.tar.gz", "istio-1.31.0-osx.tar.gz.sha256"))
	list := func() []*gh.RepositoryRelease {
		all, _, err := w.installation(w.inst).Repositories.ListReleases(ctx, "istio", "istio", nil)
		must(t, err)
		return all
	}
	if all := list(); len(all) != 1 || !all[0].GetDraft() || len(all[0].Assets) != 2 {
		t.Errorf("the draft is %v", all)
	}
	if _, _, err := w.installation(w.inst).Git.GetRef(ctx, "istio", "istio", "tags/1.31.0"); status(err) != 404 {
		t.Errorf("a draft has a tag: %v", err)
	}
	must(t, alice.PublishRelease(repo, "1.31.0"))
	if all := list(); all[0].GetDraft() || !all[0].GetPrerelease() {
		t.Errorf("published, it is %v", all[0])
	}
	_, _, err := w.installation(w.inst).Git.GetRef(ctx, "istio", "istio", "tags/1.31.0")
	must(t, err)
}
