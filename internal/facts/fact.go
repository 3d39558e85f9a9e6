package facts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Fact is one thing that is read: a V, for each K of a repository. K is the number
// of a pull request or an issue, a branch, Whole for what a repository has one of,
// or a type of its own with a String.
type Fact[K comparable, V any] struct {
	Name string
	// Fresh says how old it may be, which is how long it is remembered across runs: a
	// memory of GitHub's, EachLook or AsMadeOf.
	Fresh github.Memo
	// Unknown is what follows where it isn't known: Retry, Hold or Wait.
	Unknown Unknown
	// What says, of one that holds, what couldn't be done, as a phrase for people.
	What func(K) string
	// Stale are the events after which it has to be read anew. Empty is for a fact
	// that is made of others, or that its owner tells of.
	Stale []On
	// Told says that its owner tells when it changes, by Plan.Stale with the ID, and so
	// wakes who has read it, and nobody else.
	Told bool
	// Forget is the prefix of what Fresh remembers and no longer holds after an event
	// that touches it, "" for none; nil is none ever. It is forgotten as the event is
	// stored.
	Forget func(github.Event, Touch) string
	// From are the facts that it is made of; no other may be read by Read.
	From []Need
	Read func(l *Look, k K) (V, error)
}

// The ages of what isn't remembered across runs.
var (
	// EachLook is read anew by each look, once.
	EachLook = github.Memo{What: "one look"}
	// AsMadeOf is as old as what it is made of, and not remembered by itself.
	AsMadeOf = github.Memo{What: "as what it is made of"}
)

// Once is a fact that nobody but its reader knows, and whose events wake nobody: what
// one request finds out, made once in a look.
func Once[K comparable, V any](name string, read func(ctx context.Context, repo github.Repo, k K) (V, error)) Fact[K, V] {
	return Fact[K, V]{Name: name, Fresh: EachLook, Unknown: Retry, Read: func(l *Look, k K) (V, error) { return read(l.ctx, l.Repo, k) }}
}

// OnceWhole is the same of what a repository has one of.
func OnceWhole[V any](name string, read func(ctx context.Context, repo github.Repo) (V, error)) Fact[Whole, V] {
	return Once(name, func(ctx context.Context, repo github.Repo, _ Whole) (V, error) { return read(ctx, repo) })
}

// Whole is the K of a fact of which a repository has one.
type Whole struct{}

// String implements fmt.Stringer.
func (Whole) String() string { return "" }

// ID names the fact of a repository, as Look.Dependencies and Plan.Stale have it.
func (f Fact[K, V]) ID(repo github.Repo, k K) string { return id(repo, f.Name, fmt.Sprint(k)) }

// Need is a fact whose types don't matter.
type Need interface {
	// About says what there is to know of a fact without reading it.
	About() About
}

// About is what a fact is, apart from its types.
type About struct {
	Name    string
	Fresh   github.Memo
	Unknown Unknown
	Stale   []On
	Told    bool
	Forget  func(github.Event, Touch) string
	From    []Need
}

// About implements Need.
func (f Fact[K, V]) About() About {
	return About{f.Name, f.Fresh, f.Unknown, f.Stale, f.Told, f.Forget, f.From}
}

// On is an event after which a fact has to be read anew.
type On struct {
	Kind    string
	Actions []string // empty for any
	// Touches names what it is about. Nil is for what its owner names the keys of, or a
	// resync of all: it wakes nobody by itself, and only what is remembered is forgotten.
	Touches func(github.Event) []Touch
}

// Touch names what an event is about. Exactly one of Number, Issue, Branch, Commit and
// All is set, or none where nobody is woken. The events of a pull request, and those about
// all of a repository, wake the pull requests by themselves; the others wake who has read
// the fact.
type Touch struct {
	Number int // a pull request
	Issue  int
	Branch release.Branch
	Commit string
	All    bool // everything of the repository
	Moved  bool // the pull request may be against another branch than before
}

// key is the K of the facts that are touched, as it stands in their ids.
func (t Touch) key() string {
	if n := max(t.Number, t.Issue); n != 0 {
		return strconv.Itoa(n)
	}
	return cmp.Or(string(t.Branch), t.Commit)
}

// touches lists what an event touches of a fact, the zero Touch where it wakes nobody.
// One of no repository touches nothing.
func (a About) touches(e github.Event) []Touch {
	var all []Touch
	for _, on := range a.Stale {
		switch {
		case e.Repo == (github.Repo{}) || on.Kind != e.Kind || len(on.Actions) > 0 && !slices.Contains(on.Actions, e.Action):
		case on.Touches == nil:
			all = append(all, Touch{})
		default:
			all = append(all, on.Touches(e)...)
		}
	}
	return all
}

// wakes reports whether some event, or its owner, wakes who rests on the fact.
func (a About) wakes() bool {
	return a.Told || slices.ContainsFunc(a.Stale, func(on On) bool { return on.Touches != nil })
}

// Closure is a list of facts and all that they are made of, each once.
func Closure(needs ...Need) []About {
	var all []About
	var add func([]Need)
	add = func(list []Need) {
		for _, n := range list {
			about := n.About()
			if !slices.ContainsFunc(all, func(a About) bool { return a.Name == about.Name }) {
				all = append(all, about)
				add(about.From)
			}
		}
	}
	add(needs)
	return all
}

// Kinds lists the kinds of event that make any of the facts stale, sorted.
func Kinds(needs ...Need) []string {
	var kinds []string
	for _, a := range Closure(needs...) {
		for _, on := range a.Stale {
			kinds = append(kinds, on.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Touched lists what an event touches of the facts.
func Touched(e github.Event, needs ...Need) []Touch {
	var all []Touch
	for _, a := range Closure(needs...) {
		for _, t := range a.touches(e) {
			if t != (Touch{}) && !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return all
}

// Stale lists the ids of the facts that an event makes stale, as Look.Dependencies has them.
func Stale(e github.Event, needs ...Need) []string {
	var ids []string
	for _, a := range Closure(needs...) {
		for _, t := range a.touches(e) {
			if one := id(e.Repo, a.Name, t.key()); t != (Touch{}) && !slices.Contains(ids, one) {
				ids = append(ids, one)
			}
		}
	}
	return ids
}

// Forgets lists the prefixes of what is remembered of facts that an event makes stale.
func Forgets(e github.Event, needs ...Need) []string {
	var prefixes []string
	for _, a := range Closure(needs...) {
		for _, t := range a.touches(e) {
			if a.Forget == nil {
				continue
			}
			if one := a.Forget(e, t); one != "" && !slices.Contains(prefixes, one) {
				prefixes = append(prefixes, one)
			}
		}
	}
	return prefixes
}

// Rows tells of facts and of all that they are made of, in the order in which they are
// needed first.
func Rows(needs ...Need) []reconcile.FactRow {
	var rows []reconcile.FactRow
	for _, a := range Closure(needs...) {
		row := reconcile.FactRow{Name: a.Name, Fresh: a.Fresh, Unknown: string(a.Unknown)}
		for _, on := range a.Stale {
			if len(on.Actions) == 0 {
				row.Events = append(row.Events, on.Kind)
			}
			for _, action := range on.Actions {
				if one := on.Kind + "." + action; !slices.Contains(row.Events, one) {
					row.Events = append(row.Events, one)
				}
			}
		}
		for _, n := range a.From {
			row.From = append(row.From, n.About().Name)
		}
		rows = append(rows, row)
	}
	return rows
}

// id names a fact of a repository: "istio/istio labels/40".
func id(repo github.Repo, name, key string) string {
	return fmt.Sprintf("%s %s/%s", repo, name, key)
}
