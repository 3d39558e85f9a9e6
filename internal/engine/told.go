package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// This file holds the answers that change nothing: those that only say no, and those
// to questions, which anyone may ask. Each takes one of the writes that GitHub allows,
// and commands come in turn. So nobody may hold up the others by asking for what they
// can't have, or for the same help again and again: such answers are counted for each
// person, and written out of the order, in a lane of their own.

// How often one person is answered so in one repository, and for how long after the
// last time that is counted.
const (
	maxTold    = 10
	toldWithin = time.Hour
)

// onlyAsks reports a text that changes nothing, whoever wrote it: questions, and lines that
// are no commands.
func (e *Engine) onlyAsks(lines []command.Found) bool {
	changes := func(f command.Found) bool {
		_, cmd, ok := e.Registry.Owner(f.Name)
		return f.Kind == command.Recognised && ok && !cmd.Question
	}
	return len(lines) > 0 && !slices.ContainsFunc(lines, changes)
}

// putOff gives up the turn of a text that only asks: its answer is work of its own.
func (e *Engine) putOff(ctx context.Context, k reconcile.Key, ask reconcile.PendingCommand) (reconcile.Finish, error) {
	f := reconcile.Finish{Reason: "it changes nothing, so it is answered out of turn"}
	nth, err := e.countTold(ctx, ask)
	switch {
	case err != nil:
		return f, fmt.Errorf("work %s: %w", k, err)
	case nth > maxTold:
		return silent(f), nil
	}
	f.Enqueue = []reconcile.Key{{Handler: reconcile.QuestionHandler, Repo: k.Repo, ID: k.ID}}
	return f, nil
}

// question answers a text that only asks, which was counted when its turn came.
func (e *Engine) question(ctx context.Context, k reconcile.Key, a reconcile.Attempt) (reconcile.Finish, error) {
	text := reconcile.Key{Handler: reconcile.CommandHandler, Repo: k.Repo, ID: k.ID}
	ask, found, err := e.Asks.PendingCommand(ctx, text)
	if err != nil || !found {
		return reconcile.Finish{Reason: "the comment is no longer known"}, err
	}
	lines, _, err := e.read(ctx, text, ask.Text)
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("read %s: %w", k, err)
	}
	ctx = reconcile.WithWriteClass(ctx, reconcile.Refused)
	f, parts, err := e.tryAll(ctx, ask, lines, a)
	if len(parts) == 0 {
		return f, err
	}
	nth, cerr := e.countTold(ctx, ask)
	if cerr != nil {
		return f, fmt.Errorf("work %s: %w", k, cerr)
	}
	return e.reply(ctx, ask, f, append(parts, lastOne(nth)...), err)
}

// changeless reports an answer after which everything is as it was: no to everything, and
// answers to questions.
func changeless(parts []part) bool {
	return !slices.ContainsFunc(parts, func(p part) bool {
		return p.result != command.Refused && p.result != command.Invalid && !(p.question && p.result == command.Told)
	})
}

// countTold counts an answer that changes nothing, and returns which one it is of its
// person in its repository; one above maxTold isn't to be given. A second try of the same
// text counts once.
func (e *Engine) countTold(ctx context.Context, ask reconcile.PendingCommand) (int, error) {
	key := fmt.Sprintf("told/%d/%d", ask.Call.RepoID, ask.Call.Author.ID)
	raw, ok, err := e.Memory.Get(ctx, key)
	if err != nil {
		return 0, err
	}
	var told []string // refs
	if ok && json.Unmarshal(raw, &told) != nil {
		told = nil
	}
	ref := ask.Call.Ref()
	if i := slices.Index(told, ref); i >= 0 {
		return i + 1, nil
	}
	if len(told) >= maxTold {
		return maxTold + 1, nil
	}
	if raw, err = json.Marshal(append(told, ref)); err != nil {
		return 0, err
	}
	return len(told) + 1, e.Memory.Put(ctx, key, raw, toldWithin)
}

// silent is the end of a text whose author has been told often enough.
func silent(f reconcile.Finish) reconcile.Finish {
	f.Spent = true
	f.Reason += "; its author was told too often to be told again"
	return f
}
