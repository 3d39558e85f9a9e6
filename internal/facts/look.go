package facts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Look is one look at how things stand: one instant, one policy, and each fact
// read at most once. It is used by one goroutine, and belongs to one run.
type Look struct {
	Now  time.Time
	Repo github.Repo
	// Number is the pull request that the look is about; 0 for none. Its own events
	// wake it anyway, so its facts aren't noted as what it rests on.
	Number int

	ctx   context.Context
	from  *Sources
	seen  *seen
	may   []string // the names of the facts that may be read; nil for any
	who   string   // reads, for the error about what may not
	under *underPolicy
	waits *bool // what was read isn't known yet
}

// seen is what a look has read, shared by all who look with it.
type seen struct {
	values map[string]read
	rests  []reconcile.Dependency
}

type read struct {
	value any
	err   error
	waits bool // it, or what it is made of, isn't known yet
}

// NewLook begins a look at a repository.
func NewLook(ctx context.Context, from *Sources, repo github.Repo, now time.Time) *Look {
	return &Look{Now: now, Repo: repo, ctx: ctx, from: from, seen: &seen{values: map[string]read{}}, waits: new(bool)}
}

// Context is that of the run.
func (l *Look) Context() context.Context { return l.ctx }

// About is the same look, at one pull request.
func (l *Look) About(number int) *Look {
	one := *l
	one.Number = number
	return &one
}

// Within is the same look, for so long at most.
func (l *Look) Within(d time.Duration) (short *Look, done func()) {
	one := *l
	one.ctx, done = context.WithTimeout(l.ctx, d)
	return &one, done
}

// Noting is the same look, and whether something that was read with it isn't known yet
// (Wait), to be asked once all is read.
func (l *Look) Noting() (one *Look, waits *bool) {
	noting := *l
	noting.waits = new(bool)
	return &noting, noting.waits
}

// in is a look at another repository, by the policy in force there, whatever right there is
// to it: Elsewhere asks. It has the same
// instant, and shares what is read.
func (l *Look) in(repo github.Repo) *Look {
	other := *l
	other.Repo, other.Number, other.under = repo, 0, nil
	return &other
}

// For is the same look for somebody who may read some facts, and what these are
// made of, alone.
func (l *Look) For(who string, needs ...Need) *Look {
	narrow := *l
	narrow.who, narrow.may = who, []string{}
	for _, a := range Closure(needs...) {
		narrow.may = append(narrow.may, a.Name)
	}
	return &narrow
}

// Dependencies are the facts that were read and whose events don't wake the pull request
// that the look is about by themselves.
func (l *Look) Dependencies() []reconcile.Dependency { return l.seen.rests }

// Of reads a fact, or returns what the look has read of it before.
func (f Fact[K, V]) Of(l *Look, k K) (V, error) {
	var zero V
	if l.may != nil && !slices.Contains(l.may, f.Name) {
		return zero, fmt.Errorf("%s reads the fact %q and doesn't declare it", l.who, f.Name)
	}
	key := fmt.Sprint(k)
	name := id(l.Repo, f.Name, key)
	if l.under == nil && f.About().wakes() && !l.wakes(key) {
		if err := l.rest(name); err != nil {
			return zero, err
		}
	}
	if l.under != nil && f.restsOnPolicy() {
		name += " under " + l.under.name
	}
	have, ok := l.seen.values[name]
	if !ok {
		inner, waits := l.For("the fact "+f.Name, f.From...).Noting()
		v, err := f.Read(inner, k)
		have = f.found(k, v, err, *waits)
		l.seen.values[name] = have
	}
	*l.waits = *l.waits || have.waits
	if have.err != nil {
		return zero, have.err
	}
	return have.value.(V), nil
}

// wakes reports whether the events of a fact wake the pull request of the look
// without anybody's remembering: its own, and what concerns all of its repository.
func (l *Look) wakes(key string) bool {
	return key == "" || key == strconv.Itoa(l.Number)
}

// rest notes a fact that is about to be read, with how many events it has had.
func (l *Look) rest(name string) error {
	if l.from.Events == nil || slices.ContainsFunc(l.seen.rests, func(r reconcile.Dependency) bool { return r.Fact == name }) {
		return nil
	}
	n, err := l.from.Events.Generations(l.ctx, name)
	if err != nil {
		return fmt.Errorf("the fact %s: %w", name, err)
	}
	l.seen.rests = append(l.seen.rests, reconcile.Dependency{Fact: name, Generation: n[name]})
	return nil
}
