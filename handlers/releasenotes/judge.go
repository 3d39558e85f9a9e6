package releasenotes

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

// judged is the verdict with what goes with it.
func judged(f known) gate.Verdict {
	return gate.Verdict{Verdict: judge(f), Annotations: annotations(f.findings())}
}

// judge says whether a pull request may merge as far as notes go. The first
// reason that applies is the one that is told.
func judge(f known) effect.Verdict {
	findings := f.findings()
	kind, always := f.always()
	switch {
	case f.Account.excepted():
		return byAccount(f)
	case f.Ours:
		return ownNotes(f)
	case notes.Errors(findings):
		return wrongNote(f, findings)
	case f.Unread > 0 && !f.Label.holds():
		return tooManyNotes(f)
	case f.noted():
		return goodNote(f)
	case f.exempt():
		return exemptFiles(f)
	case inherits(f.Sources, always):
		return inherited(f)
	case always:
		return neverWaived(f, kind)
	case f.Label.holds():
		return waivedByLabel(f)
	case f.Box.holds():
		return waivedByBox(f)
	case len(f.Sources) > 0:
		return sourceLacks(f)
	}
	return noNote(f)
}

// inherits reports whether each source has a note, or a label where one counts.
func inherits(sources []source, always bool) bool {
	return len(sources) > 0 && !slices.ContainsFunc(sources, func(s source) bool {
		return s.State != noted && (s.State != waived || always)
	})
}

// annotations put the findings beside their lines, the errors first.
func annotations(findings []notes.Finding) []effect.Annotation {
	var list []effect.Annotation
	for _, severity := range []notes.Severity{notes.Error, notes.Warning} {
		for _, f := range findings {
			if f.Severity != severity || len(list) == maxAnnotations {
				continue
			}
			level := effect.Failure
			if severity == notes.Warning {
				level = effect.Warning
			}
			list = append(list, effect.Annotation{
				Path: f.Path, StartLine: f.Line, EndLine: f.EndLine, Level: level, Title: AnnotationTitle, Message: f.String(),
			})
		}
	}
	return list
}

// maxAnnotations bounds the annotations. GitHub takes 50 with a request.
const maxAnnotations = 200
