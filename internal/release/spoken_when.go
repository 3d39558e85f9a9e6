package release

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// This file reads single days, times and durations, as people write them.

// when is a day, with the time of day if it was said.
type when struct {
	day     Date
	clock   time.Duration // since midnight, as clocks show it
	clocked bool
	zone    *time.Location // nil for none said
	abbrev  string         // its abbreviation, if that was said
	unclear string         // an abbreviation of several zones
}

// instant is the moment that is meant.
func (w when) instant(r *spokenReader) (time.Time, error) {
	if w.unclear != "" {
		return time.Time{}, &TimeFault{strings.ToUpper(w.unclear) + " is the name of several time zones", "one like `Asia/Shanghai`, or an offset like `+08:00`"}
	}
	y, m, d := w.day.at.Date()
	wall := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Add(w.clock)
	zone := r.zone
	if w.zone != nil {
		zone = w.zone
	}
	at, err := fromWall(wall, zone)
	if err != nil || w.abbrev == "" {
		return at, err
	}
	if is, _ := at.Zone(); is != strings.ToUpper(w.abbrev) {
		return at, &TimeFault{fmt.Sprintf("%s isn't in use there at that time, but %s", strings.ToUpper(w.abbrev), is), fmt.Sprintf("`%s %s`, or an offset like `+02:00`", showWall(wall), is)}
	}
	return at, nil
}

// spokenForms are the forms of single words. They are made when the first is needed.
var spokenForms = sync.OnceValue(func() (f struct{ clockForm, hourForm, dayForm, numberedForm, yearForm, wholeNumber, lengthForm, leftDay, leftClock, leftLength, leftNumber *regexp.Regexp }) {
	f.clockForm = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(am|pm|a\.m|p\.m)?(z|[+-][0-9]{2}:?[0-9]{2})?$`)
	f.hourForm = regexp.MustCompile(`^([0-9]{1,2})(am|pm|a\.m|p\.m)$`)
	f.dayForm = regexp.MustCompile(`^([12][0-9]{3})[-/]([0-9]{1,2})[-/]([0-9]{1,2})$`)
	f.numberedForm = regexp.MustCompile(`^([0-9]{1,2})(st|nd|rd|th)?$`)
	f.yearForm = regexp.MustCompile(`^[12][0-9]{3}$`)
	f.wholeNumber = regexp.MustCompile(`^[0-9]{1,7}$`)
	f.lengthForm = regexp.MustCompile(`^([0-9]{1,7})([a-z]+)$`)
	f.leftDay = regexp.MustCompile(`^([12][0-9]{3}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(t.*)?|[0-9]{1,2}[/.][0-9]{1,2}[/.][12][0-9]{3}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2})$`)
	f.leftClock = regexp.MustCompile(`^([0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(z|[ap]\.?m|[+-][0-9:]+)?|[0-9]{1,2}[ap]\.?m)$`)
	f.leftLength = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?-?([a-z]+)$`)
	f.leftNumber = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?$`)
	return f
})

// when reads a time that begins at a word. It returns how many words it has, 0 for none.
func (r *spokenReader) when(i int) (w when, n int, err error) {
	from := i
	if day, clock, ok := strings.Cut(r.low(i), "t"); ok && spokenForms().dayForm.MatchString(day) && spokenForms().clockForm.MatchString(clock) {
		if w.day, err = spokenDay(day); err == nil {
			_, err = r.clockOf(&w, clock, i)
		}
		return w, r.zoneAfter(&w, i+1) - from, err
	}
	for range 2 { // the day may come first, or the time
		if w.day.IsZero() {
			day, k, err := r.day(i)
			if err != nil {
				return w, max(k, 1), err
			}
			w.day, i = day, i+k
			if k > 0 && !w.clocked && r.clocks(r.skip(i, "at")) {
				i = r.skip(i, "at")
			}
		}
		if !w.clocked {
			k, err := r.clockOf(&w, r.low(i), i)
			if err != nil {
				return w, max(k, 1), err
			}
			if k > 0 {
				i = r.zoneAfter(&w, i+k)
			}
			if _, onDay, _ := r.day(r.skip(i, "on")); k > 0 && w.day.IsZero() && onDay > 0 {
				i = r.skip(i, "on")
			}
		}
	}
	switch {
	case w.day.IsZero() && !w.clocked:
		return w, 0, nil
	case w.day.IsZero():
		w.day = DateOf(r.now, r.zone)
		if w.zone != nil {
			w.day = DateOf(r.now, w.zone)
		}
		at, err := w.instant(r)
		if err == nil && !at.After(r.now) {
			err = &TimeFault{fmt.Sprintf("%s has passed today", showWall(w.day.at.Add(w.clock))[11:]), "the day, too, as in `tomorrow " + showWall(w.day.at.Add(w.clock))[11:] + "`"}
		}
		return w, i - from, err
	}
	return w, i - from, nil
}

// clocks reports a time of day at a word.
func (r *spokenReader) clocks(i int) bool {
	var w when
	n, err := r.clockOf(&w, r.low(i), i)
	return n > 0 || err != nil
}

// clockOf reads a time of day, and an offset that is written to it.
func (r *spokenReader) clockOf(w *when, text string, i int) (int, error) {
	n := 1
	if text == "noon" {
		text = "12:00"
	}
	if next := r.low(i + 1); slices.Contains([]string{"am", "pm", "a.m", "p.m"}, next) && (spokenForms().clockForm.MatchString(text) || spokenForms().numberedForm.MatchString(text)) {
		text, n = text+next, 2
	}
	if m := spokenForms().hourForm.FindStringSubmatch(text); m != nil {
		text = m[1] + ":00" + m[2]
	}
	m := spokenForms().clockForm.FindStringSubmatch(text)
	if m == nil {
		return 0, nil
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	second, _ := strconv.Atoi("0" + m[3])
	half := strings.TrimSuffix(strings.ReplaceAll(m[4], ".", ""), "m")
	if half != "" && (hour < 1 || hour > 11) {
		return n, &TimeFault{shown(text) + " is read in two ways", "a time like 00:00, 12:00 or 17:00"}
	}
	if half == "p" {
		hour += 12
	}
	if hour > 23 || minute > 59 || second > 59 {
		return n, &TimeFault{shown(text) + " is not a time of day", "one from 00:00 to 23:59"}
	}
	w.clock, w.clocked = time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute+time.Duration(second)*time.Second, true
	if m[5] != "" {
		w.zone, _ = offset(m[5])
	}
	return n, nil
}

func spokenDay(text string) (Date, error) {
	m := spokenForms().dayForm.FindStringSubmatch(text)
	if m == nil {
		return Date{}, &TimeFault{shown(text) + " is not a day", DateWanted}
	}
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	return ParseDate(fmt.Sprintf("%s-%02d-%02d", m[1], month, day))
}

// day reads a day at a word, and how many words it has.
func (r *spokenReader) day(i int) (Date, int, error) {
	word, today := r.low(i), DateOf(r.now, r.zone)
	switch {
	case word == "today":
		return today, 1, nil
	case word == "tomorrow":
		return today.Plus(1), 1, nil
	case spokenForms().dayForm.MatchString(word):
		d, err := spokenDay(word)
		return d, 1, err
	}
	if at := weekday(word); at >= 0 {
		if next := r.low(i + 1); weekday(next) < 0 && next != "today" && next != "tomorrow" {
			if d, n, err := r.day(i + 1); n > 0 {
				if err == nil && int(d.at.Weekday()) != at {
					err = &TimeFault{fmt.Sprintf("%s is a %s", d, d.at.Weekday()), "the right one"}
				}
				return d, n + 1, err
			}
		}
		ahead := (at - int(today.at.Weekday()) + 7) % 7
		if ahead == 0 {
			return today, 1, &TimeFault{fmt.Sprintf("today is %s: it may be today or in a week", today.at.Weekday()), "the day, like " + today.Plus(7).String()}
		}
		return today.Plus(ahead), 1, nil
	}
	return r.namedDay(i, today)
}

// namedDay reads "Aug 26", "August 26th, 2026", "26 August 2026". Without a year it is the
// next such day.
func (r *spokenReader) namedDay(i int, today Date) (Date, int, error) {
	month, numbered := monthOf(r.low(i)), spokenForms().numberedForm.FindStringSubmatch(r.low(i+1))
	n := 2
	if month == 0 {
		numbered = spokenForms().numberedForm.FindStringSubmatch(r.low(i))
		next := r.skip(i+1, "of")
		month, n = monthOf(r.low(next)), next-i+1
	}
	if month == 0 || numbered == nil {
		return Date{}, 0, nil
	}
	day, _ := strconv.Atoi(numbered[1])
	if spokenForms().yearForm.MatchString(r.low(i + n)) {
		d, err := ParseDate(fmt.Sprintf("%s-%02d-%02d", r.low(i+n), month, day))
		return d, n + 1, err
	}
	d, err := ParseDate(fmt.Sprintf("%04d-%02d-%02d", today.at.Year(), month, day))
	if err == nil && d.Compare(today) < 0 {
		d, err = ParseDate(fmt.Sprintf("%04d-%02d-%02d", today.at.Year()+1, month, day))
	}
	return d, n, err
}

func monthOf(word string) int {
	for m := time.January; m <= time.December; m++ {
		if name := strings.ToLower(m.String()); word == name || word == name[:3] || word == "sept" && m == time.September {
			return int(m)
		}
	}
	return 0
}

// weekday is its number, -1 for none.
func weekday(word string) int {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); word == name || word == name[:3] || word == name[:min(4, len(name))] && d != time.Friday && d != time.Sunday && d != time.Monday {
			return int(d)
		}
	}
	return -1
}

// counted are numbers as words.
var counted = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

func unitOf(word string) time.Duration {
	switch word {
	case "s", "sec", "secs", "second", "seconds":
		return time.Second
	case "m", "min", "mins", "minute", "minutes":
		return time.Minute
	case "h", "hr", "hrs", "hour", "hours":
		return time.Hour
	case "d", "day", "days":
		return Day
	case "w", "wk", "wks", "week", "weeks":
		return 7 * Day
	}
	return 0
}

// duration reads a length of time at a word, and how many words it has.
func (r *spokenReader) duration(i int) (sum time.Duration, n int, err error) {
	for first := true; ; first = false {
		at := i + n
		if !first {
			at = r.skip(at, "and")
		}
		d, k, err := r.length1(at)
		if err != nil {
			return 0, 1, err
		}
		if k == 0 {
			return sum, n, nil
		}
		if sum += d; sum > MaxDuration {
			return 0, 1, &TimeFault{shown(r.low(i)) + " is too long", "at most " + FormatDuration(MaxDuration)}
		}
		n = at + k - i
	}
}

// length1 reads "24h", "2 weeks", "a day".
func (r *spokenReader) length1(i int) (time.Duration, int, error) {
	word, next := r.low(i), r.low(i+1)
	if durationForm().MatchString(word) {
		d, err := ParseDuration(word)
		return d, 1, err
	}
	if m := spokenForms().lengthForm.FindStringSubmatch(word); m != nil && unitOf(m[2]) > 0 {
		d, err := times(m[1], unitOf(m[2]))
		return d, 1, err
	}
	number := word
	if k := slices.Index(counted, word); k > 0 {
		number = strconv.Itoa(k)
	} else if word == "a" || word == "an" {
		number = "1"
	}
	if !spokenForms().wholeNumber.MatchString(number) {
		return 0, 0, nil
	}
	switch next {
	case "month", "months", "year", "years", "quarter", "quarters":
		return 0, 1, &TimeFault{fmt.Sprintf("%q is not always as long", word+" "+next), "the day, as in `until 2026-08-26 17:00`"}
	case "business", "working", "work":
		return 0, 1, &TimeFault{"how long business days are, depends on the country", "the day, as in `until 2026-08-26 17:00`"}
	}
	if unitOf(next) == 0 || len(next) == 1 && (word == "a" || word == "an") {
		return 0, 0, nil
	}
	d, err := times(number, unitOf(next))
	return d, 2, err
}

func times(number string, unit time.Duration) (time.Duration, error) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > int64(MaxDuration/unit) {
		return 0, &TimeFault{shown(number) + " is too much", "at most " + FormatDuration(MaxDuration)}
	}
	return time.Duration(n) * unit, nil
}

var (
	leftWords = []string{"today", "tomorrow", "tonight", "noon", "midnight", "eod", "eow", "eom", "cob", "weekend"}
)

// timeLeft finds a day, a time or a duration in what is left of a text, "" for none.
func timeLeft(words []spokenWord) string {
	low := func(i int) string {
		if i < 0 || i >= len(words) || words[i].quoted {
			return ""
		}
		return words[i].low
	}
	many := func(word string) bool {
		return spokenForms().leftNumber.MatchString(word) || slices.Contains(counted, word) || slices.Contains([]string{"a", "an", "few", "couple", "half", "several"}, word)
	}
	for i := range words {
		word, next := low(i), low(i+1)
		m := spokenForms().leftLength.FindStringSubmatch(word)
		isUnit := unitOf(next) > 0 && (len(next) > 1 || spokenForms().leftNumber.MatchString(word))
		switch {
		case spokenForms().leftDay.MatchString(word), spokenForms().leftClock.MatchString(word), slices.Contains(leftWords, word), weekday(word) >= 0 && len(word) > 4:
			return word
		case m != nil && unitOf(m[2]) > 0:
			return word
		case many(word) && (isUnit || slices.Contains([]string{"month", "months", "year", "years"}, next)):
			return word + " " + next
		case word == "of" && (low(i-1) == "end" || low(i-1) == "couple") && i+1 < len(words):
			return low(i-1) + " of " + next
		case monthOf(word) > 0 && spokenForms().numberedForm.MatchString(next), spokenForms().numberedForm.MatchString(word) && monthOf(next) > 0:
			return word + " " + next
		case (word == "next" || word == "this") && (unitOf(next) >= Day || weekday(next) >= 0 || next == "month"):
			return word + " " + next
		}
	}
	return ""
}
