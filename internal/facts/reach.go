package facts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// A policy speaks for its own repository. This file alone says when it reaches another
// one, and lets the run at it (reconcile.GrantReach): without, package ghclient takes no
// request about it. docs/trust.md has the table of what rests on which right.

// Seen is what is read of who may see a repository.
type Seen interface {
	Visibility(ctx context.Context, repo github.Repo) (github.Visibility, error)
	Called(ctx context.Context, named, here github.Repo) (github.Repo, error)
}

// Called is what a repository is called now that a policy names, which may have been
// renamed since. One that isn't there is called as it is named, and so is one that
// another owner has by now: a policy speaks of its own owner's. A rename makes all of the
// owner's names forgotten (package webhook), and the renamed one is resynced.
var Called = Fact[github.Repo, github.Repo]{
	Name: "called", Fresh: github.RepoMemo, Unknown: Retry,
	Read: func(l *Look, named github.Repo) (github.Repo, error) {
		now, err := l.from.GitHub.Called(l.ctx, named, l.Repo)
		if errors.Is(err, reconcile.ErrGone) || err == nil && !strings.EqualFold(now.Owner, named.Owner) {
			return named, nil
		}
		return now, err
	},
}

// Visibility is how few may see the repository. All of the owner's are resynced when one
// becomes private, or public.
var Visibility = Fact[Whole, github.Visibility]{
	Name: "visibility", Fresh: github.VisibilityMemo, Unknown: Retry,
	Stale: []On{{Kind: "repository", Actions: []string{"privatized", "publicized"}}},
	Read:  func(l *Look, _ Whole) (github.Visibility, error) { return l.from.GitHub.Visibility(l.ctx, l.Repo) },
}

// Grant is what a look at one repository may do in another.
type Grant struct {
	// Refused says why it may do nothing there, in plain words, and Next what to do about
	// it, in Markdown, both without a full stop; "" where it may.
	Refused, Next string
	// Unseen says that the refusal doesn't tell whether the other is there.
	Unseen bool
	// Unclear says that the refusal may be wrong: nobody can tell what the other agrees to.
	Unclear bool
	// Agreed says that both policies agree, whether or not anything may be told. Who is
	// woken by the other then rests on it.
	Agreed bool
	// Secret says that the other is more private, and read all the same: its policy and
	// ours agree that our releases stand there. What they hold of days may be told here,
	// and nothing else: no title, number or link, and nobody.
	Secret bool
	// Hushed says that the other is less private, so that nothing of here may be told there.
	Hushed bool
}

// Err is the refusal as an error; nil for none.
func (g Grant) Err() error {
	if g.Refused == "" {
		return nil
	}
	return &reconcile.RefusedError{Reason: g.Refused, Next: g.Next, Err: reconcile.ErrOutOfReach}
}

// Reach says whether another repository may be read on behalf of the one that is looked
// at, and lets the run do so. It may
//
//   - if one file is the policy of both: its writers speak for both;
//   - if the other's policy in force, its own or its owner's, names this one as its home;
//   - if this one's policy names the other as its home, and the home's policy says that it
//     is, and of this repository, too: to read what its releases are.
//
// But for the last, the other may be no more private: what is read is told here.
var Reach = Fact[github.Repo, Grant]{
	Name: "reach", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Policy, Home, PartOf, Visibility, Called},
	Read: func(l *Look, to github.Repo) (Grant, error) {
		g, err := reaches(l, to)
		if err == nil && g.Refused == "" {
			reconcile.GrantReach(l.ctx, to, reconcile.ReadAccess)
		}
		return g, err
	},
}

// Elsewhere looks at another repository, by the policy in force there, with what it may do there.
// Where it may do nothing that is an error, a *reconcile.RefusedError.
func (l *Look) Elsewhere(to github.Repo) (other *Look, g Grant, err error) {
	if g, err = Reach.Of(l, to); err == nil {
		err = g.Err()
	}
	return l.in(to), g, err
}

// Told is the refusal for people: Markdown without the full stop.
func (g Grant) Told() string {
	return effect.Inert(g.Refused, maxRefused) + ". **Next step:** " + g.Next
}

// maxRefused is longer than any refusal, in characters.
const maxRefused = 400

// reaches decides on the right alone.
func reaches(l *Look, to github.Repo) (Grant, error) {
	if same(l.Repo, to) {
		return Grant{Agreed: true}, nil
	}
	ourHome, err := Home.Of(l, Whole{})
	if err != nil {
		return Grant{}, err
	}
	lacks, needs := consent(l.Repo, to, ourHome)
	seclusion := fmt.Sprintf(", that it is no more private than %s", effect.Code(l.Repo.String()))
	if same(ourHome, to) { // which may be
		seclusion = ""
	}
	unseen := Grant{
		Unseen:  true,
		Refused: "it isn't there, Slipway isn't installed on it, or nothing of it may be told here",
		Next:    fmt.Sprintf("if it is there, see that Slipway is installed on it%s, and that %s stands in its policy", seclusion, needs),
	}
	if !strings.EqualFold(l.Repo.Owner, to.Owner) {
		return unseen, nil
	}
	here, err := Visibility.Of(l, Whole{})
	if err != nil {
		return Grant{}, err
	}
	there, err := Visibility.Of(l.in(to), Whole{})
	if errors.Is(err, reconcile.ErrGone) {
		return unseen, nil
	}
	if err != nil {
		return Grant{}, err
	}
	agreed, home, err := agreement(l, to)
	if err == nil && !agreed { // they may be one, under an old name
		now, err := Called.Of(l, to)
		if err != nil || same(now, l.Repo) {
			return Grant{Agreed: true}, err
		}
	}
	switch {
	case errors.Is(err, reconcile.ErrGone), err == nil && there > here && (!agreed || !home || l.under != nil): // anybody may propose a policy
		unseen.Agreed = agreed
		return unseen, nil // the same words, so that nobody learns which it is
	case err != nil:
		return Grant{}, err
	case !agreed:
		if theirs, err := Policy.Of(l.in(to), Whole{}); err != nil || theirs.Policy == nil && theirs.Fault != nil {
			return Grant{
				Unclear: true,
				Refused: "its policy has faults, and no earlier version is good, so it is unknown what it agrees to",
				Next:    fmt.Sprintf("have the policy of %s mended", effect.Code(to.String())),
			}, err
		}
		return Grant{
			Refused: lacks,
			Next:    fmt.Sprintf("add %s to the policy of %s", needs, effect.Code(to.String())),
		}, nil
	}
	return Grant{Agreed: true, Secret: there > here, Hushed: here > there}, nil
}

// consent says what the other's policy lacks, as a phrase, and what it has to say that lets
// this one's reach it: that this is its home, or of a home that it is this one's.
func consent(here, to, ourHome github.Repo) (lacks, needs string) {
	if same(ourHome, to) {
		return fmt.Sprintf("its policy doesn't say that it is the home of the releases of %s", here.Name),
			effect.Code(fmt.Sprintf("checklist: {home: %s, repositories: [%s]}", to.Name, here.Name))
	}
	return fmt.Sprintf("its policy doesn't name %s as its home", here.Name), effect.Code(fmt.Sprintf("checklist: {home: %s}", here.Name))
}

// agreement reports whether the policies of both say that one may reach the other, and
// whether that is the home of its releases.
func agreement(l *Look, to github.Repo) (agreed, home bool, err error) {
	ours, err := Policy.Of(l, Whole{})
	if err != nil {
		return false, false, err
	}
	theirs, err := Policy.Of(l.in(to), Whole{})
	if err != nil {
		return false, false, err
	}
	ourHome, err := Home.Of(l, Whole{})
	if err != nil {
		return false, false, err
	}
	theirHome, err := Home.Of(l.in(to), Whole{})
	if err != nil {
		return false, false, err
	}
	part, err := PartOf.Of(l.in(to), l.Repo)
	if err != nil {
		return false, false, err
	}
	home = same(ourHome, to) && same(theirHome, to)
	switch {
	case same(ours.Repo, theirs.Repo) && ours.Repo != (github.Repo{}):
		agreed = true
	case strings.EqualFold(l.Repo.Name, github.PolicyRepo) && theirs.Repo == (github.Repo{}):
		agreed = true // the owner's policy speaks where nobody else does
	default:
		agreed = same(theirHome, l.Repo) || home && part
	}
	return agreed, home, nil
}

// same compares repositories as GitHub does: without case.
func same(a, b github.Repo) bool { return strings.EqualFold(a.String(), b.String()) }

// Act is something that somebody wants done in another repository.
type Act struct {
	In     github.Repo
	Branch release.Branch // of the release that it is for
	Who    github.User
	// Ongoing is for what goes on there by itself: somebody has begun it who might, and it
	// stands there as ours.
	Ongoing bool
}

// String implements fmt.Stringer.
func (a Act) String() string { return fmt.Sprintf("%s %s %d %t", a.In, a.Branch, a.Who.ID, a.Ongoing) }

// Acts says whether something may be done in another repository that somebody asked for
// here, and lets the run do so. Beside what Reach says, who asks has to manage the
// releases of the branch by the other's policy, or may push there: whatever Slipway does
// for people needs no more of GitHub.
var Acts = Fact[Act, Grant]{
	Name: "acts", Fresh: EachLook, Unknown: Retry, From: []Need{Reach, Manages, Permission},
	Read: func(l *Look, a Act) (Grant, error) {
		g, err := Reach.Of(l, a.In)
		if err != nil || g.Refused != "" {
			return g, err
		}
		if g.Secret {
			g.Refused, g.Next = "it is more private than this repository, where what is done there would be told", "have it done there"
			return g, nil
		}
		if !same(a.In, l.Repo) && !a.Ongoing { // at home the command itself has asked
			if g, err = entitled(l.in(a.In), a, g); err != nil || g.Refused != "" {
				return g, err
			}
		}
		reconcile.GrantReach(l.ctx, a.In, reconcile.WriteAccess)
		return g, nil
	},
}

// entitled asks the other repository about who wants something done there. Unknown is no.
func entitled(there *Look, a Act, g Grant) (Grant, error) {
	role, err := Manages.Of(there, Role{Branch: a.Branch, Who: a.Who})
	if err != nil || role.Holds {
		return g, err
	}
	may, err := Permission.Of(there, a.Who)
	if err != nil || may >= github.Write {
		return g, err
	}
	g.Refused = fmt.Sprintf("%s neither manages the releases of %s by its policy nor may push to it", a.Who.Login, a.Branch)
	g.Next = "have somebody ask who does"
	if len(role.Teams) > 0 {
		g.Next = "have " + effect.Member(role.Teams) + " ask"
	}
	return g, nil
}

// Order is a command that somebody gives here for another repository, about branches there.
type Order struct {
	In       github.Repo
	Branches string // their names, with spaces between them
	Who      github.User
}

// String implements fmt.Stringer.
func (o Order) String() string { return fmt.Sprintf("%s %s %d", o.In, o.Branches, o.Who.ID) }

// Orders says whether a command may be carried out in another repository that names it, and
// lets the run do so. It rests on no policy's word, but on the right of who gives it: she
// manages the releases of each of its branches by that repository's policy, so she could
// comment it there. What comes of it is told here, so the other may be no more private; and
// of a private one nothing is told to who hasn't the right.
var Orders = Fact[Order, Grant]{
	Name: "orders", Fresh: EachLook, Unknown: Retry, From: []Need{Policy, Visibility, Manages},
	Read: func(l *Look, o Order) (Grant, error) {
		g, err := orders(l, o)
		if err == nil && g.Refused == "" {
			reconcile.GrantReach(l.ctx, o.In, reconcile.WriteAccess)
		}
		return g, err
	},
}

// Ordered looks at another repository for a command, by the policy in force there. Whether it
// may is the grant.
func (l *Look) Ordered(o Order) (other *Look, g Grant, err error) {
	g, err = Orders.Of(l, o)
	return l.in(o.In), g, err
}

func orders(l *Look, o Order) (Grant, error) {
	if same(l.Repo, o.In) { // the command itself has asked
		return Grant{Agreed: true}, nil
	}
	unseen := Grant{
		Unseen: true, Refused: "it isn't there, Slipway isn't installed on it, or nothing of it may be told here",
		Next: "if it is there, comment the line there",
	}
	if !strings.EqualFold(l.Repo.Owner, o.In.Owner) {
		return unseen, nil
	}
	here, err := Visibility.Of(l, Whole{})
	if err != nil {
		return Grant{}, err
	}
	there, err := Visibility.Of(l.in(o.In), Whole{})
	if errors.Is(err, reconcile.ErrGone) || err == nil && there > here {
		return unseen, nil
	}
	if err != nil {
		return Grant{}, err
	}
	refusal, err := notManaged(l.in(o.In), o)
	switch {
	case errors.Is(err, reconcile.ErrGone), err == nil && refusal.Refused != "" && there == github.Private:
		return unseen, nil
	case err != nil || refusal.Refused != "":
		return refusal, err
	}
	return Grant{Agreed: true, Hushed: here > there}, nil
}

// notManaged says which of a command's branches somebody doesn't manage in a repository, and
// why. Unknown is no.
func notManaged(there *Look, o Order) (g Grant, err error) {
	policy, err := Policy.Of(there, Whole{})
	switch {
	case err != nil:
		return g, err
	case policy.Policy == nil && policy.Fault != nil:
		g.Unclear = true
		g.Refused, g.Next = "its policy has faults, and no earlier version is good", fmt.Sprintf("have the policy of %s mended", effect.Code(o.In.String()))
		return g, nil
	case strings.TrimSpace(o.Branches) == "": // about no branch, nobody has a right
		return Grant{Refused: "its policy governs none of the branches that are here", Next: "comment the line there"}, nil
	}
	for name := range strings.FieldsSeq(o.Branches) {
		b := release.Branch(name)
		if !policy.Governs(b) {
			return Grant{Refused: "no policy governs " + effect.Code(name) + " there", Next: "name a branch that its policy governs"}, nil
		}
		role, err := Manages.Of(there, Role{Branch: b, Who: o.Who})
		if err != nil {
			return g, err
		}
		if !role.Holds {
			g.Refused, g.Next = fmt.Sprintf("%s doesn't manage the releases of %s by its policy", o.Who.Login, name), "have somebody comment it who does"
			if len(role.Teams) > 0 {
				g.Next = "have " + effect.Member(role.Teams) + " comment it"
			}
			return g, nil
		}
	}
	return g, nil
}
