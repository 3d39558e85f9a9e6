package help

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name.
const Name = "help"

// Help is the capability.
type Help struct {
	GitHub   GitHub
	Policies Policies
	Roles    reconcile.Roles
	Commands func() []command.Command // of all capabilities, this one included
}

// GitHub is what help reads of GitHub.
type GitHub interface {
	CachedPull(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	Branches(ctx context.Context, repo github.Repo, pattern string) ([]release.Branch, error)
}

// Policies is where the policy comes from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Capability is help as one of the program's capabilities: a command and
// nothing else.
func (h *Help) Capability() reconcile.Capability {
	return reconcile.Capability{
		Name:  Name,
		Keys:  func(github.Event) []reconcile.Key { return nil },
		After: func(command.Call) []reconcile.Key { return nil },
		Plan: func(_ context.Context, k reconcile.Key) (reconcile.Plan, error) {
			return reconcile.Plan{}, fmt.Errorf("work %s: help has no keys: %w", k, reconcile.ErrGone)
		},
		Commands: []command.Command{{
			Name:     "release help",
			Short:    "Lists the commands that you may use here.",
			Example:  []string{"/release help"},
			Allow:    command.Anyone,
			Question: true,
			Where:    "any issue or pull request",
			Answer:   "The commands that you may use there, with examples, who the release managers are, and which teams of theirs are missing.",
			Run:      h.run,
		}},
	}
}

// facts is what an answer rests on.
type facts struct {
	Policy   config.Loaded
	Base     release.Branch   // of the pull request; "" on an issue
	Manages  []release.Branch // of the branches looked at, those that the person manages
	LookedAt []release.Branch
	Missing  []missing
	Refused  *reconcile.RefusedError // what keeps Slipway from looking into teams; nil for nothing
}

// missing is a team of release managers that GitHub doesn't show.
type missing struct {
	Team     string
	Branches []release.Branch // for which the policy names it
}

// add notes what a look-up for a branch has found, also of somebody who holds the role
// by another team.
func (f *facts) add(b release.Branch, s reconcile.RoleDecision) {
	if s.Holds {
		f.Manages = append(f.Manages, b)
	}
	if f.Refused == nil {
		f.Refused = s.Refused
	}
	for _, team := range s.Missing {
		i := slices.IndexFunc(f.Missing, func(m missing) bool { return m.Team == team })
		if i < 0 {
			i, f.Missing = len(f.Missing), append(f.Missing, missing{Team: team})
		}
		f.Missing[i].Branches = append(f.Missing[i].Branches, b)
	}
}

// maxLookedAt is how many branches are looked at on an issue, the newest first:
// each may have a team of its own.
const maxLookedAt = 8

func (h *Help) run(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observe(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	return command.Outcome{Result: command.Told, Reply: text(f, h.Commands())}, nil
}

func (h *Help) observe(ctx context.Context, c command.Call) (f facts, err error) {
	if f.Policy, err = h.Policies.Policy(ctx, c.Repo); err != nil || f.Policy.Policy == nil {
		return f, err
	}
	if c.OnPR {
		pr, err := h.GitHub.CachedPull(ctx, c.Repo, c.Number)
		if err != nil && !errors.Is(err, reconcile.ErrGone) {
			return f, err
		}
		f.Base = pr.Base
	}
	if f.Base != "" {
		f.LookedAt = []release.Branch{f.Base}
	} else if f.LookedAt, err = h.newest(ctx, c.Repo, f.Policy.Policy); err != nil {
		return f, err
	}
	for _, b := range f.LookedAt {
		if !f.Policy.Governs(b) {
			continue
		}
		standing, err := h.Roles.Manages(ctx, c.Repo, b, c.Author)
		if err != nil {
			return f, err
		}
		f.add(b, standing)
	}
	return f, nil
}

// newest lists the governed branches that are there, by their numbers, the
// highest first.
func (h *Help) newest(ctx context.Context, repo github.Repo, policy *config.Policy) ([]release.Branch, error) {
	var all []release.Branch
	for _, p := range policy.Branches {
		there, err := h.GitHub.Branches(ctx, repo, p)
		if err != nil {
			return nil, err
		}
		all = append(all, there...)
	}
	slices.SortFunc(all, func(a, b release.Branch) int { return policy.Scheme().CompareBranches(b, a) })
	all = slices.Compact(all)
	return all[:min(len(all), maxLookedAt)], nil
}

func text(f facts, commands []command.Command) string {
	manages := len(f.Manages) > 0
	var b strings.Builder
	switch {
	case f.Policy.Policy == nil && f.Policy.Fault != nil:
		fmt.Fprintf(&b, "[The policy](%s) of this repository has faults, so it is unknown who may do what. You may use:\n\n", f.Policy.URL)
	case f.Policy.Policy == nil:
		b.WriteString("This repository has no policy, so Slipway does nothing in it. You may use:\n\n")
	case manages:
		fmt.Fprintf(&b, "You are a release manager of %s. Here you may use:\n\n", codes(f.Manages))
	case f.Base != "" && !f.Policy.Governs(f.Base):
		fmt.Fprintf(&b, "%s is not a governed branch. Here you may use:\n\n", effect.Code(string(f.Base)))
	default:
		b.WriteString("Here you may use:\n\n")
	}
	b.WriteString(command.Help(commands, func(r command.Role) bool {
		// Whether somebody may ask for picks depends on the branch; the answer to the
		// command says so.
		return r == command.Anyone || manages || r == command.Contributor && f.Policy.Policy != nil
	}))
	if !manages && f.Policy.Policy != nil {
		fmt.Fprintf(&b, "\nWho is a release manager says [the policy](%s): %s.\n", f.Policy.InForce(), managers(f))
	}
	b.WriteString(unseen(f))
	return b.String()
}

// unseen says what is wrong with the teams of release managers. Each check says what it is
// held by; this is the place that has all of it.
func unseen(f facts) string {
	var b strings.Builder
	if f.Refused != nil {
		fmt.Fprintf(&b, "\n**Who is in the teams of release managers can't be looked up.** %s.\n\n**Next step:** %s.\n", f.Refused.Cause(), f.Refused.Mend())
	}
	if len(f.Missing) == 0 {
		return b.String()
	}
	b.WriteString("\n**Missing teams of release managers.** The policy names them, and GitHub doesn't show them:\n\n")
	for _, m := range f.Missing {
		fmt.Fprintf(&b, "- %s, for %s\n", effect.Code(m.Team), codes(m.Branches))
	}
	b.WriteString("\nWhoever is in no other team of the policy can't freeze, thaw or exempt there, and the labels that they set don't count.\n\n" +
		"**Next step:** found the team, let the App see it, or name another one in the policy, under `release_managers`. A branch that is no longer released needs none.\n")
	return b.String()
}

// managers says who the release managers are: of the pull request's branch, or
// as the policy has it.
func managers(f facts) string {
	teams := f.Policy.Policy.ReleaseManagers
	if f.Base != "" && f.Policy.Governs(f.Base) {
		teams = f.Policy.ManagerTeams(f.Base)
	}
	if len(teams) == 0 {
		return "nobody, so far"
	}
	return effect.Members(teams)
}

func codes[T ~string](names []T) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = effect.Code(string(n))
	}
	return strings.Join(quoted, ", ")
}
