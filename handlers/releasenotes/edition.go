package releasenotes

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// edition is the notes of one release, and what their pull request rests on.
type edition struct {
	look     *facts.Look
	Repo     github.Repo // whose policy asks for it; its notes come first
	Target   github.Repo // of the pull request
	TargetID int64
	Settings Settings
	Version  string
	v        release.Version
	From, To string // revisions of Repo, as people name them
	Parts    []part // what is read of each repository
	Missing  []string
	Skipped  skipped
	// The pull request: against Base, from the branch of the version, at Head if
	// that is there; Generated is where its sister is that holds what Slipway
	// generated last.
	Base                      release.Branch
	BaseHead, Head, Generated string
	Left                      string             // the commit at which the branch left the base, or is to
	Pull                      *github.PullDetail // the open one of ours
	By                        facts.Proposal     // who asked last
	Approvers                 facts.Approval     // of it
	Files                     []editionFile
	Report                    notes.Report
}

// editionFile is one file of notes.
type editionFile struct {
	Path   string
	New    string // as generated now
	Merged string // that, with what people have changed
	Kept   int    // places where theirs stayed, because both changed them
	Edited bool   // people have changed it since it was generated last
	Gone   bool   // people have deleted it: it stays out
	OnBase string // as it is on the base; only where no pull request is open
	Before string // as it is where the branch left the base: GitHub lists what differs from that
}

// editionRecord is what the pull request's text remembers, sealed.
type editionRecord struct {
	facts.Proposal
	From string `json:"from"`
}

// editionMark names the notes of a release of a repository in the pull request's
// text; several repositories may write into one.
func editionMark(of, target github.Repo, version string) effect.Mark {
	if same(of, target) {
		return effect.Mark{Kind: "notes", ID: version}
	}
	return effect.Mark{Kind: "notes", ID: strings.ToLower(of.String()) + " " + version}
}

func (e edition) mark() effect.Mark         { return editionMark(e.Repo, e.Target, e.Version) }
func (e edition) head() release.Branch      { return headFor(e.Repo, e.Target, e.Version) }
func (e edition) generated() release.Branch { return generatedFor(e.Repo, e.Target, e.Version) }

// The most that is read for a release.
const (
	maxRange     = 400 // note files, of all repositories
	maxTemplates = 20
	maxLooks     = 200 // merged pull requests whose files the report looks at
)

// observeEdition reads all that the notes of a release are made of. from is the
// revision of the release before, "" for the one that was used last, or else
// the tag before. A *command.Misuse says what people have to mend.
func (h *Handler) observeEdition(ctx context.Context, m maker, name, from string, who github.User) (e edition, err error) {
	if e, err = h.begin(ctx, m, name, who); err != nil {
		return e, err
	}
	if e.TargetID, err = h.GitHub.RepoID(ctx, e.Target); err != nil {
		return e, err
	}
	for branch, head := range map[release.Branch]*string{e.Base: &e.BaseHead, e.head(): &e.Head, e.generated(): &e.Generated} {
		if *head, err = h.GitHub.BranchHead(ctx, e.Target, branch); err != nil {
			return e, err
		}
	}
	if e.BaseHead == "" {
		return e, command.Misused("there is no branch %s, which the notes are to be merged into", effect.Code(string(e.Base)))
	}
	if err := h.observeEditionPull(ctx, &e); err != nil {
		return e, err
	}
	var last editionRecord
	if e.Pull != nil {
		last = e.recorded(h.Sealer)
	}
	if e.By = last.Proposal; who.ID != 0 {
		e.By = facts.Proposal{By: who.Login, ByID: who.ID, Branch: e.branch()}
	}
	if e.From = from; from == "" && e.Pull != nil {
		if e.From = last.From; e.From == "" {
			return e, command.Misused("#%d doesn't say any more from which revision its notes are made, since its description was changed; **next step:** comment %s",
				e.Pull.Number, effect.Code("/release notes "+e.Version+" from=REVISION"))
		}
	}
	if err := h.observeParts(ctx, &e); err != nil {
		return e, err
	}
	if err := h.observeSkipped(ctx, &e); err != nil {
		return e, err
	}
	if err := h.observeRendered(ctx, &e); err != nil {
		return e, err
	}
	return e, h.observePulls(ctx, &e)
}

// begin settles where the notes of a release go, and whether they may: somebody asks for
// that, or a pull request of ours goes on that somebody asked for.
func (h *Handler) begin(ctx context.Context, m maker, name string, who github.User) (e edition, err error) {
	e = edition{look: m.look, Repo: m.Repo, Settings: m.Settings, Version: name, Base: release.Branch(m.Settings.Release.Base)}
	if e.v, err = m.Settings.Scheme.Parse(name); err != nil { // the policy says otherwise by now
		return e, notAVersion(m.Settings.Scheme, name)
	}
	if e.Target, err = m.target(); err == nil {
		var g facts.Grant
		g, err = facts.Acts.Of(m.look, facts.Act{In: e.Target, Branch: e.branch(), Who: who, Ongoing: who == github.User{}})
		switch {
		case err != nil:
		case g.Refused != "":
			err = command.Misused("the notes can't go to %s: %s", effect.Code(e.Target.String()), g.Told())
		case g.Hushed:
			err = e.hushed()
		}
	}
	if err == nil && e.Base == "" {
		e.Base, err = h.GitHub.DefaultBranch(ctx, e.Target)
	}
	if errors.Is(err, reconcile.ErrGone) {
		err = command.Misused("there is no repository %s that Slipway is installed in", effect.Code(e.Target.String()))
	}
	if err == nil && !same(e.Repo, e.Target) {
		err = h.mayTell(e)
	}
	if err == nil && who.ID != 0 {
		there, _, elsewhere := m.look.Elsewhere(e.Target)
		if err = elsewhere; err == nil {
			e.Approvers, err = facts.Approvers.Of(there, e.Base)
		}
	}
	return e, err
}

// target is the repository of the pull request: only one of the same owner,
// whoever writes the policy.
func (m maker) target() (github.Repo, error) { return m.targetOf(m.Repo) }

// targetOf is the same for another repository with the same section of a policy.
func (m maker) targetOf(of github.Repo) (github.Repo, error) {
	if m.Settings.Release.Repository == "" {
		return of, nil
	}
	to, err := github.ParseRepo(m.Settings.Release.Repository)
	if err != nil || !strings.EqualFold(to.Owner, m.Repo.Owner) {
		return to, command.Misused("%s is not a repository of %s, so the notes can't go there", effect.Code(m.Settings.Release.Repository), effect.Code(m.Repo.Owner))
	}
	return to, nil
}

// observeEditionPull finds the open pull request of ours.
func (h *Handler) observeEditionPull(ctx context.Context, e *edition) error {
	bot, err := h.GitHub.BotID(ctx, e.Target)
	if err != nil {
		return err
	}
	pulls, err := h.GitHub.PullsFrom(ctx, e.Target, e.head())
	for _, p := range pulls {
		if p.State == github.Open && p.Base == e.Base && p.Author.ID == bot {
			e.Pull = &p
		}
	}
	if err == nil && e.Pull == nil && e.Head != "" {
		err = e.usable(pulls, bot)
	}
	return err
}

// usable says why the branch of the version, which is there without an open pull
// request of ours, can't be gone on with: it is somebody's, or left from one that
// is over, and what people have changed on the base since would be undone.
func (e edition) usable(pulls []github.PullDetail, bot int64) error {
	branch := effect.Code(string(e.head()))
	for _, p := range pulls {
		switch {
		case p.State == github.Open && p.Author.ID != bot:
			return command.Misused("#%d, which somebody else opened, is from the branch %s, where the notes are to be written; **next step:** close it and delete the branch, or rename it", p.Number, branch)
		case p.State != github.Open && p.Author.ID == bot && p.Head == e.Head:
			return command.Misused("the branch %s is left from #%d, which is over; **next step:** delete it, and comment again, so that the notes begin on what %s has now",
				branch, p.Number, effect.Code(string(e.Base)))
		}
	}
	if e.Generated == "" { // ours has this sister from the beginning
		return command.Misused("there is a branch %s that isn't Slipway's; **next step:** delete or rename it, and comment again", branch)
	}
	return nil
}

// recorded is what the pull request was made from, and for whom; zero if its text was changed.
func (e edition) recorded(s effect.Sealer) (record editionRecord) {
	r := s.Unseal(effect.Place{Repo: e.TargetID, Number: e.Pull.Number}, e.Pull.Body)
	if r.Authenticity == effect.Tampered || r.Mark != e.mark() || json.Unmarshal(r.JSON, &record) != nil {
		return editionRecord{}
	}
	if r.Authenticity != effect.Bound { // it may be of another pull request, which somebody else asked for
		record.Proposal = facts.Proposal{}
	}
	return record
}
