package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Engine works keys. Its fields are set once, before the first Work.
type Engine struct {
	Registry *reconcile.Registry
	Applier  reconcile.Applier
	Ledger   reconcile.Ledger
	Asks     Asks
	Roles    reconcile.Roles
	Picks    reconcile.Contributors // nil: nobody may ask for any
	Queue    Queue
	World    World
	Hooks    Hooks
	Memory   Memory
	Log      zerolog.Logger
	Now      func() time.Time
	// Worked is told how each key came out, for metrics; may be nil.
	Worked func(handler, result string, took time.Duration)

	reading sync.Mutex
	process string // this one's name in what it notes; made when it is needed
}

// Asks loads the comments with commands that deliveries brought.
type Asks interface {
	PendingCommand(ctx context.Context, k reconcile.Key) (a reconcile.PendingCommand, found bool, err error)
}

// Queue takes in work.
type Queue interface {
	StoreDelivery(ctx context.Context, in reconcile.Delivery) (fresh bool, err error)
}

// Work implements reconcile.Worker. It logs once: the key, why, what was done,
// and how long it took.
func (e *Engine) Work(ctx context.Context, k reconcile.Key, a reconcile.Attempt) (reconcile.Finish, error) {
	began := e.Now()
	f, err := e.work(forKey(withAttempt(reconcile.WithReadNoOlderThan(ctx, began), a), k), k, a)
	took := e.Now().Sub(began)
	result := result(f, err)
	if e.Worked != nil {
		e.Worked(k.Handler, result, took)
	}
	line := e.Log.Info()
	if result == "failed" || result == "stuck" {
		line = e.Log.Warn()
	}
	line = line.Str("handler", k.Handler).Stringer("repo", k.Repo).Str("key", k.ID).
		Str("result", result).Int("attempt", a.N).Dur("took_ms", took).Str("why", f.Reason)
	if err != nil {
		line = line.Str("error", err.Error())
	}
	for i, r := range f.Receipts {
		line = line.Str(fmt.Sprintf("effect_%d", i+1), r.String())
	}
	line.Msg("worked")
	return f, err
}

// forKey has what is done with a context be for the repository of a key. The machinery's
// own keys of every repository only name others.
func forKey(ctx context.Context, k reconcile.Key) context.Context {
	if k.Repo.Name == reconcile.Any {
		return ctx
	}
	return reconcile.WithReach(ctx, k.Repo)
}

func result(f reconcile.Finish, err error) string {
	var later *reconcile.RetryAfterError
	switch {
	case errors.As(err, &later):
		return "later"
	case errors.Is(err, reconcile.ErrGone):
		return "gone"
	case err != nil:
		return "failed"
	}
	if f.Blocked {
		return "stuck"
	}
	if f.Spent {
		return "silent"
	}
	for _, r := range f.Receipts {
		if r.Changed {
			return "changed"
		}
	}
	return "unchanged"
}

func (e *Engine) work(ctx context.Context, k reconcile.Key, a reconcile.Attempt) (reconcile.Finish, error) {
	if a.Deaths > 0 {
		return e.unworked(ctx, k, a.Deaths)
	}
	switch k.Handler {
	case reconcile.CommandHandler:
		return e.answer(ctx, k, a)
	case reconcile.QuestionHandler:
		return e.question(ctx, k, a)
	case reconcile.RefusalHandler:
		return e.refusal(ctx, k)
	case reconcile.ResyncHandler:
		return e.resync(ctx, k)
	case reconcile.SweepHandler:
		return e.sweep(ctx)
	}
	c, ok := e.Registry.Find(k.Handler)
	if !ok {
		return reconcile.Finish{}, fmt.Errorf("work %s: no capability of that name: %w", k, reconcile.ErrGone)
	}
	p, incomplete := c.Plan(ctx, k)
	return e.carryAll(ctx, k, p, incomplete)
}

// unworked tells of a key that isn't worked, because so many processes ended while they did.
func (e *Engine) unworked(ctx context.Context, k reconcile.Key, deaths int) (reconcile.Finish, error) {
	f := reconcile.Finish{Reason: fmt.Sprintf("%d processes in a row ended while they worked this, so it isn't worked for now", deaths)}
	if k.Handler == reconcile.CommandHandler || k.Handler == reconcile.QuestionHandler {
		f.Reason = fmt.Sprintf("%d processes in a row ended while they worked this, so it isn't worked again", deaths)
		ask, found, err := e.Asks.PendingCommand(ctx, reconcile.Key{Handler: reconcile.CommandHandler, Repo: k.Repo, ID: k.ID})
		if err != nil || !found {
			return f, err
		}
		return e.reply(ctx, ask, f, []part{fatal(deaths)}, nil)
	}
	c, ok := e.Registry.Find(k.Handler)
	if !ok || c.Unworked == nil {
		return f, nil
	}
	p, incomplete := c.Unworked(ctx, k, deaths)
	p.Reason = f.Reason
	return e.carryAll(ctx, k, p, incomplete)
}

// carryAll carries out a plan: what could be decided is done, whatever kept the rest from being.
func (e *Engine) carryAll(ctx context.Context, k reconcile.Key, p reconcile.Plan, incomplete error) (reconcile.Finish, error) {
	var failed error
	f := reconcile.Finish{Reason: p.Reason, Enqueue: p.Enqueue, RequeueAt: p.RequeueAt, Stale: p.Stale, Dependencies: p.Dependencies, ReplaceDependencies: p.ReplaceDependencies}
	for _, one := range p.Effects {
		// What follows may rest on what failed; but each check stands for itself.
		if _, check := one.(effect.CheckRun); failed != nil && !check {
			continue
		}
		r, err := e.carry(ctx, one)
		var cannot *reconcile.RefusedError
		var doubt *reconcile.OutcomeUnknownError
		switch {
		case errors.As(err, &doubt): // again would be too much, and the rest is no less due
			f.Reason += "; but " + doubt.Error()
			f.Blocked = true
			f.Enqueue = without(f.Enqueue, k)
		case errors.Is(err, reconcile.ErrGone):
			// A locked thread takes no comment; the check beside it is no less due.
			f.Reason += fmt.Sprintf("; but %s: %v", one, err)
			f.Enqueue = without(f.Enqueue, k)
		case errors.As(err, &cannot):
			// People have to mend that. What else is to be done doesn't wait for
			// them: a check must not stay green because a label can't be taken off.
			f.Reason += fmt.Sprintf("; but %s: %s", one, cannot.Reason)
			if cannot.Said != "" {
				f.Reason += fmt.Sprintf(" (GitHub says %q)", effect.Cut(cannot.Said, maxLine))
			}
			f.RequeueAt = reconcile.Sooner(f.RequeueAt, e.Now().Add(mendingPause))
			f.Blocked = true
			f.Enqueue = without(f.Enqueue, k)
		case err != nil:
			f.Enqueue = without(f.Enqueue, k)
			failed = errors.Join(failed, err)
		default:
			f.Receipts = append(f.Receipts, r)
			f.Enqueue = append(f.Enqueue, e.Registry.Applied(one, r)...)
		}
	}
	if incomplete != nil {
		f.Enqueue = without(f.Enqueue, k)
	}
	return f, errors.Join(failed, incomplete)
}

// without leaves out the key that is being worked: a next step of its own has no
// sense before this one is done, and mustn't skip the pause until it is tried again.
func without(keys []reconcile.Key, k reconcile.Key) []reconcile.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(o reconcile.Key) bool { return o == k })
}

// mendingPause is when to try again what GitHub refuses until somebody has
// changed a setting.
const mendingPause = 15 * time.Minute

// Plan says what working a key would do, and does nothing of it.
func (e *Engine) Plan(ctx context.Context, k reconcile.Key) (reconcile.Plan, error) {
	c, ok := e.Registry.Find(k.Handler)
	if !ok {
		return reconcile.Plan{}, fmt.Errorf("plan %s: no capability is called %q", k, k.Handler)
	}
	return c.Plan(forKey(ctx, k), k)
}

// apply carries out a command's effects in order and stops at the first that
// fails: a later one may rest on it. What was done before it converges on the
// next try.
func (e *Engine) apply(ctx context.Context, effects []effect.Effect) ([]reconcile.Receipt, error) {
	var receipts []reconcile.Receipt
	for _, one := range effects {
		r, err := e.carry(ctx, one)
		if err != nil {
			return receipts, err
		}
		receipts = append(receipts, r)
	}
	return receipts, nil
}
