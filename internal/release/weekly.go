package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Weekly is a time of day on days of the week: each begins something.
type Weekly struct {
	Days  []time.Weekday // in order from Sunday; nil of a time on any day
	Clock time.Duration  // after midnight, as clocks show it
}

// WeeklyWanted is what a policy may write for when something begins each week.
const WeeklyWanted = "a weekday with a time of day like friday 16:00, several like monday and wednesday 18:00, weekdays 18:00 (monday to friday), or day 22:00"

// WeeklyEndWanted is what a policy may write for its end.
const WeeklyEndWanted = "a weekday with a time of day like monday 08:00, or a time of day like 06:00"

// ParseWeekly reads days of the week with a time of day, as people write them: "friday 16:00",
// "Fri 4pm", "mon, wed and fri 18:00", "weekdays 18:00", "day 22:00", "saturday" (which is
// its first moment). The error is a *TimeFault, without what is wanted.
func ParseWeekly(text string) (Weekly, error) {
	var w Weekly
	fault := func(format string, args ...any) (Weekly, error) {
		return Weekly{}, &TimeFault{What: fmt.Sprintf(format, args...)}
	}
	r := spokenReader{words: spokenWords(text), now: time.Unix(0, 0), zone: time.UTC}
	if len(text) > maxWeekly || len(r.words) == 0 {
		return fault("%s is no day of a week", shown(text))
	}
	var at when
	i, daily := 0, false
	for ; i < len(r.words) && !at.clocked; i++ {
		word := strings.Trim(r.low(i), ",")
		switch day := weekday(strings.TrimSuffix(word, "s")); {
		case slices.Contains([]string{"on", "at", "and", "&", "every", "each", ""}, word) && i < len(r.words)-1:
		case day < 0 && weekday(word) >= 0: // tues
			w.Days = append(w.Days, time.Weekday(weekday(word)))
		case day >= 0:
			w.Days = append(w.Days, time.Weekday(day))
		case word == "weekday" || word == "weekdays":
			w.Days = append(w.Days, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
		case word == "weekend" || word == "weekends":
			return fault("%s doesn't say when the weekend begins", shown(text))
		case word == "day" || word == "daily" || word == "days":
			daily = true
		default:
			n, err := r.clockOf(&at, word, i)
			if err != nil {
				return Weekly{}, err
			}
			if n == 0 {
				return fault("%s in %s is neither a weekday nor a time of day", shown(word), shown(text))
			}
			i += n - 1
		}
	}
	switch {
	case i < len(r.words) || at.zone != nil:
		return fault("%s has something behind its time of day: a zone stands in `zone`", shown(text))
	case daily && len(w.Days) > 0:
		return fault("%s names a weekday and every day", shown(text))
	case daily:
		w.Days = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	}
	slices.Sort(w.Days)
	w.Days, w.Clock = slices.Compact(w.Days), at.clock
	if len(w.Days) == 0 && !at.clocked {
		return fault("%s is neither a weekday nor a time of day", shown(text))
	}
	return w, nil
}

// maxWeekly is the longest text that is read as days of a week.
const maxWeekly = 120

// endAfter is on which day, counted from that of a beginning, the next end comes after it.
func (w Weekly) endAfter(begin time.Weekday, clock time.Duration) (days int) {
	for days = range 8 {
		on := w.Days == nil || slices.Contains(w.Days, (begin+time.Weekday(days))%7)
		if on && (days > 0 || w.Clock > clock) {
			return days
		}
	}
	return days
}

// Endless reports whether what begins and ends each week like this never ends.
func Endless(begin, end Weekly) bool {
	const week = 7 * Day
	var list []Span
	epoch := time.Unix(0, 0).UTC()
	for _, d := range begin.Days {
		from := epoch.Add(time.Duration(d)*Day + begin.Clock)
		to := epoch.Add(time.Duration(int(d)+end.endAfter(d, begin.Clock))*Day + end.Clock)
		list = append(list, Span{Start: from, End: to}, Span{Start: from.Add(week), End: to.Add(week)})
	}
	return slices.ContainsFunc(Spans(list), func(s Span) bool { return s.End.Sub(s.Start) >= week })
}

// WeeklySpans lists what begins and ends each week and isn't over at an instant: what begins
// within so long from then on, and the next that begins after that. A beginning at a time that
// the clocks show twice is the earlier of them, and an end the later; what they skip is the
// moment at which they do.
func WeeklySpans(begin, end Weekly, zone *time.Location, now time.Time, ahead time.Duration) []Span {
	today := DateOf(now, zone)
	var list []Span
	for n := -15; n <= 15+int(ahead/Day); n++ { // nothing lasts longer than a week
		d := today.Plus(n)
		if slices.Contains(begin.Days, d.Weekday()) {
			to := d.Plus(end.endAfter(d.Weekday(), begin.Clock))
			s := Span{Start: d.First(begin.Clock, zone), End: to.Last(end.Clock, zone)}
			if s.End.After(s.Start) { // all of it may lie in what the clocks skip
				list = append(list, s)
			}
		}
	}
	return Upcoming(Spans(list), now, ahead)
}

// Upcoming picks, of spans in order, those that aren't over at an instant and begin within so
// long from then on, and the next one.
func Upcoming(spans []Span, now time.Time, ahead time.Duration) []Span {
	var out []Span
	for _, s := range spans {
		if !s.End.After(now) {
			continue
		}
		out = append(out, s)
		if s.Start.After(now.Add(ahead)) {
			break
		}
	}
	return out
}
