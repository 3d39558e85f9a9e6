// Package release holds the nouns of a release: the branch it is cut on, the
// version that branch names and what may follow it (version.go), how a project
// names both and their tags (scheme.go; its templates in scheme_form.go, what is read by
// them in scheme_read.go, what is wrong with them in scheme_fault.go), the days of its
// schedule and the phases that they begin (schedule.go), and the times and
// durations that people write (instant.go, duration.go; spoken.go, spoken_when.go and
// spoken_zone.go in the middle of other words). It is on the lowest
// floor: plain values, no I/O, the standard library alone.
package release
