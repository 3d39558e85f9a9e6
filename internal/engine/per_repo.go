package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// applyApart carries out what a call leads to in several places. What GitHub
// refuses in one of them, until people have mended something there, keeps nothing
// from the others, and is told. Any other error has the call tried again, once the
// others have been done; only a limit, which would hold up all of them, ends it at
// once.
func (e *Engine) applyApart(ctx context.Context, places []command.PerRepoEffects) (receipts []reconcile.Receipt, told string, err error) {
	var lines []string
	for _, place := range places {
		done, failed := e.apply(ctx, place.Effects)
		receipts = append(receipts, done...)
		var cannot *reconcile.RefusedError
		var later *reconcile.RetryAfterError
		switch {
		case failed == nil:
		case errors.As(failed, &cannot):
			lines = append(lines, fmt.Sprintf("- ⚠️ %s: %s", place.Name, effect.Inert(cannot.Reason, maxLine)))
		case errors.Is(failed, reconcile.ErrGone):
			lines = append(lines, fmt.Sprintf("- ⚠️ %s: it can no longer be reached", place.Name))
		case errors.As(failed, &later), ctx.Err() != nil:
			return receipts, "", failed
		case err == nil:
			err = fmt.Errorf("in %s: %w", place.Name, failed)
		}
	}
	if len(lines) > 0 {
		told = "\n\n**Not done:**\n\n" + strings.Join(lines, "\n") + "\n\n**Next step:** have it mended there, then comment the line again."
	}
	return receipts, told, err
}
