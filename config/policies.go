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

// Referrer is a Source that can also read the file that a reference in from
// leads to. One that is not Found doesn't exist, or is not for from to refer to:
// whether it is, the Referrer decides (see Reference).
type Referrer interface {
	ReferredFile(ctx context.Context, from github.Repo, to Reference) (github.File, error)
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
	if ref, is, err := ParseReference(nameOf(f), []byte(f.Text)); is {
		if faults, ok := errors.AsType[Faults](err); ok {
			return Loaded{Fault: faults, URL: f.URL}, nil
		}
		to, err := p.follow(ctx, repo, ref)
		if err != nil {
			return Loaded{}, err
		}
		if !to.Found {
			fault := faultOf(place{line: 1, column: 1}, extendsKey, &Wrong{What: ref.Repo.String() + ":" + ref.Path + " can't be read",
				Want: "a file there, in a repository of the same owner or where Slipway is installed too"})
			return Loaded{Fault: Faults{fault}, URL: f.URL}, nil
		}
		f = to
	}
	return p.parse(f)
}

func nameOf(f github.File) string { return f.Repo.String() + ":" + f.Path }

// follow reads the file that a reference leads to.
func (p *Policies) follow(ctx context.Context, from github.Repo, to Reference) (github.File, error) {
	r, ok := p.source.(Referrer)
	if !ok {
		return github.File{}, nil
	}
	return r.ReferredFile(ctx, from, to)
}

// parse parses a policy, or remembers that it did.
func (p *Policies) parse(f github.File) (Loaded, error) {
	name := nameOf(f)
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
	var err error
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
