package freeze

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return []command.Command{
		{
			Name: "release freeze", Args: "<branch> [reason]",
			Short:    "Freezes a branch: no pull request against it may merge until it is thawed.",
			Example:  []string{"/release freeze release-1.30 waiting for the fix of CVE-2026-1234"},
			Allow:    command.ReleaseManager,
			Branches: branchArgument,
			Run:      h.run(decideFreeze),
		},
		{
			Name: "release thaw", Args: "<branch>",
			Short:    "Ends the freeze of a branch.",
			Example:  []string{"/release thaw release-1.30"},
			Allow:    command.ReleaseManager,
			Branches: branchArgument,
			Run:      h.run(decideThaw),
		},
	}
}

// branchArgument reads the branch that both commands begin with.
func branchArgument(c command.Call) ([]release.Branch, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("which branch? None is named")
	}
	b, err := release.ParseBranch(c.Args[0])
	if err != nil {
		return nil, fmt.Errorf("%s is not a branch name: %w", effect.Code(effect.Cut(c.Args[0], 80)), err)
	}
	return []release.Branch{b}, nil
}

// callFacts is what a call is decided on.
type callFacts struct {
	Call   command.Call
	Now    time.Time
	Policy config.Loaded
	Labels []string // of a freeze issue
	Branch release.Branch
	Exists bool
	Open   []Freeze
	Ended  []Freeze // closed since the call was made
}

// run makes the three steps of a command: read, decide, and leave the acting
// to the engine.
func (h *Handler) run(decide func(callFacts) (command.Outcome, error)) func(context.Context, command.Call) (command.Outcome, error) {
	return func(ctx context.Context, c command.Call) (command.Outcome, error) {
		f, err := h.observeCall(ctx, c)
		if err != nil {
			return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
		}
		return decide(f)
	}
}

func (h *Handler) observeCall(ctx context.Context, c command.Call) (callFacts, error) {
	f := callFacts{Call: c, Now: h.Now()}
	branches, err := branchArgument(c)
	if err != nil {
		return f, err
	}
	f.Branch = branches[0]
	if f.Policy, err = h.Policies.Policy(ctx, c.Repo); err != nil || f.Policy.Policy == nil {
		return f, err
	}
	settings, err := config.Section[Settings](f.Policy.Policy, Name)
	if err != nil {
		return f, err
	}
	f.Labels = []string{settings.label()}
	if !f.Policy.Governs(f.Branch) {
		return f, nil
	}
	if f.Exists, err = h.GitHub.BranchExists(ctx, c.Repo, f.Branch); err != nil {
		return f, err
	}
	// One list of both: those open, and those that this very call may have
	// closed before the program was stopped.
	all, err := h.GitHub.OwnIssues(ctx, c.Repo, c.At.UTC().Truncate(24*time.Hour))
	if err != nil {
		return f, err
	}
	var open, ended []github.Issue
	for _, i := range all {
		if i.State == github.Open {
			open = append(open, i)
		} else if !i.UpdatedAt.Before(c.At.Truncate(time.Second)) {
			ended = append(ended, i)
		}
	}
	f.Open = readAll(h.Sealer, c.RepoID, open)
	if len(f.ofBranch(f.Open)) == 0 {
		f.Ended = readAll(h.Sealer, c.RepoID, ended)
	}
	return f, nil
}

// ofBranch picks the freezes that a call about the branch is about: also an
// altered one that claims the branch, or that claims nothing readable.
func (f callFacts) ofBranch(freezes []Freeze) []Freeze {
	var mine []Freeze
	for _, one := range freezes {
		unreadable := one.Altered && (one.Branch == "" || !f.Policy.Governs(one.Branch))
		if one.Branch == f.Branch || unreadable {
			mine = append(mine, one)
		}
	}
	return mine
}

// refuse answers the calls that neither command can do anything with.
func refuse(f callFacts) (command.Outcome, bool) {
	switch {
	case f.Policy.Policy == nil:
		return command.Outcome{Result: command.Invalid, Reply: noPolicy(f.Policy)}, true
	case !f.Policy.Governs(f.Branch):
		return command.Outcome{Result: command.Invalid, Reply: notGoverned(f)}, true
	}
	return command.Outcome{}, false
}

func decideFreeze(f callFacts) (command.Outcome, error) {
	if out, refused := refuse(f); refused {
		return out, nil
	}
	if !f.Exists {
		return command.Outcome{Result: command.Invalid, Reply: noSuchBranch(f)}, nil
	}
	reason := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(f.Call.Rest), f.Call.Args[0]))
	r := Record{
		Branch: f.Branch, By: f.Call.Author.Login, ByID: f.Call.Author.ID, Since: f.Call.At.UTC(),
		Opened: f.Now.UTC(), Reason: effect.Cut(reason, maxReason), Asked: f.Call.Asked(),
	}
	number := 0
	for _, have := range f.ofBranch(f.Open) {
		if !have.Altered && have.Asked != f.Call.Asked() {
			return command.Outcome{Result: command.NoOp, Reply: alreadyFrozen(have)}, nil
		}
		number = have.Issue // altered: written anew
		if !have.Altered {
			r = have.Record // our own, of an earlier try
		}
	}
	for _, ended := range f.Ended {
		if !ended.Altered && ended.Asked == f.Call.Asked() {
			// This call did its work in an earlier try, and somebody thawed since.
			return command.Outcome{Result: command.Done, Reply: frozenReply(ended.Record)}, nil
		}
	}
	issue, err := r.issue(f.Call, number, f.Labels)
	if err != nil {
		return command.Outcome{}, err
	}
	return command.Outcome{Result: command.Done, Reply: frozenReply(r), Effects: []effect.Effect{issue}}, nil
}

func decideThaw(f callFacts) (command.Outcome, error) {
	if out, refused := refuse(f); refused {
		return out, nil
	}
	end := &Thaw{By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.Call.At.UTC(), Asked: f.Call.Asked()}
	out := command.Outcome{Result: command.Done}
	var ended []Record
	for _, have := range f.ofBranch(f.Open) {
		r := have.Record
		if have.Altered {
			r = Record{Branch: f.Branch, Opened: f.Now.UTC(), Asked: f.Call.Asked()}
		}
		r.Thaw = end
		issue, err := r.issue(f.Call, have.Issue, f.Labels)
		if err != nil {
			return command.Outcome{}, err
		}
		out.Effects, ended = append(out.Effects, issue), append(ended, r)
	}
	for _, have := range f.Ended {
		if !have.Altered && have.Thaw != nil && have.Thaw.Asked == f.Call.Asked() {
			ended = append(ended, have.Record) // done in an earlier try
		}
	}
	if len(ended) == 0 {
		return command.Outcome{Result: command.NoOp, Reply: notFrozen(f)}, nil
	}
	out.Reply = thawedReply(ended[0])
	return out, nil
}
