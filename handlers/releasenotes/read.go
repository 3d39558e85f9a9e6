package releasenotes

import (
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// known is what a verdict on one pull request rests on.
type known struct {
	Now      time.Time
	PR       github.PullRequest
	Policy   config.Loaded
	Settings Settings
	Schema   notes.Schema
	Account  account
	Changes  github.Changes
	Files    []noteFile // those that it adds or changes, as they are at its head
	Unread   int        // note files beyond the most that are read
	Gone     []notes.File
	Unclear  bool // whether notes that always need another are taken away: not all could be read
	Label    waiver
	Box      waiver
	From     release.Branch // where sources of cherry-picks are merged
	Sources  []source
	Ours     bool // it proposes the notes of a release, and changes nothing else
}

// read reads what matters of one pull request, the cheapest first.
func (h *Handler) read(l *facts.Look, pr github.PullRequest) (f known, err error) {
	f = known{Now: l.Now, PR: pr}
	if f.Policy, err = facts.Policy.Of(l, facts.Whole{}); err != nil {
		return f, err
	}
	if f.Settings, err = facts.Section[Settings](l, Name); err != nil {
		return f, err
	}
	f.Schema = f.Settings.NoteSchema(l.Repo)
	if err := f.readAccount(l); err != nil || f.Account.excepted() {
		return f, err
	}
	if err := h.readFiles(l, &f); err != nil {
		return f, err
	}
	if f.Ours, err = h.ours(l, f); err != nil || f.Ours {
		return f, err
	}
	if f.noted() && f.Unread == 0 || f.exempt() { // the label also lets too many notes through
		return f, nil
	}
	if err := f.readWaiver(l); err != nil {
		return f, err
	}
	if (f.Label.holds() || f.Box.holds()) && len(f.Settings.NeverWaived) == 0 {
		return f, nil
	}
	if err := h.readGone(l, &f); err != nil {
		return f, err
	}
	if _, always := f.always(); !always && (f.Label.holds() || f.Box.holds()) {
		return f, nil
	}
	return f, h.readSources(l, &f)
}

// ours reports whether a pull request is one that we propose the notes of a
// release in, and changes nothing but them, whoever has edited them.
func (h *Handler) ours(l *facts.Look, f known) (bool, error) {
	name := anyVersionOfHead(f.PR.HeadRef)
	v, err := f.Settings.Scheme.Parse(name)
	if err != nil || !f.PR.Author.Bot || !same(f.PR.HeadRepo, l.Repo) || f.Settings.Release.Path == "" || !f.Changes.Complete {
		return false, nil
	}
	dir := v.Fill(f.Settings.Release.Path) + "/"
	if slices.ContainsFunc(f.Changes.Paths(), func(p string) bool { return !strings.HasPrefix(p, dir) }) {
		return false, nil
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	return f.PR.Author.ID == bot, err
}

// account says whether a pull request is an automation account's.
type account struct {
	Author, Pusher bool // are accounts of the policy
	Unknown        bool // nobody remembers who pushed the newest commit
}

func (a account) excepted() bool { return a.Author && a.Pusher }

func (f *known) readAccount(l *facts.Look) error {
	if f.Account.Author = f.Settings.ExemptAccount(f.PR.Author.ID); !f.Account.Author {
		return nil
	}
	by, err := facts.Pusher.Of(l, f.PR.Number)
	f.Account.Pusher, f.Account.Unknown = f.Settings.ExemptAccount(by.ID), by.ID == 0
	return err
}
