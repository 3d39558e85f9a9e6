package build

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

const day = 24 * time.Hour

// busy is a release of which three versions were started: an alpha on the default
// branch, a beta that was built twice and published, and one that is being built.
func busy(t *testing.T) *past {
	p := newPast(t)
	p.texts[trackedBuild] = []github.FileText{
		wrote("c4", time.Hour, "1.31.0-beta.1"), wrote("c3", time.Hour, "1.31.0-beta.1"), // within one second
		wrote("c2", 3*time.Hour, "1.31.0-beta.0"), wrote("c1", 5*time.Hour, "1.31.0-beta.0"),
		wrote("x1", 6*time.Hour, "nonsense"), wrote("x2", 6*time.Hour, "1.30.4"), wrote("x3", 6*time.Hour, "1.32.0-beta.0"),
		wrote("a1", 14*day, "1.31.0-alpha.0"), wrote("x4", 14*day+time.Second, "1.31.0-alpha.1"),
	}
	p.texts[trackedPublish] = []github.FileText{wrote("p1", 2*time.Hour, "1.31.0-beta.0"), wrote("a1", 14*day, "1.31.0-alpha.0")}
	p.texts["istio/release-builder master release/trigger-build"] = []github.FileText{wrote("a2", 13*day, "1.31.0-alpha.0"), wrote("a1", 14*day, "1.31.0-alpha.0")}
	p.merged["istio/release-builder release-1.31 c2"] = github.PullDetail{PullRequest: github.PullRequest{Number: 2}}
	p.merged["istio/release-builder release-1.31 p1"] = github.PullDetail{PullRequest: github.PullRequest{Number: 3}}
	bob, carol := github.User{ID: 2, Login: "bob"}, github.User{ID: 4, Login: "carol"}
	p.details[2] = github.PullDetail{PullRequest: github.PullRequest{Number: 2}, MergedBy: bob}
	p.details[3] = github.PullDetail{PullRequest: github.PullRequest{Number: 3}, MergedBy: carol, MergeCommit: "m3"}
	check := func(name string, state github.CheckState) github.StatusCheck {
		return github.StatusCheck{Name: name, State: state, At: noon}
	}
	p.checks["istio/release-builder c4"] = []github.StatusCheck{check("build-amd64", github.CheckPending)}
	p.checks["istio/release-builder c2"] = []github.StatusCheck{check("build-amd64", github.CheckSucceeded), check("flaky-lint", github.CheckFailed)}
	p.checks["istio/release-builder p1"] = []github.StatusCheck{check("not of the merge", github.CheckFailed)}
	p.checks["istio/release-builder m3"] = []github.StatusCheck{check("publish-all", github.CheckSucceeded)}
	p.tags["istio/istio 1.31.0"] = []string{"1.31.0-beta.0", "1.31.0-beta.10", "1.31.0-alpha.01"}
	p.out[home] = []github.Release{{Tag: "1.31.0-beta.1", URL: "u1"}, {Tag: "1.31.0-beta.0", URL: "u2"}}
	return p
}

const (
	alphaLine = "1.31.0-alpha.0, 2 builds; build of 1.31.0-alpha.0 on master at a2, 312h0m0s; publish of 1.31.0-alpha.0 on release-1.31 at a1, 336h0m0s; tag in istio false\n"
	beta0Line = "1.31.0-beta.0, 2 builds; build of 1.31.0-beta.0 on release-1.31 at c2, 3h0m0s, #2 by bob, build-amd64 succeeded, by design flaky-lint; " +
		"publish of 1.31.0-beta.0 on release-1.31 at m3, 2h0m0s, #3 by carol, publish-all succeeded; tag in istio true; release u2\n"
	beta1Line = "1.31.0-beta.1, 2 builds; build of 1.31.0-beta.1 on release-1.31 at c4, 1h0m0s, build-amd64 pending\n"
)

// TestFollowed: what the comments of a tracking issue are made of.
func TestFollowed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*past)
		want   string
	}{
		{"three versions", func(*past) {}, alphaLine + beta0Line + beta1Line},
		{"nothing was started", func(p *past) { clear(p.texts) }, ""},
		{"a publish whose build is on no branch", func(p *past) {
			p.texts = map[string][]github.FileText{trackedPublish: {wrote("p1", 2*time.Hour, "1.31.0-beta.0")}}
		}, "1.31.0-beta.0, 0 builds; publish of 1.31.0-beta.0 on release-1.31 at m3, 2h0m0s, #3 by carol, publish-all succeeded; tag in istio true; release u2\n"},
		{"followed for an hour", func(p *past) { p.settings += ", follow: 1h" }, beta1Line},
		{"with patterns", func(p *past) {
			p.settings += ", build_checks: [arm64, build-*], publish_checks: [images], follow: 3h, tags_in: [istio, api]"
			p.tags["istio/api 1.31.0"] = []string{"1.31.0-beta.0-x"}
		}, "1.31.0-beta.0, 1 builds; build of 1.31.0-beta.0 on release-1.31 at c2, 3h0m0s, #2 by bob, build-amd64 succeeded, by design flaky-lint, no arm64; " +
			"publish of 1.31.0-beta.0 on release-1.31 at m3, 2h0m0s, #3 by carol, no images; tag in istio true; tag in api false; release u2\n" +
			"1.31.0-beta.1, 2 builds; build of 1.31.0-beta.1 on release-1.31 at c4, 1h0m0s, build-amd64 pending, no arm64\n"},
		{"a draft before what is out", func(p *past) {
			p.out[home] = []github.Release{{Tag: "1.31.0-beta.0", Draft: true, URL: "d1"}, {Tag: "1.31.0-beta.0", Draft: true, URL: "d2"}, {Tag: "1.31.0-beta.0", URL: "u2"}, {Tag: "1.31.0", URL: "u3"}}
		}, alphaLine + beta0Line + beta1Line},
		{"a draft behind what is out", func(p *past) {
			p.out[home] = append(p.out[home], github.Release{Tag: "1.31.0-beta.0", Draft: true, URL: "d1"})
		}, alphaLine + beta0Line + beta1Line},
		{"drafts", func(p *past) {
			p.out[home] = []github.Release{{Tag: "1.31.0-beta.0", Draft: true, URL: "d1"}, {Tag: "1.31.0-beta.0", Draft: true, URL: "d2"}}
		}, alphaLine + strings.Replace(beta0Line, "u2", "d1", 1) + beta1Line},
	} {
		p := busy(t)
		tc.change(p)
		if diff := cmp.Diff(tc.want, p.sees()); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

// TestFollowedIsBounded: of a release that was started often, the last few versions and
// changes are looked at.
func TestFollowedIsBounded(t *testing.T) {
	p := newPast(t)
	for i := range 7 {
		p.texts[trackedBuild] = append(p.texts[trackedBuild], wrote(fmt.Sprint("c", i), time.Duration(i)*time.Hour, fmt.Sprintf("1.31.0-beta.%d", 9-i)))
	}
	if got := p.sees(); strings.Count(got, "\n") != 5 || !strings.HasPrefix(got, "1.31.0-beta.5,") || !strings.Contains(got, "\n1.31.0-beta.9,") {
		t.Errorf("of 7 versions: %s", got)
	}
	clear(p.texts)
	for i := range 16 {
		p.texts[trackedBuild] = append(p.texts[trackedBuild], wrote(fmt.Sprint("c", i), time.Duration(i)*time.Hour, "1.31.0-beta.0"))
	}
	if got := p.sees(); got != "1.31.0-beta.0, 15 builds; build of 1.31.0-beta.0 on release-1.31 at c0, 0s\n" {
		t.Errorf("of 16 builds: %s", got)
	}
}

// TestFollowedNowhere: an issue that is no tracking issue of the repository follows
// nothing, and a patch release nothing on the default branch; neither costs a request.
func TestFollowedNowhere(t *testing.T) {
	for _, tc := range []struct {
		repo  github.Repo
		id    int
		found int // number of the tracking issue, 0 for none
		asked string
	}{
		{home, 9, 0, "releases under way"},
		{builder, 7, 0, "releases under way"},
		{home, 6, 6, "releases under way,history,history"},
		{home, 7, 7, "releases under way,default branch,history,history,history,history"},
	} {
		p := newPast(t)
		s, err := p.observe(tc.repo, tc.id)
		if err != nil || len(s.Followed) != 0 || (s.Tracking != nil) != (tc.found > 0) || s.Tracking != nil && s.Tracking.Number != tc.found {
			t.Errorf("%d: %+v, %v", tc.id, s.Tracking, err)
		}
		if got := strings.Join(p.asked, ","); got != tc.asked {
			t.Errorf("%d asks: %s", tc.id, got)
		}
	}
	p := busy(t)
	p.texts[trackedPublish] = nil
	if p.sees(); strings.Contains(strings.Join(p.asked, ","), "tags") || strings.Contains(strings.Join(p.asked, ","), "releases,") {
		t.Errorf("without a publish it asks: %s", p.asked)
	}
}

// made is a busy release whose builds are workflows, by the comments that tell of them.
func made(t *testing.T) *past {
	p := busy(t)
	p.settings += ", by: workflow_dispatch, build_dispatch: build.yml, publish_dispatch: publish.yml"
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	say := func(d dispatched) {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		line, err := sealer.Seal(effect.Place{Repo: 9, Number: 7}, effect.Mark{Kind: effect.MadeDispatch, ID: d.Asked}, raw)
		if err != nil {
			t.Fatal(err)
		}
		p.comments = append(p.comments, github.Comment{Body: line + "\n"})
	}
	for i, d := range []dispatched{
		{Version: "1.31.0-alpha.0", Purpose: Build, By: "dave", At: noon.Add(-14*day - time.Second), Commit: "c1", Branch: "master"},
		{Version: "1.31.0-alpha.1", Purpose: Build, By: "dave", At: noon.Add(-14 * day), Commit: "c1", Branch: "master"},
		{Version: "nonsense", Purpose: Build, By: "dave", At: noon, Commit: "c1", Branch: "master"},
		{Version: "1.31.0-beta.0", Purpose: Build, By: "alice", At: noon.Add(-3 * time.Hour), Commit: "c2", Branch: "release-1.31"},
		{Version: "1.31.0-beta.0", Purpose: Publish, By: "carol", At: noon.Add(-2 * time.Hour), Commit: "m3", Branch: "release-1.31"},
		{Version: "1.31.0-beta.0", Purpose: Build, By: "bob", At: noon.Add(time.Second / 2), Commit: "c4", Branch: "release-1.31"}, // reported in its second
		{Version: "1.31.0-beta.1", Purpose: Build, By: "bob", At: noon.Add(time.Second), Commit: "c4", Branch: "release-1.31"},     // reported before it
	} {
		d.Asked = fmt.Sprintf("comment/%d#0", i)
		say(d)
	}
	return p
}

// TestFollowedWorkflows: what was started by a workflow is known from our own comments,
// and counts for it from its start on.
func TestFollowedWorkflows(t *testing.T) {
	want := "1.31.0-alpha.1, 1 builds; build of 1.31.0-alpha.1 on master at c1, 336h0m0s, asked by dave\n" +
		"1.31.0-beta.0, 2 builds; build of 1.31.0-beta.0 on release-1.31 at c4, -500ms, asked by bob, build-amd64 pending; " +
		"publish of 1.31.0-beta.0 on release-1.31 at m3, 2h0m0s, asked by carol, publish-all succeeded; tag in istio true; release u2\n" +
		"1.31.0-beta.1, 1 builds; build of 1.31.0-beta.1 on release-1.31 at c4, -1s, asked by bob\n"
	if diff := cmp.Diff(want, made(t).sees()); diff != "" {
		t.Error(diff)
	}
}

// TestFollowedUnread: what can't be read is told, and never passes for what isn't there.
func TestFollowedUnread(t *testing.T) {
	for _, tc := range []struct {
		past func(*testing.T) *past
		what string
	}{
		{busy, "releases under way,default branch,history,merged with,pull request,checks,tags,releases"},
		{made, "releases under way,repository's id,comments,checks,tags,releases"},
	} {
		for what := range strings.SplitSeq(tc.what, ",") {
			p := tc.past(t)
			p.fails = what
			if _, err := p.observe(home, 7); err == nil {
				t.Errorf("%s: no error", what)
			}
		}
	}
}

// TestFollowers: which releases may have come further by what happened in a repository.
func TestFollowers(t *testing.T) {
	other := github.Repo{Owner: "istio", Name: "api"}
	const both = "istio/istio versions/6, istio/istio versions/7"
	for _, tc := range []struct {
		name, settings string
		repo           github.Repo
		id, want       string
	}{
		{"a report on what started a build", "", builder, "reported", both},
		{"a report elsewhere", "", other, "reported", ""},
		{"a report beside the tracking issues", "", home, "reported", ""},
		{"a push to the trigger files", "", builder, "reported", both},
		{"a tag beside the tracking issues", "", home, "tagged", both + ", istio/release-builder pr/7"},
		{"a tag elsewhere", "", other, "tagged", ""},
		{"a tag beside the trigger files", "", builder, "tagged", ""},
		{"a tag where a publish tags", ", tags_in: [api]", other, "tagged", both},
		{"a tag where a publish tags, of another owner", ", tags_in: [api]", github.Repo{Owner: "x", Name: "api"}, "tagged", ""},
		{"a release beside the tracking issues, which aren't tagged", ", tags_in: [api]", home, "tagged", both + ", istio/release-builder pr/7"},
	} {
		p := newPast(t)
		p.settings += tc.settings
		plan, err := p.handler().Capability().Plan(t.Context(), key(tc.repo, tc.id))
		var got []string
		for _, k := range plan.Enqueue {
			got = append(got, k.Repo.String()+" "+k.ID)
		}
		if err != nil || strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %s, %v, want %s", tc.name, got, err, tc.want)
		}
		if asks := strings.Contains(strings.Join(p.asked, ","), "under way"); asks != (tc.want != "" || tc.id == "tagged") {
			t.Errorf("%s: it asks %s", tc.name, p.asked)
		}
	}
	p := newPast(t)
	p.fails = "releases under way"
	if _, err := p.handler().Capability().Plan(t.Context(), key(builder, "reported")); err == nil {
		t.Error("what isn't known passes for no release")
	}
}
