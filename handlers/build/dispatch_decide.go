package build

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// start decides on a call that starts a workflow.
func start(f dispatchFacts) (command.Outcome, error) {
	if f.Did {
		return command.Outcome{Result: command.Done, Reply: startedReply(f)}, nil
	}
	if reply := refuseStart(f); reply != "" {
		return command.Outcome{Result: command.Invalid, Reply: reply}, nil
	}
	if f.Purpose == Publish && (f.Ask == nil || f.Ask.ByID == f.Call.Author.ID) {
		return ask(f)
	}
	d := dispatched{
		Version: f.Version.String(), Purpose: f.Purpose, By: f.Call.Author.Login, ByID: f.Call.Author.ID, Asked: f.Call.Asked(),
		Branch: f.Base, Commit: f.RunsAt, At: f.Now.UTC().Truncate(time.Second),
	}
	if f.Ask != nil {
		d.First = f.Ask.By
	}
	record, err := json.Marshal(d)
	if err != nil {
		return command.Outcome{}, err
	}
	e := effect.Dispatch{
		Repo: f.Builder, Ref: f.Base, Inputs: f.inputs(),
		Note: effect.Note{Repo: f.Call.Repo, RepoID: f.HomeID, Number: f.Call.Number, ID: f.Call.Asked(), Record: record, Before: noteBefore(f), After: noteAfter(f, d)},
	}
	if name := f.Settings.Triggers.dispatch(f.Purpose); f.Settings.Triggers.By == WorkflowDispatch {
		e.Workflow = name
	} else {
		e.Event = name
	}
	return command.Outcome{Result: command.Done, Reply: startedReply(f), Effects: []effect.Effect{e}}, nil
}

// refuseStart answers the calls that start nothing, "" for one that does.
func refuseStart(f dispatchFacts) string {
	started := f.startedAlready()
	switch {
	case f.Tracking.Closed:
		return "The release is closed. Open the tracking issue again first."
	case f.BaseHead == "":
		return noBase(f.askFacts)
	case f.Purpose == Publish && f.Tagged:
		return taggedAlready(f.askFacts)
	case f.Purpose == Publish && f.Running:
		return publishingAlready(f.Version)
	case f.Purpose == Publish && f.blockedBy() != "":
		return f.blockedBy()
	case f.Purpose == Publish && f.Built != WasBuilt && f.Settings.Triggers.Unbuilt == Refusal:
		return notBuilt(f.askFacts)
	case f.Purpose == Publish:
		return ""
	case f.Call.Name == rebuildName && !started && !f.Tagged:
		return neverStarted(f)
	case f.Call.Name == rebuildName:
		return ""
	case started || f.Tagged:
		return builtAlready(f.askFacts)
	}
	if latest := f.newest(); outOfTurn(f.Version, latest) {
		return wrongTurn(f, latest)
	}
	return ""
}

func outOfTurn(v, latest release.Version) bool {
	follows := v.Follows(latest)
	return follows == release.Gap || follows == release.Back
}

// startedAlready reports whether a workflow was started for this purpose and version.
func (f dispatchFacts) startedAlready() bool {
	for _, d := range f.Made {
		if d.Purpose == f.Purpose && d.Version == f.Version.String() {
			return true
		}
	}
	return false
}

// newest is the newest version of this release that was started or is tagged.
func (f dispatchFacts) newest() (latest release.Version) {
	all := slices.Clone(f.Out)
	for _, d := range f.Made {
		if v, err := f.Settings.Triggers.Scheme.Recorded(d.Version); err == nil {
			all = append(all, v)
		}
	}
	for _, v := range all {
		if v.Final() == f.Version.Final() && v.Compare(latest) > 0 {
			latest = v
		}
	}
	return latest
}

// inputs are what the workflow is given.
func (f dispatchFacts) inputs() map[string]string {
	inputs := map[string]string{}
	fill := strings.NewReplacer("{version}", f.Version.String(), "{branch}", string(f.Base), "{purpose}", string(f.Purpose))
	for _, i := range f.Settings.Triggers.Inputs {
		inputs[i.Name] = fill.Replace(i.Value)
	}
	return inputs
}

// ask notes a publish that a second release manager has to ask for, too.
func ask(f dispatchFacts) (command.Outcome, error) {
	switch {
	case f.Ask != nil && f.Ask.Asked == f.Call.Asked(): // an earlier try of this very call
		return command.Outcome{Result: command.Done, Reply: askedReply(f)}, nil
	case f.Ask != nil:
		return command.Outcome{Result: command.NoOp, Reply: askedYourself(f)}, nil
	}
	record, err := json.Marshal(publishAsk{Version: f.Version.String(), By: f.Call.Author.Login, ByID: f.Call.Author.ID, Asked: f.Call.Asked(), At: f.Call.At.UTC()})
	if err != nil {
		return command.Outcome{}, err
	}
	return command.Outcome{Result: command.Done, Reply: askedReply(f), Effects: []effect.Effect{effect.Section{
		Repo: f.Call.Repo, RepoID: f.HomeID, Number: f.Call.Number, Comment: asksMark(), Head: "### Publishes that wait for a second release manager",
		Mark: askMark(f.Version), Record: record, Text: askText(f), Was: f.AskPart,
	}}}, nil
}
