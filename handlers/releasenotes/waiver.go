package releasenotes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// waiver is a way of saying that a change needs no note: the label, or a box in
// the description.
type waiver struct {
	Given   bool
	By      github.User // zero where it may be anybody
	May     bool
	Unclear string // why nobody can tell yet who it was, or whether that one may; "" if somebody can
}

func (w waiver) holds() bool { return w.Given && w.May }

// readWaiver looks for the label and, without one that counts, at the
// description.
func (f *known) readWaiver(l *facts.Look) (err error) {
	if f.Label, err = f.readLabel(l, f.PR); err != nil {
		return err
	}
	s := f.Settings
	if f.Label.holds() || s.Description == "" {
		return nil
	}
	detail, err := facts.Detail.Of(l, f.PR.Number)
	if err != nil || !ticked(s.Description, detail.Body) {
		return err
	}
	pick, err := facts.Pick.Of(l, f.PR.Number)
	if err != nil || pick.Is() && !ticked(s.Description, provenance.Spoken(detail.Body)) {
		return err // we wrote it there, with the release note of the source
	}
	f.Box = waiver{Given: true, By: f.PR.Author, May: s.LabelBy == Anyone}
	if f.Box.May {
		return nil
	}
	return f.mayWaive(l, &f.Box)
}

// readLabel looks for the label of a pull request, this one or a source, and whether
// it counts for this one: the source branch has no managers who could let off.
func (f *known) readLabel(l *facts.Look, of github.PullRequest) (w waiver, err error) {
	s := f.Settings
	if w.Given = labelled(of.Labels, s.Label); !w.Given || s.LabelBy == Anyone {
		w.May = w.Given
		return w, nil
	}
	by, err := facts.Labelled.Of(l, facts.Label{Number: of.Number, Name: string(s.Label)})
	if err != nil || by == nil {
		w.Unclear = gate.UnknownSetter
		return w, err
	}
	w.By = by.Who
	return w, f.mayWaive(l, &w)
}

// mayWaive looks up whether whoever gave a waiver may.
func (f *known) mayWaive(l *facts.Look, w *waiver) (err error) {
	if f.Settings.LabelBy == Writers {
		has, err := facts.Permission.Of(l, w.By)
		w.May = has >= github.Write
		return err
	}
	standing, err := facts.Manages.Of(l, facts.Role{Branch: f.PR.Base, Who: w.By})
	w.May = standing.Holds
	w.Unclear = gate.UnclearRole(standing)
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
func (f known) always() (Kind, bool) {
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
