package build

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// The kinds of key beside those of the check. They but the first name others.
const (
	kindVersions = "versions" // N: how far those are that the tracking issue N follows
	// reportedIn and taggedIn are of releases that may have come further, by what was
	// said of a commit or pushed, or by a tag or a release of GitHub's.
	reportedIn = "reported"
	taggedIn   = "tagged"
	blockersID = "blockers" // a blocker may be open, or no longer: publishes wait for that
	labelledIn = "labelled" // LABEL: the same, if it is that of blockers; most labels aren't
	stepsID    = "steps"    // a step was settled, or opened again: traps are set by that
	// allPulls is of keys that older versions wrote when the policy had changed.
	allPulls = "prs"
)

// Blocked is the key, without its repository, by which publishes are looked at again when a release
// manager has said something of a blocker there.
var Blocked = reconcile.Key{Handler: Name, ID: blockersID}

func key(repo github.Repo, id string) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: id}
}

// Capability is all that the handler does beside the check.
func (h *Handler) Capability() reconcile.Capability {
	at := func(ctx context.Context, repo github.Repo, find func(context.Context, place) (spread, error)) (spread, error) {
		p, err := h.place(ctx, repo)
		if err != nil || p.Policy.Policy == nil && p.Policy.Fault != nil {
			return spread{Why: brokenWhy}, err
		}
		return find(ctx, p)
	}
	spreading := func(id string, find func(context.Context, place) (spread, error)) reconcile.Kind {
		return reconcile.KindOf(id, reconcile.None, func(ctx context.Context, repo github.Repo, _ struct{}) (spread, error) { return at(ctx, repo, find) }, spread.plan)
	}
	return reconcile.OfKinds(h,
		reconcile.KindOf(kindVersions, reconcile.Numbered, h.observeVersions, follow),
		spreading(reportedIn, func(_ context.Context, p place) (spread, error) { return followers(p, false) }),
		spreading(taggedIn, h.afterTag),
		spreading(blockersID, func(ctx context.Context, p place) (spread, error) { return h.blocked(ctx, p, "") }),
		reconcile.KindOf(labelledIn, label, func(ctx context.Context, repo github.Repo, of string) (spread, error) {
			return at(ctx, repo, func(ctx context.Context, p place) (spread, error) { return h.blocked(ctx, p, of) })
		}, spread.plan),
		spreading(stepsID, places),
		spreading(allPulls, func(_ context.Context, p place) (spread, error) {
			return spread{"all open pull requests are to be looked at again", []reconcile.Key{key(p.Repo, gate.All)}}, nil
		}),
	)
}

// label is for keys about a label.
var label = reconcile.IDs[string]{Form: "LABEL", Parse: func(rest string) (string, bool) {
	name, err := url.PathUnescape(rest)
	return name, err == nil && name != ""
}}

// Keys implements reconcile.Keyed.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	var ids []string
	switch {
	case e.Repo == github.Repo{}:
	case e.Kind == "issues":
		ids = issuesIDs(e)
	case e.Kind == "pull_request":
		ids = mayBlock(e)
	case e.Kind == "push" && e.Push != nil && e.Push.Branch == "", e.Kind == "release":
		ids = []string{taggedIn}
	case e.Kind == "push" && e.Push != nil && !e.Push.Created && !e.Push.Deleted, // it may be the merge that starts a build
		reportsOn(e):
		ids = []string{reportedIn}
	}
	var keys []reconcile.Key
	for _, id := range ids {
		keys = append(keys, key(e.Repo, id))
	}
	return keys
}

// reportsOn recognises an event that may say how far a build or a publish is. What is
// said of a commit that no branch holds, such as the head of a fork's pull request,
// is about neither; that is most of what is said in a large project.
func reportsOn(e github.Event) bool {
	run := e.Kind == "check_run" && !e.Own && (e.Action == "created" || e.Action == "completed")
	return (run || e.Kind == "status") && len(e.Branches) > 0
}

// blocking are the actions of issues that open a blocker, or end one.
var blocking = []string{"opened", "closed", "reopened", "deleted", "transferred", "labeled", "unlabeled", "milestoned", "demilestoned"}

// mayBlock names an event of a pull request that may make it a blocker, or end that: only one
// with a label is one.
func mayBlock(e github.Event) (ids []string) {
	switch e.Action {
	case "labeled", "unlabeled":
		return labelled(e.Label)
	case "closed", "reopened", "milestoned", "demilestoned":
		if e.PullRequest != nil {
			ids = labelled(e.PullRequest.Labels...)
		}
	}
	return ids
}

// maxLabels is how many labels are asked about one by one.
const maxLabels = 10

func labelled(names ...string) (ids []string) {
	if len(names) > maxLabels {
		return []string{blockersID}
	}
	for _, name := range names {
		ids = append(ids, labelledIn+"/"+url.PathEscape(name))
	}
	return ids
}

// issuesIDs says which of them an event of an issue may change. A tracking issue
// is written by our App, whoever ticked it.
func issuesIDs(e github.Event) []string {
	if e.Issue == nil || e.Issue.IsPullRequest {
		return nil
	}
	var ids []string
	decided := e.Action == "edited" && e.OldBody != nil && recordDiffers(*e.OldBody, e.Issue.Body)
	if e.Issue.Author.Bot && (decided || slices.Contains([]string{"opened", "closed", "reopened", "deleted"}, e.Action)) {
		ids = append(ids, stepsID)
	}
	if e.Issue.Author.Bot && e.Action == "reopened" { // what happened while it was closed wasn't followed
		ids = append(ids, versionsKey(e.Repo, e.Issue.Number).ID)
	}
	switch {
	case e.Label != "" && slices.Contains([]string{"labeled", "unlabeled"}, e.Action):
		ids = append(ids, labelled(e.Label)...)
	case slices.Contains(blocking, e.Action):
		ids = append(ids, blockersID)
	}
	return ids
}

// recordDiffers reports whether two texts of an issue differ in their first line,
// where the record stands. A box that somebody ticked says nothing before it is
// in there.
func recordDiffers(was, is string) bool {
	before, _, _ := strings.Cut(was, "\n")
	now, _, _ := strings.Cut(is, "\n")
	return strings.TrimSpace(before) != strings.TrimSpace(now)
}

// spread are keys that something leads to.
type spread struct {
	Why  string
	Keys []reconcile.Key
}

func (s spread) plan() reconcile.Plan { return reconcile.Plan{Reason: s.Why, Enqueue: s.Keys} }

const (
	brokenWhy = "the policy has faults, and no earlier version is good, so it is unknown where the trigger files are"
	elsewhere = "the releases have their issues elsewhere, or nowhere"
)

// blocked are the pull requests that may build or publish, as blockers let them: those are of the home
// repository, or of another that its policy names. That one's own may say nothing of trigger files. With a label
// it has to be that of blockers.
func (h *Handler) blocked(ctx context.Context, p place, label string) (spread, error) {
	in, err := facts.BlockersHere.Of(p.look, label)
	if err != nil || !in {
		return spread{Why: elsewhere}, err
	}
	home, err := facts.Home.Of(p.look, facts.Whole{})
	switch {
	case err != nil:
		return spread{}, err
	case !strings.EqualFold(home.Name, p.Repo.Name): // which may reach the trigger files
		return spread{"blockers are counted in " + home.Name, []reconcile.Key{key(home, blockersID)}}, nil
	case p.Settings.Triggers.Repository == "":
		return spread{Why: elsewhere}, nil
	}
	return h.mayStart(ctx, p)
}

// mayStart are the open pull requests beside the trigger files.
func (h *Handler) mayStart(ctx context.Context, p place) (spread, error) {
	_, g, err := p.look.Elsewhere(p.builder())
	if g.Refused != "" {
		return spread{Why: "nothing is published from here: of the repository with the trigger files, " + g.Refused}, nil
	}
	if err != nil {
		return spread{}, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, p.builder(), "")
	s := spread{Why: fmt.Sprintf("%d open pull requests may build or publish", len(open))}
	for _, pr := range open {
		// By all gates, which alone is remembered to rest on how far the fix of a blocker has come.
		s.Keys = append(s.Keys, reconcile.Key{Handler: gate.Name, Repo: p.builder(), ID: gate.PullID(gate.Pull, pr.Number)})
	}
	return s, err
}

// afterTag are the releases that may have come further by a tag or a release of GitHub's, and the
// pull requests that may build or publish what is out by now.
func (h *Handler) afterTag(ctx context.Context, p place) (spread, error) {
	s, err := followers(p, true)
	if err != nil {
		return s, err
	}
	home, err := facts.Home.Of(p.look, facts.Whole{})
	if err != nil {
		return s, err
	}
	if home != (github.Repo{}) && !strings.EqualFold(home.Name, p.Repo.Name) || p.Settings.Triggers.Repository == "" {
		return s, nil
	}
	again, err := h.mayStart(ctx, p)
	s.Keys = append(s.Keys, again.Keys...)
	return s, err
}

// places are the branches that may have another trap after a step.
func places(_ context.Context, p place) (s spread, err error) {
	places, err := facts.TrapPlaces.Of(p.look, facts.Whole{})
	if err != nil || places == nil {
		return spread{Why: elsewhere}, err
	}
	for repo, branches := range places {
		for _, b := range branches {
			s.Keys = append(s.Keys, key(repo, gate.Branch+"/"+string(b)))
		}
	}
	slices.SortFunc(s.Keys, func(a, b reconcile.Key) int { return strings.Compare(a.String(), b.String()) })
	s.Why = fmt.Sprintf("%d branches may have another trap now", len(s.Keys))
	return s, nil
}

// followers are the releases that may have come further by what happened in a
// repository: a report or a push in that with the trigger files, a tag in one that is
// tagged, a release in the one with the tracking issues.
func followers(p place, tagged bool) (s spread, err error) {
	s.Why = "no release is followed by what happens here"
	triggers := p.Settings.Triggers
	if triggers.Repository == "" || !tagged && !triggers.in(p.Repo) {
		return s, nil
	}
	home, list, err := p.underWay()
	if err != nil || tagged && p.Repo != home && !slices.Contains(triggers.tagged(home), p.Repo) {
		return s, err
	}
	for _, t := range list {
		s.Keys = append(s.Keys, versionsKey(home, t.Number))
	}
	s.Why = fmt.Sprintf("%d tracking issues follow what may have happened here", len(s.Keys))
	return s, nil
}
