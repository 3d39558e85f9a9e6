package cherrypick

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds /cherry-pick COMMIT BRANCH.

// commitWord is the commit that a command names before its branches, "" for none. A release
// branch could be called so only where the policy governs everything.
func commitWord(c command.Call) string {
	plain := plainWords(c)
	if len(plain) == 0 {
		return ""
	}
	word := strings.ToLower(plain[0])
	if !commitID().MatchString(word) {
		return ""
	}
	return word
}

// commitCall is what a call about a commit is decided on.
type commitCall struct {
	callFacts
	Commit  string             // its id
	On      release.Branch     // where it is
	Why     string             // it can't be picked, as a sentence; "" if it can
	Bringer *github.PullDetail // the pull request that it came with, if any
	Whole   bool               // and nothing else came with that
}

// maxOn is how many branches are looked at for a commit.
const maxOn = 30

// observeCommitCall reads what a call about a commit needs.
func (h *Handler) observeCommitCall(ctx context.Context, c command.Call) (f commitCall, err error) {
	f.Call = c
	f.Snapshot = Snapshot{Key: key(c.Repo, numbered(kindAsked, c.Number)), Now: h.Now()}
	if i := slices.IndexFunc(words(c), func(w string) bool { return optionOf(w) != "" }); i >= 0 {
		return f, command.Misused("%s is for pull requests: a commit is picked as it is, or not", effect.Code(effect.Cut(words(c)[i], 80)))
	}
	if len(branchWords(c)) == 0 {
		return f, command.Misused("onto which branch? None is named after the commit")
	}
	if f.Policy, f.Settings, err = h.policy(ctx, c.Repo); err != nil || f.Policy.Policy == nil {
		return f, err
	}
	word := commitWord(c)
	l := facts.NewLook(ctx, h.From, c.Repo, f.Now)
	if f.Commit, err = h.GitHub.FullID(ctx, c.Repo, word); err != nil {
		return f, err
	}
	if f.Commit == "" {
		f.Why = unknownCommit(word)
		return f, nil
	}
	if f.On, err = h.branchOfCommit(l, f); err != nil {
		return f, err
	}
	if f.On == "" {
		f.Why = commitNowhere(f.Commit, f.Policy)
		return f, nil
	}
	if err := h.observeBringer(ctx, &f); err != nil || f.Bringer != nil {
		return f, err
	}
	id, err := h.GitHub.RepoID(ctx, c.Repo)
	if err != nil {
		return f, err
	}
	for _, name := range understood(f.Policy.Policy, c) {
		s := f.Snapshot
		s.Subject = subject{c.Number, name, abbreviated(f.Commit)}
		s.PR = &github.PullRequest{RepoID: id, Number: c.Number, State: github.Closed, Merged: true, Base: f.On}
		one, err := h.observeNamedCommit(l, s, c.Author)
		if err != nil {
			return f, err
		}
		f.Named = append(f.Named, one)
	}
	return f, nil
}

// observeNamedCommit is observeNamed for a commit.
func (h *Handler) observeNamedCommit(l *facts.Look, s Snapshot, by github.User) (one namedBranch, err error) {
	one = namedBranch{Name: s.Subject.name}
	if err := readForward(l, &s); err != nil {
		return one, err
	}
	if one.Why = s.impossible(); one.Why != "" {
		return one, nil
	}
	if one.Why, err = h.mayNotPick(l.Context(), s, by); err != nil || one.Why != "" {
		return one, err
	}
	base := s.PR.Base
	if err := h.readCommitPart(l.Context(), &s); err != nil {
		return one, err
	}
	s.PR.Base = base
	s.Pick.Labelled = s.Pick.Record.Asked != ""
	err = h.observePulls(l, &s)
	one.Pick = s.Pick
	return one, err
}

// branchOfCommit finds a branch that a commit is on, the source branch first; "" if it is on
// none that the policy knows. It is enough that the branch holds it: the check of the pick is stricter,
// and says so, of what came with something larger. GitHub also knows the commits of forks and of
// pull requests, and nobody has let those in.
func (h *Handler) branchOfCommit(l *facts.Look, f commitCall) (release.Branch, error) {
	source, err := facts.SourceBranch.Of(l, facts.Whole{})
	if err != nil {
		return "", err
	}
	var governed []release.Branch
	on := func(b release.Branch) (bool, error) {
		if tip, err := facts.Tip.Of(l, b); err != nil || tip == "" {
			return false, err
		}
		at, err := facts.Compared.Of(l, facts.At{Branch: b, Commit: f.Commit})
		return at.MergeBase == f.Commit, err
	}
	if is, err := on(source); err != nil || is {
		return source, err
	}
	for _, pattern := range f.Policy.Policy.Branches {
		list, err := h.GitHub.Branches(l.Context(), l.Repo, pattern)
		if err != nil {
			return "", err
		}
		governed = append(governed, list...)
	}
	slices.SortFunc(governed, func(a, b release.Branch) int { return f.Policy.Scheme().CompareBranches(b, a) })
	governed = slices.DeleteFunc(slices.Compact(governed), func(b release.Branch) bool { return b == source })
	for _, b := range governed[:min(len(governed), maxOn)] {
		if is, err := on(b); err != nil || is {
			return b, err
		}
	}
	return "", nil
}

// observeBringer finds the pull request that a commit came with.
func (h *Handler) observeBringer(ctx context.Context, f *commitCall) error {
	pr, found, err := h.GitHub.MergedWith(ctx, f.Call.Repo, f.On, f.Commit)
	if err != nil || !found {
		return err
	}
	f.Bringer = &pr
	landing, err := h.GitHub.Merged(ctx, f.Call.Repo, pr)
	f.Whole = len(landing.Commits) == 1 && landing.Commits[0] == f.Commit
	return err
}

func (h *Handler) runPickCommit(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeCommitCall(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	if out, refused := refuseCommit(f); refused {
		return out, nil
	}
	if f.Bringer == nil {
		return decidePickCommit(f), nil
	}
	out, err := h.throughPull(ctx, f, decidePickCall)
	return out, err
}

// throughPull answers a call about a commit by what the same call on its pull request comes to.
func (h *Handler) throughPull(ctx context.Context, f commitCall, decide func(callFacts) command.Outcome) (command.Outcome, error) {
	c := f.Call
	c.Number, c.OnPR, c.Args = f.Bringer.Number, true, c.Args[1:]
	there, err := h.observeCall(ctx, c)
	var misuse *command.Misuse
	if err != nil && !errors.As(err, &misuse) {
		err = fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	if err != nil {
		return command.Outcome{}, err
	}
	there.AskedOn = f.Call.Number
	out := decide(there)
	out.Reply = cameWith(f) + "\n\n" + out.Reply
	return out, nil
}

func (h *Handler) runCancelCommit(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeCommitCall(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	if out, refused := refuseCommit(f); refused {
		return out, nil
	}
	if f.Bringer == nil {
		return decideCancelCommit(f), nil
	}
	return h.throughPull(ctx, f, decideCancel)
}

// refuseCommit answers the calls about commits that nothing can be done with.
func refuseCommit(f commitCall) (command.Outcome, bool) {
	switch {
	case f.Policy.Policy == nil:
		return command.Outcome{Result: command.Invalid, Reply: faultyPolicy(f.Policy)}, true
	case f.Why != "":
		return command.Outcome{Result: command.Invalid, Reply: f.Why}, true
	case f.Bringer != nil && !f.Whole:
		return command.Outcome{Result: command.Invalid, Reply: partOfPull(f)}, true
	}
	return command.Outcome{}, false
}

// decidePickCommit records each request; the rest is the work of the picks' own keys.
func decidePickCommit(f commitCall) command.Outcome {
	out := command.Outcome{Result: command.Done}
	there := f.callFacts
	there.PR = &github.PullRequest{Merged: true}
	var lines []string
	for _, n := range f.Named {
		if n.Why == "" {
			out.Effects = append(out.Effects, f.requested(n)...)
		}
		lines = append(lines, "- "+effect.Code(effect.Cut(n.Name, 80))+": "+pickReply(there, n))
	}
	head := fmt.Sprintf("What comes of the cherry-pick of %s is said in the status comment here:", abbreviated(f.Commit))
	if !slices.ContainsFunc(f.Named, func(n namedBranch) bool { return n.Why == "" }) {
		out.Result, head = command.Invalid, replyHead(f.callFacts, false)
	}
	out.Reply = head + "\n\n" + strings.Join(lines, "\n")
	return out
}

// at is the snapshot of one branch that the call names.
func (f commitCall) at(n namedBranch) Snapshot {
	s := f.Snapshot
	s.Subject, s.Pick = subject{f.Call.Number, n.Name, abbreviated(f.Commit)}, n.Pick
	s.PR = &github.PullRequest{RepoID: f.Call.RepoID, Number: f.Call.Number, Merged: true}
	return s
}

// requested is what the call writes about one branch.
func (f commitCall) requested(n namedBranch) []effect.Effect {
	c := f.Call
	s := f.at(n)
	if s.Pick.Record.Asked == c.Asked() { // an earlier try of this call
		return nil
	}
	s.Pick.By = c.Author
	return s.say(Waiting, pickingText(s), func(r *Record) {
		r.By, r.ByID, r.At, r.Asked = c.Author.Login, c.Author.ID, c.At.UTC(), c.Asked()
		r.Commit, r.Base = f.Commit, string(f.On)
	}).Effects
}

// decideCancelCommit takes the requests back.
func decideCancelCommit(f commitCall) command.Outcome {
	out := command.Outcome{Result: command.NoOp}
	var lines []string
	for _, n := range f.Named {
		s := f.at(n)
		line := "nobody has asked for that."
		switch {
		case n.Pick.Labelled:
			out.Result, line = command.Done, cancelReply(n)
			r := n.Pick.Record
			out.Effects = append(out.Effects, s.say(Withdrawn, withdrawnText(), func(now *Record) {
				*now = Record{Commit: r.Commit, Base: r.Base, PR: r.PR, Issue: r.Issue, Extras: r.Extras, Checked: r.Checked, Lacks: r.Lacks}
			}).Effects...)
		case n.Why != "":
			line = impossibleText(n.Why)
		case n.Pick.Part != "":
			line = withdrawnText()
		}
		lines = append(lines, "- "+effect.Code(effect.Cut(n.Name, 80))+": "+line)
	}
	out.Reply = strings.Join(lines, "\n")
	return out
}

// observeAsked names the picks of commits that were asked for on an issue or a pull request.
func (h *Handler) observeAsked(ctx context.Context, repo github.Repo, number int) (s spread, err error) {
	loaded, _, err := h.policy(ctx, repo)
	if s.Why = none(loaded); err != nil || s.Why != "" {
		return s, err
	}
	id, err := h.GitHub.RepoID(ctx, repo)
	if err != nil {
		return s, err
	}
	parts, err := h.GitHub.Sections(ctx, repo, number, commitsMark(number))
	if err != nil {
		return s, err
	}
	for _, part := range parts {
		r := h.Sealer.Unseal(effect.Place{Repo: id, Number: number}, part)
		commit, branch, is := strings.Cut(r.Mark.ID, "..")
		if is && r.Authenticity == effect.Bound && r.Mark.Kind == partMark("").Kind {
			s.Keys = append(s.Keys, subject{number, branch, commit}.key(repo))
		}
	}
	s.Why = fmt.Sprintf("%d picks of commits were asked for here", len(s.Keys))
	return s, nil
}
