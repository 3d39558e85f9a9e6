package checklist

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// GitHub has no way to change an issue only if it is still what it was. What
// people save between our look and our write is gone from the text, and the REST
// API has no history of it; but the webhook of our own edit says what it replaced.
// So that is where the lost words are found, and a key carries them, for nothing
// else is kept of a delivery.

// The most that is carried. What is longer is told of: GitHub's page shows the
// history of an issue's text.
const (
	maxLostKey  = 1600 // characters: PostgreSQL takes no longer keys
	maxLostKeys = 5
	maxUnpacked = 1 << 20
)

// lostIDs names the lines of people's that a write of ours undid.
func lostIDs(e github.Event) []string {
	if !rewritten(e) || e.Issue.IsPullRequest || !e.Issue.Author.Bot {
		return nil
	}
	if len(effect.ReadShared(e.Issue.Body).Items) == 0 {
		return nil // no tracking issue
	}
	lost := effect.Lost(effect.WithoutRecord(*e.OldBody), effect.WithoutRecord(e.Issue.Body))
	var ids []string
	for _, word := range packLost(lost) {
		ids = append(ids, fmt.Sprintf("%s/%d/%s", kindLost, e.Issue.Number, word))
	}
	return ids
}

// packLost packs lost lines into as few words as keys have room for. What there is
// no room for is cut, to be told of.
func packLost(lost []effect.Hunk) (words []string) {
	p, lost := newPacker(), slices.Clone(lost)
	for len(lost) > 0 && len(words) < maxLostKeys-1 {
		lost[0] = p.fitting(lost[0])
		n := p.mostFitting(lost)
		words, lost = append(words, p.word(lost[:n]...)), lost[n:]
	}
	if len(lost) > 0 {
		rest := effect.Hunk{After: cutHunk}
		for _, more := range lost {
			rest.New = append(rest.New, more.New...)
		}
		words = append(words, p.word(p.fitting(rest)))
	}
	return words
}

// mostFitting is how many hunks from the first a key has room for, of which the
// first fits. A count that doubles and is then halved asks seldom: each try packs
// all that it asks for.
func (p *packer) mostFitting(lost []effect.Hunk) int {
	fit := func(n int) bool { return len(p.word(lost[:n]...)) <= maxLostKey }
	n := 1
	for 2*n <= len(lost) && fit(2*n) {
		n *= 2
	}
	return n + sort.Search(min(n, len(lost)-n), func(more int) bool { return !fit(n + more + 1) })
}

// fitting is a hunk that a key has room for.
func (p *packer) fitting(h effect.Hunk) effect.Hunk {
	for len(p.word(h)) > maxLostKey {
		h = effect.Hunk{After: cutHunk, New: slices.Clone(h.New[:(len(h.New)+1)/2])}
		if len(h.New) == 1 {
			h.New[0] = effect.Cut(h.New[0], len([]rune(h.New[0]))/2)
		}
	}
	return h
}

// cutHunk stands in the place of the line before, of lines that were cut: there is
// no such line, so that they are shown and not put back.
const cutHunk = "\x00cut"

// packer writes hunks as a word of a key. One is kept for all words of a text: a
// new one takes more memory than they do.
type packer struct {
	w  *flate.Writer
	to bytes.Buffer
}

func newPacker() *packer {
	w, err := flate.NewWriter(nil, flate.BestCompression)
	if err != nil {
		panic(err) // the level is one of those that there are
	}
	return &packer{w: w}
}

func (p *packer) word(lost ...effect.Hunk) string {
	raw, err := json.Marshal(lost)
	if err != nil {
		panic(err) // texts always have a JSON
	}
	p.to.Reset()
	p.w.Reset(&p.to)
	_, err = p.w.Write(raw)
	if err2 := p.w.Close(); err != nil || err2 != nil {
		panic("a buffer took no more")
	}
	return base64.RawURLEncoding.EncodeToString(p.to.Bytes())
}

func parseLost(word string) (lost []effect.Hunk, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return nil, false
	}
	if raw, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(raw)), maxUnpacked)); err != nil {
		return nil, false
	}
	return lost, json.Unmarshal(raw, &lost) == nil && len(lost) > 0
}

// putBack puts lines back that a write of ours undid; what has no place any more
// is shown in a comment.
func putBack(s about[[]effect.Hunk]) reconcile.Plan {
	lost, mark := s.what, "lost "+hashOf(s.id)
	_, rest := effect.PutBack(effect.WithoutRecord(s.Tracker.Issue.Body), lost)
	plan := reconcile.Plan{
		Reason:  fmt.Sprintf("%s: %s of people's that a write of ours undid, put back", s.title(), effect.Count(len(lost)-len(rest), "place", "places")),
		Enqueue: []reconcile.Key{trackerKey(s.Repo, s.Tracker.Issue.Number)},
	}
	if len(rest) > 0 {
		plan.Reason = s.title() + ": words of people's that a write of ours undid have no place any more"
		plan.Effects = append(plan.Effects, s.note(mark, lostText(rest)))
	}
	if both := doubled(lost); len(rest) == 0 && len(both) > 0 {
		plan.Effects = append(plan.Effects, s.note(mark, doubledText(both)))
	}
	if len(rest) < len(lost) {
		e := s.written(s.Tracker.Record)
		e.Lost = lost
		plan.Effects = append(plan.Effects, e)
	}
	return plan
}

// doubled are the lines in whose place others stand.
func doubled(lost []effect.Hunk) (all []effect.Hunk) {
	for _, h := range lost {
		if len(h.Old) > 0 {
			all = append(all, h)
		}
	}
	return all
}
