package releasebranch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	overrideName = "release override"
	revokeName   = "release override revoke"
)

// Override is a release manager's word that a commit may merge past a check. It
// is sealed in a comment of ours on the pull request.
type Override struct {
	Check   string    `json:"check"`
	Rev     int       `json:"rev"`    // counts the records in this place, so that an older one put back is known
	Commit  string    `json:"commit"` // the head that it is about; a later one is held to the check again
	Branch  string    `json:"branch"` // whose rules it is about
	By      string    `json:"by"`
	ByID    int64     `json:"by_id"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	Asked   string    `json:"asked"`             // the call
	Revoked string    `json:"revoked,omitempty"` // the call that took it back
	Revoker string    `json:"revoker,omitempty"` // who did
}

// overrides marks the comment, and overrideOf the part about a check.
func overrides(number int) effect.Mark { return effect.Mark{Kind: "overrides", ID: fmt.Sprint(number)} }
func overrideOf(check string) effect.Mark {
	return effect.Mark{Kind: "override", ID: check}
}

// overridePart is our part about a check as it stands.
type overridePart struct {
	Text     string   // "" for none
	Have     Override // in it; without one, or if nobody can trust it, only its Rev
	Tampered bool     // somebody has changed it, or put an older one back
}

// readPart reads our part about a check.
func (h *Handler) readPart(ctx context.Context, repo github.Repo, repoID int64, number int, check string) (p overridePart, err error) {
	if p.Have.Rev, err = h.GitHub.SealedRev(ctx, repo, number, overrideOf(check)); err != nil {
		return p, err
	}
	p.Text, err = h.GitHub.Section(ctx, repo, number, overrides(number), overrideOf(check))
	if err != nil || p.Text == "" {
		return p, err
	}
	var o Override
	r := h.Sealer.Unseal(effect.Place{Repo: repoID, Number: number}, p.Text)
	if r.Authenticity != effect.Bound || r.Mark != overrideOf(check) || json.Unmarshal(r.JSON, &o) != nil || o.Rev < p.Have.Rev {
		p.Tampered = true
		return p, nil
	}
	p.Have = o
	return p, nil
}

// part is our part about this check on a pull request. Who changes or deletes a
// comment of a bot's may have changed it.
func (h *Handler) part() facts.Fact[int, overridePart] {
	return facts.Fact[int, overridePart]{
		Name: "override", Fresh: github.CommentMemo, Unknown: facts.Retry, From: []facts.Need{facts.Detail},
		Stale: []facts.On{{Kind: "issue_comment", Actions: []string{"edited", "deleted"}, Touches: func(e github.Event) []facts.Touch {
			if e.Issue == nil || e.Comment == nil || !e.Issue.IsPullRequest || !e.Comment.Author.Bot || e.Own {
				return nil
			}
			return []facts.Touch{{Number: e.Issue.Number}}
		}}},
		Forget: func(e github.Event, t facts.Touch) string { return github.CommentCacheKey(e.Repo, t.Number, "") },
		Read: func(l *facts.Look, n int) (overridePart, error) {
			pr, err := facts.Detail.Of(l, n)
			if err != nil {
				return overridePart{}, err
			}
			return h.readPart(l.Context(), l.Repo, pr.RepoID, n, CheckName)
		},
	}
}

// putBack says in a part that was altered that nothing in it holds: an older text
// that somebody has put there would count again once nobody remembers.
func putBack(f known) effect.Effect {
	o := Override{Check: CheckName, Rev: f.Part.Have.Rev + 1, Commit: f.PR.Head, Branch: string(f.Base), Revoked: "altered"}
	return o.section(f.Repo, f.PR.RepoID, f.PR.Number, f.Part.Text)
}

// section is the effect that records an override.
func (o Override) section(repo github.Repo, repoID int64, number int, was string) effect.Section {
	raw, err := json.Marshal(o)
	if err != nil {
		panic(err) // texts, numbers and times always have a JSON
	}
	return effect.Section{
		Repo: repo, RepoID: repoID, Number: number, Comment: overrides(number), Head: overrideHead(),
		Mark: overrideOf(o.Check), Record: raw, Text: overrideText(o), Was: was,
	}
}

// stands reports whether an override is one that can be taken back.
func (o Override) stands() bool { return o.Commit != "" && o.Revoked == "" }

// holds reports whether an override is about one of the commits that a head is the same
// change as, against a base.
func (o Override) holds(same []string, base release.Branch) bool {
	return o.stands() && slices.Contains(same, o.Commit) && o.Branch == string(base)
}

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return []command.Command{
		{
			Name: overrideName, Args: "<check> <reason>",
			Short:    "Lets this pull request, as it is now, merge past a check. A new commit is held to it again.",
			Example:  []string{"/release override release-branch agreed on by the working group, see the thread"},
			Allow:    command.ReleaseManager,
			Where:    "a pull request",
			Answer:   "Which commit may merge past the check, and how that is taken back. `release-branch` is the only check that can be overridden.",
			Branches: h.overridden,
			Run:      h.runOverride,
		},
		{
			Name: revokeName, Args: "<check>",
			Short:    "Takes an override back.",
			Example:  []string{"/release override revoke release-branch"},
			Allow:    command.ReleaseManager,
			Where:    "a pull request",
			Answer:   "Whose override is taken back.",
			Branches: h.overridden,
			Run:      h.runOverride,
		},
	}
}

// After implements reconcile.Commander.
func (h *Handler) After(c command.Call) []reconcile.Key {
	return []reconcile.Key{gate.PullKey(c.Repo, c.Number)}
}

// overridden says whose release managers a call needs: those of the pull
// request's branch.
func (h *Handler) overridden(ctx context.Context, c command.Call) ([]release.Branch, error) {
	if !c.OnPR {
		return nil, command.Misused("an override is for one pull request: comment it there")
	}
	pr, err := h.GitHub.CachedPull(ctx, c.Repo, c.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return nil, command.Misused("GitHub shows no such pull request")
	}
	return []release.Branch{pr.Base}, err
}

// overrideFacts is what a call is decided on.
type overrideFacts struct {
	Call   command.Call
	Check  string
	Reason string
	Policy policyFacts
	PR     github.PullRequest
	// HeadSince is when the head was pushed, or else when it was first seen.
	HeadSince time.Time
	// TookPart says how the author of the call took part in making the pull request, if the
	// policy wants another release manager then.
	TookPart string
	overridePart
}

// policyFacts is what a call needs to know of the policy.
type policyFacts struct {
	There, Governs bool
	Managers       []string // teams
}

func (h *Handler) runOverride(ctx context.Context, c command.Call) (command.Outcome, error) {
	f, err := h.observeOverride(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	return decideOverride(f), nil
}

func (h *Handler) observeOverride(ctx context.Context, c command.Call) (overrideFacts, error) {
	f := overrideFacts{Call: c}
	var err error
	if f.Check, f.Reason, err = parseOverride(c); err != nil {
		return f, err
	}
	l := facts.NewLook(ctx, h.From, c.Repo, h.Now())
	loaded, err := facts.Policy.Of(l, facts.Whole{})
	if err != nil {
		return f, err
	}
	if f.PR, err = facts.Pull.Of(l, c.Number); err != nil {
		return f, err
	}
	f.Policy = policyFacts{loaded.Policy != nil, loaded.Governs(f.PR.Base), loaded.ManagerTeams(f.PR.Base)}
	if err := f.readPart(l); err != nil {
		return f, err
	}
	if f.HeadSince, err = facts.HeadSince(l, c.Number, f.PR.Head); err != nil {
		return f, err
	}
	f.overridePart, err = h.readPart(ctx, c.Repo, c.RepoID, c.Number, f.Check)
	return f, err
}

// readPart reads whether whoever overrides took part in making the pull request, if the policy
// asks for another then.
func (f *overrideFacts) readPart(l *facts.Look) error {
	if !f.Policy.Governs || f.PR.State != github.Open || f.Call.Name != overrideName {
		return nil
	}
	s, err := facts.Section[Settings](l, Name)
	if err == nil && s.SecondManager {
		f.TookPart, err = facts.TookPart.Of(l, facts.Maker{Number: f.PR.Number, Who: f.Call.Author})
	}
	return err
}

// elsewhere are checks that are passed in another way.
var elsewhere = map[string]string{
	"slipway/freeze": "a freeze is passed with `/release exempt [until <time>|for <duration>] <reason>`",
	"slipway/policy": "a faulty policy can't be overridden: mend what the check names",
	"slipway/release-notes": "a change that needs no release note gets the label `release-notes-none`, or the one that the policy names as `releasenotes.label`; " +
		"a note with errors has to be mended",
}

// maxReason is how much of a reason is kept, in characters.
const maxReason = 300

// parseOverride reads the words of a call.
func parseOverride(c command.Call) (check, reason string, err error) {
	if len(c.Args) == 0 {
		return "", "", command.Misused("the check is missing: `/%s %s`", c.Name, "release-branch")
	}
	check = c.Args[0]
	if !strings.Contains(check, "/") {
		check = "slipway/" + check
	}
	if how, ok := elsewhere[check]; ok {
		return "", "", command.Misused("%s", how)
	}
	if check != CheckName {
		return "", "", command.Misused("%s is no check that can be overridden; %s is", effect.Code(effect.Cut(c.Args[0], 60)), effect.Code(CheckName))
	}
	reason = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(c.Rest), c.Args[0]))
	if c.Name == overrideName && reason == "" {
		return "", "", command.Misused("the reason is missing: everybody who meets this override will want to know it")
	}
	return check, effect.Cut(reason, maxReason), nil
}

func decideOverride(f overrideFacts) command.Outcome {
	no := func(r command.Result, reply string) command.Outcome { return command.Outcome{Result: r, Reply: reply} }
	switch {
	case !f.Policy.There:
		return no(command.Invalid, overrideNoPolicy())
	case f.PR.State != github.Open:
		return no(command.NoOp, overrideClosed())
	case !f.Policy.Governs:
		return no(command.NoOp, overrideUngoverned(f.PR.Base))
	case slices.Contains([]string{f.Have.Asked, f.Have.Revoked}, f.Call.Asked()): // this very call, in an earlier try
		return no(command.Done, overrideReply(f.Have))
	case f.Call.Name == revokeName && !f.Have.stands():
		return no(command.NoOp, overrideNothing())
	case f.Call.Name == overrideName && !f.Call.Saw(f.PR.Head, f.HeadSince):
		return no(command.Invalid, overrideNewer(f))
	case f.TookPart != "":
		return no(command.Refused, overrideOwn(f))
	}
	o := Override{
		Check: f.Check, Rev: f.Have.Rev + 1, Commit: f.PR.Head, Branch: string(f.PR.Base), By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.Call.At.UTC(), Reason: f.Reason, Asked: f.Call.Asked(),
	}
	if f.Call.Name == revokeName {
		o = f.Have
		o.Rev++
		o.Revoked, o.Revoker = f.Call.Asked(), f.Call.Author.Login
	}
	return command.Outcome{Result: command.Done, Reply: overrideReply(o), Effects: []effect.Effect{
		o.section(f.Call.Repo, f.Call.RepoID, f.Call.Number, f.Text),
	}}
}
