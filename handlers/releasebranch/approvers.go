package releasebranch

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Approvers is the owner's reader of facts.Approvers: a small pull request of ours is no
// cherry-pick, so it needs a release manager, or what a rule for automation says of
// our account.
func (h *Handler) Approvers(l *facts.Look, branch release.Branch) (string, error) {
	loaded, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil || loaded.Policy == nil || !loaded.Governs(branch) {
		return "", err
	}
	settings, err := facts.Section[Settings](l, Name)
	if err != nil {
		return "", err
	}
	bot, err := h.GitHub.BotID(l.Context(), l.Repo)
	if err != nil {
		return "", err
	}
	experts := settings.HandMade.ExpertsOver < 1
	for _, rule := range settings.Automation {
		if !slices.ContainsFunc(rule.Accounts, func(a Account) bool { return a.ID == bot }) {
			continue
		}
		if rule.Approval == Nobody && len(rule.Paths) == 0 {
			return "", nil
		}
		experts = rule.Approval == Experts
	}
	return approversPhrase(loaded.ManagerTeams(branch), experts), nil
}

// approversPhrase says who may approve.
func approversPhrase(managers []string, experts bool) string {
	switch {
	case experts:
		return "an expert of the file, by the check " + effect.Code(CheckName) + ","
	case len(managers) == 0:
		return "nobody, since the policy names no release managers of this branch (`release_managers`),"
	}
	names := make([]string, len(managers))
	for i, m := range managers {
		names[i] = effect.Code(m)
	}
	return "a member of " + strings.Join(names, " or ")
}
