package build

import (
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// stage is how far a version has come.
type stage string

// The stages, in their order.
const (
	building      stage = "building"
	notBuildable  stage = "build failed"
	builtWell     stage = "built"
	publishing    stage = "publishing"
	notPublished  stage = "publish failed"
	waitsForTags  stage = "published, its tags are missing"
	waitsForDraft stage = "tagged, its release on GitHub is missing"
	drafted       stage = "tagged, its release on GitHub is a draft"
	out           stage = "published"
)

// stage says how far a version has come. A build that was started anew after the
// publish is what counts then.
func (f followed) stage() stage {
	if f.Publish == nil || f.Build != nil && f.Build.At.After(f.Publish.At) {
		switch f.Build.outcome() {
		case failed:
			return notBuildable
		case succeeded:
			return builtWell
		}
		return building
	}
	tagged := true
	for _, t := range f.Tags {
		tagged = tagged && t.Seen
	}
	switch o := f.Publish.outcome(); {
	case tagged && f.Release != nil && !f.Release.Draft:
		return out // whatever its checks say
	case o == failed:
		return notPublished
	case o != succeeded && !tagged:
		return publishing
	case !tagged:
		return waitsForTags
	case f.Release == nil:
		return waitsForDraft
	}
	return drafted
}

// current is what a version waits for to be heard of, nil for nothing.
func (f followed) current() *started {
	switch f.stage() {
	case building:
		return f.Build
	case publishing, waitsForTags, waitsForDraft:
		return f.Publish
	}
	return nil
}

// late reports whether what a version waits for should have been heard of by now.
func (f followed) late(now time.Time, silence time.Duration) bool {
	c := f.current()
	return c != nil && !now.Before(c.heard().Add(silence))
}

// How often it is looked at what no event may have told of: a version that is under
// way, and one that a person has to take further.
const (
	lookWhileRunning = 10 * time.Minute
	lookWhileWaiting = time.Hour
)

// follow keeps the comment of each version that a tracking issue follows.
func follow(s versions) reconcile.Plan {
	if s.Policy.Policy == nil && s.Policy.Fault != nil {
		return reconcile.Plan{Reason: brokenWhy}
	}
	if s.Settings.Triggers.Repository == "" {
		return reconcile.Plan{Reason: "the policy names no repository with trigger files"}
	}
	if s.Tracking == nil {
		return reconcile.Plan{Reason: fmt.Sprintf("#%d is no tracking issue of a release that is under way", s.Number)}
	}
	plan := reconcile.Plan{Reason: fmt.Sprintf("no version of %s was started lately", s.Tracking.Version)}
	var whys []string
	for _, f := range s.Followed {
		whys = append(whys, fmt.Sprintf("%s: %s", f.Version, f.stage()))
		plan.Effects = append(plan.Effects, effect.Comment{
			Repo: s.Repo, Number: s.Tracking.Number, Mark: effect.Mark{Kind: "version", ID: f.Version.String()}, Body: versionText(f, s),
		})
		plan.RequeueAt = soonest(plan.RequeueAt, f.lookAgain(s.Now, time.Duration(s.Settings.Triggers.Silence)))
	}
	if len(whys) > 0 {
		plan.Reason = strings.Join(whys, "; ")
	}
	return plan
}

// lookAgain is when to look at a version again without an event; zero for never.
func (f followed) lookAgain(now time.Time, silence time.Duration) time.Time {
	if c := f.current(); c != nil {
		next := now.Add(lookWhileRunning)
		if !f.late(now, silence) {
			next = soonest(next, c.heard().Add(silence))
		}
		return next
	}
	if f.stage() == drafted {
		return now.Add(lookWhileWaiting)
	}
	return time.Time{}
}

// soonest is the earlier of two instants; zero is never.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// failures are the checks that failed.
func (s started) failures() []github.StatusCheck {
	var all []github.StatusCheck
	for _, c := range s.Checks {
		if c.State == github.CheckFailed {
			all = append(all, c)
		}
	}
	return all
}
