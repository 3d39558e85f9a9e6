package checklist

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// found is what a probe saw.
type found struct {
	// Unknown says that it couldn't look: nothing changes then.
	Unknown bool
	Yes     bool
	What    string // the evidence, in a few words
	URL     string
	Links   []string // the same everywhere, URL first
	Lacking []string // repositories where it isn't so
	Claims  []string // pull requests that say so, of people whose word isn't enough
	Trouble string   // why it couldn't look, in a few words
	Waits   []string // steps that have to be done before it counts
	Failed  []string // builds of it that have failed
}

// probing is a look for evidence; what several steps ask is read once.
type probing struct {
	tracked
	h      *Handler
	counts counts
	tags   []string              // of the home repository, on the way to the version
	web    string                // GitHub's own address
	design []config.CheckPattern // checks that fail by design
	may    map[string]bool       // who settles a step, by the step's owners and the account
	read   map[string]bool       // what was looked for and where
	sparing
}

// observeProbes looks for the evidence of each step that has a probe and that
// nobody has settled by hand.
func (h *Handler) observeProbes(s *look) error {
	t := s.Tracker
	p := &probing{tracked: s.tracked, h: h, counts: s.Counts, tags: s.Tags, web: webOf(t.Issue.URL), design: s.Policy.Policy.FailsByDesign,
		may: map[string]bool{}, read: map[string]bool{}, sparing: spare(s)}
	s.Found = map[string]found{}
	for _, step := range s.template().Steps {
		state := t.Steps[step.ID]
		if step.Probe.empty() || state.Status == StepSkipped || state.Status == StepDropped || state.byHand() || p.keepsGreen(step) {
			continue
		}
		f, err := p.evidence(step)
		if err != nil && limited(err) {
			return fmt.Errorf("probe of %s: %w", step.ID, err)
		}
		if err != nil {
			f.Unknown, f.Trouble = true, troubleOf(err)
		}
		s.Found[step.ID] = f
	}
	s.PutOff, s.Running = p.putOff, p.running
	return nil
}

// webOf is GitHub's own address, of which that of an issue is a part.
func webOf(issue string) string {
	for range strings.Split("owner/name/issues/N", "/") {
		issue = issue[:max(strings.LastIndexByte(issue, '/'), 0)]
	}
	return issue
}

// repos are those that a probe looks in.
func (p *probing) repos(probe Probe) []github.Repo {
	names := probe.In
	if len(names) == 0 {
		names = p.Settings.Repositories
	}
	var repos []github.Repo
	for _, n := range names {
		repos = append(repos, github.Repo{Owner: p.Repo.Owner, Name: string(n)})
	}
	return repos
}

// with adds what was seen elsewhere, or of another thing. What all of it says is for
// the caller to tell.
func (f *found) with(one found) {
	f.Claims, f.Trouble, f.URL = append(f.Claims, one.Claims...), cmp.Or(f.Trouble, one.Trouble), cmp.Or(f.URL, one.URL)
	if len(one.Links) == 0 && one.URL != "" {
		one.Links = []string{one.URL}
	}
	f.Links, f.Lacking = append(f.Links, one.Links...), append(f.Lacking, one.Lacking...)
	f.Failed = append(f.Failed, one.Failed...)
}

// evidence looks for all that a step's probe names.
func (p *probing) evidence(step Step) (found, error) {
	all := found{Yes: true}
	add := func(one found) {
		all.Yes, all.Unknown = all.Yes && one.Yes, all.Unknown || one.Unknown
		if all.What != "" {
			one.What = all.What + "; " + one.What
		}
		all.What = one.What
		all.with(one)
	}
	probe := step.Probe
	if probe.NoBlockers {
		add(p.noBlockers())
	}
	if probe.Team != "" {
		slug := p.fill(probe.Team)
		const what = "the team is there"
		yes, err := p.believes(step, github.Repo{Owner: p.Repo.Owner}, what, slug), error(nil)
		if !yes {
			yes, err = p.h.GitHub.Team(p.look.Context(), p.Repo.Owner, slug)
		}
		if err != nil {
			return found{}, err
		}
		add(found{Yes: yes, What: what, URL: fmt.Sprintf("%s/orgs/%s/teams/%s", p.web, p.Repo.Owner, slug)})
	}
	for _, in := range p.things(step) {
		one, err := everywhere(p.look, in, p.repos(probe))
		if err != nil {
			return found{}, err
		}
		add(one)
	}
	return all, nil
}

// noBlockers links the list of the issues that would be some.
func (p *probing) noBlockers() found {
	f := found{Unknown: p.counts.Blockers.Unknown, Yes: len(p.counts.Blockers.Blocking(p.Tracker.Version)) == 0, What: "no blocker is open"}
	b := p.Settings.Blockers
	if f.Unknown {
		f.Trouble = "the blockers couldn't be counted"
	}
	if b.Label == "" {
		return f
	}
	query := fmt.Sprintf("is:open label:%q", b.Label)
	if b.Milestone != "" {
		query += fmt.Sprintf(" milestone:%q", p.fill(b.Milestone))
	}
	f.URL = fmt.Sprintf("%s/%s/issues?q=%s", p.web, p.Repo, url.QueryEscape(query))
	return f
}

// troubleOf says in a few words why something couldn't be looked at.
func troubleOf(err error) string {
	var cannot *reconcile.RefusedError
	switch {
	case errors.Is(err, reconcile.ErrGone):
		return "it isn't there, or Slipway isn't installed on it"
	case errors.As(err, &cannot):
		if cannot.Said == "" && cannot.Next != "" {
			return strings.TrimSuffix(cannot.Reason, ".") + "; next step: " + strings.ReplaceAll(cannot.Next, "`", "")
		}
		if cannot.Said == "" {
			return strings.TrimSuffix(cannot.Reason, ".")
		}
		return fmt.Sprintf("%s (GitHub says: %s)", cannot.Reason, cannot.Said)
	}
	return "GitHub couldn't be read just now"
}

// looking looks for one thing in the repository that a look is at.
type looking func(l *facts.Look) (found, error)

// everywhere looks for one thing in each of several repositories.
func everywhere(l *facts.Look, in looking, repos []github.Repo) (found, error) {
	all, unsure := found{Yes: len(repos) > 0}, false
	for _, repo := range repos {
		one := found{}
		there, _, err := l.Elsewhere(repo)
		if err == nil {
			one, err = in(there)
		}
		if err != nil && limited(err) {
			return found{}, err
		}
		if err != nil { // one that can't be read doesn't hide what the others lack
			one = found{Unknown: true, Trouble: fmt.Sprintf("%s: %s", repo.Name, troubleOf(err))}
		}
		all.What = cmp.Or(all.What, one.What)
		all.with(one)
		switch {
		case one.Yes:
		case one.Unknown:
			all.Yes, unsure = false, true
		default:
			all.Yes = false
			all.Lacking = append(all.Lacking, repo.Name)
		}
	}
	// Where it isn't so in one place, it doesn't matter what is unknown elsewhere.
	all.Unknown = unsure && len(all.Lacking) == 0
	if len(repos) > 1 {
		all.What += fmt.Sprintf(" in %d repositories", len(repos))
	}
	return all, nil
}

// things are what a step's probe looks for in repositories.
func (p *probing) things(step Step) []looking {
	probe := step.Probe
	var all []looking
	add := func(name, what, path string, is func(l *facts.Look, name string) (bool, error)) {
		if name == "" {
			return
		}
		name = p.fill(name)
		all = append(all, func(l *facts.Look) (found, error) {
			f := found{Yes: true, What: what, URL: p.web + "/" + l.Repo.String() + strings.ReplaceAll(path, "*", name)}
			key := strings.Join([]string{what, l.Repo.String(), name}, "\x00")
			if !p.read[key] && p.believes(step, l.Repo, what, name) {
				return f, nil
			}
			var err error
			f.Yes, err = is(l, name)
			p.read[key] = err == nil
			return f, err
		})
	}
	also := func(asked bool, in func(*facts.Look, Step) (found, error)) {
		if asked {
			all = append(all, func(l *facts.Look) (found, error) { return in(l, step) })
		}
	}
	add(probe.Branch, branchThere, "/tree/*", func(l *facts.Look, name string) (bool, error) {
		tip, err := p.h.tips().Of(l, release.Branch(name))
		return tip != "", err
	})
	add(probe.Tag, tagThere, "/releases/tag/*", p.tag)
	add(probe.Label, "the label is there", "/labels", p.label)
	add(probe.Milestone, "the milestone is there", "/milestones", func(l *facts.Look, name string) (bool, error) {
		list, err := p.h.milestones().Of(l, facts.Whole{})
		return slices.ContainsFunc(list, func(m github.Milestone) bool { return m.Title == name }), err
	})
	also(probe.Release != "", p.releaseIn)
	also(len(probe.Checks) > 0, p.checksIn)
	also(probe.File != "", p.file)
	also(probe.Merged, p.mergedFor)
	return all
}

// tag looks for a tag. All tags on the way to the version begin like it and are
// read at once.
func (p *probing) tag(l *facts.Look, name string) (bool, error) {
	begin, _ := p.listedBy(name)
	list, err := p.h.tags().Of(l, begin)
	return slices.Contains(list, name), err
}

// file looks whether a file's text fits. The pattern is the policy's, and what is
// filled into it are numbers and the name of a branch, taken literally.
func (p *probing) file(l *facts.Look, step Step) (found, error) {
	probe, ref := step.Probe, p.ref(step.Probe)
	text, known, err := p.fileAt(l, release.Branch(ref), string(probe.File))
	if err != nil {
		return found{}, err
	}
	form, err := regexp.Compile(p.Settings.fillPattern(probe.Match, p.Tracker.Version))
	if err != nil {
		return found{}, err
	}
	url := fmt.Sprintf("%s/%s/blob/%s/%s", p.web, l.Repo, ref, probe.File) // of the branch, and not of the commit that was read
	return found{Unknown: !known, Yes: text.Found && !text.Unread() && form.MatchString(text.Text), What: "the file says so", URL: url}, nil
}
