package freeze

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/spell"
)

// everyBranch stands in a command for every governed branch.
const everyBranch = "all"

// words are a command's arguments, read from the left.
type words struct {
	args []string
	rest string // what is left, as typed
}

func wordsOf(c command.Call) words { return words{c.Args, strings.TrimSpace(c.Rest)} }

func (w *words) peek() string {
	if len(w.args) == 0 {
		return ""
	}
	return w.args[0]
}

func (w *words) next() string {
	word := w.peek()
	if len(w.args) > 0 {
		w.args = w.args[1:]
		w.rest = strings.TrimSpace(strings.TrimPrefix(w.rest, word))
	}
	return word
}

// named are the branches that a command begins with.
type named struct {
	all      bool
	branches []release.Branch
}

// branches reads the branches that a command begins with, with spaces, commas or "and"
// between them. The first has to be one; those that follow are taken for branches as long as
// the policy governs them, so that a reason may begin with any word.
func (w *words) branches(p config.Loaded) (named, error) {
	if w.peek() == "" {
		return named{}, command.Misused("which branch? None is named")
	}
	if strings.EqualFold(strings.Trim(w.peek(), ","), everyBranch) {
		w.next()
		return named{all: true}, nil
	}
	var n named
	for first := true; w.peek() != ""; first = false {
		list := w.peek()
		if !first && joins(list) && len(w.args) > 1 && governsAll(p, w.args[1]) {
			w.next()
			list = w.peek()
		}
		if !first && !governsAll(p, list) {
			break
		}
		for _, name := range branchNamesIn(list) {
			b, err := release.ParseBranch(name)
			if err != nil {
				return named{}, command.Misused("%s is not a branch name: %v", effect.Code(effect.Cut(name, 80)), err)
			}
			if !slices.Contains(n.branches, b) {
				n.branches = append(n.branches, b)
			}
		}
		w.next()
	}
	return n, nil
}

// joins reports a word that stands between the names of a list.
func joins(word string) bool {
	return word == "," || word == "&" || word == "+" || strings.EqualFold(word, "and")
}

// branchNamesIn are the names in one word, which may have commas between them.
func branchNamesIn(word string) []string {
	return strings.FieldsFunc(word, func(r rune) bool { return r == ',' || r == ';' })
}

func governsAll(p config.Loaded, word string) bool {
	names := branchNamesIn(word)
	return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !p.Policy.Governs(release.Branch(name)) })
}

// spoken reads when it begins and ends out of what is left, and leaves the reason.
func (w *words) spoken(now time.Time, p config.Loaded) (release.Spoken, error) {
	s, err := release.ReadSpoken(w.rest, now, zoneOf(p).Location())
	var fault *release.TimeFault
	if errors.As(err, &fault) { // what was wanted holds nothing that somebody wrote
		return s, command.Misused("%s. Want %s", effect.Inert(fault.What, maxFault), fault.Want)
	}
	return s, err
}

// strayBranch refuses a reason in which a branch is left over, or a slip of the fingers that was meant
// to be one: it would stay open.
func strayBranch(reason string, p config.Loaded) error {
	for _, word := range release.Unquoted(reason) {
		if like := branchLike(p, word); like != "" {
			return command.Misused("%s looks like a branch (the policy governs %s), and would be part of the reason. Name all branches first, "+
				"with spaces between them; in a reason, put it in quotes", effect.Code(effect.Cut(word, 80)), effect.Code(like))
		}
	}
	return nil
}

// branchLike is the governed pattern that a word fits, or would but for one slip; "" for none.
func branchLike(p config.Loaded, word string) string {
	word = strings.TrimPrefix(strings.ToLower(word), "origin/")
	for _, pattern := range p.Policy.Branches {
		prefix, _, open := strings.Cut(strings.ToLower(pattern), "*")
		switch {
		case p.Policy.Governs(release.Branch(word)) && release.MatchBranch(pattern, release.Branch(word)):
			return pattern
		case len(prefix) < 4:
		case !open && spell.Distance(word, prefix, 1) <= 1:
			return pattern
		case open:
			for n := len(prefix) - 1; n <= len(prefix)+1 && n < len(word); n++ {
				if isDigit(word[n]) && spell.Distance(word[:n], prefix, 1) <= 1 {
					return pattern
				}
			}
		}
	}
	return ""
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// previewWord asks what a freeze would hold back.
const previewWord = "preview"

// freezeArgs are the arguments of /release freeze.
type freezeArgs struct {
	named
	from    time.Time // zero for at once
	until   time.Time
	preview bool
	reason  string
	issues  []int  // of a thaw: the freezes that it is about
	in      places // none for the repository itself
}

func parseFreeze(c command.Call, p config.Loaded) (freezeArgs, error) {
	var a freezeArgs
	var err error
	w := wordsOf(c)
	if a.named, err = w.branches(p); err != nil {
		return a, err
	}
	s, err := w.spoken(c.At, p)
	if err != nil {
		return a, err
	}
	rest := s.Rest
	if a.in, rest, err = readPlaces(c.Repo.Owner, rest); err != nil {
		return a, err
	}
	if err := strayBranch(rest, p); err != nil {
		return a, err
	}
	a.from, a.until, a.reason = s.From.UTC(), s.Until.UTC(), effect.Cut(rest, maxReason)
	switch said := strings.Fields(rest); {
	case len(said) == 1 && strings.EqualFold(said[0], previewWord):
		a.preview, a.reason = true, ""
	case len(said) > 1 && (strings.EqualFold(said[0], previewWord) || strings.EqualFold(said[len(said)-1], previewWord)):
		// Nobody who writes the word means to freeze for real.
		return a, command.Misused("%s comes after the branches and the end, and takes no reason", effect.Code(previewWord))
	}
	return a, nil
}

// parseThaw reads the arguments of /release thaw, where every word is a branch or a freeze.
func parseThaw(c command.Call, p config.Loaded) (a freezeArgs, err error) {
	w := wordsOf(c)
	if a.named, err = w.branches(p); err != nil {
		return a, err
	}
	for word := w.peek(); word != ""; word = w.peek() {
		if strings.EqualFold(word, inWord) && !a.in.any() {
			left := ""
			if a.in, left, err = readPlaces(c.Repo.Owner, w.rest); err != nil {
				return a, err
			}
			w = words{strings.Fields(left), left}
			continue
		}
		w.next()
		digits, is := strings.CutPrefix(strings.Trim(word, ","), "#")
		n, err := strconv.Atoi(digits)
		switch {
		case is && err == nil && n > 0:
			a.issues = append(a.issues, n)
		case !joins(word):
			return a, command.Misused("%s is not a branch that is governed here", effect.Code(effect.Cut(word, 80)))
		}
	}
	if a.in.any() && len(a.issues) > 0 {
		return a, command.Misused("an issue is one repository's: comment its number there, without %s", effect.Code(inWord))
	}
	return a, nil
}

// exemptArgs are the arguments of /release exempt.
type exemptArgs struct {
	until  time.Time
	reason string
}

func parseExempt(c command.Call, p config.Loaded, s Settings) (exemptArgs, error) {
	w := wordsOf(c)
	said, err := w.spoken(c.At, p)
	if err == nil {
		err = strayBranch(said.Rest, p)
	}
	until := said.Until.UTC()
	switch {
	case err != nil:
		return exemptArgs{}, err
	case !said.From.IsZero():
		return exemptArgs{}, command.Misused("an exemption holds at once: it has no beginning. Say it when it is to hold")
	case said.Rest == "":
		return exemptArgs{}, command.Misused("why? An exemption needs a reason, for everybody who reads the freeze later")
	case said.Until.IsZero():
		until = c.At.Add(s.ExemptFor.Std()).UTC()
	case until.Sub(c.At) > s.ExemptAtMost.Std():
		return exemptArgs{}, command.Misused("an exemption may hold for %s at most, by the policy", s.ExemptAtMost)
	}
	return exemptArgs{until: until, reason: effect.Cut(said.Rest, maxReason)}, nil
}

func zoneOf(p config.Loaded) config.Zone {
	if p.Policy == nil {
		return config.Zone{}
	}
	return p.Policy.Timezone
}
