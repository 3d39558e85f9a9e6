package checklist

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
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
}

// probing is a look for evidence; what several steps ask is read once.
type probing struct {
	tracked
	h      *Handler
	web    string                // GitHub's own address
	design []config.CheckPattern // checks that fail by design
	merged map[github.Repo][]github.PullRequest
	may    map[string]bool  // who settles a step, by the step's owners and the account
	seen   map[string]found // by what was looked for and where
	tags   map[string][]string
	sparing
}

// observeProbes looks for the evidence of each step that has a probe and that
// nobody has settled by hand. milestones are those of the home repository.
func (h *Handler) observeProbes(ctx context.Context, s *look, milestones []github.Milestone) error {
	t := s.Tracker
	p := &probing{tracked: s.tracked, h: h, web: webOf(t), design: s.Policy.FailsByDesign,
		merged: map[github.Repo][]github.PullRequest{}, may: map[string]bool{}, seen: map[string]found{},
		tags: map[string][]string{t.repo().String() + "\x00" + t.Version.String(): s.Tags}, sparing: spare(s, milestones)}
	s.Found = map[string]found{}
	for _, step := range s.template().Steps {
		state := t.Steps[step.ID]
		if len(step.Probe.kinds()) == 0 || state.Status == StepSkipped || state.Status == StepDropped || state.byHand() || p.keepsGreen(step) {
			continue
		}
		f, err := p.look(ctx, step, s.Counts)
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

// webOf is GitHub's own address, of which a tracking issue's is a part.
func webOf(t Tracker) string {
	web, _, _ := strings.Cut(t.Issue.URL, "/"+t.repo().String()+"/")
	return web
}

// repos are those that a probe looks in.
func (p *probing) repos(probe Probe) []github.Repo {
	names := probe.In
	if len(names) == 0 {
		names = p.Settings.Repositories
	}
	var repos []github.Repo
	for _, n := range names {
		repos = append(repos, github.Repo{Owner: p.Tracker.repo().Owner, Name: string(n)})
	}
	return repos
}

// look looks for all that a step's probe names.
func (p *probing) look(ctx context.Context, step Step, c counts) (found, error) {
	all := found{Yes: true}
	add := func(one found) {
		all.Yes, all.Unknown = all.Yes && one.Yes, all.Unknown || one.Unknown
		if all.What != "" {
			one.What = all.What + "; " + one.What
		}
		all.What, all.Lacking = one.What, append(all.Lacking, one.Lacking...)
		all.Claims = append(all.Claims, one.Claims...)
		if all.Trouble == "" {
			all.Trouble = one.Trouble
		}
		if all.URL == "" {
			all.URL = one.URL
		}
		if len(one.Links) == 0 && one.URL != "" {
			one.Links = []string{one.URL}
		}
		all.Links = append(all.Links, one.Links...)
	}
	probe := step.Probe
	if probe.NoBlockers {
		add(p.noBlockers(c))
	}
	if probe.Team != "" {
		slug := p.fill(probe.Team)
		const what = "the team is there"
		yes, err := p.believes(step, github.Repo{Owner: p.Tracker.repo().Owner}, what, slug), error(nil)
		if !yes {
			yes, err = p.h.GitHub.Team(ctx, p.Tracker.repo().Owner, slug)
		}
		if err != nil {
			return found{}, err
		}
		add(found{Yes: yes, What: what, URL: fmt.Sprintf("%s/orgs/%s/teams/%s", p.web, p.Tracker.repo().Owner, slug)})
	}
	for _, in := range p.things(step) {
		one, err := p.everywhere(ctx, in, p.repos(probe))
		if err != nil {
			return found{}, err
		}
		add(one)
	}
	return all, nil
}

// noBlockers links the list of the issues that would be some.
func (p *probing) noBlockers(c counts) found {
	f := found{Unknown: c.BlockersUnknown, Yes: len(c.Blockers) == 0, What: "no blocker is open"}
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
	f.URL = fmt.Sprintf("%s/%s/issues?q=%s", p.web, p.Settings.homeOf(p.Tracker.repo()), url.QueryEscape(query))
	return f
}

// troubleOf says in a few words why something couldn't be looked at.
func troubleOf(err error) string {
	var cannot *reconcile.Cannot
	switch {
	case errors.Is(err, reconcile.ErrGone):
		return "it isn't there, or Slipway isn't installed on it"
	case errors.As(err, &cannot):
		return strings.TrimSuffix(cannot.Why, ".")
	}
	return "GitHub couldn't be read just now"
}

// looking looks for one thing in a repository.
type looking func(ctx context.Context, repo github.Repo) (found, error)

// everywhere looks for one thing in each of several repositories.
func (p *probing) everywhere(ctx context.Context, in looking, repos []github.Repo) (found, error) {
	all, unsure := found{Yes: len(repos) > 0}, false
	for _, repo := range repos {
		one, err := in(ctx, repo)
		if err != nil && limited(err) {
			return found{}, err
		}
		if err != nil { // one that can't be read doesn't hide what the others lack
			one = found{Unknown: true, Trouble: fmt.Sprintf("%s: %s", repo.Name, troubleOf(err))}
		}
		if all.What == "" {
			all.What = one.What
		}
		if one.URL != "" {
			all.Links = append(all.Links, one.URL)
		}
		all.Claims = append(all.Claims, one.Claims...)
		if all.Trouble == "" {
			all.Trouble = one.Trouble
		}
		if all.URL == "" {
			all.URL = one.URL
		}
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
	gh, probe := p.h.GitHub, step.Probe
	var all []looking
	add := func(name, what, path string, is func(ctx context.Context, repo github.Repo, name string) (bool, error)) {
		if name == "" {
			return
		}
		name = p.fill(name)
		all = append(all, func(ctx context.Context, repo github.Repo) (found, error) {
			key := strings.Join([]string{what, repo.String(), name}, "\x00")
			f, known := p.seen[key]
			if known {
				return f, nil
			}
			if p.believes(step, repo, what, name) {
				return found{Yes: true, What: what, URL: p.web + "/" + repo.String() + strings.ReplaceAll(path, "*", name)}, nil
			}
			yes, err := is(ctx, repo, name)
			f = found{Yes: yes, What: what, URL: p.web + "/" + repo.String() + strings.ReplaceAll(path, "*", name)}
			if err == nil {
				p.seen[key] = f
			}
			return f, err
		})
	}
	add(probe.Branch, branchThere, "/tree/*", func(ctx context.Context, repo github.Repo, name string) (bool, error) {
		tip, err := p.tip(ctx, gh, repo, release.Branch(name))
		return tip != "", err
	})
	add(probe.Tag, tagThere, "/releases/tag/*", p.tag)
	add(probe.Label, "the label is there", "/labels", func(ctx context.Context, repo github.Repo, name string) (bool, error) {
		return p.label(ctx, gh, repo, name)
	})
	add(probe.Milestone, "the milestone is there", "/milestones", func(ctx context.Context, repo github.Repo, name string) (bool, error) {
		list, err := p.milestones(ctx, gh, repo)
		return slices.ContainsFunc(list, func(m github.Milestone) bool { return m.Title == name }), err
	})
	if probe.Release != "" {
		all = append(all, func(ctx context.Context, repo github.Repo) (found, error) { return p.releaseIn(ctx, repo, probe) })
	}
	if len(probe.Checks) > 0 {
		all = append(all, func(ctx context.Context, repo github.Repo) (found, error) { return p.checksIn(ctx, repo, step) })
	}
	if probe.File != "" {
		all = append(all, func(ctx context.Context, repo github.Repo) (found, error) { return p.file(ctx, repo, probe) })
	}
	if probe.Merged {
		all = append(all, func(ctx context.Context, repo github.Repo) (found, error) { return p.mergedFor(ctx, repo, step) })
	}
	return all
}

// tag looks for a tag. All tags on the way to the version begin like it and are
// read at once.
func (p *probing) tag(ctx context.Context, repo github.Repo, name string) (bool, error) {
	prefix := name
	if v := p.Tracker.Version.String(); strings.HasPrefix(name, v) {
		prefix = v
	}
	key := repo.String() + "\x00" + prefix
	list, known := p.tags[key]
	if !known {
		var err error
		if list, err = p.h.GitHub.Tags(ctx, repo, prefix); err != nil {
			return false, err
		}
		p.tags[key] = list
	}
	return slices.Contains(list, name), nil
}

// file looks whether a file's text fits. The pattern is the policy's, and what is
// filled into it are numbers and the name of a branch, taken literally.
func (p *probing) file(ctx context.Context, repo github.Repo, probe Probe) (found, error) {
	ref := p.ref(probe)
	text, known, err := p.fileAt(ctx, p.h.GitHub, repo, release.Branch(ref), string(probe.File))
	if err != nil {
		return found{}, err
	}
	form, err := regexp.Compile(p.Settings.fillPattern(probe.Match, p.Tracker.Version))
	if err != nil {
		return found{}, err
	}
	url := fmt.Sprintf("%s/%s/blob/%s/%s", p.web, repo, ref, probe.File) // of the branch, and not of the commit that was read
	return found{Unknown: !known, Yes: text.Found && form.MatchString(text.Text), What: "the file says so", URL: url}, nil
}
