package checklist

// This file reads facts that the capability owns.

import (
	"errors"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Tracking is the owner's reader of facts.Tracking.
func (h *Handler) Tracking(l *facts.Look, number int) (release.Tracking, error) {
	t, err := h.tracked(l, number)
	if errors.As(err, new(reconcile.Nothing)) {
		return release.Tracking{}, nil
	}
	if err != nil {
		return release.Tracking{}, err
	}
	return t.Tracker.tracking(t.Settings), nil
}

// Home is the owner's reader of facts.Home.
func Home(l *facts.Look) (github.Repo, error) {
	s, err := settingsOf(l)
	if err != nil || s.Home == "" {
		return github.Repo{}, err
	}
	return s.homeOf(l.Repo), nil
}

// UnderWay is the owner's reader of facts.UnderWay.
func (h *Handler) UnderWay(l *facts.Look) (list []release.Tracking, err error) {
	s, err := settingsOf(l)
	if err != nil || s.Home == "" {
		return nil, err
	}
	home, g, err := l.Elsewhere(s.homeOf(l.Repo))
	if g.Refused != "" && !g.Unclear {
		return nil, nil // none of them is of this repository
	}
	if err != nil {
		return nil, err
	}
	all, _, err := h.trackers(home)
	for _, t := range all {
		one := t.tracking(s)
		if g.Secret {
			one.URL = ""
		}
		if !one.Closed {
			list = append(list, one)
		}
	}
	return list, err
}

// tracking is what other capabilities know of a tracking issue.
func (t Tracker) tracking(s Settings) release.Tracking {
	return release.Tracking{
		Version: t.Version, Branch: s.branchOf(t.Version), Number: t.Issue.Number, URL: t.Issue.URL,
		Closed: t.End != nil || t.Issue.State != github.Open,
	}
}

// PartOf is the owner's reader of facts.PartOf.
func PartOf(l *facts.Look, of github.Repo) (bool, error) {
	s, err := settingsOf(l)
	return s.homeIs(l.Repo) && s.lists(of), err
}
