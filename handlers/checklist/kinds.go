package checklist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The kinds of key, as their ids begin.
const (
	kindTracker = "tracker"  // N: one tracking issue
	kindSoon    = "soon"     // N: the same, as soon as the last look is long enough ago
	kindReview  = "review"   // N/BRANCH: a pull request of this repository was reviewed
	kindCheck   = "check"    // N: a check of ours is new on its head
	kindHand    = "hand"     // N/TOUCHES/SECONDS/ID/LOGIN: an edit of it by hand; of a text of another revision with /REVISION
	kindLost    = "lost"     // N/LINES: people's lines that a write of ours undid
	kindSince   = "since"    // N/REVISION/LINES: people's lines that the saving of an older text undid
	kindMoved   = "moved"    // N: the dates of one have moved, and others follow them
	kindTold    = "told"     // N/DIGEST: and those have been told
	theTrackers = "trackers" // all of them
	nudge       = "nudge"    // all of them: something may have changed that they count here
)

// Capability is the handler with its kinds of key.
func (h *Handler) Capability() reconcile.Capability {
	return reconcile.OfKinds(h,
		kind(h, kindTracker, reconcile.Numbered, h.observeLook, refresh),
		kind(h, kindSoon, reconcile.Numbered, h.observeSoon, soon),
		kind(h, kindReview, of(kindReview, "N/BRANCH", text), h.observeReview, waits),
		kind(h, kindCheck, reconcile.Numbered, h.observeCheck, waits),
		kind(h, kindMoved, reconcile.Numbered, h.observeMoved, h.passOn),
		kind(h, kindTold, of(kindTold, "N/DIGEST", text), aboutOne[string](h), told),
		kind(h, kindHand, of(kindHand, "N/TOUCHES/SECONDS/ID/LOGIN[/REVISION]", parseEdit), h.observeHand, byHand),
		kind(h, kindLost, of(kindLost, "N/LINES", parseLost), aboutOne[[]effect.Hunk](h), putBack),
		kind(h, kindSince, of(kindSince, "N/REVISION/LINES", parseSince), h.observeSince, putBackSince),
		kind(h, theTrackers, reconcile.None, h.observeTrackers, spread),
		kind(h, nudge, reconcile.None, h.observeTrackers, spread),
	)
}

// kind is a kind of key that is observed by one look.
func kind[K, S any](h *Handler, name string, of reconcile.IDs[K], observe func(*facts.Look, K) (S, error), decide func(S) reconcile.Plan) reconcile.Kind {
	return reconcile.KindOf(name, of, func(ctx context.Context, repo github.Repo, k K) (S, error) {
		return observe(h.look(ctx, repo), k)
	}, decide)
}

// said is what a key says of an issue or a pull request.
type said[K any] struct {
	id     string // of the key
	number int
	what   K
}

// about is a tracking issue, and what a key says of it.
type about[K any] struct {
	tracked
	said[K]
}

func aboutOne[K any](h *Handler) func(*facts.Look, said[K]) (about[K], error) {
	return func(l *facts.Look, k said[K]) (about[K], error) {
		t, err := h.tracked(l, k.number)
		return about[K]{t, k}, err
	}
}

// of is the ids of a kind that say more than a number.
func of[K any](kind, form string, parse func(string) (K, bool)) reconcile.IDs[said[K]] {
	return reconcile.IDs[said[K]]{Form: form, Parse: func(id string) (said[K], bool) {
		number, rest, _ := strings.Cut(id, "/")
		n, ok := reconcile.Numbered.Parse(number)
		what, ok2 := parse(rest)
		return said[K]{kind + "/" + id, n, what}, ok && ok2
	}}
}

func text(rest string) (string, bool) { return rest, rest != "" }

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

func trackerKey(repo github.Repo, n int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kindTracker, n))
}

func soonKey(repo github.Repo, n int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kindSoon, n))
}

// movedKey is the key that passes the dates of a tracking issue on.
func movedKey(repo github.Repo, n int) reconcile.Key {
	return key(repo, fmt.Sprintf("%s/%d", kindMoved, n))
}

// home is the repository with the tracking issues, by a policy, and the look that knows
// more of it.
type home struct {
	look     *facts.Look
	Repo     github.Repo
	RepoID   int64 // 0 until its tracking issues are read
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
}

// today is the day in the policy's zone.
func (h home) today() release.Date { return release.DateOf(h.Now, h.Policy.Policy.Zone().Location()) }

// tomorrow is when the next day begins, which changes the days left.
func (h home) tomorrow() time.Time {
	return h.today().Plus(1).Begins(h.Policy.Policy.Zone().Location())
}

// homeOf reads the policy of the repository that a look is at, as if that were the home.
func homeOf(l *facts.Look) (h home, err error) {
	h = home{look: l, Repo: l.Repo, Now: l.Now}
	if h.Policy, err = facts.Policy.Of(l, facts.Whole{}); err == nil {
		h.Settings, err = settingsOf(l)
	}
	return h, err
}

const nowhere = reconcile.Nothing("the policy names no repository for tracking issues")

// homeAt does so of the one that has to be it, by its policy.
func homeAt(l *facts.Look) (home, error) {
	h, err := homeOf(l)
	switch {
	case err != nil || h.Settings.homeIs(l.Repo):
		return h, err
	case h.Settings.Home == "":
		return h, nowhere
	}
	return h, reconcile.Nothing("the tracking issues stand in " + string(h.Settings.Home))
}

// homeFrom finds it by the policy of any repository.
func homeFrom(l *facts.Look) (home, error) {
	where, err := Home(l)
	if err == nil && where == (github.Repo{}) {
		err = nowhere
	}
	if err != nil {
		return home{}, err
	}
	there, g, err := l.Elsewhere(where)
	if g.Refused != "" {
		err = reconcile.Nothing("the policy names a home, and " + g.Refused)
	}
	if err != nil {
		return home{}, err
	}
	return homeAt(there)
}

// tracked is a tracking issue, and what holds for it.
type tracked struct {
	home
	Tracker Tracker
	// Moves says that it is this release whose day GitHub's milestone follows.
	Moves bool
	// Later is another tracking issue of the same version that has followed it; nil for none.
	Later *Tracker
}

func (t tracked) fill(text string) string { return t.Settings.fill(text, t.Tracker.Version) }

func (t tracked) template() Template { return t.Settings.template(t.Tracker.Version) }

func (t tracked) branch() release.Branch { return t.Settings.branchOf(t.Tracker.Version) }

func (t tracked) title() string { return titleOf(t.Settings, t.Tracker.Version) }

// written is the issue as it is to be with a record. What the record doesn't change
// stays as people have left it: who did what may not have been told yet.
func (t tracked) written(is Record) effect.SharedIssue {
	parts, _ := t.laying(is).parts("")
	return t.issue(is, parts)
}

// tracked reads a tracking issue.
func (h *Handler) tracked(l *facts.Look, number int) (tracked, error) {
	at, err := homeAt(l)
	if err != nil {
		return tracked{}, err
	}
	all, id, err := h.trackers(l)
	if err != nil {
		return tracked{}, err
	}
	at.RepoID = id
	for _, t := range all {
		if t.Issue.Number == number {
			return tracked{home: at, Tracker: t, Moves: at.Settings.moves(all, t), Later: t.later(all)}, nil
		}
	}
	return tracked{}, reconcile.Nothing(fmt.Sprintf("#%d is no tracking issue", number))
}
