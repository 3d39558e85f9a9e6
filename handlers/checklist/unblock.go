package checklist

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	unblockName = "release unblock"
	blockName   = "release block"
)

// maxFreed is how many words of release managers a record keeps.
const maxFreed = 50

func (h *Handler) blockerCommands() []command.Command {
	return []command.Command{
		{
			Name: unblockName, Args: "<issue> <reason> [until <version>]",
			Short:   "Says that an issue holds the release back no more, or not before a version of it. The issue itself stays as it is.",
			Example: []string{"/release unblock #123 only docs are wrong", "/release unblock #123 the fix needs another week until rc.1"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.runUnblock,
			Where: "a tracking issue", Answer: "Which versions the issue holds back from now on, and how to take that back.",
		},
		{
			Name: blockName, Args: "<issue>",
			Short:   "Takes `/release unblock` back: the issue holds the release back again.",
			Example: []string{"/release block #123"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.run(blockAgain),
			Where: "a tracking issue", Answer: "That the issue holds the release back again. Else what makes an issue a blocker.",
		},
	}
}

// blockerRef is how people name an issue: #7, api#7, istio/api#7, or its address.
var blockerRef = lazy.Regexp(`^(?:(?:https?://[^/\s]+/)?(?:([\w.-]+)/)?([\w.-]+)?(?:#|/issues/|/pull/))?([1-9][0-9]{0,8})$`)

// refOf reads which issue is meant. Repo is "" for one of the home.
func (f callFacts) refOf(word string) (one facts.Freed, err error) {
	m := blockerRef().FindStringSubmatch(word)
	if m == nil || m[1] != "" && !strings.EqualFold(m[1], f.Repo.Owner) {
		return one, command.Misused("%s names no issue: want one like %s, or %s of another repository", effect.Code(effect.Cut(word, 60)), effect.Code("#123"), effect.Code("api#123"))
	}
	one.Number, _ = strconv.Atoi(m[3]) // at most nine digits
	if m[2] != "" && !strings.EqualFold(m[2], f.Repo.Name) {
		one.Repo = m[2]
	}
	return one, nil
}

// parseUnblock reads which issue isn't to hold the release back, why, and before which version.
func (f callFacts) parseUnblock() (one facts.Freed, err error) {
	args := f.Call.Args
	if len(args) == 0 {
		return one, command.Misused("which issue? Want one like %s, and why", effect.Code("#123"))
	}
	if one, err = f.refOf(args[0]); err != nil {
		return one, err
	}
	reason := args[1:]
	if i := slices.IndexFunc(reason, func(w string) bool { return strings.EqualFold(w, "until") }); i >= 0 {
		v, ok := f.version(strings.Join(reason[i+1:], " "))
		if !ok {
			return one, command.Misused("behind %s stands a version of this release and nothing else, like %s", effect.Code("until"), effect.Code("until "+f.candidate()))
		}
		one.Until, reason = v.String(), reason[:i]
	}
	one.Reason = effect.Cut(strings.TrimSuffix(strings.Join(reason, " "), ","), maxReason)
	if one.Reason == "" {
		return one, command.Misused("why? A blocker that is let go needs a reason")
	}
	one.By, one.ByID, one.At = f.Call.Author.Login, f.Call.Author.ID, f.time()
	return one, nil
}

// candidate is a candidate of the release for short: rc.1.
func (f callFacts) candidate() string {
	v := f.Tracker.Version
	v.Stage, v.N = release.Candidate, 1
	return strings.TrimLeft(strings.TrimPrefix(v.String(), f.Tracker.Version.String()), "-._")
}

// version reads a version of the release: 1.31.0-rc.1, or rc.1 for short.
func (f callFacts) version(word string) (release.Version, bool) {
	of := f.Tracker.Version
	for _, text := range []string{word, strings.ToLower(word), of.String() + "-" + strings.ToLower(word), of.String() + word} {
		if v, err := of.Scheme.Named(text); err == nil && v.Final() == of {
			return v, true
		}
	}
	return release.Version{}, false
}

// sameIssue reports whether two words are about one issue.
func sameIssue(a, b facts.Freed) bool {
	return a.Number == b.Number && strings.EqualFold(a.Repo, b.Repo)
}

func (h *Handler) runUnblock(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeCall(ctx, c)
	if err != nil {
		return command.Outcome{}, err
	}
	if out, did := f.again(); did {
		return out, nil
	}
	one, err := f.parseUnblock()
	if err != nil {
		return command.Outcome{}, err
	}
	trackers, _, err := h.trackers(f.look)
	if err != nil {
		return command.Outcome{}, err
	}
	b, err := h.blockersOf(f.look, f.Settings, f.Tracker.Version, trackers)
	if err != nil && limited(err) {
		return command.Outcome{}, err
	}
	b.Unknown = b.Unknown || err != nil
	return unblock(f, one, b)
}

// unblock lets a blocker go.
func unblock(f callFacts, one facts.Freed, b facts.BlockerList) (command.Outcome, error) {
	r := f.Tracker.Record
	had := slices.ContainsFunc(r.Freed, func(o facts.Freed) bool { return sameIssue(o, one) })
	switch {
	case f.Settings.Blockers.Label == "":
		return command.Outcome{}, command.Misused("the policy names no label of blockers, under %s", effect.Code("checklist.blockers"))
	case f.Tracker.End != nil || f.Tracker.Issue.State != github.Open:
		return command.Outcome{Result: command.Invalid, Reply: "The release is closed. Open the tracking issue again first."}, nil
	case !had && !b.Unknown && !slices.ContainsFunc(b.All, one.Is):
		return command.Outcome{Result: command.NoOp, Reply: fmt.Sprintf("%s doesn't hold this release back. %s", one.Name(), blockersAre(f.Settings, f.Tracker.Version))}, nil
	case !had && len(r.Freed) >= maxFreed:
		return command.Outcome{Result: command.Invalid, Reply: fmt.Sprintf("%d are let go already, and no more are kept. **Next step:** take one back by %s, or take its label off.", maxFreed, effect.Code("/release block #N"))}, nil
	}
	return f.changed(freedReply(one, b), func(r *Record) {
		r.Freed = append(slices.DeleteFunc(slices.Clone(r.Freed), func(o facts.Freed) bool { return sameIssue(o, one) }), one)
	}), nil
}

// blockAgain takes back that a blocker was let go.
func blockAgain(f callFacts) (command.Outcome, error) {
	if len(f.Call.Args) != 1 {
		return command.Outcome{}, command.Misused("want one issue and nothing else, like %s", effect.Code("#123"))
	}
	one, err := f.refOf(f.Call.Args[0])
	if err != nil {
		return command.Outcome{}, err
	}
	if !slices.ContainsFunc(f.Tracker.Freed, func(o facts.Freed) bool { return sameIssue(o, one) }) {
		return command.Outcome{Result: command.NoOp, Reply: fmt.Sprintf("%s wasn't let go. %s", one.Name(), blockersAre(f.Settings, f.Tracker.Version))}, nil
	}
	return f.changed(fmt.Sprintf("%s holds the release back again, as long as it is a blocker.", one.Name()), func(r *Record) {
		r.Freed = slices.DeleteFunc(slices.Clone(r.Freed), func(o facts.Freed) bool { return sameIssue(o, one) })
		// Nobody may have looked at it meanwhile.
		if seen := (Seen{Repo: one.Repo, Number: one.Number}); !slices.ContainsFunc(r.Blockers, func(s Seen) bool { return s.Repo == seen.Repo && s.Number == seen.Number }) {
			r.Blockers = append(slices.Clone(r.Blockers), seen)
		}
	}), nil
}

// blockersAre says what makes an issue a blocker, as a sentence.
func blockersAre(s Settings, v release.Version) string {
	text := "A blocker has the label " + effect.Code(string(s.Blockers.Label))
	if m := s.Blockers.Milestone; m != "" {
		text += " and the milestone " + effect.Code(s.fill(m, v))
		if s.Blockers.WithoutMilestone {
			text += ", or none"
		}
	}
	return text + "."
}
