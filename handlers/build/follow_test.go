package build

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// past is what GitHub shows of a release that is under way, by what it is asked.
type past struct {
	*world
	under    []release.Tracking
	texts    map[string][]github.FileText     // by "repo branch path", the newest first
	merged   map[string]github.PullDetail     // by "repo branch commit"
	details  map[int]github.PullDetail        // by number, of the builder
	checks   map[string][]github.StatusCheck  // by "repo commit"
	tags     map[string][]string              // by "repo prefix"
	out      map[github.Repo][]github.Release // the newest first
	comments []github.Comment
	fails    string // what can't be read
	settings string // of the triggers
}

func (p *past) read(what string) error {
	p.ask("%s", what)
	if p.fails == what {
		return errors.New("no answer")
	}
	return nil
}

func (p *past) underWay(*facts.Look) ([]release.Tracking, error) {
	return p.under, p.read("releases under way")
}

func (p *past) DefaultBranch(_ context.Context, repo github.Repo) (release.Branch, error) {
	if err := p.read("default branch"); err != nil || repo != builder {
		return "", err
	}
	return "master", nil
}

func (p *past) FileHistory(_ context.Context, repo github.Repo, branch release.Branch, path string, most int) ([]github.FileText, bool, error) {
	texts := p.texts[fmt.Sprintf("%s %s %s", repo, branch, path)]
	return texts[:min(most, len(texts))], len(texts) <= most, p.read("history")
}

func (p *past) MergedWith(_ context.Context, repo github.Repo, branch release.Branch, commit string) (github.PullDetail, bool, error) {
	one, found := p.merged[fmt.Sprintf("%s %s %s", repo, branch, commit)]
	return one, found, p.read("merged with")
}

func (p *past) FreshPullDetail(_ context.Context, repo github.Repo, n int) (github.PullDetail, error) {
	if err := p.read("pull request"); err != nil || repo != builder {
		return github.PullDetail{}, err
	}
	return p.details[n], nil
}

func (p *past) StatusChecks(_ context.Context, repo github.Repo, ref string) ([]github.StatusCheck, bool, error) {
	return slices.Clone(p.checks[fmt.Sprintf("%s %s", repo, ref)]), true, p.read("checks")
}

func (p *past) RecentRepos(context.Context, github.Repo) ([]github.Repo, error) { return nil, nil }

func (p *past) VersionTags(_ context.Context, repo github.Repo, begin []string) ([]string, error) {
	return p.tags[fmt.Sprintf("%s %s", repo, begin[0])], p.read("tags")
}

func (p *past) Releases(_ context.Context, repo github.Repo) ([]github.Release, error) {
	return p.out[repo], p.read("releases")
}

func (p *past) RepoID(_ context.Context, repo github.Repo) (int64, error) {
	if err := p.read("repository's id"); err != nil || repo != home {
		return 0, err
	}
	return 9, nil
}

func (p *past) OwnComments(_ context.Context, repo github.Repo, n int) ([]github.Comment, error) {
	if err := p.read("comments"); err != nil || repo != home || n != 7 {
		return nil, err
	}
	return p.comments, nil
}

const trackedBuild, trackedPublish = "istio/release-builder release-1.31 release/trigger-build", "istio/release-builder release-1.31 release/trigger-publish"

// newPast is a release, 1.31, of which nothing was started yet.
func newPast(t *testing.T) *past {
	return &past{
		world: newWorld(t),
		under: []release.Tracking{
			{Version: version(t, "1.30.4"), Branch: "release-1.30", Number: 6}, {Version: version(t, "1.31.0"), Branch: "release-1.31", Number: 7},
		},
		texts: map[string][]github.FileText{}, merged: map[string]github.PullDetail{}, details: map[int]github.PullDetail{},
		checks: map[string][]github.StatusCheck{}, tags: map[string][]string{}, out: map[github.Repo][]github.Release{},
		settings: "repository: release-builder",
	}
}

func (p *past) handler() *Handler {
	p.world.policy = "branches: [release-*]\nfails_by_design: [flaky-*]\nrelease:\n  triggers: {" + p.settings + "}\n"
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		p.t.Fatal(err)
	}
	from := p.sources()
	from.Owned.UnderWay = p.underWay
	return &Handler{GitHub: p, From: from, Sealer: sealer, Now: func() time.Time { return noon }}
}

func (p *past) observe(repo github.Repo, number int) (versions, error) {
	return p.handler().observeVersions(p.t.Context(), repo, number)
}

// sees is what is followed on the tracking issue of 1.31, one line for each version.
func (p *past) sees() string {
	p.t.Helper()
	s, err := p.observe(home, 7)
	if err != nil {
		p.t.Fatal(err)
	}
	if s.Tracking == nil || s.Tracking.Number != 7 {
		p.t.Errorf("it is about %+v", s.Tracking)
	}
	return shown(s.Followed)
}

func shown(all []followed) string {
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "%s, %d builds", f.Version, f.Builds)
		for _, one := range []*started{f.Build, f.Publish} {
			if one == nil {
				continue
			}
			fmt.Fprintf(&b, "; %s of %s on %s at %s, %s", one.Purpose, one.Version, one.Branch, one.Commit, noon.Sub(one.At))
			if one.Pull != nil {
				fmt.Fprintf(&b, ", #%d by %s", one.Pull.Number, one.Pull.MergedBy.Login)
			}
			if one.Made != nil {
				fmt.Fprintf(&b, ", asked by %s", one.Made.By)
			}
			for _, c := range one.Checks {
				fmt.Fprintf(&b, ", %s %s", c.Name, c.State)
			}
			for _, c := range one.Design {
				fmt.Fprintf(&b, ", by design %s", c.Name)
			}
			for _, m := range one.Missing {
				fmt.Fprintf(&b, ", no %s", m)
			}
		}
		for _, tag := range f.Tags {
			fmt.Fprintf(&b, "; tag in %s %t", tag.Repo.Name, tag.Seen)
		}
		if f.Release != nil {
			fmt.Fprintf(&b, "; release %s", f.Release.URL)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// wrote is a commit that changed a trigger file, some time before noon.
func wrote(commit string, ago time.Duration, version string) github.FileText {
	return github.FileText{Commit: commit, At: noon.Add(-ago), Text: version + "\n"}
}
