package facts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Undone is what a pull request takes back of its own base, as git itself would. What its
// texts name is only where to look: it counts if its content is that and nothing else.
type Undone struct {
	Of []string // "#12" or a commit's id, the newest first; none if it takes nothing back, or more than that
	// Unproven says of one whose texts say that it takes something back why it isn't exactly
	// that, as a phrase without the full stop.
	Unproven string
}

// maxUndone is how many changes one pull request may take back.
const maxUndone = 10

// Undo is what a pull request takes back exactly. What it names is looked up, and so is where
// it stands; what that comes to in git is remembered.
var Undo = Fact[int, Undone]{
	Name: "undo", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Detail, Merged, Commit, Compared},
	Read: func(l *Look, n int) (Undone, error) {
		pr, err := Detail.Of(l, n)
		if err != nil {
			return Undone{}, err
		}
		u := provenance.Undoes(provenance.Text{Title: pr.Title, Body: pr.Body, Repo: l.Repo.String()})
		if !u.Any() {
			return Undone{}, nil
		}
		return undo(l, pr, u)
	},
}

// taken is a change that is to be taken back: from the commit that it came to, to what was before.
type taken struct {
	name, after, before string
	said                provenance.Text // of the pull request, if it was one
}

func undo(l *Look, pr github.PullDetail, u provenance.Undoing) (out Undone, err error) {
	from, to, err := delta(l, pr)
	if err != nil || from == "" {
		return Undone{Unproven: "it is unknown what it changes"}, err
	}
	var all []taken
	for _, n := range u.Numbers {
		one, why, err := landedOn(l, n, pr.Base)
		if err != nil || why != "" {
			return Undone{Unproven: why}, err
		}
		all = append(all, one)
	}
	for _, id := range u.Commits {
		known := func(t taken) bool { return strings.HasPrefix(t.after, id) }
		if slices.ContainsFunc(all, known) {
			continue
		}
		one, why, err := committed(l, id)
		if err != nil || why != "" {
			return Undone{Unproven: why}, err
		}
		all = append(all, one)
	}
	switch {
	case len(all) == 0:
		return Undone{Unproven: "it names neither the commit nor the pull request that it takes back"}, nil
	case len(all) > maxUndone:
		return Undone{Unproven: fmt.Sprintf("it takes back more than %d changes", maxUndone)}, nil
	}
	for _, one := range all {
		if why, err := standsOn(l, one, pr.Base); err != nil || why != "" {
			return Undone{Unproven: why}, err
		}
	}
	return exactly(l, pr, from, to, all)
}

// delta is what a pull request changes: between where it meets its base and its head, or of a
// merged one what its merge put there.
func delta(l *Look, pr github.PullDetail) (from, to string, err error) {
	if pr.State == github.Open {
		c, err := Compared.Of(l, At{Branch: pr.Base, Commit: pr.Head})
		return c.MergeBase, pr.Head, err
	}
	one, _, err := landedOn(l, pr.Number, pr.Base)
	return one.before, one.after, err
}

// landedOn is what the merge of a pull request put on a branch.
func landedOn(l *Look, n int, on release.Branch) (t taken, why string, err error) {
	t.name = fmt.Sprintf("#%d", n)
	pr, err := Detail.Of(l, n)
	switch {
	case errors.Is(err, reconcile.ErrGone):
		return t, t.name + " isn't there", nil
	case err != nil:
		return t, "", err
	case !pr.Merged || pr.Base != on:
		return t, fmt.Sprintf("%s wasn't merged into %s", t.name, effect.Code(string(on))), nil
	}
	c, _, err := Claim(l, provenance.ByReference, pr)
	if err != nil || c == nil {
		return t, fmt.Sprintf("it is unknown what %s put on %s", t.name, effect.Code(string(on))), err
	}
	t.after, t.before, t.said = c.Commit, c.Base, provenance.Text{Title: pr.Title, Body: pr.Body}
	if t.before == "" {
		one, why, err := committed(l, c.Commit)
		t.before = one.before
		return t, why, err
	}
	return t, "", nil
}

// committed is what one commit changed. Of a part of an id GitHub may know several.
func committed(l *Look, id string) (t taken, why string, err error) {
	t = taken{name: effect.Code(effect.Short(id)), after: id}
	if len(id) < 40 {
		return t, t.name + " is no whole id of a commit", nil
	}
	c, err := Commit.Of(l, id)
	var refused *reconcile.RefusedError
	switch {
	case errors.Is(err, reconcile.ErrGone), errors.As(err, &refused):
		return t, t.name + " isn't there", nil
	case err != nil:
		return t, "", err
	case len(c.Parents) == 0:
		return t, t.name + " has nothing before it", nil
	}
	t.before = c.Parents[0]
	return t, "", nil
}

// standsOn says why a change can't be taken back by a revert that counts: its commit isn't on
// the branch, or it takes back another one itself, so that what was taken away would come again.
func standsOn(l *Look, t taken, on release.Branch) (why string, err error) {
	has, err := Compared.Of(l, At{Branch: on, Commit: t.after})
	if err != nil || has.Total > 0 || has.MergeBase != t.after {
		return fmt.Sprintf("%s isn't on %s", t.name, effect.Code(string(on))), err
	}
	c, err := Commit.Of(l, t.after)
	if err != nil {
		return "", err
	}
	text, own := provenance.Squash(c.Message)
	if own > 0 { // its pull request says more than what was kept of it
		pr, err := Detail.Of(l, own)
		switch {
		case err == nil:
			t.said.Title, t.said.Body = pr.Title, pr.Body
		case !errors.Is(err, reconcile.ErrGone):
			return "", err
		}
	}
	if text.Messages = []string{c.Message}; provenance.Undoes(text).Any() || provenance.Undoes(t.said).Any() {
		return t.name + " is itself a revert, so that what it had taken away would come again", nil
	}
	return "", nil
}

// exactly compares what a pull request comes to with what git makes of taking the changes
// back, in the order in which they are named or in the other one.
func exactly(l *Look, pr github.PullDetail, from, to string, all []taken) (out Undone, err error) {
	head, err := Commit.Of(l, to)
	if err != nil {
		return out, err
	}
	id, err := l.from.GitHub.RepoID(l.ctx, l.Repo)
	if err != nil {
		return out, err
	}
	for range min(len(all), 2) {
		c := effect.Change{Repo: l.Repo, RepoID: id, Target: pr.Base}
		out.Of = nil
		for _, one := range all {
			c.Commits, c.Bases, out.Of = append(c.Commits, one.before), append(c.Bases, one.after), append(out.Of, one.name)
		}
		made, err := l.from.Git.Foresee(l.ctx, c, from)
		if err != nil {
			return Undone{}, err
		}
		if made.Outcome == effect.PickClean && made.Tree != "" && made.Tree == head.Tree {
			return out, nil
		}
		slices.Reverse(all)
	}
	return Undone{Unproven: fmt.Sprintf("what it changes isn't exactly what %s did, taken back", strings.Join(out.Of, " and "))}, nil
}
