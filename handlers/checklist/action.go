package checklist

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The words that run an action, and that only tell of it.
const (
	runWord     = "run"
	previewWord = "preview"
)

// actionIn is what an action finds in one repository.
type actionIn struct {
	Repo      github.Repo
	RepoID    int64
	Trouble   string // why nothing can be done there, as a sentence; "" if something can
	Hushed    bool   // it is less private than the tracking issue, of which nothing is told there
	Label     bool   // it is there already
	Milestone bool
	Branch    bool
	From      string // the commit that the branch is to begin at, or is at already
	Base      release.Branch
	BaseHead  string            // of the edits; "" when the base isn't there
	HeadAt    string            // where the branch of their pull request is already
	Texts     map[string]string // the files to edit, as they are on the base
	Now       map[string]string // those that change, as they become
	// Proposed is the number of an open pull request that has them so already; 0 for
	// none.
	Proposed int
	// Approvers of the edits' pull request.
	Approvers facts.Approval
}

// maxTrouble is how much is told of why a repository can't be read, in characters.
const maxTrouble = 300

// observeAction reads what an action would change. A repository that can't be
// read doesn't keep the others from theirs.
func (h *Handler) observeAction(f callFacts, step Step) ([]actionIn, error) {
	names := step.Action.In
	if len(names) == 0 {
		names = f.Settings.Repositories
	}
	var all []actionIn
	for _, name := range names {
		in := actionIn{Repo: github.Repo{Owner: f.Call.Repo.Owner, Name: string(name)}}
		one, err := h.observeIn(f, step, in)
		if err != nil && limited(err) {
			return nil, err
		}
		if err != nil {
			one.Trouble = effect.Inert(troubleOf(err), maxTrouble)
		}
		all = append(all, one)
	}
	return all, nil
}

func (h *Handler) observeIn(f callFacts, step Step, in actionIn) (actionIn, error) {
	a, fill := step.Action, f.fill
	// The policy here chooses the release, and with it one branch; the step may make another.
	for _, b := range []release.Branch{f.branch(), release.Branch(fill(a.Branch))} {
		if b == "" {
			continue
		}
		g, err := facts.Acts.Of(f.look, facts.Act{In: in.Repo, Branch: b, Who: f.Call.Author})
		if err != nil || g.Refused != "" {
			in.Trouble = g.Told()
			return in, err
		}
		in.Hushed = g.Hushed
	}
	l, _, err := f.look.Elsewhere(in.Repo)
	if err != nil {
		return in, err
	}
	if in.RepoID, err = h.From.GitHub.RepoID(l.Context(), in.Repo); err != nil {
		return in, err
	}
	if a.Label != "" {
		if in.Label, err = h.GitHub.Label(l.Context(), in.Repo, fill(a.Label)); err != nil {
			return in, err
		}
	}
	if a.Milestone != "" {
		all, err := h.milestones().Of(l, facts.Whole{})
		if err != nil {
			return in, err
		}
		in.Milestone = slices.ContainsFunc(all, func(m github.Milestone) bool { return m.Title == fill(a.Milestone) })
	}
	if a.Branch != "" {
		if in, err = observeBranch(l, in, release.Branch(fill(a.Branch)), release.Branch(fill(a.From))); err != nil {
			return in, err
		}
	}
	if len(a.Edits) == 0 {
		return in, nil
	}
	if in.Base = release.Branch(fill(a.Base)); in.Base == "" {
		in.Base = f.branch()
	}
	return h.observeEdits(f, step, in)
}

func observeBranch(l *facts.Look, in actionIn, branch, from release.Branch) (actionIn, error) {
	head, err := facts.Tip.Of(l, branch)
	if in.Branch, in.From = head != "", head; err != nil || in.Branch {
		return in, err
	}
	if from == "" {
		if from, err = facts.DefaultBranch.Of(l, facts.Whole{}); err != nil {
			return in, err
		}
	}
	if in.From, err = facts.Tip.Of(l, from); err == nil && in.From == "" {
		in.Trouble = fmt.Sprintf("it has no branch %s to begin at", effect.Code(string(from)))
	}
	return in, err
}

func (h *Handler) observeEdits(f callFacts, step Step, in actionIn) (actionIn, error) {
	l, _, err := f.look.Elsewhere(in.Repo)
	if err != nil {
		return in, err
	}
	if in.BaseHead, err = facts.Tip.Of(l, in.Base); err != nil || in.BaseHead == "" {
		if err == nil {
			in.Trouble = fmt.Sprintf("it has no branch %s", effect.Code(string(in.Base)))
		}
		return in, err
	}
	if in.Approvers, err = facts.Approvers.Of(l, in.Base); err != nil {
		return in, err
	}
	if in.HeadAt, err = facts.Tip.Of(l, editHead(f.Tracker.Version, step)); err != nil {
		return in, err
	}
	in.Texts = map[string]string{}
	for _, e := range step.Action.Edits {
		file, err := h.GitHub.FileAt(l.Context(), in.Repo, in.BaseHead, string(e.File))
		if err != nil {
			return in, err
		}
		if file.Unread() { // a pattern that fits all of nothing would replace it whole
			in.Trouble = fmt.Sprintf("%s has %d bytes, more than Slipway reads, so nothing can be replaced in it", effect.Code(string(e.File)), file.Size)
			return in, nil
		}
		if file.Found {
			in.Texts[string(e.File)] = file.Text
		}
	}
	in.Now = f.Settings.edited(f.Tracker.Version, step.Action.Edits, in.Texts)
	if in.HeadAt != "" && len(in.Now) > 0 {
		own := false
		if own, err = h.ownHead(l, in); err != nil {
			return in, err
		}
		if !own {
			in.Trouble = fmt.Sprintf("its branch %s has commits that aren't Slipway's, which would come along; delete it, or propose the change from it by hand", effect.Code(string(editHead(f.Tracker.Version, step))))
			return in, nil
		}
		in.Proposed, err = h.proposed(l, f, step, in)
	}
	return in, err
}

// ownHead reports whether the branch for a step's pull request is where its base is,
// or at a commit of ours. Anybody who may push can prepare it otherwise.
func (h *Handler) ownHead(l *facts.Look, in actionIn) (bool, error) {
	if in.HeadAt == in.BaseHead {
		return true, nil
	}
	one, err := facts.Commit.Of(l, in.HeadAt)
	if err != nil {
		return false, err
	}
	_, address, err := h.GitHub.Committer(l.Context(), in.Repo)
	// Of what its API writes GitHub may be the committer, and the host is GitHub's own
	// choice; the number and the name are the account's.
	account, _, _ := strings.Cut(address, "@")
	return err == nil && strings.HasPrefix(one.Author, account+"@users.noreply."), err
}

// proposed finds an open pull request of ours with the very edits.
func (h *Handler) proposed(l *facts.Look, f callFacts, step Step, in actionIn) (int, error) {
	for name, want := range in.Now {
		file, err := h.GitHub.FileAt(l.Context(), in.Repo, in.HeadAt, name)
		if err != nil || file.Text != want {
			return 0, err
		}
	}
	open, err := facts.Open.Of(l, in.Base)
	for _, pr := range open {
		if pr.Author.Bot && strings.EqualFold(pr.HeadRepo.String(), in.Repo.String()) && pr.HeadRef == editHead(f.Tracker.Version, step) && pr.Head == in.HeadAt {
			return pr.Number, err
		}
	}
	return 0, err
}

// editHead is the branch of a step's pull requests.
func editHead(v release.Version, step Step) release.Branch {
	return release.Branch(fmt.Sprintf("step-%s-%s", v.Called(), step.ID))
}

// edited are the files that edits change, with what they become.
func (s Settings) edited(v release.Version, edits []Edit, texts map[string]string) map[string]string {
	now := maps.Clone(texts)
	for _, e := range edits {
		text, there := now[string(e.File)]
		form, err := regexp.Compile(s.fillPattern(e.Match, v))
		if !there || err != nil { // the policy was checked
			continue
		}
		now[string(e.File)] = s.replaced(form, text, e.Replace, v)
	}
	maps.DeleteFunc(now, func(name, text string) bool { return texts[name] == text })
	return now
}

// replaced replaces what fits. Groups are put in before what is filled in, or the 1 of
// "$1{next}" and the number after it would be one.
func (s Settings) replaced(form *regexp.Regexp, text, with string, v release.Version) string {
	var b strings.Builder
	at := 0
	for _, m := range form.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[at:m[0]])
		// What a group holds is the file's own text, in which nothing is filled in.
		for i, part := range placeholders().Split(with, -1) {
			if i > 0 {
				b.WriteString(s.fill(placeholders().FindAllString(with, -1)[i-1], v))
			}
			b.Write(form.ExpandString(nil, part, text, m))
		}
		at = m[1]
	}
	b.WriteString(text[at:])
	return b.String()
}

var placeholders = lazy.Regexp(`\{(?:version|release|major|minor|next|branch)\}`)

// act decides on an action: what is there stays, what is missing is made. Each
// repository is a place of its own, so one that fails doesn't stop the others.
func act(f callFacts, step Step, all []actionIn) command.Outcome {
	// The record first: worked again after it died midway, the call knows what it
	// has said, and does what is still missing.
	if out, did := f.again(); did {
		out.PerRepo = apart(f, step, all, true)
		return partly(out, all)
	}
	todo := apart(f, step, all, false)
	switch {
	case f.Call.Args[1] == previewWord:
		return command.Outcome{Result: command.Told, Reply: previewReply(step, all, todo)}
	case len(todo) == 0:
		return command.Outcome{Result: command.NoOp, Reply: nothingToRun(step, all)}
	}
	out := f.changed(ranReply(step, all), func(*Record) {})
	out.PerRepo = todo
	return partly(out, all)
}

// partly has an outcome say that in some repository nothing could be done.
func partly(out command.Outcome, all []actionIn) command.Outcome {
	if out.Result == command.Done && slices.ContainsFunc(all, func(in actionIn) bool { return in.Trouble != "" }) {
		out.Result = command.Partly
	}
	return out
}

// apart is what is to be done in each repository. What is there already is left
// out, unless the call was there before: its answer tells of all that came of it.
func apart(f callFacts, step Step, all []actionIn, again bool) []command.PerRepoEffects {
	var places []command.PerRepoEffects
	for _, in := range all {
		if again {
			in.Proposed = 0
		}
		if in.Trouble != "" {
			continue
		}
		if effects := actIn(f, step, in, again); len(effects) > 0 {
			places = append(places, command.PerRepoEffects{Name: effect.Code(in.Repo.Name), Effects: effects})
		}
	}
	return places
}

func actIn(f callFacts, step Step, in actionIn, again bool) []effect.Effect {
	a, v, fill := step.Action, f.Tracker.Version, f.fill
	var effects []effect.Effect
	if a.Label != "" && (again || !in.Label) {
		effects = append(effects, effect.NewLabel{Repo: in.Repo, Name: fill(a.Label)})
	}
	if a.Milestone != "" && (again || !in.Milestone) {
		effects = append(effects, effect.NewMilestone{Repo: in.Repo, Title: fill(a.Milestone)})
	}
	if a.Branch != "" && (again || !in.Branch) {
		effects = append(effects, effect.NewBranch{Repo: in.Repo, Branch: release.Branch(fill(a.Branch)), From: in.From})
	}
	files := in.Now
	if len(files) == 0 || in.Proposed != 0 {
		return effects
	}
	from := in.HeadAt
	if from == "" {
		from = in.BaseHead
	}
	head := editHead(v, step)
	what := fill(step.Title)
	if in.Hushed {
		what = "A step of the release"
	}
	title := fmt.Sprintf("[Release-%s] %s", v, what)
	write := effect.Files{Repo: in.Repo, RepoID: in.RepoID, Branch: head, Base: in.Base, From: from, Files: files, Message: title}
	of := stepRecord{Version: v.String(), Step: step.ID, Asked: f.Call.Asked()}
	if !in.Hushed { // who asked isn't told there, so it is like any other
		of.Proposal = facts.Proposal{By: f.Call.Author.Login, ByID: f.Call.Author.ID, Branch: f.branch()}.Holding(write)
	}
	record, err := json.Marshal(of)
	if err != nil {
		panic(err) // texts always have a JSON
	}
	return append(effects, write,
		effect.PullRequest{
			Repo: in.Repo, Head: head, Base: in.Base, Title: effect.Cut(title, maxPullTitle), At: effect.Place{Repo: in.RepoID}, Numbered: true,
			Mark: effect.Mark{Kind: stepKind, ID: v.Called() + "/" + step.ID}, Record: record, Text: editText(f, step, in, files),
		})
}

// stepRecord is what the text of a step's pull request has, sealed.
type stepRecord struct {
	facts.Proposal
	Version string `json:"version"`
	Step    string `json:"step"`
	Asked   string `json:"asked"`
}

// maxPullTitle is the longest title that GitHub takes for a pull request.
const maxPullTitle = 256

// editText is the text of a step's pull request. In a repository that is less private than
// the tracking issue it tells neither where that is nor who asked.
func editText(f callFacts, step Step, in actionIn, files map[string]string) string {
	v := f.Tracker.Version
	names := slices.Sorted(maps.Keys(files))
	if in.Hushed {
		return fmt.Sprintf("A step of the release %s: it changes %s as the policy says.\n\nRelease-Step: %s/%s", v.Called(), effect.Codes(names), v.Called(), step.ID)
	}
	return fmt.Sprintf("The step %s of [%s](%s): it changes %s as the policy says, for %s.\n\nRelease-Step: %s/%s",
		effect.Code(step.ID), effect.Inert(f.title(), maxTitle), f.Tracker.Issue.URL, effect.Codes(names), effect.Code(f.Call.Author.Login), v.Called(), step.ID)
}
