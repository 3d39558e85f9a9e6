package checklist

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// count is what one repository has to do with a release.
type count struct {
	Repo github.Repo
	// Unknown says that it couldn't be counted, and Trouble why: nothing below is true then.
	Unknown  bool
	Trouble  string
	Tip      string               // the commit that the release's branch is at, "" where there is none
	Labelled bool                 // something has the label of picks
	Open     []github.PullRequest // against the release's branch
	Asked    []github.Labelled    // open elsewhere, with the label of a pick
	Missing  []github.Labelled    // merged elsewhere with that label, and no pick of it is merged
	Waits    []wait               // of the first of Open, in their order
	// Pushed are the direct pushes to the release's branch since its tracking issue was
	// opened, the newest first, if it is governed; PushedUnclear says why there may be
	// more, as a phrase.
	Pushed        []github.BranchMove
	PushedUnclear string
}

// counts is what all of them have, and the blockers.
type counts struct {
	Repos    []count
	Blockers facts.BlockerList
}

// blocking are the blockers that hold the release itself back.
func (s look) blocking() []facts.Blocker { return s.Counts.Blockers.Blocking(s.Tracker.Version) }

// open is how many pull requests a release waits for; known is false when that
// couldn't be counted everywhere.
func (c counts) open() (n int, known bool) {
	known = true
	for _, r := range c.Repos {
		n += len(r.Open) + len(r.Asked)
		known = known && !r.Unknown
	}
	return n, known
}

// countBack is how long before its tracking issue the picks of a release may
// have been merged.
const countBack = 30 * 24 * time.Hour

// observeCounts counts in each repository. What can't be read there is unknown,
// and no zero; only a limit ends the look, which goes on later.
func (h *Handler) observeCounts(t tracked) (c counts, err error) {
	s := t.Settings
	for _, name := range s.Repositories {
		one, err := h.countIn(t, github.Repo{Owner: t.Repo.Owner, Name: string(name)})
		if err != nil && limited(err) {
			return c, err
		}
		if one.Unknown = err != nil; one.Unknown {
			one.Trouble = troubleOf(err)
		}
		c.Repos = append(c.Repos, one)
	}
	if s.Blockers.Label == "" {
		return c, nil
	}
	trackers, _, err := h.trackers(t.look)
	if err != nil {
		return c, err
	}
	c.Blockers, err = h.blockersOf(t.look, s, t.Tracker.Version, trackers)
	return c, err
}

// limited tells the errors that say when to go on.
func limited(err error) bool {
	var later *reconcile.RetryAfterError
	return errors.As(err, &later) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (h *Handler) countIn(t tracked, repo github.Repo) (c count, err error) {
	c.Repo = repo
	l, _, err := t.look.Elsewhere(repo)
	if err != nil {
		return c, err
	}
	branch := t.branch()
	if c.Tip, err = h.tips().Of(l, branch); err != nil {
		return c, err
	}
	since := t.Tracker.Opened.Add(-countBack).UTC().Truncate(24 * time.Hour)
	var labelled []github.Labelled
	if label := t.fill(t.Settings.PickLabel); label != "" {
		if labelled, err = h.GitHub.Labelled(l.Context(), repo, label, since); err != nil {
			return c, err
		}
	}
	c.Labelled = len(labelled) > 0
	var merged []github.PullRequest
	switch {
	case c.Tip == "": // nothing is open against a branch that isn't there, and nothing merged into it
	case len(labelled) == 0:
		c.Open, err = facts.Open.Of(l, branch)
	default:
		c.Open, merged, err = h.GitHub.PullRequestsOn(l.Context(), repo, branch, since)
	}
	if err == nil {
		err = h.observeWaits(l, &c)
	}
	if err == nil {
		err = h.observePushes(l, t, &c)
	}
	if err != nil {
		return c, err
	}
	onBranch := map[int]bool{}
	for _, pr := range append(c.Open, merged...) {
		onBranch[pr.Number] = true
	}
	for _, one := range labelled {
		switch {
		case !one.IsPullRequest || onBranch[one.Number]: // of a pull request of the branch itself the label asks nothing
		case one.State == github.Open:
			c.Asked = append(c.Asked, one)
		case one.Merged && !pickedBy(repo, merged, one.Number):
			c.Missing = append(c.Missing, one)
		}
	}
	return c, c.leaveOutWhatIsThere(l, branch)
}

// maxMissing is how many pull requests without a merged pick are looked at by themselves.
const maxMissing = 50

// leaveOutWhatIsThere leaves those out of the missing picks whose change the branch had already.
func (c *count) leaveOutWhatIsThere(l *facts.Look, branch release.Branch) (err error) {
	missing := c.Missing
	c.Missing = nil
	for i, one := range missing {
		there := false
		if i < maxMissing {
			var pick facts.PickStanding
			pick, err = facts.PickState.Of(l, facts.PickOnto{Source: one.Number, Branch: branch})
			there = pick.There
			if err != nil && !errors.Is(err, reconcile.ErrGone) {
				return err
			}
		}
		if !there {
			c.Missing = append(c.Missing, one)
		}
	}
	return nil
}

// pickedBy reports whether one of the pull requests names another as its source. An
// issue that it fixes is none, nor is a number of another repository. A pick of ours says it by
// its branch alone: its description lists what the release branch lacks, too.
func pickedBy(repo github.Repo, merged []github.PullRequest, source int) bool {
	return slices.ContainsFunc(merged, func(pr github.PullRequest) bool {
		if m := ownPick().FindStringSubmatch(string(pr.HeadRef)); pr.Author.Bot && m != nil {
			return m[1] == strconv.Itoa(source)
		}
		return slices.ContainsFunc(provenance.Mentions(provenance.Text{
			Title: pr.Title, Body: provenance.Closing().ReplaceAllString(pr.Body, " "), HeadBranch: string(pr.HeadRef), Repo: repo.String(),
		}), func(m provenance.Mention) bool { return m.Number == source })
	})
}

// ownPick is the branch of a pick of ours, with the number of its source.
var ownPick = lazy.Regexp(`^cherry-pick-([1-9][0-9]{0,8})-to-`)

// withQuiet adds the open ones that nobody has touched for long.
func (b *blocking) withQuiet(l *facts.Look, repo github.Repo, list []github.Labelled) ([]github.Labelled, error) {
	open, err := b.h.GitHub.Labelled(l.Context(), repo, string(b.s.Blockers.Label), time.Time{})
	for _, one := range open {
		if !slices.ContainsFunc(list, func(o github.Labelled) bool { return o.Number == one.Number }) {
			list = append(list, one)
		}
	}
	return list, err
}
