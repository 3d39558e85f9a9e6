package cherrypick

import (
	"context"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds what is otherwise about commits that GitHub makes and signs: made again,
// they are others. So such a pick is known by its trees, its messages and what it is
// onto, and the id of its commit is read from GitHub once it is there.

// SignCommits is how the commits of picks come to be verified.
type SignCommits string

// The ways.
const (
	SignNone   SignCommits = "none"
	SignGitHub SignCommits = "github"
	SignKey    SignCommits = "key"
)

// Values implements config.Choice.
func (SignCommits) Values() []string {
	return []string{string(SignNone), string(SignGitHub), string(SignKey)}
}

// signing is what a change says of it.
func (s SignCommits) signing() effect.Signing {
	switch s {
	case SignGitHub:
		return effect.ByGitHub
	case SignKey:
		return effect.ByKey
	}
	return effect.Unsigned
}

// ownCommit reads a commit, and says whether our App made it: by its committer, or by
// GitHub's signature on a pick of which our App is the author.
func (h *Handler) ownCommit(ctx context.Context, repo github.Repo, id string) (one github.Commit, ours bool, err error) {
	if one, err = h.GitHub.CommitOf(ctx, repo, id); err != nil {
		return one, false, err
	}
	_, address, err := h.GitHub.Committer(ctx, repo)
	return one, err == nil && (one.Committer == address || signedForUs(one, address)), err
}

// signedForUs reports a pick that GitHub made for our App. The host of the App's address is
// GitHub's own choice there; the number and the name are the account's.
func signedForUs(one github.Commit, address string) bool {
	account, _, _ := strings.Cut(address, "@")
	return one.ByGitHub && len(one.Parents) == 1 && strings.HasPrefix(one.Author, account+"@users.noreply.") &&
		strings.Contains(one.Message, "\n"+effect.PickedOnto)
}

// observeSigned finds out whether the branch of a pick holds its commits already, as GitHub
// made them. Then the pick is what is there.
func (h *Handler) observeSigned(ctx context.Context, s *Snapshot, picked *effect.Picked) error {
	if s.Pick.Tip == "" || len(picked.Steps) == 0 {
		return nil
	}
	_, address, err := h.GitHub.Committer(ctx, s.Key.Repo)
	if err != nil {
		return err
	}
	at := s.Pick.Tip
	for i := len(picked.Steps) - 1; i >= 0; i-- {
		one, err := h.GitHub.CommitOf(ctx, s.Key.Repo, at)
		if err != nil {
			return err
		}
		if step := picked.Steps[i]; !signedForUs(one, address) || one.Tree != step.Tree || !effect.SameText(one.Message, step.Message) {
			return nil
		}
		at = one.Parents[0]
	}
	if at == picked.Onto {
		picked.Commit = s.Pick.Tip
	}
	return nil
}

// pushSigned is the first half of a push, where GitHub makes the commits: what tells of them
// needs their id, so it is planned once they are there.
func (s Snapshot) pushSigned(pick effect.Pick) reconcile.Plan {
	return reconcile.Plan{
		Reason:  fmt.Sprintf("the pick of %s onto %s: %s, to be signed by GitHub", s.Subject.source(), s.Subject.name, s.Pick.Picked.Outcome),
		Effects: []effect.Effect{pick}, Enqueue: []reconcile.Key{s.Key},
	}
}

// throwaways names the throwaway refs that killed processes have left.
func (h *Handler) throwaways(ctx context.Context, repo github.Repo, s Settings) (keys []reconcile.Key, err error) {
	if s.SignCommits != SignGitHub {
		return nil, nil
	}
	branches, err := h.GitHub.Throwaways(ctx, repo)
	for _, b := range branches {
		if pick, ok := parseHead(string(b)); ok {
			keys = append(keys, key(repo, pick.id(kindLeft)))
		}
	}
	return keys, err
}

// left is a throwaway ref that may still be there.
type left struct {
	Repo   github.Repo
	Branch release.Branch
}

func (h *Handler) observeLeft(_ context.Context, repo github.Repo, of subject) (left, error) {
	return left{repo, of.head()}, nil
}

// plan deletes it, also while a pick is made by it: what it held is on GitHub by then, or
// the pick is tried again.
func (l left) plan() reconcile.Plan {
	return reconcile.Plan{Reason: "a pick is over whose throwaway ref was left", Effects: []effect.Effect{effect.DropThrowaway{Repo: l.Repo, Branch: l.Branch}}}
}
