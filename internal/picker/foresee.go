package picker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// The bounds of a look at a change that may be anybody's and isn't merged.
const (
	maxForeseen    = 60_000 // versions of files; 20,000 files have three each
	foreseenWithin = time.Minute
)

// Foresee says what a change would come to on a commit of its target. It makes no commit
// that could be pushed. The same question costs git nothing while github.ForeseenMemo holds.
func (p *Picker) Foresee(ctx context.Context, c effect.Change, onto string) (effect.Picked, error) {
	key, err := foreseenKey(c, onto)
	if err != nil {
		return effect.Picked{}, err
	}
	out, ok, err := p.foreseen(ctx, key)
	if err != nil || ok {
		return out, err
	}
	soon, done := context.WithTimeout(ctx, foreseenWithin)
	defer done()
	out, err = p.foresee(soon, c, onto)
	if errors.Is(err, git.ErrDenied) { // the token may have been revoked
		p.Access.ForgetGitAccess(c.RepoID)
		out, err = p.foresee(soon, c, onto)
	}
	outcome, known := problem(err)
	kept, late := github.ForeseenMemo.Kept, err != nil && soon.Err() != nil && ctx.Err() == nil
	var large *git.TooLargeError
	switch {
	case known:
		return effect.Picked{Outcome: outcome, Onto: onto}, nil
	case errors.As(err, &large):
		out = effect.Picked{Outcome: effect.PickTooLarge, Onto: onto}
	case late: // the next try isn't made for each event
		out, kept = effect.Picked{Outcome: effect.PickTooLarge, Onto: onto}, time.Hour
	case err != nil:
		return out, fmt.Errorf("foresee the pick onto %s of %s: %w", c.Target, c.Repo, err)
	case out.Unsearched: // the next try may find out
		return out, nil
	}
	var raw bytes.Buffer
	if err := gob.NewEncoder(&raw).Encode(out); err != nil {
		return out, err
	}
	return out, p.Memory.Put(ctx, key, raw.Bytes(), kept)
}

func (p *Picker) foresee(ctx context.Context, c effect.Change, onto string) (out effect.Picked, err error) {
	cache, err := p.open(ctx)
	if err != nil {
		return out, err
	}
	need := git.Need{RepoID: c.RepoID, Target: c.Target, Onto: onto, Most: maxForeseen}
	if need.Access.URL, need.Access.Token, err = p.Access.GitAccess(ctx, c.Repo, c.RepoID, false); err != nil {
		return out, err
	}
	for i, id := range c.Commits {
		s := git.Source{Commit: id, Base: c.Base}
		if i < len(c.Bases) {
			s.Base = c.Bases[i]
		}
		need.Sources = append(need.Sources, s)
	}
	err = cache.Use(ctx, need, func(ctx context.Context, r *git.Repository, onto string) error {
		pick, err := r.PickWithout(ctx, onto, c.Target.String(), c.LeaveOut, need.Sources...)
		if err != nil {
			return err
		}
		out, err = picked(ctx, made{repo: r, pick: pick}, c.Commits)
		return err
	})
	return out, err
}

// foreseenKey names a question by all that the answer rests on. Paths may be any bytes, so
// what is remembered is gob's and not JSON.
func foreseenKey(c effect.Change, onto string) (string, error) {
	h := sha256.New()
	if err := gob.NewEncoder(h).Encode(struct {
		Target, Base        string
		Commits, Out, Bases []string
	}{string(c.Target), c.Base, c.Commits, c.LeaveOut, c.Bases}); err != nil {
		return "", err
	}
	return github.ForeseenCacheKey(c.RepoID, onto, fmt.Sprintf("%x", h.Sum(nil))), nil
}

func (p *Picker) foreseen(ctx context.Context, key string) (out effect.Picked, ok bool, err error) {
	raw, ok, err := p.Memory.Get(ctx, key)
	if err != nil || !ok {
		return out, false, err
	}
	if gob.NewDecoder(bytes.NewReader(raw)).Decode(&out) != nil { // an older version's
		return effect.Picked{}, false, nil
	}
	return out, out.Outcome != effect.PickClean || out.Tree != "", nil // else an older version's, too
}
