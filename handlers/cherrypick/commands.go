package cherrypick

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	pickName    = "cherry-pick"
	pickAlias   = "cherrypick"
	cancelName  = "cherry-pick cancel"
	cancelAlias = "cherrypick cancel"
	acceptName  = "cherry-pick accept"
	acceptAlias = "cherrypick accept"
)

// Commands implements reconcile.Commander.
func (h *Handler) Commands() []command.Command {
	pick := command.Command{
		Name: pickName, Args: "[commit] <branch>... [--dry-run|--with-needed]",
		Short: "Picks this pull request onto release branches, once it is merged; or a commit that has no pull request. Each branch gets a pull request of its own. " +
			"Asked again, it makes a draft anew that conflicted and that nobody has pushed to. With `--with-needed` what the pick needs is picked first. " +
			"With `--dry-run` nothing is picked: the status comment says what it would come to.",
		Example: []string{"/cherry-pick release-1.30", "/cherry-pick release-1.30 release-1.29", "/cherry-pick master", "/cherry-pick release-1.30 --dry-run", "/cherry-pick release-1.30 --with-needed", "/cherry-pick 0123abc release-1.30"},
		Allow:   command.Contributor, Branches: h.meant, Ignores: h.ignores, MergesInto: lands, Run: h.runPick,
		Where: "a pull request, or with a commit on any issue",
		Answer: "A line for each branch: that it is picked, or waits for the merge or its turn, or was asked for before, or why it can't be picked. " +
			"A status comment there says how it goes on.",
	}
	alias := pick
	alias.Name, alias.AliasOf, alias.Short, alias.Example = pickAlias, pickName, "The same as `/cherry-pick`.", []string{"/cherrypick release-1.30"}
	cancel := command.Command{
		Name: cancelName, Args: "[commit] <branch>...", Short: "Withdraws what was asked for. A pull request that is there already stays.",
		Example: []string{"/cherry-pick cancel release-1.30"},
		Allow:   command.Contributor, Branches: h.meant, Ignores: h.ignores, Run: h.runCancel,
		Where: "a pull request, or with a commit on any issue", Answer: "A line for each branch: that it is withdrawn, or why there is nothing to withdraw.",
	}
	cancelToo := cancel
	cancelToo.Name, cancelToo.AliasOf, cancelToo.Short, cancelToo.Example = cancelAlias, cancelName, "The same as `/cherry-pick cancel`.", []string{"/cherrypick cancel release-1.30"}
	accept := command.Command{
		Name:    acceptName,
		Short:   "Takes this draft of a cherry-pick as it is, though it has conflicts. None of them may have left markers, and a push undoes it.",
		Example: []string{"/cherry-pick accept"},
		Allow:   command.Contributor, Branches: h.acceptOn, Ignores: h.ignores, Run: h.runAccept,
		Where: "the draft of a cherry-pick", Answer: "At which commit it is accepted, or what has to be done first. The check then says who accepted it.",
	}
	acceptToo := accept
	acceptToo.Name, acceptToo.AliasOf, acceptToo.Short, acceptToo.Example = acceptAlias, acceptName, "The same as `/cherry-pick accept`.", []string{"/cherrypick accept"}
	return []command.Command{pick, alias, cancel, cancelToo, accept, acceptToo}
}

// maxBranches is how many branches one command may name.
const maxBranches = 20

// branchWords are the branches that a command names, without what people put around a
// name: marks of code, quotes, a full stop, the remote that their own git has it from.
func branchWords(c command.Call) []string {
	var names []string
	plain := plainWords(c)
	if commitWord(c) != "" {
		plain = plain[1:]
	}
	for _, name := range plain {
		if name = strings.TrimPrefix(name, "origin/"); name != "." {
			name = strings.TrimSuffix(name, ".")
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), maxBranches)]
}

var versionAlone = lazy.Regexp(`^v?([0-9]+\.[0-9]+)$`)

// understood are the branches that a command names, as the policy understands them.
func understood(p *config.Policy, c command.Call) (names []string) {
	for _, word := range branchWords(c) {
		if name := branchMeant(p, word); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// branchMeant is the branch that a word means where the policy leaves one meaning: as typed,
// in small letters, or the branch of a version.
func branchMeant(p *config.Policy, word string) string {
	if p == nil {
		return word
	}
	if word = spelled(p, word); p.Governs(release.Branch(word)) {
		return word
	}
	var of []string
	if v := versionAlone().FindStringSubmatch(word); v != nil {
		for _, pattern := range p.Branches {
			before, after, one := strings.Cut(pattern, "*")
			if one && !strings.Contains(after, "*") && p.Governs(release.Branch(before+v[1]+after)) {
				of = append(of, before+v[1]+after)
			}
		}
	}
	if len(of) == 1 {
		return of[0]
	}
	return word
}

// valid are those of the names that could be branches.
func valid(names []string) []release.Branch {
	var branches []release.Branch
	for _, name := range names {
		if b, err := release.ParseBranch(name); err == nil {
			branches = append(branches, b)
		}
	}
	return branches
}

// meant are those of the branches that a call names which can be picked onto: of the
// others nobody needs a right, since they can't be picked onto.
func (h *Handler) meant(ctx context.Context, c command.Call) ([]release.Branch, error) {
	loaded, err := h.Policies.Policy(ctx, c.Repo)
	if err != nil {
		return nil, err
	}
	named := valid(understood(loaded.Policy, c))
	onto, err := h.takesPicks(ctx, c.Repo, loaded, named)
	return slices.DeleteFunc(named, func(b release.Branch) bool { return !onto(b) }), err
}

func lands(c command.Call) []release.Branch {
	if has(c, dryRunOption) {
		return nil
	}
	return valid(branchWords(c))
}

// ignores says what gets silence: everything where there is no policy, for the
// command may be another bot's; and what somebody says who may not, where it
// could come to nothing anyway.
func (h *Handler) ignores(ctx context.Context, c command.Call, may bool) (bool, error) {
	loaded, err := h.Policies.Policy(ctx, c.Repo)
	if err != nil || !loaded.Exists() {
		return err == nil, err
	}
	if commitWord(c) != "" {
		return false, nil
	}
	if may || !c.OnPR {
		return !may, nil
	}
	pr, err := h.GitHub.CachedPull(ctx, c.Repo, c.Number)
	if errors.Is(err, reconcile.ErrGone) {
		return true, nil
	}
	return pr.State != github.Open && !pr.Merged, err
}

// callFacts is what a call is decided on.
type callFacts struct {
	Snapshot
	Call  command.Call
	Named []namedBranch
	// AskedOn is where the call was written, if it is about another pull request than that.
	AskedOn int
}

// namedBranch is one branch that a call names.
type namedBranch struct {
	Name   string
	Labels []string // that ask for it
	Why    string   // why it can't be picked to, "" if it can
	Pick   pickFacts
}

// observeCall reads what a call needs.
func (h *Handler) observeCall(ctx context.Context, c command.Call) (f callFacts, err error) {
	f.Call = c
	f.Snapshot = Snapshot{Key: key(c.Repo, numbered(kindSource, c.Number)), Now: h.Now()}
	options := pickOptions
	if c.Name == cancelName || c.Name == cancelAlias {
		options = nil
	}
	if err := unknownOption(c, options); err != nil {
		return f, err
	}
	switch {
	case !c.OnPR:
		return f, command.Misused("a pick is of one pull request: comment it there, or name a commit before the branches")
	case len(branchWords(c)) == 0:
		return f, command.Misused("which branch? None is named")
	}
	if f.Policy, f.Settings, err = h.policy(ctx, c.Repo); err != nil || f.Policy.Policy == nil {
		return f, err
	}
	pr, err := h.GitHub.CachedPull(ctx, c.Repo, c.Number)
	if err != nil {
		return f, err
	}
	f.PR = &pr
	for _, name := range understood(f.Policy.Policy, c) {
		one, err := h.observeNamed(ctx, f.Snapshot, name, c.Author)
		if err != nil {
			return f, err
		}
		f.Named = append(f.Named, one)
	}
	return f, nil
}

func (h *Handler) observeNamed(ctx context.Context, s Snapshot, name string, by github.User) (namedBranch, error) {
	s.Subject = subject{number: s.PR.Number, name: name}
	l := facts.NewLook(ctx, h.From, s.Key.Repo, s.Now)
	if err := readForward(l, &s); err != nil {
		return namedBranch{}, err
	}
	one := namedBranch{Name: name, Why: s.impossible()}
	label := s.Settings.label(name)
	if one.Why == "" && len(label) > maxLabel {
		one.Why = fmt.Sprintf("the label that would ask for it is longer than GitHub's %d characters", maxLabel)
	}
	if other, _ := s.Settings.branchOf(s.Policy.Policy, label); one.Why == "" && other != name {
		one.Why = labelOfAnother(label, other)
	}
	if one.Why != "" {
		return one, nil
	}
	var err error
	if one.Why, err = h.mayNotPick(ctx, s, by); err != nil || one.Why != "" {
		return one, err
	}
	f := &s.Pick
	one.Labels = s.Settings.asking(s.Policy.Policy, s.PR.Labels, name)
	f.Labelled = len(one.Labels) > 0
	if f.Part, err = h.GitHub.Section(ctx, s.Key.Repo, s.source(), s.Subject.status(), partMark(name)); err != nil {
		return one, err
	}
	f.Record, _ = unseal[Record](h.Sealer, s.place(), partMark(name), f.Part)
	if err = h.observeDry(ctx, &s); err != nil {
		return one, err
	}
	if s.PR.Merged {
		err = h.observePulls(l, &s)
	}
	one.Pick = *f
	return one, err
}

// mayNotPick says why somebody may not ask for a pick onto a branch, or nobody can.
func (h *Handler) mayNotPick(ctx context.Context, s Snapshot, by github.User) (why string, err error) {
	standing, err := h.Roles.Contributes(ctx, s.Key.Repo, s.branch(), by)
	if err != nil {
		return "", err
	}
	if !standing.Holds {
		return notForYou(by, standing), nil
	}
	there, err := h.GitHub.BranchHead(ctx, s.Key.Repo, s.branch())
	if err == nil && there == "" {
		why = noSuchBranch()
	}
	return why, err
}

func (h *Handler) runPick(ctx context.Context, c command.Call) (command.Outcome, error) {
	if commitWord(c) != "" {
		return h.runPickCommit(ctx, c)
	}
	f, err := h.observeCall(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	if has(c, dryRunOption) {
		return decideDryRun(f), nil
	}
	return decidePickCall(f), nil
}

func (h *Handler) runCancel(ctx context.Context, c command.Call) (command.Outcome, error) {
	if commitWord(c) != "" {
		return h.runCancelCommit(ctx, c)
	}
	f, err := h.observeCall(ctx, c)
	if err != nil {
		return command.Outcome{}, fmt.Errorf("observe /%s: %w", c.Name, err)
	}
	return decideCancel(f), nil
}

// refuse answers the calls that nothing can be done with.
func refuse(f callFacts) (command.Outcome, bool) {
	switch {
	case f.Policy.Policy == nil:
		return command.Outcome{Result: command.Invalid, Reply: faultyPolicy(f.Policy)}, true
	case f.PR.State != github.Open && !f.PR.Merged:
		return command.Outcome{Result: command.NoOp, Reply: closedSource(f)}, true
	}
	return command.Outcome{}, false
}

// decidePickCall records each request and sets its label; the rest is the work
// of the picks' own keys. The record comes first: a label of ours without one is
// a request whose asker nobody knows.
func decidePickCall(f callFacts) command.Outcome {
	if out, refused := refuse(f); refused {
		return out
	}
	var lines []string
	var effects []effect.Effect
	for _, n := range f.inTurn() {
		if n.Why == "" {
			s := f.Snapshot
			s.Subject, s.Pick = subject{number: s.PR.Number, name: n.Name}, n.Pick
			effects = append(effects, s.request(f.Call, f.ahead(n))...)
		}
		lines = append(lines, "- "+effect.Code(effect.Cut(n.Name, 80))+": "+pickReply(f, n)+neededReply(f, n))
	}
	out := command.Outcome{Result: command.Done, Reply: strings.Join(lines, "\n"), Effects: effects}
	if len(effects) == 0 {
		out.Result = command.Invalid
	}
	out.Reply = replyHead(f, len(effects) > 0) + "\n\n" + out.Reply
	return out
}

// request is what a call writes about one branch; ahead says that it doesn't wait for its turn.
func (s Snapshot) request(c command.Call, ahead bool) []effect.Effect {
	s.Pick.By = c.Author
	text := waitingText(s)
	if s.PR.Merged {
		text = pickingText(s)
	}
	plan := s.say(Waiting, text, func(r *Record) {
		r.By, r.ByID, r.At, r.Asked = c.Author.Login, c.Author.ID, c.At.UTC(), c.Asked()
		if r.For, r.Needed = 0, nil; has(c, neededOption) {
			r.Needed = &Needed{}
		}
		if r.Forced = ""; ahead {
			r.Forced = c.Asked()
		}
	})
	if s.Pick.Record.Asked == c.Asked() { // an earlier try of this call
		plan.Effects = nil
	}
	return append(plan.Effects, effect.Labels{Repo: s.Key.Repo, Number: s.source(), Labels: []string{s.Settings.label(s.Subject.name)}})
}

// decideCancel takes the labels off; the picks' own keys say what follows.
func decideCancel(f callFacts) command.Outcome {
	if out, refused := refuse(f); refused {
		return out
	}
	out := command.Outcome{Result: command.NoOp}
	var lines []string
	for _, n := range f.Named {
		switch {
		case n.Pick.Labelled:
			out.Result = command.Done
			for _, label := range n.Labels {
				out.Effects = append(out.Effects, effect.Unlabel{Repo: f.Call.Repo, Number: f.PR.Number, Label: label})
			}
			lines = append(lines, "- "+effect.Code(n.Name)+": "+cancelReply(n))
		case n.Pick.DryPart != "":
			s := f.Snapshot
			s.Subject, s.Pick = subject{number: s.PR.Number, name: n.Name}, n.Pick
			out.Result = command.Done
			out.Effects = append(out.Effects, s.say(Withdrawn, withdrawnText(), func(r *Record) { *r = Record{} }).Effects[0], s.dryPart(""))
			lines = append(lines, "- "+effect.Code(n.Name)+": the dry run is over.")
		case n.Pick.Record.State == Withdrawn || n.Pick.Part != "" && !n.Pick.Labelled:
			lines = append(lines, "- "+effect.Code(n.Name)+": "+withdrawnText())
		default:
			lines = append(lines, "- "+effect.Code(effect.Cut(n.Name, 80))+": nobody has asked for that.")
		}
	}
	out.Reply = strings.Join(lines, "\n")
	return out
}
