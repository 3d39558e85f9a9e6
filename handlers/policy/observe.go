package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// proposal is a commit that may change the policy file.
type proposal struct {
	Repo    github.Repo
	Policy  config.Loaded       // in force
	PR      *github.PullRequest // whose head it is; nil for the newest commit of a branch
	Commit  string
	Touches bool        // it changes the policy file
	File    github.File // the policy file at the commit; not Found: it is deleted there
	// Proposed is the policy that the file makes, or that is in force without it.
	Proposed config.Proposal
	Teams    teams
	Change   change
}

// holds reports whether the repository has the file by which it is governed.
func (s proposal) holds() bool { return same(s.Policy.Repo, s.Repo) }

// pullFacts is what is to be known of a pull request.
type pullFacts struct {
	proposal
	Why     string
	Default release.Branch // "" while it doesn't matter
	// Sighted is the branch that was last seen of the pull request; it can only
	// end the matter early.
	Sighted release.Branch
	// Fork says that its commits come from a fork: nobody tells of pushes there, so that a first
	// policy is only found here.
	Fork bool
}

// elsewhere reports whether no policy of this repository can come of the pull request, or its
// branch is looked at instead.
func (s pullFacts) elsewhere() bool { return !s.holds() && s.Why != rerun && !s.Fork }

// observePull reads no further than the facts at hand can still matter: where the
// policy stands elsewhere, a pull request costs no request but for its files if it is from a fork.
func (h *Handler) observePull(ctx context.Context, repo github.Repo, number int, why string) (s pullFacts, err error) {
	s.Repo, s.Why = repo, why
	if s.Policy, err = h.Policies.Policy(ctx, repo); err != nil {
		return s, err
	}
	snapshot, ok, err := h.Snapshots.PullSnapshot(ctx, repo, number)
	if err != nil {
		return s, err
	}
	s.Fork = ok && snapshot.HeadRepo != (github.Repo{}) && !same(snapshot.HeadRepo, repo)
	if s.elsewhere() {
		return s, nil
	}
	if s.Default, err = h.GitHub.DefaultBranch(ctx, repo); err != nil {
		return s, err
	}
	if ok && why == changed && snapshot.Base != s.Default {
		s.Sighted = snapshot.Base
		return s, nil
	}
	pr, err := h.GitHub.CachedPull(ctx, repo, number)
	if err != nil {
		return s, err
	}
	s.PR, s.Commit = &pr, pr.Head
	if pr.State != github.Open || pr.Base != s.Default {
		return s, nil
	}
	if s.Touches, err = h.observeFile(ctx, &s.proposal); err != nil || !s.Touches || !s.File.Found && !s.holds() {
		return s, err
	}
	return s, h.observeProposal(ctx, &s.proposal)
}

// observeFile reads whether a pull request changes the policy file, and to what.
func (h *Handler) observeFile(ctx context.Context, s *proposal) (touches bool, err error) {
	files, err := h.GitHub.Files(ctx, s.Repo, s.PR.Number, s.PR.Head)
	touches = slices.Contains(files.Paths, github.PolicyPath)
	if err != nil || !touches && files.Complete {
		return false, err
	}
	if s.File, err = h.GitHub.FileAt(ctx, s.Repo, s.PR.Head, github.PolicyPath); err != nil || touches {
		return touches, err
	}
	// Of so many files GitHub doesn't show all.
	merged, err := h.GitHub.FileAt(ctx, s.Repo, string(s.PR.Base), github.PolicyPath)
	return merged.Found != s.File.Found || merged.Size != s.File.Size || merged.Text != s.File.Text, err
}

// branchFacts is what is to be known of the branch of a repository that has no policy
// file of its own yet; in any other its pull requests are looked at.
type branchFacts struct {
	proposal
	Why    string
	Branch release.Branch
}

func (h *Handler) observeBranch(ctx context.Context, repo github.Repo, b release.Branch, why string) (s branchFacts, err error) {
	s.Repo, s.Branch, s.Why = repo, b, why
	if s.Policy, err = h.Policies.Policy(ctx, repo); err != nil || s.holds() || s.Policy.Policy != nil && s.Policy.Governs(b) {
		return s, err
	}
	if s.Commit, err = h.GitHub.BranchHead(ctx, repo, b); err != nil || s.Commit == "" {
		return s, err
	}
	if s.File, err = h.GitHub.FileAt(ctx, repo, s.Commit, github.PolicyPath); err != nil || !s.File.Found {
		return s, err
	}
	s.Touches = true
	return s, h.observeProposal(ctx, &s.proposal)
}

// spread are the pull requests that a change of the policy in force, or somebody who
// asks again about a commit, leads to.
type spread struct {
	Why  string
	Keys []reconcile.Key
}

func (s spread) plan() reconcile.Plan { return reconcile.Plan{Reason: s.Why, Enqueue: s.Keys} }

func (h *Handler) observeSpread(ctx context.Context, repo github.Repo, commit string) (s spread, err error) {
	policy, err := h.Policies.Policy(ctx, repo)
	if err != nil || !same(policy.Repo, repo) {
		return spread{Why: elsewhere(policy)}, err
	}
	base, err := h.GitHub.DefaultBranch(ctx, repo)
	if err != nil {
		return s, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, base)
	why, about := changed, "that could change the policy file"
	if commit != "" {
		why, about = rerun, "with the head "+effect.Short(commit)
	}
	for _, pr := range open {
		if commit == "" || pr.Head == commit {
			s.Keys = append(s.Keys, pullKey(repo, why, pr.Number))
		}
	}
	s.Why = fmt.Sprintf("%d open pull requests %s to look at again", len(s.Keys), about)
	return s, err
}

func (h *Handler) observeProposal(ctx context.Context, s *proposal) (err error) {
	if !s.File.Found {
		s.Proposed.Loaded, err = h.without(ctx, s.Repo)
	} else {
		s.Proposed, err = h.Policies.Proposed(ctx, s.Repo, s.File)
		if err == nil && s.Proposed.Fault != nil {
			return nil
		}
	}
	if err != nil {
		return err
	}
	repos, err := h.governedRepos(ctx, s)
	if err != nil {
		return err
	}
	if s.File.Found {
		if s.Teams, err = h.observeTeams(ctx, s, repos); err != nil {
			return err
		}
	}
	return h.observeChange(ctx, s, repos)
}

// without is the policy of a repository that has none of its own: its owner's,
// if there is one.
func (h *Handler) without(ctx context.Context, repo github.Repo) (config.Loaded, error) {
	owners := github.Repo{Owner: repo.Owner, Name: github.PolicyRepo}
	if same(owners, repo) {
		return config.Loaded{}, nil
	}
	loaded, err := h.Policies.Policy(ctx, owners)
	if errors.Is(err, reconcile.ErrGone) {
		return config.Loaded{}, nil // there is no such repository, or not for us
	}
	return loaded, err
}
