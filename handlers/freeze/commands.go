package freeze

import (
	"context"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	freezeName = "release freeze"
	thawName   = "release thaw"
	exemptName = "release exempt"
)

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return []command.Command{
		{
			Name: freezeName, Args: "<branch...|all> [in <repository...|all>] [from <time>] [until <time>|for <duration>] [reason|preview]",
			Short: "Freezes branches: no pull request against them may merge until they are thawed, or until the time given. " +
				"It begins at once, or when you say. Freezes add up: each has who asked for it, a reason and an end. `preview` lists what would be held back and changes nothing. " +
				"`in` does it in other repositories of the owner, by the right that you have in each.",
			Example: []string{
				"/release freeze release-1.30 waiting for the fix of CVE-2026-1234",
				"/release freeze release-1.30 release-1.29 until 2026-08-26 17:00 code freeze",
				"/release freeze release-1.30 from 2026-08-19 17:00 until 2026-08-26 17:00",
				"/release freeze all preview",
				"/release freeze release-1.30 in istio,proxy,ztunnel until 2026-08-26 17:00 code freeze",
				"/release freeze release-1.30 in all",
			},
			Allow:    command.ReleaseManager,
			Where:    "any issue or pull request",
			Answer:   "Which branches are frozen and until when, with a link to the issue that is the freeze. Of a preview, which pull requests it would hold back. Of several repositories, a line for each.",
			Branches: h.meant,
			Run:      h.run(decideFreeze),
		},
		{
			Name: thawName, Args: "<branch...|all> [in <repository...|all>] [#issue...]",
			Short: "Ends the freezes of branches. Where several hold one, it ends those that you asked for, and names the others; " +
				"with the numbers of freeze issues it ends these.",
			Example:  []string{"/release thaw release-1.30", "/release thaw release-1.30 #123", "/release thaw release-1.30 in all"},
			Allow:    command.ReleaseManager,
			Where:    "any issue or pull request",
			Answer:   "Which branches are thawed, and what still holds them. Their checks turn green as each pull request is looked at again.",
			Branches: h.meant,
			Instead:  h.instead,
			Run:      h.run(decideThaw),
		},
		{
			Name: exemptName, Args: "[until <time>|for <duration>] <reason>",
			Short:    "Lets this pull request, as it is now, through the freezes of its branch. A new commit is held back again.",
			Example:  []string{"/release exempt for 24h fixes the blocker of 1.30.1"},
			Allow:    command.ReleaseManager,
			Where:    "a pull request",
			Answer:   "Which commit may merge, until when, and past which freezes.",
			Branches: h.exemptBranches,
			Instead:  h.instead,
			Run:      h.runExempt,
		},
	}
}

// callFacts is what a call about branches is decided on.
type callFacts struct {
	state
	Call     command.Call
	Args     freezeArgs       // of a thaw, the branches alone
	Branches []release.Branch // governed ones that are meant, `all` spelled out
	Missing  []release.Branch // of those, which aren't there
	Governed []release.Branch // all that are there; only if a record has to be said anew
	Pulls    []survey         // for a preview: how they would be judged
	Not      map[string]bool  // for a thaw: the freezes about which its author doesn't decide
}

// observeCall reads what a call about branches needs.
func (h *Handler) observeCall(l *facts.Look, c command.Call) (callFacts, error) {
	f := callFacts{Call: c}
	s, err := h.state(l)
	if f.state = s; err != nil || s.Policy.Policy == nil {
		return f, err
	}
	if c.Name == thawName {
		f.Args, err = parseThaw(c, f.Policy)
	} else {
		f.Args, err = parseFreeze(c, f.Policy)
	}
	if err != nil {
		return f, err
	}
	return f, h.observeBranches(l, &f)
}

// observeBranches spells `all` out and looks whether the branches are there. To
// thaw one that was deleted is possible: its freeze may outlive it.
func (h *Handler) observeBranches(l *facts.Look, f *callFacts) error {
	if _, torn := f.mendable(); torn || f.Args.all {
		var err error
		if f.Governed, err = h.there(l, f.Policy.Policy.Branches); err != nil {
			return err
		}
	}
	if !f.Args.all {
		f.Branches = slices.DeleteFunc(slices.Clone(f.Args.branches), func(b release.Branch) bool { return !f.Policy.Governs(b) })
		if f.Call.Name == thawName {
			return nil
		}
		for _, b := range f.Branches {
			there, err := h.GitHub.Branches(l.Context(), l.Repo, string(b))
			if err != nil {
				return err
			}
			if !slices.Contains(there, b) {
				f.Missing = append(f.Missing, b)
			}
		}
		return nil
	}
	whole := slices.ContainsFunc(f.Freezes, f.endsAll)
	for _, b := range f.Governed {
		if f.Call.Name != thawName || whole || slices.ContainsFunc(f.Freezes, func(have Freeze) bool { return have.concerns(b, f.Now) }) {
			f.Branches = append(f.Branches, b)
		}
	}
	return nil
}

// there lists the branches that fit any of some patterns.
func (h *Handler) there(l *facts.Look, patterns []string) ([]release.Branch, error) {
	var all []release.Branch
	for _, pattern := range patterns {
		there, err := h.GitHub.Branches(l.Context(), l.Repo, pattern)
		if err != nil {
			return nil, err
		}
		for _, b := range there {
			if !slices.Contains(all, b) {
				all = append(all, b)
			}
		}
	}
	return all, nil
}

// meant says whose release managers a call needs. A branch that isn't governed
// needs those of its own, too: without any, nobody may, and the answer says so.
func (h *Handler) meant(ctx context.Context, c command.Call) ([]release.Branch, error) {
	f, err := h.observeCall(h.look(ctx, c.Repo), c)
	switch {
	case err != nil:
		return nil, err
	case f.Policy.Policy == nil: // the look-up of the role says what is wrong
		w := wordsOf(c)
		n, err := w.branches(f.Policy)
		return append(n.branches, release.Branch(everyBranch))[:max(1, len(n.branches))], err
	case !f.Args.all:
		return f.Args.branches, nil
	case f.Args.in.any() && len(f.Governed) > 0:
		return f.Governed, nil // whatever of it is frozen here
	case len(f.Branches) == 0:
		return nil, command.Misused("%s", noBranches(f))
	}
	return f.Branches, nil
}

// run makes the three steps of a command: read, decide, and leave the acting
// to the engine.
func (h *Handler) run(decide func(callFacts) command.Outcome) func(context.Context, command.Call) (command.Outcome, error) {
	return func(ctx context.Context, c command.Call) (command.Outcome, error) {
		l := h.look(ctx, c.Repo)
		f, err := h.observeCall(l, c)
		if err == nil && f.Args.reason != "" {
			err = h.strayPlace(l, f)
		}
		if err == nil && f.Policy.Policy != nil && f.Args.in.any() {
			return h.runIn(l, f, decide)
		}
		if err == nil && f.Args.preview {
			f.Pulls, err = h.asIf(l, f.state, f.record())
		}
		if err == nil && c.Name == thawName {
			f.Not, err = othersDecide(l, f.Freezes, f.Branches, c.Author)
		}
		if err != nil {
			return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
		}
		if out, refused := refuse(f); refused {
			return out, nil
		}
		return decide(f), nil
	}
}

// refuse answers the calls that nothing can be done with.
func refuse(f callFacts) (command.Outcome, bool) {
	reply := ""
	switch {
	case f.Policy.Policy == nil:
		reply = noPolicy(f.Policy)
	case !f.Args.all && len(f.Branches) < len(f.Args.branches):
		reply = notGoverned(f)
	case len(f.Missing) > 0:
		reply = noSuchBranch(f)
	}
	return command.Outcome{Result: command.Invalid, Reply: reply}, reply != ""
}

// record is the freeze that a call asks for.
func (f callFacts) record() Record {
	r := Record{
		Branches: branchNames(f.Branches), By: f.Call.Author.Login, ByID: f.Call.Author.ID, Since: f.Call.At.UTC(),
		Until: f.Args.until, Opened: f.Now.UTC(), Reason: f.Args.reason, Asked: f.Call.Asked(), All: f.Args.all,
	}
	if !f.Args.from.IsZero() {
		r.SetAt, r.Since = r.Since, f.Args.from
	}
	return r
}

func branchNames(branches []release.Branch) []string {
	names := make([]string, len(branches))
	for i, b := range branches {
		names[i] = string(b)
	}
	return names
}

func decideFreeze(f callFacts) command.Outcome {
	if f.Args.preview {
		return command.Outcome{Result: command.Told, Reply: previewReply(f)}
	}
	for _, have := range f.Freezes {
		if have.Asked == f.Call.Asked() && have.Issue != 0 {
			// This call did its work in an earlier try, be it thawed since. Written
			// again, the record is bound to its issue, should that be missing.
			out := command.Outcome{Result: command.Done, Reply: frozenReply(have.Record, nil, f.Policy)}
			if have.State == "open" {
				out.Effects = []effect.Effect{f.issue(have)}
			}
			return out
		}
	}
	var already []Freeze
	left := slices.DeleteFunc(slices.Clone(f.Branches), func(b release.Branch) bool {
		by, is := coveredBy(f, b)
		if is {
			already = append(already, by)
		}
		return is
	})
	switch {
	case len(left) == 0:
		return command.Outcome{Result: command.NoOp, Reply: alreadyFrozen(already, f.Policy)}
	case !f.Args.all: // else one that holds all but what was thawed of it
		f.Branches = left
	}
	made := Freeze{Record: f.record()}
	if broken, is := f.mendable(); is {
		made = f.saidAnew(broken)
	}
	issue := f.issue(made)
	issue.State = github.Open // whoever closed it
	return command.Outcome{Result: command.Done, Reply: frozenReply(made.Record, already, f.Policy) + besides(f), Effects: []effect.Effect{issue}}
}

// coveredBy finds a freeze of the same person that holds for at least as long as a call asks. Another's is
// theirs to end, so it covers nothing; and a window is the policy's.
func coveredBy(f callFacts, b release.Branch) (Freeze, bool) {
	for _, have := range f.Freezes {
		own := !have.Tampered && have.Window == "" && have.ByID == f.Call.Author.ID && (have.All || !f.Args.all)
		longer := have.Until.IsZero() || !f.Args.until.IsZero() && !have.Until.Before(f.Args.until)
		sooner := have.begun(f.Now) || !f.Args.from.IsZero() && !have.Since.After(f.Args.from)
		if own && longer && sooner && have.concerns(b, f.Now) {
			return have, true
		}
	}
	return Freeze{}, false
}

// mendable finds an issue whose record can't be read.
func (f callFacts) mendable() (Freeze, bool) {
	i := slices.IndexFunc(f.Freezes, func(have Freeze) bool { return have.Tampered })
	if i < 0 {
		return Freeze{}, false
	}
	return f.Freezes[i], true
}

// saidAnew is a freeze in the place of one that can't be read. Nobody knows
// which branches that held, and the person who says it anew answers only for
// some: the others are frozen until their own release managers thaw them.
func (f callFacts) saidAnew(broken Freeze) Freeze {
	r := f.record()
	for _, b := range f.Governed {
		if !slices.Contains(r.Branches, string(b)) {
			r.Branches = append(r.Branches, string(b))
		}
	}
	if r.Mends = true; r.Reason == "" {
		r.Reason = "said anew, after its record was changed by hand"
	}
	return Freeze{Record: r, Issue: broken.Issue, URL: broken.URL, Body: broken.Body, State: broken.State}
}
