package freeze

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file carries one command out in several repositories of the owner. In each it is
// decided as if it had been commented there, by that repository's policy, freezes and release
// managers; what one refuses is told, and the others have theirs. Each record names the
// call, so that a second try finds what the first has done.

// places are the repositories that a command names after `in`.
type places struct {
	all   bool
	repos []github.Repo
}

func (p places) any() bool { return p.all || len(p.repos) > 0 }

// How many repositories one command is carried out in, and how many are looked at for that.
const (
	maxPlaces = 100
	maxTried  = 300
)

// inWord begins the list of repositories.
const inWord = "in"

// readPlaces reads "in istio, proxy and ztunnel", or "in all", at the beginning of what is left of a
// command; left is the rest. A name alone needs no owner.
func readPlaces(owner, text string) (p places, left string, err error) {
	list := strings.Fields(text)
	if len(list) == 0 || !strings.EqualFold(list[0], inWord) {
		return p, text, nil
	}
	i, more := 1, true
	for ; i < len(list) && (more || joins(list[i])); i++ {
		word := list[i]
		more = joins(word) || strings.HasSuffix(word, ",")
		for _, name := range branchNamesIn(word) {
			switch repo, err := placeNamed(owner, name); {
			case joins(name):
			case strings.EqualFold(name, everyBranch) && len(p.repos) == 0:
				p.all = true
			case err != nil || p.all:
				return p, "", command.Misused("%s is no name of a repository. After %s stand repositories with commas between them, or %s. To begin a reason with that word, put it in quotes",
					effect.Code(effect.Cut(name, 80)), effect.Code(inWord), effect.Code(everyBranch))
			case !slices.ContainsFunc(p.repos, func(r github.Repo) bool { return strings.EqualFold(r.String(), repo.String()) }):
				p.repos = append(p.repos, repo)
			}
		}
	}
	switch {
	case !p.any():
		return p, "", command.Misused("in which repositories? After %s stand their names, or %s", effect.Code(inWord), effect.Code(everyBranch))
	case len(p.repos) > maxPlaces:
		return p, "", command.Misused("it names %d repositories, and one command may name %d", len(p.repos), maxPlaces)
	}
	return p, strings.Join(list[i:], " "), nil
}

func placeNamed(owner, name string) (github.Repo, error) {
	if !strings.Contains(name, "/") {
		name = owner + "/" + name
	}
	return github.ParseRepo(name)
}

// maxStray is how many words of a reason are asked about.
const maxStray = 5

// strayPlace refuses a reason in which a repository is left over that its author may well mean: the one
// after the list, or after the word "in". Only what she may know to be there counts.
func (h *Handler) strayPlace(l *facts.Look, f callFacts) error {
	words := release.Unquoted(f.Args.reason)
	var asked []string
	for i, word := range words {
		if i == 0 && f.Args.in.any() || i > 0 && words[i-1] == inWord {
			asked = append(asked, branchNamesIn(word)...)
		}
	}
	for _, name := range asked[:min(len(asked), maxStray)] {
		repo, err := placeNamed(l.Repo.Owner, name)
		if err != nil {
			continue
		}
		is := name == everyBranch
		if !is && !strings.EqualFold(repo.String(), l.Repo.String()) {
			_, g, err := l.Ordered(f.order(repo, f.Branches))
			if err != nil {
				return err
			}
			is = !g.Unseen
		}
		if is {
			return command.Misused("%s looks like a repository, and would be part of the reason. Name all repositories right after the branches, with commas between them; in a reason, put it in quotes",
				effect.Code(effect.Cut(name, 80)))
		}
	}
	return nil
}

func (f callFacts) order(to github.Repo, branches []release.Branch) facts.Order {
	return facts.Order{In: to, Branches: strings.Join(branchNames(branches), " "), Who: f.Call.Author}
}

// placed is what a command came to in one repository.
type placed struct {
	Repo    github.Repo
	Trouble string // why it isn't carried out there, Markdown without the full stop
	Skipped bool   // of all, it isn't about this one
	Lacks   bool   // and that because the branch isn't there
	Hushed  bool   // the reason stays here
	Facts   callFacts
	Out     command.Outcome
}

// runIn carries a call out in the repositories that it names.
func (h *Handler) runIn(l *facts.Look, f callFacts, decide func(callFacts) command.Outcome) (command.Outcome, error) {
	repos, left := f.Args.in.repos, false
	if f.Args.in.all {
		var err error
		if repos, err = h.GitHub.RecentRepos(l.Context(), l.Repo); err != nil {
			return command.Outcome{}, err
		}
		repos, left = repos[:min(len(repos), maxTried)], len(repos) > maxTried
	}
	var all []placed
	for _, repo := range repos {
		if left = left || len(all) == maxPlaces; len(all) == maxPlaces {
			break
		}
		one, err := h.orderIn(l, f, repo)
		var cannot *reconcile.RefusedError
		switch {
		case errors.Is(err, reconcile.ErrGone):
			one.Trouble = "it can no longer be reached"
		case errors.As(err, &cannot):
			one.Trouble = effect.Inert(cannot.Reason, maxFault)
		case err != nil:
			return command.Outcome{}, fmt.Errorf("/%s in %s: %w", f.Call.Name, repo, err)
		}
		if one.Trouble == "" && !one.Skipped {
			one.decide(decide)
			// Of all, a thaw is about those that are frozen.
			one.Skipped = f.Args.in.all && f.Call.Name == thawName && one.Out.Result == command.NoOp && len(one.Facts.stillHeld(nil)) == 0
		}
		if !one.Skipped || one.Lacks {
			all = append(all, one)
		}
	}
	visible, err := facts.Visibility.Of(l, facts.Whole{})
	return together(f, all, left, f.Args.in.all && visible < github.Private), err
}

// orderIn reads what a call is decided on in one repository, if its author may have it carried
// out there.
func (h *Handler) orderIn(l *facts.Look, f callFacts, repo github.Repo) (one placed, err error) {
	one = placed{Repo: repo}
	now, err := facts.Called.Of(l, repo) // as GitHub spells it: what follows has it in its keys
	if err != nil {
		return one, err
	}
	branches := f.Branches
	if f.Args.all {
		branches = f.Governed
	}
	if f.Args.in.all || f.Args.all { // its policy may govern fewer of them
		policy, err := h.policyIn(l, now)
		if err != nil {
			return one, err
		}
		branches = slices.DeleteFunc(slices.Clone(branches), func(b release.Branch) bool { return policy.Policy == nil || !policy.Governs(b) })
		if one.Skipped = len(branches) == 0 && f.Args.in.all; one.Skipped {
			return one, nil
		}
	}
	there, g, err := l.Ordered(f.order(now, branches))
	switch {
	case err != nil:
		return one, err
	case g.Refused != "":
		one.Skipped, one.Trouble = f.Args.in.all && g.Unseen, g.Told()
		return one, nil
	}
	c := f.Call
	c.Repo, one.Repo = now, now
	one.Facts = callFacts{Call: c, Args: f.Args}
	one.Facts.Args.branches = branches
	if one.Hushed = g.Hushed && f.Args.reason != ""; one.Hushed {
		one.Facts.Args.reason = ""
	}
	if one.Facts.state, err = h.state(there); err != nil {
		return one, err
	}
	if one.Facts.Policy.Policy == nil {
		return one, nil
	}
	if err = h.observeBranches(there, &one.Facts); err != nil {
		return one, err
	}
	if c.Name == thawName {
		if one.Facts.Not, err = othersDecide(there, one.Facts.Freezes, one.Facts.Branches, c.Author); err != nil {
			return one, err
		}
	}
	if f.Args.all {
		return one, one.managesAll(there, branches)
	}
	if f.Args.in.all && len(one.Facts.Missing) > 0 {
		one.Facts.Branches = slices.DeleteFunc(one.Facts.Branches, func(b release.Branch) bool { return slices.Contains(one.Facts.Missing, b) })
		one.Facts.Args.branches, one.Facts.Missing = one.Facts.Branches, nil
		one.Lacks = len(one.Facts.Branches) == 0
		one.Skipped = one.Lacks
	}
	if f.Args.preview && !one.Skipped {
		one.Facts.Pulls, err = h.asIf(there, one.Facts.state, one.Facts.record())
	}
	return one, err
}

// policyIn is the policy of a repository. One that is gone is said to be as one that may not be told of.
func (h *Handler) policyIn(l *facts.Look, repo github.Repo) (p config.Loaded, err error) {
	switch {
	case strings.EqualFold(repo.String(), l.Repo.String()):
		return facts.Policy.Of(l, facts.Whole{})
	case !strings.EqualFold(repo.Owner, l.Repo.Owner):
		return p, nil
	}
	if p, err = h.From.Policies.Policy(l.Context(), repo); errors.Is(err, reconcile.ErrGone) {
		return config.Loaded{}, nil
	}
	return p, err
}

// managesAll asks for the right to the branches that are there beyond those that are here, too.
func (one *placed) managesAll(there *facts.Look, asked []release.Branch) error {
	for _, b := range one.Facts.Branches {
		if slices.Contains(asked, b) {
			continue
		}
		role, err := facts.Manages.Of(there, facts.Role{Branch: b, Who: one.Facts.Call.Author})
		if err != nil {
			return err
		}
		if !role.Holds {
			one.Trouble = fmt.Sprintf("%s doesn't manage the releases of %s there. **Next step:** name the branches",
				effect.Who(one.Facts.Call.Author.Login), effect.Code(string(b)))
			return nil
		}
	}
	return nil
}

func (one *placed) decide(decide func(callFacts) command.Outcome) {
	switch out, refused := refuse(one.Facts); {
	case refused:
		one.Out = out
	case len(one.Facts.Branches) == 0:
		one.Out = command.Outcome{Result: command.NoOp, Reply: noBranches(one.Facts) + "."}
	default:
		one.Out = decide(one.Facts)
	}
}

// together makes one outcome of all.
func together(f callFacts, all []placed, left, unnamed bool) command.Outcome {
	out := command.Outcome{Result: command.NoOp, Reply: placesReply(f, all, left, unnamed)}
	done, refused := 0, 0
	for _, one := range all {
		switch {
		case one.Skipped:
		case one.Trouble != "" || one.Out.Result == command.Invalid:
			refused++
		case len(one.Out.Effects) > 0:
			done++
			out.PerRepo = append(out.PerRepo, command.PerRepoEffects{Name: effect.Code(one.Repo.Name), Effects: one.Out.Effects, Repo: one.Repo})
		case one.Out.Result == command.Done: // and so it was before this try
			done++
		}
	}
	switch {
	case f.Args.preview:
		out.Result = command.Told
	case done > 0 && refused > 0:
		out.Result = command.Partly
	case done > 0:
		out.Result = command.Done
	case refused > 0:
		out.Result = command.Invalid
	}
	return out
}
