package provenance

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Landed is a change that stands on a branch: what it is known by, and its texts.
type Landed struct {
	Number  int      // of its pull request; 0 if it was pushed directly
	Commits []string // by which it came, as full ids
	Text    Text
}

// Fate is what became of a change among those of a range.
type Fate struct {
	// Reverts says that it takes something back, Undoes what of the range that is: of what
	// an earlier range had there is none.
	Reverts bool
	Undoes  []int
	Undone  int  // what took it back and stands; -1: nothing, so it stands itself
	Pick    bool // its texts name a source that it is a pick of
}

// Stands reports whether nothing has taken a change back.
func (f Fate) Stands() bool { return f.Undone < 0 }

// Fates judges which of the changes of a range stand, the oldest first. A change is known by
// its number, its commits, and the sources that it is a pick of: the pick of a revert takes
// back the pick of what that reverted. The texts of a source that is not in the range are
// asked of elsewhere; nil: nobody knows them.
//
// What was itself taken back takes nothing back, which the newest settles for those before it.
func Fates(list []Landed, elsewhere func(Mention) (Text, bool)) []Fate {
	j := judge{list: list, sources: make([][]Mention, len(list)), elsewhere: elsewhere}
	fates := make([]Fate, len(list))
	for i, c := range list {
		j.sources[i] = sources(c)
		fates[i] = Fate{Undone: -1, Pick: len(j.sources[i]) > 0}
	}
	for i := range list {
		fates[i].Undoes, fates[i].Reverts = j.undoes(i)
	}
	for i, f := range slices.Backward(fates) {
		if f.Undone >= 0 { // settled by a later one
			continue
		}
		for _, k := range f.Undoes {
			if fates[k].Undone < 0 {
				fates[k].Undone = i
			}
		}
	}
	return fates
}

// judge finds which changes are meant.
type judge struct {
	list      []Landed
	sources   [][]Mention
	elsewhere func(Mention) (Text, bool)
}

// sources are what a change is a pick of. A title that ends with another number than its own
// names one, as most picks by hand do.
func sources(c Landed) (all []Mention) {
	for _, m := range Mentions(c.Text) {
		if m.Pick && m.Number != c.Number {
			all = append(all, m)
		}
	}
	title, tail := Squash(c.Text.Title)
	for range 3 { // (#1) (#2) (#3)
		if tail != 0 && tail != c.Number {
			all = append(all, Mention{Number: tail, By: ByReference, Pick: true})
		}
		title, tail = Squash(title.Title)
	}
	return all
}

// undoes lists the earlier changes that one takes back.
func (j judge) undoes(i int) (all []int, reverts bool) {
	own := Undoes(j.list[i].Text)
	if own.named() {
		if all = j.named(i, own, false); len(all) > 0 {
			return all, true
		}
	}
	asked := false
	hints := hint().MatchString(j.list[i].Text.Title)
	for _, source := range j.sources[i] {
		text, known := j.text(i, source, hints)
		if !known {
			continue
		}
		if u := Undoes(text); u.Any() {
			asked = true
			if all = j.named(i, u, true); len(all) == 0 && !u.named() {
				all = j.titled(i, u.Title)
			}
		}
		if len(all) > 0 {
			return all, true
		}
	}
	if own.Title != "" && !asked && (!own.named() || len(j.sources[i]) > 0) {
		all = j.titled(i, own.Title)
	}
	return all, own.Any() || asked
}

// hint is in the titles of what takes something back. To ask for the source of each pick would
// cost a request each.
var hint = lazy.Regexp(`(?i)\b(?:revert|reapply|undo|(?:back|roll|tak(?:e|ing)|took)(?:s|ed|ing|en)?\b.*\b(?:out|back)\b|(?:out|rollback|backout)\b)`)

// text is what people wrote about a source: in the range, if it is there.
func (j judge) text(i int, source Mention, ask bool) (Text, bool) {
	for k, c := range slices.Backward(j.list) {
		if k != i && c.is(source.Number, source.Commit) {
			return c.Text, true
		}
	}
	if j.elsewhere == nil || !ask {
		return Text{}, false
	}
	return j.elsewhere(source)
}

// named finds the earlier changes that are named by a number or a commit: their own, or that
// of what they are picks of, which comes first where a pick takes something back.
func (j judge) named(i int, u Undoing, picked bool) (all []int) {
	add := func(number int, commit string) {
		for _, bySource := range []bool{picked, !picked} {
			for k := i - 1; k >= 0; k-- {
				hit := j.list[k].is(number, commit)
				if bySource {
					hit = slices.ContainsFunc(j.sources[k], func(m Mention) bool {
						return number != 0 && m.Number == number || alike(m.Commit, commit)
					})
				}
				if hit {
					if !slices.Contains(all, k) {
						all = append(all, k)
					}
					return
				}
			}
		}
	}
	for _, n := range u.Numbers {
		add(n, "")
	}
	for _, id := range u.Commits {
		add(0, id)
	}
	return all
}

// titled finds the newest earlier change of a title.
func (j judge) titled(i int, title string) []int {
	for k := i - 1; k >= 0 && title != ""; k-- {
		if Title(j.list[k].Text.Title) == title {
			return []int{k}
		}
	}
	return nil
}

// is reports whether a change is the one with a number or a commit.
func (c Landed) is(number int, commit string) bool {
	return number != 0 && c.Number == number || slices.ContainsFunc(c.Commits, func(id string) bool { return alike(id, commit) })
}

// alike reports whether one id is the other, or its beginning.
func alike(a, b string) bool {
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}
