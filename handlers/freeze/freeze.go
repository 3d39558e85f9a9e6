package freeze

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	OwnIssues(ctx context.Context, repo github.Repo, label, state string, since time.Time) ([]github.Issue, error)
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
	return []string{"pull_request", "issues", "push", "check_run"}
}

// The ids of the freeze's keys: one pull request, the open pull requests of one
// branch, those of all governed branches.
const (
	pullPrefix   = "pr/"
	branchPrefix = "branch/"
	allBranches  = "branches"
)

func pullKey(repo github.Repo, number int) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: pullPrefix + strconv.Itoa(number)}
}

func allKey(repo github.Repo) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: allBranches}
}

// Keys implements reconcile.Handler.
func (h *Handler) Keys(e github.Event) []reconcile.Key {
	switch {
	case e.Repo == github.Repo{}:
		return nil
	case e.Kind == "pull_request" && e.PullRequest != nil && changesVerdict(e):
		return []reconcile.Key{pullKey(e.Repo, e.PullRequest.Number)}
	case e.Kind == "issues" && e.Issue != nil && looksLikeFreeze(*e.Issue):
		return []reconcile.Key{allKey(e.Repo)}
	case e.Kind == "push" && e.Push != nil && e.Push.TouchesPolicy:
		return []reconcile.Key{allKey(e.Repo)}
	case e.Kind == "check_run" && e.Action == "rerequested" && e.CheckName == CheckName:
		return rerequested(e)
	}
	return nil
}

// changesVerdict leaves out the many actions of a pull request (labels,
// assignees, reviews asked for) that a freeze doesn't depend on.
func changesVerdict(e github.Event) bool {
	switch e.Action {
	case "opened", "reopened", "synchronize", "ready_for_review":
		return true
	case "edited":
		return e.OldBase != ""
	}
	return false
}

// looksLikeFreeze is generous: a stray issue with a freeze label costs one
// look; Observe counts only what Slipway wrote. The label's name is policy,
// which this pure step doesn't know, but every freeze issue carries our mark,
// and one whose mark was taken out by hand still has its title.
func looksLikeFreeze(i github.Issue) bool {
	if strings.Contains(i.Body, "<!-- slipway:"+markKind+" ") || strings.HasPrefix(i.Title, titlePrefix) {
		return true
	}
	for _, label := range i.Labels {
		if strings.Contains(strings.ToLower(label), "freeze") {
			return true
		}
	}
	return false
}

// rerequested reads the pull request from the run's external id: for a fork's
// commit the payload's own list of pull requests is empty.
func rerequested(e github.Event) []reconcile.Key {
	number, err := strconv.Atoi(strings.TrimPrefix(e.ExternalID, pullPrefix))
	if err != nil || number <= 0 {
		return nil
	}
	return []reconcile.Key{pullKey(e.Repo, number)}
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
	return governedKeys(repo, loaded, open), nil
}

func governedKeys(repo github.Repo, loaded config.Loaded, open []github.PullRequest) []reconcile.Key {
	var keys []reconcile.Key
	for _, pr := range open {
		if loaded.Governs(pr.Base) {
			keys = append(keys, pullKey(repo, pr.Number))
		}
	}
	return keys
}

// After implements reconcile.Commander.
func (h *Handler) After(c command.Call) []reconcile.Key {
	branches, err := branchArgument(c)
	if err != nil {
		return nil
	}
	return []reconcile.Key{{Handler: Name, Repo: c.Repo, ID: branchPrefix + string(branches[0])}}
}
