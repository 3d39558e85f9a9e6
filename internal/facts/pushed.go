package facts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Activity is what is read of who moved branches.
type Activity interface {
	// HeadMoves lists the moves by which a branch, which may be a fork's, came to a commit;
	// whole says that it is known of each whose it is.
	HeadMoves(ctx context.Context, repo, head github.Repo, branch release.Branch, commit string) (moves []github.HeadMove, whole bool, err error)
}

// Pushes is how a pull request came to its head.
type Pushes struct {
	Moves []github.HeadMove
	// Unclear says why somebody else may have pushed, too, as a phrase; "" if these are
	// all the moves there were.
	Unclear string
	// Behind says that GitHub shows no move to its head at all: its list of them may lag behind.
	Behind bool
}

// Unknown reports whether GitHub may tell more in a moment.
func (p Pushes) Unknown() bool { return p.Behind }

// Whose asks who pushed a pull request.
type Whose struct {
	Number int
	// Doubt says that there are commits of which the payloads' moves don't tell whose they
	// are, so that GitHub has to say who pushed before it was opened.
	Doubt bool
}

// Pushed is by whose moves a pull request came to its head, also of commits that have
// been rewritten since. If the payloads that were taken in tell of all of it, it costs
// no request; else GitHub's own list of the head branch's moves is read.
var Pushed = Fact[Whose, Pushes]{
	Name: "pushed", Fresh: github.MovesMemo, Unknown: Wait, From: []Need{Pull, Sighted},
	Read: func(l *Look, k Whose) (p Pushes, err error) {
		pr, err := Pull.Of(l, k.Number)
		if err != nil {
			return p, err
		}
		seen, err := Sighted.Of(l, k.Number)
		if err != nil {
			return p, err
		}
		if seen != nil && seen.RepoID == pr.RepoID {
			p.Moves = seen.Moves
		}
		if !k.Doubt && answered(p.Moves, pr.HeadRepo) && Traced(p.Moves, pr.Head) {
			return p, nil
		}
		if pr.HeadRepo == (github.Repo{}) {
			p.Unclear = "the repository that it came from is gone"
			return p, nil
		}
		moves, whole, err := l.from.GitHub.HeadMoves(l.ctx, l.Repo, pr.HeadRepo, pr.HeadRef, pr.Head)
		for _, m := range moves {
			if !slices.Contains(p.Moves, m) {
				p.Moves = append(slices.Clip(p.Moves), m)
			}
		}
		if p.Behind = err == nil && !whole && len(moves) == 0; !whole {
			p.Unclear = fmt.Sprintf("GitHub doesn't show who pushed to %s of %s", effect.Code(string(pr.HeadRef)), effect.Code(pr.HeadRepo.String()))
		}
		return p, err
	},
}

// PushesOf is how a pull request came to its head with its commits, also where GitHub links
// some to nobody known. updates are as SameChange has them.
func PushesOf(l *Look, pr github.PullRequest, commits []github.ComparedCommit, updates []string) (Pushes, error) {
	p, err := Pushed.Of(l, Whose{Number: pr.Number})
	if err != nil || p.Unclear != "" || !github.Unclaimed(commits, updates, pr.Author, p.Moves) {
		return p, err
	}
	if p, err = Pushed.Of(l, Whose{Number: pr.Number, Doubt: true}); err != nil || p.Unclear != "" {
		return p, err
	}
	if ids := github.Nobodys(commits, updates, pr.Author, pr.HeadRepo, p.Moves); len(ids) > 0 {
		p.Unclear = fmt.Sprintf("GitHub links %s to no account, and it was there before %s was", effect.Code(effect.Short(ids[0])), effect.Code(string(pr.HeadRef)))
	}
	return p, nil
}

// answered reports whether whoever opened a pull request answers for what was there by
// then, as the owner of the repository that it came from. In one that is shared, anybody
// may have pushed it, and had it opened by others.
func answered(moves []github.HeadMove, head github.Repo) bool {
	return !slices.ContainsFunc(moves, func(m github.HeadMove) bool {
		return m.Before == "" && !strings.EqualFold(m.By.Login, head.Owner)
	})
}

// Traced reports whether moves lead from a pull request's opening to a head, without a
// gap: a move that nobody was told of leaves one.
func Traced(moves []github.HeadMove, head string) bool {
	reached, todo := map[string]bool{head: true}, []string{head}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, m := range moves {
			if m.After != at || m.By.ID == 0 {
				continue
			}
			if m.Before == "" {
				return true
			}
			if !reached[m.Before] {
				reached[m.Before] = true
				todo = append(todo, m.Before)
			}
		}
	}
	return false
}

// Pusher is who pushed all that a pull request holds, but for GitHub's own merges of its
// base: whoever presses "Update branch" has pushed nothing. Zero where it was several, or
// nobody knows.
var Pusher = Fact[int, github.User]{
	Name: "pusher", Fresh: EachLook, Unknown: Retry, From: []Need{Pull, Compared, SameChange, Pushed},
	Read: func(l *Look, n int) (who github.User, err error) {
		pr, err := Pull.Of(l, n)
		if err != nil {
			return who, err
		}
		compared, err := brought(l, pr)
		if err != nil {
			return who, err
		}
		same, err := SameChange.Of(l, n)
		if err != nil {
			return who, err
		}
		pushed, err := Pushed.Of(l, Whose{Number: n})
		if err != nil || pushed.Unclear != "" {
			return who, err
		}
		return onlyPusher(github.ByHand(pushed.Moves, compared.Commits, same[:len(same)-1]), compared.Commits, pr.Author), nil
	},
}

// onlyPusher is the one by whose moves commits came to be there; zero for several. Whoever
// opened a pull request from what somebody else had pushed hasn't pushed it.
func onlyPusher(moves []github.HeadMove, commits []github.ComparedCommit, author github.User) (who github.User) {
	there := slices.DeleteFunc(slices.Clone(moves), func(m github.HeadMove) bool {
		return !slices.ContainsFunc(commits, func(c github.ComparedCommit) bool { return c.ID == m.After })
	})
	pushed := slices.DeleteFunc(slices.Clone(there), func(m github.HeadMove) bool { return m.Before == "" && m.By.ID == author.ID })
	if len(pushed) == 0 {
		pushed = there
	}
	for _, m := range pushed {
		if m.By.ID != pushed[0].By.ID {
			return github.User{}
		}
		who = m.By
	}
	return who
}

// SameChange lists the commits that the head of a pull request is the same change as: itself,
// and what it was before each of the merges of its base that GitHub itself made on top of it
// ("Update branch"), and that changed nothing by hand. It costs a comparison, and asks git
// only if there is such a merge.
var SameChange = Fact[int, []string]{
	Name: "same change", Fresh: EachLook, Unknown: Hold, From: []Need{Pull, Compared, Before, Commits, History},
	What: func(int) string { return "What was merged into it couldn't be found out" },
	Read: func(l *Look, n int) ([]string, error) {
		pr, err := Pull.Of(l, n)
		if err != nil {
			return nil, err
		}
		compared, err := brought(l, pr)
		if err != nil || len(github.SameChange(compared.Commits, github.MergesByGitHub(compared.Commits), pr.Head)) == 1 {
			return []string{pr.Head}, err
		}
		prove, err := History.Of(l, pr.Base)
		if err != nil {
			return nil, err
		}
		id, err := l.from.GitHub.RepoID(l.ctx, l.Repo)
		if err != nil {
			return nil, err
		}
		found, err := prove(l.ctx, id, provenance.Question{Head: pr.Head, MergeBase: compared.MergeBase, Commits: compared.Total, Base: pr.Base})
		return github.SameChange(compared.Commits, found.Updates, pr.Head), err
	},
}

// brought compares a pull request with its base, also once that has got it with its history.
func brought(l *Look, pr github.PullRequest) (github.Comparison, error) {
	compared, err := Compared.Of(l, At{Branch: pr.Base, Commit: pr.Head})
	if err != nil || compared.Total > 0 {
		return compared, err
	}
	// It is merged, though the webhook of that may not have come.
	if compared.MergeBase, err = Before.Of(l, pr.Number); err != nil || compared.MergeBase == "" {
		return compared, err
	}
	compared.Commits, err = Commits.Of(l, pr.Number)
	compared.Total = len(compared.Commits)
	return compared, err
}

// Maker asks whether somebody took part in making a pull request.
type Maker struct {
	Number int
	Who    github.User
}

// String implements fmt.Stringer.
func (m Maker) String() string { return fmt.Sprintf("%d by %d", m.Number, m.Who.ID) }

// TookPart says how somebody took part in making a pull request, or may have, as a phrase
// that follows their name; "" if they didn't.
var TookPart = Fact[Maker, string]{
	Name: "took part", Fresh: EachLook, Unknown: Retry, From: []Need{Pull, Pushed, Compared, SameChange},
	Read: func(l *Look, m Maker) (string, error) {
		pr, err := Pull.Of(l, m.Number)
		if err != nil || pr.Author.ID == m.Who.ID {
			return "opened it", err
		}
		compared, err := Compared.Of(l, At{Branch: pr.Base, Commit: pr.Head})
		if err != nil {
			return "", err
		}
		same, err := SameChange.Of(l, m.Number)
		if err != nil {
			return "", err
		}
		updates := same[:len(same)-1]
		if slices.ContainsFunc(compared.Commits, func(c github.ComparedCommit) bool {
			return c.MadeBy(m.Who.ID) && !slices.Contains(updates, c.ID)
		}) {
			return "made commits of it", nil
		}
		pushed, err := PushesOf(l, pr, compared.Commits, updates)
		if err != nil {
			return "", err
		}
		byHand := github.ByHand(pushed.Moves, compared.Commits, updates)
		switch {
		case slices.ContainsFunc(byHand, func(h github.HeadMove) bool { return h.By.ID == m.Who.ID }):
			return "pushed to it", nil
		case pushed.Unclear != "":
			return "may have pushed to it: " + pushed.Unclear, nil
		}
		if i := slices.IndexFunc(byHand, func(h github.HeadMove) bool { return h.ForOthers(pr.Author) }); i >= 0 {
			return "may have had " + effect.Code(byHand[i].By.Login) + " push to it", nil
		}
		return "", nil
	},
}
