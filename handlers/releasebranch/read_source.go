package releasebranch

import (
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// lacksSource is why git couldn't compare. That the source branch isn't there, perhaps
// since it is called otherwise now, no later try mends: people have to name it.
func (f *known) lacksSource(l *facts.Look, err error) error {
	var unknown *facts.NotKnown
	if !errors.As(err, &unknown) || f.Source == "" {
		return err
	}
	tip, err2 := facts.Tip.Of(l, f.Source)
	if err2 != nil || tip != "" {
		return err
	}
	main, err2 := facts.DefaultBranch.Of(l, facts.Whole{})
	if err2 != nil {
		return err2
	}
	if main == f.Source {
		return err // it was renamed just now, and GitHub tells of that
	}
	return &facts.NotKnown{
		What: fmt.Sprintf("Where cherry-picks come from isn't known, because there is no branch %s, which the policy names under %s",
			effect.Code(string(f.Source)), effect.Code("releasebranch.source_branch")),
		Err: &reconcile.RefusedError{
			Reason: fmt.Sprintf("The default branch is %s", main),
			Next:   fmt.Sprintf("set %s in the policy to the branch that changes are merged into first", effect.Code("releasebranch.source_branch")),
			Err:    err,
		},
	}
}
