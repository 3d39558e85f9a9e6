package checklist

import (
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// ref is the branch that a probe looks at.
func (p *probing) ref(probe Probe) string {
	if probe.Ref == "" {
		return string(p.branch())
	}
	return p.fill(probe.Ref)
}

// releaseIn looks for a release on GitHub, as far as it has to be and with the files
// that it has to have.
func (p *probing) releaseIn(l *facts.Look, step Step) (found, error) {
	probe, tag := step.Probe, p.fill(step.Probe.Release)
	if probe.State != DraftRelease && p.listed(l.Repo, tag) && !slices.Contains(p.tags, tag) { // what is out has its tag
		return found{}, nil
	}
	list, err := facts.OnceWhole("releases", p.h.GitHub.Releases).Of(l, facts.Whole{})
	if err != nil {
		return found{}, err
	}
	var want []string
	for _, name := range probe.Assets {
		want = append(want, p.fill(name))
	}
	return releaseFound(list, tag, probe.State, want), nil
}

// releaseFound says what a list of releases has of one. There may be several drafts
// of one tag; the one that is furthest counts.
func releaseFound(list []github.Release, tag string, state ReleaseState, assets []string) found {
	var f found
	for _, r := range list {
		if r.Tag != tag || r.Draft && state != DraftRelease {
			continue
		}
		what := "the release is out"
		if r.Draft {
			what = "the draft of the release is there"
		}
		var missing []string
		for _, name := range assets {
			if !slices.Contains(r.Assets, name) {
				missing = append(missing, name)
			}
		}
		switch {
		case len(missing) > 0 && !f.Yes:
			f.What, f.URL = fmt.Sprintf("%s, but lacks %d of %d files", what, len(missing), len(assets)), r.URL
		case len(missing) == 0 && (!f.Yes || !r.Draft):
			f = found{Yes: true, What: what, URL: r.URL}
			if len(assets) > 0 {
				f.What += " with " + effect.Count(len(assets), "file", "files")
			}
		}
	}
	return f
}

// checksFound says whether status checks succeeded. As long as some are under way,
// or aren't reported yet, nobody knows: a push to the branch must not untick a step
// that will be green again in an hour.
func checksFound(list []github.StatusCheck, want, design []config.CheckPattern) found {
	f := found{Yes: true}
	n := 0
	for _, pattern := range want {
		reported := false
		for _, c := range list {
			if !pattern.Match(c.Name) || config.MatchAny(design, c.Name) {
				continue
			}
			reported = true
			switch c.State {
			case github.CheckFailed:
				name := effect.Inert(c.Name, maxTitle)
				return found{What: name + " failed", URL: effect.Link(c.URL), Failed: []string{name}}
			case github.CheckPending:
				f.Unknown = true
			}
			n++
		}
		f.Unknown = f.Unknown || !reported
	}
	if f.Unknown {
		return found{Unknown: true, What: "not all of the checks are in"}
	}
	f.What = effect.Count(n, "check", "checks") + " succeeded"
	return f
}
