package checklist

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
)

func TestChecksFound(t *testing.T) {
	check := func(name string, state github.CheckState) github.StatusCheck {
		return github.StatusCheck{Name: name, State: state, URL: "https://prow/" + name}
	}
	good := []github.StatusCheck{check("unit_postsubmit", github.CheckSucceeded), check("lint_postsubmit", github.CheckSucceeded)}
	design := []config.CheckPattern{"build-warning"}
	for _, tc := range []struct {
		name string
		list []github.StatusCheck
		want []config.CheckPattern
		is   found
	}{
		{"all succeeded", good, []config.CheckPattern{"*_postsubmit"}, found{Yes: true, What: "2 checks succeeded"}},
		{"one failed", append(good, check("e2e_postsubmit", github.CheckFailed)), []config.CheckPattern{"*_postsubmit"},
			found{What: "e2e\\_postsubmit failed", URL: "https://prow/e2e_postsubmit", Failed: []string{"e2e\\_postsubmit"}}},
		{"one failed by design", append(good, check("build-warning", github.CheckFailed)), []config.CheckPattern{"*"}, found{Yes: true, What: "2 checks succeeded"}},
		{"one failed that nobody asks about", append(good, check("nightly", github.CheckFailed)), []config.CheckPattern{"*_postsubmit"}, found{Yes: true, What: "2 checks succeeded"}},
		{"one runs", append(good, check("e2e_postsubmit", github.CheckPending)), []config.CheckPattern{"*_postsubmit"}, found{Unknown: true, What: "not all of the checks are in"}},
		{"one runs and one failed", append(good, check("a_postsubmit", github.CheckPending), check("b_postsubmit", github.CheckFailed)), []config.CheckPattern{"*_postsubmit"},
			found{What: "b\\_postsubmit failed", URL: "https://prow/b_postsubmit", Failed: []string{"b\\_postsubmit"}}},
		{"one isn't reported", good, []config.CheckPattern{"*_postsubmit", "e2e"}, found{Unknown: true, What: "not all of the checks are in"}},
		{"nothing is reported", nil, []config.CheckPattern{"*"}, found{Unknown: true, What: "not all of the checks are in"}},
		{"nothing but what fails by design", []github.StatusCheck{check("build-warning", github.CheckFailed)}, []config.CheckPattern{"*"}, found{Unknown: true, What: "not all of the checks are in"}},
	} {
		if diff := cmp.Diff(tc.is, checksFound(tc.list, tc.want, design)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

func TestReleaseFound(t *testing.T) {
	draft := github.Release{Tag: "1.31.0", Draft: true, Assets: []string{"a", "b"}, URL: "draft"}
	public := github.Release{Tag: "1.31.0", Assets: []string{"a", "b"}, URL: "public"}
	bare := github.Release{Tag: "1.31.0", Draft: true, URL: "bare"}
	other := github.Release{Tag: "1.31.0-rc.0", URL: "other"}
	for _, tc := range []struct {
		name   string
		list   []github.Release
		state  ReleaseState
		assets []string
		want   found
	}{
		{"none", []github.Release{other}, "", nil, found{}},
		{"a draft isn't out", []github.Release{draft}, "", nil, found{}},
		{"a draft will do", []github.Release{draft}, DraftRelease, nil, found{Yes: true, What: "the draft of the release is there", URL: "draft"}},
		{"out", []github.Release{other, public}, "", nil, found{Yes: true, What: "the release is out", URL: "public"}},
		{"out is more than a draft", []github.Release{public, draft}, DraftRelease, nil, found{Yes: true, What: "the release is out", URL: "public"}},
		{"with its files", []github.Release{public}, PublicRelease, []string{"a", "b"}, found{Yes: true, What: "the release is out with 2 files", URL: "public"}},
		{"without one of them", []github.Release{public}, PublicRelease, []string{"a", "c"}, found{What: "the release is out, but lacks 1 of 2 files", URL: "public"}},
		{"two drafts, one of them whole", []github.Release{bare, draft}, DraftRelease, []string{"a"}, found{Yes: true, What: "the draft of the release is there with 1 file", URL: "draft"}},
		{"two drafts, the whole one first", []github.Release{draft, bare}, DraftRelease, []string{"a"}, found{Yes: true, What: "the draft of the release is there with 1 file", URL: "draft"}},
	} {
		if diff := cmp.Diff(tc.want, releaseFound(tc.list, "1.31.0", tc.state, tc.assets)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}
