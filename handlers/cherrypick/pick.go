package cherrypick

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// due reports whether the change is to be picked: somebody who may asks for it,
// and nothing has come of this request yet.
func (s Snapshot) due() bool {
	f := s.Pick
	if !f.Labelled || !f.May || s.impossible() != "" {
		return false
	}
	p := f.Pull
	unsettled := f.Record.Done != f.Ask
	switch {
	case p == nil:
		return unsettled && (f.Issue == nil || f.Issue.Record.Asked != f.Ask) || s.anew()
	case p.State == github.Closed: // or merged: what was reverted since can be asked for again
		// If nobody knows any more what was asked, the closing was the answer to it.
		return unsettled && p.Record.Asked != f.Ask && !f.Lost
	case p.Anew:
		return true
	case p.applied(): // the branch may have changed the same lines since; an issue would be no pick
		return s.Settings.OnConflict != Issue
	case !p.unresolved():
		return false
	}
	// Whether somebody has pushed to the draft, its branch's tip says.
	return unsettled && p.Record.Asked != f.Ask || s.Settings.RebuildDrafts || s.rebuilds() || s.untried()
}

// decidePick plans the next step of one pick.
func decidePick(s Snapshot) reconcile.Plan {
	plan := s.takeBack(s.passOn(s.foretell(s.tellState(s.tellAsker(s.step())))))
	plan.Dependencies, plan.ReplaceDependencies = s.Rests, true
	return plan
}

func (s Snapshot) step() reconcile.Plan {
	if why := none(s.Policy); why != "" {
		return reconcile.Plan{Reason: why}
	}
	f := s.Pick
	why := s.impossible()
	switch {
	case !f.Labelled && f.Part == "" && (s.Subject.commit == "" || f.Pull == nil): // of a commit the record alone may be gone
		return reconcile.Plan{Reason: "nobody asks for this pick"}
	case s.PR.State != github.Open && !s.PR.Merged && f.Part == "":
		return reconcile.Plan{Reason: "the source was closed without being merged"}
	case s.PR.State != github.Open && !s.PR.Merged:
		return s.say(Unmerged, unmergedText(s), nil)
	case f.Pull == nil && f.Issue == nil && f.Coming:
		return reconcile.Plan{Reason: "the label of this request isn't there yet"}
	case f.Pull == nil && f.Issue == nil && !f.Labelled:
		return s.say(Withdrawn, withdrawnText(), func(r *Record) { *r = Record{Commit: r.Commit, Base: r.Base} })
	case f.Pull == nil && f.Issue == nil && !f.May:
		return s.say(Ignored, ignoredText(s), nil)
	case why != "" && f.Pull == nil && f.Issue == nil:
		return s.settle(Impossible, impossibleText(why))
	case s.PR.State == github.Open:
		return s.say(Waiting, waitingText(s), func(r *Record) { r.Done = "" })
	case s.due() && s.heldBy() != nil:
		return s.hold(*s.heldBy())
	case s.due() && f.ByHand != nil:
		return s.leave()
	case s.due():
		return s.carryOut()
	}
	return s.follow()
}

// tellAsker adds a comment of its own to what whoever asked has to know: an edit of the status
// comment notifies nobody. What was told is told once for each request.
func (s Snapshot) tellAsker(plan reconcile.Plan) reconcile.Plan {
	f := s.Pick
	for i, e := range plan.Effects {
		part, ok := e.(effect.Section)
		if !ok || part.Number != s.source() || f.By.Login == "" || f.By.Bot || f.Ask == "" {
			continue
		}
		var r Record
		if json.Unmarshal(part.Record, &r) != nil {
			continue
		}
		remade := r.State == Open && strings.Contains(r.Told+"/", "/"+string(Clashed)+"/") && f.Pull != nil && f.Pull.Record.Outcome == effect.PickClean
		state := string(r.State)
		if r.State == ByHand { // it may be one after the other
			state += fmt.Sprintf("/%d", r.StandIn.PR)
		}
		if !r.State.fails() && r.State != ByHand && !remade || wasTold(r.Told, f.Ask, state) && !s.stillConflicts(r) {
			continue
		}
		told := f.Ask + "/" + state
		if f.Pull != nil { // it may have come and gone before, and an edit of that comment tells nobody
			told += "/" + effect.Short(f.Pull.Record.Commit)
		}
		r.Told = told
		part.Record = marshal(r)
		plan.Effects[i] = part
		plan.Effects = slices.Insert(plan.Effects, i, effect.Effect(effect.Comment{
			Repo: s.Key.Repo, Number: s.source(), Mark: toldMark(s.source(), s.Subject.of(), told), Body: toldText(s, part.Text),
		}))
		break
	}
	return plan
}

// wasTold reports whether a request's newest comment told a state.
func wasTold(told, ask, state string) bool {
	rest, ok := strings.CutPrefix(told, ask+"/"+state)
	return ok && (rest == "" || rest[0] == '/')
}

// say writes our part of the status comment.
func (s Snapshot) say(state State, text string, change func(*Record)) reconcile.Plan {
	r := s.Pick.Record
	if change != nil {
		change(&r)
	}
	r.State = state
	return reconcile.Plan{
		Reason:  fmt.Sprintf("the pick of %s onto %s: %s", s.Subject.source(), s.Subject.name, state),
		Effects: []effect.Effect{s.part(r, text)},
	}
}

// part is the effect that keeps our part of the status comment.
func (s Snapshot) part(r Record, text string) effect.Section {
	if r.State != ByHand {
		r.StandIn = StandIn{}
	}
	return effect.Section{
		Repo: s.Key.Repo, RepoID: s.PR.RepoID, Number: s.source(), Comment: s.Subject.status(), Head: s.Subject.statusHead(),
		Mark: partMark(s.Subject.of()), Record: marshal(r), Text: partText(s.Subject, text), Was: s.Pick.Part,
	}
}

// settle is say for an outcome: until somebody asks again, that is that.
func (s Snapshot) settle(state State, text string) reconcile.Plan {
	return s.say(state, text, func(r *Record) { r.Done = s.Pick.Ask })
}

// carryOut plans what a pick comes to.
func (s Snapshot) carryOut() reconcile.Plan {
	f := s.Pick
	open := f.Pull != nil && f.Pull.State == github.Open
	if open && f.Pull.applied() && (f.Picked == nil || f.Picked.Outcome != effect.PickConflict && f.Picked.Outcome != effect.PickContains) {
		return s.follow() // it stands, whatever can't be told of it now
	}
	switch {
	case f.Target == "" && f.Record.Asked != f.Ask && f.Pull == nil:
		return s.say(Waiting, branchToCome(s), nil) // a label that was set before the branch was cut
	case f.Target == "":
		return s.settle(Impossible, impossibleText(noSuchBranch()))
	case f.Unclear != "":
		return s.settle(Impossible, impossibleText(unclearLanding(s)))
	case f.Tip != "" && !f.TipOurs && open:
		return s.follow()
	case f.Strayed != nil && f.Strayed.State == github.Open:
		return s.settle(Retargeted, retargetedText(*f.Strayed, s.Subject))
	case f.Tip != "" && !f.TipOurs || f.Others != nil:
		return s.settle(Taken, takenText(s))
	}
	switch f.Picked.Outcome {
	case effect.PickNoBranch:
		return s.settle(Impossible, impossibleText(noSuchBranch()))
	case effect.PickNoCommit, effect.PickNoAccess:
		return s.settle(Impossible, impossibleText(unreachable(f.Picked.Outcome)))
	case effect.PickNothing:
		return s.settle(LeftOut, nothingText(s))
	case effect.PickConflict:
		if f.Pull != nil && f.Pull.Merged && !f.Pull.Intact { // nobody knows whether this is what it came of
			return s.follow()
		}
	case effect.PickContains:
		if f.Pull != nil && f.Pull.Merged {
			return s.follow()
		}
		return s.settle(Contained, containedText(s))
	}
	if f.Picked.Refused.Reason != "" {
		return s.settle(Refused, refusedText(f.Picked.Refused))
	}
	if open && f.Pull.Record.Asked == f.Ask && f.Pull.untouched() && s.unchanged() && !s.anew() && !s.untried() {
		return s.follow() // the branch has moved, and nothing else
	}
	return s.push()
}

// unchanged reports whether a pick comes to what its draft says already.
func (s Snapshot) unchanged() bool {
	return s.Pick.Picked.Outcome == s.Pick.Pull.Record.Outcome && slices.Equal(filesOf(*s.Pick.Picked), s.Pick.Pull.Record.Files) &&
		followed(*s.Pick.Picked) == s.Pick.Pull.Record.Like
}

// push plans the pull request of a pick, or the issue about a conflict. The next
// run sees it on GitHub and goes on from there.
func (s Snapshot) push() reconcile.Plan {
	f := s.Pick
	plan := reconcile.Plan{
		Reason:  fmt.Sprintf("the pick of %s onto %s: %s", s.Subject.source(), s.Subject.name, f.Picked.Outcome),
		Enqueue: []reconcile.Key{s.Key},
	}
	conflict := f.Picked.Outcome == effect.PickConflict
	if !conflict || s.Settings.OnConflict != Issue {
		if f.Tip != f.Picked.Commit {
			pick := effect.Pick{
				Change: s.change(), Onto: f.Picked.Onto, Commit: f.Picked.Commit, Branch: s.head(), Workflows: f.Picked.Workflows, Expected: f.Tip,
			}
			if pick.Sign == effect.ByGitHub {
				return s.pushSigned(pick)
			}
			plan.Effects = append(plan.Effects, pick)
		}
		if f.Pull == nil && f.Tip == f.Picked.Commit && (s.Settings.SignCommits != SignGitHub || f.PullRefused != "") {
			// An earlier run has pushed it and came no further.
			state := Waiting
			if f.PullRefused != "" {
				state = Refused
			}
			plan.Effects = append(plan.Effects, s.say(state, pushedText(s), nil).Effects...)
		}
		plan.Effects = append(plan.Effects, s.pull())
	}
	if conflict && s.Settings.OnConflict != Draft {
		plan.Effects = append(plan.Effects, s.issue())
	}
	return plan
}

// follow plans what is left to do once there is a pull request or an issue.
func (s Snapshot) follow() reconcile.Plan {
	f := s.Pick
	p := f.Pull
	done := func(r *Record) {
		if f.Ask != "" {
			r.Done = f.Ask
		}
		if p != nil {
			r.PR = p.Number
			if b := s.Pick.Branch; b.Seen && b.Tip == "" {
				r.Gone = p.Number
			} else if p.State == github.Open {
				r.Gone = 0
			}
		}
		if f.Issue != nil {
			r.Issue = f.Issue.Number
		}
	}
	switch {
	case p == nil && f.Issue == nil && f.Strayed != nil:
		return s.say(Retargeted, retargetedText(*f.Strayed, s.Subject), done)
	case p == nil && f.Issue == nil:
		return reconcile.Plan{Reason: fmt.Sprintf("the pick of %s onto %s: %s, as was said", s.Subject.source(), s.Subject.name, f.Record.State)}
	case p != nil && p.Merged:
		return s.sweep(s.closing(s.say(Merged, mergedText(*p)+leftNote(p.Record.Left)+branchStays(s), done)))
	case p != nil && p.State == github.Closed:
		return s.sweep(s.say(Closed, closedText(*p, s.Subject)+branchStays(s), done))
	case s.undrafts():
		return reconcile.Plan{
			Reason:  fmt.Sprintf("the pick of %s onto %s applies now", s.Subject.source(), s.Subject.name),
			Effects: []effect.Effect{s.ready()}, Enqueue: []reconcile.Key{s.Key},
		}
	}
	e := s.extras()
	r := f.Record
	done(&r)
	switch {
	case r.Extras != e.Number:
		r.Extras, r.Lacks = e.Number, nil
		plan := s.tell(r)
		extras := []effect.Effect{e}
		if p != nil && f.Issue != nil && f.Issue.State == github.Open {
			extras = append(extras, s.issueExtras())
		}
		plan.Effects = append(extras, plan.Effects...)
		plan.Enqueue = append(plan.Enqueue, s.Key)
		return plan
	case r.Checked != e.Number && p != nil:
		r.Checked, r.Lacks = e.Number, lacks(e, *p)
	}
	return s.handOver(s.closing(s.tell(r)))
}

// closing has an issue about a conflict closed once there is none any more.
func (s Snapshot) closing(plan reconcile.Plan) reconcile.Plan {
	p, i := s.Pick.Pull, s.Pick.Issue
	if p != nil && !p.unresolved() && i != nil && i.State == github.Open {
		plan.Effects = append(plan.Effects, effect.IssueState{Repo: s.Key.Repo, Number: i.Number, State: github.Closed})
	}
	return plan
}

// tell writes our part about a pull request that is open, or about an issue.
func (s Snapshot) tell(r Record) reconcile.Plan {
	p := s.Pick.Pull
	state, text := Open, ""
	switch {
	case p == nil:
		state, text = Clashed, issueText(*s.Pick.Issue)
	case p.unresolved():
		state, text = Clashed, draftText(*p, s.Pick.Issue, s.Subject)
	default:
		text = openLine(s)
	}
	asks, keys := s.askNeeded(&r)
	if state == Clashed {
		text = neededText(s, text)
	}
	if p != nil {
		text += leftNote(p.Record.Left) + twinText(s)
	}
	plan := s.say(state, text+lacksText(r.Lacks), func(now *Record) { *now = r })
	plan.Effects, plan.Enqueue = append(asks, plan.Effects...), keys
	return plan
}
