package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
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
	lines, fatal, err := e.read(ctx, k, ask.Text)
	switch {
	case err != nil:
		return reconcile.Finish{}, fmt.Errorf("read %s: %w", k, err)
	case fatal:
	case len(lines) == 0:
		return reconcile.Finish{Reason: "it only talks about commands"}, nil
	case e.onlyAsks(lines):
		return e.putOff(ctx, k, ask) // before anything is looked up
	}
	f, parts := reconcile.Finish{Reason: "a process ended while it read this, so it isn't read again"}, []part{neverRead()}
	if !fatal {
		f, parts, err = e.tryAll(reconcile.WithWriteClass(ctx, reconcile.Asked), ask, lines, a)
	}
	if len(parts) == 0 { // an error, or all of it was met with silence
		return f, err
	}
	if !changeless(parts) {
		return e.reply(reconcile.WithWriteClass(ctx, reconcile.Asked), ask, f, parts, err)
	}
	nth, cerr := e.countTold(ctx, ask)
	if cerr != nil {
		return f, fmt.Errorf("work %s: %w", k, cerr)
	}
	if nth > maxTold {
		return silent(f), err
	}
	// Its answer is work of its own: it may have to wait for its turn to be
	// written, and the texts that were written after it needn't.
	body, later := render(append(parts, lastOne(nth)...)), reconcile.Key{Handler: reconcile.RefusalHandler, Repo: k.Repo, ID: k.ID}
	f.Enqueue = append(f.Enqueue, later)
	return f, errors.Join(err, e.Memory.Put(ctx, refusalKey(later), []byte(body), askWindow))
}

// tryAll runs the commands of a text. Parts are returned with an error only if no
// other try follows: they are told then, with the error's consequence.
func (e *Engine) tryAll(ctx context.Context, ask reconcile.PendingCommand, lines []command.Found, a reconcile.Attempt) (reconcile.Finish, []part, error) {
	f, parts, err := e.runAll(ctx, ask, lines)
	switch {
	case err == nil:
		return f, parts, nil
	case a.Last && retriable(err):
		// The person must not wait for an answer that never comes. The error
		// itself stays in the log and on the dashboard.
		return f, append(parts, gaveUp(a.N)), err
	}
	return f, nil, fmt.Errorf("work %s: %w", ask.Key(), err)
}

// reply writes the answer to a text whose commands were run, and returns what became of
// both; err is what became of the commands.
func (e *Engine) reply(ctx context.Context, ask reconcile.PendingCommand, f reconcile.Finish, parts []part, err error) (reconcile.Finish, error) {
	receipt, rerr := e.Applier.Apply(ctx, answerWith(ask.Call, render(parts)))
	switch {
	case errors.Is(rerr, reconcile.ErrGone):
		// The thread is locked or gone; what was asked for has been done.
		f.Reason += "; the answer could not be written: " + rerr.Error()
		return f, err
	case rerr != nil:
		return f, fmt.Errorf("work %s: %w", ask.Key(), rerr)
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
	owner, cmd, ok := e.Registry.Owner(found.Name)
	p := part{line: found.Line, result: command.Invalid, question: cmd.Question}
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
	p.text, p.result, p.receipts = apart.below(out.Reply), apart.result(out.Result), append(slices.Clone(receipts), apart.apart...)
	receipts = append(receipts, apart.receipts...)
	if err != nil {
		return p, after(owner, call, out), receipts, err
	}
	if out.Result != command.Done && out.Result != command.Partly {
		return p, nil, receipts, nil
	}
	waits, err := e.waits(ctx, cmd, call)
	p.text += waits
	return p, after(owner, call, out), receipts, err
}

// after are the keys that a call may have changed, wherever it was carried out.
func after(owner reconcile.Capability, call command.Call, out command.Outcome) []reconcile.Key {
	then := owner.After(call)
	for _, place := range out.PerRepo {
		if place.Repo != (github.Repo{}) && place.Repo != call.Repo {
			there := call
			there.Repo = place.Repo
			then = append(then, owner.After(there)...)
		}
	}
	return then
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
		s, err := e.standing(ctx, cmd, call, b)
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
func (e *Engine) standing(ctx context.Context, cmd command.Command, call command.Call, b release.Branch) (reconcile.RoleDecision, error) {
	if cmd.Instead != nil {
		if teams, holds, err := cmd.Instead(ctx, call, b); err != nil || len(teams) > 0 {
			return reconcile.RoleDecision{Teams: teams, Holds: holds, Instead: true}, err
		}
	}
	switch role := cmd.Allow; {
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
