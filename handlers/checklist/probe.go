package checklist

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// found is what a probe saw.
type found struct {
	// Unknown says that it couldn't look: nothing changes then.
	Unknown bool
	Yes     bool
	What    string // the evidence, in a few words
	URL     string
	Lacking []string // repositories where it isn't so
}

// probing is a look for evidence; what several steps ask is read once.
type probing struct {
	h      *Handler
	s      Settings
	t      Tracker
	web    string                // GitHub's own address
	design []config.CheckPattern // checks that fail by design
	merged map[github.Repo][]github.PullRequest
	seen   map[string]found // by what was looked for and where
	tags   map[string][]string
	sparing
}

// observeProbes looks for the evidence of each step that has a probe and that
// nobody has settled by hand. milestones are those of the home repository.
func (h *Handler) observeProbes(ctx context.Context, s *Snapshot, milestones []github.Milestone) error {
	t := *s.Tracker
	p := &probing{h: h, s: s.Settings, t: t, web: webOf(t), design: s.Policy.Policy.FailsByDesign, merged: map[github.Repo][]github.PullRequest{}, seen: map[string]found{},
		tags: map[string][]string{t.repo().String() + "\x00" + t.Version.String(): s.Tags}, sparing: spare(s, milestones)}
	s.Found = map[string]found{}
	for _, step := range s.Settings.template(t.Version).Steps {
		state := t.Steps[step.ID]
		if len(step.Probe.kinds()) == 0 || state.Status == StepSkipped || state.Status == StepDropped || state.byHand() || state.Status == StepDone && step.Probe.forGood() || p.keepsGreen(step) {
			continue
		}
		f, err := p.look(ctx, step, s.Counts)
		if err != nil && limited(err) {
			return fmt.Errorf("probe of %s: %w", step.ID, err)
		}
		f.Unknown = f.Unknown || err != nil
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
		names = p.s.Repositories
	}
	var repos []github.Repo
	for _, n := range names {
		repos = append(repos, github.Repo{Owner: p.t.repo().Owner, Name: string(n)})
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
		if all.URL == "" {
			all.URL = one.URL
		}
	}
	probe := step.Probe
	if probe.NoBlockers {
		add(found{Unknown: c.BlockersUnknown, Yes: len(c.Blockers) == 0, What: "no blocker is open"})
	}
	if probe.Team != "" {
		slug := p.fill(probe.Team)
		const what = "the team is there"
		yes, err := p.believes(step, github.Repo{Owner: p.t.repo().Owner}, what, slug), error(nil)
		if !yes {
			yes, err = p.h.GitHub.Team(ctx, p.t.repo().Owner, slug)
		}
		if err != nil {
			return found{}, err
		}
		add(found{Yes: yes, What: what, URL: fmt.Sprintf("%s/orgs/%s/teams/%s", p.web, p.t.repo().Owner, slug)})
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

func (p *probing) fill(text string) string { return p.s.fill(text, p.t.Version) }

// looking looks for one thing in a repository.
type looking func(ctx context.Context, repo github.Repo) (found, error)

// everywhere looks for one thing in each of several repositories.
func (p *probing) everywhere(ctx context.Context, in looking, repos []github.Repo) (found, error) {
	all, unsure := found{Yes: len(repos) > 0}, false
	for i, repo := range repos {
		one, err := in(ctx, repo)
		if err != nil {
			return found{}, err
		}
		if i == 0 {
			all.What, all.URL = one.What, one.URL
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
	if v := p.t.Version.String(); strings.HasPrefix(name, v) {
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
	form, err := regexp.Compile(p.s.fillPattern(probe.Match, p.t.Version))
	if err != nil {
		return found{}, err
	}
	url := fmt.Sprintf("%s/%s/blob/%s/%s", p.web, repo, ref, probe.File) // of the branch, and not of the commit that was read
	return found{Unknown: !known, Yes: text.Found && form.MatchString(text.Text), What: "the file says so", URL: url}, nil
}

// mergedFor looks for a merged pull request that names the step.
func (p *probing) mergedFor(ctx context.Context, repo github.Repo, step Step) (found, error) {
	merged, known := p.merged[repo]
	if !known {
		var err error
		if merged, err = p.h.GitHub.MergedPullRequests(ctx, repo, "", p.t.Opened.UTC().Truncate(24*time.Hour)); err != nil {
			return found{}, err
		}
		p.merged[repo] = merged
	}
	for _, pr := range merged {
		if names(pr, p.t.Version, step) {
			return found{Yes: true, What: fmt.Sprintf("%s#%d is merged", repo, pr.Number), URL: pr.URL}, nil
		}
	}
	return found{}, nil
}

var stepLine = regexp.MustCompile(`(?mi)^[ \t]*Release-Step:[ \t]*([0-9.]+)/([a-z0-9-]+)[ \t\r]*$`)

// names reports whether a pull request names a step: by a line of its text, or by
// its title.
func names(pr github.PullRequest, v release.Version, step Step) bool {
	for _, m := range stepLine.FindAllStringSubmatch(pr.Body, 20) {
		if (m[1] == called(v) || m[1] == v.String()) && m[2] == step.ID {
			return true
		}
	}
	title := strings.ToLower(pr.Title)
	for _, one := range []string{v.String(), called(v)} {
		if rest, ok := strings.CutPrefix(title, "[release-"+one+"]"); ok {
			return strings.TrimSpace(rest) == strings.ToLower(step.Title)
		}
	}
	return false
}
