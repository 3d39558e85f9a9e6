package checklist

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Trap is a kind of pull request that looks ordinary and must not be merged at a
// certain point of a release. `slipway/release` refuses it.
type Trap struct {
	// The repository, of the same owner; without one there is no trap.
	Repository config.RepoName `yaml:"repository" example:"common-files"`
	// The branch that it is against; the release's without it.
	Branch string `yaml:"branch" max:"100" example:"\"{branch}\""`
	// A regular expression that its title fits somewhere.
	Title string `yaml:"title" max:"200" example:"update build-tools image@{branch}"`
	// What to do instead, for people.
	Say string `yaml:"say" max:"500" example:"Close it; step 5 sets the image."`
	// The step from which on it is a trap, as soon as that is done or skipped. Before
	// it such a pull request is ordinary; without this it is a trap as long as the
	// release's tracking issue is open. Where there is none, there is no trap: releases
	// that are out get such pull requests every day.
	After string `yaml:"after" max:"40" example:"cut-branches"`
	// The step with which it ends to be one.
	Until string `yaml:"until" max:"40" example:"cut-branches"`
}

// faults are what is wrong with a trap, by its keys.
func (t Trap) faults(of Template, set Settings) map[string]error {
	faults := map[string]error{}
	if t == (Trap{}) {
		return faults
	}
	for key, value := range map[string]string{"repository": string(t.Repository), "title": t.Title, "say": t.Say} {
		if value == "" {
			faults[key] = errors.New("is missing: a trap needs a repository, a title and what to do instead")
		}
	}
	if err := set.faultIn(t.Title); err != nil {
		faults["title"] = fmt.Errorf("is no regular expression: %w", err)
	}
	for key, step := range map[string]string{"after": t.After, "until": t.Until} {
		if _, known := of.step(step); step != "" && !known {
			faults[key] = &config.Wrong{What: fmt.Sprintf("%q is no step of this checklist", step), Want: "the name of a step"}
		}
	}
	return faults
}

// branchOf is the branch that pull requests have to be against.
func (t Trap) branchOf(s Settings, v release.Version) release.Branch {
	if t.Branch == "" {
		return s.branchOf(v)
	}
	return release.Branch(s.fill(t.Branch, v))
}

// armed reports whether a release has come to the point at which a trap is one.
func (t Trap) armed(r Record) bool {
	return (t.After == "" || r.Steps[t.After].settled()) && (t.Until == "" || !r.Steps[t.Until].settled())
}

// trapAt is a trap of a release.
func (s Settings) trapAt(step Step, v release.Version, url string) release.StepTrap {
	return release.StepTrap{
		Repo: string(step.Trap.Repository), Branch: step.Trap.branchOf(s, v), Title: s.fillPattern(step.Trap.Title, v),
		Say: s.fill(step.Trap.Say, v), Step: step.ID, Tracker: url,
	}
}

// trapSteps are the steps of all templates with a trap in a repository.
func (s Settings) trapSteps(repo github.Repo) []Step {
	var steps []Step
	for _, t := range s.Templates {
		for _, step := range t.Steps {
			if step.Trap.Repository != "" && strings.EqualFold(string(step.Trap.Repository), repo.Name) {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// Trapped is the owner's reader of facts.Trapped.
func Trapped(l *facts.Look) (bool, error) {
	s, err := facts.Section[Settings](l, Name)
	return len(s.trapSteps(l.Repo)) > 0, err
}

// Traps is the owner's reader of facts.Traps. It costs no request beyond those for the
// list of our own issues.
func (h *Handler) Traps(l *facts.Look, branch release.Branch) ([]release.StepTrap, error) {
	s, err := settingsOf(l)
	if err != nil || len(s.trapSteps(l.Repo)) == 0 {
		return nil, err
	}
	home, g, err := l.Elsewhere(s.homeOf(l.Repo))
	if err != nil {
		return nil, err // also where it may not look: nobody knows then what is a trap
	}
	trackers, _, err := h.trackers(home)
	set := s.trapsOf(trackers, l.Repo, branch)
	for i := range set {
		if g.Secret {
			set[i].Tracker = ""
		}
	}
	return set, err
}

// trapsOf finds the traps of a branch: those that the open tracking issue of its
// release is at. A release that is over, or that has none, sets no traps, for
// automation goes on with what looks the same.
func (s Settings) trapsOf(trackers []Tracker, repo github.Repo, branch release.Branch) []release.StepTrap {
	var set []release.StepTrap
	for _, t := range trackers {
		if t.End != nil {
			continue
		}
		for _, step := range s.template(t.Version).Steps {
			if step.Trap.in(repo) && step.Trap.branchOf(s, t.Version) == branch && step.Trap.armed(t.Record) {
				set = append(set, s.trapAt(step, t.Version, t.Issue.URL))
			}
		}
	}
	return set
}

func (t Trap) in(repo github.Repo) bool {
	return t.Repository != "" && strings.EqualFold(string(t.Repository), repo.Name)
}

// TrapPlaces is the owner's reader of facts.TrapPlaces: what to look at again when a
// step was ticked.
func (h *Handler) TrapPlaces(l *facts.Look) (map[github.Repo][]release.Branch, error) {
	s, err := settingsOf(l)
	if err != nil || !s.homeIs(l.Repo) {
		return nil, err
	}
	trackers, _, err := h.trackers(l)
	places := map[github.Repo][]release.Branch{}
	for _, t := range trackers {
		for _, step := range s.template(t.Version).Steps {
			in := github.Repo{Owner: l.Repo.Owner, Name: string(step.Trap.Repository)}
			branch := step.Trap.branchOf(s, t.Version)
			if in.Name == "" || slices.Contains(places[in], branch) {
				continue
			}
			_, g, err := l.Elsewhere(in)
			if err != nil && g.Refused == "" {
				return nil, err
			}
			if g.Agreed {
				places[in] = append(places[in], branch)
			}
		}
	}
	return places, err
}

// PastTrap is a trap as a repository's history alone shows it: until a file there says that the step is done which ends it.
type PastTrap struct {
	Title, Match string // regular expressions: of the pull request's title, and of the file
	File         string
	Until        string // the step
	Say          string
}

// PastTraps are those for changes of a release's branch.
func (s Settings) PastTraps(repo github.Repo, b release.Branch) (traps []PastTrap) {
	v, ok := s.Scheme.FirstOf(b)
	if !ok {
		return nil
	}
	for _, t := range s.Templates {
		for _, step := range t.Steps {
			end, _ := t.step(step.Trap.Until)
			if strings.EqualFold(string(step.Trap.Repository), repo.Name) && end.Probe.File != "" && step.Trap.branchOf(s, v) == b {
				traps = append(traps, PastTrap{Title: s.fillPattern(step.Trap.Title, v), Match: s.fillPattern(end.Probe.Match, v), File: string(end.Probe.File), Until: end.ID, Say: s.fill(step.Trap.Say, v)})
			}
		}
	}
	return traps
}
