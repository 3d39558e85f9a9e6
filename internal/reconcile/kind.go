package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Kind is one kind of key of a capability: what it reads, and a pure decision on that.
// Its ids are its name, or begin with its name and a slash.
type Kind struct {
	form string // for the error: "notice/N"
	plan func(ctx context.Context, k Key) (p Plan, ours bool, err error)
}

// KindOf makes a Kind. of reads what stands behind the name and the slash; an id that
// it refuses is no key of this kind.
func KindOf[K, S any](name string, of IDs[K], observe func(context.Context, github.Repo, K) (S, error), decide func(S) Plan) Kind {
	form := name
	if of.Form != "" {
		form += "/" + of.Form
	}
	return Kind{form: form, plan: func(ctx context.Context, k Key) (Plan, bool, error) {
		kind, rest, _ := strings.Cut(k.ID, "/")
		id, ok := of.Parse(rest)
		if kind != name || !ok {
			return Plan{}, false, nil
		}
		s, err := observe(ctx, k.Repo, id)
		var nothing Nothing
		if errors.As(err, &nothing) {
			return Plan{Reason: string(nothing)}, true, nil
		}
		if err != nil {
			return Plan{}, true, fmt.Errorf("observe %s: %w", k, err)
		}
		return decide(s), true, nil
	}}
}

// Nothing is what observe returns where there is nothing to decide on: why, for the
// plan, which is empty. So the facts of a kind never say that they are none.
type Nothing string

// Error implements error.
func (n Nothing) Error() string { return string(n) }

// IDs are how the ids of a kind of key end.
type IDs[K any] struct {
	Form  string // "N"
	Parse func(string) (K, bool)
}

// None is for the one key of its kind.
var None = IDs[struct{}]{Parse: func(rest string) (struct{}, bool) { return struct{}{}, rest == "" }}

// Numbered is for keys about an issue or a pull request.
var Numbered = IDs[int]{Form: "N", Parse: func(rest string) (int, bool) {
	n, err := strconv.Atoi(rest)
	return n, err == nil && n > 0
}}

// Branched is for keys about a branch.
var Branched = IDs[release.Branch]{Form: "NAME", Parse: func(rest string) (release.Branch, bool) {
	return release.Branch(rest), rest != ""
}}

// OfKinds makes a Capability of one that has several kinds of key.
func OfKinds(h Keyed, kinds ...Kind) Capability {
	return extend(h, func(ctx context.Context, k Key) (Plan, error) {
		var forms []string
		for _, kind := range kinds {
			p, ours, err := kind.plan(ctx, k)
			if ours {
				return p, err
			}
			forms = append(forms, kind.form)
		}
		return Plan{}, fmt.Errorf("observe %s: %q is not one of %s: %w", k, k.ID, strings.Join(forms, ", "), ErrGone)
	})
}
