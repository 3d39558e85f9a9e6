package releasebranch

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// judge says what the check says. It is pure.
func judge(f known) gate.Verdict {
	a := assess(f)
	v := gate.Verdict{Verdict: verdict(f, a), RequeueAt: a.Next, Annotations: annotations(f), Firm: len(f.objectionRows()) > 0}
	if f.Pick.Is() {
		v.Stale = []string{facts.Faithful.ID(f.Repo, f.PR.Number)}
	}
	if f.Part.Tampered {
		v.Effects = append(v.Effects, putBack(f))
	}
	if len(a.Ask) > 0 {
		v.Effects = append(v.Effects, effect.Extras{Repo: f.Repo, Number: f.PR.Number, OnPR: true, Teams: a.Ask})
	}
	return v
}

// notKnown says that something can't be found out. An override holds all the same.
func notKnown(f known, n *facts.NotKnown) gate.Verdict {
	f.Trouble = n
	return judge(f)
}

// verdict renders an assessment.
func verdict(f known, a assessment) effect.Verdict {
	detail := detailText(f, a)
	switch {
	case f.override().Commit != "":
		return effect.Verdict{State: effect.Pass, Title: overriddenTitle(f.override()), Detail: detail}
	case a.passes():
		return effect.Verdict{State: effect.Pass, Title: passTitle(f, a), Detail: detail}
	}
	i := slices.IndexFunc(a.Rows, func(r row) bool { return r.Mark == lacks })
	return effect.Verdict{State: effect.Block, Title: a.Rows[i].Title, Detail: detail}
}

// maxAnnotations is how many differences are marked in the files.
const maxAnnotations = 20

// annotations mark where an adapted cherry-pick begins to differ, file by file.
func annotations(f known) []effect.Annotation {
	if f.Found.Verdict != provenance.Adapted {
		return nil
	}
	var list []effect.Annotation
	for _, d := range f.Found.Beyond {
		if d.Line > 0 && len(list) < maxAnnotations {
			list = append(list, effect.Annotation{Path: d.Path, StartLine: d.Line, EndLine: d.Line, Level: effect.Notice,
				Title: "Not as in the source", Message: differsHere(f, d)})
		}
	}
	return list
}
