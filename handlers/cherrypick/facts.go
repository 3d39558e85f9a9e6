package cherrypick

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// pickFacts is what the plan for one pick rests on.
type pickFacts struct {
	Source github.PullDetail // whole only if there is something to pick
	// Labelled says that the source has a label that asks for it.
	Labelled bool
	// Coming says that a command has asked, and is about to set the label.
	Coming bool
	By     github.User // who asked; zero if nobody knows
	Ask    string      // names the request that holds, "" for none
	Lost   bool        // it is known by our label alone
	May    bool        // somebody who may asked for the pick
	Teams  []string    // whose members may, for whoever may not
	Part   string      // our part of the status comment, "" for none
	Record Record      // from it
	Pull   *ourPull    // the newest of ours
	Others *github.PullDetail
	// ByHand is a pull request, open or merged, by which somebody who may ask has picked the change.
	ByHand *github.PullRequest
	// Before are the picks onto newer branches, the next one first, up to the one that counts.
	Before []link
	// Strayed is a pick that we opened onto the branch, and whose base somebody has changed.
	Strayed *github.PullDetail
	Issue   *ourIssue // about a conflict
	// Twin is a pick of ours of the same commit that was opened first, at the same moment.
	Twin *github.PullRequest
	// Target is the commit that the target branch is at, "" if it isn't there.
	Target   string
	Commits  []string // of the source, on its base
	Unclear  string   // why nobody can tell which these are, as a sentence
	Mainline bool     // it is one, a merge commit
	Tip      string   // the commit that the pick's branch is at
	TipOurs  bool     // our App made it
	Picked   *effect.Picked
	// PullRefused says why GitHub last refused the pull request from the branch, in Markdown.
	PullRefused string
	Needs       []need
	// Likes are merged picks of the source onto other branches, nil until they are looked for; Resolved is what they
	// tell of the conflict.
	Likes    []like
	Resolved []effect.Resolved
	// Needed is what it waits for, and MayNeeded says that whoever asked may ask for that.
	Needed    []neededFacts
	MayNeeded bool
	// DryPart is the part about a dry run, "" for none; Dry is from it. Foreseen is what the
	// pick would come to, where a line says so.
	DryPart  string
	Dry      *DryRun
	Foreseen *foresight
	Merge    mergeFacts
	Branch   branchFacts
	// OpenFrom are the open pull requests from the pick's branch.
	OpenFrom []github.PullRequest
}

// ourPull is a pull request of ours.
type ourPull struct {
	github.PullDetail
	Record PullRecord
	Intact bool   // Record is as we sealed it
	Own    string // its head, but for merges of its base by GitHub ("Update branch")
	// Accepted says that somebody took the draft as Slipway made it.
	Accepted bool
	// Anew says that we have pushed it anew, and its text doesn't say so yet.
	Anew bool
}

// untouched reports whether nobody has pushed to a pick of ours.
func (p *ourPull) untouched() bool { return p.Own == p.Record.Commit }

// unresolved reports whether the conflict of a pick still waits for somebody. Not
// every repository has drafts; there it is over with the first push.
func (p *ourPull) unresolved() bool {
	return p.Record.Outcome == effect.PickConflict && !p.Accepted && (p.Draft || p.untouched())
}

// applied reports whether an open pick that applied when we pushed it is as it was then.
func (p *ourPull) applied() bool {
	return p.Intact && p.State == github.Open && p.Record.Outcome == effect.PickClean && p.untouched()
}

// ourIssue is an issue of ours about a conflict.
type ourIssue struct {
	github.Issue
	Record PullRecord
}

// need is a prerequisite with what is known of it.
type need struct {
	effect.Prerequisite
	PR   int    // that brought it, 0 if nobody knows
	Pick string // the state of a pick of it, as a phrase
}

func (s Snapshot) branch() release.Branch { return release.Branch(s.Subject.name) }
func (s Snapshot) source() int            { return s.Subject.number }
func (s Snapshot) head() release.Branch   { return s.Subject.head() }

func (s Snapshot) place() effect.Place {
	return effect.Place{Repo: s.PR.RepoID, Number: s.source()}
}

// impossible says why there can't be a pick onto the branch, whatever the source is.
func (s Snapshot) impossible() string {
	_, err := release.ParseBranch(s.Subject.name)
	switch {
	case err != nil:
		return notABranch(err)
	case s.PR != nil && s.branch() == s.PR.Base:
		return sameBase(s.Subject)
	case !s.Policy.Governs(s.branch()) && !s.forward():
		return ungoverned(s.Policy)
	}
	return ""
}

// observePick reads what the plan for one pick rests on.
func (h *Handler) observePick(ctx context.Context, repo github.Repo, one subject) (s Snapshot, err error) {
	s = Snapshot{Key: one.key(repo), Subject: one, Now: h.Now()}
	if s.Policy, s.Settings, err = h.policy(ctx, repo); err != nil || none(s.Policy) != "" {
		return s, err
	}
	l := facts.NewLook(ctx, h.From, repo, s.Now)
	if err = readForward(l, &s); err == nil {
		err = h.readPick(l, &s)
	}
	if err == nil {
		err = h.observeForesight(l, &s)
	}
	s.Rests = l.Dependencies()
	return s, err
}

// readPick reads what matters for one pick, the cheapest first.
func (h *Handler) readPick(l *facts.Look, s *Snapshot) error {
	if s.Subject.commit != "" {
		return h.readCommitPick(l, s)
	}
	ctx, repo, f := l.Context(), l.Repo, &s.Pick
	pr, err := h.GitHub.CachedPull(ctx, repo, s.source())
	if err != nil {
		return err
	}
	s.PR = &pr
	labels := s.Settings.asking(s.Policy.Policy, pr.Labels, s.Subject.name)
	f.Labelled = len(labels) > 0
	if f.Part, err = h.GitHub.Section(ctx, repo, s.source(), s.Subject.status(), partMark(s.Subject.of())); err != nil {
		return err
	}
	f.Record, _ = unseal[Record](h.Sealer, s.place(), partMark(s.Subject.of()), f.Part)
	if !f.Labelled && f.Part == "" {
		return h.readForgotten(l, s)
	}
	if err := h.observeAsker(ctx, s, labels); err != nil || !pr.Merged {
		return err
	}
	return h.readOutcome(l, s)
}

// readForgotten reads what there is to take back of a pick that nobody asks for and no comment tells of any more:
// GitHub may have been asked to merge it.
func (h *Handler) readForgotten(l *facts.Look, s *Snapshot) error {
	if !s.PR.Merged {
		return nil
	}
	if err := h.observePulls(l, s); err != nil {
		return err
	}
	return h.observeMerging(l, s)
}

// readOutcome reads how far a pick has come whose source is merged.
func (h *Handler) readOutcome(l *facts.Look, s *Snapshot) error {
	f := &s.Pick
	if s.impossible() != "" && f.Record.PR == 0 && f.Record.Issue == 0 {
		return nil
	}
	if err := h.observePulls(l, s); err != nil {
		return err
	}
	if err := h.observeMerging(l, s); err != nil {
		return err
	}
	if err := observeTwin(l, s); err != nil {
		return err
	}
	if err := h.observeNeeded(l, s); err != nil {
		return err
	}
	if _, ok := s.conflicted(); ok {
		if err := h.observeLikes(l, s); err != nil {
			return err
		}
	}
	if !s.due() {
		return h.observeBranchLeft(l, s)
	}
	if err := h.observeChain(l, s); err != nil || s.heldBy() != nil {
		return err
	}
	return h.observeChange(l, s)
}

// observePulls finds the pull request of the pick.
func (h *Handler) observePulls(l *facts.Look, s *Snapshot) error {
	ctx := l.Context()
	bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
	if err != nil {
		return err
	}
	list, err := h.GitHub.PullsFrom(ctx, s.Key.Repo, s.head())
	if err != nil {
		return err
	}
	f := &s.Pick
	for _, one := range list {
		if one.State == github.Open {
			f.OpenFrom = append(f.OpenFrom, one.PullRequest)
		}
		switch {
		case one.Author.ID != bot:
			if f.Others == nil && one.State == github.Open {
				f.Others = &one
			}
		case one.Base != s.branch() && one.Number == f.Record.PR:
			f.Strayed = &one
		case one.Base == s.branch() && (f.Pull == nil || one.Number > f.Pull.Number):
			f.Pull = &ourPull{PullDetail: one, Own: one.Head}
			f.Pull.Record, f.Pull.Intact = unseal[PullRecord](h.Sealer, s.place(), pullMark(s.source(), s.Subject.of()), one.Body)
		}
	}
	if f.Strayed != nil && f.Pull != nil && f.Pull.State != github.Open && f.Pull.Number < f.Strayed.Number {
		f.Pull = nil // it was asked for again since, and that one is what came of it
	}
	if err := h.observeTouched(l, s); err != nil {
		return err
	}
	if s.Settings.OnConflict == Draft {
		return nil
	}
	issues, err := h.GitHub.OwnIssues(ctx, s.Key.Repo, s.Now.Add(-lookBack).UTC().Truncate(dayLong))
	for _, i := range issues {
		at := effect.Place{Repo: s.PR.RepoID, Number: i.Number}
		r, ok := unseal[PullRecord](h.Sealer, at, issueMark(s.source(), s.Subject.of()), i.Body)
		if ok && (f.Issue == nil || i.Number > f.Issue.Number) {
			f.Issue = &ourIssue{i, r}
		}
	}
	if f.Pull != nil && f.Issue != nil && f.Pull.State == github.Closed && !f.Pull.Merged && f.Issue.Number > f.Pull.Number {
		f.Pull = nil // it was asked again since, and the issue is what came of it
	}
	return err
}

// observeTouched finds out what people did with a draft.
func (h *Handler) observeTouched(l *facts.Look, s *Snapshot) (err error) {
	p := s.Pick.Pull
	if p == nil || p.State != github.Open {
		return nil
	}
	if p.Head != p.Record.Commit {
		if p.Own, err = ownHead(l, p.Number, p.Head); err != nil {
			return err
		}
		// What a killed run, or a refused edit, has left; and the id of a commit that GitHub is to sign isn't known
		// before it is there.
		if p.Intact && !p.untouched() {
			if p.Anew, err = h.madeByUs(l.Context(), s.Key.Repo, p.Own); err != nil {
				return err
			}
		}
	}
	if p.Record.Outcome != effect.PickConflict || !p.untouched() {
		return nil
	}
	a, _, err := h.acceptance(l.Context(), s.Key.Repo, s.place(), s.Subject)
	p.Accepted = a.Commit == p.Record.Commit
	return err
}

// observeChange has the change picked.
func (h *Handler) observeChange(l *facts.Look, s *Snapshot) (err error) {
	ctx, repo, f := l.Context(), l.Repo, &s.Pick
	// A push to the branch has all look that would be made anew then.
	if f.Target, err = facts.Tip.Of(l, s.branch()); err != nil || f.Target == "" {
		return err
	}
	if f.Pull != nil && f.Pull.applied() && f.Pull.Record.Onto == f.Target {
		return nil // it applied there
	}
	if err := h.observeLanding(ctx, s); err != nil || f.Unclear != "" {
		return err
	}
	if len(f.Commits) == 1 && s.Settings.OnConflict == Issue { // only there its text needs it
		one, err := h.GitHub.CommitOf(ctx, repo, f.Commits[0])
		if err != nil {
			return err
		}
		f.Mainline = len(one.Parents) > 1
	}
	if f.Pull == nil && f.Others == nil {
		if err := h.observeByHand(l, s); err != nil || f.ByHand != nil {
			return err
		}
	}
	if f.Tip, err = h.GitHub.BranchHead(ctx, repo, s.head()); err != nil {
		return err
	}
	if f.Tip != "" {
		own := f.Tip
		if f.Pull != nil && f.Tip == f.Pull.Head {
			own = f.Pull.Own
		}
		if f.TipOurs, err = h.madeByUs(ctx, repo, own); err != nil || !f.TipOurs {
			return err
		}
	}
	picked, err := h.pickLikewise(l, s)
	if err != nil {
		return err
	}
	if err := h.observeSigned(ctx, s, &picked); err != nil {
		return err
	}
	f.Picked = &picked
	if f.Pull == nil && f.Tip != "" && f.Tip == picked.Commit {
		if f.PullRefused, err = h.Picker.PullRefused(ctx, repo, s.head()); err != nil {
			return err
		}
	}
	f.Needs, err = h.needs(ctx, s, picked.Prerequisites)
	return err
}

// observeLanding reads what the source put on its base.
func (h *Handler) observeLanding(ctx context.Context, s *Snapshot) (err error) {
	f := &s.Pick
	if s.Subject.commit != "" {
		return h.observeCommit(ctx, s)
	}
	if f.Source, err = h.GitHub.FreshPullDetail(ctx, s.Key.Repo, s.source()); err != nil {
		return err
	}
	landing, err := h.GitHub.Merged(ctx, s.Key.Repo, f.Source)
	f.Commits, f.Unclear = landing.Commits, landing.Unclear
	return err
}

// madeByUs reports whether our App made a commit.
func (h *Handler) madeByUs(ctx context.Context, repo github.Repo, commit string) (bool, error) {
	_, ours, err := h.ownCommit(ctx, repo, commit)
	return ours, err
}

// maxNeeds is how many prerequisites are looked up on GitHub.
const maxNeeds = 6

// broughtBy is what GitHub's squash and merge put into a commit's first line.
var broughtBy = lazy.Regexp(`\(#([1-9][0-9]{0,8})\)$|^Merge pull request #([1-9][0-9]{0,8}) `)

// needs finds the pull requests of the prerequisites, and their picks.
func (h *Handler) needs(ctx context.Context, s *Snapshot, found []effect.Prerequisite) (all []need, err error) {
	for i, p := range found {
		n := need{Prerequisite: p}
		if m := broughtBy().FindStringSubmatch(strings.TrimSpace(p.Subject)); m != nil {
			n.PR, _ = strconv.Atoi(m[1] + m[2]) // at most nine digits
		}
		if n.PR != 0 && i < maxNeeds {
			list, err := h.GitHub.PullsFrom(ctx, s.Key.Repo, headOf(n.PR, s.Subject.name))
			if err != nil {
				return nil, err
			}
			n.Pick = pickPhrase(list)
			if len(list) == 0 {
				pr, err := h.GitHub.CachedPull(ctx, s.Key.Repo, n.PR)
				if err == nil && len(s.Settings.asking(s.Policy.Policy, pr.Labels, s.Subject.name)) > 0 {
					n.Pick = "a pick of it is asked for"
				} // what the message of a commit says need not be a pull request
			}
		}
		all = append(all, n)
	}
	return all, nil
}

func pickPhrase(list []github.PullDetail) string {
	switch {
	case len(list) == 0:
		return "nobody has asked for a pick of it"
	case list[0].Merged:
		return fmt.Sprintf("its pick #%d is merged", list[0].Number)
	case list[0].State == github.Open:
		return fmt.Sprintf("its pick #%d is open", list[0].Number)
	}
	return fmt.Sprintf("its pick #%d was closed", list[0].Number)
}

// change is what is to be picked.
func (s Snapshot) change() effect.Change {
	return effect.Change{
		Repo: s.Key.Repo, RepoID: s.PR.RepoID, Target: s.branch(), Commits: s.Pick.Commits,
		SignOff: s.Settings.SignOff, Note: conflictNote, Ask: s.Pick.Ask,
		Sign: s.Settings.SignCommits.signing(), LeaveOut: s.Settings.leaveOut(), Resolved: s.Pick.Resolved,
	}
}
