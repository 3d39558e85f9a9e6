package freeze

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/ical"
)

// This file reads the calendars that windows name. One that is broken changes nothing: the last
// good one stands, and the checks say so. Where there was none, what its window would hold is held.

// calendarFile is what a window's calendar says; Unclear says why nobody knows, as a phrase.
type calendarFile struct {
	ical.Calendar
	Unclear string
	Broken  string    // why the newest doesn't count, where an older one does
	GoodURL string    // of that, for people
	Since   time.Time // since when the newest is no good; zero where that isn't known
}

// fileID names a calendar: by its path, the zone of its days, and whether it stands beside the
// repository's own part of the policy.
type fileID struct {
	path, zone string
	own        bool
}

func (w Window) fileID() fileID {
	return fileID{w.Calendar.String(), w.Calendar.Zone().String(), w.own && w.Calendar.Host() == ""}
}

// file is the calendar of a window; one without has an empty one.
func (s state) file(w Window) calendarFile { return s.Files[w.fileID()] }

func (h *Handler) readCalendar(l *facts.Look, w Window) (calendarFile, error) {
	if w.Calendar.Host() != "" {
		c, err := facts.CalendarAt.Of(l, w.Calendar.String())
		if err != nil || c.Text == "" {
			return atAddress(c, calendarFile{}, w), err
		}
		return atAddress(c, h.calendars.of(github.File{Found: true, Text: c.Text, Size: len(c.Text)}, w), w), nil
	}
	f, err := facts.BesidePolicy.Of(l, facts.Named{Path: w.Calendar.String(), Own: w.own})
	if err != nil {
		return calendarFile{}, err
	}
	c := h.calendars.of(f, w)
	if c.Unclear == "" {
		return c, nil
	}
	before, err := facts.BesideBefore.Of(l, facts.Named{Path: w.Calendar.String(), Own: w.own})
	if err != nil {
		return calendarFile{}, err
	}
	return lastGood(c, before, func(f github.File) calendarFile { return h.calendars.of(f, w) }), nil
}

// lastGood is what stands in the place of a broken calendar: the newest good one of its versions,
// the newest first. It doesn't look past a deletion that was made up for: people took back what
// stood before.
func lastGood(broken calendarFile, versions []github.File, read func(github.File) calendarFile) calendarFile {
	for i, one := range versions {
		if !one.Found && i > 0 {
			break
		}
		if good := read(one); good.Unclear == "" {
			good.Broken, good.Since, good.GoodURL = broken.Unclear, broken.Since, one.URL
			return good
		}
		broken.Since = one.At
	}
	return broken
}

// atAddress is what is known of a calendar at an address; good is the newest that was, as read. Its
// texts name the host alone: an address may hold a secret.
func atAddress(c ical.Copy, good calendarFile, w Window) calendarFile {
	name := "the calendar at " + effect.Code(w.Calendar.Host())
	switch {
	case c.Unlisted:
		good = calendarFile{Unclear: name + " is not on this deployment's list of addresses, the setting `calendars`"}
	case c.Text == "" || good.Unclear != "":
		good = calendarFile{Unclear: fmt.Sprintf("%s can't be read: %s", name, effect.Inert(cmp.Or(c.Fault, "nobody has asked for it yet"), maxFault)), Since: c.Since}
	case c.Fault != "":
		good.Broken, good.Since = fmt.Sprintf("%s can't be read: %s", name, effect.Inert(c.Fault, maxFault)), c.Since
	}
	return good
}

// calendars remembers the newest files as read: every look at a pull request asks for them.
type calendars struct {
	mu   sync.Mutex
	read map[[sha256.Size]byte]calendarFile
}

// maxCalendars is how many are remembered; beyond it all are forgotten.
const maxCalendars = 32

func (c *calendars) of(f github.File, w Window) calendarFile {
	key := sha256.Sum256(fmt.Appendf(nil, "%v\x00%s\x00%t\x00%d\x00%s", w.fileID(), f.Repo, f.Found, f.Size, f.Text))
	c.mu.Lock()
	have, ok := c.read[key]
	c.mu.Unlock()
	if ok {
		return have
	}
	have = readFile(f, w) // outside the lock: a large one must not hold up the others
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read == nil || len(c.read) >= maxCalendars {
		c.read = map[[sha256.Size]byte]calendarFile{}
	}
	c.read[key] = have
	return have
}

func readFile(f github.File, w Window) (c calendarFile) {
	name := effect.Code(f.Repo.String() + ":" + w.Calendar.String())
	var err error
	switch {
	case !f.Found:
		c.Unclear = "there is no calendar " + name
	case f.Size > ical.MaxSize:
		c.Unclear = fmt.Sprintf("the calendar %s has %d bytes, more than Slipway reads", name, f.Size)
	default:
		if c.Calendar, err = ical.Read(f.Text, w.Calendar.Zone()); err != nil {
			c.Unclear = fmt.Sprintf("the calendar %s can't be read: %s", name, effect.Inert(err.Error(), maxFault))
		}
	}
	return c
}
