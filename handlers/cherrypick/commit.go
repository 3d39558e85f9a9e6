package cherrypick

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds what is different of a pick whose source is a commit without a pull
// request. Nobody can label a commit, so the sealed record in the status comment where it was
// asked for is the request.

// shortID is how many digits of a commit's id stand in the name of a pick's branch.
const shortID = 12

// abbreviated is a commit as a pick's branch names it, "" of what is no id.
func abbreviated(id string) string {
	if len(id) < shortID || !commitID().MatchString(id) {
		return ""
	}
	return id[:shortID]
}

var commitID = lazy.Regexp(`^[0-9a-f]{7,40}$`)

// key is the pick's.
func (s subject) key(repo github.Repo) reconcile.Key { return key(repo, s.id(kindPick)) }

// id is that of a key about the pick.
func (s subject) id(kind string) string {
	id := named(kind, s.number, s.name)
	if s.commit == "" {
		return id
	}
	at := len(numbered(kind, s.number))
	return id[:at] + "@" + s.commit + id[at:]
}

// head is the branch of the pick.
func (s subject) head() release.Branch {
	if s.commit == "" {
		return release.Branch(fmt.Sprintf("cherry-pick-%d-to-%s", s.number, s.name))
	}
	return release.Branch(fmt.Sprintf("cherry-pick-%d-%s-to-%s", s.number, s.commit, s.name))
}

// of is what its marks say beside the number. No branch's name has two dots in a row.
func (s subject) of() string {
	if s.commit == "" {
		return s.name
	}
	return s.commit + ".." + s.name
}

// status is the mark of the comment that says how far it has come.
func (s subject) status() effect.Mark {
	if s.commit == "" {
		return statusMark(s.number)
	}
	return commitsMark(s.number)
}

// commitsMark is that of the comment about the commits whose picks were asked for somewhere.
func commitsMark(number int) effect.Mark {
	return effect.Mark{Kind: "picks-of-commits", ID: fmt.Sprint(number)}
}

// source is what is picked, as people name it: GitHub links both.
func (s subject) source() string {
	if s.commit == "" {
		return fmt.Sprintf("#%d", s.number)
	}
	return s.commit
}

// asked is what the command for it names.
func (s subject) asked() string {
	if s.commit == "" {
		return s.name
	}
	return s.commit + " " + s.name
}

// readCommitPick is readPick for a commit.
func (h *Handler) readCommitPick(l *facts.Look, s *Snapshot) error {
	f := &s.Pick
	id, err := h.GitHub.RepoID(l.Context(), l.Repo)
	if err != nil {
		return err
	}
	s.PR = &github.PullRequest{RepoID: id, Number: s.source(), State: github.Closed, Merged: true}
	if err := h.readCommitPart(l.Context(), s); err != nil {
		return err
	}
	if f.Labelled = f.Record.Asked != "" && f.Record.Commit != ""; f.Labelled {
		f.By, f.Ask = github.User{ID: f.Record.ByID, Login: f.Record.By}, f.Record.Asked
		// No label can be looked at, and the record may be an old one that was put back: whoever
		// it names has to have the right still.
		standing, err := h.Roles.Contributes(l.Context(), l.Repo, s.branch(), f.By)
		if f.May, f.Teams = standing.Holds, standing.Teams; err != nil {
			return err
		}
	}
	return h.readOutcome(l, s)
}

// readCommitPart reads our part about a commit, and with it where the commit is.
func (h *Handler) readCommitPart(ctx context.Context, s *Snapshot) (err error) {
	f := &s.Pick
	if f.Part, err = h.GitHub.Section(ctx, s.Key.Repo, s.source(), s.Subject.status(), partMark(s.Subject.of())); err != nil {
		return err
	}
	f.Record, _ = unseal[Record](h.Sealer, s.place(), partMark(s.Subject.of()), f.Part)
	s.PR.Base = release.Branch(f.Record.Base)
	return nil
}

// observeCommit reads the source of a pick that is a commit. git takes of a merge what it
// did to its first parent.
func (h *Handler) observeCommit(ctx context.Context, s *Snapshot) error {
	f := &s.Pick
	one, err := h.GitHub.CommitOf(ctx, s.Key.Repo, f.Record.Commit)
	if err != nil {
		return err
	}
	f.Source.PullRequest = *s.PR
	subject, body, _ := strings.Cut(one.Message, "\n")
	f.Source.Title, f.Source.Body = subject, body
	f.Commits = []string{one.ID}
	return nil
}

// sourceCommit is the commit that a pick of ours picks where that has no pull request, as it
// stands in our record; else as the name of its branch has it, which no edit changes.
func (f pullFacts) sourceCommit() string {
	if id := f.Record.Source; f.Intact && abbreviated(id) == f.Of.commit {
		return id
	}
	return f.Of.commit
}

// picked is the source in the text of its pick. GitHub shortens the id that it links, and
// provenance.Mentions finds only a whole one.
func (s Snapshot) picked() string {
	if s.Subject.commit != "" && len(s.Pick.Commits) == 1 {
		return s.Pick.Commits[0]
	}
	return s.Subject.source()
}

// namedBy reports whether a pull request names the source.
func (s Snapshot) namedBy(repo github.Repo, pr github.PullRequest, body string) bool {
	if s.Subject.commit == "" {
		return slices.Contains(sourcesOf(repo, pr, body), s.source())
	}
	mentions := provenance.Mentions(provenance.Text{Title: pr.Title, Body: body, Repo: repo.String()})
	return slices.ContainsFunc(mentions, func(m provenance.Mention) bool {
		return m.Commit != "" && strings.HasPrefix(s.Pick.Record.Commit, m.Commit)
	})
}

// askedElsewhere is our open pull request that picks the same commit, since somebody has asked for it elsewhere, too.
func (s Snapshot) askedElsewhere(repo github.Repo, open []github.PullRequest) *github.PullRequest {
	for _, pr := range open {
		of, is := pickOf(repo, pr)
		if is && pr.Author.Bot && of.commit != "" && of.commit == s.Subject.commit && of.name == s.Subject.name && of.number != s.source() {
			return &pr
		}
	}
	return nil
}

// observeTwin finds the other one where two places asked for a commit at the same moment, and neither saw the
// other's pull request before it opened its own.
func observeTwin(l *facts.Look, s *Snapshot) error {
	p := s.Pick.Pull
	if s.Subject.commit == "" || p == nil || p.State != github.Open {
		return nil
	}
	open, err := facts.Open.Of(l, s.branch())
	if twin := s.askedElsewhere(l.Repo, open); twin != nil && twin.Number < p.Number {
		s.Pick.Twin = twin
		_, err = facts.Pull.Of(l, twin.Number) // it may be closed
	}
	return err
}

// twinText says what there is to do about two picks of one commit.
func twinText(s Snapshot) string {
	if s.Pick.Twin == nil {
		return ""
	}
	return fmt.Sprintf(" #%d, which was asked for elsewhere at the same moment, picks the same commit. **Next step:** close one of them.", s.Pick.Twin.Number)
}

// claim is the source as the check slipway/release-branch is asked about it.
func (s Snapshot) claim(l *facts.Look) (c *provenance.Claim, unclear string, err error) {
	if s.Subject.commit == "" {
		return facts.Claim(l, provenance.ByMarker, s.Pick.Source)
	}
	return &provenance.Claim{Commit: s.Pick.Record.Commit, By: provenance.ByMarker}, "", nil
}
