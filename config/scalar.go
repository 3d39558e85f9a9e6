package config

import "encoding"

// Scalar is a type of single values with rules of its own: a time zone, a
// pattern, a team. The types of this package (Zone, Instant, Duration, TeamSlug,
// BranchPattern, PathPattern, Label) are for the sections of all capabilities,
// so that a pattern means the same wherever it stands. UnmarshalText returns a
// Wrong; Form tells the same rules to the schema and to the documentation.
type Scalar interface {
	encoding.TextUnmarshaler
	Form() Form
}

// Form is what may be written for a scalar.
type Form struct {
	Name     string   // of the type, lower case, "time zone"
	Want     string   // completes "want ...", with its article
	Pattern  string   // regular expression that every good value fits, "" for any
	Values   []string // all there are; nil when they can't be listed
	Examples []string
	Max      int // most characters, 0 for any number
}

// Choice is a type of texts of which there are few. Values lists them; the
// decoder refuses any other.
type Choice interface{ Values() []string }
