package build

import (
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestFollowComments: each version has a comment of its own on its tracking issue, and
// where there is nothing to say the log says why.
func TestFollowComments(t *testing.T) {
	f, s := following(t, func(*followed) {}, 1)
	other := f
	other.Version = version(t, "1.31.0-beta.1")
	s.Followed = append(s.Followed, other)
	p := follow(s)
	if want := "1.31.0-beta.0: building; 1.31.0-beta.1: building"; p.Reason != want || len(p.Effects) != 2 {
		t.Errorf("%+v", p)
	}
	for i, v := range []string{"1.31.0-beta.0", "1.31.0-beta.1"} {
		c := p.Effects[i].(effect.Comment)
		if c.Body = ""; c != (effect.Comment{Repo: home, Number: 7, Mark: effect.Mark{Kind: "version", ID: v}}) {
			t.Errorf("%s: %+v", v, c)
		}
	}
	for want, change := range map[string]func(*versions){
		"the policy names no repository with trigger files":      func(s *versions) { s.Settings.Triggers.Repository = "" },
		"#7 is no tracking issue of a release that is under way": func(s *versions) { s.Tracking = nil },
		"no version of 1.31.0 was started lately":                func(s *versions) { s.Followed = nil },
		"1.31.0-beta.0: built; 1.31.0-beta.1: building": func(s *versions) {
			s.Followed[0].Build = &started{reports: reports{Checks: checks(github.CheckSucceeded)}}
		},
	} {
		one := s
		one.Followed = append([]followed(nil), s.Followed...)
		change(&one)
		if p := follow(one); p.Reason != want || len(p.Effects) != len(one.Followed) && one.Tracking != nil && one.Settings.Triggers.Repository != "" {
			t.Errorf("%+v, want %s", p, want)
		} else if (one.Tracking == nil || one.Settings.Triggers.Repository == "") && len(p.Effects) > 0 {
			t.Errorf("%s: %+v", want, p.Effects)
		}
	}
}

func TestFollowSoonest(t *testing.T) {
	var never time.Time
	early, late := noon, noon.Add(time.Hour)
	for _, tc := range [][3]time.Time{{never, never, never}, {never, early, early}, {early, never, early}, {early, late, early}, {late, early, early}} {
		if got := soonest(tc[0], tc[1]); !got.Equal(tc[2]) {
			t.Errorf("of %s and %s: %s", tc[0], tc[1], got)
		}
	}
}

// TestFollowSilence: what isn't over is under way as long as it is heard of, and silent
// from then on; what is over is neither.
func TestFollowSilence(t *testing.T) {
	const ok, bad, runs = github.CheckSucceeded, github.CheckFailed, github.CheckPending
	at := func(state github.CheckState, hours int) github.StatusCheck {
		return github.StatusCheck{Name: "build", State: state, At: noon.Add(time.Duration(hours) * time.Hour)}
	}
	for _, tc := range []struct {
		name     string
		checks   []github.StatusCheck
		missing  bool
		heard    int // hours after noon, when it began
		underWay bool
	}{
		{"nothing is reported", nil, false, 0, true},
		{"it runs", []github.StatusCheck{at(runs, 1)}, false, 1, true},
		{"the last counts", []github.StatusCheck{at(ok, 1), at(runs, 4), at(ok, 2)}, false, 4, true},
		{"reported before it was merged", []github.StatusCheck{at(runs, -1)}, false, 0, true},
		{"one is missing", []github.StatusCheck{at(ok, 1)}, true, 1, true},
		{"succeeded", []github.StatusCheck{at(ok, 1)}, false, 1, false},
		{"failed", []github.StatusCheck{at(bad, 1), at(runs, 2)}, true, 2, false},
	} {
		s := started{At: noon, reports: reports{Checks: tc.checks}}
		if tc.missing {
			s.Missing = []config.CheckPattern{"arm"}
		}
		heard := noon.Add(time.Duration(tc.heard) * time.Hour)
		if got := s.heard(); !got.Equal(heard) {
			t.Errorf("%s: heard at %s", tc.name, got)
		}
		for _, now := range []time.Time{heard, heard.Add(3*time.Hour - time.Second), heard.Add(3 * time.Hour), heard.Add(9 * time.Hour)} {
			late := !now.Before(heard.Add(3 * time.Hour))
			if got := s.silent(now, 3*time.Hour); got != (tc.underWay && late) {
				t.Errorf("%s: silent at %s: %t", tc.name, now, got)
			}
			if got := s.underWay(now, 3*time.Hour); got != (tc.underWay && !late) {
				t.Errorf("%s: under way at %s: %t", tc.name, now, got)
			}
		}
	}
}

// TestFollowBuilt: how a publish knows that its version was built, and whether another
// publish of it is under way.
func TestFollowBuilt(t *testing.T) {
	const ok, bad, runs = github.CheckSucceeded, github.CheckFailed, github.CheckPending
	long := func(p *past, where string) {
		for range 41 {
			p.texts[where] = append(p.texts[where], wrote("x", time.Hour, "1.31.0-alpha.0"))
		}
	}
	for _, tc := range []struct {
		name, version string
		change        func(*past)
		built         Built
		publishing    bool
		fails         bool
	}{
		{"never", "1.31.0-beta.0", func(*past) {}, NotBuilt, false, false},
		{"not among many", "1.31.0-beta.0", func(p *past) { long(p, trackedBuild) }, Unsure, false, false},
		{"not among many, of which the oldest are from before the branch was cut", "1.31.0-beta.0", func(p *past) {
			long(p, trackedBuild)
			p.texts[trackedBuild] = append(p.texts[trackedBuild][:38], wrote("y", 2*time.Hour, "1.30.0-alpha.0"), wrote("z", 3*time.Hour, "none"), wrote("w", 4*time.Hour, "1.30.0-alpha.0"))
		}, NotBuilt, false, false},
		{"the newest of many", "1.31.0-alpha.0", func(p *past) { long(p, trackedBuild); p.checks["istio/release-builder x"] = checks(ok) }, WasBuilt, false, false},
		{"failed", "1.31.0-alpha.0", func(p *past) { long(p, trackedBuild); p.checks["istio/release-builder x"] = checks(bad) }, BuildFailed, false, false},
		{"it runs", "1.31.0-alpha.0", func(p *past) {
			long(p, trackedPublish)
			long(p, trackedBuild)
			p.checks["istio/release-builder x"] = checks(runs)
		}, Unfinished, true, false},
		{"published", "1.31.0-alpha.0", func(p *past) { long(p, trackedPublish); p.checks["istio/release-builder x"] = checks(ok) }, NotBuilt, false, false},
		{"the history can't be read", "1.31.0-alpha.0", func(p *past) { long(p, trackedBuild); p.fails = "history" }, NotBuilt, false, true},
		{"the checks can't be read", "1.31.0-alpha.0", func(p *past) { long(p, trackedBuild); long(p, trackedPublish); p.fails = "checks" }, NotBuilt, false, true},
	} {
		p := newPast(t)
		tc.change(p)
		s := place{Repo: builder, Now: noon}
		s.Settings.SetDefaults()
		s.Settings.Triggers.Repository = "release-builder"
		s.Policy.Policy = &config.Policy{}
		h := &Handler{GitHub: p}
		reported := func(commit string) (list []github.StatusCheck, err error) {
			list, _, err = p.StatusChecks(t.Context(), builder, commit)
			return list, err
		}
		if built, err := h.built(t.Context(), s, "release-1.31", version(t, tc.version), reported); built != tc.built || (err != nil) != tc.fails {
			t.Errorf("%s: %v, %v", tc.name, built, err)
		}
		if is, err := h.publishingOn(t.Context(), s, "release-1.31", version(t, tc.version)); is != tc.publishing && !tc.fails || (err != nil) != tc.fails {
			t.Errorf("%s: publishing %t, %v", tc.name, is, err)
		}
	}
}
