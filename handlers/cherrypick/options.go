package cherrypick

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/spell"
)

// The options of /cherry-pick, which may stand anywhere behind it.
const (
	dryRunOption = "--dry-run"
	neededOption = "--with-needed"
)

var pickOptions = []string{dryRunOption, neededOption}

// words are those of a call, without what people put around them: marks of code, quotes,
// commas.
func words(c command.Call) []string {
	var list []string
	for _, w := range c.Args {
		for name := range strings.FieldsFuncSeq(w, func(r rune) bool { return strings.ContainsRune(",;`'\"", r) }) {
			list = append(list, name)
		}
	}
	return list
}

// plainWords are those that are no options.
func plainWords(c command.Call) []string {
	return slices.DeleteFunc(words(c), func(w string) bool { return optionOf(w) != "" })
}

// optionOf reads a word as an option; "" for a branch, which begins with no dash. A
// telephone makes one long dash of two short ones.
func optionOf(word string) string {
	name := strings.TrimLeft(word, "-\u2010\u2011\u2012\u2013\u2014\u2212")
	switch {
	case name == word:
		return ""
	case strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--"):
		return strings.ToLower(word)
	}
	return "--" + strings.ToLower(name)
}

// has reports whether a call has an option.
func has(c command.Call, option string) bool {
	return slices.ContainsFunc(words(c), func(w string) bool { return optionOf(w) == option })
}

// unknownOption is a Misuse about the first option of a call that isn't one of these; nil
// for none. Nothing of such a call is done: who mistypes --dry-run wants no pick.
func unknownOption(c command.Call, known []string) error {
	for _, w := range words(c) {
		o := optionOf(w)
		if o == "" || slices.Contains(known, o) {
			continue
		}
		typed := effect.Code(effect.Cut(w, 80))
		if len(known) == 0 {
			return command.Misused("there is no option %s here", typed)
		}
		near, far := "", spell.Far
		for _, k := range known {
			if d := spell.Distance(o, k, len(k)/2); d < far {
				near, far = k, d
			}
		}
		if near != "" {
			return command.Misused("there is no option %s. Did you mean %s?", typed, effect.Code(near))
		}
		return command.Misused("there is no option %s. There are %s", typed, codes(known))
	}
	return nil
}
