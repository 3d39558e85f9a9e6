package checklist

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// People's own words that came since an older text was read are gone with its saving,
// too. The key of that carries them (edit_restore.go): what the older text had already,
// whoever saved it has deleted; what it hadn't got is put back.

// sinceIDs names the lines that a text of another revision lacks.
func sinceIDs(e github.Event, from revision) (ids []string) {
	if from <= present {
		return nil
	}
	lost := effect.Lost(effect.WithoutRecord(*e.OldBody), effect.WithoutRecord(e.Issue.Body))
	for _, word := range packLost(lost) {
		ids = append(ids, fmt.Sprintf("%s/%d/%d/%s", kindSince, e.Issue.Number, from, word))
	}
	return ids
}

// since are lines that were gone with the saving of an older text.
type since struct {
	from revision
	lost []effect.Hunk
}

func parseSince(rest string) (s since, ok bool) {
	rev, word, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(rev)
	lost, ok := parseLost(word)
	return since{revision(n), lost}, ok && err == nil && n > 0
}

// sinceFacts are such lines, and what the older text said.
type sinceFacts struct {
	about[since]
	Read readFrom
}

func (h *Handler) observeSince(l *facts.Look, k said[since]) (s sinceFacts, err error) {
	if s.about, err = aboutOne[since](h)(l, k); err == nil {
		s.Read, err = h.observeRead(l, k.number, edit{from: k.what.from})
	}
	return s, err
}

// others leaves out the lines that the older text had: they were deleted by whoever
// saved it.
func (s sinceFacts) others() (all []effect.Hunk) {
	had := map[string]bool{}
	for line := range strings.Lines(s.Read.text) {
		had[strings.TrimSpace(line)] = true
	}
	for _, h := range s.what.lost {
		var lines []string
		says := false
		for _, line := range h.New {
			is := strings.TrimSpace(line)
			if is == "" || !had[is] {
				lines, says = append(lines, line), says || is != ""
			}
		}
		if h.New = lines; says {
			all = append(all, h)
		}
	}
	return all
}

// putBackSince puts them back. What has no place any more, or of which nobody knows
// whether it was there, is shown.
func putBackSince(s sinceFacts) reconcile.Plan {
	lost, rest := s.others(), []effect.Hunk(nil)
	plan := reconcile.Plan{Reason: s.title() + ": nothing of people's was lost with an older text"}
	if len(lost) == 0 {
		return plan
	}
	if s.Read.known {
		_, rest = effect.PutBack(effect.WithoutRecord(s.Tracker.Issue.Body), lost)
	} else {
		rest = lost
	}
	plan.Reason = fmt.Sprintf("%s: %s of people's that an older text undid, of which %d can't be put back", s.title(), effect.Count(len(lost), "place", "places"), len(rest))
	if shown := append(rest, doubled(lost)...); len(shown) > 0 {
		plan.Effects = append(plan.Effects, s.note("since "+hashOf(s.id), sinceText(shown, len(rest) == 0)))
	}
	if len(rest) < len(lost) {
		e := s.written(s.Tracker.Record)
		e.Lost = lost
		plan.Effects = append(plan.Effects, e)
	}
	return plan
}

func sinceText(all []effect.Hunk, both bool) string {
	var b strings.Builder
	b.WriteString("Somebody saved a text of this issue that was made from an older version. These words are newer than that.")
	next := "whoever misses them puts them where they belong. Under “edited” above the issue's text GitHub shows each of its versions."
	if both {
		b.WriteString(" They were put back below the older ones.\n")
		next = "delete the lines that are out of date."
	} else {
		b.WriteString(" They couldn't be put back, because the text around them is gone, or because the older version can't be read any more.\n")
	}
	for _, h := range all {
		fmt.Fprintf(&b, "\n%s\n\n%s\n", placeText(h.After), fencedText(h.New))
	}
	return b.String() + "\n**Next step:** " + next
}
