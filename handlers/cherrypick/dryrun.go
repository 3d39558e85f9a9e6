package cherrypick

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// DryRun is somebody's question what a pick would come to. It stands, sealed, in a part of
// its own in the status comment on the source, until the pick is asked for.
type DryRun struct {
	By    string    `json:"by"`
	ByID  int64     `json:"by_id"`
	At    time.Time `json:"at"`
	Asked string    `json:"asked"`
}

func dryMark(branch string) effect.Mark { return effect.Mark{Kind: "pick-dry", ID: branch} }

// dryFor is how long the answer to a dry run is kept up to date.
const dryFor = 14 * dayLong

func (d DryRun) until() time.Time { return d.At.Add(dryFor) }

// foresight is what a pick would come to now.
type foresight struct {
	Head string // of a source that isn't merged, which is taken as one change; "" for what its merge brought
	effect.Picked
	Needs []need
	// Cannot says why there can't be a pick, and Unknown why nobody can tell what it would
	// come to, as phrases.
	Cannot, Unknown string
	Failed          error // behind Unknown, what may pass
}

// lookAgain is when a dry run is looked at without an event, and what couldn't be told is.
const lookAgain = time.Hour

// observeDry reads whether somebody asked for a dry run.
func (h *Handler) observeDry(ctx context.Context, s *Snapshot) (err error) {
	f := &s.Pick
	if s.Subject.commit != "" { // it is picked at once, and nothing says beforehand what it comes to
		return nil
	}
	f.DryPart, err = h.GitHub.Section(ctx, s.Key.Repo, s.source(), statusMark(s.source()), dryMark(s.Subject.name))
	if err == nil && f.DryPart != "" {
		if d, ok := unseal[DryRun](h.Sealer, s.place(), dryMark(s.Subject.name), f.DryPart); ok {
			f.Dry = &d
		}
	}
	return err
}

// lookBackComments is how far back a resync looks for dry runs: as far as it looks for
// commands, whose list of comments serves both. A line that is kept up to date is in it.
const lookBackComments = 24 * time.Hour

// dryRunsOf names the picks that somebody lately asked a dry run of. No label tells of them.
func (h *Handler) dryRunsOf(ctx context.Context, repo github.Repo) (keys []reconcile.Key, err error) {
	list, err := h.GitHub.CommentsSince(ctx, repo, h.Now().Add(-lookBackComments).Truncate(24*time.Hour))
	if err != nil {
		return nil, err
	}
	begin := "\n<!-- slipway:" + dryMark("").Kind + " "
	for _, c := range list {
		if !c.Author.Bot || !statusMark(c.Number).Begins(c.Body) {
			continue
		}
		for rest := c.Body; ; {
			at := strings.Index(rest, begin)
			if at < 0 {
				break
			}
			rest = rest[at+1:]
			if b := h.Sealer.Unseal(effect.Place{}, rest).Mark.ID; b != "" { // what it says is believed by its own key alone
				keys = append(keys, pickKey(repo, c.Number, b))
			}
		}
	}
	return keys, nil
}

// waits reports whether a pick that somebody may ask for waits for the merge of its source.
func (s Snapshot) waits() bool {
	return s.PR.State == github.Open && s.Pick.Labelled && s.Pick.May
}

// asked reports whether the pick is asked for by now: then there is no dry run any more.
func (s Snapshot) asked() bool {
	f := s.Pick
	made := s.due() && s.heldBy() == nil && f.ByHand == nil
	return s.waits() || f.Coming || made || f.Pull != nil && f.Pull.State == github.Open || f.Issue != nil && f.Issue.State == github.Open
}

// dryRuns reports whether a dry run is to be answered.
func (s Snapshot) dryRuns() bool {
	return s.Pick.Dry != nil && s.Now.Before(s.Pick.Dry.until()) && !s.asked()
}

// observeForesight finds out what the pick would come to, where a line says so: of a pick
// that waits for the merge, and of a dry run. Nobody else's costs anything.
func (h *Handler) observeForesight(l *facts.Look, s *Snapshot) error {
	if s.PR == nil {
		return nil
	}
	if err := h.observeDry(l.Context(), s); err != nil {
		return err
	}
	if !s.dryRuns() && (!s.waits() || s.impossible() != "") {
		return nil
	}
	// A push to either has it looked at again, and so has the merge.
	if _, err := facts.Pull.Of(l, s.source()); err != nil {
		return err
	}
	f := foresight{Cannot: s.impossible()}
	if f.Cannot == "" && (s.PR.State == github.Open || s.PR.Merged) {
		err := h.foresee(l, s, &f)
		var later *reconcile.RetryAfterError
		switch {
		case errors.As(err, &later), errors.Is(err, reconcile.ErrGone), l.Context().Err() != nil:
			return err
		case err != nil: // the line about the request doesn't wait for it
			f.Failed, f.Unknown = err, notForeseen()
		}
	}
	s.Pick.Foreseen = &f
	return nil
}

// foresee has the change laid onto the branch. What is open is one change, its head against
// its merge base, as a squash lands it.
func (h *Handler) foresee(l *facts.Look, s *Snapshot, f *foresight) error {
	ctx, c := l.Context(), s.change()
	target, err := facts.Tip.Of(l, s.branch())
	if err != nil {
		return err
	}
	if target == "" {
		f.Unknown = noBranchYet()
		return nil
	}
	if s.PR.Merged {
		source, err := h.GitHub.FreshPullDetail(ctx, s.Key.Repo, s.source())
		if err != nil {
			return err
		}
		landing, err := h.GitHub.Merged(ctx, s.Key.Repo, source)
		if c.Commits, f.Unknown = landing.Commits, landing.Unclear; err != nil || f.Unknown != "" {
			f.Unknown = unclearForesight(s.PR.Base, f.Unknown)
			return err
		}
	} else {
		at, err := facts.Compared.Of(l, facts.At{Branch: s.PR.Base, Commit: s.PR.Head})
		if err != nil {
			return err
		}
		if at.MergeBase == "" {
			f.Unknown = noMergeBase(s.PR.Base)
			return nil
		}
		f.Head, c.Commits, c.Base = s.PR.Head, []string{s.PR.Head}, at.MergeBase
	}
	if f.Picked, err = h.Picker.Foresee(ctx, c, target); err != nil {
		return err
	}
	f.Unknown = unforeseen(f.Outcome)
	f.Needs, err = h.needs(ctx, s, f.Prerequisites)
	return err
}

// foretell keeps the part about a dry run, and takes it away once the pick is asked for.
func (s Snapshot) foretell(plan reconcile.Plan) reconcile.Plan {
	f := s.Pick
	if f.Foreseen != nil && f.Foreseen.Failed != nil {
		plan.Reason += fmt.Sprintf("; what it would come to is unknown: %v", f.Foreseen.Failed)
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, s.Now.Add(lookAgain))
	}
	switch {
	case f.DryPart == "" || s.PR == nil:
	case f.Dry == nil || s.asked(): // nobody believes what was altered
		plan.Effects = append(plan.Effects, s.dryPart(""))
	case f.Foreseen != nil:
		plan.Effects = append(plan.Effects, s.dryPart(dryText(s)))
		plan.RequeueAt = reconcile.Sooner(plan.RequeueAt, s.Now.Add(lookAgain))
	}
	return plan
}

// dryPart is the effect that keeps the part about a dry run; "" takes it away.
func (s Snapshot) dryPart(text string) effect.Section {
	e := effect.Section{
		Repo: s.Key.Repo, RepoID: s.PR.RepoID, Number: s.source(), Comment: s.Subject.status(), Head: s.Subject.statusHead(),
		Mark: dryMark(s.Subject.name), Was: s.Pick.DryPart,
	}
	if text != "" {
		e.Record, e.Text = marshal(s.Pick.Dry), partText(s.Subject, text)
	}
	return e
}

// decideDryRun records who asks; the rest is the work of the picks' own keys.
func decideDryRun(f callFacts) command.Outcome {
	if out, refused := refuse(f); refused {
		return out
	}
	out := command.Outcome{Result: command.NoOp, Reply: dryHead()}
	possible := false
	for _, n := range f.Named {
		s := f.Snapshot
		s.Subject, s.Pick = subject{number: s.PR.Number, name: n.Name}, n.Pick
		out.Reply += "\n- " + effect.Code(effect.Cut(n.Name, 80)) + ": " + dryReply(s, n)
		possible = possible || n.Why == ""
		if n.Why != "" || s.saysAlready() {
			continue
		}
		out.Result = command.Done
		if s.Pick.Dry == nil || s.Pick.Dry.Asked != f.Call.Asked() { // else an earlier try of this call
			s.Pick.Dry = &DryRun{By: f.Call.Author.Login, ByID: f.Call.Author.ID, At: f.Call.At.UTC(), Asked: f.Call.Asked()}
			out.Effects = append(out.Effects, s.dryPart(dryPending(s)))
		}
	}
	if !possible {
		out.Result = command.Invalid
	}
	return out
}

// saysAlready reports whether the pick's own line says what a dry run would.
func (s Snapshot) saysAlready() bool {
	f := s.Pick
	return f.Labelled && s.PR.State == github.Open && f.Record.State == Waiting || f.Pull != nil && f.Pull.State == github.Open
}
