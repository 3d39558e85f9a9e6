package ghclient_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestStatusChecks: check runs and statuses are one list, the latest of each, and
// what we report ourselves is no evidence.
func TestStatusChecks(t *testing.T) {
	m := remembering(t)
	bob, sha := m.gh.As("bob"), m.pr.HeadSHA
	m.ok(bob.SetStatus("acme/rocket", sha, "build", "pending"))
	m.ok(bob.SetStatus("acme/rocket", sha, "build", "error"))
	m.ok(bob.SetStatus("acme/rocket", sha, "test", "success"))
	for name, conclusion := range map[string]string{"skipped": "skipped", "lint": "timed_out", "running": ""} {
		status := "completed"
		if conclusion == "" {
			status = "in_progress"
		}
		_, err := m.gh.ForeignCheck("acme/rocket", sha, name, status, conclusion)
		m.ok(err)
	}
	_, err := m.Apply(t.Context(), effect.CheckRun{Repo: rocket, Number: 1, Commit: sha, Name: "slipway/x", Verdict: effect.Verdict{State: effect.Pass, Title: "x"}})
	m.ok(err)
	want := []github.StatusCheck{
		{Name: "build", State: github.CheckFailed}, {Name: "lint", State: github.CheckFailed}, {Name: "running", State: github.CheckPending},
		{Name: "skipped", State: github.CheckSucceeded}, {Name: "test", State: github.CheckSucceeded},
	}
	for _, ref := range []string{sha, "x"} {
		list, found, err := m.StatusChecks(t.Context(), rocket, ref)
		if diff := cmp.Diff(want, list, cmpopts.IgnoreFields(github.StatusCheck{}, "URL", "At")); err != nil || !found || diff != "" {
			t.Errorf("%s: %v %v %s", ref, found, err, diff)
		}
		for _, c := range list {
			if c.At.IsZero() {
				t.Errorf("nobody knows when %s was heard of", c.Name)
			}
		}
	}
	if list, found, err := m.StatusChecks(t.Context(), rocket, "nowhere"); err != nil || found || len(list) > 0 {
		t.Errorf("%v %v %v", list, found, err)
	}
}
