package release

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// asked is the facts of a call on the tracking issue of 1.31.
func asked(t *testing.T, name, v string) askFacts {
	t.Helper()
	f := askFacts{
		Call: command.Call{Name: name, Args: []string{v}, Repo: github.Repo{Owner: "istio", Name: "istio"}, Number: 7, Source: command.InComment, ID: 5,
			Author: github.User{ID: 1, Login: "alice"}, At: time.Unix(0, 0)},
		Tracking: release.Tracking{Version: version(t, "1.31.0"), Branch: "release-1.31", Number: 7, URL: "https://github.com/istio/istio/issues/7"},
		Version:  version(t, v), Purpose: Build, Builder: builder, RepoID: 9, Base: "release-1.31", BaseHead: head,
		Was: map[Purpose]string{Build: "1.31.0-beta.0\n", Publish: "1.31.0-alpha.0\n"},
	}
	f.Settings.SetDefaults()
	if name == publishName {
		f.Purpose, f.Built = Publish, WasBuilt
	}
	return f
}

func TestPropose(t *testing.T) {
	open := func(f *askFacts) {
		f.Open = []github.PullDetail{{PullRequest: github.PullRequest{Number: 9, URL: "https://x/9", HeadRef: "trigger-build-1.31.0-beta.1"}}}
	}
	for _, tc := range []struct {
		name, command, version string
		change                 func(*askFacts)
		result                 command.Result
	}{
		{"build", buildName, "1.31.0-beta.1", func(*askFacts) {}, command.Done},
		{"build from master", buildName, "1.31.0-alpha.0", func(f *askFacts) { f.Base = "master"; f.Was[Build] = "1.30.0-alpha.2\n"; f.Was[Publish] = "" }, command.Done},
		{"first on a new branch", buildName, "1.31.0-beta.0", func(f *askFacts) { f.Was[Build] = "1.32.0-alpha.0\n" }, command.Done},
		{"again in a second try", buildName, "1.31.0-beta.1", func(f *askFacts) { f.Did = true; f.Was[Build] = "1.31.0-beta.1\n" }, command.Done},
		{"build what was built", buildName, "1.31.0-beta.0", func(f *askFacts) { f.Built = WasBuilt }, command.Invalid},
		{"build what is tagged", buildName, "1.31.0-beta.1", func(f *askFacts) { f.Tagged = true }, command.Invalid},
		{"build with a gap", buildName, "1.31.0-rc.1", func(*askFacts) {}, command.Invalid},
		{"build backwards", buildName, "1.31.0-alpha.3", func(*askFacts) {}, command.Invalid},
		{"build without a branch", buildName, "1.31.0-beta.1", func(f *askFacts) { f.BaseHead = "" }, command.Invalid},
		{"build of a closed release", buildName, "1.31.0-beta.1", func(f *askFacts) { f.Tracking.Closed = true }, command.Invalid},
		{"build twice", buildName, "1.31.0-beta.1", open, command.NoOp},
		{"rebuild", rebuildName, "1.31.0-beta.0", func(f *askFacts) { f.Built, f.Tagged = WasBuilt, true }, command.Done},
		{"rebuild an older one", rebuildName, "1.31.0-alpha.0", func(*askFacts) {}, command.Invalid},
		{"publish", publishName, "1.31.0-beta.0", func(*askFacts) {}, command.Done},
		{"publish while it is built", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = Unfinished }, command.Done},
		{"publish while it is built, strictly", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = Unfinished; f.Settings.Triggers.Unbuilt = Refusal }, command.Invalid},
		{"publish what failed to be built, strictly", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = BuildFailed; f.Settings.Triggers.Unbuilt = Refusal }, command.Invalid},
		{"build what failed to be built", buildName, "1.31.0-beta.0", func(f *askFacts) { f.Built = BuildFailed }, command.Invalid},
		{"publish unbuilt", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built = NotBuilt }, command.Done},
		{"publish unbuilt strictly", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Built, f.Settings.Triggers.Unbuilt = NotBuilt, Refusal }, command.Invalid},
		{"publish with blockers", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Blockers = []string{"#3 Crash", "#4 Leak"} }, command.Invalid},
		{"publish what is tagged", publishName, "1.31.0-beta.0", func(f *askFacts) { f.Tagged = true }, command.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := asked(t, tc.command, tc.version)
			tc.change(&f)
			out, err := propose(f)
			if err != nil || out.Result != tc.result {
				t.Fatalf("%+v, %v", out, err)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%s: %s\n", out.Result, out.Reply)
			for _, e := range out.Effects {
				fmt.Fprintf(&b, "\n-> %s\n", e)
				switch e := e.(type) {
				case effect.Files:
					fmt.Fprintf(&b, "%q from %s\n", e.Files, effect.Short(e.From))
				case effect.PullRequest:
					fmt.Fprintf(&b, "%s\n\n%s", e.Record, e.Text)
				}
			}
			golden.Check(t, "ask-"+tc.name+".md", b.String())
		})
	}
}

// TestProposalIsSealed: what a pull request says of who asked for it is believed
// only as it was sealed for its repository and its branch.
func TestProposalIsSealed(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	h := &Handler{Sealer: sealer}
	out, err := propose(asked(t, publishName, "1.31.0-beta.0"))
	if err != nil {
		t.Fatal(err)
	}
	e := out.Effects[1].(effect.PullRequest)
	line, err := sealer.Seal(e.At, e.Mark, e.Record)
	if err != nil {
		t.Fatal(err)
	}
	good := github.PullDetail{PullRequest: github.PullRequest{RepoID: 9, HeadRef: e.Head}, Body: line + "\n" + e.Text}
	if p, ok := h.proposal(good); !ok || p.ByID != 1 || p.Branch != "release-1.31" {
		t.Errorf("%+v, %t", p, ok)
	}
	for name, change := range map[string]func(*github.PullDetail){
		"another asker":      func(p *github.PullDetail) { p.Body = strings.Replace(p.Body, `"by_id":1`, `"by_id":2`, 1) },
		"another branch":     func(p *github.PullDetail) { p.HeadRef = "trigger-publish-1.31.0" },
		"another repository": func(p *github.PullDetail) { p.RepoID = 10 },
		"no record":          func(p *github.PullDetail) { p.Body = e.Text },
	} {
		bad := good
		change(&bad)
		if p, ok := h.proposal(bad); ok {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
