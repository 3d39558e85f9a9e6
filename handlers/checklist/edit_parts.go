package checklist

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// touch is what an edit by hand did to one part of ours.
type touch struct {
	did  string
	name string // of a step, or of a row of the dates
	what string // what was written there
}

// What an edit may do.
const (
	edTick     = "tick"
	edUntick   = "untick"
	edDelete   = "delete"   // a step's line
	edMore     = "more"     // that many further lines of steps, which aren't named
	edTwice    = "twice"    // a step's mark stands twice, and one of the lines was ticked
	edText     = "text"     // of a step's line
	edDay      = "day"      // a row of the dates
	edManagers = "managers" // the line of the release managers
	edDates    = "dates"    // anything else of the dates
	edStatus   = "status"   // the status
	edOld      = "old"      // none: the text was made from another revision than it replaced
	edUnsure   = "unsure"   // a tick, or its taking away, that may as well be an older text's
)

// named are the kinds of touch that name something, and written those that say
// what was written.
var (
	plain   = []string{edDates, edStatus, edOld}
	named   = []string{edTick, edUntick, edDelete, edTwice, edText, edMore}
	written = []string{edDay, edManagers, edUnsure}
)

// The most that a key says: PostgreSQL takes no longer ones.
const (
	maxTouches = 1200 // characters of one key's list
	maxDeleted = 700  // characters of the names of deleted steps
	maxCell    = 60
)

// stepMark bounds what is taken for a step's name in a text that people write.
var stepMark = lazy.Regexp(`^[a-z0-9-]{1,100}$`)

// touched lists what became of our parts between two texts.
func touched(before, after string) []touch {
	was, is := effect.ReadShared(before), effect.ReadShared(after)
	var all, deleted []touch
	for _, id := range slices.Sorted(maps.Keys(was.Items)) {
		old := was.Items[id]
		now, there := is.Items[id]
		switch {
		case !stepMark().MatchString(id):
		case !there:
			deleted = append(deleted, touch{did: edDelete, name: id})
		case old.Boxless || now.Boxless:
		case now.Twice || old.Twice:
			if now.Ticked != old.Ticked {
				all = append(all, touch{did: edTwice, name: id})
			}
		default:
			if now.Ticked && !old.Ticked {
				all = append(all, touch{did: edTick, name: id})
			}
			if !now.Ticked && old.Ticked {
				all = append(all, touch{did: edUntick, name: id})
			}
			if !same(now.Text, old.Text) {
				all = append(all, touch{did: edText, name: id})
			}
		}
	}
	all = append(all, touchedDates(was.Blocks[blockDates], is.Blocks[blockDates])...)
	if old, there := was.Blocks[blockStatus]; there && !same(old, is.Blocks[blockStatus]) {
		all = append(all, touch{did: edStatus})
	}
	return append(bounded(deleted), all...)
}

// touchedDates lists the rows of the dates that differ: nothing else was said.
func touchedDates(before, after string) []touch {
	if same(before, after) {
		return nil
	}
	var all []touch
	was, is := readDates(before), readDates(after)
	for _, name := range slices.Sorted(maps.Keys(is.days)) {
		if len(all) == maxDays { // no schedule has so many
			return []touch{{did: edDates}}
		}
		if is.days[name] != was.days[name] {
			all = append(all, touch{did: edDay, name: effect.Cut(name, maxCell), what: effect.Cut(is.days[name], maxCell)})
		}
	}
	if is.managers != was.managers && is.hasManagers {
		all = append(all, touch{did: edManagers, what: effect.Cut(is.managers, 8*maxCell)})
	}
	if len(all) == 0 { // a row or all of it is gone, or what stands beside the days is other
		all = append(all, touch{did: edDates})
	}
	return all
}

// bounded names as many steps as a key has room for, and counts the rest: so many
// are put back anyway.
func bounded(deleted []touch) []touch {
	size := 0
	for i, t := range deleted {
		if size += len(t.name) + len(edDelete) + 2; size > maxDeleted {
			return append(deleted[:i:i], touch{did: edMore, name: strconv.Itoa(len(deleted) - i)})
		}
	}
	return deleted
}

// escaped is a text as a key can hold it, cut to so many bytes of that form. What is
// cut off makes it another text than the one that stands there, which is then refused.
func escaped(text string, most int) string {
	for {
		out := url.QueryEscape(text)
		if len(out) <= most {
			return out
		}
		runes := []rune(text)
		text = string(runes[:len(runes)*most/(len(out)+1)])
	}
}

// maxEscaped is how much of one text a key takes, in bytes.
const maxEscaped = 600

// maxDays is how many days one edit may change.
const maxDays = 40

// writeTouches writes a list in as few words as keys have room for.
func writeTouches(all []touch) []string {
	var words []string
	word := ""
	for _, t := range all {
		one := t.did
		if t.name != "" || t.what != "" {
			one += ":" + escaped(t.name, maxEscaped/4)
		}
		if t.what != "" {
			one += ":" + escaped(t.what, maxEscaped)
		}
		if word != "" && len(word)+len(one) >= maxTouches {
			words, word = append(words, word), ""
		}
		if word != "" {
			word += ","
		}
		word += one
	}
	if word != "" {
		words = append(words, word)
	}
	return words
}

// parseTouches reads what writeTouches writes.
func parseTouches(word string) (all []touch, ok bool) {
	for one := range strings.SplitSeq(word, ",") {
		parts := strings.Split(one, ":")
		t := touch{did: parts[0]}
		for i, to := range []*string{&t.name, &t.what} {
			if i+1 >= len(parts) {
				break
			}
			text, err := url.QueryUnescape(parts[i+1])
			if err != nil {
				return nil, false
			}
			*to = text
		}
		switch n := len(parts); {
		case n == 1 && slices.Contains(plain, t.did):
		case n == 2 && slices.Contains(named, t.did) && t.name != "":
		case n <= 3 && slices.Contains(written, t.did):
		default:
			return nil, false
		}
		all = append(all, t)
	}
	return all, true
}

// hashOf names a text, so that a later one isn't taken for it.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
