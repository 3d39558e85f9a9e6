package freeze

import (
	"context"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// Verdicts says what the check would say of pull requests if a policy were in
// force, by their numbers; those that it doesn't govern are left out. It is how
// a change of the policy is shown beforehand.
//
// Who may set an exempting label is still asked of the policy in force. A window
// that has begun counts as frozen although its issue isn't open yet.
func (h *Handler) Verdicts(ctx context.Context, repo github.Repo, policy config.Loaded, prs []github.PullRequest) (map[int]effect.Verdict, error) {
	verdicts := map[int]effect.Verdict{}
	if !policy.Exists() {
		return verdicts, nil
	}
	s := Snapshot{Key: key(repo, theFreezes), Now: h.Now(), Policy: policy}
	if policy.Policy != nil {
		var err error
		if s.Settings, err = config.Section[Settings](policy.Policy, Name); err != nil {
			return nil, err
		}
		if err = h.observeFreezes(ctx, &s); err != nil {
			return nil, err
		}
	}
	judged, err := h.survey(ctx, s, prs)
	if err != nil {
		return nil, err
	}
	for _, one := range judged {
		verdicts[one.PR.Number] = one.Verdict
	}
	return verdicts, nil
}
