package command

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// The limits of what is read. GitHub itself takes comments of up to 65,536
// characters.
const (
	maxText     = 65_536 // characters in a text
	maxLine     = 2_000  // characters in a command
	maxCommands = 10     // commands in a text
)

// FoundKind says what Parse made of a line.
type FoundKind string

// What Parse finds. All but Recognised are for the reply only.
const (
	Recognised FoundKind = "recognised" // a command, ready to run
	NearMiss   FoundKind = "near miss"  // probably meant for us, and no command
	TooLong    FoundKind = "too long"   // a command on a line longer than it may be
	TooMany    FoundKind = "too many"   // the first command over the number that one text may have
	TooComplex FoundKind = "too complex"
)

// Found is one line that was meant for us.
type Found struct {
	Kind  FoundKind
	Line  string   // as typed, without the space around it; cut when TooLong
	Name  string   // Recognised: Command.Name
	Args  []string // Recognised: the words after the name
	Rest  string   // Recognised: the same, as typed
	Meant string   // NearMiss: name of the nearest command, "" when none is near
}

// Parse finds the commands in a new comment, review or description, in order.
//
// A command starts a line, after at most three spaces, of a paragraph that
// stands on its own in the Markdown: what is quoted, listed, code, a heading, a
// formula, between the tags of any HTML element, hidden in a comment, or part of a
// link or a table is talk about commands. Nobody may run one by quoting somebody, so
// when in doubt it is talk.
//
// Most texts have no line for us; they cost a look at each line's start.
func Parse(text string, commands []Command) []Found {
	if tooLarge(text) {
		return nil
	}
	text = plainly.Replace(text)
	candidates := slices.Collect(newVocabulary(commands).candidates(text))
	if len(candidates) == 0 {
		return nil
	}
	if tooComplex(text) {
		return []Found{{Kind: TooComplex, Line: cutLine(candidates[0].Line)}}
	}
	live := liveLines([]byte(text), candidates)
	if len(live) > maxCommands {
		live = live[:maxCommands+1]
		last := &live[maxCommands].Found
		*last = Found{Kind: TooMany, Line: cutLine(last.Line)}
	}
	found := make([]Found, len(live))
	for i, c := range live {
		found[i] = c.Found
	}
	return slices.Clip(found)
}

// Addressed reports whether a text has a line for us, be it a command or talk about one:
// the starts of its lines tell, and no Markdown is parsed. Parse finds nothing in any other.
func Addressed(text string, commands []Command) bool {
	if tooLarge(text) {
		return false
	}
	for range newVocabulary(commands).candidates(plainly.Replace(text)) {
		return true
	}
	return false
}

// tooLarge reports what GitHub doesn't deliver.
func tooLarge(text string) bool {
	return len(text) > maxText*utf8.UTFMax || utf8.RuneCountInString(text) > maxText
}

// Spoken are the lines of a text that its author says: those at which a command
// could stand. What is quoted, listed, code, HTML or hidden in a comment isn't among
// them, and of a text that nobody writes there are none.
func Spoken(text string) []string {
	if tooLarge(text) {
		return nil
	}
	if text = plainly.Replace(text); tooComplex(text) {
		return nil
	}
	var all []candidate
	offset := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent <= 3 && strings.TrimSpace(line) != "" {
			all = append(all, candidate{Found{Line: strings.TrimSpace(line)}, offset + indent})
		}
		offset += len(line)
	}
	var lines []string
	for _, c := range liveLines([]byte(text), all) {
		lines = append(lines, c.Line)
	}
	return lines
}

// plainly makes every line end that Markdown knows the same one, makes spaces of what looks
// like one, and takes away what looks like nothing: people paste both without seeing it.
var plainly = strings.NewReplacer("\r\n", "\n", "\r", "\n",
	"\u00a0", " ", "\u202f", " ", "\u2007", " ", "\u3000", " ", "\u200b", "", "\u2060", "", "\ufeff", "")

// commentBehind is an HTML comment at a line's end, which nobody sees.
var commentBehind = lazy.Regexp(`[ \t]*<!--.*?-->[ \t]*$`)

// candidate is a line that reads like a command; whether it is one depends on
// where in the Markdown its slash stands.
type candidate struct {
	Found
	slash int // offset of its "/" in the text
}

// candidates are those of a text, in order, one at a time.
func (v vocabulary) candidates(text string) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		offset := 0
		for line := range strings.SplitAfterSeq(text, "\n") {
			indent := len(line) - len(strings.TrimLeft(line, " "))
			if indent <= 3 && strings.HasPrefix(line[indent:], "/") {
				if f, ok := v.read(strings.Trim(line, " \t\n")); ok && !yield(candidate{f, offset + indent}) {
					return
				}
			}
			offset += len(line)
		}
	}
}

func cutLine(line string) string {
	if len(line) <= maxLine {
		return line
	}
	end := maxLine
	for !utf8.RuneStart(line[end]) {
		end--
	}
	return line[:end]
}

// vocabulary is what can be said.
type vocabulary struct {
	commands []words // longest name first
	first    []string
}

type words struct {
	name  string
	words []string
}

func newVocabulary(commands []Command) vocabulary {
	var v vocabulary
	for _, c := range commands {
		w := words{c.Name, strings.Fields(strings.ToLower(c.Name))}
		if len(w.words) == 0 {
			continue
		}
		v.commands = append(v.commands, w)
		v.first = append(v.first, w.words[0])
	}
	slices.SortStableFunc(v.commands, func(a, b words) int { return len(b.words) - len(a.words) })
	slices.Sort(v.first)
	v.first = slices.Compact(v.first)
	return v
}

// read makes of a line what it says, taken by itself. ok is false when it is
// not for us.
func (v vocabulary) read(line string) (f Found, ok bool) {
	said, rests := split(commentBehind().ReplaceAllString(line[1:], ""))
	if len(said) == 0 {
		return Found{}, false
	}
	for _, c := range v.commands {
		if !startsWith(said, c.words) {
			continue
		}
		if utf8.RuneCountInString(line) > maxLine {
			return Found{Kind: TooLong, Line: cutLine(line), Name: c.name}, true
		}
		n := len(c.words)
		return Found{Kind: Recognised, Line: line, Name: c.name, Args: said[n:], Rest: rests[n]}, true
	}
	meant, ok := v.nearest(said)
	return Found{Kind: NearMiss, Line: cutLine(line), Meant: meant}, ok
}

// split cuts a line, of which the slash is gone, into words. rests[i] is the
// text from the i-th word on. A command starts with a letter right after the
// slash: "/ or" and "//" are something else.
func split(line string) (said, rests []string) {
	if r, _ := utf8.DecodeRuneInString(line); !unicode.IsLetter(r) {
		return nil, nil
	}
	for line != "" {
		end := strings.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		said, rests = append(said, line[:end]), append(rests, line)
		line = strings.TrimLeft(line[end:], " \t")
	}
	return said, append(rests, "")
}

func startsWith(said, name []string) bool {
	if len(said) < len(name) {
		return false
	}
	for i, w := range name {
		if !strings.EqualFold(said[i], w) {
			return false
		}
	}
	return true
}
