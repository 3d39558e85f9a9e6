package picker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// Prove says where the change of a pull request comes from. id is the
// repository's, numeric. The same question costs no fetch while github.ProvenMemo holds.
//
// The head and its merge base have to be there; a claim or an earlier commit
// that isn't is told in the finding. Errors are git's: git.ErrNoCommit (the head
// is gone), git.ErrNoBranch (there is no source branch), git.ErrDenied,
// git.ErrUnreachable.
func (p *Picker) Prove(ctx context.Context, repo github.Repo, id int64, q provenance.Question) (provenance.Finding, error) {
	key, err := questionKey(id, q)
	if err != nil {
		return provenance.Finding{}, err
	}
	f, ok, err := p.proven(ctx, key)
	if err != nil || ok {
		return f, err
	}
	// A revert that is pushed while git is asked forgets what isn't remembered yet.
	epoch, err := p.Memory.Epoch(ctx)
	if err != nil {
		return f, err
	}
	f, err = p.prove(ctx, repo, id, q)
	if errors.Is(err, git.ErrDenied) { // the token may have been revoked
		p.Access.ForgetGitAccess(id)
		f, err = p.prove(ctx, repo, id, q)
	}
	if err != nil {
		return f, fmt.Errorf("find where %.12s of %s comes from: %w", q.Head, repo, err)
	}
	var raw bytes.Buffer
	if err := gob.NewEncoder(&raw).Encode(f); err != nil {
		return f, err
	}
	return f, p.Memory.PutIf(ctx, key, raw.Bytes(), github.ProvenMemo.Kept, epoch)
}

func (p *Picker) prove(ctx context.Context, repo github.Repo, id int64, q provenance.Question) (f provenance.Finding, err error) {
	cache, err := p.open(ctx)
	if err != nil {
		return f, err
	}
	var access git.Access
	if access.URL, access.Token, err = p.Access.GitAccess(ctx, repo, id, false); err != nil {
		return f, err
	}
	return cache.Prove(ctx, id, access, q)
}

// questionKey names a question by everything that is asked, and the kind of
// answer: the key's number grows where an older answer would say too little. Paths and
// texts may be any bytes, so it and what is remembered are gob's and not JSON.
func questionKey(id int64, q provenance.Question) (string, error) {
	h := sha256.New()
	if err := gob.NewEncoder(h).Encode(struct {
		ID       int64
		Question provenance.Question
	}{id, q}); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s%x", github.ProvenCacheKey(id, q.Source), h.Sum(nil)), nil
}

func (p *Picker) proven(ctx context.Context, key string) (f provenance.Finding, ok bool, err error) {
	raw, ok, err := p.Memory.Get(ctx, key)
	if err != nil || !ok {
		return f, false, err
	}
	if gob.NewDecoder(bytes.NewReader(raw)).Decode(&f) != nil { // an older version's
		return provenance.Finding{}, false, nil
	}
	return f, true, nil
}
