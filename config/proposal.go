package config

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Proposal is what a text would be as the policy of a repository.
type Proposal struct {
	Loaded            // its Fault is of the text, or of what the text refers to
	Refers *Reference // the policy itself stands there
	// Elsewhere says that the fault is of what the text refers to, so its lines
	// are not the text's.
	Elsewhere bool

	at place // of the reference
}

// Proposed reads a policy file that isn't in force, such as a pull request's. A
// reference is followed on behalf of repo, as if the file were.
func (p *Policies) Proposed(ctx context.Context, repo github.Repo, f github.File) (Proposal, error) {
	r, err := p.resolve(ctx, repo, f)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposed policy of %s: %w", repo, err)
	}
	r.loaded.Repo = f.Repo
	return Proposal{Loaded: r.loaded, Refers: r.refers, Elsewhere: r.elsewhere, at: r.at}, nil
}

// Here makes a fault of one in another file: it stands at the reference to it.
func (p Proposal) Here(message string) Fault {
	return faultAt(p.at, "%s: %s", extendsKey, message)
}
