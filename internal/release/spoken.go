package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Spoken is what somebody wrote about when something begins and ends.
type Spoken struct {
	From, Until time.Time // zero for what isn't said
	Rest        string    // the text without that
}

// SpokenWanted is how people may write when something begins and ends.
const SpokenWanted = "`until 2026-08-26 17:00` (in the time zone of the policy, or with one: `UTC`, `Europe/Berlin`, `+02:00`), `for 24h`, " +
	"`from 2026-08-19 17:00 until 2026-08-26 17:00`, `in 2h`"

// ReadSpoken finds in a text when something begins and ends: "until 2026-08-26 17:00",
// "from tomorrow 9:00 till friday 17:00 UTC", "for two weeks", wherever it stands. What is in
// quotes isn't looked at.
//
// What has two meanings is refused, and so is a time of any kind that is left over: a reason
// that holds the end of a freeze would be a freeze without one. The error is a *TimeFault.
func ReadSpoken(text string, now time.Time, zone *time.Location) (Spoken, error) {
	if zone == nil {
		zone = time.UTC
	}
	if len(text) > maxSpoken {
		return Spoken{}, &TimeFault{fmt.Sprintf("it has %d characters", len(text)), fmt.Sprintf("at most %d", maxSpoken)}
	}
	r := spokenReader{words: spokenWords(text), now: now.In(zone), zone: zone}
	for r.at = 0; r.at < len(r.words); {
		n, err := r.clause()
		if err != nil {
			return Spoken{}, err
		}
		for i := r.at; i < r.at+n; i++ {
			r.words[i].taken = true
		}
		r.at += max(n, 1)
	}
	s := Spoken{From: r.from, Until: r.until}
	if !r.span() {
		return Spoken{}, &TimeFault{"an end and a duration are two ends", "one of them"}
	}
	if r.length > 0 {
		s.Until = now.Add(r.length)
		if !s.From.IsZero() {
			s.Until = s.From.Add(r.length)
		}
	}
	s.Rest = r.rest(text)
	left := timeLeft(spokenWords(s.Rest))
	if left == "" && len(s.Rest) < len(strings.TrimSpace(text)) { // what stood around it may be one now
		if again, err := ReadSpoken(s.Rest, now, zone); err != nil || again.Rest != s.Rest {
			left = s.Rest
		}
	}
	if left != "" {
		return Spoken{}, &TimeFault{shown(left) + " is a time that can't be told to be a beginning or an end", SpokenWanted + "; in a reason, in quotes"}
	}
	return s, s.check(now)
}

// check refuses a beginning or an end that has passed.
func (s *Spoken) check(now time.Time) error {
	if !s.From.IsZero() && !s.From.After(now) {
		if now.Sub(s.From) > Day {
			return &TimeFault{fmt.Sprintf("the beginning, %s, has passed", s.From.UTC().Format(spokenForm)), "a time to come, or none"}
		}
		s.From = time.Time{} // it has begun
	}
	switch {
	case s.Until.IsZero():
		return nil
	case !s.Until.After(now):
		return &TimeFault{fmt.Sprintf("the end, %s, is not in the future", s.Until.UTC().Format(spokenForm)), "a time to come"}
	case !s.From.IsZero() && !s.Until.After(s.From):
		return &TimeFault{fmt.Sprintf("the end, %s, is not after the beginning, %s", s.Until.UTC().Format(spokenForm), s.From.UTC().Format(spokenForm)), "one that is later"}
	}
	return nil
}

// maxSpoken is the longest text, in bytes, that is read.
const maxSpoken = 2000

const spokenForm = "2006-01-02 15:04 UTC"

// spokenWord is one word of a text.
type spokenWord struct {
	low        string // in small letters, without brackets and stops around it
	start, end int
	quoted     bool
	taken      bool // it says when
}

// closing is the quote that ends what another one begins, which is taken as it is; 0 for none.
func closing(quote rune) rune {
	switch quote {
	case '"':
		return '"'
	case '“':
		return '”'
	case '„':
		return '“'
	case '«':
		return '»'
	}
	return 0
}

func spokenWords(text string) []spokenWord {
	var words []spokenWord
	start, until := -1, rune(0)
	end := func(at int) {
		if start >= 0 {
			raw := text[start:at]
			words = append(words, spokenWord{low: strings.ToLower(strings.Trim(raw, "()[]{},.;:!?*_`<>")), start: start, end: at, quoted: until != 0})
		}
		start = -1
	}
	for i, r := range text {
		switch {
		case until != 0 && r == until:
			end(i)
			until = 0
		case until == 0 && closing(r) != 0 && strings.ContainsRune(text[i+len(string(r)):], closing(r)):
			end(i)
			until = closing(r)
		case unicode.IsSpace(r):
			end(i)
		case start < 0:
			start = i
		}
	}
	end(len(text))
	return words
}

// ReadDay reads a day as people write it, and nothing else: 2026-08-26, "Aug 26", "tomorrow".
// What names two days is refused. The error is a *TimeFault.
func ReadDay(text string, now time.Time, zone *time.Location) (Date, error) {
	if zone == nil {
		zone = time.UTC
	}
	r := spokenReader{words: spokenWords(text), now: now.In(zone), zone: zone}
	i := r.skip(0, "to", "on")
	d, n, err := r.day(i)
	switch {
	case err != nil:
		return Date{}, err
	case n == 0 || i+n < len(r.words):
		return Date{}, &TimeFault{shown(text) + " is not a day", DateWanted}
	}
	return d, nil
}

// Unquoted are the words of a text that aren't in quotes, without brackets and stops around
// them.
func Unquoted(text string) []string {
	var words []string
	for _, w := range spokenWords(text) {
		if !w.quoted && w.low != "" {
			words = append(words, w.low)
		}
	}
	return words
}

// spokenReader goes through the words of a text, from the left.
type spokenReader struct {
	words       []spokenWord
	at          int
	now         time.Time
	zone        *time.Location
	from, until time.Time
	length      time.Duration
}

// low is a word, "" where there is none, or a quoted one.
func (r *spokenReader) low(i int) string {
	if i >= len(r.words) || r.words[i].quoted {
		return ""
	}
	return r.words[i].low
}

// skip leaves out words that say nothing.
func (r *spokenReader) skip(i int, words ...string) int {
	for slices.Contains(words, r.low(i)) && i < len(r.words) {
		i++
	}
	return i
}

func (r *spokenReader) span() bool { return r.until.IsZero() || r.length == 0 }

// endless are ends that aren't times: nobody but a person ends it.
var endless = []string{"further", "thawed", "thaw"}

// clause reads what begins at the next word, and returns how many words it has: 0 if it is
// nothing about times.
func (r *spokenReader) clause() (int, error) {
	switch word := r.low(r.at); word {
	case "until", "till", "til", "'til", "untill", "ending", "ends":
		i := r.skip(r.at+1, "at", "on", "the")
		n, err := r.ends(i)
		if n > 0 || err != nil || strings.HasPrefix(word, "end") || slices.Contains(endless, r.low(i)) {
			return r.with(i, n), err
		}
		return 0, &TimeFault{"what comes after " + shown(word) + " is no time", SpokenWanted}
	case "to", "-", "–", "—":
		n, err := r.ends(r.at + 1)
		return r.with(r.at+1, n), err
	case "from", "starting", "starts", "beginning", "begins", "effective", "between":
		return r.begins(r.skip(r.at+1, "at", "on", "from"), false)
	case "at", "on":
		return r.begins(r.skip(r.at+1, "the"), word == "on")
	case "for":
		i := r.skip(r.at+1, "the", "next", "another", "about")
		d, n, err := r.duration(i)
		if m := spokenForms().lengthForm.FindStringSubmatch(r.low(i)); n == 0 && m != nil {
			return 0, &TimeFault{shown(r.low(i)) + " is not a duration", DurationWanted}
		}
		if n > 0 && err == nil {
			if r.length > 0 || !r.until.IsZero() {
				return 0, &TimeFault{"it has two ends", "one"}
			}
			r.length = d
		}
		return r.with(i, n), err
	case "in":
		d, n, err := r.duration(r.at + 1)
		if n > 0 && err == nil {
			return r.with(r.at+1, n), r.begin(r.now.Add(d))
		}
		return 0, err
	case "through", "thru", "by", "before", "after":
		if _, n, _ := r.when(r.at + 1); n > 0 {
			return 0, &TimeFault{shown(word) + " leaves open whether that moment belongs to it", SpokenWanted}
		}
		return 0, nil
	}
	return r.bareSpan()
}

// with is how many words a clause has whose time begins at i; 0 if there is none.
func (r *spokenReader) with(i, n int) int {
	if n == 0 {
		return 0
	}
	return i - r.at + n
}

// bareSpan reads "2026-08-19 09:00 to 2026-08-26 17:00": its beginning, for the next clause
// is the end.
func (r *spokenReader) bareSpan() (int, error) {
	_, n, err := r.when(r.at)
	if n == 0 || err != nil || !slices.Contains([]string{"to", "until", "till", "-", "–", "—"}, r.low(r.at+n)) {
		return 0, nil // what it is then, timeLeft says
	}
	if _, m, _ := r.when(r.at + n + 1); m == 0 {
		return 0, nil
	}
	return r.begins(r.at, false)
}

func (r *spokenReader) begin(at time.Time) error {
	if !r.from.IsZero() {
		return &TimeFault{"it has two beginnings", "one"}
	}
	r.from = at
	return nil
}

// begins reads a beginning that stands at i.
func (r *spokenReader) begins(i int, alone bool) (int, error) {
	if r.low(i) == "now" {
		return r.with(i, 1), nil
	}
	w, n, err := r.when(i)
	if n == 0 || err != nil {
		return 0, err
	}
	if alone && !w.clocked && r.until.IsZero() && !slices.Contains([]string{"until", "till", "to"}, r.low(i+n)) {
		return 0, &TimeFault{fmt.Sprintf("%q may mean that day alone, or from then on", "on "+w.day.String()),
			fmt.Sprintf("`from %s`, or `from %[1]s 00:00 until %s 00:00`", w.day, w.day.Plus(1))}
	}
	at, err := w.instant(r)
	if err != nil {
		return 0, err
	}
	if r.low(r.at) == "between" && r.low(i+n) == "and" {
		r.words[i+n].low = "until"
	}
	return r.with(i, n), r.begin(at)
}

// ends reads an end that stands at i.
func (r *spokenReader) ends(i int) (int, error) {
	w, n, err := r.when(i)
	if n == 0 || err != nil {
		return 0, err
	}
	if !w.clocked {
		return 0, &TimeFault{fmt.Sprintf("%s is a whole day", shown(w.day.String())),
			fmt.Sprintf("`until %s 00:00`, before it, or `until %s 00:00`, after it", w.day, w.day.Plus(1))}
	}
	if !r.until.IsZero() || r.length > 0 {
		return 0, &TimeFault{"it has two ends", "one"}
	}
	r.until, err = w.instant(r)
	return n, err
}

// rest is the text without the words that were taken.
func (r *spokenReader) rest(text string) string {
	var b strings.Builder
	from := 0
	for _, w := range r.words {
		if w.taken {
			b.WriteString(text[from:w.start])
			from = w.end
		}
	}
	b.WriteString(text[from:])
	return strings.Trim(strings.Join(strings.Fields(b.String()), " "), ",;:- ")
}
