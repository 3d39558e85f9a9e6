package checklist

import (
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// What a look reads of a repository, once.
func (h *Handler) tips() facts.Fact[release.Branch, string] {
	return facts.Once("tip of a release", h.GitHub.Tip)
}

func (h *Handler) tags() facts.Fact[string, []string] { return facts.Once("tags", h.GitHub.Tags) }

// tagsOf are the tags that begin in one of these ways.
func (h *Handler) tagsOf(l *facts.Look, begin []string) (all []string, err error) {
	for _, prefix := range begin {
		list, err := h.tags().Of(l, prefix)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func (h *Handler) milestones() facts.Fact[facts.Whole, []github.Milestone] {
	return facts.OnceWhole("milestones", h.GitHub.Milestones)
}

// What is looked for, where something hangs on it.
const (
	branchThere = "the branch is there"
	tagThere    = "the tag is there"
)

// goOn is how soon a look goes on with what was put off.
const goOn = 10 * time.Second

// A look is to take at most lookBudget requests. Of these keptBack are for the lists
// that it needs in any case beside those of each repository, and for its write; and
// leastFiles are read in any case, so that it comes to an end.
const (
	lookBudget = 40
	keptBack   = 12
	leastFiles = 1
)

// sparing is what keeps a look at a large release small: of evidence that is there
// already it believes most until its turn comes; and it puts off files that nobody has
// read yet.
type sparing struct {
	hour    int // of the day
	turn    int // of the evidence that is believed
	files   int // how many more may be read
	putOff  bool
	running bool // some status checks aren't over
}

// spare begins with what was spent on the counts.
func spare(s *look) sparing {
	spent := 0
	for _, c := range s.Counts.Repos {
		if c.Unknown {
			continue
		}
		if spent += 2; c.Tip != "" {
			spent++ // and its pull requests
		}
	}
	return sparing{hour: s.Now.UTC().Hour(), files: max(leastFiles, lookBudget-keptBack-spent)}
}

// hoursOfDay is in how many turns the evidence that is there is looked at again.
const hoursOfDay = 24

// believes reports whether evidence that was there counts as being there still,
// unread. Labels, milestones, teams, releases and tags are hardly ever taken away,
// so each is looked at again in one hour of the day. Branches are not believed,
// and what was read anyway isn't either.
func (p *probing) believes(step Step, repo github.Repo, what, name string) bool {
	if p.Tracker.Steps[step.ID].Status != StepDone || what == branchThere || what == tagThere && p.listed(repo, name) {
		return false
	}
	p.turn++
	return p.turn%hoursOfDay != p.hour
}

// listed reports whether a tag would be among those that each look reads.
func (p *probing) listed(repo github.Repo, tag string) bool {
	_, onTheWay := p.listedBy(tag)
	return repo == p.Repo && onTheWay
}

// listedBy is what the tags begin with that a tag is listed with, and whether it is on the way to the
// version: all of those are read at once, any other for itself.
func (p *probing) listedBy(tag string) (begin string, onTheWay bool) {
	for _, begin := range p.Tracker.Version.TagsOnTheWay() {
		if strings.HasPrefix(tag, begin) {
			return begin, true
		}
	}
	return tag, false
}

// keepsGreen reports whether a step that status checks have settled is believed for
// now: it is looked at again in one hour of the day, as believes does it.
func (p *probing) keepsGreen(step Step) bool {
	return len(step.Probe.Checks) > 0 && !step.Probe.besideChecks() && p.believes(step, github.Repo{}, "checks", step.ID)
}

// label looks for a label in the repository of a look. That of picks is there if
// anything carries it.
func (p *probing) label(l *facts.Look, name string) (bool, error) {
	if name == p.fill(p.Settings.PickLabel) && slices.ContainsFunc(p.counts.Repos, func(c count) bool { return c.Repo == l.Repo && c.Labelled }) {
		return true, nil
	}
	list, err := facts.OnceWhole("label names", p.h.GitHub.Labels).Of(l, facts.Whole{})
	return slices.ContainsFunc(list, func(have string) bool { return strings.EqualFold(have, name) }), err
}

// fileAt reads a file at the head of a branch; known is false where it was put off.
func (p *probing) fileAt(l *facts.Look, branch release.Branch, path string) (f github.File, known bool, err error) {
	tip, err := p.h.tips().Of(l, branch)
	if err != nil || tip == "" {
		return f, true, err
	}
	if f, known, err = p.h.GitHub.FileAtCommit(l.Context(), l.Repo, tip, path, false); err != nil || known {
		return f, known, err
	}
	if p.files <= 0 {
		p.putOff = true
		return f, false, nil
	}
	p.files--
	return p.h.GitHub.FileAtCommit(l.Context(), l.Repo, tip, path, true)
}
