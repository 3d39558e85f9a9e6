package releasebranch

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// known is everything that the verdict on one pull request rests on.
type known struct {
	Now      time.Time
	Policy   config.Loaded
	Settings Settings
	Repo     github.Repo
	PR       github.PullDetail
	Base     release.Branch // what it is judged for
	Source   release.Branch // where sources have to be
	On       release.Branch // where they are, if it is another release branch, see elsewhere
	Asker    facts.Asker    // who asked Slipway for it, where it is no pick
	Pushes   facts.Pushes   // who pushed it; by payloads alone, unless an approval may count
	Calendar release.Calendar
	Undone   facts.Undone // what it takes back exactly, if that can matter
	Starters []string     // the files here whose change starts a build or a publish
	Held     string       // why the branch is frozen now, as a phrase; "": it isn't, or it doesn't matter
	Pick     reconcile.Pick
	Commits  github.Comparison
	Words    []facts.Word // what people name on a pick of ours
	Named    []named
	Found    provenance.Finding
	Origins  map[string]origin // of the sources found, by their commits
	Owners   owners
	Teams    map[string]github.Team      // by slug
	Reviews  []github.Review             // what each reviewer says now
	Writers  map[int64]github.Permission // what those who review or lift an objection may do here who are named by their login or by a permission
	Managers []string                    // slugs of the teams that manage the branch's releases
	Part     overridePart                // our own, about overrides
	Past     github.PullHistory          // only if it can matter
	Trouble  *facts.NotKnown             // what couldn't be found out; nil: all could. Nothing passes then
}

// override is the override that holds; its Commit is "" if none does.
func (f known) override() Override {
	if f.Part.Tampered || !f.Part.Have.holds(f.sameChange(), f.Base) {
		return Override{}
	}
	return f.Part.Have
}

// sameChange are the commits that the head is the same change as: who let one of them
// past has seen all there is.
func (f known) sameChange() []string {
	return github.SameChange(f.Commits.Commits, f.Found.Updates, f.PR.Head)
}

// GitHub shows no more than so many files and commits of a pull request.
const (
	maxFiles   = 3000
	maxCommits = 250
)

// tooLarge reports a pull request of which GitHub doesn't show all, or which git doesn't
// compare.
func (f known) tooLarge() bool {
	return f.Found.Verdict == provenance.TooLarge || f.PR.Files >= maxFiles || max(f.PR.Commits, f.Commits.Total) >= maxCommits || f.Commits.Total != len(f.Commits.Commits)
}

// read reads what the verdict on a pull request rests on, the cheapest first.
func (h *Handler) read(l *facts.Look, pr github.PullRequest) (f known, err error) {
	f = known{Now: l.Now, Repo: l.Repo, Base: pr.Base, Teams: map[string]github.Team{}, Origins: map[string]origin{}, Writers: map[int64]github.Permission{}}
	if f.Policy, err = facts.Policy.Of(l, facts.Whole{}); err != nil {
		return f, err
	}
	if f.Settings, err = facts.Section[Settings](l, Name); err != nil {
		return f, err
	}
	if f.PR, err = facts.Detail.Of(l, pr.Number); err != nil {
		return f, err
	}
	if f.PR.Head != pr.Head {
		return f, gate.ErrMoved
	}
	if seen, err := facts.Sighted.Of(l, pr.Number); err != nil {
		return f, err
	} else if seen != nil {
		f.Pushes.Moves = seen.Moves
	}
	if f.Part, err = h.part().Of(l, pr.Number); err != nil {
		return f, err
	}
	if f.tooLarge() {
		return f, nil
	}
	if err = f.readDates(l); err != nil {
		return f, err
	}
	if f.Commits, err = facts.Compared.Of(l, facts.At{Branch: f.Base, Commit: f.PR.Head}); err != nil || f.tooLarge() {
		return f, err
	}
	if err := f.readOrigin(l); err != nil || f.tooLarge() {
		return f, err
	}
	if f.Asker, err = facts.AskedOf.Of(l, pr.Number); err != nil {
		return f, err
	}
	if f.Starters, err = facts.Starters.Of(l, f.Base); err != nil {
		return f, err
	}
	if err := f.readWhose(l); err != nil {
		return f, err
	}
	if err := f.readHeld(l); err != nil {
		return f, err
	}
	if len(assess(f).Ask) > 0 { // who has been asked already
		f.Past, err = facts.Past.Of(l, pr.Number)
	}
	return f, err
}

// readWhose reads who has to look at the change, and what they say.
func (f *known) readWhose(l *facts.Look) error {
	if err := f.readPeople(l); err != nil {
		return err
	}
	if err := f.readWord(l); err != nil {
		return err
	}
	there, err := f.elsewhere(l)
	if there != nil {
		*f = *there
	}
	return err
}

// readHeld reads whether the branch is frozen. That matters where changes made by hand
// are refused then, and where there is somebody to ask, which waits until it ends; others
// needn't look again when a freeze begins or ends.
func (f *known) readHeld(l *facts.Look) (err error) {
	handMade := f.Settings.HandMade.RefuseFrozen && f.Found.Verdict == provenance.Unrelated && !f.starts()
	if handMade || len(assess(*f).Ask) > 0 {
		f.Held, err = facts.Held.Of(l, f.Base)
	}
	if err == nil && handMade && f.Settings.HandMade.Reverts && (f.Held != "" || f.phase().Phase == release.FrozenPhase) {
		f.Undone, err = facts.Undo.Of(l, f.PR.Number)
	}
	return err
}

// readWord reads what the word of those who have a say depends on, here and on the sources:
// who made one has made the other, so an approval of any has all be read.
func (f *known) readWord(l *facts.Look) error {
	has := f.hasSay(f.areas())
	own := f.own()
	counts := own.mayCount(has)
	for _, o := range f.sources() {
		counts = counts || o.mayCount(has)
	}
	if err := own.read(l, has, counts); err != nil {
		return err
	}
	if err := f.readLifters(l, own); err != nil {
		return err
	}
	f.Past, f.Pushes = own.Past, own.Pushes
	for _, s := range f.Found.Sources {
		o := f.Origins[s.Commit]
		if o.PR.Number == 0 || f.Found.Verdict == provenance.Unrelated {
			continue
		}
		if err := o.read(l, has, counts); err != nil {
			return err
		}
		if err := f.readLifters(l, o.submission); err != nil {
			return err
		}
		f.Origins[s.Commit] = o
	}
	return nil
}

// readDates reads the dates of releases, which say what phase the branch is in.
func (f *known) readDates(l *facts.Look) (err error) {
	if f.Calendar, err = facts.Dates.Of(l, facts.Whole{}); err != nil {
		return err
	}
	// The open tracking issue of its minor release decides, whatever others say.
	minor := f.Calendar.Minor(f.Base)
	if why := f.Calendar.Unclear; why != "" && (minor == nil || minor.Closed) {
		return &facts.NotKnown{What: "Which phase the branch is in can't be told, because " + why, Err: errors.New(cmp.Or(f.Calendar.Cause, why))}
	}
	return nil
}

// SourceBranch is the owner's reader of facts.SourceBranch.
func SourceBranch(l *facts.Look) (release.Branch, error) {
	s, err := facts.Section[Settings](l, Name)
	if err != nil || s.SourceBranch != "" {
		return release.Branch(s.SourceBranch), err
	}
	return facts.DefaultBranch.Of(l, facts.Whole{})
}

// readOrigin finds out where the change comes from.
func (f *known) readOrigin(l *facts.Look) (err error) {
	if f.Source, err = facts.SourceBranch.Of(l, facts.Whole{}); err != nil {
		return err
	}
	if f.Pick, err = facts.Pick.Of(l, f.PR.Number); err != nil {
		return err
	}
	if f.Words, err = facts.Words.Of(l, facts.Against{Number: f.PR.Number, Base: f.Base}); err != nil {
		return err
	}
	if f.Named, err = namedBy.Of(l, facts.Against{Number: f.PR.Number, Base: f.Base}); err != nil {
		return err
	}
	if f.Reviews, err = facts.Reviews.Of(l, f.PR.Number); err != nil {
		return err
	}
	earlier, err := readEarlier(l, f.Base, f.PR.Head, f.Reviews)
	if err != nil {
		return err
	}
	prove, err := f.findSources(l, earlier)
	if err != nil {
		return f.lacksSource(l, err)
	}
	if prove == nil {
		return nil
	}
	return f.readSources(l, prove)
}

// findSources asks git where the change comes from; the answer is nil if that is too much to ask.
func (f *known) findSources(l *facts.Look, earlier []provenance.Point) (facts.Prove, error) {
	q := f.question()
	var err error
	if q.LeaveOut, err = facts.LeaveOut.Of(l, facts.Whole{}); err != nil {
		return nil, err
	}
	q.Earlier = earlier
	prove, err := facts.History.Of(l, f.Source)
	if err != nil {
		return nil, err
	}
	if f.Found, err = prove(l.Context(), f.PR.RepoID, q); err != nil || f.tooLarge() {
		return nil, err
	}
	return prove, nil
}

// maxEarlier is how many commits are compared with the head at which somebody
// approved; older approvals have to be given again.
const maxEarlier = 10

// readEarlier finds where the commits meet the base at which people approved before
// the head, the newest first.
func readEarlier(l *facts.Look, base release.Branch, head string, reviews []github.Review) (points []provenance.Point, err error) {
	seen := map[string]bool{head: true, "": true}
	for i := len(reviews) - 1; i >= 0 && len(points) < maxEarlier; i-- {
		r := reviews[i]
		if r.State != github.Approved || seen[r.Commit] {
			continue
		}
		seen[r.Commit] = true
		at, err := facts.MergeBase.Of(l, facts.At{Branch: base, Commit: r.Commit})
		if err != nil {
			return nil, fmt.Errorf("where %s was approved: %w", effect.Short(r.Commit), err)
		}
		points = append(points, provenance.Point{Commit: r.Commit, MergeBase: at})
	}
	return points, nil
}
