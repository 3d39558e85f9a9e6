package freeze

import (
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
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

// branches reads the branches that a command begins with. The first word has to
// be one; those that follow are taken for branches as long as the policy governs
// them, so that a reason may begin with any word.
func (w *words) branches(p config.Loaded) (named, error) {
	if w.peek() == "" {
		return named{}, command.Misused("which branch? None is named")
	}
	if strings.EqualFold(w.peek(), everyBranch) {
		w.next()
		return named{all: true}, nil
	}
	var n named
	for first := true; w.peek() != "" && (first || p.Policy.Governs(release.Branch(w.peek()))); first = false {
		b, err := release.ParseBranch(w.peek())
		if err != nil {
			return named{}, command.Misused("%s is not a branch name: %v", effect.Code(effect.Cut(w.peek(), 80)), err)
		}
		if !slices.Contains(n.branches, b) {
			n.branches = append(n.branches, b)
		}
		w.next()
	}
	return n, nil
}

// timesWanted is how an instant or a duration may be given in a command.
const timesWanted = "`until 2026-08-26T17:00:00Z`, `until 2026-08-26 17:00` (in the policy's time zone) or `for 24h`"

// until reads "until TIME" or "for DURATION" if that comes next; without it the
// zero time is returned.
func (w *words) until(now time.Time, zone config.Zone) (time.Time, error) {
	var at time.Time
	switch word := strings.ToLower(w.peek()); {
	case word == "until":
		w.next()
		text := w.next()
		if len(text) == len(time.DateOnly) && w.peek() != "" && isDigit(w.peek()[0]) {
			text += " " + w.next()
		}
		i, err := config.ParseInstant(text, zone)
		if err != nil {
			return at, command.Misused("%s. An end is given as %s", effect.Inert(err.Error(), 300), timesWanted)
		}
		at = i.Time()
	case word == "for" && len(w.args) > 1 && isDigit(w.args[1][0]): // else "for the CVE" is a reason
		w.next()
		d, err := release.ParseDuration(w.next())
		if err != nil {
			return at, command.Misused("%s. An end is given as %s", effect.Inert(err.Error(), 300), timesWanted)
		}
		at = now.Add(d)
	default:
		return at, nil
	}
	if !at.After(now) {
		return at, command.Misused("the end, %s, is not in the future", instant(at))
	}
	return at.UTC(), nil
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// previewWord asks what a freeze would hold back.
const previewWord = "preview"

// freezeArgs are the arguments of /release freeze.
type freezeArgs struct {
	named
	until   time.Time
	preview bool
	reason  string
}

func parseFreeze(c command.Call, p config.Loaded) (freezeArgs, error) {
	var a freezeArgs
	var err error
	w := wordsOf(c)
	if a.named, err = w.branches(p); err != nil {
		return a, err
	}
	if a.until, err = w.until(c.At, zoneOf(p)); err != nil {
		return a, err
	}
	if a.preview = strings.EqualFold(w.peek(), previewWord); a.preview {
		w.next()
		if a.until.IsZero() {
			if a.until, err = w.until(c.At, zoneOf(p)); err != nil {
				return a, err
			}
		}
	}
	if n := len(w.args); !a.preview && n > 0 && strings.EqualFold(w.args[n-1], previewWord) || a.preview && n > 0 {
		// Nobody who writes the word means to freeze for real.
		return a, command.Misused("%s comes after the branches and the end, and takes no reason", effect.Code(previewWord))
	}
	a.reason = effect.Cut(w.rest, maxReason)
	return a, nil
}

// parseThaw reads the arguments of /release thaw, where every word is a branch.
func parseThaw(c command.Call, p config.Loaded) (named, error) {
	w := wordsOf(c)
	n, err := w.branches(p)
	if err == nil && len(w.args) > 0 {
		return n, command.Misused("%s is not a branch that is governed here", effect.Code(effect.Cut(w.peek(), 80)))
	}
	return n, err
}

// exemptArgs are the arguments of /release exempt.
type exemptArgs struct {
	until  time.Time
	reason string
}

func parseExempt(c command.Call, p config.Loaded, s Settings) (exemptArgs, error) {
	w := wordsOf(c)
	until, err := w.until(c.At, zoneOf(p))
	switch {
	case err != nil:
		return exemptArgs{}, err
	case w.rest == "":
		return exemptArgs{}, command.Misused("why? An exemption needs a reason, for everybody who reads the freeze later")
	case until.IsZero():
		until = c.At.Add(s.ExemptFor.Std()).UTC()
	case until.Sub(c.At) > s.ExemptAtMost.Std():
		return exemptArgs{}, command.Misused("an exemption may hold for %s at most, by the policy", s.ExemptAtMost)
	}
	return exemptArgs{until: until, reason: effect.Cut(w.rest, maxReason)}, nil
}

func zoneOf(p config.Loaded) config.Zone {
	if p.Policy == nil {
		return config.Zone{}
	}
	return p.Policy.Timezone
}
