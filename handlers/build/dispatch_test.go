package build

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func (w *world) OwnComments(context.Context, github.Repo, int) ([]github.Comment, error) {
	return nil, nil
}

func (w *world) Section(context.Context, github.Repo, int, effect.Mark, effect.Mark) (string, error) {
	return "", nil
}

func TestStart(t *testing.T) {
	made := func(v string, p Purpose) dispatched {
		return dispatched{Version: v, Purpose: p, By: "alice", ByID: 1, At: noon.Add(-time.Hour)}
	}
	askedBy := func(id int64) func(*dispatchFacts) {
		return func(f *dispatchFacts) {
			f.Ask = &publishAsk{Version: "1.31.0-beta.0", By: "dave", ByID: id, At: noon.Add(-time.Hour)}
		}
	}
	for _, tc := range []struct {
		name, command, version string
		change                 func(*dispatchFacts)
		result                 command.Result
	}{
		{"build", buildName, "1.31.0-beta.1", func(*dispatchFacts) {}, command.Done},
		{"build by an event", buildName, "1.31.0-beta.1", func(f *dispatchFacts) {
			f.Settings.Triggers.By, f.Settings.Triggers.BuildDispatch = RepositoryDispatch, "build-release"
			f.Settings.Triggers.Inputs = []Input{{"version", "{version}"}, {"what", "{purpose} of {branch}"}}
		}, command.Done},
		{"build worked again", buildName, "1.31.0-beta.1", func(f *dispatchFacts) { f.Did = true }, command.Done},
		{"build started before", buildName, "1.31.0-beta.0", func(*dispatchFacts) {}, command.Invalid},
		{"build what is tagged", buildName, "1.31.0-beta.1", func(f *dispatchFacts) { f.Tagged = true }, command.Invalid},
		{"build with a gap", buildName, "1.31.0-rc.1", func(*dispatchFacts) {}, command.Invalid},
		{"build before a tag", buildName, "1.31.0-beta.1", func(f *dispatchFacts) { f.Out = (release.Scheme{}).OfTags([]string{"v1.31.0-rc.0"}) }, command.Invalid},
		{"build without a branch", buildName, "1.31.0-beta.1", func(f *dispatchFacts) { f.BaseHead = "" }, command.Invalid},
		{"build of a closed release", buildName, "1.31.0-beta.1", func(f *dispatchFacts) { f.Tracking.Closed = true }, command.Invalid},
		{"rebuild", rebuildName, "1.31.0-beta.0", func(*dispatchFacts) {}, command.Done},
		{"rebuild what is tagged", rebuildName, "1.31.0-beta.0", func(f *dispatchFacts) { f.Tagged = true }, command.Done},
		{"rebuild what was never built", rebuildName, "1.31.0-beta.1", func(*dispatchFacts) {}, command.Invalid},
		{"publish asked first", publishName, "1.31.0-beta.0", func(*dispatchFacts) {}, command.Done},
		{"publish asked twice by one", publishName, "1.31.0-beta.0", askedBy(1), command.NoOp},
		{"publish agreed to", publishName, "1.31.0-beta.0", askedBy(4), command.Done},
		{"publish while it is published", publishName, "1.31.0-beta.0", func(f *dispatchFacts) { f.Running = true }, command.Invalid},
		{"publish with blockers", publishName, "1.31.0-beta.0", func(f *dispatchFacts) { askedBy(4)(f); f.Blockers.All = twoBlockers[:1] }, command.Invalid},
		{"publish what is tagged", publishName, "1.31.0-beta.0", func(f *dispatchFacts) { askedBy(4)(f); f.Tagged = true }, command.Invalid},
		{"publish what failed to be built", publishName, "1.31.0-beta.0", func(f *dispatchFacts) { f.Built = BuildFailed }, command.Done},
		{"publish what failed to be built, strictly", publishName, "1.31.0-beta.0", func(f *dispatchFacts) { f.Built = BuildFailed; f.Settings.Triggers.Unbuilt = Refusal }, command.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := dispatchFacts{askFacts: asked(t, tc.command, tc.version), HomeID: 8, RunsAt: head, Made: []dispatched{made("1.31.0-beta.0", Build)}}
			f.Settings.Triggers.By, f.Settings.Triggers.BuildDispatch, f.Settings.Triggers.PublishDispatch = WorkflowDispatch, "build.yml", "publish.yml"
			f.Call.At, f.Now = noon, noon
			tc.change(&f)
			out, err := start(f)
			if err != nil || out.Result != tc.result {
				t.Errorf("%s, want %s (%v)", out.Result, tc.result, err)
			}
			text := fmt.Sprintf("%s: %s\n", out.Result, out.Reply)
			for _, e := range out.Effects {
				text += fmt.Sprintf("\n-> %s\n", e)
				switch e := e.(type) {
				case effect.Dispatch:
					text += fmt.Sprintf("%v\n%s\n%s\n%s\n", e.Inputs, e.Note.Record, e.Note.Before, e.Note.After)
				case effect.Section:
					text += fmt.Sprintf("%s\n%s\n", e.Record, e.Text)
				}
			}
			golden.Check(t, "start-"+tc.name+".md", text)
		})
	}
}

// TestReadAsk: an ask of another version, of yesterday, by a forged record or one
// that a publish came of already agrees to nothing.
func TestReadAsk(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("s"))
	if err != nil {
		t.Fatal(err)
	}
	h := &Handler{Sealer: sealer}
	part := func(place effect.Place, version, at string) string {
		line, err := sealer.Seal(place, askMark(asked(t, publishName, "1.31.0-beta.0").Version),
			[]byte(fmt.Sprintf(`{"version":%q,"by":"dave","by_id":4,"asked":"x","at":%q}`, version, at)))
		if err != nil {
			t.Fatal(err)
		}
		return line + "\ntext"
	}
	here := effect.Place{Repo: 8, Number: 7}
	for _, tc := range []struct {
		name, part string
		made       []dispatched
		want       bool
	}{
		{"good", part(here, "1.31.0-beta.0", "2026-08-01T11:00:00Z"), nil, true},
		{"none", "", nil, false},
		{"of another version", part(here, "1.31.0-beta.1", "2026-08-01T11:00:00Z"), nil, false},
		{"of another issue", part(effect.Place{Repo: 8, Number: 9}, "1.31.0-beta.0", "2026-08-01T11:00:00Z"), nil, false},
		{"too old", part(here, "1.31.0-beta.0", "2026-07-31T11:59:00Z"), nil, false},
		{"used", part(here, "1.31.0-beta.0", "2026-08-01T11:00:00Z"), []dispatched{{Version: "1.31.0-beta.0", Purpose: Publish, At: noon}}, false},
		{"used before", part(here, "1.31.0-beta.0", "2026-08-01T11:00:00Z"), []dispatched{{Version: "1.31.0-beta.0", Purpose: Publish, At: noon.Add(-2 * time.Hour)}}, true},
	} {
		f := dispatchFacts{askFacts: asked(t, publishName, "1.31.0-beta.0"), HomeID: 8, AskPart: tc.part, Made: tc.made}
		f.Call.At = noon
		if got := h.readAsk(f); (got != nil) != tc.want {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}

func TestDispatchSettings(t *testing.T) {
	for text, want := range map[string]string{
		"by: workflow_dispatch, build_dispatch: build.yml, publish_dispatch: publish.yaml":                                          "",
		"by: repository_dispatch, build_dispatch: build now, publish_dispatch: publish":                                             "",
		"by: workflow_dispatch, build_dispatch: build.yml":                                                                          "release.triggers.publish_dispatch: is missing",
		"by: workflow_dispatch, build_dispatch: ../build.yml, publish_dispatch: p.yml":                                              `"../build.yml" is no workflow's file`,
		"by: workflow_dispatch, build_dispatch: b.yml, publish_dispatch: p.yml, inputs: [{name: v, value: a}, {name: v, value: b}]": `"v" is given already`,
	} {
		_, err := config.ParsePolicy("policy", []byte("branches: [release-*]\nrelease:\n  triggers: {repository: release-builder, "+text+"}\n"), config.Declare[Settings](Name))
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %q", text, got, want)
		}
	}
}
