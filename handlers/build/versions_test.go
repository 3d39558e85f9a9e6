package build

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

var home = github.Repo{Owner: "istio", Name: "istio"}

func (w *world) MergedWith(context.Context, github.Repo, release.Branch, string) (one github.PullDetail, found bool, err error) {
	return one, false, nil
}

func (w *world) StatusChecks(_ context.Context, _ github.Repo, ref string) ([]github.StatusCheck, bool, error) {
	w.ask("checks %s", ref)
	return w.checks, true, nil
}

func (w *world) Releases(context.Context, github.Repo) ([]github.Release, error) { return nil, nil }

var noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// following is a version as some hours after noon show it.
func following(t *testing.T, change func(*followed), hours float64) (followed, versions) {
	t.Helper()
	v := version(t, "1.31.0-beta.0")
	pr := func(n int) *github.PullDetail {
		return &github.PullDetail{PullRequest: github.PullRequest{Number: n, URL: fmt.Sprintf("https://github.com/istio/release-builder/pull/%d", n)},
			MergedBy: github.User{ID: 2, Login: "bob"}}
	}
	f := followed{Version: v, Builds: 1, Build: &started{Purpose: Build, Version: v, Branch: "release-1.31", Commit: head, At: noon, Pull: pr(5)}}
	change(&f)
	if f.Publish != nil {
		f.Publish.Purpose, f.Publish.Version, f.Publish.Branch, f.Publish.At, f.Publish.Pull = Publish, v, "release-1.31", noon.Add(2*time.Hour), pr(6)
		if f.Tags == nil {
			f.Tags = []tagSeen{{Repo: home}}
		}
	}
	s := versions{place: place{Repo: home, Now: noon.Add(time.Duration(hours * float64(time.Hour)))}, Number: 7}
	s.Settings.SetDefaults()
	s.Settings.Triggers.Repository = "release-builder"
	s.Policy.Policy = &config.Policy{}
	s.Tracking, s.Followed = &release.Tracking{Version: v.Final(), Branch: "release-1.31", Number: 7}, []followed{f}
	return f, s
}

func checks(states ...github.CheckState) (all []github.StatusCheck) {
	for i, state := range states {
		name := fmt.Sprintf("build-%d_postsubmit", i)
		all = append(all, github.StatusCheck{Name: name, State: state, URL: "https://prow.example.com/" + name, At: noon.Add(time.Hour)})
	}
	return all
}

func TestFollow(t *testing.T) {
	const ok, bad, runs = github.CheckSucceeded, github.CheckFailed, github.CheckPending
	done := reports{Checks: checks(ok)}
	publish := func(r reports, seen bool, rel *github.Release) func(*followed) {
		return func(f *followed) {
			f.Build.reports, f.Publish, f.Tags, f.Release = done, &started{reports: r}, []tagSeen{{Repo: home, Seen: seen}, {Repo: github.Repo{Owner: "istio", Name: "api"}, Seen: true}}, rel
		}
	}
	draft := &github.Release{Tag: "1.31.0-beta.0", Draft: true, Assets: []string{"a", "b"}, URL: "https://github.com/istio/istio/releases/tag/untagged-1"}
	public := &github.Release{Tag: "1.31.0-beta.0", Assets: []string{"a", "b"}, URL: "https://github.com/istio/istio/releases/tag/1.31.0-beta.0"}
	for _, tc := range []struct {
		name   string
		change func(*followed)
		hours  float64
		want   stage
		next   float64 // hours after noon; 0 for never
	}{
		{"just merged", func(*followed) {}, 0.5, building, 0.5 + 1.0/6},
		{"nothing heard", func(*followed) {}, 3, building, 3 + 1.0/6},
		{"almost nothing heard", func(*followed) {}, 2.9, building, 3},
		{"running", func(f *followed) {
			f.Build.reports = reports{Checks: checks(ok, runs), Missing: []config.CheckPattern{"arm-*"}, Design: []github.StatusCheck{{Name: "build-warning", State: bad}}}
		}, 1.5, building, 1.5 + 1.0/6},
		{"running for long", func(f *followed) { f.Build.reports.Checks = checks(ok, runs) }, 4, building, 4 + 1.0/6},
		{"all but one are in", func(f *followed) {
			f.Build.reports = reports{Checks: checks(ok), Missing: []config.CheckPattern{"arm"}}
		}, 2, building, 2 + 1.0/6},
		{"failed", func(f *followed) { f.Build.reports.Checks = checks(ok, bad, runs) }, 2, notBuildable, 0},
		{"failed, with links that nobody should follow", func(f *followed) {
			f.Build.reports.Checks = []github.StatusCheck{{Name: "x`](javascript:a) @team", State: bad, URL: "javascript:alert(1)"}}
		}, 2, notBuildable, 0},
		{"failed by design alone", func(f *followed) { f.Build.reports.Design = checks(bad) }, 2, building, 2 + 1.0/6},
		{"built", func(f *followed) { f.Build.reports = done }, 5, builtWell, 0},
		{"built by a push, for the third time", func(f *followed) { f.Build.reports, f.Build.Pull, f.Builds = done, nil, 3 }, 5, builtWell, 0},
		{"publishing", publish(reports{Checks: checks(runs)}, false, nil), 3, publishing, 3 + 1.0/6},
		{"publish failed", publish(reports{Checks: checks(bad)}, true, draft), 3, notPublished, 0},
		{"publish failed, and yet it is out", publish(reports{Checks: checks(bad)}, true, public), 3, out, 0},
		{"waits for tags", publish(done, false, nil), 3, waitsForTags, 3 + 1.0/6},
		{"waits for tags for long", publish(done, false, nil), 5, waitsForTags, 5 + 1.0/6},
		{"waits for a draft", publish(done, true, nil), 3, waitsForDraft, 3 + 1.0/6},
		{"drafted", publish(done, true, draft), 3, drafted, 4},
		{"out", publish(done, true, public), 3, out, 0},
		{"out without a tag", publish(done, false, public), 3, waitsForTags, 3 + 1.0/6},
		{"tagged while its checks run", publish(reports{Checks: checks(runs)}, true, nil), 3, waitsForDraft, 3 + 1.0/6},
		{"published without a build of it", func(f *followed) { publish(done, true, public)(f); f.Build = nil }, 3, out, 0},
		{"built anew after its publish", func(f *followed) { publish(done, false, nil)(f); f.Build.At = noon.Add(4 * time.Hour) }, 9, builtWell, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, s := following(t, tc.change, tc.hours)
			if got := f.stage(); got != tc.want {
				t.Errorf("it is %q, want %q", got, tc.want)
			}
			p := follow(s)
			want := time.Time{}
			if tc.next > 0 {
				want = noon.Add(time.Duration(tc.next * float64(time.Hour)))
			}
			if off := p.RequeueAt.Sub(want); off > time.Second || off < -time.Second {
				t.Errorf("it is looked at again at %s, want %s", p.RequeueAt, want)
			}
			e := p.Effects[0].(effect.Comment)
			golden.Check(t, "version-"+strings.ReplaceAll(tc.name, ",", "")+".md", p.Reason+"\n\n"+e.Body)
		})
	}
}

func TestNewestVersions(t *testing.T) {
	at := func(v string, p Purpose, hour int) started {
		return started{Purpose: p, Version: version(t, v), At: noon.Add(time.Duration(hour) * time.Hour)}
	}
	all := newestVersions([]started{
		at("1.31.0-beta.0", Publish, 3), at("1.31.0-beta.0", Build, 1), at("1.31.0-beta.1", Build, 2), at("1.31.0-alpha.0", Build, 0), at("1.31.0-beta.1", Build, 4),
	}, 2)
	got := ""
	for _, f := range all {
		got += fmt.Sprintf("%s built %d times, published %t; ", f.Version, f.Builds, f.Publish != nil)
	}
	if want := "1.31.0-beta.0 built 1 times, published true; 1.31.0-beta.1 built 2 times, published false; "; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if last := all[1].Build.At; !last.Equal(noon.Add(4 * time.Hour)) {
		t.Errorf("of several builds the one of %s counts", last)
	}
}
