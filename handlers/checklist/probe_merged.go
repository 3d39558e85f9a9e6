package checklist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// A merged pull request that names a step is evidence of it, and its text may be
// edited by its author at any time, also long after somebody approved something
// else. So it counts only on the word of somebody who may tick the step: of its
// author, or of who merged it when nothing was changed of it afterwards. What was
// believed once stands sealed in the record, and stays so until it is reverted.

const (
	// maxAsked is for how many accounts roles are looked up, in one look at a release.
	maxAsked = 15
	// maxClaims is how many claims are shown of a step in a repository.
	maxClaims = 3
	// mergeSettles is how long after its merge a pull request is still changed by the
	// merge itself.
	mergeSettles = time.Minute
	// refusedFor is how long it is remembered of an account that it may not.
	refusedFor = 10 * time.Minute
	// stepKind is the kind of the mark in a pull request of ours for a step.
	stepKind = "step"
)

// mergedFor looks for a merged pull request that names the step, and that counts.
func (p *probing) mergedFor(l *facts.Look, step Step) (found, error) {
	merged, err := facts.Once("merged for steps", p.h.GitHub.MergedForSteps).Of(l, p.Tracker.Opened.UTC().Truncate(24*time.Hour))
	if err != nil {
		return found{}, err
	}
	var named []github.PullRequest
	for _, pr := range merged {
		if names(pr, p.Tracker.Version, step.ID, p.fill(step.Title)) {
			named = append(named, pr)
		}
	}
	if len(named) == 0 {
		return found{}, nil
	}
	bases, err := p.bases(l, step)
	if err != nil {
		return found{}, err
	}
	named = slices.DeleteFunc(named, func(pr github.PullRequest) bool {
		return !slices.Contains(bases, pr.Base) || reverted(merged, pr, l.Repo, 0)
	})
	var f found
	for _, free := range []bool{true, false} { // first what costs no look-up
		for _, pr := range named {
			if p.believedBefore(step, pr) != free {
				continue
			}
			yes := free
			if !free {
				yes, err = p.believed(l, step, pr)
			}
			switch {
			case err != nil:
				return found{}, err
			case yes:
				return found{Yes: true, What: fmt.Sprintf("%s#%d is merged", l.Repo, pr.Number), URL: pr.URL}, nil
			case len(f.Claims) < maxClaims:
				f.Claims = append(f.Claims, fmt.Sprintf("%s#%d", l.Repo, pr.Number))
			}
		}
	}
	return f, nil
}

// bases are the branches whose pull requests count for a step: the one that the
// policy names for it; else the release's and the default one.
func (p *probing) bases(l *facts.Look, step Step) ([]release.Branch, error) {
	branch := p.branch()
	switch {
	case step.Probe.Ref != "":
		return []release.Branch{release.Branch(p.fill(step.Probe.Ref))}, nil
	case len(step.Action.Edits) > 0 && step.Action.Base != "":
		return []release.Branch{release.Branch(p.fill(step.Action.Base))}, nil
	}
	main, err := facts.DefaultBranch.Of(l, facts.Whole{})
	return []release.Branch{branch, main}, err
}

// believedBefore reports whether the record has the pull request as evidence.
func (p *probing) believedBefore(step Step, pr github.PullRequest) bool {
	state := p.Tracker.Steps[step.ID]
	return state.Status == StepDone && !state.byHand() && slices.Contains(state.links(), pr.URL)
}

// believed reports whether somebody stands behind what a pull request says of a
// step who may tick it.
func (p *probing) believed(l *facts.Look, step Step, pr github.PullRequest) (bool, error) {
	if pr.Author.Bot {
		bot, err := p.h.GitHub.BotID(l.Context(), l.Repo)
		if err != nil || pr.Author.ID == bot {
			return err == nil && p.ours(pr, step), err
		}
	}
	if may, err := p.settles(step, pr.Author); may || err != nil {
		return may, err
	}
	if pr.UpdatedAt.After(pr.MergedAt.Add(mergeSettles)) {
		return false, nil // nobody can tell whether who merged it saw what it says now
	}
	one, err := p.h.GitHub.FreshPullDetail(l.Context(), l.Repo, pr.Number)
	if err != nil {
		return false, err
	}
	return p.settles(step, one.MergedBy)
}

// ours reports whether a pull request of our App was opened for the step, by a
// release manager's command.
func (p *probing) ours(pr github.PullRequest, step Step) bool {
	r := p.h.Sealer.Unseal(effect.Place{Repo: pr.RepoID, Number: pr.Number}, pr.Body)
	return r.Authenticity != effect.Tampered && r.Mark == effect.Mark{Kind: stepKind, ID: p.Tracker.Version.Called() + "/" + step.ID} &&
		pr.HeadRef == editHead(p.Tracker.Version, step)
}

// settles looks up whether somebody may tick a step. It fails closed, and asks
// about so many accounts only; that somebody may not is remembered for a while.
func (p *probing) settles(step Step, who github.User) (bool, error) {
	if who.ID == 0 || who.Bot {
		return false, nil
	}
	id := fmt.Sprintf("settles/%s/%s/%s/%d", p.Repo, p.branch(), strings.Join(step.Owners.Who(p.branch(), p.Settings.Scheme), " "), who.ID)
	if may, asked := p.may[id]; asked || len(p.may) >= maxAsked {
		return may, nil
	}
	if raw, known, err := p.h.Looks.Get(p.look.Context(), id); err != nil || known && string(raw) == "no" {
		return false, err
	}
	st, err := p.h.standing(p.tracked, step, who)
	if err != nil {
		return false, err
	}
	if p.may[id] = st.manages || st.owns; p.may[id] {
		return true, nil
	}
	return false, p.h.Looks.Put(p.look.Context(), id, []byte("no"), refusedFor)
}

var (
	stepLine    = lazy.Regexp(`(?i)^Release-Step:[ \t]*([0-9][0-9A-Za-z._-]*)/([a-z0-9-]+)$`)
	revertsLine = lazy.Regexp(`^Reverts (?:([\w.-]+/[\w.-]+))?#(\d{1,9})$`)
)

// names reports whether a pull request names a step: by a line of its text that
// its author says, or by its title.
func names(pr github.PullRequest, v release.Version, id, title string) bool {
	if strings.Contains(strings.ToLower(pr.Body), "release-step:") {
		for _, line := range command.Spoken(pr.Body) {
			m := stepLine().FindStringSubmatch(line)
			if m != nil && (m[1] == v.Called() || m[1] == v.String()) && m[2] == id {
				return true
			}
		}
	}
	flat := func(text string) string { return strings.Join(strings.Fields(strings.ToLower(text)), " ") }
	for _, one := range []string{v.String(), v.Called()} {
		if rest, ok := strings.CutPrefix(strings.ToLower(pr.Title), "[release-"+one+"]"); ok {
			return flat(rest) == flat(title)
		}
	}
	return false
}

// maxReverts is how often what reverts may be reverted itself.
const maxReverts = 4

// reverted reports whether a later one of the merged pull requests takes one back,
// and isn't taken back itself.
func reverted(merged []github.PullRequest, pr github.PullRequest, repo github.Repo, deep int) bool {
	return slices.ContainsFunc(merged, func(m github.PullRequest) bool {
		return m.Number > pr.Number && m.Base == pr.Base && !m.MergedAt.Before(pr.MergedAt) && reverts(m, pr, repo) &&
			(deep == maxReverts || !reverted(merged, m, repo, deep+1))
	})
}

// reverts reports whether a pull request is the one that GitHub's button makes to
// take back another, or reads like it.
func reverts(m, pr github.PullRequest, repo github.Repo) bool {
	if strings.EqualFold(m.Title, `Revert "`+pr.Title+`"`) ||
		strings.HasPrefix(string(m.HeadRef), fmt.Sprintf("revert-%d-", pr.Number)) {
		return true
	}
	if !strings.Contains(m.Body, "Reverts ") {
		return false
	}
	for _, line := range command.Spoken(m.Body) {
		one := revertsLine().FindStringSubmatch(line)
		if one != nil && (one[1] == "" || strings.EqualFold(one[1], repo.String())) && one[2] == fmt.Sprint(pr.Number) {
			return true
		}
	}
	return false
}
