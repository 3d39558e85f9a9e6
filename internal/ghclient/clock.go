package ghclient

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// clockOff is from when on a clock is off: GitHub takes an App's word for a minute before
// it was given at most.
const clockOff = 30 * time.Second

// clockWatch compares this machine's clock with GitHub's.
type clockWatch struct {
	ahead atomic.Int64
	told  func(ahead time.Duration) // of a clock that has become off, or right again (0); may be nil
}

// look compares an answer's date, which GitHub writes in whole seconds, with when it was
// asked for and when it came. Slow answers are no reason to distrust a clock.
func (w *clockWatch) look(r *http.Response, asked, came time.Time) {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return
	}
	ahead := min(came.Sub(date), max(0, asked.Sub(date.Add(time.Second))))
	if ahead > -clockOff && ahead < clockOff {
		ahead = 0
	}
	if was := time.Duration(w.ahead.Swap(int64(ahead))); (was == 0) != (ahead == 0) && w.told != nil {
		w.told(ahead)
	}
}

// ClockAhead is how far this machine's clock is ahead of GitHub's by the last answer; it is
// negative if it is behind, and 0 if the two differ by less than 30 s.
func (c *Client) ClockAhead() time.Duration { return time.Duration(c.clock.ahead.Load()) }

// doubted adds to an error about who Slipway is that the clock may be to blame.
func (c *Client) doubted(err error) error {
	if ahead := c.ClockAhead(); ahead != 0 {
		return fmt.Errorf("%w (%s)", err, ClockText(ahead))
	}
	return err
}

// ClockText says in words how far a clock is ahead, or behind.
func ClockText(ahead time.Duration) string {
	if ahead < 0 {
		return fmt.Sprintf("this machine's clock is %s behind GitHub's", (-ahead).Round(time.Second))
	}
	return fmt.Sprintf("this machine's clock is %s ahead of GitHub's", ahead.Round(time.Second))
}

// aheadOf is how far a clock that shows now is ahead of GitHub's, by an answer's date.
func aheadOf(r *http.Response, now time.Time) time.Duration {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return now.Sub(date)
}
