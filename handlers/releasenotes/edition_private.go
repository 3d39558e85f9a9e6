package releasenotes

import (
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// No note goes where more people may read it than the repository that it is of: whoever
// writes a policy may agree to that, and nobody can take it back. Who may see a repository is
// asked of GitHub anew, since a webhook that would have told may be lost; what can't be
// told counts as private where notes come from.

// keptIn says why the notes of another repository stay out, "" if they may be told. The words
// are those that are used where it can't be seen, so that nobody learns which it is.
func (h *Handler) keptIn(e edition, of github.Repo, g facts.Grant) (lacks string, err error) {
	if !g.Secret {
		less, err := h.lessPrivate(e, of, e.Repo, e.Target)
		if err != nil || !less {
			return "", err
		}
	}
	return fmt.Sprintf("of %s: it isn't there, Slipway isn't installed on it, or nothing of it may be told here. **Next step:** if it is there, "+
		"see that it is no more private than %s and %s, or take it out of %s", effect.Code(of.String()),
		effect.Code(e.Repo.String()), effect.Code(e.Target.String()), effect.Code("releasenotes.release.repositories")), nil
}

// mayTell says why the notes of the repository can't go to the other that the policy names.
func (h *Handler) mayTell(e edition) error {
	less, err := h.lessPrivate(e, e.Repo, e.Target)
	if err != nil || !less {
		return err
	}
	return e.hushed()
}

func (e edition) hushed() error {
	return command.Misused("the notes can't go to %s, which is less private than %s: whoever may read it would read them. **Next step:** name a repository that is as private, under %s",
		effect.Code(e.Target.String()), effect.Code(e.Repo.String()), effect.Code("releasenotes.release.repository"))
}

// lessPrivate reports whether any of the others is less private than a repository.
func (h *Handler) lessPrivate(e edition, of github.Repo, others ...github.Repo) (bool, error) {
	ctx := e.look.Context()
	own, err := h.GitHub.VisibilityNow(ctx, of)
	if errors.Is(err, reconcile.ErrGone) {
		own, err = github.Private, nil
	}
	if own == github.Public || err != nil {
		return false, err
	}
	for i, other := range others {
		if i > 0 && same(other, others[i-1]) {
			continue
		}
		level, err := h.GitHub.VisibilityNow(ctx, other)
		if err != nil || level < own {
			return true, err
		}
	}
	return false, nil
}
