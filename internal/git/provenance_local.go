package git

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Question is what can be asked about a commit of a release branch from history
// alone: the commit is what a pull request became, its message is what people
// wrote, and its first parent is what it was merged onto. The moment is the
// commit's own: what came to the source branch later didn't help then. The
// result's Base is empty; nothing of the answer depends on it.
func (h *History) Question(ctx context.Context, id string) (provenance.Question, time.Time, error) {
	c, err := h.r.Commit(ctx, id)
	if err != nil {
		return provenance.Question{}, time.Time{}, err
	}
	q := provenance.Question{Head: id, Commits: 1, Source: h.source, Search: true}
	if len(c.Parents) > 0 {
		q.MergeBase = c.Parents[0]
	}
	text, own := provenance.Squash(c.Message)
	asOf := c.Committed()
	for _, m := range provenance.Mentions(text) {
		if m.Number != own || m.Commit != "" {
			q.Claims = append(q.Claims, h.claimed(m, asOf)...)
		}
	}
	q.Titles = append([]string{text.Title}, bullets(text.Messages)...)
	return q, asOf, nil
}

// claimed are the commits that a mention means. A number that no commit of the
// source branch has may be an issue's, and claims nothing.
func (h *History) claimed(m provenance.Mention, asOf time.Time) []provenance.Claim {
	if m.Commit != "" {
		if i, ok := h.find(m.Commit); ok {
			return []provenance.Claim{h.merged[i].claim(m.By)}
		}
		return []provenance.Claim{{Commit: m.Commit, By: m.By}}
	}
	for _, i := range h.byNumber[m.Number] { // several: it was merged, and its number quoted later
		if asOf.IsZero() || h.merged[i].when <= asOf.Unix() {
			return []provenance.Claim{h.merged[i].claim(m.By)}
		}
	}
	return nil
}

var bullet = lazy.Regexp(`(?m)^\* (.+)$`)

// maxBullets bounds how many titles one message can bring.
const maxBullets = 12

// bullets are the subjects of the commits that a squash lists.
func bullets(messages []string) []string {
	var all []string
	for _, m := range messages {
		for _, f := range bullet().FindAllStringSubmatch(m, maxBullets) {
			all = append(all, strings.TrimSpace(f[1]))
		}
	}
	return all[:min(len(all), maxBullets)]
}

// Since are the commits that were merged on a branch since it left the source
// branch, the oldest first: the first parents of its tip.
func (r *Repository) Since(ctx context.Context, tip string, h *History) ([]string, error) {
	w, err := r.walk(ctx, tip, h.tip)
	if err != nil {
		return nil, err
	}
	var ids []string
	list, _ := w.firstParents(tip, len(w.own))
	for _, c := range slices.Backward(list) {
		ids = append(ids, c.ID)
	}
	return ids, nil
}

// Has says whether a commit is on the source branch, or was before the branches
// parted.
func (h *History) Has(ctx context.Context, id string) (bool, error) {
	if id == h.other {
		return id == h.since, nil
	}
	return h.r.ancestor(ctx, id, h.tip)
}

// LocalHistory reads the history of a source branch of somebody's repository,
// where a branch may be there as a remote's alone. other is a commit of the
// release branch.
func (r *Repository) LocalHistory(ctx context.Context, source release.Branch, other string) (*History, error) {
	tip, err := r.ResolveBranch(ctx, source)
	if err != nil {
		return nil, err
	}
	return r.History(ctx, source, tip, other)
}

// ResolveBranch finds a branch: the repository's own, else that of its remote
// "origin", else that of the remote that the name begins with. The error is ErrNoBranch if there is neither.
func (r *Repository) ResolveBranch(ctx context.Context, b release.Branch) (string, error) {
	for _, ref := range []string{b.Ref(), "refs/remotes/origin/" + b.String(), "refs/remotes/" + b.String()} {
		id, err := r.Resolve(ctx, ref)
		if !errors.Is(err, ErrNoCommit) {
			return id, err
		}
	}
	return "", fmt.Errorf("%w: %q, neither here nor at origin", ErrNoBranch, b)
}
