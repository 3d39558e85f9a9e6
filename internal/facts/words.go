package facts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Talk is what is read of what people say below a pull request.
type Talk interface {
	// Comments lists the comments on a number, the oldest first.
	Comments(ctx context.Context, repo github.Repo, number int) ([]github.Comment, error)
	// AsWritten reports whether a comment still is as its author wrote it. If GitHub answers
	// and doesn't tell, it is a reconcile.RefusedError.
	AsWritten(ctx context.Context, repo github.Repo, c github.Comment) (bool, error)
}

// Comments are those of people on a pull request that a bot opened, the oldest first; what is
// said on one of people's own asks for nothing, and nobody is woken for it.
var Comments = Fact[int, []github.Comment]{
	Name: "comments", Fresh: EachLook, Unknown: Retry,
	Stale: []On{{Kind: "issue_comment", Actions: []string{"created", "edited", "deleted"}, Touches: func(e github.Event) []Touch {
		if e.Issue == nil || e.Comment == nil || !e.Issue.IsPullRequest || !e.Issue.Author.Bot || e.Comment.Author.Bot {
			return nil
		}
		return []Touch{{Number: e.Issue.Number}}
	}}},
	Read: func(l *Look, n int) ([]github.Comment, error) {
		all, err := l.from.GitHub.Comments(l.ctx, l.Repo, n)
		return slices.DeleteFunc(all, func(c github.Comment) bool { return c.Author.Bot || c.Author.ID == 0 }), err
	},
}

// MayAsk is what is known of whether somebody may ask for picks onto a branch. What can't be
// looked up is nobody who may.
var MayAsk = Fact[Role, reconcile.RoleDecision]{
	Name: "may ask", Fresh: EachLook, Unknown: Wait, From: []Need{Policy},
	Read: func(l *Look, r Role) (reconcile.RoleDecision, error) { return l.from.Owned.MayAsk(l, r) },
}

// Against is a pull request as it would be against a branch.
type Against struct {
	Number int
	Base   release.Branch
}

// String implements fmt.Stringer.
func (a Against) String() string { return fmt.Sprintf("%d for %s", a.Number, a.Base) }

// Word is what somebody names as something that a pick of ours holds beside what was
// asked for.
type Word struct {
	provenance.Mention
	Who     github.User            // who says so; zero: nobody knows
	Asks    reconcile.RoleDecision // whether they may ask for picks onto the branch
	Comment string                 // the address of the comment that says so; "": a message does
	Message string                 // the commit whose message says so
	Lost    LostWord               // why it doesn't count
}

// LostWord is why a word doesn't count.
type LostWord string

// The reasons.
const (
	Counts     LostWord = ""
	MayNot     LostWord = "may not ask"
	EditedWord LostWord = "edited"
	UntoldWord LostWord = "not told"
	Nobodys    LostWord = "nobody knows who pushed"
)

// Words are what people name on a pick of ours; none of any other pull request, whose texts
// are people's own. What stands in the pick was written by us, so it is no evidence of
// what the pick holds. People say that, and their word counts like a request for a pick: in
// a comment, as they wrote it, or in the message of a commit that they pushed. Those that
// count come first.
var Words = Fact[Against, []Word]{
	Name: "words", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Detail, Compared, Pick, Merged, Comments, MayAsk, Pushed},
	Read: func(l *Look, k Against) ([]Word, error) {
		pick, err := Pick.Of(l, k.Number)
		if err != nil || !pick.Is() {
			return nil, err
		}
		asked := github.Landing{Commits: []string{pick.Commit}}
		if pick.Source != 0 {
			if asked, err = Merged.Of(l, pick.Source); err != nil {
				return nil, err
			}
		}
		w := &words{l: l, branch: k.Base, beside: func(m provenance.Mention) bool {
			return m.Number != pick.Source && !slices.ContainsFunc(asked.Commits, func(id string) bool {
				return m.Commit != "" && strings.HasPrefix(id, m.Commit)
			})
		}}
		if err := w.inMessages(k); err != nil {
			return nil, err
		}
		if err := w.inComments(k.Number); err != nil {
			return nil, err
		}
		return append(w.count, slices.DeleteFunc(w.lost, func(o Word) bool { return w.counts(o.Mention) })...), nil
	},
}

// Bounds of what is looked at: anybody may comment.
const (
	maxWords  = 12 // that count
	maxLost   = 5
	maxPeople = 30
)

// words collects them.
type words struct {
	l      *Look
	branch release.Branch
	beside func(provenance.Mention) bool // it isn't what was asked for
	people map[int64]bool
	count  []Word
	lost   []Word
}

func alike(a, b provenance.Mention) bool { return a.Number == b.Number && a.Commit == b.Commit }

func (w *words) counts(m provenance.Mention) bool {
	return slices.ContainsFunc(w.count, func(o Word) bool { return alike(o.Mention, m) })
}

// add adds a word with what has become of it.
func (w *words) add(one Word, lost LostWord) {
	one.Lost = lost
	switch {
	case w.counts(one.Mention):
	case lost == Counts && len(w.count) < maxWords:
		w.count = append(w.count, one)
	case lost != Counts && len(w.lost) < maxLost && !slices.ContainsFunc(w.lost, func(o Word) bool { return alike(o.Mention, one.Mention) && o.Who.ID == one.Who.ID }):
		w.lost = append(w.lost, one)
	}
}

// asks looks up whether somebody may ask. A bot does what anybody tells it.
func (w *words) asks(who github.User) (r reconcile.RoleDecision, err error) {
	if w.people == nil {
		w.people = map[int64]bool{}
	}
	if w.people[who.ID] = true; who.ID == 0 || who.Bot || len(w.people) > maxPeople {
		return r, nil
	}
	return MayAsk.Of(w.l, Role{Branch: w.branch, Who: who})
}

// mentions are what a text names beside what was asked for.
func (w *words) mentions(t provenance.Text) []provenance.Mention {
	t.Repo = w.l.Repo.String()
	return slices.DeleteFunc(provenance.Mentions(t), func(m provenance.Mention) bool { return !w.beside(m) })
}

// inMessages reads the messages of people's commits. Their authors' names are anybody's word,
// so is a signature of what was made for another branch: who pushed one says what it says,
// and everybody who may have pushed it has to be somebody who may ask.
func (w *words) inMessages(k Against) error {
	pr, err := Detail.Of(w.l, k.Number)
	if err != nil {
		return err
	}
	compared, err := Compared.Of(w.l, At{k.Base, pr.Head})
	if err != nil {
		return err
	}
	var said []Word
	for _, c := range compared.Commits {
		if c.Committer.Bot || c.OwnPick { // ours, with the words of the source
			continue
		}
		for _, m := range w.mentions(provenance.Text{Messages: []string{provenance.Said(c.Message)}}) {
			said = append(said, Word{Mention: m, Message: c.ID})
		}
	}
	if len(said) == 0 {
		return nil
	}
	pushed, err := Pushed.Of(w.l, Whose{Number: k.Number, Doubt: true})
	if err != nil {
		return err
	}
	for _, one := range said {
		by := github.Bringers(one.Message, compared.Commits, pushed.Moves)
		lost := Counts
		if len(by) == 0 || pushed.Unclear != "" {
			by, lost = nil, Nobodys
		}
		for _, who := range by {
			r, err := w.asks(who)
			if err != nil {
				return err
			}
			if one.Who, one.Asks = who, r; !r.Holds {
				if lost = MayNot; who.ID == 0 {
					lost = Nobodys
				}
				break
			}
		}
		w.add(one, lost)
	}
	return nil
}

// inComments reads what the comments name as what was picked, too: other numbers are talk.
// One that was edited is whoever's word who may edit it.
func (w *words) inComments(number int) error {
	all, err := Comments.Of(w.l, number)
	if err != nil {
		return err
	}
	for _, c := range all {
		named := slices.DeleteFunc(w.mentions(provenance.Text{Body: c.Body}), func(m provenance.Mention) bool { return !m.Pick || w.counts(m) })
		if len(named) == 0 {
			continue
		}
		may, err := w.asks(c.Author)
		if err != nil {
			return err
		}
		lost := MayNot
		if may.Holds && len(w.count) < maxWords {
			if lost, err = w.asWritten(c); err != nil {
				return err
			}
		}
		for _, m := range named {
			w.add(Word{Mention: m, Who: c.Author, Asks: may, Comment: c.URL}, lost)
		}
	}
	return nil
}

func (w *words) asWritten(c github.Comment) (LostWord, error) {
	is, err := w.l.from.GitHub.AsWritten(w.l.ctx, w.l.Repo, c)
	var untold *reconcile.RefusedError
	switch {
	case errors.As(err, &untold):
		return UntoldWord, nil
	case err != nil || is:
		return Counts, err
	}
	return EditedWord, nil
}

// FailedPick is what an issue of ours about a pick that failed is about. Its text is ours, so
// that nothing else in it is named by anybody.
type FailedPick struct {
	Ours   bool // our App wrote it
	Source int  // whose pick failed; 0 of another issue of ours, or if nobody can tell
}

// Failed is that of an issue.
var Failed = Fact[int, FailedPick]{
	Name: "failed pick", Fresh: AsMadeOf, Unknown: Retry, From: []Need{Issue},
	Read: func(l *Look, n int) (f FailedPick, err error) {
		issue, err := Issue.Of(l, n)
		if err != nil || !issue.Author.Bot {
			return f, err
		}
		id, err := l.from.GitHub.RepoID(l.ctx, l.Repo)
		if err != nil {
			return f, err
		}
		return l.from.Owned.Failed(l, id, issue)
	},
}
