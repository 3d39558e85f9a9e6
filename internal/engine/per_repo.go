package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// happened is what became of effects: a line for each, in their order.
type happened struct {
	lines    []string
	receipts []reconcile.Receipt
	done     int // of the effects: they are as they should be
	failed   int // refused, or not done for another reason
	// linked says that the lines are links to what was made, so that the answer needs no
	// more; apart are the receipts of which that isn't so.
	linked bool
	apart  []reconcile.Receipt
}

// add tells of effects that were carried out in order up to the first that failed.
func (h *happened) add(effects []effect.Effect, receipts []reconcile.Receipt, err error) {
	h.receipts = append(h.receipts, receipts...)
	if !h.linked {
		h.apart = append(h.apart, receipts...)
	}
	h.done += len(receipts)
	for i, e := range effects {
		what := effect.Inert(e.String(), maxLine)
		if h.linked && i < len(receipts) && receipts[i].URL != "" && receipts[i].Name != "" {
			what = effect.Linked(what, receipts[i].URL)
		}
		_, part := e.(effect.Files) // its pull request says it
		switch {
		case i < len(receipts) && part:
		case i < len(receipts) && receipts[i].Changed:
			h.lines = append(h.lines, "- ✅ "+what)
		case i < len(receipts):
			h.lines = append(h.lines, "- ✅ it is so already: "+what)
		case i == len(receipts) && err != nil:
			h.failed++
			outcome, why := because(err)
			h.lines = append(h.lines, fmt.Sprintf("- ⚠️ **%s**: %s. %s", outcome, what, why))
		default:
			h.lines = append(h.lines, "- ⚠️ not tried: "+what)
		}
	}
}

// because says in a sentence why something wasn't done, in GitHub's words where it refused.
func because(err error) (outcome, why string) {
	outcome = "not done"
	var cannot *reconcile.RefusedError
	var doubt *reconcile.OutcomeUnknownError
	switch {
	case errors.As(err, &cannot):
		return outcome, fmt.Sprintf("%s. **Next step:** %s.", cannot.Cause(), cannot.Mend())
	case errors.As(err, &doubt):
		return "unknown whether it was done", "GitHub's answer never came."
	case errors.Is(err, reconcile.ErrGone):
		return outcome, "It can no longer be reached."
	}
	return outcome, "GitHub couldn't do it just now."
}

// below puts the lines below a text.
func (h happened) below(text string) string {
	if len(h.lines) == 0 {
		return text
	}
	text = strings.TrimRight(text, "\n")
	last := text[strings.LastIndexByte(text, '\n')+1:]
	gap := "\n\n"
	if strings.HasPrefix(last, "- ") { // they go on with its list
		gap = "\n"
	}
	text += gap + strings.Join(h.lines, "\n")
	if h.failed > 0 {
		text += "\n\nOnce that is mended, comment the line again: what is done isn't done twice."
	}
	return text
}

// result is how a call came out of which so much happened.
func (h happened) result(all command.Result) command.Result {
	switch {
	case h.failed == 0:
		return all
	case h.done > 0:
		return command.Partly
	}
	return command.Invalid
}

// applyApart carries out what a call leads to in several places. What GitHub
// refuses in one of them, until people have mended something there, keeps nothing
// from the others, and is told. Any other error has the call tried again, once the
// others have been done; only a limit, which would hold up all of them, ends it at
// once.
func (e *Engine) applyApart(ctx context.Context, places []command.PerRepoEffects) (h happened, err error) {
	for _, place := range places {
		h.linked = place.Repo != (github.Repo{})
		receipts, failed := e.apply(ctx, place.Effects)
		h.add(place.Effects, receipts, failed)
		var cannot *reconcile.RefusedError
		var later *reconcile.RetryAfterError
		switch {
		case failed == nil, errors.As(failed, &cannot), errors.Is(failed, reconcile.ErrGone):
		case errors.As(failed, &later), ctx.Err() != nil:
			return h, failed
		case err == nil:
			err = fmt.Errorf("in %s: %w", place.Name, failed)
		}
	}
	return h, err
}

// happened is the answer to a call of whose effects one failed. Where it was the only one,
// there is nothing to tell but why.
func (p *part) happened(out command.Outcome, receipts []reconcile.Receipt, err error) {
	var h happened
	h.add(out.Effects, receipts, err)
	for _, place := range out.PerRepo {
		h.add(place.Effects, nil, nil)
	}
	if p.result = h.result(command.Invalid); len(h.lines) > 1 {
		p.text = "\n\n" + strings.Join(h.lines, "\n")
	}
}
