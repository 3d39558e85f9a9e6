package releasebranch

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// This file reads CODEOWNERS line by line, as GitHub does. See
// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax

// owners is a CODEOWNERS file.
type owners struct {
	Rules []ownersRule
	Path  string // where the file stands
	Fault string // why nothing can be told by it, as a sentence
	// Unknown are those whom GitHub takes for no owner, as the file has them.
	Unknown []string
}

// ownersRule is a line that says whose files are.
type ownersRule struct {
	Line     int
	Patterns []pattern // more than one where it can't be told what is meant
	Owners   []string  // as the line has them
	Fault    string    // Markdown: what is wrong with the line; nobody knows the owners of its files
}

// maxRules bounds what a file of short lines costs.
const maxRules = 100_000

// readOwners reads a CODEOWNERS file.
func readOwners(f github.File) owners {
	o := owners{Path: f.Path}
	switch {
	case !f.Found:
		o.Fault = "The source branch has no `CODEOWNERS` file, by which the policy wants the experts to be known."
		return o
	case f.Unread() || f.Size > github.MaxFileBytes || len(f.Text) > github.MaxFileBytes:
		o.Fault = fmt.Sprintf("The `CODEOWNERS` file has %d bytes, and GitHub itself reads none of more than 3 MB.", max(f.Size, len(f.Text)))
		return o
	}
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(f.Text, "\ufeff")) {
		n++
		if r, is := readOwnersLine(strings.TrimRight(line, "\r\n")); is {
			r.Line = n
			o.Rules = append(o.Rules, r)
		}
		if len(o.Rules) > maxRules {
			return owners{Path: o.Path, Fault: fmt.Sprintf("The `CODEOWNERS` file has more than %d rules, and Slipway looks through no more.", maxRules)}
		}
	}
	return o
}

// ownerWord is what names an owner: somebody, a team with its organisation, or an address.
var ownerWord = lazy.Regexp(`^(?:@[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?|[^@\s,;<>#]+@[^@\s,;<>#]+)$`)

// readOwnersLine reads a line; is is false for one that is blank or a comment.
func readOwnersLine(line string) (r ownersRule, is bool) {
	line = strings.Trim(line, " \t\v\f\r")
	if line == "" || line[0] == '#' {
		return r, false
	}
	word, rest := cutPattern(line)
	r.Patterns, r.Fault = readPattern(word)
	r.Owners = strings.FieldsFunc(rest, func(c rune) bool { return c == ' ' || c == '\t' })
	if i := slices.IndexFunc(r.Owners, func(o string) bool { return o[0] == '#' }); i >= 0 { // a comment
		r.Owners = r.Owners[:i]
	}
	for _, o := range r.Owners {
		switch {
		case r.Fault != "" || ownerWord().MatchString(o):
		case strings.Contains(o, "#"): // whether a comment begins there, GitHub's page doesn't say
			r.Fault = effect.Code(effect.Cut(o, 100)) + " has a `#`; put a space before a comment"
		default:
			r.Fault = effect.Code(effect.Cut(o, 100)) + " names no owner; write `@login`, `@organisation/team` or an address, with nothing but a space between them"
		}
	}
	return r, true
}

// cutPattern parts a line's pattern from what follows it: at a space without a backslash.
func cutPattern(line string) (word, rest string) {
	escaped := false
	for i, c := range line {
		if !escaped && (c == ' ' || c == '\t') {
			return line[:i], line[i:]
		}
		escaped = !escaped && c == '\\'
	}
	return line, ""
}

// literally has the characters that could mean something stand for themselves.
var literally = strings.NewReplacer(`\`, `\\`, "[", `\[`)

// readPattern reads a pattern. One that GitHub doesn't take comes to all that it may
// have been meant for.
func readPattern(word string) (list []pattern, fault string) {
	quoted := effect.Code(effect.Cut(word, 100))
	odd := strings.IndexFunc(word, isOdd)
	switch hash := strings.IndexByte(word, '#'); {
	case word[0] == '!':
		return patterns(word, word[1:]), quoted + " begins with `!`, and nothing can be excepted in `CODEOWNERS`"
	case odd >= 0:
		return patterns(word[:odd], wildly(word)), quoted + " has a character that nobody sees, or that is no text"
	case hash >= 0: // a comment may begin there
		return patterns(word[:hash], literally.Replace(word), strings.ReplaceAll(word, `\`, "")), quoted + " has a `#`; put a space before a comment, and `?` in place of a `#` in a path"
	case strings.ContainsAny(word, "[]"):
		return patterns(strings.ReplaceAll(word, "[!", "[^"), literally.Replace(word)), quoted + " has brackets, which `CODEOWNERS` doesn't know; use `*` or `?` in their place"
	case strings.Contains(word, "***"):
		return patterns(manyStars().ReplaceAllString(word, "**")), quoted + " has more than two `*` in a row"
	}
	if list = patterns(word); !list[0].valid() {
		return patterns(literally.Replace(word), strings.ReplaceAll(word, `\`, "")), quoted + " has a backslash before a `/` or at its end"
	}
	return list, ""
}

var manyStars = lazy.Regexp(`\*{3,}`)

// isOdd reports what nobody sees in a line: other spaces than the plain one, marks, and
// bytes that are no text.
func isOdd(c rune) bool {
	return c == utf8.RuneError || c != ' ' && c != '\t' && !unicode.IsPrint(c)
}

// wildly has odd characters fit anything, or nothing.
func wildly(word string) string {
	return strings.Map(func(c rune) rune {
		if isOdd(c) {
			return '*'
		}
		return c
	}, strings.ReplaceAll(word, `\`, ""))
}

// pattern is what the paths below the root have to be, name by name: each fits as
// path.Match has it, and `**` is any number of names.
type pattern []string

func patterns(words ...string) (list []pattern) {
	for _, w := range words {
		list = append(list, newPattern(w))
	}
	return list
}

// newPattern is the pattern of a word. It fits at any depth without a slash before
// its end, and all that is below it unless its last name is `*`.
func newPattern(word string) pattern {
	if strings.Trim(word, "/") == "" {
		return nil // of no name: nothing's
	}
	rooted := strings.Contains(strings.TrimSuffix(word, "/"), "/")
	names := strings.Split(strings.TrimPrefix(word, "/"), "/")
	if !rooted && names[0] != "**" {
		names = append([]string{"**"}, names...)
	}
	switch last := len(names) - 1; names[last] {
	case "": // a folder: what is in it
		if names = names[:last]; names[last-1] == "**" { // any folder there
			names = append(names, "*")
		}
		names = append(names, "*", "**")
	case "**":
		names = append(names[:last], "*", "**")
	case "*":
	default:
		names = append(names, "**")
	}
	return names
}

// valid reports whether each name can be compared with others.
func (p pattern) valid() bool {
	return !slices.ContainsFunc(p, func(name string) bool { _, err := path.Match(name, ""); return err != nil })
}

// fits reports whether a path is the pattern's. After a `**` it goes back to no more
// than the last one, so that the time is bounded by the product of the lengths.
func (p pattern) fits(names []string) bool {
	i, star, from := 0, -1, 0
	for at := 0; at < len(names); {
		switch {
		case i < len(p) && p[i] == "**":
			star, from = i, at
			i++
		case i < len(p) && same(p[i], names[at]):
			i++
			at++
		case star >= 0:
			from++
			i, at = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == "**" {
		i++
	}
	return i == len(p)
}

// same reports whether a name fits one of a pattern, whose faults fit nothing.
func same(want, name string) bool {
	fit, err := path.Match(want, name)
	return fit && err == nil
}

// about is the last rule that is about it; nil if none is.
func (o owners) about(file string) *ownersRule {
	names := strings.Split(file, "/")
	for i := range slices.Backward(o.Rules) {
		if slices.ContainsFunc(o.Rules[i].Patterns, func(p pattern) bool { return p.fits(names) }) {
			return &o.Rules[i]
		}
	}
	return nil
}
