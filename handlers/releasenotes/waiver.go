package releasenotes

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// waiver is a way of saying that a change needs no note: the label, or a box in
// the description.
type waiver struct {
	Given   bool
	By      github.User // zero where it may be anybody
	May     bool
	Unclear bool // nobody can tell yet who it was, or whether that one may
}

func (w waiver) holds() bool { return w.Given && w.May }

// observeWaiver looks for the label and, without one that counts, at the
// description.
func (h *Handler) observeWaiver(ctx context.Context, repo github.Repo, f *facts) error {
	if err := h.observeLabel(ctx, repo, f); err != nil {
		return err
	}
	s := f.Settings
	if f.Label.holds() || s.Description == "" {
		return nil
	}
	detail, err := h.GitHub.PullSeen(ctx, repo, f.PR.Number)
	if err != nil || !ticked(s.Description, detail.Body) {
		return err
	}
	f.Box = waiver{Given: true, By: f.PR.Author, May: s.LabelBy == Anyone}
	if f.Box.May {
		return nil
	}
	return h.mayWaive(ctx, repo, *f, &f.Box)
}

// observeLabel looks for the label, and whether it counts.
func (h *Handler) observeLabel(ctx context.Context, repo github.Repo, f *facts) error {
	s := f.Settings
	if !labelled(f.PR.Labels, s.Label) {
		return nil
	}
	f.Label.Given = true
	if s.LabelBy == Anyone {
		f.Label.May = true
		return nil
	}
	l, found, err := h.GitHub.LabelledBy(ctx, repo, f.PR.Number, string(s.Label))
	if err != nil {
		return err
	}
	f.Label.By, f.Label.Unclear = l.Who, !found
	if !found {
		return nil
	}
	return h.mayWaive(ctx, repo, *f, &f.Label)
}

// mayWaive looks up whether whoever gave a waiver may.
func (h *Handler) mayWaive(ctx context.Context, repo github.Repo, f facts, w *waiver) error {
	if f.Settings.LabelBy == Writers {
		may, err := h.GitHub.Writes(ctx, repo, w.By)
		w.May = may
		return err
	}
	standing, err := h.Roles.Manages(ctx, repo, f.PR.Base, w.By)
	w.May = standing.Holds
	w.Unclear = !standing.Holds && (standing.Unclear != "" || len(standing.Missing) > 0)
	return err
}

func labelled(labels []string, want config.Label) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, string(want)) })
}

// hidden is what people don't see of a description: a template's instructions.
var hidden = lazy.Regexp(`(?s)<!--.*?(-->|$)`)

// maxBody bounds how much of a description is looked at, in bytes.
const maxBody = 64 << 10

// ticked reports whether a description says what the policy's pattern looks for.
func ticked(pattern, body string) bool {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return false // the policy refuses such a pattern
	}
	body = strings.ReplaceAll(body[:min(len(body), maxBody)], "\r\n", "\n")
	return re.MatchString(hidden().ReplaceAllString(body, ""))
}

// always is the kind of change, of those that always need a note, that a pull
// request is. Where not all the notes that it takes away were read, it may be of
// any kind that notes tell.
func (f facts) always() (Kind, bool) {
	gone := f.Gone
	for _, n := range f.Files {
		if !n.Note.Valid() && !n.Same { // one that is only renamed was so before
			gone = append(slices.Clone(gone), n.Note)
		}
	}
	for _, k := range f.Settings.NeverWaived {
		if slices.ContainsFunc(k.Labels, func(l config.Label) bool { return labelled(f.PR.Labels, l) }) {
			return k, true
		}
		if re, err := regexp.Compile(k.Title); k.Title != "" && err == nil && re.MatchString(f.PR.Title) {
			return k, true
		}
		if f.Unclear && len(k.Kinds)+len(k.Actions) > 0 {
			return k, true
		}
		for _, note := range gone {
			if slices.Contains(k.Kinds, note.Kind) {
				return k, true
			}
			for _, e := range note.Notes {
				if slices.Contains(k.Actions, e.Action) {
					return k, true
				}
			}
		}
	}
	return Kind{}, false
}
