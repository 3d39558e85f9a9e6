package checklist

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// everybodys is a GitHub whose repositories everybody may see.
type everybodys struct{ facts.GitHub }

func (everybodys) Called(_ context.Context, named, _ github.Repo) (github.Repo, error) {
	return named, nil
}

func (everybodys) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

// agreeing adds to sources what the right to look at other repositories rests on.
func agreeing(s *facts.Sources) *facts.Sources {
	s.Owned.Home, s.Owned.PartOf = Home, PartOf
	if s.GitHub == nil {
		s.GitHub = everybodys{}
	}
	return s
}

func (shelf) Called(_ context.Context, named, _ github.Repo) (github.Repo, error) {
	return named, nil
}

func (shelf) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

func (oneHead) Called(_ context.Context, named, _ github.Repo) (github.Repo, error) {
	return named, nil
}

func (oneHead) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

// unreadable is a shelf whose home has a policy that nobody can read, with no good one before.
type unreadable struct{ shelf }

func (u unreadable) Policy(_ context.Context, of github.Repo) (config.Loaded, error) {
	if of == repo {
		return config.Loaded{Fault: errors.New("line 1: what is this?"), Repo: repo}, nil
	}
	own := u.policy
	own.Repo = of
	return own, nil
}

// TestUnreadableHome: what a home would agree to is unknown then, so that no date counts as
// not there.
func TestUnreadableHome(t *testing.T) {
	policy, _ := loaded(t)
	s := unreadable{shelf{policy: policy}}
	h := &Handler{GitHub: s, From: agreeing(&facts.Sources{GitHub: s, Policies: s}), Now: time.Now}
	api := github.Repo{Owner: "istio", Name: "api"}
	if c, err := h.Calendar(h.at(t, api)); err != nil || c.Unclear == "" {
		t.Errorf("the dates: %+v, %v", c, err)
	}
	if list, err := h.UnderWay(h.at(t, api)); err == nil {
		t.Errorf("the releases: %+v", list)
	}
}
