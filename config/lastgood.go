package config

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file finds the policy that stays in force when the newest has faults. The
// record is the file's own history on GitHub's default branch: what is
// remembered here only saves reading it for every pull request.

// maxHistory is how many texts of a file are looked at.
const maxHistory = 20

// goodFor is how long a last good policy is believed while the newest text stays
// the same. The same faulty text may come back after a good one that was never
// read here, so it can't be for long.
const goodFor = 5 * time.Minute

// lastGood is the last good policy before one faulty text; its policy is nil
// when there is none.
type lastGood struct {
	faulty [sha256.Size]byte // the newest text, to which it belongs
	until  time.Time
	policy *Policy
	url    string
}

// lastGood returns the newest good policy in the history of a faulty file, which
// is f, the policy file of repo, or what f refers to. It doesn't look past a
// deletion: people took back what stood before.
func (p *Policies) lastGood(ctx context.Context, repo github.Repo, f, faulty github.File) (*Policy, string, error) {
	h, ok := p.source.(Historian)
	if !ok {
		return nil, "", nil
	}
	key, sum := goodKey(repo, faulty), sha256.Sum256([]byte(faulty.Text))
	now := p.now()
	p.mu.Lock()
	g := p.good[key]
	p.mu.Unlock()
	if g.faulty == sum && now.Before(g.until) {
		return g.policy, g.url, nil
	}
	texts, err := h.PolicyHistory(ctx, faulty.Repo, faulty.Path, maxHistory)
	if err != nil {
		return nil, "", err
	}
	g = lastGood{faulty: sum, until: now.Add(goodFor)}
	for _, old := range texts {
		if !old.Found {
			break
		}
		if old.Text == faulty.Text {
			continue
		}
		old.Repo, old.Path = faulty.Repo, faulty.Path
		loaded, err := p.once(ctx, repo, old, nameOf(old) == nameOf(f))
		if err != nil {
			return nil, "", err
		}
		if loaded.Policy != nil && nameOf(old) != nameOf(f) { // what stands beside the reference holds all the same
			if k, err := p.read(f); err == nil && k.adds {
				loaded = p.extend(repo, f, old, resolved{loaded: loaded}).loaded
			}
		}
		if loaded.Policy != nil && loaded.Fault == nil {
			g.policy, g.url = loaded.Policy, loaded.URL
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.good) >= maxParsed {
		clear(p.good)
	}
	p.good[key] = g
	return g.policy, g.url, nil
}

// goodKey has the repository too: an old reference may be good for one and not
// for another.
func goodKey(repo github.Repo, faulty github.File) string {
	return repo.String() + " " + nameOf(faulty)
}

// forgetGood is for a file that is good now: whatever comes after it, the last
// good policy is another one.
func (p *Policies) forgetGood(repo github.Repo, f github.File) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.good, goodKey(repo, f))
}

// once reads an old text of a policy file, which may be a reference, or of what
// a policy file refers to, which may not. An old reference leads to what stands
// there now.
func (p *Policies) once(ctx context.Context, repo github.Repo, old github.File, mayRefer bool) (Loaded, error) {
	if mayRefer {
		r, err := p.resolve(ctx, repo, old)
		return r.loaded, err
	}
	k, err := p.read(old)
	return k.loaded, err
}
