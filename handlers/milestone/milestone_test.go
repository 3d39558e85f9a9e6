package milestone

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

func TestJudge(t *testing.T) {
	for name, tc := range map[string]struct {
		want, has, from string
		state           effect.State
		title, detail   string
	}{
		"its own":                 {"1.30", "1.30", "", effect.Pass, "It names the milestone 1.30", ""},
		"its source's":            {"1.30", "", "1.30", effect.Pass, "Its source names the milestone 1.30", ""},
		"none":                    {"1.30", "", "", effect.Block, "It doesn't name the milestone 1.30", "this one names none."},
		"another":                 {"1.30", "1.31", "", effect.Block, "It doesn't name the milestone 1.30", "this one names `1.31`."},
		"another, its source's":   {"1.30", "1.31", "1.30", effect.Block, "It doesn't name the milestone 1.30", "this one names `1.31`."},
		"its source names others": {"1.30", "", "1.31", effect.Block, "It doesn't name the milestone 1.30", "**Next step:** set the milestone `1.30`"},
		"a branch without number": {"", "", "", effect.Pass, "No release is made from release-next", ""},
	} {
		v := judge(known{PR: github.PullRequest{Base: "release-next"}, Want: tc.want, Has: tc.has, From: tc.from})
		if v.State != tc.state || v.Title != tc.title || !strings.Contains(v.Detail, tc.detail) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// one is a GitHub with a pull request that names no milestone; nothing else may be asked.
type one struct{ facts.GitHub }

func (one) CachedPullDetail(context.Context, github.Repo, int) (github.PullDetail, error) {
	return github.PullDetail{PullRequest: github.PullRequest{Number: 7, Base: "release-1.30"}}, nil
}

func (one) Policy(context.Context, github.Repo) (p config.Loaded, err error) {
	p.Policy, err = config.ParsePolicy("policy", []byte("branches: [release-*]\nmilestone: {title: \"{major}.{minor}\"}\n"), config.Declare[Settings](Name))
	return p, err
}

// TestForesee: the preview of a policy asks nobody what a pull request is a cherry-pick of, and says so.
func TestForesee(t *testing.T) {
	l := facts.NewLook(t.Context(), &facts.Sources{GitHub: one{}, Policies: one{}}, github.Repo{Owner: "istio", Name: "istio"}, time.Unix(0, 0))
	k, err := Gate.Foresee(l, github.PullRequest{Number: 7, Base: "release-1.30"})
	if v := judge(k); err != nil || v.State != effect.Block || v.Title != "It doesn't name the milestone 1.30 itself" || !Gate.Costly {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestText(t *testing.T) {
	v := judge(known{PR: github.PullRequest{Base: "release-1.30"}, Want: "1.30"})
	golden.Check(t, "none.md", v.Title+"\n\n"+v.Detail+"\n")
}

func TestValidate(t *testing.T) {
	for title, good := range map[string]bool{"": true, "{major}.{minor}": true, "Kiwi": true, "{major}.{patch}": false, "{": false} {
		if err := (Settings{Title: title}).Validate(); (err == nil) != good {
			t.Errorf("%q: %v", title, err)
		}
	}
}
