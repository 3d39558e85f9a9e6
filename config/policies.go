package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Loaded is a repository's policy as it stands now: a policy, a fault, or
// neither when there is no policy at all. A broken policy is a fact that gates
// report, not an error; with it comes the last good one, if it can be found.
type Loaded struct {
	Policy  *Policy     // in force; nil when there is none
	Fault   error       // what is wrong with the newest text
	URL     string      // of the newest text, for people
	GoodURL string      // of the text that is in force, if that is an older one
	Repo    github.Repo // that has the policy file, which may refer elsewhere; zero when there is none
}

// InForce is the address of the text that is in force, for people.
func (l Loaded) InForce() string {
	if l.GoodURL != "" {
		return l.GoodURL
	}
	return l.URL
}

// Exists reports whether the repository has a policy, be it a broken one.
func (l Loaded) Exists() bool { return l.Policy != nil || l.Fault != nil }

// Governs reports whether a branch is governed. Under a broken policy, with no
// good one before it, every branch is but those that Slipway makes to propose something
// from: nobody knows which were meant, and gates fail closed.
func (l Loaded) Governs(b release.Branch) bool {
	return l.Policy == nil && l.Fault != nil && !b.Ours() || l.Policy.Governs(b)
}

// ManagerTeams is Policy.ManagerTeams; without a policy there are none.
func (l Loaded) ManagerTeams(b release.Branch) []string { return l.Policy.ManagerTeams(b) }

// Scheme is Policy.Scheme.
func (l Loaded) Scheme() release.Scheme { return l.Policy.Scheme() }

// Source finds the policy file that governs a repository; one that is not
// Found means none.
type Source interface {
	PolicyFile(ctx context.Context, repo github.Repo) (github.File, error)
}

// Referrer is a Source that can also read the file that a reference leads to.
// from is the repository that the reference is to govern. A file that is not
// Found doesn't exist, or is not for from to refer to: whether it is, the
// Referrer decides (see Reference).
type Referrer interface {
	ReferredFile(ctx context.Context, from, to github.Repo, path string) (github.File, error)
}

// Historian is a Source that also knows the earlier texts of a policy file on
// its default branch: at most max, the newest first, each with an address for
// people that stays. One that is not Found is where the file was deleted.
type Historian interface {
	PolicyHistory(ctx context.Context, repo github.Repo, path string, max int) ([]github.File, error)
}

// Policies reads policies and remembers each text as parsed.
type Policies struct {
	// Deployed is what the settings let policies name; zero for nothing.
	Deployed Deployed

	source   Source
	now      func() time.Time
	sections []SectionType

	mu     sync.Mutex
	parsed map[[sha256.Size]byte]known
	good   map[string]lastGood // by the place of the faulty file and the repository it is to govern
}

// maxParsed bounds how many texts are remembered; beyond it all are forgotten.
const maxParsed = 512

// NewPolicies makes a Policies with the sections that handlers declare. now is its
// clock, by which what it remembers ages.
func NewPolicies(source Source, now func() time.Time, sections ...SectionType) *Policies {
	return &Policies{source: source, now: now, sections: sections, parsed: map[[sha256.Size]byte]known{}, good: map[string]lastGood{}}
}

// Policy returns the policy of a repository. An error means that it could not
// be looked up; what is wrong with its text is Loaded.Fault.
func (p *Policies) Policy(ctx context.Context, repo github.Repo) (Loaded, error) {
	f, err := p.source.PolicyFile(ctx, repo)
	if err != nil || !f.Found {
		return Loaded{}, err
	}
	r, err := p.resolve(ctx, repo, f)
	if err != nil {
		return Loaded{}, err
	}
	if r.loaded.Fault == nil {
		p.forgetGood(repo, r.faulty)
	} else if r.loaded.Policy, r.loaded.GoodURL, err = p.lastGood(ctx, repo, f, r.faulty); err != nil {
		return Loaded{}, fmt.Errorf("last good policy of %s: %w", repo, err)
	}
	r.loaded.Repo = f.Repo
	return r.loaded.For(repo), nil
}

// resolved is what a policy file comes to, its reference followed.
type resolved struct {
	refers    *Reference
	at        place       // of the reference
	loaded    Loaded      // of the file, or of what it refers to
	faulty    github.File // the one that the fault is in, or would be
	elsewhere bool        // that is what it refers to
}

// resolve reads a file and what it refers to. One step and no further: no circles.
func (p *Policies) resolve(ctx context.Context, repo github.Repo, f github.File) (resolved, error) {
	k, err := p.read(f)
	r := resolved{refers: k.refers, at: k.at, loaded: k.loaded, faulty: f}
	if err != nil || k.refers == nil {
		return r, err
	}
	to, err := p.follow(ctx, repo, *k.refers)
	if err != nil {
		return r, err
	}
	if !to.Found {
		r.loaded.Fault = Faults{unreadable(k.at, *k.refers)}
		return r, nil
	}
	r.faulty, r.elsewhere = to, true
	adds := k.adds
	r.loaded.URL = to.URL
	if kind, _ := KindOf([]byte(to.Text), p.sections...); kind != PolicyKind {
		r.loaded.Fault = Faults{noPolicy(*k.refers)}
		return r, nil
	}
	k, err = p.read(to)
	r.loaded = k.loaded
	switch {
	case err != nil:
	case k.refers != nil:
		r.loaded.Fault = Faults{leadsOn(k.at)}
	case adds && k.loaded.Policy != nil:
		return p.extend(repo, f, to, r), nil
	}
	return r, err
}

// extend adds what stands beside a reference. A fault of that is in the file that refers.
func (p *Policies) extend(repo github.Repo, f, to github.File, r resolved) resolved {
	key := sha256.Sum256(extendedKey(repo, f, to))
	p.mu.Lock()
	k, ok := p.parsed[key]
	p.mu.Unlock()
	if !ok {
		k.loaded = Loaded{URL: r.loaded.URL}
		var faults Faults
		if k.loaded.Policy, faults = r.loaded.Policy.extended(repo, f, p.sections); len(faults) > 0 {
			k.loaded = Loaded{URL: f.URL, Fault: faults}
		}
		p.mu.Lock()
		if len(p.parsed) >= maxParsed {
			clear(p.parsed)
		}
		p.parsed[key] = k
		p.mu.Unlock()
	}
	if r.loaded = k.loaded; r.loaded.Fault != nil {
		r.faulty, r.elsewhere = f, false
	}
	return r
}

func unreadable(at place, r Reference) Fault {
	return faultOf(at, extendsKey, &Wrong{
		What: r.Repo.String() + ":" + r.Path + " can't be read",
		Want: "a file there, in a repository of the same owner where Slipway is installed and which is no more private than this one",
	})
}

// noPolicy is the fault of a file without a key of a policy. Nothing of it is
// quoted: a reference may lead to any YAML file, and its faults are shown to
// everybody who sees the checks.
func noPolicy(r Reference) Fault {
	return faultOf(place{line: 1, column: 1}, "", &Wrong{What: r.Repo.String() + ":" + r.Path + " is no policy", Want: "a file with at least branches"})
}

func nameOf(f github.File) string { return f.Repo.String() + ":" + f.Path }

// follow reads the file that a reference leads to.
func (p *Policies) follow(ctx context.Context, from github.Repo, to Reference) (github.File, error) {
	r, ok := p.source.(Referrer)
	if !ok {
		return github.File{}, nil
	}
	return r.ReferredFile(ctx, from, to.Repo, to.Path)
}

// known is what a text turned out to be: a policy, or a reference to one.
type known struct {
	refers *Reference
	at     place // of the reference
	adds   bool  // something stands beside it
	loaded Loaded
}

// read parses a file, or remembers that it did.
func (p *Policies) read(f github.File) (known, error) {
	key := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s", nameOf(f), f.URL, f.Size, f.Text))
	p.mu.Lock()
	k, ok := p.parsed[key]
	p.mu.Unlock()
	if ok {
		return k, nil
	}
	// Parsed outside the lock: one hostile policy must not hold up the others.
	k, err := p.parse(f)
	if err != nil {
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

// maxPolicy is the size of the largest policy, in bytes.
const maxPolicy = 1 << 20

func (p *Policies) parse(f github.File) (known, error) {
	k := known{loaded: Loaded{URL: f.URL}}
	if f.Size > maxPolicy {
		k.loaded.Fault = Faults{faultOf(place{line: 1, column: 1}, "", &Wrong{What: fmt.Sprintf("the file has %d bytes", f.Size), Want: "a policy of at most 1 MB"})}
		return k, nil
	}
	ref, at, is, err := parseReference(nameOf(f), []byte(f.Text), p.sections)
	switch {
	case is && err == nil:
		k.refers, k.at, k.adds = &ref, at, len(topKeys([]byte(f.Text))) > 1
	case !is:
		k.loaded.Policy, err = ParsePolicy(nameOf(f), []byte(f.Text), p.sections...)
		if k.loaded.Policy != nil {
			k.loaded.Policy.In = f.Repo
		}
	}
	if faults, ok := errors.AsType[Faults](err); ok {
		k.loaded.Fault = faults
	} else if err != nil {
		return known{}, err
	}
	return k, nil
}
