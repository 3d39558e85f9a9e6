package freeze

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/ical"
)

// This file reads the calendars that windows name.

// calendarFile is what a window's calendar says; Unclear says why nobody knows, as a phrase.
type calendarFile struct {
	ical.Calendar
	Unclear string
}

// fileID names a calendar: by its path, the zone of its days, and whether it stands beside the
// repository's own part of the policy.
type fileID struct {
	path, zone string
	own        bool
}

func (w Window) fileID() fileID {
	return fileID{w.Calendar.String(), w.Calendar.Zone().String(), w.own}
}

// file is the calendar of a window; one without has an empty one.
func (s state) file(w Window) calendarFile { return s.Files[w.fileID()] }

func (h *Handler) readCalendar(l *facts.Look, w Window) (calendarFile, error) {
	f, err := facts.BesidePolicy.Of(l, facts.Named{Path: w.Calendar.String(), Own: w.own})
	if err != nil {
		return calendarFile{}, err
	}
	return h.calendars.of(f, w), nil
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
