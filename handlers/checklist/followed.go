package checklist

import (
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// A release has one tracking issue. One that was closed may have been followed by
// another of the same version, and then be opened again: two would both say what is so.

// later is the newest tracking issue of the same version that goes on beside or after one;
// nil for none.
func (t Tracker) later(all []Tracker) *Tracker {
	for i, o := range all { // the newest first
		if o.Version == t.Version && o.Issue.Number > t.Issue.Number && (o.End == nil || o.Issue.State == github.Open) {
			return &all[i]
		}
	}
	return nil
}

// followed closes a tracking issue again that another one has followed, and says where
// the release goes on.
func followed(s look) reconcile.Plan {
	t, next := s.Tracker, s.Later
	is := t.revised(func(r *Record) {
		if r.End == nil {
			r.End = &End{By: next.By, ByID: next.ByID, At: s.Now.UTC().Truncate(time.Second), Reason: fmt.Sprintf("it goes on in #%d", next.Issue.Number)}
		}
	})
	text := fmt.Sprintf("%s goes on in [#%d](%s), which was started after this issue. So this one is closed again: of two, nobody could tell which is right.\n\n"+
		"**Next step:** go on there. If this is the one to keep, close the other by %s first, and then open this one again.",
		effect.Inert(s.title(), maxTitle), next.Issue.Number, next.Issue.URL, effect.Code("/release close REASON"))
	closed := s.written(is)
	closed.State = github.Closed // though it had an end before it was opened again
	return reconcile.Plan{
		Reason: fmt.Sprintf("%s goes on in #%d", s.title(), next.Issue.Number),
		// First, or a try that died between would find it closed and say nothing.
		Effects: []effect.Effect{s.note(fmt.Sprintf("followed %d", t.Rev), text), closed},
		Enqueue: s.untold(is),
	}
}
