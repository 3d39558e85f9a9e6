package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// answer works one comment with commands: each is checked and run in its turn,
// and all are answered in one reply.
func (e *Engine) answer(ctx context.Context, k reconcile.Key, a reconcile.Attempt) (reconcile.Finish, error) {
	ask, found, err := e.Asks.PendingCommand(ctx, k)
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("work %s: %w", k, err)
	}
	if !found {
		return reconcile.Finish{Reason: "the comment was answered before"}, nil
	}
	ctx = reconcile.WithWriteClass(ctx, reconcile.Asked)
	lines, fatal, err := e.read(ctx, k, ask.Text)
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("read %s: %w", k, err)
	}
	if len(lines) == 0 && !fatal {
		return reconcile.Finish{Reason: "it only talks about commands"}, nil
	}
	f, parts := reconcile.Finish{Reason: "a process ended while it read this, so it isn't read again"}, []part{neverRead()}
	if !fatal {
		f, parts, err = e.runAll(ctx, ask, lines)
	}
	if err != nil && !(a.Last && retriable(err)) {
		return f, fmt.Errorf("work %s: %w", k, err)
	}
	if err != nil {
		// The person must not wait for an answer that never comes. The error
		// itself stays in the log and on the dashboard.
		parts = append(parts, gaveUp(a.N))
	}
	if len(parts) == 0 { // all of it was met with silence
		return f, err
	}
	silent, serr := e.saidOften(ctx, ask, parts)
	if serr != nil {
		return f, fmt.Errorf("work %s: %w", k, serr)
	}
	if silent {
		f.Reason += "; told so too often to be told again"
		return f, err
	}
	if onlyRefused(parts) {
		// Its answer is work of its own: it may have to wait for its turn to be
		// written, and the texts that were written after it needn't.
		body, later := render(parts), reconcile.Key{Handler: reconcile.RefusalHandler, Repo: k.Repo, ID: k.ID}
		f.Enqueue = append(f.Enqueue, later)
		return f, errors.Join(err, e.Memory.Put(ctx, refusalKey(later), []byte(body), askWindow))
	}
	receipt, rerr := e.Applier.Apply(ctx, answerWith(ask.Call, render(parts)))
	switch {
	case errors.Is(rerr, reconcile.ErrGone):
		// The thread is locked or gone; what was asked for has been done.
		f.Reason += "; the answer could not be written: " + rerr.Error()
		return f, err
	case rerr != nil:
		return f, fmt.Errorf("work %s: %w", k, rerr)
	}
	f.Receipts = append(f.Receipts, receipt)
	return f, err
}

func refusalKey(k reconcile.Key) string { return "refusal/" + k.String() }

// refusal writes an answer that only says no.
func (e *Engine) refusal(ctx context.Context, k reconcile.Key) (reconcile.Finish, error) {
	ask, found, err := e.Asks.PendingCommand(ctx, reconcile.Key{Handler: reconcile.CommandHandler, Repo: k.Repo, ID: k.ID})
	if err != nil {
		return reconcile.Finish{}, fmt.Errorf("work %s: %w", k, err)
	}
	body, kept, err := e.Memory.Get(ctx, refusalKey(k))
	if err != nil || !found || !kept {
		return reconcile.Finish{Reason: "the answer is no longer known; the resync finds what has none"}, err
	}
	f := reconcile.Finish{Reason: fmt.Sprintf("%s is told no", ask.Call.Author.Login)}
	r, err := e.Applier.Apply(reconcile.WithWriteClass(ctx, reconcile.Refused), answerWith(ask.Call, string(body)))
	if err != nil {
		return f, fmt.Errorf("work %s: %w", k, err)
	}
	f.Receipts = append(f.Receipts, r)
	return f, nil
}

// onlyRefused reports an answer that says no to everything.
func onlyRefused(parts []part) bool {
	return !slices.ContainsFunc(parts, func(p part) bool { return p.result != command.Refused && p.result != command.Invalid })
}

// How often one person is told no in one repository, and for how long that is
// counted. Each answer takes one of the writes that GitHub allows, and texts are
// answered in turn: nobody may hold up the others by asking for what they can't
// have.
const (
	maxRefusals    = 10
	refusalsWithin = time.Hour
)

// saidOften counts the answers that only say no, and says whether one is too many.
func (e *Engine) saidOften(ctx context.Context, ask reconcile.PendingCommand, parts []part) (bool, error) {
	if !onlyRefused(parts) {
		return false, nil
	}
	key := fmt.Sprintf("refused/%d/%d", ask.Call.RepoID, ask.Call.Author.ID)
	raw, ok, err := e.Memory.Get(ctx, key)
	if err != nil {
		return false, err
	}
	var told []string // refs: a second try of the same text counts once
	if ok && json.Unmarshal(raw, &told) != nil {
		told = nil
	}
	ref := ask.Call.Ref()
	if slices.Contains(told, ref) {
		return false, nil
	}
	if len(told) >= maxRefusals {
		return true, nil
	}
	if raw, err = json.Marshal(append(told, ref)); err != nil {
		return false, err
	}
	return false, e.Memory.Put(ctx, key, raw, refusalsWithin)
}

// retriable errors use up attempts; a limit doesn't, and what is gone won't come back.
func retriable(err error) bool {
	var later *reconcile.RetryAfterError
	return !errors.As(err, &later) && !errors.Is(err, reconcile.ErrGone)
}

func (e *Engine) runAll(ctx context.Context, ask reconcile.PendingCommand, lines []command.Found) (reconcile.Finish, []part, error) {
	var f reconcile.Finish
	var parts []part
	var why []string
	unproven, err := e.unproven(ctx, ask)
	if err != nil {
		return f, nil, err
	}
	for i, found := range lines {
		call := ask.Call
		call.Index, call.Name, call.Args, call.Rest = i, found.Name, found.Args, found.Rest
		p, then, receipts, err := e.runOne(ctx, call, found, unproven)
		f.Receipts = append(f.Receipts, receipts...)
		f.Enqueue = append(f.Enqueue, then...)
		if err != nil {
			if p.text != "" { // should it not be tried again, this is what happened
				parts = append(parts, p)
			}
			return f, parts, err
		}
		if p.result != command.Ignored {
			parts = append(parts, p)
		}
		why = append(why, fmt.Sprintf("%s by %s: %s", found.Line, ask.Call.Author.Login, p.result))
	}
	f.Reason = strings.Join(why, "; ")
	return f, parts, nil
}

// runOne works one command. A call that can't be understood, and what GitHub
// refuses for a reason that people can mend, are answers; other errors are for
// the next try.
func (e *Engine) runOne(ctx context.Context, call command.Call, found command.Found, unproven string) (part, []reconcile.Key, []reconcile.Receipt, error) {
	p, then, receipts, err := e.carryOut(ctx, call, found, unproven)
	var cannot *reconcile.RefusedError
	var misuse *command.Misuse
	var doubt *reconcile.OutcomeUnknownError
	switch {
	case errors.As(err, &doubt):
		p.text, p.receipts, err = cannotTell(doubt)+p.text, receipts, nil
	case errors.As(err, &misuse):
		_, cmd, _ := e.Registry.Owner(found.Name)
		p.result, p.text, err = command.Invalid, badArguments(cmd, misuse), nil
	case errors.As(err, &cannot):
		p.text, p.receipts, err = couldNot(cannot)+p.text, receipts, nil
	}
	return p, then, receipts, err
}

func (e *Engine) carryOut(ctx context.Context, call command.Call, found command.Found, unproven string) (part, []reconcile.Key, []reconcile.Receipt, error) {
	p := part{line: found.Line, result: command.Invalid}
	owner, cmd, ok := e.Registry.Owner(found.Name)
	switch {
	case !ok || found.Kind != command.Recognised:
		p.text = notUnderstood(found, e.Registry.Commands())
		return p, nil, nil, nil
	case e.Now().Sub(call.At) > askWindow:
		unproven = tooLate(call.At)
	}
	if unproven != "" {
		p.text = unproven
		err := silence(ctx, cmd, call, true, &p)
		return p, nil, nil, err
	}
	refused, err := e.refuse(ctx, cmd, call)
	if err == nil {
		err = silence(ctx, cmd, call, refused == nil, &p)
	}
	if err != nil || p.result == command.Ignored {
		return p, nil, nil, err
	}
	if refused != nil {
		p.text, p.result = refused.Reply, refused.Result
		return p, nil, nil, nil
	}
	out, err := cmd.Run(ctx, call)
	if err != nil {
		return p, nil, nil, err
	}
	receipts, err := e.apply(ctx, out.Effects)
	if err != nil {
		p.happened(out, receipts, err)
		return p, owner.After(call), receipts, err
	}
	apart, err := e.applyApart(ctx, out.PerRepo)
	receipts = append(receipts, apart.receipts...)
	p.text, p.result, p.receipts = apart.below(out.Reply), apart.result(out.Result), receipts
	if err != nil {
		return p, owner.After(call), receipts, err
	}
	if out.Result != command.Done && out.Result != command.Partly {
		return p, nil, receipts, nil
	}
	waits, err := e.waits(ctx, cmd, call)
	p.text += waits
	return p, owner.After(call), receipts, err
}

// unproven says of a text that GitHub didn't sign why nobody can take it for its author's
// words; "" if it is. GitHub's clock tells no edit within the second in which a comment was
// made, and whoever may write can edit the comments of others: its edit history decides.
func (e *Engine) unproven(ctx context.Context, ask reconcile.PendingCommand) (string, error) {
	if !ask.Unsigned {
		return "", nil
	}
	is, err := e.World.Written(ctx, ask.Call.Repo, ask.Node)
	var untold *reconcile.RefusedError
	switch {
	case errors.As(err, &untold):
		return untoldEdit(untold), nil
	case err != nil:
		return "", err
	case is.Edited || is.Body != ask.Text:
		return edited(), nil
	}
	return "", nil
}

// silence marks a call that isn't to be answered.
func silence(ctx context.Context, cmd command.Command, call command.Call, may bool, p *part) error {
	if cmd.Ignores == nil {
		return nil
	}
	silent, err := cmd.Ignores(ctx, call, may)
	if err == nil && silent {
		p.result = command.Ignored
	}
	return err
}

// waits says of a call that was accepted which merges it will have to wait for.
func (e *Engine) waits(ctx context.Context, cmd command.Command, call command.Call) (string, error) {
	if cmd.MergesInto == nil {
		return "", nil
	}
	text := ""
	for _, b := range cmd.MergesInto(call) {
		reasons, err := e.Registry.BlockReasons(ctx, call.Repo, b)
		if err != nil {
			return "", err
		}
		for _, why := range reasons {
			text += heldBack(why)
		}
	}
	return text, nil
}

// refuse returns the answer to somebody who may not run the command, or whose
// call doesn't say for which branch; nil lets it run. It fails closed: without
// a team to be in, nobody may.
func (e *Engine) refuse(ctx context.Context, cmd command.Command, call command.Call) (*command.Outcome, error) {
	if cmd.Allow == command.Anyone {
		return nil, nil
	}
	branches, err := cmd.Branches(ctx, call)
	if err != nil {
		return nil, err
	}
	if cmd.Allow == command.Contributor && len(branches) == 0 {
		branches = []release.Branch{""} // it names none that could be picked onto
	}
	if len(branches) == 0 {
		return &command.Outcome{Result: command.Refused, Reply: aboutNoBranch(cmd)}, nil
	}
	var refused *command.Outcome
	for _, b := range branches {
		s, err := e.standing(ctx, cmd.Allow, call, b)
		switch {
		case err != nil:
			return nil, err
		case s.Holds && cmd.Allow == command.Contributor:
			return nil, nil // for the other branches the command itself asks, one by one
		case !s.Holds && refused == nil:
			refused = &command.Outcome{Result: command.Refused, Reply: notAllowed(cmd, call, b, s)}
		}
	}
	return refused, nil
}

// standing looks up whether the author of a call has a role for a branch.
func (e *Engine) standing(ctx context.Context, role command.Role, call command.Call, b release.Branch) (reconcile.RoleDecision, error) {
	switch {
	case role == command.ReleaseManager:
		return e.Roles.Manages(ctx, call.Repo, b, call.Author)
	case role == command.Contributor && e.Picks != nil:
		return e.Picks.Contributes(ctx, call.Repo, b, call.Author)
	}
	return reconcile.RoleDecision{}, nil
}

// answerWith is the one comment that answers another.
func answerWith(c command.Call, body string) effect.Comment {
	return effect.Comment{Repo: c.Repo, Number: c.Number, Since: c.At, Mark: replyMark(c), Body: body}
}

func replyMark(c command.Call) effect.Mark { return effect.Mark{Kind: "reply", ID: c.Ref()} }
