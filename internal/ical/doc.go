// Package ical reads iCalendar files (RFC 5545) for what a window of days needs: when the
// events are. It understands single events and those that come every year; what it doesn't
// understand it refuses by name, since an event that is passed over would be a day on which
// nothing is held back.
package ical
