package build

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Where the policy says so, builds and publishes are started by workflows and not by
// the change of a file. What was started stands in notes on the tracking issue.

// dispatched is what is kept, sealed, of a build or a publish that a workflow was
// started for.
type dispatched struct {
	Version string         `json:"version"`
	Purpose Purpose        `json:"purpose"`
	By      string         `json:"by"`
	ByID    int64          `json:"by_id"`
	First   string         `json:"first,omitempty"` // who asked for a publish before the second agreed
	Asked   string         `json:"asked"`           // Call.Asked
	Branch  release.Branch `json:"branch"`
	Commit  string         `json:"commit"` // that it runs on
	At      time.Time      `json:"at"`

	unsure bool // whether it was started
}

// publishAsk is what is kept of a publish that waits for a second release manager.
type publishAsk struct {
	Version string    `json:"version"`
	By      string    `json:"by"`
	ByID    int64     `json:"by_id"`
	Asked   string    `json:"asked"`
	At      time.Time `json:"at"`
}

// askHolds is how long a publish waits for a second release manager.
const askHolds = 24 * time.Hour

// The marks of what waits: one comment on the tracking issue, with a part for each
// version.
func asksMark() effect.Mark { return effect.Mark{Kind: "publish-asks", ID: "all"} }

func askMark(v release.Version) effect.Mark {
	return effect.Mark{Kind: "publish-ask", ID: v.String()}
}

// dispatchFacts is what a call is decided on that starts a workflow.
type dispatchFacts struct {
	askFacts
	HomeID  int64
	Made    []dispatched // on this tracking issue, the oldest first
	RunsAt  string       // the commit that the workflow runs on
	Ask     *publishAsk  // of this version, nil for none
	AskPart string       // the part as it stands
}

// dispatches reports whether workflows are what builds and publishes are started by.
func (t Triggers) dispatches() bool {
	return t.By == WorkflowDispatch || t.By == RepositoryDispatch
}

// observeDispatch reads what a call needs that starts a workflow.
func (h *Handler) observeDispatch(ctx context.Context, a askFacts) (f dispatchFacts, err error) {
	f.askFacts = a
	c := f.Call
	if f.HomeID, err = h.GitHub.RepoID(ctx, c.Repo); err != nil {
		return f, err
	}
	if f.Base, f.BaseHead, err = h.baseOf(ctx, a); err != nil || f.BaseHead == "" {
		return f, err
	}
	if f.RunsAt, err = h.runsAt(ctx, f.askFacts); err != nil {
		return f, err
	}
	if f.Made, err = h.made(ctx, c.Repo, f.HomeID, c.Number); err != nil {
		return f, err
	}
	f.Did = slices.ContainsFunc(f.Made, func(d dispatched) bool { return d.Asked == c.Asked() && !d.unsure })
	f.Made = slices.DeleteFunc(f.Made, func(d dispatched) bool { return d.Asked == c.Asked() && d.unsure }) // this very call goes on
	if f.Out, err = h.out(ctx, c.Repo, f.Version); err != nil {
		return f, err
	}
	f.Tagged = slices.Contains(f.Out, f.Version)
	if f.Purpose != Publish {
		return f, nil
	}
	if f.Blockers, err = facts.Blockers.Of(f.look, f.Version); err != nil {
		return f, err
	}
	if f.Built, err = h.dispatchBuilt(ctx, f); err != nil {
		return f, err
	}
	if f.Running, err = h.publishing(ctx, f); err != nil {
		return f, err
	}
	f.AskPart, err = h.GitHub.Section(ctx, c.Repo, c.Number, asksMark(), askMark(f.Version))
	f.Ask = h.readAsk(f)
	return f, err
}

// baseOf is the branch that a version is built from, and the commit that it is at;
// "" when it isn't there.
func (h *Handler) baseOf(ctx context.Context, f askFacts) (base release.Branch, head string, err error) {
	base = f.Tracking.Branch
	if f.Version.Stage == release.Alpha {
		if base, err = h.GitHub.DefaultBranch(ctx, f.Builder); err != nil {
			return base, "", err
		}
	}
	head, err = h.GitHub.BranchHead(ctx, f.Builder, base)
	return base, head, err
}

// runsAt is the commit that a workflow runs on, and reports on. A repository_dispatch
// runs on the default branch, whatever it is about.
func (h *Handler) runsAt(ctx context.Context, f askFacts) (string, error) {
	if f.Settings.Triggers.By == WorkflowDispatch {
		return f.BaseHead, nil
	}
	base, err := h.GitHub.DefaultBranch(ctx, f.Builder)
	if err != nil {
		return "", err
	}
	return h.GitHub.BranchHead(ctx, f.Builder, base)
}

// made lists what workflows were started for, as the notes on a tracking issue say.
// A note that was changed by hand says nothing. One that was never completed may have
// started something, and counts as if it had: it is followed, and isn't started anew
// without somebody saying so.
func (h *Handler) made(ctx context.Context, home github.Repo, homeID int64, number int) ([]dispatched, error) {
	list, err := h.GitHub.OwnComments(ctx, home, number)
	var all []dispatched
	for _, c := range list {
		r := h.Sealer.Unseal(effect.Place{Repo: homeID, Number: number}, c.Body)
		var d dispatched
		noted := r.Mark.Kind == effect.MadeDispatch || r.Mark.Kind == effect.NotedDispatch
		if r.Authenticity == effect.Bound && noted && json.Unmarshal(r.JSON, &d) == nil && r.Mark.ID == d.Asked {
			d.unsure = r.Mark.Kind == effect.NotedDispatch
			all = append(all, d)
		}
	}
	return all, err
}

// dispatchBuilt says how the last build of a version came out.
func (h *Handler) dispatchBuilt(ctx context.Context, f dispatchFacts) (Built, error) {
	for _, d := range slices.Backward(f.Made) {
		if d.Purpose != Build || d.Version != f.Version.String() {
			continue
		}
		r, err := h.reportedSince(ctx, f.place, d)
		return r.built(), err
	}
	return NotBuilt, nil
}

// publishing reports whether a publish of the version is under way, as far as it has
// been heard of lately.
func (h *Handler) publishing(ctx context.Context, f dispatchFacts) (bool, error) {
	for _, d := range slices.Backward(f.Made) {
		if d.Purpose != Publish || d.Version != f.Version.String() {
			continue
		}
		r, err := h.reportedSince(ctx, f.place, d)
		one := started{Purpose: Publish, At: d.At, reports: r}
		return one.underWay(f.Now, time.Duration(f.Settings.Triggers.Silence)), err
	}
	return false, nil
}

// reportedSince reads what is reported on a commit since a workflow was started there:
// GitHub doesn't say which run reports what.
func (h *Handler) reportedSince(ctx context.Context, p place, d dispatched) (reports, error) {
	list, _, err := h.GitHub.StatusChecks(ctx, p.builder(), d.Commit)
	list = slices.DeleteFunc(list, func(c github.StatusCheck) bool { return c.At.Before(d.At.Truncate(time.Second)) })
	return p.sorted(list, d.Purpose), err
}

// readAsk reads who asked for a publish; one that was changed by hand, or is too old,
// is none.
func (h *Handler) readAsk(f dispatchFacts) *publishAsk {
	r := h.Sealer.Unseal(effect.Place{Repo: f.HomeID, Number: f.Call.Number}, f.AskPart)
	var a publishAsk
	ok := r.Authenticity == effect.Bound && r.Mark == askMark(f.Version) && json.Unmarshal(r.JSON, &a) == nil
	if !ok || a.Version != f.Version.String() || f.Call.At.Sub(a.At) > askHolds || usedUp(f.Made, a) {
		return nil
	}
	return &a
}

// usedUp reports an ask that a publish came of already.
func usedUp(made []dispatched, a publishAsk) bool {
	return slices.ContainsFunc(made, func(d dispatched) bool {
		return d.Purpose == Publish && d.Version == a.Version && !d.At.Before(a.At)
	})
}

// runDispatch works a call that starts a workflow.
func (h *Handler) runDispatch(ctx context.Context, a askFacts) (command.Outcome, error) {
	f, err := h.observeDispatch(ctx, a)
	if err != nil {
		return command.Outcome{}, err
	}
	return start(f)
}
