package releasebranch

import (
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Approvers is the owner's reader of facts.Approvers: a small pull request of ours is no
// cherry-pick, so it needs what the policy's `proposals` says, which gets it past all checks; else a release manager, or what a rule for
// automation says of our account.
func (h *Handler) Approvers(l *facts.Look, branch release.Branch) (none facts.Approval, err error) {
	loaded, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil || loaded.Policy == nil || !loaded.Governs(branch) || loaded.Policy.Proposals == config.PassingProposals {
		return none, err
	}
	settings, err := facts.Section[Settings](l, Name)
	if err != nil {
		return none, err
	}
	judged, err := concerns(l, branch)
	if err != nil || !judged || settings.On(branch) != config.Enforce {
		if waits, err := h.waitsElsewhere(l, branch, loaded.Policy); err != nil || !waits {
			return none, err
		}
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil {
		return none, err
	}
	experts, nobody := settings.HandMade.ExpertsOver < 1, false
	for _, rule := range settings.Automation {
		if !slices.ContainsFunc(rule.Accounts, func(a Account) bool { return a.ID == bot }) {
			continue
		}
		nobody = nobody || rule.Approval == Nobody && len(rule.Paths) == 0
		experts = rule.Approval == Experts
	}
	if nobody {
		if waits, err := h.waitsElsewhere(l, branch, loaded.Policy); err != nil || !waits {
			return none, err
		}
	}
	managers := loaded.ManagerTeams(branch)
	if loaded.Policy.Proposals == config.ApprovedProposals {
		return facts.Approval{Who: approversPhrase(managers, experts && len(managers) == 0), Other: len(managers) > 0}, nil
	}
	return facts.Approval{Who: approversPhrase(managers, experts)}, nil
}

// waitsElsewhere reports whether something else holds a proposal back until it is approved: a freeze, or
// another check that would hold back anybody's. Where proposals are ordinary, an approval gets it past none of these checks.
func (h *Handler) waitsElsewhere(l *facts.Look, branch release.Branch, p *config.Policy) (bool, error) {
	if held, err := facts.Held.Of(l, branch); err != nil || held != "" {
		return err == nil, err
	}
	if p.Proposals != config.ApprovedProposals {
		return false, nil
	}
	others, err := h.Others(l, branch)
	return len(others) > 0, err
}

// approversPhrase says who may approve.
func approversPhrase(managers []string, experts bool) string {
	switch {
	case experts:
		return "an expert of the file, by the check " + effect.Code(CheckName) + ","
	case len(managers) == 0:
		return "nobody, since the policy names no release managers of this branch (`release_managers`),"
	}
	return effect.Member(managers)
}
