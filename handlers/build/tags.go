package build

import (
	"context"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// tags are the versions of a release line that repositories have tags of.
type tags struct {
	Out []release.Version
	In  map[release.Version]github.Repo // one that has it
	// Named says that the policy names these repositories. A tag in any other may be of
	// something else that has the same number.
	Named bool
}

// maxTagged is how many repositories are looked at where the policy names none.
const maxTagged = 10

// tagged are the versions that are out, as a look at the trigger files sees them. Where a
// repository can't be asked from here, nothing of it is known.
func (h *Handler) tagged() facts.Fact[release.Version, tags] {
	return facts.Fact[release.Version, tags]{
		Name: "version tags", Fresh: facts.EachLook, Unknown: facts.Retry, From: []facts.Need{facts.Policy, facts.Home, facts.Reach},
		Read: func(l *facts.Look, v release.Version) (tags, error) {
			repos, named, err := h.tagsIn(l)
			t := tags{In: map[release.Version]github.Repo{}, Named: named}
			for _, repo := range repos {
				if err != nil {
					return t, err
				}
				_, g, reach := l.Elsewhere(repo)
				if g.Refused != "" {
					continue
				}
				if err = reach; err == nil {
					err = h.addTags(l.Context(), &t, repo, v)
				}
			}
			return t, err
		},
	}
}

func (h *Handler) addTags(ctx context.Context, t *tags, repo github.Repo, of release.Version) error {
	list, err := h.GitHub.VersionTags(ctx, repo, of.TagsOfLine())
	for _, v := range ofLine(of, list) {
		if !slices.Contains(t.Out, v) {
			t.Out, t.In[v] = append(t.Out, v), repo
		}
	}
	return err
}

// tagsIn are the repositories whose tags say what is out: the home of the tracking issues, else
// those that a publish tags, else whichever the owner has beside the trigger files.
func (h *Handler) tagsIn(l *facts.Look) (repos []github.Repo, named bool, err error) {
	home, err := facts.Home.Of(l, facts.Whole{})
	if err != nil {
		return nil, false, err
	}
	s, err := facts.Section[Settings](l, Name)
	switch {
	case err != nil:
		return nil, false, err
	case home != (github.Repo{}):
		return []github.Repo{home}, true, nil
	case len(s.Triggers.TagsIn) > 0:
		return s.Triggers.tagged(l.Repo), true, nil
	}
	all, err := h.GitHub.RecentRepos(l.Context(), l.Repo)
	return all[:min(len(all), maxTagged)], false, err
}

// out are the versions of a minor release that the home repository has tags of.
func (h *Handler) out(ctx context.Context, home github.Repo, v release.Version) ([]release.Version, error) {
	list, err := h.GitHub.VersionTags(ctx, home, v.TagsOfLine())
	return ofLine(v, list), err
}

// ofLine are the versions of a release line that tags are of.
func ofLine(of release.Version, list []string) []release.Version {
	return slices.DeleteFunc(of.Scheme.OfTags(list), func(v release.Version) bool { return !v.SameLine(of) })
}
