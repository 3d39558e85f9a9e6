package build

import (
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// started is a build or a publish that was started, and how it goes.
type started struct {
	Purpose Purpose
	Version release.Version
	Branch  release.Branch
	Commit  string    // on which it reports
	At      time.Time // when it was started
	// Pull is the pull request whose merge started it; nil when the commit was pushed
	// without one.
	Pull *github.PullDetail
	// Made is, of one that a workflow was started for, who asked for it.
	Made *dispatched
	reports
}

// reports is what is reported on a commit that started something.
type reports struct {
	Checks []github.StatusCheck // those that count
	Design []github.StatusCheck // those that fail by design
	// Missing are the patterns that nothing reported fits.
	Missing []config.CheckPattern
}

// outcome is how a build or a publish has come out.
type outcome string

// The outcomes.
const (
	unheard   outcome = "unheard" // nothing is reported yet
	running   outcome = "running"
	failed    outcome = "failed"
	succeeded outcome = "succeeded"
)

// outcome is failed as soon as one check is, and succeeded when all are that there
// have to be.
func (r reports) outcome() outcome {
	is := func(s github.CheckState) func(github.StatusCheck) bool {
		return func(c github.StatusCheck) bool { return c.State == s }
	}
	switch {
	case slices.ContainsFunc(r.Checks, is(github.CheckFailed)):
		return failed
	case len(r.Checks) == 0:
		return unheard
	case len(r.Missing) > 0, slices.ContainsFunc(r.Checks, is(github.CheckPending)):
		return running
	}
	return succeeded
}

// built is what the outcome of a build means for its publish.
func (r reports) built() Built {
	switch r.outcome() {
	case failed:
		return BuildFailed
	case succeeded:
		return WasBuilt
	}
	return Unfinished
}

// heard is when something was last heard of it.
func (s started) heard() time.Time {
	last := s.At
	for _, c := range s.Checks {
		if c.At.After(last) {
			last = c.At
		}
	}
	return last
}

// silent reports whether it should have been heard of by now.
func (s started) silent(now time.Time, silence time.Duration) bool {
	o := s.outcome()
	return (o == unheard || o == running) && !now.Before(s.heard().Add(silence))
}

// underWay reports whether it isn't over, and has been heard of lately.
func (s started) underWay(now time.Time, silence time.Duration) bool {
	o := s.outcome()
	return (o == unheard || o == running) && !s.silent(now, silence)
}

// sorted takes apart what is reported on a commit: what counts by the policy's
// patterns (all of it, without any), what fails by design, and what is missing.
func (p place) sorted(list []github.StatusCheck, purpose Purpose) (r reports) {
	want, design := p.Settings.Triggers.checks(purpose), p.Policy.Policy.FailsByDesign
	for _, c := range list {
		switch {
		case config.MatchAny(design, c.Name):
			r.Design = append(r.Design, c)
		case len(want) == 0 || config.MatchAny(want, c.Name):
			r.Checks = append(r.Checks, c)
		}
	}
	for _, pattern := range want {
		if !slices.ContainsFunc(r.Checks, func(c github.StatusCheck) bool { return pattern.Match(c.Name) }) {
			r.Missing = append(r.Missing, pattern)
		}
	}
	return r
}

// checks are the patterns of what a build or a publish reports.
func (t Triggers) checks(p Purpose) []config.CheckPattern {
	if p == Publish {
		return t.PublishChecks
	}
	return t.BuildChecks
}

// path is the file that starts a build or a publish.
func (t Triggers) path(p Purpose) string {
	if p == Publish {
		return string(t.Publish)
	}
	return string(t.Build)
}
