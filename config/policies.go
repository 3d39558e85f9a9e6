package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Loaded is a repository's policy as it stands now: a policy, a fault, or
// neither when there is no policy at all. A broken policy is a fact that gates
// report, not an error.
type Loaded struct {
	Policy *Policy // nil when there is none or it has faults
	Fault  error   // what is wrong with the text
	URL    string  // of the file, for people
}

// Governs reports whether a branch is governed. Under a broken policy every
// branch is: nobody knows which were meant, and gates fail closed.
func (l Loaded) Governs(b release.Branch) bool { return l.Fault != nil || l.Policy.Governs(b) }

// ManagerTeams is Policy.ManagerTeams; without a policy there are none.
func (l Loaded) ManagerTeams(b release.Branch) []string { return l.Policy.ManagerTeams(b) }

// Source finds the policy file that governs a repository; one that is not
// Found means none.
type Source interface {
	PolicyFile(ctx context.Context, repo github.Repo) (github.File, error)
}

// Policies reads policies and remembers each text as parsed.
type Policies struct {
	source   Source
	sections []SectionType

	mu     sync.Mutex
	parsed map[[sha256.Size]byte]Loaded
}

// maxParsed bounds how many texts are remembered; beyond it all are forgotten.
const maxParsed = 512

// NewPolicies makes a Policies with the sections that handlers declare.
func NewPolicies(source Source, sections ...SectionType) *Policies {
	return &Policies{source: source, sections: sections, parsed: map[[sha256.Size]byte]Loaded{}}
}

// Policy returns the policy of a repository. An error means that it could not
// be looked up; what is wrong with its text is Loaded.Fault.
func (p *Policies) Policy(ctx context.Context, repo github.Repo) (Loaded, error) {
	f, err := p.source.PolicyFile(ctx, repo)
	if err != nil || !f.Found {
		return Loaded{}, err
	}
	name := f.Repo.String() + ":" + f.Path
	key := sha256.Sum256([]byte(name + "\x00" + f.URL + "\x00" + f.Text))
	p.mu.Lock()
	known, ok := p.parsed[key]
	p.mu.Unlock()
	if ok {
		return known, nil
	}
	// Parsed outside the lock: one hostile policy must not hold up the others.
	l := Loaded{URL: f.URL}
	var faults Faults
	l.Policy, err = ParsePolicy(name, []byte(f.Text), p.sections...)
	if errors.As(err, &faults) {
		l.Fault = faults
	} else if err != nil {
		return Loaded{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.parsed) >= maxParsed {
		clear(p.parsed)
	}
	p.parsed[key] = l
	return l, nil
}
