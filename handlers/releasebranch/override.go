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
	Commit  string    `json:"commit"` // the head that it is about; a later one is held to the check again
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

// readPart reads our part about a check, and the override in it if it is intact.
func (h *Handler) readPart(ctx context.Context, repo github.Repo, repoID int64, number int, check string) (part string, o Override, err error) {
	part, err = h.GitHub.Section(ctx, repo, number, overrides(number), overrideOf(check))
	if err != nil || part == "" {
		return "", o, err
	}
	r := h.Sealer.Unseal(effect.Place{Repo: repoID, Number: number}, part)
	if r.Standing != effect.Bound || r.Mark != overrideOf(check) || json.Unmarshal(r.JSON, &o) != nil {
		return part, Override{}, nil // somebody has changed it, so it grants nothing
	}
	return part, o, nil
}

// readOverride reads the override that holds for a pull request's head.
func (h *Handler) readOverride(ctx context.Context, repo github.Repo, pr github.PullDetail, check string) (Override, error) {
	_, o, err := h.readPart(ctx, repo, pr.RepoID, pr.Number, check)
	if err != nil || o.Commit != pr.Head || o.Revoked != "" {
		return Override{}, err
	}
	return o, nil
}

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return []command.Command{
		{
			Name: overrideName, Args: "<check> <reason>",
			Short:    "Lets this pull request, as it is now, merge past a check. A new commit is held to it again.",
			Example:  []string{"/release override release-branch agreed on by the working group, see the thread"},
			Allow:    command.ReleaseManager,
			Branches: h.overridden,
			Run:      h.runOverride,
		},
		{
			Name: revokeName, Args: "<check>",
			Short:    "Takes an override back.",
			Example:  []string{"/release override revoke release-branch"},
			Allow:    command.ReleaseManager,
			Branches: h.overridden,
			Run:      h.runOverride,
		},
	}
}

// After implements reconcile.Commander.
func (h *Handler) After(c command.Call) []reconcile.Key {
	return []reconcile.Key{numbered(c.Repo, changed, c.Number)}
}

// overridden says whose release managers a call needs: those of the pull
// request's branch.
func (h *Handler) overridden(ctx context.Context, c command.Call) ([]release.Branch, error) {
	if !c.OnPR {
		return nil, command.Misused("an override is for one pull request: comment it there")
	}
	pr, err := h.GitHub.PullRequest(ctx, c.Repo, c.Number)
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
	// HeadSince is when the head was pushed, or else when it was first seen. A
	// commit that is newer than the comment is not what its author looked at.
	HeadSince time.Time
	Part      string
	Have      Override
}

// policyFacts is what a call needs to know of the policy.
type policyFacts struct{ There, Governs bool }

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
	loaded, err := h.Policies.Policy(ctx, c.Repo)
	if err != nil {
		return f, err
	}
	if f.PR, err = h.GitHub.PullRequest(ctx, c.Repo, c.Number); err != nil {
		return f, err
	}
	f.Policy = policyFacts{There: loaded.Policy != nil, Governs: loaded.Governs(f.PR.Base)}
	seen, ok, err := h.Sightings.Sighting(ctx, c.Repo, c.Number)
	switch {
	case err != nil:
		return f, err
	case !ok || seen.Head != f.PR.Head:
		return f, fmt.Errorf("#%d has a head that was not seen yet", c.Number) // the next try sees it
	}
	if f.HeadSince = seen.HeadSince; f.HeadSince.IsZero() {
		f.HeadSince = seen.HeadSeen
	}
	f.Part, f.Have, err = h.readPart(ctx, c.Repo, c.RepoID, c.Number, f.Check)
	return f, err
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
	holds := f.Have.Commit == f.PR.Head && f.Have.Revoked == ""
	switch {
	case !f.Policy.There:
		return no(command.Invalid, overrideNoPolicy())
	case f.PR.State != github.Open:
		return no(command.NoOp, overrideClosed())
	case !f.Policy.Governs:
		return no(command.NoOp, overrideUngoverned(f.PR.Base))
	case slices.Contains([]string{f.Have.Asked, f.Have.Revoked}, f.Call.Asked()): // this very call, in an earlier try
		return no(command.Done, overrideReply(f.Have))
	case f.Call.Name == revokeName && !holds:
		return no(command.NoOp, overrideNothing())
	case f.Call.Name == overrideName && f.HeadSince.After(f.Call.At):
		return no(command.Invalid, overrideNewer(f.PR))
	}
	o := Override{
		Check: f.Check, Commit: f.PR.Head, By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.Call.At.UTC(), Reason: f.Reason, Asked: f.Call.Asked(),
	}
	if f.Call.Name == revokeName {
		o = f.Have
		o.Revoked, o.Revoker = f.Call.Asked(), f.Call.Author.Login
	}
	raw, err := json.Marshal(o)
	if err != nil {
		panic(err) // texts, numbers and times always have a JSON
	}
	return command.Outcome{Result: command.Done, Reply: overrideReply(o), Effects: []effect.Effect{effect.Section{
		Repo: f.Call.Repo, RepoID: f.Call.RepoID, Number: f.Call.Number, Comment: overrides(f.Call.Number), Head: overrideHead(),
		Mark: overrideOf(f.Check), Record: raw, Text: overrideText(o), Was: f.Part,
	}}}
}
