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
// report, not an error; with it comes the last good one, if it can be found.
type Loaded struct {
	Policy  *Policy // in force; nil when there is none
	Fault   error   // what is wrong with the newest text
	URL     string  // of the newest text, for people
	GoodURL string  // of the text that is in force, if that is an older one
}

// Exists reports whether the repository has a policy, be it a broken one.
func (l Loaded) Exists() bool { return l.Policy != nil || l.Fault != nil }

// Governs reports whether a branch is governed. Under a broken policy, with no
// good one before it, every branch is: nobody knows which were meant, and gates
// fail closed.
func (l Loaded) Governs(b release.Branch) bool {
	return l.Policy == nil && l.Fault != nil || l.Policy.Governs(b)
}

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
	parsed map[[sha256.Size]byte]known
}

// maxParsed bounds how many texts are remembered; beyond it all are forgotten.
const maxParsed = 512

// NewPolicies makes a Policies with the sections that handlers declare.
func NewPolicies(source Source, sections ...SectionType) *Policies {
	return &Policies{source: source, sections: sections, parsed: map[[sha256.Size]byte]known{}}
}

// Policy returns the policy of a repository. An error means that it could not
// be looked up; what is wrong with its text is Loaded.Fault.
func (p *Policies) Policy(ctx context.Context, repo github.Repo) (Loaded, error) {
	f, err := p.source.PolicyFile(ctx, repo)
	if err != nil || !f.Found {
		return Loaded{}, err
	}
	read, err := p.read(f)
	if err != nil || read.refers == nil {
		return read.loaded, err
	}
	to, err := p.follow(ctx, repo, *read.refers)
	if err != nil {
		return Loaded{}, err
	}
	if !to.Found {
		return Loaded{Fault: Faults{unreadable(*read.refers)}, URL: f.URL}, nil
	}
	read, err = p.read(to)
	if read.refers != nil { // one step and no further: no circles
		return Loaded{Fault: Faults{leadsOn(place{line: 1, column: 1})}, URL: to.URL}, nil
	}
	return read.loaded, err
}

func unreadable(r Reference) Fault {
	return faultOf(place{line: 1, column: 1}, extendsKey, &Wrong{
		What: r.Repo.String() + ":" + r.Path + " can't be read",
		Want: "a file there, in a repository of the same owner or where Slipway is installed too",
	})
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

// known is what a text turned out to be: a policy, or a reference to one.
type known struct {
	refers *Reference
	loaded Loaded
}

// read parses a file, or remembers that it did.
func (p *Policies) read(f github.File) (known, error) {
	name := nameOf(f)
	key := sha256.Sum256([]byte(name + "\x00" + f.URL + "\x00" + f.Text))
	p.mu.Lock()
	k, ok := p.parsed[key]
	p.mu.Unlock()
	if ok {
		return k, nil
	}
	// Parsed outside the lock: one hostile policy must not hold up the others.
	k.loaded.URL = f.URL
	ref, is, err := ParseReference(name, []byte(f.Text))
	switch {
	case is && err == nil:
		k.refers = &ref
	case !is:
		k.loaded.Policy, err = ParsePolicy(name, []byte(f.Text), p.sections...)
	}
	if faults, ok := errors.AsType[Faults](err); ok {
		k.loaded.Fault = faults
	} else if err != nil {
		return known{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.parsed) >= maxParsed {
		clear(p.parsed)
	}
	p.parsed[key] = k
	return k, nil
}
