package checklist

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// A policy that changes while a release is under way leaves lines of steps behind that it
// doesn't name any more, or names otherwise. Nobody knows whether what they say is done
// elsewhere: so they say that, and stay until somebody drops them.

// orphanMark begins what such a line says at its end.
const orphanMark = " ⚠️ The policy has no such step any more"

// orphans are the steps that an issue shows and the template lacks, in their order of names.
func (l laying) orphans() (all []string) {
	template := l.s.template(l.v)
	if len(template.Steps) == 0 {
		return nil // the policy names no steps at all, which is another fault
	}
	for _, id := range slices.Sorted(maps.Keys(l.shown.Items)) {
		_, known := template.step(id)
		if line := l.shown.Items[id]; !known && !line.Boxless && !line.Quoted && stepMark().MatchString(id) {
			all = append(all, id)
		}
	}
	return all
}

// orphan is the line of one. Its box is whoever's it was.
func (l laying) orphan(id string) effect.Item {
	text, _, _ := strings.Cut(l.shown.Items[id].Text, orphanMark)
	what := orphanMark
	if now := l.renamed(id, text); now != "" {
		what += ", unless it is now called " + effect.Code(now)
	}
	gone := l.is.Steps[id].Status == StepDropped
	return effect.Item{ID: id, Text: fmt.Sprintf("%s%s. %s takes this line away.", text, what, effect.Code("/release step "+id+" drop")), Short: text, Gone: true, Away: gone}
}

// renamed is the step of the same title that the template has instead; "" for none.
func (l laying) renamed(id, text string) string {
	title, ok := strings.CutPrefix(text, effect.Code(id)+": ")
	if !ok {
		return ""
	}
	for _, step := range l.s.template(l.v).Steps {
		_, was := l.was.Steps[step.ID]
		if is := l.s.fill(step.Title, l.v); !was && (title == is || strings.HasPrefix(title, is+". ") || strings.HasPrefix(title, is+" ")) {
			return step.ID
		}
	}
	return ""
}

// orphaned reports whether an issue shows a step that the policy lacks.
func (t tracked) orphaned(id string) bool {
	return slices.Contains(t.laying(t.Tracker.Record).orphans(), id)
}
