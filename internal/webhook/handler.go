package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Taker stores what a delivery leads to, in one transaction. fresh is false for
// a delivery that was stored before.
type Taker interface {
	StoreDelivery(context.Context, reconcile.Delivery) (fresh bool, err error)
}

// Options is what the webhook is built from. All but PreviousSecret, AppID, Self,
// Namesake and Observe are required.
type Options struct {
	Registry       *reconcile.Registry
	Taker          Taker
	Secret         string
	PreviousSecret string // also accepted, while the secret is being changed
	AppID          int64  // our own App, whose comments are never commands
	// Self is the numeric id of our App's account, 0 while it isn't known; nil
	// is never known.
	Self func() int64
	Now  func() time.Time
	// Namesake is told of each check run of another App under a name of ours, for metrics.
	Namesake func()
	// Observe is told about each request, for metrics: the kind of event (""
	// for what was refused, "other" for kinds that nobody wants) and what came
	// of it. Both come from small closed sets.
	Observe func(kind, outcome string)
}

// Outcomes that Observe is told, beside "refused STATUS".
const (
	Taken    = "taken"    // stored
	Repeated = "repeated" // stored before
	Nothing  = "nothing"  // nobody had any use for it
	Unwanted = "unwanted" // a kind of event that nobody handles
	Broken   = "broken"   // not what GitHub sends for its kind
	Failed   = "failed"   // could not be stored
)

// New returns the handler of the webhook's address.
func New(o Options) (http.Handler, error) {
	if o.Registry == nil || o.Taker == nil || o.Now == nil {
		return nil, errors.New("webhook: registry, taker and clock are needed")
	}
	if o.Observe == nil {
		o.Observe = func(string, string) {}
	}
	if o.Namesake == nil {
		o.Namesake = func() {}
	}
	if o.Self == nil {
		o.Self = func() int64 { return 0 }
	}
	h := &Handler{o}
	dispatcher := githubapp.NewEventDispatcher([]githubapp.EventHandler{h}, o.Secret,
		githubapp.WithErrorCallback(h.failed), githubapp.WithResponseCallback(h.answered))
	return newGate(o.Secret, o.PreviousSecret, dispatcher, o.Observe)
}

// Events lists every kind of event that Slipway handles, sorted: those of the
// capabilities and those that the machinery needs. The App's manifest asks for
// these, but for installation and installation_repositories, which every App gets.
func Events(r *reconcile.Registry) []string {
	all := slices.Concat(r.Events(), machineryEvents)
	slices.Sort(all)
	return slices.Compact(all)
}

// Handler is the one githubapp.EventHandler.
type Handler struct{ o Options }

// Handles implements githubapp.EventHandler.
func (h *Handler) Handles() []string { return Events(h.o.Registry) }

// brokenPayload is the sender's fault; every other error is ours.
type brokenPayload struct{ err error }

func (e *brokenPayload) Error() string { return e.err.Error() }
func (e *brokenPayload) Unwrap() error { return e.err }

// Handle implements githubapp.EventHandler. Payloads are never logged.
func (h *Handler) Handle(ctx context.Context, kind, guid string, payload []byte) error {
	d, err := parse(kind, guid, payload)
	if err != nil {
		return &brokenPayload{err}
	}
	self := h.o.Self()
	d.Own, d.Ours = self != 0 && d.Sender.ID == self, mayBeOurs(d.Event, self)
	if name := namesake(d, h.o.AppID); name != "" {
		d.Namesake = true
		h.o.Namesake()
		zerolog.Ctx(ctx).Warn().Str("repo", d.Repo.String()).Str("commit", d.Commit).Str("check", name).Int64("app", d.byApp).
			Msg("another App reports under the name of a check of ours: bind the required check to this App")
	}
	in, err := intake(&d, h.o.Registry, h.o.AppID, h.o.Now())
	if err != nil {
		zerolog.Ctx(ctx).Error().Err(err).Str("repo", d.Repo.String()).Msg("a capability could make nothing of a delivery")
	}
	if len(d.odd) > 0 { // by name; what they say is nobody's to log
		zerolog.Ctx(ctx).Warn().Strs("fields", d.odd).Msg("delivery is odd in some fields, which were passed over")
	}
	outcome := Nothing
	if !empty(in) {
		fresh, err := h.o.Taker.StoreDelivery(ctx, in)
		if err != nil {
			return fmt.Errorf("take %s %s: %w", in.Kind, guid, err)
		}
		outcome = Repeated
		if fresh {
			outcome = Taken
		}
	}
	zerolog.Ctx(ctx).Debug().Str("action", d.Action).Str("repo", d.Repo.String()).
		Int("keys", len(in.Keys)).Int("asks", len(in.Commands)).Str("outcome", outcome).Msg("delivery")
	h.o.Observe(kind, outcome)
	return nil
}

// failed answers for an error of Handle, or of the dispatcher itself.
func (h *Handler) failed(w http.ResponseWriter, r *http.Request, err error) {
	kind := r.Header.Get(headerEvent)
	log := zerolog.Ctx(r.Context()) // names the kind and the delivery already
	var broken *brokenPayload
	var invalid githubapp.ValidationError
	if errors.As(err, &broken) || errors.As(err, &invalid) {
		// The error may quote the payload; the kind and the GUID find it on GitHub.
		log.Warn().Msg("delivery is not what GitHub sends")
		h.o.Observe(h.known(kind), Broken)
		answer(w, http.StatusBadRequest, "the payload is not one of this event")
		return
	}
	log.Error().Err(err).Msg("delivery could not be stored")
	h.o.Observe(h.known(kind), Failed)
	answer(w, http.StatusInternalServerError, "the delivery could not be stored; deliver it again")
}

// answered answers for a delivery that went well.
func (h *Handler) answered(w http.ResponseWriter, _ *http.Request, kind string, handled bool) {
	switch {
	case handled:
		answer(w, http.StatusOK, "ok")
	case kind == "ping":
		h.o.Observe("ping", Nothing)
		answer(w, http.StatusOK, "pong")
	default:
		h.o.Observe("other", Unwanted)
		answer(w, http.StatusAccepted, "nothing here wants this event")
	}
}

func (h *Handler) known(kind string) string {
	if slices.Contains(h.Handles(), kind) {
		return kind
	}
	return "other"
}
