package build

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	buildName   = "release build"
	rebuildName = "release rebuild"
	publishName = "release publish"
)

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	return []command.Command{
		{
			Name: buildName, Args: "<version>",
			Short:   "Proposes the build of a version, on the tracking issue of its release: a pull request that changes the trigger file and nothing else. Where the policy has a workflow for that, it starts the workflow.",
			Example: []string{"/release build 1.31.0-beta.0"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.run,
			Where: "a tracking issue", Answer: "That the build is proposed, with a link to the pull request, or that the workflow was started. Else why this version can't be built, and what to do next.",
		},
		{
			Name: rebuildName, Args: "<version>",
			Short:   "Proposes to build once more the version that was built last.",
			Example: []string{"/release rebuild 1.31.0-beta.0"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.run,
			Where: "a tracking issue", Answer: "The same as of a build, and a warning if the version is tagged already.",
		},
		{
			Name: publishName, Args: "<version>",
			Short:   "Proposes to publish a version that was built. A second release manager has to approve the pull request, or to comment the same line where the policy has a workflow for that.",
			Example: []string{"/release publish 1.31.0-beta.0"},
			Allow:   command.ReleaseManager, Branches: h.branches, Run: h.run,
			Where: "a tracking issue", Answer: "That the publish is proposed, with a link to the pull request, and who has to approve it. Else why this version can't be published, and what to do next.",
		},
	}
}

// After implements reconcile.Commander: a pull request comes with an event of its
// own, a workflow doesn't.
func (h *Handler) After(c command.Call) []reconcile.Key {
	return []reconcile.Key{versionsKey(c.Repo, c.Number)}
}

// askFacts is what a call for a build or a publish is decided on.
type askFacts struct {
	place     // of the tracking issue
	Call      command.Call
	Tracking  release.Tracking
	Version   release.Version
	Purpose   Purpose
	Builder   github.Repo
	Hushed    bool           // the builder is less private than the tracking issue
	RepoID    int64          // of the builder
	Base      release.Branch // of the builder, that the trigger file is on
	BaseHead  string         // the commit that it is at; "" when it isn't there
	Was       map[Purpose]string
	Built     Built
	Tagged    bool                // in the home repository
	Out       []release.Version   // that are tagged there, of this minor release
	Blockers  facts.BlockerList   // of a publish
	Approvers facts.Approval      // of the pull request
	Running   bool                // the version is being published already
	Open      []github.PullDetail // that propose the same
	HeadAt    string              // where the branch of the proposal is already
	// Did says that this very call did its work in an earlier try, be its pull
	// request merged since.
	Did bool
	// Used says that an earlier proposal of the version was closed. Its branch may be
	// there still, and lead from where the base was then.
	Used  bool
	DidAt release.Branch // the branch of its pull request, if that is still open
}

// observeAsk reads what a call needs that proposes a change of a trigger file.
func (h *Handler) observeAsk(ctx context.Context, f askFacts) (_ askFacts, err error) {
	c := f.Call
	if f.Base, f.BaseHead, err = h.baseOf(ctx, f); err != nil || f.BaseHead == "" {
		return f, err
	}
	if f.RepoID, err = h.GitHub.RepoID(ctx, f.Builder); err != nil {
		return f, err
	}
	f.Was = map[Purpose]string{}
	for _, p := range []Purpose{Build, Publish} {
		file, err := h.GitHub.FileAt(ctx, f.Builder, f.BaseHead, f.path(p))
		if err = cmp.Or(err, file.Whole()); err != nil {
			return f, err
		}
		f.Was[p] = file.Text
	}
	f.Built, err = h.built(ctx, f.place, f.Base, f.Version, func(commit string) (list []github.StatusCheck, err error) {
		list, _, err = h.GitHub.StatusChecks(ctx, f.Builder, commit)
		return list, err
	})
	if err != nil {
		return f, err
	}
	if f.Out, err = h.out(ctx, c.Repo, f.Version); err != nil {
		return f, err
	}
	f.Tagged = slices.Contains(f.Out, f.Version)
	if f.Purpose == Publish && f.again() {
		if f.Running, err = h.publishingOn(ctx, f.place, f.Base, f.Version); err != nil {
			return f, err
		}
	}
	if f.Purpose == Publish {
		if f.Blockers, err = facts.Blockers.Of(f.look, f.Version); err != nil {
			return f, err
		}
	}
	there, _, err := f.look.Elsewhere(f.Builder)
	if err != nil {
		return f, err
	}
	if f.Approvers, err = facts.Approvers.Of(there, f.Base); err != nil {
		return f, err
	}
	if f.Open, err = h.proposals(ctx, f); err != nil {
		return f, err
	}
	for _, head := range []release.Branch{release.Branch(f.stem()), f.againHead()} {
		list, err := h.GitHub.PullsFrom(ctx, f.Builder, head)
		if err != nil {
			return f, err
		}
		for _, pr := range list {
			p, standing := h.proposal(pr)
			if standing != effect.Tampered && p.Asked == c.Asked() {
				if f.Did = true; pr.State == github.Open {
					f.DidAt = head
				}
			}
			f.Used = f.Used || head == release.Branch(f.stem()) && pr.State != github.Open
		}
	}
	f.HeadAt, err = h.GitHub.BranchHead(ctx, f.Builder, f.head())
	return f, err
}

// observeTracking finds out what a call is about: it is a Misuse of whoever
// wrote it if it is about nothing.
func (h *Handler) observeTracking(ctx context.Context, f askFacts) (askFacts, error) {
	c := f.Call
	p, err := h.place(ctx, c.Repo)
	if err != nil {
		return f, err
	}
	f.place, f.Builder = p, p.builder()
	switch {
	case f.Policy.Policy == nil:
		return f, command.Misused("there is no policy that would say where the trigger files are")
	case f.Settings.Triggers.Repository == "":
		return f, command.Misused("the policy names no repository with trigger files, under %s", effect.Code("release.triggers.repository"))
	}
	one, err := facts.Tracking.Of(f.look, c.Number)
	switch {
	case err != nil:
		return f, err
	case one.Number == 0:
		return f, command.Misused("this is no tracking issue of a release; say it there")
	case len(c.Args) != 1:
		return f, command.Misused("want one version and nothing else")
	}
	f.Tracking = one
	f.Version, err = versionOf(one, f.Settings.Triggers.Scheme, c.Args[0])
	return f, err
}

// versionOf reads which version of a release somebody named. The error is their Misuse.
func versionOf(one release.Tracking, s release.Scheme, named string) (release.Version, error) {
	if one.Version.Scheme != s { // nothing that is named by one is a version by the other
		anew := one.Version
		anew.Scheme = s
		start := "/release start " + anew.String()
		if _, err := s.Parse(anew.String()); err != nil { // such as 1.31 where versions are dates
			start = "/release start VERSION"
		}
		return release.Version{}, command.Misused("this release was started as %s, and the policy writes versions otherwise now; close it by %s and start it anew by %s, or give the policy its old %s back until it is out",
			one.Version, effect.Code("/release close REASON"), effect.Code(start), effect.Code("versions.scheme"))
	}
	v, err := s.Named(named)
	if err != nil {
		return v, command.Misused("%s", effect.Inert(err.Error(), maxFault))
	}
	if v.Final() != one.Version {
		return v, command.Misused("%s is no version of the release that this issue tracks, %s", v, one.Version)
	}
	return v, nil
}

// proposals are the open pull requests of the trigger files for the same version.
func (h *Handler) proposals(ctx context.Context, f askFacts) ([]github.PullDetail, error) {
	open, err := h.GitHub.OpenPullRequests(ctx, f.Builder, f.Base)
	if err != nil {
		return nil, err
	}
	var same []github.PullDetail
	for _, pr := range open {
		if name := string(pr.HeadRef); pr.Author.Bot && (name == f.stem() || strings.HasPrefix(name, f.stem()+"-again-")) {
			same = append(same, github.PullDetail{PullRequest: pr})
		}
	}
	return same, nil
}

func (f askFacts) path(p Purpose) string { return f.Settings.Triggers.path(p) }

// stem is the branch of a first proposal of a version.
func (f askFacts) stem() string { return fmt.Sprintf("trigger-%s-%s", f.Purpose, f.Version) }

// again reports whether the trigger file holds the version already, so that its
// job starts only if a blank line comes or goes.
func (f askFacts) again() bool {
	was, err := f.Settings.Triggers.read(f.Was[f.Purpose])
	return err == nil && was == f.Version
}

// head is the branch that the proposal is on. Each time that a version is to be
// built once more, or proposed once more, has one of its own, named by the call, so that a try that died
// finds it again.
func (f askFacts) head() release.Branch {
	if f.again() || f.Call.Name == rebuildName || f.Used {
		return f.againHead()
	}
	return release.Branch(f.stem())
}

func (f askFacts) againHead() release.Branch {
	return release.Branch(fmt.Sprintf("%s-again-%d-%d", f.stem(), f.Call.ID, f.Call.Index))
}

// text is what the trigger file is to hold.
func (f askFacts) text() string {
	want := f.Version.String() + "\n"
	if f.Was[f.Purpose] == want {
		return want + "\n"
	}
	return want
}

// branches says whose release managers a call needs: those of the release.
func (h *Handler) branches(ctx context.Context, c command.Call) ([]release.Branch, error) {
	f, err := h.observeTracking(ctx, askFacts{Call: c})
	if err != nil {
		return nil, err
	}
	return []release.Branch{f.Tracking.Branch}, nil
}

func (h *Handler) run(ctx context.Context, c command.Call) (command.Outcome, error) {
	f := askFacts{Call: c, Purpose: Build}
	if c.Name == publishName {
		f.Purpose = Publish
	}
	f, err := h.observeTracking(ctx, f)
	if err != nil {
		return command.Outcome{}, err
	}
	g, err := facts.Acts.Of(f.look, facts.Act{In: f.Builder, Branch: f.Tracking.Branch, Who: c.Author})
	if err != nil {
		return command.Outcome{}, err
	}
	if f.Hushed = g.Hushed; g.Refused != "" {
		return command.Outcome{Result: command.Refused, Reply: notInBuilder(f, g)}, nil
	}
	if f.Settings.Triggers.dispatches() {
		return h.runDispatch(ctx, f)
	}
	if f, err = h.observeAsk(ctx, f); err != nil {
		return command.Outcome{}, err
	}
	return propose(f)
}

// Proposal is what Slipway writes into the pull request that it proposes a build
// or a publish with, sealed.
type Proposal struct {
	facts.Proposal
	Version string  `json:"version"`
	Purpose Purpose `json:"purpose"`
	Asked   string  `json:"asked"`
	// Tracker is the number of the tracking issue, and Home its repository; neither where
	// that is more private.
	Tracker int    `json:"tracker,omitempty"`
	Home    string `json:"home,omitempty"`
}

// proposalKind is the kind of its mark; the id is the branch that it is on.
const proposalKind = "trigger"

// propose decides on a call.
func propose(f askFacts) (command.Outcome, error) {
	if out, refused, err := refuse(f); refused || err != nil {
		return out, err
	}
	title := fmt.Sprintf("[%s] Trigger %s %s", f.Base, f.Purpose, f.Version)
	from := f.HeadAt
	if from == "" {
		from = f.BaseHead
	}
	files := effect.Files{
		Repo: f.Builder, RepoID: f.RepoID, Branch: f.head(), Base: f.Base, From: from,
		Files: map[string]string{f.path(f.Purpose): f.text()}, Message: title,
	}
	of := Proposal{
		Proposal: facts.Proposal{By: f.Call.Author.Login, ByID: f.Call.Author.ID, Branch: f.Tracking.Branch}.Holding(files),
		Version:  f.Version.String(), Purpose: f.Purpose, Asked: f.Call.Asked(),
	}
	if !f.Hushed {
		of.Tracker, of.Home = f.Tracking.Number, f.Call.Repo.String()
	}
	record, err := json.Marshal(of)
	if err != nil {
		return command.Outcome{}, err
	}
	return command.Outcome{Result: command.Done, Reply: proposedReply(f), Effects: []effect.Effect{
		files,
		effect.PullRequest{
			Repo: f.Builder, Head: f.head(), Base: f.Base, Title: title,
			Mark: effect.Mark{Kind: proposalKind, ID: string(f.head())}, At: effect.Place{Repo: f.RepoID}, Record: record, Text: proposalText(f), Numbered: true,
		},
	}}, nil
}

// refuse answers the calls that nothing is proposed for.
func refuse(f askFacts) (command.Outcome, bool, error) {
	if f.Did && f.DidAt == f.head() {
		return command.Outcome{}, false, nil // written again, it is linked from the answer
	}
	if f.Did {
		return command.Outcome{Result: command.Done, Reply: proposedReply(f)}, true, nil
	}
	invalid := func(reply string) (command.Outcome, bool, error) {
		return command.Outcome{Result: command.Invalid, Reply: reply}, true, nil
	}
	switch {
	case f.Tracking.Closed:
		return invalid("The release is closed. Open the tracking issue again first.")
	case f.BaseHead == "":
		return invalid(noBase(f))
	case len(f.Open) > 0:
		return command.Outcome{Result: command.NoOp, Reply: proposedAlready(f)}, true, nil
	case f.Purpose == Publish:
		return refusePublish(f)
	case f.Call.Name == rebuildName:
		if !f.again() {
			return invalid(notLast(f))
		}
	case f.Tagged || f.Built.started():
		return invalid(builtAlready(f))
	default:
		if reply := outOfOrder(f); reply != "" {
			return invalid(reply)
		}
	}
	return command.Outcome{}, false, nil
}

func refusePublish(f askFacts) (command.Outcome, bool, error) {
	reply := ""
	switch {
	case f.Tagged:
		reply = taggedAlready(f)
	case f.Running:
		reply = publishingAlready(f.Version)
	case f.blockedBy() != "":
		reply = f.blockedBy()
	case f.Built != WasBuilt && f.Built != Unsure && f.Settings.Triggers.Unbuilt == Refusal:
		reply = notBuilt(f)
	}
	return command.Outcome{Result: command.Invalid, Reply: reply}, reply != "", nil
}

// outOfOrder says why a version can't be built next, "" if it can.
func outOfOrder(f askFacts) string {
	latest := newest(f.Settings.Triggers, map[Purpose]github.File{Build: {Text: f.Was[Build]}, Publish: {Text: f.Was[Publish]}}, f.Out, f.Base)
	switch follows := f.Version.Follows(latest); {
	case follows == release.Gap, follows == release.Back:
		return wrongOrder(f, latest)
	case follows == release.First && f.Version.N > f.Version.Scheme.FirstN():
		return notFirst(f)
	}
	return ""
}
