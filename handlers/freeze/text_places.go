package freeze

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the answer to a command that is carried out in several repositories.

// placesReply begins the list that goes on with what was done: it ends with a line for each
// repository in which there was nothing to do.
func placesReply(f callFacts, all []placed, left, unnamed bool) string {
	var b strings.Builder
	named := effect.Codes(branchNames(f.Args.branches))
	if f.Args.all {
		named = Record{All: true}.names()
	}
	switch {
	case f.Args.preview:
		fmt.Fprintf(&b, "This is a preview; nothing was changed. What a freeze of %s would hold back, by repository.", named)
	case f.Call.Name == thawName:
		fmt.Fprintf(&b, "The thaw of %s, by repository.", named)
	default:
		from := ""
		if !f.Args.from.IsZero() {
			from = "from " + instantIn(f.Args.from, f.Policy) + " "
		}
		fmt.Fprintf(&b, "The freeze of %s, %suntil %s, by repository. The check %s of the open pull requests follows in each.", named, from, untilText(f.Args.until, f.Policy), effect.Code(CheckName))
	}
	b.WriteString(placesNotes(all, left, unnamed))
	lines, done := "", false
	for _, one := range all {
		lines += one.line(f)
		done = done || len(one.Out.Effects) > 0
	}
	if lines == "" && !done {
		return b.String() + " There is nothing to do in any."
	}
	return b.String() + "\n\n" + lines
}

// placesNotes says what isn't in the list.
func placesNotes(all []placed, left, unnamed bool) string {
	var lacking, hushed []string
	for _, one := range all {
		switch {
		case one.Lacks:
			lacking = append(lacking, one.Repo.Name)
		case one.Hushed && len(one.Out.Effects) > 0:
			hushed = append(hushed, one.Repo.Name)
		}
	}
	var b strings.Builder
	if len(lacking) > 0 {
		fmt.Fprintf(&b, " There is no such branch in %s.", effect.Codes(lacking))
	}
	if len(hushed) > 0 {
		fmt.Fprintf(&b, " The reason isn't told in %s, which more people may see than this repository.", effect.Codes(hushed))
	}
	if unnamed {
		b.WriteString(" Repositories that fewer people may see than this one aren't reached from here.")
	}
	if left {
		fmt.Fprintf(&b, " **Not all were reached:** one command reaches %d repositories, those pushed to last. **Next step:** name the others.", maxPlaces)
	}
	return b.String()
}

// line tells of a repository in which nothing is done, or what goes on beside it.
func (one placed) line(f callFacts) string {
	name := effect.Code(one.Repo.Name)
	switch {
	case one.Skipped:
		return ""
	case one.Trouble != "":
		return fmt.Sprintf("- ⚠️ nothing in %s: %s.\n", name, one.Trouble)
	case f.Args.preview && one.Out.Result == command.Told:
		_, held := pullList(one.Facts.Pulls, blocks)
		_, through := pullList(one.Facts.Pulls, passes)
		return fmt.Sprintf("- %s: %s held back, %s let through\n", name, count(held, "open pull request"), count(through, "pull request"))
	case len(one.Out.Effects) == 0:
		return fmt.Sprintf("- %s: %s\n", name, oneLine(one.Out.Reply))
	}
	if others := one.Facts.goesOnBeside(); len(others) > 0 {
		return fmt.Sprintf("- %s: there other freezes go on, each with its own end: %s\n", name, strings.Join(others, ", "))
	}
	return ""
}

// goesOnBeside names the freezes that go on after a call, beside its own.
func (f callFacts) goesOnBeside() (others []string) {
	var meant map[string][]release.Branch
	if f.Call.Name == thawName {
		meant = f.meantToThaw(Thaw{Asked: f.Call.Asked()})
	}
	for _, have := range f.stillHeld(meant) {
		if have.Asked != f.Call.Asked() {
			others = append(others, freezeLine(have))
		}
	}
	return others
}

// oneLine makes a text with a list one line of another.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "\n- ", " ")), " ")
}
