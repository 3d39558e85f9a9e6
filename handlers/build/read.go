package build

import (
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// pullFacts is what is to be known of one pull request.
type pullFacts struct {
	place
	PR    github.PullRequest
	Files github.Files
	Trap  *sprung // that it is, nil for none
	Traps bool    // pull requests of the repository may be a trap at some point of a release
	// Changes are those of the trigger files, the build's first.
	Changes []change
	// Two says that two release managers have to be behind a publish; Backers are those
	// who are, and NoPusher says that nobody knows who pushed it.
	Two      bool
	Backers  []backer
	NoPusher bool
	Torn     bool     // we opened it, and nobody can tell any more who asked
	Teams    []string // whose members may
}

// change is a pull request's change of one trigger file.
type change struct {
	Trigger
	Path     string
	Deleted  bool
	Blockers facts.BlockerList // of a publish
}

// onBranch are the trigger files as a branch has them. Every push to it is told of:
// each proposal may do something else then.
func (h *Handler) onBranch() facts.Fact[release.Branch, map[Purpose]github.File] {
	return facts.Fact[release.Branch, map[Purpose]github.File]{
		Name: "triggers", Fresh: facts.EachLook, Unknown: facts.Retry, From: []facts.Need{facts.Policy}, Stale: facts.Tip.Stale,
		Read: func(l *facts.Look, b release.Branch) (map[Purpose]github.File, error) {
			s, err := facts.Section[Settings](l, Name)
			files := map[Purpose]github.File{}
			for _, p := range []Purpose{Build, Publish} {
				if err == nil {
					files[p], err = h.GitHub.FileAt(l.Context(), l.Repo, string(b), s.Triggers.path(p))
				}
			}
			return files, err
		},
	}
}

// read reads what a pull request does to the trigger files.
func (h *Handler) read(l *facts.Look, pr github.PullRequest) (f pullFacts, err error) {
	if f.place, err = seenBy(l); err != nil {
		return f, err
	}
	f.PR = pr
	if f.Traps, err = facts.Trapped.Of(l, facts.Whole{}); err != nil {
		return f, err
	}
	var set []release.StepTrap
	if f.Traps {
		if set, err = facts.Traps.Of(l, pr.Base); err != nil {
			return f, err
		}
	}
	if f.Trap = f.Settings.trap(l.Repo, pr, set); f.Trap != nil || !f.Settings.Triggers.in(l.Repo) {
		return f, nil
	}
	changes, err := facts.FileChanges.Of(l, facts.Head{Number: pr.Number, Commit: pr.Head})
	if err != nil {
		return f, err
	}
	f.Files = github.Files{Paths: changes.Paths(), Complete: changes.Complete}
	for _, purpose := range []Purpose{Build, Publish} {
		if f.Files.Complete && !f.touches(purpose) {
			continue
		}
		c, is, err := h.readChange(l, f, purpose)
		if err != nil {
			return f, err
		}
		if !is {
			continue
		}
		f.Changes = append(f.Changes, c)
		if purpose == Publish {
			if f, err = h.readApproval(l, f, c.Text); err != nil {
				return f, err
			}
		}
	}
	if f.idle() {
		return f, h.stillOpen(l, pr.Number)
	}
	return f, nil
}

func (f pullFacts) touches(p Purpose) bool {
	return slices.Contains(f.Files.Paths, f.Settings.Triggers.path(p))
}

// readChange reads a trigger file at the head, and what it changes; is is false where it
// is as it was. What a commit has never changes.
func (h *Handler) readChange(l *facts.Look, f pullFacts, p Purpose) (c change, is bool, err error) {
	base, err := h.onBranch().Of(l, f.PR.Base)
	if err != nil {
		return c, false, err
	}
	head, err := h.GitHub.FileAt(l.Context(), l.Repo, f.PR.Head, f.Settings.Triggers.path(p))
	if err != nil || !f.touches(p) && head.Text == base[p].Text && head.Size == base[p].Size && head.Found == base[p].Found {
		return c, false, err // of so many files GitHub doesn't show all, but this one is as it was
	}
	c = change{Path: f.Settings.Triggers.path(p), Deleted: !head.Found}
	c.Trigger = Trigger{Branch: f.PR.Base, Purpose: p, Text: head.Text, Was: base[p].Text, Title: f.PR.Title, Latest: newest(f.Settings.Triggers, base, nil, f.PR.Base)}
	v, err := f.Settings.Triggers.read(head.Text)
	if err != nil {
		return c, true, nil // one that can't be read is refused anyway
	}
	if _, numbered := v.Of(c.Branch); !numbered && v.Scheme.Line != "" {
		whole, err := facts.DefaultBranch.Of(l, facts.Whole{})
		if c.OnDefault = whole == c.Branch; err != nil {
			return c, true, err
		}
	}
	there, err := h.tagged().Of(l, v.First())
	if err != nil {
		return c, true, err
	}
	c.Latest = newest(f.Settings.Triggers, base, nil, f.PR.Base)
	if there.Named {
		c.Latest = newest(f.Settings.Triggers, base, there.Out, f.PR.Base)
	}
	c.Tagged, c.TaggedIn = slices.Contains(there.Out, v), there.In[v]
	c.Guessed = !there.Named
	if p != Publish {
		return c, true, nil
	}
	c.Built, err = h.built(l.Context(), f.place, f.PR.Base, v, func(commit string) ([]github.StatusCheck, error) { return facts.Statuses.Of(l, commit) })
	if err != nil {
		return c, true, err
	}
	c.Blockers, err = facts.Blockers.Of(l, v)
	return c, true, err
}

// idle reports a pull request of which a trigger file stands on its base already,
// to the byte: mostly it was merged a moment ago.
func (f pullFacts) idle() bool {
	return slices.ContainsFunc(f.Changes, func(c change) bool { return !c.Deleted && c.Text == c.Was })
}

// stillOpen reads a pull request anew, whatever was seen of it. What it would start
// was said before its merge; said again it would be about another one.
func (h *Handler) stillOpen(l *facts.Look, n int) error {
	one, err := h.GitHub.FreshPullDetail(l.Context(), l.Repo, n)
	if err == nil && one.State != github.Open {
		err = fmt.Errorf("#%d is %s: %w", n, one.State, reconcile.ErrGone)
	}
	return err
}

// newest is the newest version that the files of a branch name, or that is out. What a new
// branch has from the one that it was cut from is none of its own.
func newest(s Triggers, files map[Purpose]github.File, out []release.Version, b release.Branch) release.Version {
	all := slices.Clone(out)
	for _, f := range files {
		if v, err := s.read(f.Text); err == nil {
			all = append(all, v)
		}
	}
	return release.Newest(all, b)
}
