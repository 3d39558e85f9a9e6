package releasenotes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const notesName = "release notes"

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return []command.Command{{
		Name: notesName, Args: "<version> [from=<revision>]",
		Short: "Opens or updates a pull request with the notes of a release: those since the release before (a minor release: since the minor before), or since the revision given. " +
			"What people have changed in it stays.",
		Example:  []string{"/release notes 1.30.1", "/release notes 1.30.0 from=1.29.0"},
		Allow:    command.ReleaseManager,
		Where:    "any issue or pull request of the repository that the notes are in",
		Answer:   "How many notes are proposed and how many changes lack one, with a link to the pull request. Its description has the whole report.",
		Branches: h.notesBranches,
		Run:      h.runNotes,
	}}
}

// After implements reconcile.Commander: the command has done all there is.
func (h *Handler) After(command.Call) []reconcile.Key { return nil }

var revision = lazy.Regexp(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$`)

// notesArgs reads the words after the command.
func notesArgs(c command.Call, scheme release.Scheme) (name, from string, err error) {
	for _, word := range c.Args {
		value, isFrom := strings.CutPrefix(word, "from=")
		v, err := scheme.Named(word)
		switch {
		case isFrom && from == "" && revision().MatchString(value) && !strings.Contains(value, ".."):
			from = value
		case isFrom:
			return "", "", command.Misused("%s is not a revision to begin from; want one like %s", effect.Code(word), effect.Code("from=1.29.0"))
		case err == nil && name == "":
			name = v.String()
		default:
			return "", "", notAVersion(scheme, word)
		}
	}
	if name == "" {
		return "", "", command.Misused("of which release? Say its version, like %s", effect.Code("/release notes 1.30.1"))
	}
	return name, from, nil
}

// notAVersion refuses a word that is no version by the policy's scheme.
func notAVersion(scheme release.Scheme, word string) error {
	if scheme.Form == "" {
		return command.Misused("%s is not a version like %s", effect.Code(word), effect.Code("1.30.1"))
	}
	return command.Misused("%s is not a version like %s, which is %s", effect.Code(word), effect.Code(scheme.Example()), scheme.Wanted())
}

// notesBranches says whose release managers may: those of the release's branch.
func (h *Handler) notesBranches(ctx context.Context, c command.Call) ([]release.Branch, error) {
	m, err := h.maker(ctx, c.Repo)
	if err != nil {
		return nil, err
	}
	name, _, err := notesArgs(c, m.Settings.Scheme)
	if err != nil {
		return nil, err
	}
	if m.Settings.Release.Path == "" {
		return nil, command.Misused("the policy says nowhere where the notes of a release go: that is %s", effect.Code("releasenotes.release.path"))
	}
	v, err := m.Settings.Scheme.Parse(name)
	return []release.Branch{m.Settings.branchOf(v)}, err
}

func (h *Handler) runNotes(ctx context.Context, c command.Call) (command.Outcome, error) {
	m, err := h.maker(ctx, c.Repo)
	if err != nil {
		return command.Outcome{}, err
	}
	name, from, err := notesArgs(c, m.Settings.Scheme)
	if err != nil {
		return command.Outcome{}, err
	}
	e, err := h.observeEdition(ctx, m, name, from, c.Author)
	if misuse, ok := errors.AsType[*command.Misuse](err); ok {
		return command.Outcome{Result: command.Invalid, Reply: "Nothing was changed: " + misuse.Phrase + "."}, nil
	}
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	if e.Pull == nil && !e.news() {
		return command.Outcome{Result: command.NoOp, Reply: noNews(e)}, nil
	}
	return command.Outcome{Result: command.Done, Reply: editionReply(e), Effects: e.effects()}, nil
}
