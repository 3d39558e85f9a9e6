package gate

import (
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// UnknownSetter says why nobody can tell who set a label, and what to do. GitHub's events
// are late now and then, and go on naming a label as it was called when it was set. See
// https://docs.github.com/en/rest/using-the-rest-api/issue-event-types#labeled
const UnknownSetter = "GitHub doesn't tell who set it, as with a label that has been renamed since. Take it off and set it again"

// UnclearRole says why nobody can tell whether somebody holds a role, and what to do; ""
// if somebody can. One of the teams may be there and not be seen, so it isn't a no.
func UnclearRole(s reconcile.RoleDecision) string {
	switch {
	case s.Holds:
		return ""
	case s.Refused != nil:
		return "whether whoever set it may is unknown: " + s.Refused.Cause() + ". To mend that, " + s.Refused.Mend()
	case s.Unclear != "":
		return "whether whoever set it may is unknown: " + effect.Inert(s.Unclear, maxTitle)
	case len(s.Missing) == 1:
		return "whether whoever set it may is unknown: GitHub shows no team " + effect.Code(s.Missing[0]) +
			". Found it, or name another in the policy, under `release_managers`"
	case len(s.Missing) > 0:
		return "whether whoever set it may is unknown: GitHub shows none of the teams " + effect.Codes(s.Missing) +
			". Found them, or name others in the policy, under `release_managers`"
	}
	return ""
}

// lookAgain is when to look again at what nobody can tell yet and no event may tell of, as
// facts.Wait says: 1, 5 and 30 minutes after the pull request was changed. Later than that,
// and where nobody knows when that was, the hourly resync does, and it is zero.
func lookAgain(changed, now time.Time) time.Time {
	for _, pause := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute} {
		if at := changed.Add(pause); at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// changedAt is when a pull request was changed: by GitHub's word, else when its last event
// came or its head was first seen. It doesn't move on by itself, or the looks would never end.
func changedAt(l *facts.Look, pr github.PullRequest) (time.Time, error) {
	if !pr.UpdatedAt.IsZero() {
		return pr.UpdatedAt, nil
	}
	seen, err := facts.Sighted.Of(l, pr.Number)
	switch {
	case seen == nil || err != nil:
		return time.Time{}, err
	case seen.EventAt.IsZero():
		return seen.HeadSeen, nil
	}
	return seen.EventAt, nil
}
