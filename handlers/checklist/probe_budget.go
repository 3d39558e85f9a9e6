package checklist

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

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

// sparing is what keeps a look at a large release small. It reads nothing twice;
// of evidence that is there already it believes most until its turn comes; and it
// puts off files that nobody has read yet.
type sparing struct {
	hour    int // of the day
	turn    int // of the evidence that is believed
	files   int // how many more may be read
	putOff  bool
	running bool              // some status checks aren't over
	tips    map[string]string // by repository and branch
	labels  map[string]bool   // by repository: the label of picks is on something there
	miles   map[github.Repo][]github.Milestone
}

// spare begins with what was read for the counts.
func spare(s *look, milestones []github.Milestone) sparing {
	p := sparing{hour: s.Now.UTC().Hour(), tips: map[string]string{}, labels: map[string]bool{}, miles: map[github.Repo][]github.Milestone{}}
	if milestones != nil { // else nobody has asked, or got an answer
		p.miles[s.Repo] = milestones
	}
	branch := s.branch()
	spent := 0
	for _, c := range s.Counts.Repos {
		if c.Unknown {
			continue
		}
		p.tips[tipKey(c.Repo, branch)] = c.Tip
		p.labels[c.Repo.String()+"\x00"+s.fill(s.Settings.PickLabel)] = c.Labelled
		if spent += 2; c.Tip != "" {
			spent++ // and its pull requests
		}
	}
	p.files = max(leastFiles, lookBudget-keptBack-spent)
	return p
}

func tipKey(repo github.Repo, branch release.Branch) string {
	return repo.String() + "\x00" + string(branch)
}

// hoursOfDay is in how many turns the evidence that is there is looked at again.
const hoursOfDay = 24

// believes reports whether evidence that was there counts as being there still,
// unread. Labels, milestones, teams, releases and tags are hardly ever taken away,
// so each is looked at again in one hour of the day. Branches are not believed,
// and what was read anyway isn't either.
func (p *probing) believes(step Step, repo github.Repo, what, name string) bool {
	_, read := p.tags[repo.String()+"\x00"+p.Tracker.Version.String()]
	if p.Tracker.Steps[step.ID].Status != StepDone || what == branchThere || what == tagThere && read && strings.HasPrefix(name, p.Tracker.Version.String()) {
		return false
	}
	p.turn++
	return p.turn%hoursOfDay != p.hour
}

// keepsGreen reports whether a step that status checks have settled is believed for
// now: it is looked at again in one hour of the day, as believes does it.
func (p *probing) keepsGreen(step Step) bool {
	kinds := step.Probe.kinds()
	return len(kinds) == 1 && kinds[0] == "checks" && p.believes(step, github.Repo{}, "checks", step.ID)
}

// label looks for a label in a repository.
func (p *sparing) label(ctx context.Context, gh GitHub, repo github.Repo, name string) (bool, error) {
	if p.labels[repo.String()+"\x00"+name] {
		return true, nil
	}
	list, err := gh.Labels(ctx, repo)
	return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, name) }), err
}

// untagged reports whether a tag is known not to be there.
func (p *probing) untagged(repo github.Repo, name string) bool {
	tags, read := p.tags[repo.String()+"\x00"+p.Tracker.Version.String()]
	return read && strings.HasPrefix(name, p.Tracker.Version.String()) && !slices.Contains(tags, name)
}

// tip is the commit that a branch is at.
func (p *sparing) tip(ctx context.Context, gh GitHub, repo github.Repo, branch release.Branch) (string, error) {
	key := tipKey(repo, branch)
	tip, known := p.tips[key]
	if known {
		return tip, nil
	}
	tip, err := gh.Tip(ctx, repo, branch)
	if err == nil {
		p.tips[key] = tip
	}
	return tip, err
}

// milestones are those of a repository.
func (p *sparing) milestones(ctx context.Context, gh GitHub, repo github.Repo) ([]github.Milestone, error) {
	list, known := p.miles[repo]
	if known {
		return list, nil
	}
	list, err := gh.Milestones(ctx, repo)
	if err == nil {
		p.miles[repo] = list
	}
	return list, err
}

// fileAt reads a file at the head of a branch; known is false where it was put off.
func (p *sparing) fileAt(ctx context.Context, gh GitHub, repo github.Repo, branch release.Branch, path string) (f github.File, known bool, err error) {
	tip, err := p.tip(ctx, gh, repo, branch)
	if err != nil || tip == "" {
		return f, true, err
	}
	if f, known, err = gh.FileAtCommit(ctx, repo, tip, path, false); err != nil || known {
		return f, known, err
	}
	if p.files <= 0 {
		p.putOff = true
		return f, false, nil
	}
	p.files--
	return gh.FileAtCommit(ctx, repo, tip, path, true)
}
