package checklist

import (
	"context"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestBelieved: each piece of evidence has its turn in one hour of the day, and what
// isn't settled yet is never believed.
func TestBelieved(t *testing.T) {
	done, open := Step{ID: "done"}, Step{ID: "open"}
	v, err := startVersion(release.Scheme{}, "1.31")
	if err != nil {
		t.Fatal(err)
	}
	looks := map[string]int{}
	for hour := range hoursOfDay {
		p := &probing{tracked: tracked{home: home{Repo: repo}, Tracker: Tracker{Record: Record{Steps: map[string]State{"done": {Status: StepDone}}}, Version: v}},
			sparing: sparing{hour: hour}}
		for _, what := range []string{"label", "milestone", "team"} {
			if !p.believes(done, repo, what, what) {
				looks[what]++
			}
			if p.believes(open, repo, what, what) {
				t.Errorf("the %s of an open step is believed", what)
			}
		}
		for _, tc := range []struct{ what, name string }{{branchThere, "release-1.31"}, {tagThere, "1.31.0-rc.0"}, {tagThere, "1.31.0"}, {tagThere, "v1.31.0"}} {
			if p.believes(done, repo, tc.what, tc.name) {
				t.Errorf("%s: %s is believed, and it is read anyway", tc.what, tc.name)
			}
		}
	}
	for _, what := range []string{"label", "milestone", "team"} {
		if looks[what] != 1 {
			t.Errorf("the %s is looked at %d times a day", what, looks[what])
		}
	}
}

// files is a GitHub whose files nobody has read yet.
type files struct {
	GitHub
	read map[string]bool
}

func (f files) Tip(context.Context, github.Repo, release.Branch) (string, error) { return "abc", nil }

func (f files) FileAtCommit(_ context.Context, repo github.Repo, commit, path string, anew bool) (github.File, bool, error) {
	key := repo.String() + commit + path
	f.read[key] = f.read[key] || anew
	return github.File{Found: f.read[key], Text: "yes"}, f.read[key], nil
}

// TestPutOff: what a look leaves to the next keeps a step as it is, and the looks
// come to an end.
func TestPutOff(t *testing.T) {
	step := Step{ID: "pin", Probe: Probe{File: "f", Match: "yes"}}
	gh := files{read: map[string]bool{}}
	for i, want := range []found{{Unknown: true, Yes: false}, {Unknown: false, Yes: true}} {
		p := &probing{tracked: looked(t, "2026-07-20").tracked, h: &Handler{GitHub: gh}, sparing: sparing{files: leastFiles}}
		p.look = facts.NewLook(t.Context(), agreeing(&facts.Sources{Policies: fixedPolicy{p.Policy}}), repo, p.Now)
		got, err := p.evidence(step)
		if err != nil || got.Unknown != want.Unknown || got.Yes != want.Yes || p.putOff != want.Unknown {
			t.Errorf("look %d: %+v, put off %t, %v", i, got, p.putOff, err)
		}
	}
	snap := looked(t, "2026-07-20")
	snap.PutOff = true
	if plan := refresh(snap); !plan.RequeueAt.Equal(snap.Now.Add(goOn)) {
		t.Errorf("it goes on at %s", plan.RequeueAt)
	}
}
