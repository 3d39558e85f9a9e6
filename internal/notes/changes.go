package notes

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// Step is one change of a range, as git or GitHub shows it.
type Step struct {
	Change
	Landed provenance.Landed
	Noted  []string // the note files that it adds or changes
	Exempt bool     // each file of it needs no note, or its author's changes need none
	Waived bool     // it has the label that says so
	Unread bool     // nobody looked at its files
}

// Judgement is what the changes of a range say.
type Judgement struct {
	Lacking       []Change // with neither a note nor a label that waives it, the newest first
	Reverted      []Reverted
	Contradicting []Change // with both
}

// Judge judges the changes of a repository, the oldest first: which lack a note, and which
// notes are of changes that were taken back. It is the same for what GitHub shows and for
// what git has. What takes back a change of the same range needs no note, and neither does
// that change; what takes back one of an earlier release does. elsewhere knows the texts of
// changes outside of the range.
func Judge(repo string, files []File, steps []Step, elsewhere func(provenance.Mention) (provenance.Text, bool)) (j Judgement) {
	landed := make([]provenance.Landed, len(steps))
	for i, s := range steps {
		landed[i] = s.Landed
	}
	fates := provenance.Fates(landed, elsewhere)
	for i, s := range slices.Backward(steps) {
		fate := fates[i]
		if len(s.Noted) == 0 && !s.Unread && !s.Exempt && !s.Waived && fate.Stands() && len(fate.Undoes) == 0 {
			j.Lacking = append(j.Lacking, s.Change)
		}
		// A pick's label says that the note is that of its source.
		if len(s.Noted) > 0 && s.Waived && !fate.Pick && fate.Stands() {
			j.Contradicting = append(j.Contradicting, s.Change)
		}
	}
	for _, f := range files {
		last, stands := -1, false
		for i, s := range steps {
			if slices.Contains(s.Noted, f.Path) && len(fates[i].Undoes) == 0 {
				last, stands = i, stands || fates[i].Stands()
			}
		}
		if last >= 0 && !stands {
			j.Reverted = append(j.Reverted, Reverted{Repo: repo, Path: f.Path, Change: steps[last].Change, By: steps[fates[last].Undone].Change})
		}
	}
	return j
}
