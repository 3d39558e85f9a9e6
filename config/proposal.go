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
	// Unlisted is what it names and the settings of the deployment don't let it. It would be in
	// force all the same.
	Unlisted Faults

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
	proposed := Proposal{Loaded: r.loaded, Refers: r.refers, Elsewhere: r.elsewhere, at: r.at}
	if r.loaded.Policy != nil && r.loaded.Fault == nil {
		proposed.Unlisted = p.unlisted(proposed)
	}
	return proposed, nil
}

// unlisted finds what a policy names and the deployment doesn't let it.
func (p *Policies) unlisted(proposed Proposal) (faults Faults) {
	policy := proposed.Policy
	d := &decoder{places: policy.places}
	for _, s := range p.sections {
		if v, ok := policy.sections[s.Name].(DeployedValidator); ok {
			d.complain(v.ValidateDeployed(p.Deployed), s.Name, place{line: 1, column: 1})
		}
	}
	for _, f := range d.faults {
		if proposed.Refers != nil { // its lines are another file's
			f = proposed.Here(f.Message)
		}
		faults = append(faults, f)
	}
	return faults
}

// Here makes a fault of one in another file: it stands at the reference to it.
func (p Proposal) Here(message string) Fault {
	return faultAt(p.at, "%s: %s", extendsKey, message)
}
