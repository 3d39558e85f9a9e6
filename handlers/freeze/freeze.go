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
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the capability's name: its section of the policy and its keys.
const Name = "freeze"

// CheckName is the name of the check run.
const CheckName = "slipway/freeze"

// Settings is the policy's section `freeze`.
type Settings struct {
	// Label marks the issue that is a freeze. Only issues written by Slipway
	// itself count, whoever else uses the label.
	Label string `yaml:"label"`
}

// maxLabel is the longest name that GitHub takes for a label.
const maxLabel = 50

// Validate implements the contract of config.Section.
func (s Settings) Validate() error {
	if len([]rune(s.Label)) > maxLabel {
		return fmt.Errorf("label: at most %d characters", maxLabel)
	}
	if strings.Contains(s.Label, ",") {
		return errors.New("label: no comma, GitHub would take it for two labels")
	}
	return nil
}

// label is the label in force.
func (s Settings) label() string {
	if s.Label == "" {
		return "code-freeze"
	}
	return s.Label
}

// Handler is the capability.
type Handler struct {
	GitHub    GitHub
	Policies  Policies
	Sightings Sightings
	Sealer    effect.Sealer
	Now       func() time.Time
}

// GitHub is what the freeze reads of GitHub.
type GitHub interface {
	PullRequest(ctx context.Context, repo github.Repo, number int) (github.PullRequest, error)
	OpenPullRequests(ctx context.Context, repo github.Repo, base release.Branch) ([]github.PullRequest, error)
	OwnIssues(ctx context.Context, repo github.Repo, closedSince time.Time) ([]github.Issue, error)
	BranchExists(ctx context.Context, repo github.Repo, branch release.Branch) (bool, error)
}

// Policies is where the policy comes from.
type Policies interface {
	Policy(ctx context.Context, repo github.Repo) (config.Loaded, error)
}

// Sightings is what signed payloads last said of a pull request.
type Sightings interface {
	Sighting(ctx context.Context, repo github.Repo, number int) (github.Sighting, bool, error)
}

// Name implements reconcile.Handler.
func (h *Handler) Name() string { return Name }

// Events implements reconcile.Handler.
func (h *Handler) Events() []string {
	return []string{"pull_request", "issues", "push", "check_run", "check_suite"}
}

// All implements reconcile.Resyncer: every open pull request of a governed branch.
func (h *Handler) All(ctx context.Context, repo github.Repo) ([]reconcile.Key, error) {
	loaded, err := h.Policies.Policy(ctx, repo)
	if err != nil || loaded.Policy == nil && loaded.Fault == nil {
		return nil, err
	}
	open, err := h.GitHub.OpenPullRequests(ctx, repo, "")
	if err != nil {
		return nil, err
	}
	return governedKeys(repo, changed, loaded, open), nil
}

func governedKeys(repo github.Repo, why string, loaded config.Loaded, open []github.PullRequest) []reconcile.Key {
	var keys []reconcile.Key
	for _, pr := range open {
		if loaded.Governs(pr.Base) {
			keys = append(keys, pullKey(repo, why, pr.Number))
		}
	}
	return keys
}

// After implements reconcile.Commander.
func (h *Handler) After(c command.Call) []reconcile.Key {
	if _, err := branchArgument(c); err != nil {
		return nil
	}
	// All of them: a record that was altered, and is written anew, held back every branch.
	return []reconcile.Key{key(c.Repo, allBranches)}
}
