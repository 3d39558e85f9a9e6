package releasebranch

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
)

// faithfulTitle begins the title of a check that lets a faithful cherry-pick merge, and no other.
const faithfulTitle = "Faithful cherry-pick of "

// Faithful is the fact facts.Faithful: the check as it was reported last.
func (h *Handler) Faithful(l *facts.Look, n int) (f facts.Faith, err error) {
	pr, err := facts.Pull.Of(l, n)
	if err != nil {
		return f, err
	}
	runs, _, err := facts.Reported(l, pr, []string{CheckName})
	f.Head = pr.Head
	for _, r := range runs {
		f.Known, f.Says = true, r.Title
		f.Holds = !r.Holds && strings.HasPrefix(r.Title, faithfulTitle)
	}
	return f, err
}
